use serde::{Deserialize, Serialize};

use crate::MessageId;

/// An emoji on an earlier message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reaction {
    /// The message it stands on.
    pub message: MessageId,
    /// The emoji; `None` takes the reaction back.
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
}
