//! A message as Twilio keeps it. Source: Twilio, Messages resource, "Message properties"; Media resource.
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use whatsapp_core::Status;

use crate::{inbound::status::status_named, read};

/// Who sent a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Direction {
    /// A contact.
    Inbound,
    /// The account: by the API, by an answer to a webhook, or in a call.
    Outbound,
    /// A word that this version does not know.
    #[default]
    Unknown,
}

/// A message as Twilio keeps it. What Twilio leaves out is `None`.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct MessageRecord {
    /// Its id, `SM…`, or `MM…` with a file or content.
    #[serde(deserialize_with = "read::text")]
    pub sid: Option<String>,
    /// Who sent it.
    #[serde(deserialize_with = "direction")]
    pub direction: Direction,
    /// The sender's channel address; absent while a messaging service has not chosen one.
    #[serde(deserialize_with = "read::text")]
    pub from: Option<String>,
    /// The recipient's channel address.
    #[serde(deserialize_with = "read::text")]
    pub to: Option<String>,
    /// The messaging service that sent it, `MG…`.
    #[serde(deserialize_with = "read::text")]
    pub messaging_service_sid: Option<String>,
    /// What it says, with values in their places; nothing if it was redacted or is a file without caption.
    #[serde(deserialize_with = "read::text")]
    pub body: Option<String>,
    /// How far it is, in Twilio's word: `queued`, `delivered` …; see [`reached`](Self::reached).
    #[serde(deserialize_with = "read::text")]
    pub status: Option<String>,
    /// Why it failed.
    #[serde(deserialize_with = "read::number")]
    pub error_code: Option<i64>,
    /// Why it failed, in Twilio's words.
    #[serde(deserialize_with = "read::text")]
    pub error_message: Option<String>,
    /// How many files it has.
    #[serde(deserialize_with = "read::number")]
    pub num_media: Option<i64>,
    /// When Twilio took it.
    #[serde(deserialize_with = "read::time")]
    pub date_created: Option<DateTime<Utc>>,
    /// When it was sent or received; absent while it waits.
    #[serde(deserialize_with = "read::time")]
    pub date_sent: Option<DateTime<Utc>>,
    /// When it last changed.
    #[serde(deserialize_with = "read::time")]
    pub date_updated: Option<DateTime<Utc>>,
    /// What it costs, a negative decimal number as text.
    #[serde(deserialize_with = "read::text")]
    pub price: Option<String>,
    /// ISO 4217 code of the price.
    #[serde(deserialize_with = "read::text")]
    pub price_unit: Option<String>,
}

impl MessageRecord {
    /// How far it is; `None` for a word that this version does not know, and for a message that came in.
    ///
    /// ```
    /// use whatsapp_core::Status;
    /// use whatsapp_twilio::MessageRecord;
    /// let record: MessageRecord = serde_json::from_str(r#"{"sid": "SM1", "status": "undelivered"}"#).unwrap();
    /// assert_eq!(record.reached(), Some(Status::Failed));
    /// ```
    #[must_use]
    pub fn reached(&self) -> Option<Status> {
        status_named(self.status.as_deref()?)
    }

    /// When it was sent or received, else when Twilio took it.
    #[must_use]
    pub fn at(&self) -> Option<DateTime<Utc>> {
        self.date_sent.or(self.date_created)
    }
}

/// Shows neither words nor numbers.
impl fmt::Debug for MessageRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("MessageRecord");
        shown.field("sid", &self.sid).field("direction", &self.direction).field("status", &self.status);
        shown.field("error_code", &self.error_code).field("num_media", &self.num_media).finish_non_exhaustive()
    }
}

fn direction<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Direction, D::Error> {
    let word = read::text(from)?.unwrap_or_default();
    Ok(match word.as_str() {
        "inbound" => Direction::Inbound,
        word if word.starts_with("outbound") => Direction::Outbound,
        _ => Direction::Unknown,
    })
}

/// A page of messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MessagePage {
    /// Newest first.
    pub messages: Vec<MessageRecord>,
    /// Where the next page begins; `None` after the last.
    pub next: Option<String>,
}

impl MessagePage {
    pub(super) const fn new(messages: Vec<MessageRecord>, next: Option<String>) -> Self {
        Self { messages, next }
    }
}

/// A file of a message. Source: Twilio, Media resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct MediaRecord {
    /// Its id, `ME…`.
    #[serde(deserialize_with = "read::text")]
    pub sid: Option<String>,
    /// MIME type.
    #[serde(deserialize_with = "read::text")]
    pub content_type: Option<String>,
    /// When Twilio got it.
    #[serde(deserialize_with = "read::time")]
    pub date_created: Option<DateTime<Utc>>,
}
