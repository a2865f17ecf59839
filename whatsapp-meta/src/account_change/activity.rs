//! What people and machines do with a number: forms, advertisements, who answers a chat. Source: Meta, Webhooks
//! reference, `flows`, `automatic_events`, `tracking_events` and `messaging_handovers`.
use chrono::{DateTime, Utc};
use whatsapp_core::PhoneNumber;

use super::lenient::details;

details! {
    /// A flow changed, or does not work as it should.
    FlowUpdate {
        /// `FLOW_STATUS_CHANGE`, `CLIENT_ERROR_RATE`, `ENDPOINT_ERROR_RATE`, `ENDPOINT_LATENCY`,
        /// `ENDPOINT_AVAILABILITY`, `FLOW_VERSION_FREEZE_WARNING`, `FLOW_VERSION_EXPIRY_WARNING`.
        event: Option<String>,
        /// The flow's id.
        flow_id: Option<String>,
        /// In a sentence.
        message: Option<String>,
        /// What comes of an old version, in a sentence.
        warning: Option<String>,
        /// `DRAFT`, `PUBLISHED`, `DEPRECATED`, `BLOCKED`, `THROTTLED` before.
        old_status: Option<String>,
        /// And now.
        new_status: Option<String>,
        /// Whether the alert begins or ends: `ACTIVATED`, `DEACTIVATED`.
        alert_state: Option<String>,
        /// Above or below what it is an alert: per cent, with `ENDPOINT_LATENCY` milliseconds.
        threshold: Option<f64>,
        /// Requests that failed, in per cent.
        error_rate: Option<f64>,
        /// The failures by kind.
        errors: Vec<FlowError>,
        /// Half of the requests were answered within so many milliseconds.
        p50_latency: Option<i64>,
        /// Nine of ten requests were answered within so many milliseconds.
        p90_latency: Option<i64>,
        /// How many requests there were.
        requests_count: Option<i64>,
        /// How often the endpoint could be reached, in per cent.
        availability: Option<f64>,
    }
    /// Failures of one kind.
    FlowError {
        /// `TIMEOUT`, `CAPABILITY_ERROR`, `INVALID_SCREEN_TRANSITION` …
        #[serde(rename = "error_type")]
        kind: Option<String>,
        /// Their part of all failures, in per cent.
        #[serde(rename = "error_rate")]
        rate: Option<f64>,
        /// How many there were.
        #[serde(rename = "error_count")]
        count: Option<i64>,
    }
    /// Meta found a lead or purchase in a chat that an advertisement began.
    AutomaticEvent {
        /// The message that it was found in.
        id: Option<String>,
        /// `LeadSubmitted`, `Purchase`.
        event_name: Option<String>,
        /// When.
        timestamp: Option<DateTime<Utc>>,
        /// The click on the advertisement.
        ctwa_clid: Option<String>,
        /// What was bought for.
        custom_data: Option<Purchase>,
    }
    /// What was bought for.
    Purchase {
        /// Three letters: `ILS`.
        currency: Option<String>,
        /// How much, as Meta writes it; whether in whole or in hundredths is not documented.
        value: Option<f64>,
    }
    /// A click on a marketing message.
    TrackingEvent {
        /// `marketing_messages_link_click` …
        event_name: Option<String>,
        /// When.
        timestamp: Option<DateTime<Utc>>,
        /// What tells the click from others.
        tracking_data: Option<TrackingData>,
    }
    /// What tells a click from others.
    TrackingData {
        /// The click.
        click_id: Option<String>,
        /// The message's mark in the link.
        tracking_token: Option<String>,
    }
    /// Another application answers a chat from now on.
    Handover {
        /// `control_passed`, `control_taken`.
        #[serde(rename = "type")]
        kind: Option<String>,
        /// When.
        timestamp: Option<DateTime<Utc>>,
        /// The person outside.
        sender: Option<HandoverSender>,
        /// The business number.
        recipient: Option<HandoverRecipient>,
        /// With `control_passed`.
        control_passed: Option<Control>,
        /// With `control_taken`.
        control_taken: Option<Control>,
    }
    /// The person whose chat it is.
    HandoverSender {
        /// Their number.
        phone_number: Option<PhoneNumber>,
    }
    /// The number whose chat it is.
    HandoverRecipient {
        /// The number's id.
        phone_number_id: Option<String>,
        /// The number, in digits.
        display_phone_number: Option<String>,
    }
    /// Who answered, and who does now.
    Control {
        /// The application that answered.
        previous_owner_app_id: Option<String>,
        /// Its role: `meta_business_agent` …
        previous_owner_app_role: Option<String>,
        /// What it answered as: `customer_service`, `marketing`, `utility`, `ctwa`, `ai_agent`, `escalation`.
        previous_owner_role: Option<String>,
        /// What the next one answers as.
        new_owner_role: Option<String>,
        /// What the one wanted to tell the other.
        metadata: Option<String>,
        /// What the chat was about.
        conversation_context: Option<ConversationContext>,
    }
    /// What a chat was about.
    ConversationContext {
        /// `summary`.
        #[serde(rename = "type")]
        kind: Option<String>,
        /// In a few sentences.
        summary: Option<Summary>,
    }
    /// What a chat was about, in a few sentences.
    Summary {
        /// The sentences.
        text: Option<String>,
    }
}
