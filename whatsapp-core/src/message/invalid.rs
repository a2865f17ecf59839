//! What a message may not be, found before any I/O.
use std::fmt;

/// A message breaks a limit that every provider shares; says which field, which limit and which value, never
/// the text itself.
///
/// ```
/// use whatsapp_core::{Interactive, ReplyButton};
/// let long = ReplyButton::new("yes", "a title of far too many characters");
/// let error = Interactive::buttons("Shall we?", [long]).unwrap_err();
/// assert_eq!(error.to_string(), "interactive.buttons[0].title has 34 characters, the limit is 20");
/// assert_eq!((error.field(), error.limit(), error.value()), ("interactive.buttons[0].title", Some(20), Some(34)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub struct InvalidContent {
    field: String,
    problem: Problem,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Problem {
    Empty,
    TooLong { limit: usize, value: usize },
    TooMany { limit: usize, value: usize },
    TooFew { limit: usize, value: usize },
    Other(&'static str),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("is empty"),
            Self::TooLong { limit, value } => write!(f, "has {value} characters, the limit is {limit}"),
            Self::TooMany { limit, value } => write!(f, "has {value} entries, the limit is {limit}"),
            Self::TooFew { limit, value } => write!(f, "has {value} entries, the least is {limit}"),
            Self::Other(problem) => f.write_str(problem),
        }
    }
}

impl InvalidContent {
    /// Path of the field: `interactive.buttons[2].title`.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// The limit, in characters or entries, if a limit was broken.
    #[must_use]
    pub const fn limit(&self) -> Option<usize> {
        match self.problem {
            Problem::TooLong { limit, .. } | Problem::TooMany { limit, .. } | Problem::TooFew { limit, .. } => {
                Some(limit)
            }
            Problem::Empty | Problem::Other(_) => None,
        }
    }

    /// How many characters or entries there are, if a limit was broken.
    #[must_use]
    pub const fn value(&self) -> Option<usize> {
        match self.problem {
            Problem::TooLong { value, .. } | Problem::TooMany { value, .. } | Problem::TooFew { value, .. } => {
                Some(value)
            }
            Problem::Empty | Problem::Other(_) => None,
        }
    }

    /// `field` is as `problem` says; for rules beside length and number.
    #[must_use]
    pub fn new(field: impl fmt::Display, problem: &'static str) -> Self {
        Self { field: field.to_string(), problem: Problem::Other(problem) }
    }

    fn with(field: impl fmt::Display, problem: Problem) -> Self {
        Self { field: field.to_string(), problem }
    }
}

pub(crate) type Check = Result<(), InvalidContent>;

/// At most `limit` characters.
pub(crate) fn at_most(field: impl fmt::Display, text: &str, limit: usize) -> Check {
    // A text has no more characters than bytes, so most need no counting.
    let value = if text.len() <= limit { return Ok(()) } else { text.chars().count() };
    if value > limit { Err(InvalidContent::with(field, Problem::TooLong { limit, value })) } else { Ok(()) }
}

/// Something beside blanks, and at most `limit` characters.
pub(crate) fn text(field: impl fmt::Display, text: &str, limit: usize) -> Check {
    if text.trim().is_empty() {
        return Err(InvalidContent::with(field, Problem::Empty));
    }
    at_most(field, text, limit)
}

/// If there is a text at all: something beside blanks, and at most `limit` characters.
pub(crate) fn maybe(field: impl fmt::Display, found: Option<&str>, limit: usize) -> Check {
    found.map_or(Ok(()), |found| text(field, found, limit))
}

/// An http or https address with a host.
pub(crate) fn address(field: impl fmt::Display, address: &str) -> Check {
    let parsed = url::Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    rule(parsed.is_some_and(|url| url.has_host()), field, "is not an http(s) address")
}

/// From `least` to `limit` entries.
pub(crate) fn entries(field: impl fmt::Display, value: usize, least: usize, limit: usize) -> Check {
    if value < least {
        Err(InvalidContent::with(field, Problem::TooFew { limit: least, value }))
    } else if value > limit {
        Err(InvalidContent::with(field, Problem::TooMany { limit, value }))
    } else {
        Ok(())
    }
}

/// `problem`, unless `holds`.
pub(crate) fn rule(holds: bool, field: impl fmt::Display, problem: &'static str) -> Check {
    if holds { Ok(()) } else { Err(InvalidContent::new(field, problem)) }
}
