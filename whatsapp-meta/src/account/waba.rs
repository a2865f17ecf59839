//! The account and the number's profile. Source: Meta, Graph API reference, WhatsApp Business Account; business
//! profiles.
use serde::{Deserialize, Serialize};
use whatsapp_core::{Error, ErrorKind, Result};

use super::Health;
use crate::{ID, Meta, endpoint::segment, page::Page, read};

/// What is asked of an account unless the caller says otherwise.
const ACCOUNT_FIELDS: &str = "id,name,status,currency,country,timezone_id,message_template_namespace,\
                              account_review_status,business_verification_status,ownership_type";
/// Everything a profile has.
const PROFILE_FIELDS: &str = "about,address,description,email,profile_picture_url,websites,vertical";

/// What Meta tells of an account. Everything may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct WabaInfo {
    /// Its id.
    #[serde(deserialize_with = "read::text")]
    pub id: Option<String>,
    /// Its name.
    #[serde(deserialize_with = "read::text")]
    pub name: Option<String>,
    /// How it stands, as `ACTIVE`.
    #[serde(deserialize_with = "read::text")]
    pub status: Option<String>,
    /// What it pays in, as `ILS`.
    #[serde(deserialize_with = "read::text")]
    pub currency: Option<String>,
    /// Its country, as `IL`.
    #[serde(deserialize_with = "read::text")]
    pub country: Option<String>,
    /// Its time zone by Meta's own numbers.
    #[serde(deserialize_with = "read::text")]
    pub timezone_id: Option<String>,
    /// The namespace of its templates.
    #[serde(deserialize_with = "read::text")]
    pub message_template_namespace: Option<String>,
    /// How its review stands, as `APPROVED`.
    #[serde(deserialize_with = "read::text")]
    pub account_review_status: Option<String>,
    /// How the business's verification stands, as `verified`.
    #[serde(deserialize_with = "read::text")]
    pub business_verification_status: Option<String>,
    /// Whose it is, as `SELF`.
    #[serde(deserialize_with = "read::text")]
    pub ownership_type: Option<String>,
    /// How many people a day the business may write to first: `TIER_250` …
    #[serde(deserialize_with = "read::text")]
    pub whatsapp_business_manager_messaging_limit: Option<String>,
    /// Whether messages can leave.
    #[serde(deserialize_with = "read::lenient")]
    pub health_status: Option<Health>,
}

/// What contacts see of the business. Everything may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct BusinessProfile {
    /// One line, at most 139 characters.
    #[serde(deserialize_with = "read::text")]
    pub about: Option<String>,
    /// Address, at most 256 characters.
    #[serde(deserialize_with = "read::text")]
    pub address: Option<String>,
    /// Description, at most 512 characters.
    #[serde(deserialize_with = "read::text")]
    pub description: Option<String>,
    /// E-mail address, at most 128 characters.
    #[serde(deserialize_with = "read::text")]
    pub email: Option<String>,
    /// Where its picture is for now.
    #[serde(deserialize_with = "read::text")]
    pub profile_picture_url: Option<String>,
    /// Up to two addresses.
    #[serde(deserialize_with = "read::texts")]
    pub websites: Vec<String>,
    /// What it does, as `RETAIL`.
    #[serde(deserialize_with = "read::text")]
    pub vertical: Option<String>,
}

impl Meta {
    /// What Meta tells of the account. `fields` as Meta names them; none for the usual ones. Source: `GET
    /// /{waba_id}?fields=`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_meta::Meta) -> whatsapp_core::Result<()> {
    /// let account = line.account_info(&["name", "health_status"]).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Config`] without an account id; what Meta's code says.
    pub async fn account_info(&self, fields: &[&str]) -> Result<WabaInfo> {
        let fields = if fields.is_empty() { ACCOUNT_FIELDS.to_owned() } else { fields.join(",") };
        self.endpoint().get(&segment(self.account()?)?, &[("fields", &fields)]).await
    }

    /// What contacts see of the business. Source: `GET /{phone_number_id}/whatsapp_business_profile`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_meta::Meta) -> whatsapp_core::Result<()> {
    /// println!("{:?}", line.business_profile().await?.about);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What Meta's code says.
    pub async fn business_profile(&self) -> Result<BusinessProfile> {
        let path = self.endpoint().of_number("whatsapp_business_profile");
        let page: Page<BusinessProfile> = self.endpoint().get(&path, &[("fields", PROFILE_FIELDS)]).await?;
        let none = || Error::new(ID, ErrorKind::Protocol, "the answer holds no profile");
        page.data.into_iter().next().ok_or_else(none)
    }
}
