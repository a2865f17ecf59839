use serde::{Deserialize, Serialize};

use crate::Identity;

/// News of a contact that the provider tells, not the contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SystemNotice {
    /// What happened.
    pub kind: SystemKind,
    /// Who the contact is from now on, as far as it is told. The message's sender is who they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<Identity>,
    /// The provider's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

/// What happened to a contact. Source: Meta, Cloud API reference, system messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SystemKind {
    /// They have another phone number.
    NumberChanged,
    /// They have another business-scoped user id.
    UserIdChanged,
    /// They set WhatsApp up anew, perhaps on another phone: who writes may be somebody else.
    IdentityChanged,
    /// Something else, in the provider's word.
    Other(String),
}

impl SystemNotice {
    /// `kind` happened.
    #[must_use]
    pub const fn new(kind: SystemKind, now: Option<Identity>, body: Option<String>) -> Self {
        Self { kind, now, body }
    }
}
