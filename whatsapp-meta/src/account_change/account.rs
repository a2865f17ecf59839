//! What happens to a WhatsApp Business Account as such. Source: Meta, Webhooks reference, `account_update`.
use chrono::{DateTime, Utc};

use super::lenient::details;

details! {
    /// Something happened to an account: it was restricted, shared with a partner, deleted …
    AccountUpdate {
        /// `ACCOUNT_DELETED`, `ACCOUNT_OFFBOARDED`, `ACCOUNT_RECONNECTED`, `ACCOUNT_RESTRICTION`,
        /// `ACCOUNT_VIOLATION`, `AD_ACCOUNT_LINKED`, `AUTH_INTL_PRICE_ELIGIBILITY_UPDATE`,
        /// `BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE`, `DISABLED_UPDATE`, `MM_LITE_TERMS_SIGNED`, `PARTNER_ADDED`,
        /// `PARTNER_APP_INSTALLED`, `PARTNER_APP_UNINSTALLED`, `PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE`,
        /// `PARTNER_REMOVED`, `VERIFIED_ACCOUNT`, `VOLUME_BASED_PRICING_TIER_UPDATE`.
        event: Option<String>,
        /// The business number, in digits; only with `VERIFIED_ACCOUNT`.
        phone_number: Option<String>,
        /// Where the business is, by two letters.
        country: Option<String>,
        /// A ban, set, planned or lifted.
        ban_info: Option<Ban>,
        /// The rule that was broken.
        violation_info: Option<Violation>,
        /// What the account may not do for now.
        restriction_info: Vec<Restriction>,
        /// The account, where it is not that of the webhook's entry: of a partner's client.
        waba_info: Option<AccountInfo>,
        /// Since when one-time codes to abroad have a price of their own.
        #[serde(rename = "auth_international_rate_eligibility")]
        international_rates: Option<InternationalRates>,
        /// A step of the prices by volume.
        volume_tier_info: Option<VolumeTier>,
        /// Why the business left.
        disconnection_info: Option<Disconnection>,
        /// How far the check of a partner's client came.
        #[serde(rename = "partner_client_certification_info")]
        certification: Option<Certification>,
    }
    /// A ban, set, planned or lifted.
    Ban {
        /// `DISABLE`, `REINSTATE`, `SCHEDULE_FOR_DISABLE`.
        #[serde(rename = "waba_ban_state")]
        state: Option<String>,
        /// In English words: `October 3, 2026`.
        #[serde(rename = "waba_ban_date")]
        date: Option<String>,
    }
    /// A rule that was broken.
    Violation {
        /// `SPAM`, `SCAM`, `ADULT` …
        #[serde(rename = "violation_type")]
        kind: Option<String>,
        /// What to do about it, in a sentence.
        remediation: Option<String>,
    }
    /// What an account may not do for now.
    Restriction {
        /// `RESTRICTED_ADD_PHONE_NUMBER_ACTION`, `RESTRICTED_BIZ_INITIATED_MESSAGING`,
        /// `RESTRICTED_CUSTOMER_INITIATED_MESSAGING`, `RESTRICTED_BUSINESS_INITIATED_CALLING`,
        /// `RESTRICTED_USER_INITIATED_CALLING`, `RESTRICTED_UTILITY_TEMPLATES`.
        #[serde(rename = "restriction_type")]
        kind: Option<String>,
        /// Until when. `None` for a restriction without end.
        expiration: Option<DateTime<Utc>>,
        /// What to do about it, in a sentence.
        remediation: Option<String>,
    }
    /// The account that an event at a partner is about.
    AccountInfo {
        /// The account's id.
        waba_id: Option<String>,
        /// The business portfolio that owns it.
        owner_business_id: Option<String>,
        /// The partner's application.
        partner_app_id: Option<String>,
        /// The advertisement account now linked with it.
        ad_account_linked: Option<String>,
        /// The solution of several partners through which it came.
        solution_id: Option<String>,
        /// Those partners' business portfolios.
        solution_partner_business_ids: Vec<String>,
    }
    /// Since when one-time codes to abroad have a price of their own.
    InternationalRates {
        /// Since when.
        start_time: Option<DateTime<Utc>>,
        /// Countries where it is another day.
        exception_countries: Vec<RateCountry>,
    }
    /// A country with a day of its own.
    RateCountry {
        /// Two letters.
        country_code: Option<String>,
        /// Since when.
        start_time: Option<DateTime<Utc>>,
    }
    /// A step of the prices by volume.
    VolumeTier {
        /// When it was reached.
        tier_update_time: Option<DateTime<Utc>>,
        /// Of which messages: `UTILITY`, `AUTHENTICATION`.
        pricing_category: Option<String>,
        /// From how many messages to how many: `1000001:5000000`.
        tier: Option<String>,
        /// For which month: `2026-10`.
        effective_month: Option<String>,
        /// Where: a country, or a group of them in words.
        region: Option<String>,
    }
    /// Why a business left.
    Disconnection {
        /// `ACCOUNT_DISCONNECTED`, `BUSINESS_DOWNGRADE`, `CHANGE_NUMBER`, `COMPANION_INACTIVITY`,
        /// `PRIMARY_INACTIVITY`, `USER_RE_REGISTERED`.
        reason: Option<String>,
        /// `USER` or `SYSTEM`.
        initiated_by: Option<String>,
    }
    /// How far the check of a partner's client came.
    Certification {
        /// The client's business portfolio.
        client_business_id: Option<String>,
        /// `APPROVED`, `REJECTED`, `DISCARDED` …
        status: Option<String>,
        /// Why not: `ADDRESS_NOT_MATCHING` …; `NONE` where nothing is wrong.
        rejection_reasons: Vec<String>,
    }
    /// Meta looked at an account.
    AccountReview {
        /// `APPROVED`, `REJECTED`, `PENDING`, `DEFERRED`.
        decision: Option<String>,
    }
    /// Something that a person should look at.
    AccountAlert {
        /// What it is about: `BUSINESS`, `PHONE_NUMBER`, `WABA`.
        entity_type: Option<String>,
        /// That thing's id.
        entity_id: Option<String>,
        /// `INFORMATIONAL`, `WARNING`, `CRITICAL`.
        #[serde(rename = "alert_severity")]
        severity: Option<String>,
        /// `ACTIVE`, `NONE`.
        #[serde(rename = "alert_status")]
        status: Option<String>,
        /// `INCREASED_CAPABILITIES_ELIGIBILITY_DEFERRED`, `INCREASED_CAPABILITIES_ELIGIBILITY_FAILED`,
        /// `INCREASED_CAPABILITIES_ELIGIBILITY_NEED_MORE_INFO`, `OBA_APPROVED`, `OBA_REJECTED`,
        /// `PROFILE_PICTURE_LOST`.
        #[serde(rename = "alert_type")]
        kind: Option<String>,
        /// In a sentence.
        #[serde(rename = "alert_description")]
        description: Option<String>,
    }
    /// A solution of several partners changed.
    PartnerSolution {
        /// `SOLUTION_CREATED`, `SOLUTION_UPDATED`.
        event: Option<String>,
        /// The solution's id.
        solution_id: Option<String>,
        /// `DRAFT`, `INITIATED`, `ACTIVE`, `REJECTED`, `PENDING_DEACTIVATION`, `DEACTIVATED`.
        solution_status: Option<String>,
    }
    /// A way to pay changed.
    PaymentConfiguration {
        /// The name it was given.
        configuration_name: Option<String>,
        /// Who takes the money.
        provider_name: Option<String>,
        /// The merchant's id there.
        provider_mid: Option<String>,
        /// `Active`, `Needs Testing` …, in words.
        status: Option<String>,
        /// When it was made.
        created_timestamp: Option<DateTime<Utc>>,
        /// When it was last changed.
        updated_timestamp: Option<DateTime<Utc>>,
    }
}
