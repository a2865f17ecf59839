//! Messages that we learn of but were no part of: written on the business's phone, or long ago.
use serde::{Deserialize, Serialize};

use super::{DeliveryError, InboundContent};
use crate::{Identity, MessageId, Status};

/// The business itself wrote, from its phone or another application.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Echo {
    /// The provider's id.
    pub id: MessageId,
    /// To whom.
    pub to: Option<Identity>,
    /// What it says.
    pub content: InboundContent,
    /// The message that it quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MessageId>,
}

impl Echo {
    /// The business wrote `id` to `to`.
    #[must_use]
    pub const fn new(id: MessageId, to: Option<Identity>, content: InboundContent) -> Self {
        Self { id, to, content, reply_to: None }
    }

    /// Adds the message that it quotes.
    #[must_use]
    pub fn with_reply_to(mut self, message: Option<MessageId>) -> Self {
        self.reply_to = message;
        self
    }
}

/// Chats from before the line was connected, as the business's phone hands them over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "history", rename_all = "snake_case")]
#[non_exhaustive]
pub enum History {
    /// One message of then.
    Message(HistoryMessage),
    /// A part without messages, which still tells how far it is.
    Part(HistoryPart),
    /// There will be none: the owner did not want to share it, or it failed.
    Declined(DeliveryError),
}

/// A message of a time before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HistoryMessage {
    /// The provider's id.
    pub id: MessageId,
    /// The person outside.
    pub peer: Identity,
    /// Whether the business wrote it.
    pub outgoing: bool,
    /// What it says.
    pub content: InboundContent,
    /// How far it had come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// The part that it came in.
    pub part: HistoryPart,
}

impl HistoryMessage {
    /// A message with `peer`.
    #[must_use]
    pub const fn new(
        id: MessageId,
        peer: Identity,
        outgoing: bool,
        content: InboundContent,
        part: HistoryPart,
    ) -> Self {
        Self { id, peer, outgoing, content, status: None, part }
    }

    /// Adds how far it had come.
    #[must_use]
    pub const fn with_status(mut self, status: Option<Status>) -> Self {
        self.status = status;
        self
    }
}

/// Which part of the history it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HistoryPart {
    /// Meta: 0 = the last day, 1 = up to 90 days ago, 2 = up to 180.
    pub phase: Option<u8>,
    /// Its number within the phase.
    pub number: Option<u32>,
    /// Per cent of the whole, 0 to 100.
    pub progress: Option<u8>,
}

impl HistoryPart {
    /// Part `number` of `phase`, after which `progress` per cent are there.
    #[must_use]
    pub const fn new(phase: Option<u8>, number: Option<u32>, progress: Option<u8>) -> Self {
        Self { phase, number, progress }
    }
}
