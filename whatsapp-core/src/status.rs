//! How far a message has come.
use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// State of a message. Webhooks repeat, skip and arrive in any order, so states only join: the later state
/// in the order below wins.
///
/// `failed` beats `sent` (it was accepted and then refused), `delivered` beats `failed` (a late failure after
/// a delivery is noise).
///
/// ```
/// use whatsapp_core::Status;
/// assert_eq!(Status::Delivered.join(Status::Failed), Status::Delivered);
/// assert_eq!(Status::Sent.join(Status::Failed), Status::Failed);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Status {
    /// Inbound: a contact's message.
    Received,
    /// Waits for its turn.
    Queued,
    /// Handed to the provider, not yet confirmed.
    Sending,
    /// Left the provider; one tick.
    Sent,
    /// Refused, now or after acceptance.
    Failed,
    /// Reached the phone; two ticks.
    Delivered,
    /// Seen; blue ticks.
    Read,
    /// A voice note was played.
    Played,
    /// Deleted for everyone.
    Deleted,
}

impl Status {
    /// Every state, in joining order.
    pub const ALL: [Self; 9] = [
        Self::Received,
        Self::Queued,
        Self::Sending,
        Self::Sent,
        Self::Failed,
        Self::Delivered,
        Self::Read,
        Self::Played,
        Self::Deleted,
    ];

    /// Stable name, as JSON and storage spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Played => "played",
            Self::Deleted => "deleted",
        }
    }

    /// The state after both are known: the maximum. Commutative, associative, idempotent.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        self.max(other)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no [`Status`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a message status")]
pub struct UnknownStatus;

impl FromStr for Status {
    type Err = UnknownStatus;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or(UnknownStatus)
    }
}

/// When each state was first reached. Joining two timelines keeps the earliest time per state.
///
/// ```
/// use chrono::DateTime;
/// use whatsapp_core::{Status, Timeline};
/// let at = |s| DateTime::from_timestamp(s, 0).unwrap();
/// let mut seen = Timeline::default();
/// seen.reach(Status::Read, at(30));
/// seen.reach(Status::Sent, at(10));
/// seen.reach(Status::Sent, at(11));
/// assert_eq!(seen.status(), Some(Status::Read));
/// assert_eq!(seen.at(Status::Sent), Some(at(10)));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timeline([Option<DateTime<Utc>>; Status::ALL.len()]);

impl Timeline {
    /// Notes that `status` was reached `at`.
    pub fn reach(&mut self, status: Status, at: DateTime<Utc>) {
        if let Some(slot) = self.0.get_mut(status as usize) {
            *slot = Some(slot.map_or(at, |known| known.min(at)));
        }
    }

    /// When `status` was first reached.
    #[must_use]
    pub fn at(&self, status: Status) -> Option<DateTime<Utc>> {
        self.0.get(status as usize).copied().flatten()
    }

    /// The state that all notes join to; `None` before the first.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        Status::ALL.into_iter().rev().find(|status| self.at(*status).is_some())
    }

    /// What both know. Commutative, associative, idempotent.
    #[must_use]
    pub fn join(mut self, other: Self) -> Self {
        for status in Status::ALL {
            if let Some(at) = other.at(status) {
                self.reach(status, at);
            }
        }
        self
    }
}
