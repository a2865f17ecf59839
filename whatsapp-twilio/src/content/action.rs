//! What can be tapped. Source: Twilio, Content API, "Common components".
use serde::{Deserialize, Serialize};
use serde_json::Value;
use whatsapp_core::Result;

use super::wording::filled;

/// A button of a content.
///
/// ```
/// use whatsapp_twilio::content::ContentAction;
/// let yes = ContentAction::reply("confirm_{{2}}", "מאשר");
/// assert_eq!(
///     serde_json::to_string(&yes).unwrap(),
///     r#"{"type":"QUICK_REPLY","title":"מאשר","id":"confirm_{{2}}"}"#,
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum ContentAction {
    /// Answers by a tap.
    QuickReply {
        /// Shown on it.
        title: String,
        /// Comes back with the tap.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
    },
    /// Opens a web page.
    Url {
        /// Shown on it.
        title: String,
        /// The page.
        url: String,
    },
    /// Calls a telephone number.
    PhoneNumber {
        /// Shown on it.
        title: String,
        /// The number, `+972…`.
        phone: String,
    },
    /// Copies a code.
    CopyCode {
        /// Shown on it.
        title: String,
        /// The code.
        code: String,
    },
    /// Calls the sender over WhatsApp. Source: Twilio, `twilio/call-to-action`: a private beta in some regions.
    VoiceCall {
        /// Shown on it.
        title: String,
        /// Comes back with the call.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
    },
    /// Asks to be let call; the answer comes back as a button whose payload is `ACCEPTED` or `REJECTED`. A private beta,
    /// as the one above.
    VoiceCallRequest {
        /// Shown on it.
        title: String,
        /// Comes back with the answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
    },
    /// One that this version has no words for, whole.
    #[serde(untagged)]
    Other(Value),
}

impl ContentAction {
    /// A button that answers by a tap; `id` comes back.
    #[must_use]
    pub fn reply(id: impl Into<String>, title: impl Into<String>) -> Self {
        Self::QuickReply { title: title.into(), id: Some(id.into()) }
    }

    /// A button that opens a web page.
    #[must_use]
    pub fn url(title: impl Into<String>, url: impl Into<String>) -> Self {
        Self::Url { title: title.into(), url: url.into() }
    }

    /// A button that calls a telephone number.
    #[must_use]
    pub fn phone(title: impl Into<String>, phone: impl Into<String>) -> Self {
        Self::PhoneNumber { title: title.into(), phone: phone.into() }
    }

    /// A button that copies a code.
    #[must_use]
    pub fn copy_code(title: impl Into<String>, code: impl Into<String>) -> Self {
        Self::CopyCode { title: title.into(), code: code.into() }
    }

    /// A button that calls the sender over WhatsApp.
    #[must_use]
    pub fn voice_call(title: impl Into<String>) -> Self {
        Self::VoiceCall { title: title.into(), id: None }
    }

    /// A button that asks to be let call.
    #[must_use]
    pub fn voice_call_request(title: impl Into<String>) -> Self {
        Self::VoiceCallRequest { title: title.into(), id: None }
    }

    /// What is shown on it.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        match self {
            Self::QuickReply { title, .. }
            | Self::Url { title, .. }
            | Self::PhoneNumber { title, .. }
            | Self::CopyCode { title, .. }
            | Self::VoiceCall { title, .. }
            | Self::VoiceCallRequest { title, .. } => Some(title),
            Self::Other(action) => action.get("title")?.as_str(),
        }
    }

    pub(super) fn check(&self, field: &str) -> Result<()> {
        if !matches!(self, Self::Other(_)) {
            filled(&format!("{field}.title"), self.title().unwrap_or_default())?;
        }
        match self {
            Self::Url { url, .. } => filled(&format!("{field}.url"), url),
            Self::PhoneNumber { phone, .. } => filled(&format!("{field}.phone"), phone),
            Self::CopyCode { code, .. } => filled(&format!("{field}.code"), code),
            _ => Ok(()),
        }
    }
}
