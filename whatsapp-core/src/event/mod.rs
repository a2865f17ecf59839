//! What a webhook says, one item at a time.
mod message;
mod status_update;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use self::{
    message::{InboundContent, InboundMedia, InboundMessage, InboundText},
    status_update::{DeliveryError, StatusUpdate},
};
use crate::{EventId, Identity, LineId, MessageId, ProviderId};

/// One event and where it belongs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Envelope {
    /// The provider that sent it.
    pub provider: ProviderId,
    /// The line it belongs to.
    pub line: LineId,
    /// The provider's time; `None` where it gives none (Twilio).
    pub at: Option<DateTime<Utc>>,
    /// What happened.
    pub event: Event,
    /// The item as it was written: a range of the request's body, not a copy. Not serialised.
    #[serde(skip)]
    pub raw: Bytes,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", content = "data", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// A contact wrote.
    Message(InboundMessage),
    /// A message of ours came further.
    Status(StatusUpdate),
    /// Something this version does not read. Kept, so that nothing is dropped.
    Unknown(Unknown),
}

/// An item that this version does not read, with whatever could be told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Unknown {
    /// What the provider calls it: `message.order`, `account_update` …
    pub kind: Box<str>,
    /// The provider's id of it, if it has one.
    pub id: Option<MessageId>,
    /// Who caused it, if it is a message from one person.
    pub from: Option<Identity>,
}

impl Unknown {
    /// An unread item of `kind`.
    #[must_use]
    pub fn new(kind: impl Into<Box<str>>) -> Self {
        Self { kind: kind.into(), id: None, from: None }
    }

    /// Adds the provider's id.
    #[must_use]
    pub fn with_id(mut self, id: Option<MessageId>) -> Self {
        self.id = id;
        self
    }

    /// Adds who caused it.
    #[must_use]
    pub fn with_from(mut self, from: Option<Identity>) -> Self {
        self.from = from;
        self
    }
}

impl Envelope {
    /// An event of `line` at `provider`; `raw` is its range of the body.
    #[must_use]
    pub fn new(provider: ProviderId, line: LineId, event: Event, raw: Bytes) -> Self {
        Self { provider, line, at: None, event, raw }
    }

    /// Adds the provider's time.
    #[must_use]
    pub fn with_time(mut self, at: Option<DateTime<Utc>>) -> Self {
        self.at = at;
        self
    }

    /// The only dedupe key: provider, line, kind, provider id, status, participant; joined by `|`.
    ///
    /// The same item delivered again has the same key, whatever it is batched with. An item without an id is
    /// named by the SHA-256 of its bytes.
    #[must_use]
    pub fn event_id(&self) -> EventId {
        let (kind, id, status, participant) = match &self.event {
            Event::Message(message) => ("message", message.id.as_str(), "", ""),
            Event::Status(update) => (
                "status",
                update.id.as_str(),
                update.status.as_str(),
                update.participant.as_deref().unwrap_or_default(),
            ),
            Event::Unknown(Unknown { kind, id: Some(id), .. }) => (&**kind, id.as_str(), "", ""),
            Event::Unknown(Unknown { kind, id: None, .. }) => {
                let digest = hex::encode(Sha256::digest(&self.raw));
                return join(&[self.provider.as_str(), self.line.as_str(), kind, &digest, "", ""]);
            }
        };
        join(&[self.provider.as_str(), self.line.as_str(), kind, id, status, participant])
    }

    /// Who the event is about: the peer of its lane. `None` for an event about the line itself.
    #[must_use]
    pub fn peer(&self) -> Option<&Identity> {
        match &self.event {
            Event::Message(message) => Some(&message.from),
            Event::Status(update) => update.recipient.as_ref(),
            Event::Unknown(unknown) => unknown.from.as_ref(),
        }
    }
}

/// Joins the parts so that no two lists give the same text.
fn join(parts: &[&str]) -> EventId {
    let escaped: Vec<_> = parts.iter().map(|part| part.replace('%', "%25").replace('|', "%7C")).collect();
    EventId::from(escaped.join("|"))
}
