use serde::{Deserialize, Serialize};

use super::invalid::{Check, at_most, text};
use crate::MessageId;

/// An emoji on an earlier message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reaction {
    /// The message it stands on.
    pub message: MessageId,
    /// The emoji, up to 32 characters, since one may be put together of many; `None` takes the reaction back.
    pub emoji: Option<String>,
}

impl Reaction {
    /// Puts `emoji` on `message`.
    #[must_use]
    pub fn new(message: MessageId, emoji: impl Into<String>) -> Self {
        Self { message, emoji: Some(emoji.into()).filter(|emoji| !emoji.is_empty()) }
    }

    /// Takes our reaction to `message` back.
    #[must_use]
    pub const fn removal(message: MessageId) -> Self {
        Self { message, emoji: None }
    }

    pub(super) fn check(&self) -> Check {
        text("reaction.message", self.message.as_str(), 512)?;
        at_most("reaction.emoji", self.emoji.as_deref().unwrap_or_default(), 32)
    }
}
