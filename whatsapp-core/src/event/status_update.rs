use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{CorrelationId, ErrorKind, Identity, MessageId, Status};

/// A message of ours came further. Updates repeat, skip and arrive in any order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StatusUpdate {
    /// The provider's id of our message.
    pub id: MessageId,
    /// What it reached.
    pub status: Status,
    /// Whom it was for, as far as the webhook says.
    pub recipient: Option<Identity>,
    /// The group member whom it is about.
    pub participant: Option<String>,
    /// The caller's own id, if the provider echoes it.
    pub correlation: Option<CorrelationId>,
    /// Why it failed.
    pub error: Option<DeliveryError>,
    /// What it costs, if the provider says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pricing: Option<Box<Pricing>>,
}

impl StatusUpdate {
    /// Message `id` reached `status`.
    #[must_use]
    pub const fn new(id: MessageId, status: Status) -> Self {
        Self { id, status, recipient: None, participant: None, correlation: None, error: None, pricing: None }
    }

    /// Adds whom it was for.
    #[must_use]
    pub fn with_recipient(mut self, recipient: Option<Identity>) -> Self {
        self.recipient = recipient;
        self
    }

    /// Adds the group member whom it is about.
    #[must_use]
    pub fn with_participant(mut self, participant: Option<String>) -> Self {
        self.participant = participant;
        self
    }

    /// Adds the caller's own id.
    #[must_use]
    pub const fn with_correlation(mut self, id: Option<CorrelationId>) -> Self {
        self.correlation = id;
        self
    }

    /// Adds the reason of a failure.
    #[must_use]
    pub fn with_error(mut self, error: Option<DeliveryError>) -> Self {
        self.error = error;
        self
    }

    /// Adds what it costs.
    #[must_use]
    pub fn with_pricing(mut self, pricing: Option<Pricing>) -> Self {
        self.pricing = pricing.map(Box::new);
        self
    }
}

/// What a message costs, in the provider's words. Source: Meta, Webhooks reference, status objects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Pricing {
    /// `utility`, `marketing`, `authentication`, `service` …, with underscores.
    pub category: Option<String>,
    /// `regular`, `free_customer_service`, `free_entry_point` …
    pub kind: Option<String>,
    /// `PMP` (per message) or, before July 2025, `CBP` (per conversation).
    pub model: Option<String>,
    /// Whether it is charged, as far as the provider still says so.
    pub billable: Option<bool>,
    /// The conversation that it counts to.
    pub conversation: Option<String>,
    /// What began that conversation: `marketing`, `service`, `referral_conversion` …
    pub origin: Option<String>,
    /// When that conversation ends.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Why a message failed after it was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DeliveryError {
    /// The provider's code.
    pub code: Option<i64>,
    /// The provider's words.
    pub message: String,
    /// What kind of failure it is, if the code is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<ErrorKind>,
    /// What to do about it, where more can be said than [`ErrorKind::advice`] does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<Cow<'static, str>>,
}

impl DeliveryError {
    /// A failure in the provider's words.
    #[must_use]
    pub fn new(code: Option<i64>, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), kind: None, advice: None }
    }

    /// Says what the code means.
    ///
    /// ```
    /// use whatsapp_core::{DeliveryError, ErrorKind};
    /// let error = DeliveryError::new(Some(63016), "outside the window").with_kind(ErrorKind::WindowClosed, None);
    /// assert!(error.advice().unwrap().contains("template"));
    /// ```
    #[must_use]
    pub fn with_kind(mut self, kind: ErrorKind, advice: Option<&'static str>) -> Self {
        self.kind = Some(kind);
        self.advice = advice.map(Cow::Borrowed);
        self
    }

    /// What to do about it, if that is known.
    #[must_use]
    pub fn advice(&self) -> Option<&str> {
        self.advice.as_deref().or_else(|| Some(self.kind?.advice()))
    }
}
