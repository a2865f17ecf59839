//! What exactly changed of an account, a number, a template: the detail of
//! [`Event::Account`] and [`Event::Template`], typed.
//!
//! Every field may be missing, and one that is of another type than documented counts as missing. Words that Meta
//! adds to often are texts. Source: Meta, Webhooks reference.
mod account;
mod activity;
mod business;
mod lenient;
mod limit;
mod number;
mod quirk;
mod template;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, value::RawValue};
use whatsapp_core::{Envelope, Event};

use self::lenient::Lenient;
pub use self::{
    account::{
        AccountAlert, AccountInfo, AccountReview, AccountUpdate, Ban, Certification, Disconnection, InternationalRates,
        PartnerSolution, PaymentConfiguration, RateCountry, Restriction, Violation, VolumeTier,
    },
    activity::{
        AutomaticEvent, Control, ConversationContext, FlowError, FlowUpdate, Handover, HandoverRecipient,
        HandoverSender, Purchase, Summary, TrackingData, TrackingEvent,
    },
    business::{BusinessCapability, BusinessStatus},
    limit::MessagingLimit,
    number::{
        AccountSettings, BusinessUsername, CallHours, CallSettings, Holiday, NumberSettings, OpenHours,
        PhoneNumberName, PhoneNumberQuality, Security, Sip, SipServer,
    },
    template::{
        ComponentButton, DisableInfo, OtherInfo, RejectionInfo, TemplateCategory, TemplateComponents,
        TemplateCorrectCategory, TemplateQuality, TemplateStatus,
    },
};
use crate::ID;

macro_rules! changes {
    ($($(#[$meta:meta])* $name:ident = $field:literal,)*) => {
        /// What exactly changed of an account, a number, a template; written as Meta writes it, `field` and `value`.
        #[derive(Clone, Debug, PartialEq, Serialize)]
        #[serde(tag = "field", content = "value")]
        #[non_exhaustive]
        pub enum AccountChange {
            $($(#[$meta])* #[serde(rename = $field)] $name(Box<$name>),)*
        }

        impl AccountChange {
            /// Meta's name of the field: `account_update`, `message_template_status_update` …
            ///
            /// ```
            /// # use whatsapp_meta::account_change::{AccountChange, AccountReview};
            /// let change = AccountChange::AccountReview(Box::new(AccountReview::default()));
            /// assert_eq!(change.field(), "account_review_update");
            /// ```
            #[must_use]
            pub const fn field(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => $field,)*
                }
            }

            fn of_field(field: &str, value: Value) -> Option<Self> {
                match field {
                    $($field => Lenient::read(value).map(Self::$name),)*
                    _ => None,
                }
            }
        }
    };
}

changes! {
    /// A template may be sent, or no longer.
    TemplateStatus = "message_template_status_update",
    /// People like a template more or less than before.
    TemplateQuality = "message_template_quality_update",
    /// A template has another wording.
    TemplateComponents = "message_template_components_update",
    /// A template counts as something else, or will soon.
    TemplateCategory = "template_category_update",
    /// A template counts as the wrong thing.
    TemplateCorrectCategory = "template_correct_category_detection",
    /// Something that a person should look at.
    AccountAlert = "account_alerts",
    /// Meta looked at an account.
    AccountReview = "account_review_update",
    /// Settings of a number were changed.
    AccountSettings = "account_settings_update",
    /// Something happened to an account.
    AccountUpdate = "account_update",
    /// A lead or purchase in a chat that an advertisement began.
    AutomaticEvent = "automatic_events",
    /// A business may do more or less than before.
    BusinessCapability = "business_capability_update",
    /// A business stands otherwise with Meta.
    BusinessStatus = "business_status_update",
    /// The user name of a business came or went.
    BusinessUsername = "business_username_updates",
    /// A flow changed, or does not work as it should.
    FlowUpdate = "flows",
    /// Another application answers a chat from now on.
    Handover = "messaging_handovers",
    /// A solution of several partners changed.
    PartnerSolution = "partner_solutions",
    /// A way to pay changed.
    PaymentConfiguration = "payment_configuration_update",
    /// Meta decided on the name that a number shows.
    PhoneNumberName = "phone_number_name_update",
    /// A number may send more, less or faster.
    PhoneNumberQuality = "phone_number_quality_update",
    /// The PIN of a number was changed or asked for.
    Security = "security",
    /// A click on a marketing message.
    TrackingEvent = "tracking_events",
}

/// A change as the raw bytes of its event hold it.
#[derive(Deserialize)]
struct Change<'a> {
    field: String,
    #[serde(borrow)]
    value: &'a RawValue,
}

impl AccountChange {
    /// The detail of an [`Event::Account`] or [`Event::Template`] of this provider.
    ///
    /// It is read from [`Envelope::raw`], so `None` also where an envelope was stored without it.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use whatsapp_core::{AccountUpdate, Envelope, Event};
    /// use whatsapp_meta::{AccountChange, ID};
    ///
    /// // As the parser makes it.
    /// let raw = r#"{"field": "account_update", "value": {"event": "ACCOUNT_RESTRICTION", "restriction_info":
    ///     [{"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": "1790300000"}]}}"#;
    /// let event = Event::Account(AccountUpdate::new("account_update", Some("ACCOUNT_RESTRICTION".to_owned())));
    /// let envelope = Envelope::new(ID, "waba:9106500000000001".into(), event, Bytes::from(raw));
    ///
    /// let Some(AccountChange::AccountUpdate(update)) = AccountChange::of(&envelope) else {
    ///     panic!("an account's update");
    /// };
    /// assert_eq!(update.restriction_info[0].expiration.unwrap().timestamp(), 1_790_300_000);
    /// ```
    #[must_use]
    pub fn of(envelope: &Envelope) -> Option<Self> {
        if envelope.provider != ID {
            return None;
        }
        let raw = std::str::from_utf8(&envelope.raw).ok()?;
        match &envelope.event {
            // Their changes hold several, and each is an event of its own.
            Event::Account(update) if matches!(&*update.kind, "automatic_events" | "tracking_events") => {
                Self::read(&update.kind, raw)
            }
            Event::Account(_) | Event::Template(_) => {
                let change: Change<'_> = serde_json::from_str(raw).ok()?;
                Self::read(&change.field, change.value.get())
            }
            _ => None,
        }
    }

    /// Reads the value of `field`; `None` for another field, and if nothing of it can be read.
    pub(crate) fn read(field: &str, value: &str) -> Option<Self> {
        let mut value: Map<String, Value> = serde_json::from_str(value).ok()?;
        let field = quirk::mend(field, &mut value);
        Self::of_field(field, Value::Object(value))
    }
}
