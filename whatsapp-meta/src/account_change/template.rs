//! What happens to a template. Source: Meta, Webhooks reference, `message_template_*` and `template_*`.
use chrono::{DateTime, Utc};

use super::lenient::details;

details! {
    /// A template may be sent, or no longer.
    TemplateStatus {
        /// The template's id.
        #[serde(rename = "message_template_id")]
        id: Option<String>,
        /// Its name.
        #[serde(rename = "message_template_name")]
        name: Option<String>,
        /// Its language, with an underscore: `he`, `en_US`.
        #[serde(rename = "message_template_language")]
        language: Option<String>,
        /// What it counts as: `MARKETING`, `UTILITY`, `AUTHENTICATION`.
        #[serde(rename = "message_template_category")]
        category: Option<String>,
        /// `APPROVED`, `ARCHIVED`, `UNARCHIVED`, `DELETED`, `DISABLED`, `FLAGGED`, `IN_APPEAL`, `LIMIT_EXCEEDED`,
        /// `LOCKED`, `PAUSED`, `PENDING`, `REINSTATED`, `PENDING_DELETION`, `REJECTED`.
        event: Option<String>,
        /// Why: `ABUSIVE_CONTENT`, `INCORRECT_CATEGORY`, `INVALID_FORMAT`, `PROMOTIONAL`, `SCAM`,
        /// `TAG_CONTENT_MISMATCH`; `NONE` where there is no reason.
        reason: Option<String>,
        /// When it stops.
        disable_info: Option<DisableInfo>,
        /// More on a pause, its end or a stop.
        other_info: Option<OtherInfo>,
        /// More on a rejection.
        rejection_info: Option<RejectionInfo>,
    }
    /// When a template stops.
    DisableInfo {
        /// Unix seconds, or in older webhooks a date such as `10/05/2026`, whose order of day and month is not
        /// documented. As Meta wrote it.
        disable_date: Option<String>,
    }
    /// More on a pause, its end or a stop.
    OtherInfo {
        /// `FIRST_PAUSE`, `SECOND_PAUSE`, `RATE_LIMITING_PAUSE`, `UNPAUSE`, `DISABLED`.
        title: Option<String>,
        /// In a sentence.
        description: Option<String>,
    }
    /// More on a rejection.
    RejectionInfo {
        /// What is wrong, in a sentence.
        reason: Option<String>,
        /// What to do about it, in a sentence.
        recommendation: Option<String>,
    }
    /// People like a template more or less than before.
    TemplateQuality {
        /// The template's id.
        #[serde(rename = "message_template_id")]
        id: Option<String>,
        /// Its name.
        #[serde(rename = "message_template_name")]
        name: Option<String>,
        /// Its language, with an underscore.
        #[serde(rename = "message_template_language")]
        language: Option<String>,
        /// `GREEN`, `YELLOW`, `RED`, `UNKNOWN` before.
        previous_quality_score: Option<String>,
        /// And now.
        new_quality_score: Option<String>,
    }
    /// A template has another wording.
    TemplateComponents {
        /// The template's id.
        #[serde(rename = "message_template_id")]
        id: Option<String>,
        /// Its name.
        #[serde(rename = "message_template_name")]
        name: Option<String>,
        /// Its language, with an underscore.
        #[serde(rename = "message_template_language")]
        language: Option<String>,
        /// The text above the body.
        #[serde(rename = "message_template_title")]
        header: Option<String>,
        /// The body, with its variables.
        #[serde(rename = "message_template_element")]
        body: Option<String>,
        /// The text below the body.
        #[serde(rename = "message_template_footer")]
        footer: Option<String>,
        /// The buttons, in order.
        #[serde(rename = "message_template_buttons")]
        buttons: Vec<ComponentButton>,
    }
    /// A button of a template.
    ComponentButton {
        /// `URL`, `PHONE_NUMBER`, `QUICK_REPLY` …
        #[serde(rename = "message_template_button_type")]
        kind: Option<String>,
        /// What stands on it.
        #[serde(rename = "message_template_button_text")]
        text: Option<String>,
        /// The address it opens.
        #[serde(rename = "message_template_button_url")]
        url: Option<String>,
        /// The number it calls.
        #[serde(rename = "message_template_button_phone_number")]
        phone_number: Option<String>,
    }
    /// A template counts as something else, or will within a day.
    TemplateCategory {
        /// The template's id.
        #[serde(rename = "message_template_id")]
        id: Option<String>,
        /// Its name.
        #[serde(rename = "message_template_name")]
        name: Option<String>,
        /// Its language, with an underscore.
        #[serde(rename = "message_template_language")]
        language: Option<String>,
        /// What it counted as; only once the change is done.
        previous_category: Option<String>,
        /// What it counts as now.
        new_category: Option<String>,
        /// What it will count as; only while the change is announced.
        correct_category: Option<String>,
        /// When the announced change is made.
        #[serde(rename = "category_update_timestamp")]
        at: Option<DateTime<Utc>>,
    }
    /// Meta finds that a template counts as the wrong thing.
    TemplateCorrectCategory {
        /// The template's id.
        #[serde(rename = "message_template_id")]
        id: Option<String>,
        /// Its name.
        #[serde(rename = "message_template_name")]
        name: Option<String>,
        /// Its language, with an underscore.
        #[serde(rename = "message_template_language")]
        language: Option<String>,
        /// What it counts as.
        #[serde(alias = "current_category")]
        category: Option<String>,
        /// What it should count as.
        #[serde(alias = "suggested_category")]
        correct_category: Option<String>,
    }
}
