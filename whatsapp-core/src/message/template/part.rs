//! The parts of a template that take values beside its body. Source: Meta, Cloud API reference, template messages.
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Parameter, Parameters};
use crate::{
    Location, MediaFile, MediaKind,
    message::{
        interactive::{Product, ProductSection, check_sections, check_ttl},
        invalid::{Check, address, entries, maybe, rule, text},
    },
};

/// The value of a template's header.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TemplateHeader {
    /// For the only placeholder of a text header.
    Text {
        /// The placeholder's name, if the template has named ones.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// Its value; up to 60 characters.
        value: Parameter,
    },
    /// An image, video or document.
    Media(MediaFile),
    /// A place.
    Location(Location),
    /// A thing for sale.
    Product(Product),
}

impl TemplateHeader {
    pub(super) fn check(&self, field: &str) -> Check {
        match self {
            Self::Text { name, value } => {
                maybe(format_args!("{field}.name"), name.as_deref(), usize::MAX)?;
                value.check(format_args!("{field}.text"), 60)
            }
            Self::Media(file) => {
                let shown = matches!(file.kind, MediaKind::Image | MediaKind::Video | MediaKind::Document);
                rule(shown, format_args!("{field}.media"), "is neither image, video nor document")?;
                rule(file.caption.is_none(), format_args!("{field}.media"), "has a caption, which headers have not")?;
                file.check(&format!("{field}.media"))
            }
            Self::Location(place) => {
                let named = place.name.is_some() && place.address.is_some();
                rule(place.is_valid(), format_args!("{field}.location"), "is not a place on earth")?;
                rule(named, format_args!("{field}.location"), "needs a name and an address")
            }
            Self::Product(product) => product.check(&format!("{field}.product")),
        }
    }
}

/// The value of a template's button.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TemplateButton {
    /// Its place among the template's buttons, from 0.
    pub index: u8,
    /// The value.
    #[serde(flatten)]
    pub value: ButtonValue,
}

/// What a template's button takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "button", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ButtonValue {
    /// Comes back with the tap; 1 to 128 characters.
    QuickReply {
        /// The payload.
        payload: String,
    },
    /// Ends the button's address.
    Url {
        /// The end; 1 to 2,000 characters.
        suffix: String,
    },
    /// Is copied by a tap.
    CopyCode {
        /// The code; 1 to 15 characters.
        code: String,
    },
    /// Opens a form.
    Flow {
        /// Comes back with the answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<String>,
        /// What its first screen shows: an object.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        data: Option<Value>,
    },
    /// Opens the catalog.
    Catalog {
        /// The product whose picture is shown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        thumbnail: Option<String>,
    },
    /// Opens several products.
    Products {
        /// The product whose picture is shown.
        thumbnail: String,
        /// The products.
        sections: Vec<ProductSection>,
    },
    /// Calls the business.
    Call {
        /// How long it works, in minutes, 1 to 43,200.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ttl_minutes: Option<u32>,
        /// Comes back with the call; 1 to 128 characters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        payload: Option<String>,
    },
}

impl TemplateButton {
    /// The value of the button at `index`, counted from 0 among all buttons of the template.
    #[must_use]
    pub const fn new(index: u8, value: ButtonValue) -> Self {
        Self { index, value }
    }

    fn check(&self, field: &str) -> Check {
        rule(self.index < 10, format_args!("{field}.index"), "is not 0 to 9")?;
        match &self.value {
            ButtonValue::QuickReply { payload } => text(format_args!("{field}.payload"), payload, 128),
            ButtonValue::Url { suffix } => text(format_args!("{field}.suffix"), suffix, 2000),
            ButtonValue::CopyCode { code } => text(format_args!("{field}.code"), code, 15),
            ButtonValue::Flow { data, .. } => {
                let object = data.as_ref().is_none_or(Value::is_object);
                rule(object, format_args!("{field}.data"), "is not an object")
            }
            ButtonValue::Products { thumbnail, sections } => {
                text(format_args!("{field}.thumbnail"), thumbnail, 256)?;
                check_sections(field, sections)
            }
            ButtonValue::Catalog { thumbnail } => maybe(format_args!("{field}.thumbnail"), thumbnail.as_deref(), 256),
            ButtonValue::Call { ttl_minutes, payload } => {
                check_ttl(field, *ttl_minutes)?;
                maybe(format_args!("{field}.payload"), payload.as_deref(), 128)
            }
        }
    }
}

pub(super) fn check_buttons(field: &str, buttons: &[TemplateButton]) -> Check {
    entries(field, buttons.len(), 0, 10)?;
    for (at, button) in buttons.iter().enumerate() {
        let field = format!("{field}[{at}]");
        button.check(&field)?;
        let before = buttons.get(..at).unwrap_or_default();
        let again = before.iter().any(|other| other.index == button.index);
        rule(!again, format_args!("{field}.index"), "is that of a button before it")?;
    }
    Ok(())
}

/// A card of a carousel template, in the order in which the template defines them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TemplateCard {
    /// Its picture, film or product.
    pub header: TemplateHeader,
    /// Values for its body.
    #[serde(default, skip_serializing_if = "Parameters::is_empty")]
    pub parameters: Parameters,
    /// Values for its buttons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<TemplateButton>,
}

impl TemplateCard {
    /// A card under `header`.
    #[must_use]
    pub fn new(header: TemplateHeader) -> Self {
        Self { header, parameters: Parameters::default(), buttons: Vec::new() }
    }

    /// Sets the values for its body.
    #[must_use]
    pub fn with_parameters(mut self, parameters: Parameters) -> Self {
        self.parameters = parameters;
        self
    }

    /// Adds the value of a button.
    #[must_use]
    pub fn with_button(mut self, button: TemplateButton) -> Self {
        self.buttons.push(button);
        self
    }

    pub(super) fn check(&self, field: &str) -> Check {
        let shown = match &self.header {
            TemplateHeader::Media(file) => matches!(file.kind, MediaKind::Image | MediaKind::Video),
            header => matches!(header, TemplateHeader::Product(_)),
        };
        rule(shown, format_args!("{field}.header"), "is neither image, video nor product")?;
        self.header.check(&format!("{field}.header"))?;
        self.parameters.check(&format!("{field}.parameters"))?;
        check_buttons(&format!("{field}.buttons"), &self.buttons)
    }
}

/// Where a tap on the message leads, in place of its picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TapTarget {
    /// The page, http or https.
    pub url: String,
    /// What is shown for it; not empty.
    pub title: String,
}

impl TapTarget {
    /// A page and its title.
    #[must_use]
    pub fn new(url: impl Into<String>, title: impl Into<String>) -> Self {
        Self { url: url.into(), title: title.into() }
    }

    pub(super) fn check(&self, field: &str) -> Check {
        address(format_args!("{field}.url"), &self.url)?;
        text(format_args!("{field}.title"), &self.title, usize::MAX)
    }
}

/// When a limited-time offer ends.
pub(super) fn check_offer(ends: Option<DateTime<Utc>>) -> Check {
    rule(ends.is_none_or(|at| at.timestamp() > 0), "template.offer_ends_at", "is not a time after 1970")
}
