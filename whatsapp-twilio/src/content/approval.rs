//! Approval by WhatsApp. Source: Twilio, Content API, "Submit templates for approval".
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use whatsapp_core::Result;

use crate::{endpoint::invalid, read};

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $variant,)*
            /// A word that this version does not know.
            Other(String),
        }

        impl $name {
            /// Twilio's word.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)*
                    Self::Other(word) => word,
                }
            }
        }

        impl From<String> for $name {
            fn from(word: String) -> Self {
                match word.as_str() {
                    $($word => Self::$variant,)*
                    _ => Self::Other(word),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

words! {
    /// How a content stands with WhatsApp.
    ///
    /// ```
    /// use whatsapp_twilio::content::ApprovalStatus;
    /// assert_eq!(ApprovalStatus::from("paused".to_owned()), ApprovalStatus::Paused);
    /// assert_eq!(ApprovalStatus::from("in_appeal".to_owned()).as_str(), "in_appeal");
    /// ```
    ApprovalStatus {
        /// Approval was never asked for. It may be sent within a session.
        Unsubmitted = "unsubmitted",
        /// Twilio has the request.
        Received = "received",
        /// WhatsApp looks at it, for minutes or a day.
        Pending = "pending",
        /// Can be sent at any time.
        Approved = "approved",
        /// WhatsApp refused it.
        Rejected = "rejected",
        /// WhatsApp stopped it for a while, because readers block it.
        Paused = "paused",
        /// WhatsApp stopped it for good.
        Disabled = "disabled",
    }
}

words! {
    /// What a template is for; WhatsApp's prices and rules depend on it.
    ApprovalCategory {
        /// About something that the contact did or ordered.
        Utility = "UTILITY",
        /// Everything else.
        Marketing = "MARKETING",
        /// One-time codes.
        Authentication = "AUTHENTICATION",
    }
}

/// How a content stands with WhatsApp. What Twilio leaves out is `None`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Approval {
    /// The template's name at WhatsApp.
    #[serde(deserialize_with = "read::text")]
    pub name: Option<String>,
    /// What it is for.
    #[serde(deserialize_with = "category")]
    pub category: Option<ApprovalCategory>,
    /// The type that WhatsApp looks at: `twilio/text` …
    #[serde(deserialize_with = "read::text")]
    pub content_type: Option<String>,
    /// How it stands.
    #[serde(deserialize_with = "status")]
    pub status: ApprovalStatus,
    /// Why WhatsApp refused it: `INVALID_FORMAT` …
    #[serde(deserialize_with = "read::text")]
    pub rejection_reason: Option<String>,
    /// Whether WhatsApp may change what it is for.
    #[serde(deserialize_with = "read::lenient")]
    pub allow_category_change: Option<bool>,
}

impl Default for Approval {
    /// Never asked for.
    fn default() -> Self {
        Self {
            name: None,
            category: None,
            content_type: None,
            status: ApprovalStatus::Unsubmitted,
            rejection_reason: None,
            allow_category_change: None,
        }
    }
}

fn status<'de, D: Deserializer<'de>>(from: D) -> Result<ApprovalStatus, D::Error> {
    Ok(read::text(from)?.map_or(ApprovalStatus::Unsubmitted, |word| word.to_ascii_lowercase().into()))
}

fn category<'de, D: Deserializer<'de>>(from: D) -> Result<Option<ApprovalCategory>, D::Error> {
    Ok(read::text(from)?.map(|word| word.to_ascii_uppercase().into()))
}

/// Asks WhatsApp to approve a content.
///
/// ```
/// use whatsapp_twilio::content::{ApprovalCategory, ApprovalRequest};
/// let request = ApprovalRequest::new("reminder", ApprovalCategory::Utility).with_category_change(true);
/// assert!(request.check().is_ok());
/// let error = ApprovalRequest::new("Reminder!", ApprovalCategory::Utility).check().unwrap_err();
/// assert_eq!(error.message(), "name: 1 to 512 lower-case letters, digits and underscores expected");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ApprovalRequest {
    /// The template's name at WhatsApp: lower-case letters, digits and underscores.
    pub name: String,
    /// What it is for.
    pub category: ApprovalCategory,
    /// Whether WhatsApp may change what it is for; Twilio decides if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_category_change: Option<bool>,
}

impl ApprovalRequest {
    /// Asks for a template of this name and purpose.
    #[must_use]
    pub fn new(name: impl Into<String>, category: ApprovalCategory) -> Self {
        Self { name: name.into(), category, allow_category_change: None }
    }

    /// Says whether WhatsApp may change what it is for.
    #[must_use]
    pub const fn with_category_change(mut self, allowed: bool) -> Self {
        self.allow_category_change = Some(allowed);
        self
    }

    /// Checks name and category; [`request_approval`](crate::Twilio::request_approval) does so before any I/O.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidMessage`](whatsapp_core::ErrorKind::InvalidMessage); the message names the field and the cure.
    pub fn check(&self) -> Result<()> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if !(1..=512).contains(&self.name.len()) || !self.name.bytes().all(plain) {
            return Err(invalid("name: 1 to 512 lower-case letters, digits and underscores expected"));
        }
        if matches!(self.category, ApprovalCategory::Other(_)) {
            return Err(invalid("category: UTILITY, MARKETING or AUTHENTICATION expected"));
        }
        Ok(())
    }
}
