//! What a webhook says, one item at a time.
mod account;
mod content;
mod echo;
mod message;
mod reply;
mod status_update;
mod system;

use std::fmt;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use self::{
    account::{
        AccountUpdate, CallUpdate, ContactBookEntry, GroupUpdate, Preference, PreferenceChoice, TemplateChange,
        TemplateUpdate,
    },
    content::{Edited, InboundContent, InboundMedia, InboundText, Revoked, Unsupported},
    echo::{Echo, History, HistoryMessage, HistoryPart},
    message::{Forwarded, InboundMessage, Referral},
    reply::{Order, OrderItem, Reply},
    status_update::{DeliveryError, Pricing, StatusUpdate},
    system::{SystemKind, SystemNotice},
};
use crate::{EventId, Identity, LineId, MessageId, ProviderId};

/// One event and where it belongs.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
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
    /// What tells an item without an id from an equal one at another time; part of [`event_id`](Self::event_id).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurrence: Option<Box<str>>,
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
    /// The business wrote, from its phone or another application.
    Echo(Echo),
    /// A chat from before the line was connected.
    History(History),
    /// A call over WhatsApp came further.
    Call(CallUpdate),
    /// A group of the business changed.
    Group(GroupUpdate),
    /// A contact wants more or less of something.
    Preference(Preference),
    /// The contact book on the business's phone changed.
    ContactBook(ContactBookEntry),
    /// A template of the business changed.
    Template(TemplateUpdate),
    /// Something else of the account or number changed.
    Account(AccountUpdate),
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

/// Shows of the raw item how many bytes it has, not what it says.
impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelope")
            .field("provider", &self.provider)
            .field("line", &self.line)
            .field("at", &self.at)
            .field("event", &self.event)
            .field("occurrence", &self.occurrence)
            .field("raw", &format_args!("{} bytes", self.raw.len()))
            .finish()
    }
}

impl Envelope {
    /// An event of `line` at `provider`; `raw` is its range of the body.
    #[must_use]
    pub fn new(provider: ProviderId, line: LineId, event: Event, raw: Bytes) -> Self {
        Self { provider, line, at: None, event, occurrence: None, raw }
    }

    /// Adds the provider's time.
    #[must_use]
    pub fn with_time(mut self, at: Option<DateTime<Utc>>) -> Self {
        self.at = at;
        self
    }

    /// Adds what tells it from an equal item at another time.
    #[must_use]
    pub fn with_occurrence(mut self, occurrence: Option<impl Into<Box<str>>>) -> Self {
        self.occurrence = occurrence.map(Into::into);
        self
    }

    /// The only dedupe key: provider, line, kind, provider id, status, participant; joined by `|`.
    ///
    /// The same item delivered again has the same key, whatever it is batched with. An item without an id is
    /// named by the SHA-256 of its bytes and its [`occurrence`](Self::occurrence).
    #[must_use]
    pub fn event_id(&self) -> EventId {
        let (provider, line) = (self.provider.as_str(), self.line.as_str());
        let (kind, id) = self.event.name();
        let (status, participant) = match &self.event {
            Event::Status(update) => (update.status.as_str(), update.participant.as_deref().unwrap_or_default()),
            // What came of a call more than once is told apart by its bytes.
            Event::Call(update) => (update.event.as_str(), self.occurrence.as_deref().unwrap_or_default()),
            // A file of the history comes twice: announced, and then itself.
            Event::History(History::Message(message)) => (message.content.kind(), ""),
            _ => (self.occurrence.as_deref().unwrap_or_default(), ""),
        };
        if let Some(id) = id {
            return join(&[provider, line, kind, id.as_str(), status, participant]);
        }
        let digest = hex::encode(Sha256::digest(&self.raw));
        join(&[provider, line, kind, &digest, self.occurrence.as_deref().unwrap_or_default(), ""])
    }

    /// Who the event is about: the peer of its lane. `None` for an event about the line itself or a group.
    #[must_use]
    pub fn peer(&self) -> Option<&Identity> {
        match &self.event {
            Event::Message(message) if message.group.is_none() => Some(&message.from),
            Event::Status(update) => update.recipient.as_ref(),
            Event::Echo(echo) => echo.to.as_ref(),
            Event::History(History::Message(message)) => Some(&message.peer),
            Event::Call(update) => update.peer.as_ref(),
            Event::Preference(preference) => Some(&preference.contact),
            Event::ContactBook(entry) => Some(&entry.contact),
            Event::Unknown(unknown) => unknown.from.as_ref(),
            Event::Message(_) | Event::History(_) | Event::Group(_) | Event::Template(_) | Event::Account(_) => None,
        }
    }
}

impl Event {
    /// Kind and provider id, as they stand in the dedupe key.
    fn name(&self) -> (&str, Option<&MessageId>) {
        match self {
            Self::Message(message) => ("message", Some(&message.id)),
            Self::Status(update) => ("status", Some(&update.id)),
            Self::Echo(echo) => ("echo", Some(&echo.id)),
            Self::History(History::Message(message)) => ("history", Some(&message.id)),
            Self::History(_) => ("history", None),
            Self::Call(update) => ("call", Some(&update.id)),
            Self::Group(_) => ("group", None),
            Self::Preference(_) => ("preference", None),
            Self::ContactBook(_) => ("contact_book", None),
            Self::Template(_) => ("template", None),
            Self::Account(update) => (&update.kind, None),
            Self::Unknown(unknown) => (&unknown.kind, unknown.id.as_ref()),
        }
    }
}

/// Joins the parts so that no two lists give the same text.
fn join(parts: &[&str]) -> EventId {
    let escaped: Vec<_> = parts.iter().map(|part| part.replace('%', "%25").replace('|', "%7C")).collect();
    EventId::from(escaped.join("|"))
}
