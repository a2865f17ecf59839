//! A template as Meta has it. Source: Meta, Business Management API, retrieve templates.
use serde::{Deserialize, Serialize};

use super::TemplateDefinition;
use crate::{read, read::words};

words! {
    /// How a template stands. Only an approved one can be sent.
    TemplateStatus {
        /// Can be sent.
        Approved = "APPROVED",
        /// In review, for minutes or up to a day.
        Pending = "PENDING",
        /// Refused.
        Rejected = "REJECTED",
        /// Stopped for a while, for its quality.
        Paused = "PAUSED",
        /// Stopped for good.
        Disabled = "DISABLED",
        /// Refused, and looked at again.
        InAppeal = "IN_APPEAL",
        /// Being deleted.
        PendingDeletion = "PENDING_DELETION",
        /// Deleted.
        Deleted = "DELETED",
        /// The account has too many.
        LimitExceeded = "LIMIT_EXCEEDED",
        /// Put away; deleted after 28 days.
        Archived = "ARCHIVED",
    }
}

/// A template as Meta has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SyncedTemplate {
    /// Its id.
    #[serde(default, deserialize_with = "read::text")]
    pub id: Option<String>,
    /// How it stands.
    #[serde(default, deserialize_with = "read::lenient")]
    pub status: Option<TemplateStatus>,
    /// How people take it.
    #[serde(default, deserialize_with = "read::lenient", skip_serializing_if = "Option::is_none")]
    pub quality_score: Option<TemplateQuality>,
    /// Why it was refused, as `INVALID_FORMAT`; `NONE` for one that was not.
    #[serde(default, deserialize_with = "read::text", skip_serializing_if = "Option::is_none")]
    pub rejected_reason: Option<String>,
    /// More exactly what it is for.
    #[serde(default, deserialize_with = "read::text", skip_serializing_if = "Option::is_none")]
    pub sub_category: Option<String>,
    /// Its category before Meta changed it.
    #[serde(default, deserialize_with = "read::text", skip_serializing_if = "Option::is_none")]
    pub previous_category: Option<String>,
    /// The category that Meta will change it to.
    #[serde(default, deserialize_with = "read::text", skip_serializing_if = "Option::is_none")]
    pub correct_category: Option<String>,
    /// `AUTO_GENERATED` for one that Meta made.
    #[serde(default, deserialize_with = "read::text", skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What it is made of.
    #[serde(flatten)]
    pub definition: TemplateDefinition,
}

/// How people take a template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct TemplateQuality {
    /// `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    #[serde(deserialize_with = "read::text")]
    pub score: Option<String>,
    /// Since when, in seconds since 1970.
    #[serde(deserialize_with = "read::number")]
    pub date: Option<i64>,
    /// Why.
    #[serde(deserialize_with = "read::texts")]
    pub reasons: Vec<String>,
}
