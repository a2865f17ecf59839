//! What the bridge posts, borrowed from the body. Every field is read on its own, so that a damaged one hurts
//! nothing beside it.
//!
//! Shapes: `JSON.stringify` of Baileys 6.7 and 7.0 events. Whatever lies inside a `message` is protobuf JSON
//! (64-bit numbers as decimal strings, enums as names, bytes as base64); whatever lies outside is a plain object
//! (numbers, `Long` objects, `Buffer` objects).
use std::{borrow::Cow, fmt};

use chrono::{DateTime, Utc};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;
use whatsapp_core::{DeliveryError, Status};

/// The longest text of another's that goes into an error, in characters.
pub(crate) const MAX_WORDS: usize = 300;

/// A post of the bridge.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Post<'a> {
    #[serde(borrow, default, deserialize_with = "lenient")]
    pub(crate) tenant_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(crate) event: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) payload: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "lenient")]
    pub(crate) event_id: Option<Cow<'a, str>>,
}

/// `messages.upsert`.
#[derive(Deserialize)]
pub(crate) struct Upsert<'a> {
    #[serde(borrow)]
    pub(crate) messages: Vec<&'a RawValue>,
    #[serde(borrow, default, rename = "type", deserialize_with = "lenient")]
    pub(crate) kind: Option<Cow<'a, str>>,
}

/// An element of `messages.upsert`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WebMessage<'a> {
    #[serde(borrow)]
    pub(crate) key: &'a RawValue,
    #[serde(borrow, default)]
    pub(crate) message: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) message_timestamp: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "lenient")]
    pub(crate) push_name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(crate) status: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) message_stub_type: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) message_stub_parameters: Option<&'a RawValue>,
}

/// An element of `messages.update`.
#[derive(Deserialize)]
pub(crate) struct Change<'a> {
    #[serde(borrow)]
    pub(crate) key: &'a RawValue,
    #[serde(borrow)]
    pub(crate) update: Changed<'a>,
}

/// What changed of a message.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Changed<'a> {
    #[serde(borrow, default)]
    pub(crate) status: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) message_timestamp: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) message_stub_parameters: Option<&'a RawValue>,
}

/// An element of `message-receipt.update`: one member of a group.
#[derive(Deserialize)]
pub(crate) struct MemberReceipt<'a> {
    #[serde(borrow)]
    pub(crate) key: &'a RawValue,
    #[serde(borrow)]
    pub(crate) receipt: ReceiptTimes<'a>,
}

/// When a member got, read and played a message.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReceiptTimes<'a> {
    #[serde(borrow, default, deserialize_with = "lenient")]
    pub(crate) user_jid: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(crate) receipt_timestamp: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) read_timestamp: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) played_timestamp: Option<&'a RawValue>,
}

/// The fields of an object of any shape, in order.
pub(crate) struct Fields<'a>(pub(crate) Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some((Text(name), value)) = map.next_entry::<Text<'de>, &'de RawValue>()? {
                    fields.push((name, value));
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

#[derive(Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The text in `raw`, if it is one.
pub(crate) fn text(raw: &RawValue) -> Option<Cow<'_, str>> {
    serde_json::from_str(raw.get()).ok().map(|Text(text)| text)
}

/// A text field; anything else, and the empty text, is no text.
pub(crate) fn lenient<'de: 'a, 'a, D: Deserializer<'de>>(field: D) -> Result<Option<Cow<'a, str>>, D::Error> {
    let raw = Option::<&'de RawValue>::deserialize(field)?;
    Ok(raw.and_then(text).filter(|text| !text.is_empty()))
}

/// A whole number: a JSON number, a decimal string, or a `Long` object.
pub(crate) fn integer(raw: &RawValue) -> Option<i64> {
    #[derive(Deserialize)]
    struct Long {
        low: i32,
        high: i32,
    }
    let json = raw.get();
    match json.bytes().next()? {
        b'"' => text(raw)?.parse().ok(),
        b'{' => {
            let long: Long = serde_json::from_str(json).ok()?;
            Some(i64::from(long.high) << 32 | i64::from(long.low.cast_unsigned()))
        }
        _ => json.parse().ok(),
    }
}

/// A time in Unix seconds; zero is "not set".
pub(crate) fn time(raw: Option<&RawValue>) -> Option<DateTime<Utc>> {
    let seconds = raw.and_then(integer).filter(|seconds| *seconds > 0)?;
    DateTime::from_timestamp(seconds, 0)
}

/// `WebMessageInfo.Status`, as a number or a name.
pub(crate) fn status(raw: &RawValue) -> Option<Status> {
    let name = match integer(raw) {
        Some(number) => return NUMBERED.get(usize::try_from(number).ok()?).map(|(_, status)| *status),
        None => text(raw)?,
    };
    NUMBERED.iter().find(|(known, _)| *known == name).map(|(_, status)| *status)
}

const NUMBERED: [(&str, Status); 6] = [
    ("ERROR", Status::Failed),
    ("PENDING", Status::Sending),
    ("SERVER_ACK", Status::Sent),
    ("DELIVERY_ACK", Status::Delivered),
    ("READ", Status::Read),
    ("PLAYED", Status::Played),
];

/// Why a message failed: `messageStubParameters` holds a code, then words; either may be missing.
pub(crate) fn delivery_error(raw: Option<&RawValue>) -> DeliveryError {
    let items: Vec<&RawValue> = raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
    let code = items.first().and_then(|first| integer(first));
    let words: Vec<_> = items.iter().skip(usize::from(code.is_some())).filter_map(|word| text(word)).collect();
    let words = if words.is_empty() { "WhatsApp refused the message".to_owned() } else { words.join(" ") };
    DeliveryError::new(code, words.chars().take(MAX_WORDS).collect::<String>())
}

/// Whether `name` can be a tenant of the bridge; it becomes part of a path.
pub(crate) fn is_tenant(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}
