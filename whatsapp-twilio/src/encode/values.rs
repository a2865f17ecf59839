//! What differs from message to message goes as a value, so that one content carries all messages of a shape: the body
//! first, then what stands on buttons and rows. Source: Twilio, Content API, "Using variables with content templates",
//! and the tables of the content types.
use whatsapp_core::Result;

use crate::endpoint::invalid;

/// More blanks and line breaks in a row than this, a value may not have. Source: Twilio, error 63013.
const BLANKS: usize = 4;
/// Longest value, in characters. Source: Twilio, "Using variables with content templates".
const LONGEST: usize = 1600;
/// What stands for the end of an address where no value is given. It leads to the same page as none, because Twilio wants
/// a sample that leads somewhere.
const LINK_SAMPLE: &str = "?text";

/// Values for placeholders, each with the sample that the content has in its place.
#[derive(Default)]
pub(super) struct Values(Vec<Value>);

struct Value {
    name: String,
    text: String,
    sample: String,
}

impl Values {
    /// A placeholder for `text`.
    fn put(&mut self, text: &str, sample: Option<&str>) -> String {
        let name = (self.0.len() + 1).to_string();
        let placeholder = format!("{{{{{name}}}}}");
        // No two are alike: Twilio wants ids that differ.
        let sample = sample.map_or_else(|| format!("text{name}"), str::to_owned);
        self.0.push(Value { name, text: text.to_owned(), sample });
        placeholder
    }

    /// A placeholder for a body; the words themselves where a value could not hold them.
    pub(super) fn long(&mut self, field: &str, words: &str) -> Result<String> {
        if may_be_value(words) { Ok(self.put(words, None)) } else { plain(field, words) }
    }

    /// As [`long`](Self::long), for what stands in one line.
    pub(super) fn line(&mut self, field: &str, words: &str) -> Result<String> {
        if has_breaks(words) { plain(field, words) } else { self.long(field, words) }
    }

    /// An address whose page is a value: Twilio takes a placeholder at its end only.
    pub(super) fn link(&mut self, field: &str, address: &str) -> Result<String> {
        let scheme = address.find("://").map_or(0, |at| at + 3);
        let root = address.get(scheme..).and_then(|rest| rest.find('/')).map(|at| scheme + at + 1);
        match root.and_then(|root| address.split_at_checked(root)) {
            Some((site, page)) if may_be_value(page) && !has_breaks(page) && !site.contains(['?', '#']) => {
                Ok(plain(field, site)? + &self.put(page, Some(LINK_SAMPLE)))
            }
            _ => plain(field, address),
        }
    }

    /// Each placeholder's name and sample.
    pub(super) fn samples(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|value| (value.name.as_str(), value.sample.as_str()))
    }

    /// Each placeholder's name and value.
    pub(super) fn into_pairs(self) -> Vec<(String, String)> {
        self.0.into_iter().map(|value| (value.name, value.text)).collect()
    }
}

/// Words that stand in the content itself, where they must not be taken for a placeholder.
pub(super) fn plain(field: &str, words: &str) -> Result<String> {
    if words.contains("{{") {
        return Err(invalid(format!("{field}: Twilio takes `{{{{` for a placeholder; write it another way")));
    }
    Ok(words.to_owned())
}

/// Whether Twilio takes `words` for a value: neither empty nor too long, and without a long gap.
fn may_be_value(words: &str) -> bool {
    !words.trim().is_empty() && words.chars().count() <= LONGEST && !has_gap(words)
}

/// Whether there are more blanks in a row than a value may have.
pub(super) fn has_gap(words: &str) -> bool {
    words.split(|c: char| !c.is_whitespace()).any(|blanks| blanks.chars().count() > BLANKS)
}

/// Whether there is more than one line, or a tab.
pub(super) fn has_breaks(words: &str) -> bool {
    words.contains(['\n', '\r', '\t'])
}
