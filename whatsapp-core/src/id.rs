//! Opaque identifiers. Providers choose their shape, so nothing here looks inside them.
use std::{borrow::Cow, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Name of a provider: `meta`, `twilio`, `baileys`, or a third party's own.
///
/// ```
/// use whatsapp_core::ProviderId;
/// const ACME: ProviderId = ProviderId::new("acme");
/// assert_eq!(ACME.as_str(), "acme");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProviderId(Cow<'static, str>);

impl ProviderId {
    /// A provider's name; lower case, stable for ever, because it is stored and part of dedupe keys.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProviderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<String> for ProviderId {
    fn from(name: String) -> Self {
        Self(Cow::Owned(name))
    }
}

macro_rules! opaque_id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Box<str>);

        impl $name {
            /// The id as the provider spells it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.into())
            }
        }

        impl From<String> for $name {
            fn from(id: String) -> Self {
                Self(id.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        /// Shows the last eight characters only: some ids hold a phone number in base64.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let from = self.0.char_indices().rev().nth(7).map_or(0, |(at, _)| at);
                write!(f, concat!(stringify!($name), "(…{})"), self.0.get(from..).unwrap_or_default())
            }
        }
    };
}

opaque_id! {
    /// A provider's id of a message: a `wamid.…`, an `SM…`, a WhatsApp Web key id.
    MessageId
}
opaque_id! {
    /// A provider's id of one line: Meta `phone_number_id`, Twilio sender `whatsapp:+…`, bridge tenant.
    LineId
}
opaque_id! {
    /// A WhatsApp group, as one provider names it.
    GroupId
}
opaque_id! {
    /// The dedupe key of an event; see [`Envelope::event_id`](crate::Envelope::event_id).
    EventId
}

/// Sixteen bytes of the caller's own that travel with a message and come back with its statuses.
///
/// It settles the question "was it sent?" when the answer to a send was lost. Each provider derives its own
/// form: Meta `biz_opaque_callback_data`, Twilio a signed `StatusCallback` query, Baileys the message id.
///
/// ```
/// use whatsapp_core::CorrelationId;
/// let id = CorrelationId::from_bytes([7; 16]);
/// assert_eq!(id.to_string().parse::<CorrelationId>().unwrap(), id);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CorrelationId([u8; 16]);

/// The text is not 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a correlation id is 32 hexadecimal digits")]
pub struct InvalidCorrelationId;

impl CorrelationId {
    /// Wraps the caller's bytes; a UUID fits.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for CorrelationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl FromStr for CorrelationId {
    type Err = InvalidCorrelationId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 16];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| InvalidCorrelationId)?;
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for CorrelationId {
    type Error = InvalidCorrelationId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<CorrelationId> for String {
    fn from(id: CorrelationId) -> Self {
        id.to_string()
    }
}
