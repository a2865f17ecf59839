//! What is sent.
mod contacts;
mod interactive;
pub(crate) mod invalid;
mod location;
mod media;
mod reaction;
mod template;
mod text;

use http::Extensions;
use serde::{Deserialize, Serialize};

pub use self::{
    contacts::{
        ContactAddress, ContactCard, ContactEmail, ContactName, ContactNameParts, ContactOrg, ContactPhone, ContactUrl,
        Contacts,
    },
    interactive::{
        Action, AddressRequest, CallButton, Card, CardAction, Flow, FlowRef, FlowStart, Header, Interactive,
        InteractiveKind, InteractiveKinds, List, MediaCard, Product, ProductSection, Products, ReplyButton, Row,
        SavedAddress, Section, UrlButton,
    },
    invalid::InvalidContent,
    location::Location,
    media::{InvalidLink, MediaFile, MediaKind, MediaSource},
    reaction::Reaction,
    template::{ButtonValue, Parameter, Parameters, TapTarget, Template, TemplateButton, TemplateCard, TemplateHeader},
    text::Text,
};
use crate::{CorrelationId, MessageId, ProviderId, Recipient};

/// What a message says. Open: later versions add kinds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Content {
    /// Plain text.
    Text(Text),
    /// A picture, film, sound, document or sticker.
    Media(MediaFile),
    /// An approved template.
    Template(Template),
    /// A place.
    Location(Location),
    /// Address cards.
    Contacts(Contacts),
    /// An emoji on an earlier message, or its removal.
    Reaction(Reaction),
    /// Something that asks for a tap.
    Interactive(Interactive),
}

impl Content {
    /// Stable name of the kind, as messages store it: `text`, `image`, `template` …
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Media(media) => media.kind.as_str(),
            Self::Template(_) => "template",
            Self::Location(_) => "location",
            Self::Contacts(_) => "contacts",
            Self::Reaction(_) => "reaction",
            Self::Interactive(_) => "interactive",
        }
    }

    /// Checks the limits that all providers share. [`Capabilities::check`](crate::Capabilities::check) does this
    /// before every send.
    ///
    /// ```
    /// use whatsapp_core::{Content, Location};
    /// assert!(Content::from("שלום").check().is_ok());
    /// assert!(Content::from(Location::new(91.0, 0.0)).check().is_err());
    /// ```
    ///
    /// # Errors
    /// [`InvalidContent`] names field, limit and value.
    pub fn check(&self) -> Result<(), InvalidContent> {
        match self {
            Self::Text(text) => invalid::text("text.body", &text.body, usize::MAX),
            Self::Media(file) => file.check("media"),
            Self::Template(template) => template.check(),
            Self::Location(place) => {
                let problem = "is not a latitude of -90..90 and a longitude of -180..180 degrees";
                invalid::rule(place.is_valid(), "location", problem)
            }
            Self::Contacts(contacts) => contacts.check(),
            Self::Reaction(reaction) => reaction.check(),
            Self::Interactive(interactive) => interactive.check(),
        }
    }
}

impl From<&str> for Content {
    fn from(body: &str) -> Self {
        Self::Text(Text::new(body))
    }
}

impl From<String> for Content {
    fn from(body: String) -> Self {
        Self::Text(Text::new(body))
    }
}

macro_rules! content_from {
    ($($kind:ident),*) => { $(
        impl From<$kind> for Content {
            fn from(content: $kind) -> Self {
                Self::$kind(content)
            }
        }
    )* };
}
content_from!(Text, Template, Location, Contacts, Reaction, Interactive);

impl From<MediaFile> for Content {
    fn from(file: MediaFile) -> Self {
        Self::Media(file)
    }
}

/// A message on its way out.
///
/// ```
/// use whatsapp_core::{CorrelationId, OutboundMessage, PhoneNumber};
/// let to: PhoneNumber = "+972501234567".parse().unwrap();
/// let message = OutboundMessage::new(to, "שלום").with_correlation(CorrelationId::from_bytes([1; 16]));
/// assert_eq!(message.content.kind(), "text");
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OutboundMessage {
    /// To whom.
    pub to: Recipient,
    /// What it says.
    pub content: Content,
    /// The message that this one answers, as the provider names it.
    pub reply_to: Option<MessageId>,
    /// The caller's own id, which comes back with the statuses.
    pub correlation: Option<CorrelationId>,
    /// Whatever a layer wants to pass along; never sent.
    pub extensions: Extensions,
}

impl OutboundMessage {
    /// A message to `to`.
    #[must_use]
    pub fn new(to: impl Into<Recipient>, content: impl Into<Content>) -> Self {
        Self {
            to: to.into(),
            content: content.into(),
            reply_to: None,
            correlation: None,
            extensions: Extensions::new(),
        }
    }

    /// Makes it an answer to `message`.
    #[must_use]
    pub fn in_reply_to(mut self, message: MessageId) -> Self {
        self.reply_to = Some(message);
        self
    }

    /// Attaches the caller's own id.
    #[must_use]
    pub fn with_correlation(mut self, id: CorrelationId) -> Self {
        self.correlation = Some(id);
        self
    }
}

/// The provider took the message; whether it arrives, statuses tell.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Receipt {
    /// The provider's id of the message.
    pub id: MessageId,
    /// Who took it.
    pub provider: ProviderId,
}

impl Receipt {
    /// A receipt for message `id`.
    #[must_use]
    pub const fn new(id: MessageId, provider: ProviderId) -> Self {
        Self { id, provider }
    }
}
