//! The parts of a template. Source: Meta, template components.
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::Button;
use crate::{read, read::words};

words! {
    /// What a header shows.
    HeaderFormat {
        /// Up to 60 characters with at most one placeholder.
        Text = "TEXT",
        /// A picture.
        Image = "IMAGE",
        /// A film.
        Video = "VIDEO",
        /// A file.
        Document = "DOCUMENT",
        /// A place.
        Location = "LOCATION",
        /// A film that plays as a GIF; Marketing Messages API only.
        Gif = "GIF",
        /// A thing for sale.
        Product = "PRODUCT",
    }
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum Component {
    /// Above the body.
    #[serde(alias = "header")]
    Header(Header),
    /// The wording.
    #[serde(alias = "body")]
    Body(Body),
    /// Small, beneath the body.
    #[serde(alias = "footer")]
    Footer(Footer),
    /// Beneath everything.
    #[serde(alias = "buttons")]
    Buttons(Buttons),
    /// An offer that ends.
    #[serde(alias = "limited_time_offer")]
    LimitedTimeOffer(OfferComponent),
    /// Cards to swipe through.
    #[serde(alias = "carousel")]
    Carousel {
        /// 2 to 10 of the same shape.
        cards: Vec<Card>,
    },
    /// Asks for permission to call.
    #[serde(rename = "call_permission_request", alias = "CALL_PERMISSION_REQUEST")]
    CallPermissionRequest,
    /// A part that this version does not know, as Meta writes it.
    #[serde(untagged)]
    Other(Value),
}

/// Above the body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Header {
    /// What it shows.
    pub format: HeaderFormat,
    /// The wording of a text header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What it looks like filled in.
    #[serde(default, deserialize_with = "read::lenient", skip_serializing_if = "Option::is_none")]
    pub example: Option<HeaderExample>,
}

/// What a header looks like filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct HeaderExample {
    /// The value of its only placeholder.
    #[serde(rename = "header_text", deserialize_with = "read::texts", skip_serializing_if = "Vec::is_empty")]
    pub text: Vec<String>,
    /// The value of its only placeholder, by name.
    #[serde(
        rename = "header_text_named_params",
        deserialize_with = "read::items",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub named: Vec<NamedExample>,
    /// The handle of an uploaded sample; Meta answers an address.
    #[serde(rename = "header_handle", deserialize_with = "read::texts", skip_serializing_if = "Vec::is_empty")]
    pub handle: Vec<String>,
}

/// The wording.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Body {
    /// The wording with its placeholders; authentication templates have Meta's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What it looks like filled in.
    #[serde(default, deserialize_with = "read::lenient", skip_serializing_if = "Option::is_none")]
    pub example: Option<BodyExample>,
    /// Whether an authentication template warns of sharing the code.
    #[serde(default, deserialize_with = "read::flag", skip_serializing_if = "Option::is_none")]
    pub add_security_recommendation: Option<bool>,
}

/// What a body looks like filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct BodyExample {
    /// Values of `{{1}}`, `{{2}}` …; Meta looks at the first row.
    #[serde(deserialize_with = "rows", skip_serializing_if = "Vec::is_empty")]
    pub body_text: Vec<Vec<String>>,
    /// Values by name.
    #[serde(deserialize_with = "read::items", skip_serializing_if = "Vec::is_empty")]
    pub body_text_named_params: Vec<NamedExample>,
}

/// The value of a named placeholder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NamedExample {
    /// The placeholder's name.
    pub param_name: String,
    /// Its value.
    pub example: String,
}

/// Small, beneath the body.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Footer {
    /// Up to 60 characters without placeholders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// After how many minutes an authentication template says that the code dies: 1 to 90.
    #[serde(default, deserialize_with = "read::number", skip_serializing_if = "Option::is_none")]
    pub code_expiration_minutes: Option<i64>,
}

/// Beneath everything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Buttons {
    /// Up to 10.
    pub buttons: Vec<Button>,
}

/// An offer that ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OfferComponent {
    /// The offer.
    pub limited_time_offer: Offer,
}

/// What is offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Offer {
    /// Up to 16 characters.
    pub text: String,
    /// Whether a clock shows when it ends.
    #[serde(default, deserialize_with = "read::flag", skip_serializing_if = "Option::is_none")]
    pub has_expiration: Option<bool>,
}

