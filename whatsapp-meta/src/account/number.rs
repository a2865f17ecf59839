//! A phone number at Meta. Source: Meta, Graph API reference, WhatsApp Business phone number.
use serde::{Deserialize, Serialize};
use whatsapp_core::Result;

use crate::{Meta, endpoint::segment, page::every_page, read, read::words};

/// What is asked of a number unless the caller says otherwise; what every supported version knows.
const FIELDS: &str = "id,verified_name,display_phone_number,quality_rating,status,name_status,code_verification_status,\
                      account_mode,platform_type,throughput,is_official_business_account,is_pin_enabled,\
                      last_onboarded_time,webhook_configuration";

words! {
    /// How people take the number's messages.
    Quality {
        /// Well.
        Green = "GREEN",
        /// So so.
        Yellow = "YELLOW",
        /// Badly.
        Red = "RED",
        /// Not known yet.
        Na = "NA",
        /// Not known.
        Unknown = "UNKNOWN",
    }
}

words! {
    /// How the number stands.
    NumberStatus {
        /// Registered and usable.
        Connected = "CONNECTED",
        /// Not registered yet.
        Pending = "PENDING",
        /// Usable, but of low quality.
        Flagged = "FLAGGED",
        /// Usable within limits.
        Restricted = "RESTRICTED",
        /// Too much was sent.
        RateLimited = "RATE_LIMITED",
        /// Banned.
        Banned = "BANNED",
        /// Not registered any more.
        Disconnected = "DISCONNECTED",
        /// Moved to another account.
        Migrated = "MIGRATED",
        /// Not verified.
        Unverified = "UNVERIFIED",
        /// Not known.
        Unknown = "UNKNOWN",
    }
}

words! {
    /// How the display name stands.
    NameStatus {
        /// Approved.
        Approved = "APPROVED",
        /// Usable without a review.
        AvailableWithoutReview = "AVAILABLE_WITHOUT_REVIEW",
        /// Declined.
        Declined = "DECLINED",
        /// Its certificate is too old.
        Expired = "EXPIRED",
        /// In review.
        PendingReview = "PENDING_REVIEW",
        /// There is none.
        None = "NONE",
    }
}

words! {
    /// Whether the number was proved by a code.
    Verification {
        /// It was.
        Verified = "VERIFIED",
        /// It was not.
        NotVerified = "NOT_VERIFIED",
        /// It was, too long ago.
        Expired = "EXPIRED",
    }
}

words! {
    /// What the number is for.
    AccountMode {
        /// People.
        Live = "LIVE",
        /// Tests.
        Sandbox = "SANDBOX",
    }
}

words! {
    /// Which interface the number is registered with.
    Platform {
        /// The Cloud API.
        CloudApi = "CLOUD_API",
        /// The old one, on the business's own machines.
        OnPremise = "ON_PREMISE",
        /// None.
        NotApplicable = "NOT_APPLICABLE",
    }
}

/// How much the number can send and receive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Throughput {
    /// `STANDARD` (80 messages a second), `HIGH` (1000) or `NOT_APPLICABLE`.
    #[serde(deserialize_with = "read::text")]
    pub level: Option<String>,
}

/// Where webhooks go; the number's own address counts before the account's, that before the app's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct WebhookConfiguration {
    /// The number's own address.
    #[serde(deserialize_with = "read::text")]
    pub phone_number: Option<String>,
    /// The account's address.
    #[serde(deserialize_with = "read::text")]
    pub whatsapp_business_account: Option<String>,
    /// The app's address.
    #[serde(deserialize_with = "read::text")]
    pub application: Option<String>,
}

