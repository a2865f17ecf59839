//! Values that go into a template's placeholders.
use serde::{Deserialize, Serialize};

use crate::message::invalid::{Check, rule, text};

/// One value.
///
/// ```
/// use whatsapp_core::Parameter;
/// assert_eq!(Parameter::from("דנה").text(), "דנה");
/// assert_eq!(Parameter::currency("₪120.50", "ILS", 120_500).text(), "₪120.50");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Parameter {
    /// Text, without line breaks, tabs and more than three blanks in a row. Source: Meta, Cloud API reference,
    /// template parameters.
    Text(String),
    /// An amount of money.
    Currency {
        /// As it is shown.
        fallback: String,
        /// ISO 4217 code.
        code: String,
        /// A thousand times the amount.
        amount_1000: i64,
    },
    /// A date or time.
    DateTime {
        /// As it is shown.
        fallback: String,
    },
}

impl Parameter {
    /// An amount of money, shown as `fallback`.
    #[must_use]
    pub fn currency(fallback: impl Into<String>, code: impl Into<String>, amount_1000: i64) -> Self {
        Self::Currency { fallback: fallback.into(), code: code.into(), amount_1000 }
    }

    /// A date or time, shown as `fallback`.
    #[must_use]
    pub fn date_time(fallback: impl Into<String>) -> Self {
        Self::DateTime { fallback: fallback.into() }
    }

    /// The value as it is shown.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Currency { fallback: text, .. } | Self::DateTime { fallback: text } => text,
        }
    }
}

impl Parameter {
    /// Checks one value, shown with up to `limit` characters.
    pub(super) fn check(&self, field: impl std::fmt::Display, limit: usize) -> Check {
        text(&field, self.text(), limit)?;
        let Self::Text(words) = self else { return Ok(()) };
        let plain = !words.contains(['\n', '\r', '\t']) && !words.contains("    ");
        rule(plain, field, "has a line break, a tab or four blanks in a row")
    }
}

impl From<&str> for Parameter {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Parameter {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// Values for the placeholders of a template's body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Parameters {
    /// For `{{1}}`, `{{2}}` … in order.
    Positional(Vec<Parameter>),
    /// For `{{name}}`, in the order given. Names are neither empty nor repeated.
    Named(Vec<(String, Parameter)>),
}

impl Default for Parameters {
    fn default() -> Self {
        Self::Positional(Vec::new())
    }
}

impl Parameters {
    /// For `{{1}}`, `{{2}}` … in order.
    #[must_use]
    pub fn positional<V: Into<Parameter>>(values: impl IntoIterator<Item = V>) -> Self {
        Self::Positional(values.into_iter().map(Into::into).collect())
    }

    /// For `{{name}}`. None at all are the same as none by position, in storage too.
    ///
    /// ```
    /// use whatsapp_core::Parameters;
    /// assert_eq!(Parameters::named([("first_name", "דנה")]).len(), 1);
    /// assert_eq!(Parameters::named(Vec::<(String, String)>::new()), Parameters::default());
    /// ```
    #[must_use]
    pub fn named<N: Into<String>, V: Into<Parameter>>(values: impl IntoIterator<Item = (N, V)>) -> Self {
        let named: Vec<_> = values.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        if named.is_empty() { Self::default() } else { Self::Named(named) }
    }

    /// Checks names and values, each of 1 to 1,024 characters.
    pub(super) fn check(&self, field: &str) -> Check {
        match self {
            Self::Positional(values) => {
                for (at, value) in values.iter().enumerate() {
                    value.check(format_args!("{field}[{}]", at + 1), 1024)?;
                }
            }
            Self::Named(pairs) => {
                for (at, (name, value)) in pairs.iter().enumerate() {
                    let field = format!("{field}[{name}]");
                    rule(!name.trim().is_empty(), &field, "has no name")?;
                    let again = pairs.iter().take(at).any(|(before, _)| before == name);
                    rule(!again, &field, "repeats the name of a value before it")?;
                    value.check(field, 1024)?;
                }
            }
        }
        Ok(())
    }

    /// Name and shown value of each; positional ones are named `1`, `2` …
    pub fn iter(&self) -> impl Iterator<Item = (String, &str)> {
        let (positional, named) = match self {
            Self::Positional(values) => (values.as_slice(), [].as_slice()),
            Self::Named(pairs) => ([].as_slice(), pairs.as_slice()),
        };
        let numbered = positional.iter().enumerate().map(|(at, value)| ((at + 1).to_string(), value.text()));
        numbered.chain(named.iter().map(|(name, value)| (name.clone(), value.text())))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Positional(values) => values.len(),
            Self::Named(pairs) => pairs.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
