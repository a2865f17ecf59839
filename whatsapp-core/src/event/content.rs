use std::fmt;

use serde::{Deserialize, Serialize};

use super::{DeliveryError, Order, Reply, SystemNotice};
use crate::{Contacts, Location, MediaKind, MessageId, Reaction};

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
    /// Address cards.
    Contacts(Contacts),
    /// An emoji on an earlier message, or its removal.
    Reaction(Reaction),
    /// The answer to an interactive message or to a template's button.
    Reply(Reply),
    /// Things that the contact wants to buy.
    Order(Order),
    /// Not the contact's words, but news of them: a new number, a new user id.
    System(SystemNotice),
    /// An earlier message says something else now.
    Edited(Edited),
    /// An earlier message was deleted for everyone.
    Revoked(Revoked),
    /// The contact sent what the provider does not pass on.
    Unsupported(Unsupported),
}

impl InboundContent {
    /// Text content.
    #[must_use]
    pub fn text(body: impl Into<String>) -> Self {
        Self::Text(InboundText { body: body.into() })
    }

    /// Stable name of the kind, as messages store it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Media(media) => media.kind.as_str(),
            Self::Location(_) => "location",
            Self::Contacts(_) => "contacts",
            Self::Reaction(_) => "reaction",
            Self::Reply(_) => "interactive",
            Self::Order(_) => "order",
            Self::Edited(edited) => edited.content.kind(),
            Self::System(_) | Self::Revoked(_) => "system",
            Self::Unsupported(_) => "unsupported",
        }
    }

    /// The words in it, if there are any: a text, a caption, the title of a tapped button, the name of a place.
    #[must_use]
    pub fn words(&self) -> Option<&str> {
        let words = match self {
            Self::Text(text) => Some(text.body.as_str()),
            Self::Media(media) => media.caption.as_deref(),
            Self::Location(place) => place.name.as_deref(),
            Self::Contacts(contacts) => contacts.contacts.first().map(|card| card.name.formatted_name.as_str()),
            Self::Reaction(reaction) => reaction.emoji.as_deref(),
            Self::Reply(reply) => reply.title(),
            Self::Order(order) => order.text.as_deref(),
            Self::System(notice) => notice.body.as_deref(),
            Self::Edited(edited) => edited.content.words(),
            Self::Revoked(_) | Self::Unsupported(_) => None,
        };
        words.filter(|words| !words.is_empty())
    }
}

/// Plain text from a contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboundText {
    /// What it says.
    pub body: String,
}

/// A file from a contact. Every fact but the kind may be missing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// A moving sticker.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub animated: bool,
}

impl InboundMedia {
    /// A file of which only the kind is known yet.
    #[must_use]
    pub const fn new(kind: MediaKind) -> Self {
        Self {
            kind,
            id: None,
            url: None,
            mime_type: None,
            sha256: None,
            caption: None,
            file_name: None,
            voice: false,
            animated: false,
        }
    }
}

/// Says only whether there is an address: some fetch the file for whoever knows them.
impl fmt::Debug for InboundMedia {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InboundMedia")
            .field("kind", &self.kind)
            .field("id", &self.id)
            .field("url", &self.url.as_ref().map(|_| format_args!("…")))
            .field("mime_type", &self.mime_type)
            .field("sha256", &self.sha256)
            .field("caption", &self.caption)
            .field("file_name", &self.file_name)
            .field("voice", &self.voice)
            .field("animated", &self.animated)
            .finish()
    }
}

/// An earlier message says something else now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Edited {
    /// The message that was edited.
    pub original: MessageId,
    /// What it says now.
    pub content: Box<InboundContent>,
}

impl Edited {
    /// Message `original` says `content` now.
    #[must_use]
    pub fn new(original: MessageId, content: InboundContent) -> Self {
        Self { original, content: Box::new(content) }
    }
}

/// An earlier message was deleted for everyone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Revoked {
    /// The message that was deleted.
    pub original: MessageId,
}

impl Revoked {
    /// Message `original` was deleted.
    #[must_use]
    pub const fn new(original: MessageId) -> Self {
        Self { original }
    }
}

/// The contact sent what the provider does not pass on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Unsupported {
    /// What it was, in the provider's word, if it says: `poll`, `edit` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The provider's reason, if it gives one: a file too large, a kind unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<DeliveryError>,
}

impl Unsupported {
    /// Something of `kind`, kept back for the reason `error`.
    #[must_use]
    pub const fn new(kind: Option<String>, error: Option<DeliveryError>) -> Self {
        Self { kind, error }
    }
}
