//! What happens to the business's own things: account, number, templates, groups, contact book.
use serde::{Deserialize, Serialize};

use super::DeliveryError;
use crate::{CorrelationId, GroupId, Identity, MessageId};

/// Something of the account, the number or the application changed. What exactly, the provider's crate reads from
/// [`Envelope::raw`](crate::Envelope): for Meta `whatsapp_meta::AccountChange`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AccountUpdate {
    /// What changed, in the provider's word: `phone_number_quality_update`, `account_update` …
    pub kind: Box<str>,
    /// What happened to it, in the provider's word: `ACCOUNT_RESTRICTION`, `APPROVED` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
}

impl AccountUpdate {
    /// `event` happened to `kind`.
    #[must_use]
    pub fn new(kind: impl Into<Box<str>>, event: Option<String>) -> Self {
        Self { kind: kind.into(), event }
    }
}

/// A template of the business changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TemplateUpdate {
    /// The provider's id of it.
    pub id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Its language, with an underscore: `he`, `en_US`.
    pub language: Option<String>,
    /// What changed.
    pub change: TemplateChange,
}

impl TemplateUpdate {
    /// A template changed so.
    #[must_use]
    pub const fn new(change: TemplateChange) -> Self {
        Self { id: None, name: None, language: None, change }
    }
}

/// What changed of a template. Words are the provider's, in capitals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
#[non_exhaustive]
pub enum TemplateChange {
    /// Whether it may be sent.
    Status {
        /// `APPROVED`, `REJECTED`, `PAUSED`, `DISABLED` …
        status: String,
        /// Why.
        reason: Option<String>,
        /// Why, in a sentence.
        note: Option<String>,
    },
    /// How people like it.
    Quality {
        /// `GREEN`, `YELLOW`, `RED`, `UNKNOWN` before.
        from: Option<String>,
        /// And now.
        to: String,
    },
    /// What it counts as.
    Category {
        /// `MARKETING`, `UTILITY` … before.
        from: Option<String>,
        /// And now, or soon.
        to: Option<String>,
        /// Announced rather than done.
        upcoming: bool,
    },
    /// Its wording.
    Components {
        /// The body.
        body: Option<String>,
        /// The text above it.
        header: Option<String>,
        /// The text below it.
        footer: Option<String>,
    },
}

/// What a contact wants to get from the business.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Preference {
    /// Who.
    pub contact: Identity,
    /// About what: `marketing_messages`.
    pub category: String,
    /// What they want.
    pub choice: PreferenceChoice,
}

/// What a contact wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PreferenceChoice {
    /// No more of it.
    Stop,
    /// Again.
    Resume,
    /// Asked for it by themselves.
    Signup,
    /// Something else, in the provider's word.
    Other(String),
}

impl Preference {
    /// `contact` chose.
    #[must_use]
    pub fn new(contact: Identity, category: impl Into<String>, choice: PreferenceChoice) -> Self {
        Self { contact, category: category.into(), choice }
    }
}

/// An entry of the contact book on the business's phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ContactBookEntry {
    /// Who, under the name of the contact book.
    pub contact: Identity,
    /// Taken out rather than added or changed.
    pub removed: bool,
}

impl ContactBookEntry {
    /// `contact` stands in the book, or no longer.
    #[must_use]
    pub const fn new(contact: Identity, removed: bool) -> Self {
        Self { contact, removed }
    }
}

/// A call over WhatsApp came further.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CallUpdate {
    /// The provider's id of the call.
    pub id: MessageId,
    /// What happened, in lower case: `connect`, `terminate`, `ringing`, `accepted`, `rejected` …
    pub event: String,
    /// The person outside.
    pub peer: Option<Identity>,
    /// Whether we called them.
    pub outgoing: Option<bool>,
    /// How it ended: `COMPLETED`, `FAILED`.
    pub outcome: Option<String>,
    /// How long it was, in seconds.
    pub seconds: Option<u32>,
    /// The offer or answer of the media session (SDP).
    pub sdp: Option<String>,
    /// The caller's own id.
    pub correlation: Option<CorrelationId>,
    /// Why it failed.
    pub error: Option<DeliveryError>,
}

impl CallUpdate {
    /// `event` happened to call `id`.
    #[must_use]
    pub fn new(id: MessageId, event: impl Into<String>) -> Self {
        Self {
            id,
            event: event.into(),
            peer: None,
            outgoing: None,
            outcome: None,
            seconds: None,
            sdp: None,
            correlation: None,
            error: None,
        }
    }
}

/// A group of the business changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct GroupUpdate {
    /// Which group; missing where its creation failed.
    pub group: Option<GroupId>,
    /// What happened, in the provider's word: `group_create`, `group_participants_add` …
    pub event: String,
    /// The request of ours that led to it.
    pub request_id: Option<String>,
    /// The group's name now.
    pub subject: Option<String>,
    /// Its description now.
    pub description: Option<String>,
    /// The address by which people join.
    pub invite_link: Option<String>,
    /// Why, in the provider's word.
    pub reason: Option<String>,
    /// Who came in.
    pub added: Vec<Identity>,
    /// Who went out.
    pub removed: Vec<Identity>,
    /// Who asks to come in, or no longer does.
    pub asking: Option<Identity>,
    /// Why it failed, in whole or in part.
    pub error: Option<DeliveryError>,
}

impl GroupUpdate {
    /// `event` happened to `group`.
    #[must_use]
    pub fn new(group: Option<GroupId>, event: impl Into<String>) -> Self {
        Self { group, event: event.into(), ..Self::default() }
    }
}
