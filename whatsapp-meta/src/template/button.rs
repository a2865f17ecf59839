//! The buttons of a template. Source: Meta, template components, buttons; authentication templates.
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::{read, read::words};

/// A button of a template.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum Button {
    /// Answers with its own text.
    #[serde(alias = "quick_reply")]
    QuickReply {
        /// Up to 25 characters.
        text: String,
    },
    /// Opens a page.
    #[serde(alias = "url")]
    Url(UrlButton),
    /// Calls a number.
    #[serde(alias = "phone_number")]
    PhoneNumber {
        /// Up to 25 characters.
        text: String,
        /// Up to 20 characters.
        phone_number: String,
    },
    /// Copies a coupon code.
    #[serde(alias = "copy_code")]
    CopyCode {
        /// A sample of at most 15 characters.
        #[serde(default, deserialize_with = "first_text", skip_serializing_if = "Option::is_none")]
        example: Option<String>,
    },
    /// Copies or fills in a one-time code.
    #[serde(alias = "otp")]
    Otp(OtpButton),
    /// Opens a form.
    #[serde(alias = "flow")]
    Flow(FlowButton),
    /// Opens the catalog.
    #[serde(alias = "catalog")]
    Catalog {
        /// `View catalog`.
        text: String,
    },
    /// Opens several products.
    #[serde(alias = "mpm")]
    Mpm {
        /// `View items`.
        text: String,
    },
    /// Opens one product.
    #[serde(alias = "spm")]
    Spm {
        /// `View`.
        text: String,
    },
    /// Calls the business on WhatsApp.
    #[serde(alias = "voice_call")]
    VoiceCall {
        /// Up to 25 characters.
        text: String,
        /// How many minutes it works.
        #[serde(default, deserialize_with = "read::number", skip_serializing_if = "Option::is_none")]
        ttl_minutes: Option<i64>,
    },
    /// Asks for the person's phone number.
    #[serde(alias = "request_contact_info")]
    RequestContactInfo {
        /// Meta's own wording, where it tells it.
        #[serde(default, deserialize_with = "read::text", skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// Opens an app.
    #[serde(alias = "app")]
    App {
        /// Up to 25 characters.
        text: String,
        /// The link into the app, as Meta writes it.
        #[serde(flatten)]
        more: Map<String, Value>,
    },
    /// A button that this version does not know, as Meta writes it.
    #[serde(untagged)]
    Other(Value),
}

/// Opens a page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UrlButton {
    /// Up to 25 characters.
    pub text: String,
    /// Up to 2000 characters, with at most one placeholder, at its end.
    pub url: String,
    /// The whole address with the placeholder filled in.
    #[serde(default, deserialize_with = "read::texts", skip_serializing_if = "Vec::is_empty")]
    pub example: Vec<String>,
    /// Whatever else it has, as Meta writes it.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

words! {
    /// What happens to a one-time code.
    OtpType {
        /// A tap copies it.
        CopyCode = "COPY_CODE",
        /// A tap fills it into the app.
        OneTap = "ONE_TAP",
        /// It reaches the app by itself.
        ZeroTap = "ZERO_TAP",
    }
}

/// Copies or fills in a one-time code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OtpButton {
    /// What happens to the code.
    pub otp_type: OtpType,
    /// Wording of the copy button; Meta has one.
    #[serde(default, deserialize_with = "read::text", skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Wording of the button that fills in; Meta has one.
    #[serde(default, deserialize_with = "read::text", skip_serializing_if = "Option::is_none")]
    pub autofill_text: Option<String>,
    /// Must be true for zero tap.
    #[serde(default, deserialize_with = "read::flag", skip_serializing_if = "Option::is_none")]
    pub zero_tap_terms_accepted: Option<bool>,
    /// The apps that may take the code.
    #[serde(default, deserialize_with = "read::items", skip_serializing_if = "Vec::is_empty")]
    pub supported_apps: Vec<SupportedApp>,
    /// Whatever else it has, as Meta writes it; the app, in the older form.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// An Android app that may take a one-time code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SupportedApp {
    /// As `com.example.shop`.
    pub package_name: String,
    /// Eleven characters of the signing key's hash.
    pub signature_hash: String,
}

impl SupportedApp {
    /// An app and the hash of its signing key.
    #[must_use]
    pub fn new(package_name: impl Into<String>, signature_hash: impl Into<String>) -> Self {
        Self { package_name: package_name.into(), signature_hash: signature_hash.into() }
    }
}

