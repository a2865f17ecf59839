//! The types that a content may have, by Twilio's names. Source: Twilio, Content API, "Content types overview".
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use whatsapp_core::Result;

use super::{
    Authentication, Buttons, Card, Carousel, Catalog, ContentAction, Flows, ListPicker, MediaText, Place, Schedule,
    TextBody, WhatsappCard, WhatsappFlow,
    shape::Shape,
    wording::{filled, has_all},
};

macro_rules! content_types {
    ($($(#[$meta:meta])* $variant:ident($shape:ident) = $name:literal;)*) => {
        /// A type of content, and what it is made of. Serialized, it is what stands behind its [`name`](Self::name).
        ///
        /// ```
        /// use whatsapp_twilio::content::ContentType;
        /// let hello = ContentType::text("היי {{1}}");
        /// assert_eq!((hello.name(), hello.body()), ("twilio/text", Some("היי {{1}}")));
        /// ```
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum ContentType {
            $($(#[$meta])* $variant($shape),)*
            /// A type, or a make of one, that this version has no words for: its name and all of it. A type with a
            /// field that is not known here is one of these, so that to change a content never deletes it.
            Other(String, Value),
        }

        impl ContentType {
            /// Twilio's name of it.
            #[must_use]
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$variant(_) => $name,)*
                    Self::Other(name, _) => name,
                }
            }

            /// Reads what stands behind `name`.
            fn read(name: String, value: Value) -> Self {
                let known = match name.as_str() {
                    $($name => $shape::deserialize(&value).ok().map(Self::$variant),)*
                    _ => None,
                };
                let is_whole = |known: &Self| serde_json::to_value(known).is_ok_and(|all| has_all(&all, &value));
                known.filter(is_whole).unwrap_or(Self::Other(name, value))
            }

            /// What is shown as its words, if it has some.
            #[must_use]
            pub fn body(&self) -> Option<&str> {
                match self {
                    $(Self::$variant(shape) => shape.body(),)*
                    Self::Other(_, value) => value.get("body")?.as_str(),
                }
            }

            /// Whether what Twilio requires of it is there.
            pub(super) fn check(&self) -> Result<()> {
                let field = format!("types.{}", self.name());
                match self {
                    $(Self::$variant(shape) => shape.check(&field),)*
                    Self::Other(name, _) => filled("types: a type's name", name),
                }
            }
        }

        impl Serialize for ContentType {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$variant(shape) => shape.serialize(serializer),)*
                    Self::Other(_, value) => value.serialize(serializer),
                }
            }
        }
    };
}

content_types! {
    /// Words.
    Text(TextBody) = "twilio/text";
    /// A file, perhaps with words.
    Media(MediaText) = "twilio/media";
    /// A place.
    Location(Place) = "twilio/location";
    /// Words above buttons that answer.
    QuickReply(Buttons) = "twilio/quick-reply";
    /// Words above buttons that open something.
    CallToAction(Buttons) = "twilio/call-to-action";
    /// A list to choose from.
    ListPicker(ListPicker) = "twilio/list-picker";
    /// A title, perhaps with a file and buttons.
    Card(Card) = "twilio/card";
    /// Cards to swipe through.
    Carousel(Carousel) = "twilio/carousel";
    /// Things for sale.
    Catalog(Catalog) = "twilio/catalog";
    /// Times to choose from.
    Schedule(Schedule) = "twilio/schedule";
    /// A form that Twilio makes at Meta.
    Flows(Flows) = "twilio/flows";
    /// Words with a header, small print and buttons.
    WhatsappCard(WhatsappCard) = "whatsapp/card";
    /// A one-time code.
    Authentication(Authentication) = "whatsapp/authentication";
    /// A form that was made at Meta.
    WhatsappFlow(WhatsappFlow) = "whatsapp/flows";
}

impl ContentType {
    /// Words.
    #[must_use]
    pub fn text(body: impl Into<String>) -> Self {
        Self::Text(TextBody { body: body.into() })
    }

    /// Words above buttons that answer.
    #[must_use]
    pub fn quick_reply(body: impl Into<String>, actions: impl IntoIterator<Item = ContentAction>) -> Self {
        Self::QuickReply(Buttons { body: body.into(), actions: actions.into_iter().collect() })
    }

    /// Words above buttons that open something.
    #[must_use]
    pub fn call_to_action(body: impl Into<String>, actions: impl IntoIterator<Item = ContentAction>) -> Self {
        Self::CallToAction(Buttons { body: body.into(), actions: actions.into_iter().collect() })
    }

    /// Whether WhatsApp may approve it; the others are for a session only.
    #[must_use]
    pub fn can_be_approved(&self) -> bool {
        !matches!(self.name(), "twilio/list-picker" | "twilio/location")
    }
}

/// `{"twilio/text": {…}, …}`.
pub(super) fn write<S: Serializer>(types: &[ContentType], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(types.iter().map(|kind| (kind.name(), kind)))
}

/// As [`write`]; none where something else stands in the place of the object.
pub(super) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ContentType>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Object(types) => types.into_iter().map(|(name, value)| ContentType::read(name, value)).collect(),
        _ => Vec::new(),
    })
}