/// A card of a carousel.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Card {
    /// A header, perhaps a body, and one or two buttons.
    #[serde(deserialize_with = "read::items")]
    pub components: Vec<Component>,
}

impl Card {
    /// A card of these parts.
    #[must_use]
    pub fn new(components: impl IntoIterator<Item = Component>) -> Self {
        Self { components: components.into_iter().collect() }
    }
}

impl Component {
    /// A header of text.
    #[must_use]
    pub fn text_header(text: impl Into<String>) -> Self {
        Self::Header(Header { format: HeaderFormat::Text, text: Some(text.into()), example: None })
    }

    /// A header with a picture, film or file; `handle` is of an uploaded sample.
    #[must_use]
    pub fn media_header(format: HeaderFormat, handle: impl Into<String>) -> Self {
        let example = HeaderExample { handle: vec![handle.into()], ..HeaderExample::default() };
        Self::Header(Header { format, text: None, example: Some(example) })
    }

    /// A header that needs no sample: a place or a thing for sale.
    #[must_use]
    pub const fn bare_header(format: HeaderFormat) -> Self {
        Self::Header(Header { format, text: None, example: None })
    }

    /// A body with this wording.
    #[must_use]
    pub fn body(text: impl Into<String>) -> Self {
        Self::Body(Body { text: Some(text.into()), ..Body::default() })
    }

    /// The body of an authentication template, whose wording is Meta's.
    #[must_use]
    pub const fn authentication_body(security_recommendation: bool) -> Self {
        Self::Body(Body { text: None, example: None, add_security_recommendation: Some(security_recommendation) })
    }

    /// A footer.
    #[must_use]
    pub fn footer(text: impl Into<String>) -> Self {
        Self::Footer(Footer { text: Some(text.into()), code_expiration_minutes: None })
    }

    /// The footer of an authentication template: the code dies after 1 to 90 minutes.
    #[must_use]
    pub const fn expiration_footer(minutes: i64) -> Self {
        Self::Footer(Footer { text: None, code_expiration_minutes: Some(minutes) })
    }

    /// Buttons.
    #[must_use]
    pub fn buttons(buttons: impl IntoIterator<Item = Button>) -> Self {
        Self::Buttons(Buttons { buttons: buttons.into_iter().collect() })
    }

    /// An offer that ends.
    #[must_use]
    pub fn offer(text: impl Into<String>, has_expiration: bool) -> Self {
        let offer = Offer { text: text.into(), has_expiration: Some(has_expiration) };
        Self::LimitedTimeOffer(OfferComponent { limited_time_offer: offer })
    }

    /// Cards to swipe through.
    #[must_use]
    pub fn carousel(cards: impl IntoIterator<Item = Card>) -> Self {
        Self::Carousel { cards: cards.into_iter().collect() }
    }

    /// Shows what a header or body looks like with `{{1}}`, `{{2}}` … filled in; other parts have no placeholders.
    #[must_use]
    pub fn with_examples<T: Into<String>>(mut self, values: impl IntoIterator<Item = T>) -> Self {
        let values: Vec<String> = values.into_iter().map(Into::into).collect();
        match &mut self {
            Self::Header(header) => header.example.get_or_insert_default().text = values,
            Self::Body(body) => body.example.get_or_insert_default().body_text = vec![values],
            _ => {}
        }
        self
    }

    /// Shows what a header or body looks like with `{{name}}` filled in; other parts have no placeholders.
    #[must_use]
    pub fn with_named_examples<N: Into<String>, V: Into<String>>(
        mut self,
        values: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let named = |(name, value): (N, V)| NamedExample { param_name: name.into(), example: value.into() };
        let values = values.into_iter().map(named).collect();
        match &mut self {
            Self::Header(header) => header.example.get_or_insert_default().named = values,
            Self::Body(body) => body.example.get_or_insert_default().body_text_named_params = values,
            _ => {}
        }
        self
    }
}

/// Rows of values; one row, or one value, may stand alone.
fn rows<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Vec<String>>, D::Error> {
    let list: Vec<Value> = read::items(from)?;
    let row = |value: &Value| value.as_array().map(|row| row.iter().filter_map(read::as_text).collect::<Vec<_>>());
    let rows: Vec<Vec<String>> = list.iter().filter_map(row).collect();
    let alone: Vec<String> = list.iter().filter_map(read::as_text).collect();
    Ok(if alone.is_empty() { rows } else { vec![alone] })
}
