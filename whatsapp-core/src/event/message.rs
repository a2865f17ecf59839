use serde::{Deserialize, Serialize};

use crate::{Identity, Location, MediaKind, MessageId, Reaction};

/// A contact's message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InboundMessage {
    /// The provider's id.
    pub id: MessageId,
    /// Who wrote.
    pub from: Identity,
    /// What it says.
    pub content: InboundContent,
    /// The message that it quotes.
    pub reply_to: Option<MessageId>,
    /// Delivered late, from the queue of a time when nobody listened. Shown, but never answered by a machine.
    #[serde(default)]
    pub replayed: bool,
}

impl InboundMessage {
    /// A message `id` from `from`.
    #[must_use]
    pub const fn new(id: MessageId, from: Identity, content: InboundContent) -> Self {
        Self { id, from, content, reply_to: None, replayed: false }
    }

    /// Adds the message that it quotes.
    #[must_use]
    pub fn with_reply_to(mut self, message: Option<MessageId>) -> Self {
        self.reply_to = message;
        self
    }

    /// Marks it as delivered late.
    #[must_use]
    pub const fn with_replayed(mut self, replayed: bool) -> Self {
        self.replayed = replayed;
        self
    }
}

/// What a contact's message says. Open: later versions read more kinds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum InboundContent {
    /// Plain text.
    Text(InboundText),
    /// A file, to be fetched from the provider.
    Media(InboundMedia),
    /// A place.
    Location(Location),
    /// An emoji on an earlier message, or its removal.
    Reaction(Reaction),
}

impl InboundContent {
    /// Text content.
    #[must_use]
    pub fn text(body: impl Into<String>) -> Self {
        Self::Text(InboundText { body: body.into() })
    }

    /// Stable name of the kind, as messages store it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Media(media) => media.kind.as_str(),
            Self::Location(_) => "location",
            Self::Reaction(_) => "reaction",
        }
    }
}

/// Plain text from a contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboundText {
    /// What it says.
    pub body: String,
}

/// A file from a contact. Every fact but the kind may be missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InboundMedia {
    /// How WhatsApp shows it.
    pub kind: MediaKind,
    /// The provider's id, to fetch it by.
    pub id: Option<String>,
    /// Address to fetch it from; it needs the provider's credentials and may die within minutes.
    pub url: Option<String>,
    /// MIME type as claimed.
    pub mime_type: Option<String>,
    /// SHA-256 of the file, base64, as claimed.
    pub sha256: Option<String>,
    /// Text beneath it.
    pub caption: Option<String>,
    /// Name of a document.
    pub file_name: Option<String>,
    /// A voice note rather than a sound file.
    #[serde(default)]
    pub voice: bool,
}

impl InboundMedia {
    /// A file of which only the kind is known yet.
    #[must_use]
    pub const fn new(kind: MediaKind) -> Self {
        Self { kind, id: None, url: None, mime_type: None, sha256: None, caption: None, file_name: None, voice: false }
    }
}