/// Opens a form.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FlowButton {
    /// Up to 25 characters.
    pub text: String,
    /// The form, by id; or by name, or whole.
    #[serde(default, deserialize_with = "read::text", skip_serializing_if = "Option::is_none")]
    pub flow_id: Option<String>,
    /// The form, by name.
    #[serde(default, deserialize_with = "read::text", skip_serializing_if = "Option::is_none")]
    pub flow_name: Option<String>,
    /// The form, whole, as JSON in a text.
    #[serde(default, deserialize_with = "read::text", skip_serializing_if = "Option::is_none")]
    pub flow_json: Option<String>,
    /// `navigate` or `data_exchange`.
    #[serde(default, deserialize_with = "read::text", skip_serializing_if = "Option::is_none")]
    pub flow_action: Option<String>,
    /// The screen to open.
    #[serde(default, deserialize_with = "read::text", skip_serializing_if = "Option::is_none")]
    pub navigate_screen: Option<String>,
    /// As `DOCUMENT`, `PROMOTION` or `REVIEW`.
    #[serde(default, deserialize_with = "read::text", skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// Whatever else it has, as Meta writes it.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl Button {
    /// Answers with its own text.
    #[must_use]
    pub fn quick_reply(text: impl Into<String>) -> Self {
        Self::QuickReply { text: text.into() }
    }

    /// Opens `url`.
    #[must_use]
    pub fn url(text: impl Into<String>, url: impl Into<String>) -> Self {
        Self::Url(UrlButton { text: text.into(), url: url.into(), example: Vec::new(), more: Map::new() })
    }

    /// Opens `url`, whose placeholder is filled in when sending; `example` is a whole address.
    #[must_use]
    pub fn url_with(text: impl Into<String>, url: impl Into<String>, example: impl Into<String>) -> Self {
        let (text, url, example) = (text.into(), url.into(), vec![example.into()]);
        Self::Url(UrlButton { text, url, example, more: Map::new() })
    }

    /// Calls `phone`.
    #[must_use]
    pub fn phone(text: impl Into<String>, phone: impl Into<String>) -> Self {
        Self::PhoneNumber { text: text.into(), phone_number: phone.into() }
    }

    /// Copies a coupon code, of which `example` is one.
    #[must_use]
    pub fn copy_code(example: impl Into<String>) -> Self {
        Self::CopyCode { example: Some(example.into()) }
    }

    /// Copies a one-time code, or fills it into one of `apps`. Zero tap means that its terms are accepted.
    #[must_use]
    pub fn otp(otp_type: OtpType, apps: impl IntoIterator<Item = SupportedApp>) -> Self {
        let zero_tap_terms_accepted = (otp_type == OtpType::ZeroTap).then_some(true);
        let (supported_apps, more) = (apps.into_iter().collect(), Map::new());
        Self::Otp(OtpButton {
            otp_type,
            text: None,
            autofill_text: None,
            zero_tap_terms_accepted,
            supported_apps,
            more,
        })
    }

    /// Opens the form `flow_id`.
    #[must_use]
    pub fn flow(text: impl Into<String>, flow_id: impl Into<String>) -> Self {
        Self::Flow(FlowButton { text: text.into(), flow_id: Some(flow_id.into()), ..FlowButton::default() })
    }

    /// Its kind as Meta spells it; empty for one without.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Self::QuickReply { .. } => "QUICK_REPLY",
            Self::Url(_) => "URL",
            Self::PhoneNumber { .. } => "PHONE_NUMBER",
            Self::CopyCode { .. } => "COPY_CODE",
            Self::Otp(_) => "OTP",
            Self::Flow(_) => "FLOW",
            Self::Catalog { .. } => "CATALOG",
            Self::Mpm { .. } => "MPM",
            Self::Spm { .. } => "SPM",
            Self::VoiceCall { .. } => "VOICE_CALL",
            Self::RequestContactInfo { .. } => "REQUEST_CONTACT_INFO",
            Self::App { .. } => "APP",
            Self::Other(raw) => raw.get("type").and_then(Value::as_str).unwrap_or_default(),
        }
    }

    /// Its wording.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::QuickReply { text }
            | Self::PhoneNumber { text, .. }
            | Self::Catalog { text }
            | Self::Mpm { text }
            | Self::Spm { text }
            | Self::VoiceCall { text, .. }
            | Self::App { text, .. } => Some(text),
            Self::Url(button) => Some(&button.text),
            Self::Flow(button) => Some(&button.text),
            Self::Otp(button) => button.text.as_deref(),
            Self::RequestContactInfo { text } => text.as_deref(),
            Self::CopyCode { .. } => None,
            Self::Other(raw) => raw.get("text").and_then(Value::as_str),
        }
    }
}

/// A text, or the first of a list.
fn first_text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(read::texts(from)?.into_iter().next())
}
