//! What a send may say beside its message. Source: Twilio, Messages resource, "Create a Message".
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use whatsapp_core::Result;

use crate::endpoint::invalid;

/// Fields that the message or the line writes.
const OURS: [&str; 10] = [
    "To",
    "From",
    "MessagingServiceSid",
    "Body",
    "MediaUrl",
    "ContentSid",
    "ContentVariables",
    "PersistentAction",
    "StatusCallback",
    "SendAt",
];

/// What a send may say beside its message.
///
/// ```
/// use std::time::Duration;
/// use whatsapp_twilio::SendOptions;
/// let code = SendOptions::new().with_validity(Duration::from_secs(600)).without_content();
/// assert_eq!(code, code.clone());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SendOptions {
    /// When to send it; 15 minutes to 35 days ahead, and by a messaging service only.
    pub send_at: Option<DateTime<Utc>>,
    /// How long it may wait at Twilio before it fails: 1 to 36,000 whole seconds; ten hours if absent.
    pub validity: Option<Duration>,
    /// Twilio keeps no words of it.
    pub discard_content: bool,
    /// Twilio keeps no whole number of the recipient's.
    pub obfuscate_address: bool,
    /// Further fields as the Messages resource names them, for what stands above in no field.
    pub fields: Vec<(String, String)>,
}

impl SendOptions {
    /// None of it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends it later.
    #[must_use]
    pub const fn at(mut self, time: DateTime<Utc>) -> Self {
        self.send_at = Some(time);
        self
    }

    /// Lets it fail if it could not be sent within `validity`.
    #[must_use]
    pub const fn with_validity(mut self, validity: Duration) -> Self {
        self.validity = Some(validity);
        self
    }

    /// Has Twilio keep no words of it. A send whose answer is lost can then be found by its recipient only.
    #[must_use]
    pub const fn without_content(mut self) -> Self {
        self.discard_content = true;
        self
    }

    /// Has Twilio keep no whole number of the recipient's. A send whose answer is lost can then be found by its status
    /// only.
    #[must_use]
    pub const fn without_address(mut self) -> Self {
        self.obfuscate_address = true;
        self
    }

    /// Adds a field as the Messages resource names it.
    #[must_use]
    pub fn with_field(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.fields.push((name.into(), value.into()));
        self
    }

    /// The fields of the form that say it.
    pub(crate) fn pairs(&self, has_messaging_service: bool) -> Result<Vec<(&str, String)>> {
        let mut pairs: Vec<(&str, String)> = Vec::new();
        if let Some(at) = self.send_at {
            if !has_messaging_service {
                return Err(invalid("send_at: only a messaging service sends later; set `messaging_service_sid`"));
            }
            pairs.push(("ScheduleType", "fixed".to_owned()));
            pairs.push(("SendAt", at.to_rfc3339_opts(SecondsFormat::Secs, true)));
        }
        if let Some(validity) = self.validity {
            if !(1..=36_000).contains(&validity.as_secs()) || validity.subsec_nanos() > 0 {
                return Err(invalid("validity: 1 to 36,000 whole seconds expected"));
            }
            pairs.push(("ValidityPeriod", validity.as_secs().to_string()));
        }
        if self.discard_content {
            pairs.push(("ContentRetention", "discard".to_owned()));
        }
        if self.obfuscate_address {
            pairs.push(("AddressRetention", "obfuscate".to_owned()));
        }
        for (name, value) in &self.fields {
            if OURS.contains(&name.as_str()) || pairs.iter().any(|(known, _)| known == name) {
                return Err(invalid(format!("fields: {name} is written already, by the message or another option")));
            }
            pairs.push((name, value.clone()));
        }
        Ok(pairs)
    }
}
