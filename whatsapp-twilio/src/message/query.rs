//! Which messages to list. Source: Twilio, Messages resource, "Read multiple Message resources".
use chrono::{DateTime, SecondsFormat, Utc};

use crate::wire::address;

/// Most messages on a page that Twilio gives.
const MOST: u16 = 1000;

/// Which messages of the account to list, newest first.
///
/// ```
/// use whatsapp_twilio::MessageQuery;
/// let query = MessageQuery::new().with_recipient("+972501234567").with_page_size(20);
/// assert_eq!(query, MessageQuery::new().with_recipient("whatsapp:+972501234567").with_page_size(20));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageQuery(Vec<(&'static str, String)>);

impl MessageQuery {
    /// All of them, 50 to a page.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Those to this channel address: `+972…`, also with `whatsapp:` before it, or `IL.…`.
    #[must_use]
    pub fn with_recipient(self, recipient: &str) -> Self {
        self.with("To", address(recipient))
    }

    /// Those from this channel address.
    #[must_use]
    pub fn with_sender(self, sender: &str) -> Self {
        self.with("From", address(sender))
    }

    /// Those sent or received at `time` or later. A message that still waits at Twilio was not sent yet.
    #[must_use]
    pub fn since(self, time: DateTime<Utc>) -> Self {
        self.with("DateSent>", time.to_rfc3339_opts(SecondsFormat::Secs, true))
    }

    /// Those sent or received at `time` or before.
    #[must_use]
    pub fn until(self, time: DateTime<Utc>) -> Self {
        self.with("DateSent<", time.to_rfc3339_opts(SecondsFormat::Secs, true))
    }

    /// So many to a page, 1 to 1,000.
    #[must_use]
    pub fn with_page_size(self, size: u16) -> Self {
        self.with("PageSize", size.clamp(1, MOST).to_string())
    }

    fn with(mut self, key: &'static str, value: String) -> Self {
        self.0.retain(|(known, _)| *known != key);
        self.0.push((key, value));
        self
    }

    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (*key, value.as_str()))
    }
}