/// What Meta tells of a number. Everything may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct NumberInfo {
    /// Its id.
    #[serde(deserialize_with = "read::text")]
    pub id: Option<String>,
    /// The name that contacts see.
    #[serde(deserialize_with = "read::text")]
    pub verified_name: Option<String>,
    /// The number as Meta formats it.
    #[serde(deserialize_with = "read::text")]
    pub display_phone_number: Option<String>,
    /// How people take its messages.
    #[serde(deserialize_with = "read::lenient")]
    pub quality_rating: Option<Quality>,
    /// How it stands.
    #[serde(deserialize_with = "read::lenient")]
    pub status: Option<NumberStatus>,
    /// How the display name stands.
    #[serde(deserialize_with = "read::lenient")]
    pub name_status: Option<NameStatus>,
    /// How a new display name stands.
    #[serde(deserialize_with = "read::lenient")]
    pub new_name_status: Option<NameStatus>,
    /// Whether it was proved by a code.
    #[serde(deserialize_with = "read::lenient")]
    pub code_verification_status: Option<Verification>,
    /// What it is for.
    #[serde(deserialize_with = "read::lenient")]
    pub account_mode: Option<AccountMode>,
    /// Which interface it is registered with.
    #[serde(deserialize_with = "read::lenient")]
    pub platform_type: Option<Platform>,
    /// How much it can send and receive.
    #[serde(deserialize_with = "read::lenient")]
    pub throughput: Option<Throughput>,
    /// How many people a day it may write to first, before version 24: `TIER_250` …
    #[serde(deserialize_with = "read::text")]
    pub messaging_limit_tier: Option<String>,
    /// The same from version 24 on, for the whole business: `TIER_250`, `TIER_2K`, `TIER_UNLIMITED` …
    #[serde(deserialize_with = "read::text")]
    pub whatsapp_business_manager_messaging_limit: Option<String>,
    /// Whether it carries the badge.
    #[serde(deserialize_with = "read::flag")]
    pub is_official_business_account: Option<bool>,
    /// Whether two-step verification is on.
    #[serde(deserialize_with = "read::flag")]
    pub is_pin_enabled: Option<bool>,
    /// Whether it is used in the WhatsApp Business app too.
    #[serde(deserialize_with = "read::flag")]
    pub is_on_biz_app: Option<bool>,
    /// When it was last taken in, as Meta writes times.
    #[serde(deserialize_with = "read::text")]
    pub last_onboarded_time: Option<String>,
    /// Its username.
    #[serde(deserialize_with = "read::text")]
    pub username: Option<String>,
    /// Where its webhooks go.
    #[serde(deserialize_with = "read::lenient")]
    pub webhook_configuration: Option<WebhookConfiguration>,
}

impl NumberInfo {
    /// How many people a day may be written to first, under whichever name the version tells it.
    #[must_use]
    pub fn messaging_limit(&self) -> Option<&str> {
        self.whatsapp_business_manager_messaging_limit.as_deref().or(self.messaging_limit_tier.as_deref())
    }
}

impl Meta {
    /// What Meta tells of this line's number. `fields` as Meta names them; none for the usual ones. Source: `GET
    /// /{phone_number_id}?fields=`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_meta::Meta) -> whatsapp_core::Result<()> {
    /// let number = line.number_info(&[]).await?;
    /// println!("{:?} {:?}", number.verified_name, number.quality_rating);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What Meta's code says; a field that the version does not know is code 100.
    pub async fn number_info(&self, fields: &[&str]) -> Result<NumberInfo> {
        let fields = if fields.is_empty() { FIELDS.to_owned() } else { fields.join(",") };
        self.endpoint().get(&self.endpoint().number, &[("fields", &fields)]).await
    }

    /// Every number of the account. Source: `GET /{waba_id}/phone_numbers`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_meta::Meta) -> whatsapp_core::Result<()> {
    /// for number in line.account_numbers().await? {
    ///     println!("{:?} {:?}", number.id, number.status);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Config`](whatsapp_core::ErrorKind::Config) without an account id; what Meta's code says.
    pub async fn account_numbers(&self) -> Result<Vec<NumberInfo>> {
        let path = format!("{}/phone_numbers", segment(self.account()?)?);
        let ask = |after: Option<String>| {
            let path = &path;
            async move {
                let mut query = vec![("fields", FIELDS), ("limit", "100")];
                query.extend(after.as_deref().map(|after| ("after", after)));
                self.endpoint().get(path, &query).await
            }
        };
        every_page(ask).await
    }
}
