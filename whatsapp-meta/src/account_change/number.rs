//! What happens to a business number. Source: Meta, Webhooks reference, `phone_number_*`, `security`,
//! `business_username_updates` and `account_settings_update`.
use chrono::{DateTime, Utc};

use super::{lenient::details, limit::MessagingLimit};

details! {
    /// Meta decided on the name that a number shows.
    PhoneNumberName {
        /// The number, in digits.
        display_phone_number: Option<String>,
        /// `APPROVED`, `REJECTED`, `DEFERRED`.
        decision: Option<String>,
        /// The name that was asked for.
        requested_verified_name: Option<String>,
        /// Why not: `NAME_CONTENT_VIOLATION` …
        rejection_reason: Option<String>,
    }
    /// A number may send more, less or faster.
    PhoneNumberQuality {
        /// The number, in digits.
        display_phone_number: Option<String>,
        /// `ONBOARDING`, `THROUGHPUT_UPGRADE`; in older webhooks `FLAGGED`, `UNFLAGGED`, `UPGRADE`, `DOWNGRADE`.
        event: Option<String>,
        /// The limit before; in older webhooks.
        old_limit: Option<MessagingLimit>,
        /// The limit now; until February 2026. With `THROUGHPUT_UPGRADE` it is about messages per second.
        current_limit: Option<MessagingLimit>,
        /// The limit of the whole business now.
        max_daily_conversations_per_business: Option<MessagingLimit>,
    }
    /// The PIN of a number's two-step verification was changed or asked for.
    Security {
        /// The number, in digits.
        display_phone_number: Option<String>,
        /// `PIN_CHANGED`, `PIN_RESET_REQUEST`, `PIN_REQUEST_SUCCESS`; `PIN_RESET_SUCCESS` was seen too.
        event: Option<String>,
        /// The user of the business portfolio who did it.
        requester: Option<String>,
    }
    /// The user name of a business came or went.
    BusinessUsername {
        /// The number, in digits.
        display_phone_number: Option<String>,
        /// The name, without `@`.
        username: Option<String>,
        /// `approved`, `reserved`, `deleted`.
        status: Option<String>,
    }
    /// Settings of a number were changed.
    AccountSettings {
        /// When.
        timestamp: Option<DateTime<Utc>>,
        /// Which: `phone_number_settings`.
        #[serde(rename = "type")]
        kind: Option<String>,
        /// The settings of a number.
        phone_number_settings: Option<NumberSettings>,
    }
    /// Settings of a number.
    NumberSettings {
        /// The number's id.
        phone_number_id: Option<String>,
        /// How it takes calls.
        calling: Option<CallSettings>,
    }
    /// How a number takes calls.
    CallSettings {
        /// `ENABLED`, `DISABLED`.
        status: Option<String>,
        /// Who sees the button: `DEFAULT`, `DISABLE_ALL`.
        call_icon_visibility: Option<String>,
        /// Whether a call makes people ask to be called back: `ENABLED`, `DISABLED`.
        callback_permission_status: Option<String>,
        /// When.
        call_hours: Option<CallHours>,
        /// Through whose telephone system.
        sip: Option<Sip>,
    }
    /// When a number takes calls.
    CallHours {
        /// `ENABLED`, `DISABLED`.
        status: Option<String>,
        /// The time zone of the hours: `Asia/Jerusalem`.
        timezone_id: Option<String>,
        /// The hours of a week.
        weekly_operating_hours: Vec<OpenHours>,
        /// Days that differ.
        holiday_schedule: Vec<Holiday>,
    }
    /// The hours of a day of the week.
    OpenHours {
        /// `SUNDAY` …
        day_of_week: Option<String>,
        /// From when: `0830`.
        open_time: Option<String>,
        /// Until when: `1700`.
        close_time: Option<String>,
    }
    /// A day that differs.
    Holiday {
        /// `2026-10-02`.
        date: Option<String>,
        /// From when: `0830`.
        start_time: Option<String>,
        /// Until when: `1700`.
        end_time: Option<String>,
    }
    /// A telephone system that takes the calls.
    Sip {
        /// `ENABLED`, `DISABLED`.
        status: Option<String>,
        /// Where it is.
        servers: Vec<SipServer>,
    }
    /// Where a telephone system is.
    SipServer {
        /// Its name.
        hostname: Option<String>,
        /// Its port.
        port: Option<i64>,
    }
}
