use serde::{Deserialize, Serialize};

use crate::{CorrelationId, Identity, MessageId, Status};

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
}

impl StatusUpdate {
    /// Message `id` reached `status`.
    #[must_use]
    pub const fn new(id: MessageId, status: Status) -> Self {
        Self { id, status, recipient: None, participant: None, correlation: None, error: None }
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
}

/// Why a message failed after it was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DeliveryError {
    /// The provider's code.
    pub code: Option<i64>,
    /// The provider's words.
    pub message: String,
}

impl DeliveryError {
    /// A failure in the provider's words.
    #[must_use]
    pub fn new(code: Option<i64>, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}
