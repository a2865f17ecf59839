//! Webhooks as Meta writes, escapes and signs them. Source: Meta, Webhooks reference; validating payloads.
use std::{
    io,
    time::{SystemTime, UNIX_EPOCH},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use whatsapp_core::{
    HmacSha1, HmacSha256, MessageId, PhoneNumber, Secret, Status,
    testing::{Accepted, Inbound, Key, SignedRequest},
};

use super::MetaFakeLine;
use crate::encode::object;

/// A webhook that nobody signed for a target yet still needs an address.
const NOWHERE: &str = "http://webhook.invalid";

/// A new id in the form of Meta's: base64 around the recipient and 18 random digits.
pub(super) fn message_id(to: &str) -> MessageId {
    let mut bytes = vec![0x1c, 0x18, u8::try_from(to.len()).unwrap_or(u8::MAX)];
    bytes.extend_from_slice(to.as_bytes());
    bytes.extend_from_slice(&[0x15, 0x02, 0x00, 0x11, 0x18, 0x12]);
    bytes.extend_from_slice(format!("{:016X}{:02X}", fastrand::u64(..), fastrand::u8(..)).as_bytes());
    bytes.push(0);
    format!("wamid.{}", BASE64_STANDARD.encode(bytes)).into()
}

/// One body with all `items`; `sent` finds the message that a status is about.
pub(super) fn body<'m>(line: &MetaFakeLine, items: &[Inbound], sent: impl Fn(&str) -> Option<&'m Accepted>) -> Bytes {
    let (mut contacts, mut messages, mut statuses) = (Vec::new(), Vec::new(), Vec::new());
    for item in items {
        match item {
            Inbound::Text { id, from, name, body } => {
                let (wa_id, user_id) = person(from);
                let name = name.as_deref().unwrap_or("לקוח לדוגמה");
                let profile = Some(json!({"name": name}));
                contacts.push(object([("profile", profile), ("wa_id", wa_id.clone()), ("user_id", user_id.clone())]));
                messages.push(object([
                    ("from", wa_id),
                    ("from_user_id", user_id),
                    ("id", Some(id.as_str().into())),
                    ("timestamp", Some(now().into())),
                    ("type", Some("text".into())),
                    ("text", Some(json!({"body": body}))),
                ]));
            }
            Inbound::File { id, from, kind, mime_type, caption } => {
                let (wa_id, user_id) = person(from);
                let profile = Some(json!({"name": "לקוח לדוגמה"}));
                contacts.push(object([("profile", profile), ("wa_id", wa_id.clone()), ("user_id", user_id.clone())]));
                let file = object([
                    ("caption", caption.clone().map(Value::from)),
                    ("mime_type", Some(mime_type.as_str().into())),
                    ("sha256", Some(BASE64_STANDARD.encode(Sha256::digest(Inbound::bytes_of(id))).into())),
                    ("id", Some(file_of(id).into())),
                ]);
                messages.push(object([
                    ("from", wa_id),
                    ("from_user_id", user_id),
                    ("id", Some(id.as_str().into())),
                    ("timestamp", Some(now().into())),
                    ("type", Some(kind.as_str().into())),
                    (kind.as_str(), Some(file)),
                ]));
            }
            Inbound::Odd { id } => messages.push(json!({
                "from": "972500000000", "id": id, "timestamp": now(), "type": "hologram", "hologram": {"depth": 3},
            })),
            Inbound::Status { id, to, status } => statuses.push(status_item(id, to, *status, sent(id))),
        }
    }
    let change = |contacts: Option<Value>, key: &str, items: Vec<Value>| {
        let metadata = json!({"display_phone_number": line.phone, "phone_number_id": line.phone_number_id});
        let value = object([
            ("messaging_product", Some("whatsapp".into())),
            ("metadata", Some(metadata)),
            ("contacts", contacts),
            (key, Some(items.into())),
        ]);
        json!({"value": value, "field": "messages"})
    };
    let mut changes = Vec::new();
    if !messages.is_empty() {
        changes.push(change(Some(contacts.into()), "messages", messages));
    }
    if !statuses.is_empty() {
        changes.push(change(None, "statuses", statuses));
    }
    let entry = json!([{"id": line.waba_id, "changes": changes}]);
    escaped(&json!({"object": "whatsapp_business_account", "entry": entry}))
}

fn status_item(id: &str, to: &str, status: Status, sent: Option<&Accepted>) -> Value {
    let (wa_id, user_id) = person(to);
    let correlation = sent.and_then(|message| message.correlation);
    let category = if sent.is_some_and(|message| message.kind == "template") { "utility" } else { "service" };
    let pricing = json!({
        "billable": category == "utility", "pricing_model": "PMP", "category": category, "type": "regular",
    });
    let errors = json!([{
        "code": 131_026, "title": "Message undeliverable", "message": "Message undeliverable",
        "error_data": {"details": "The message could not be delivered."},
        "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
    }]);
    object([
        ("id", Some(id.into())),
        ("status", Some(status.as_str().into())),
        ("timestamp", Some(now().into())),
        ("recipient_id", wa_id),
        ("recipient_user_id", user_id),
        ("biz_opaque_callback_data", correlation.map(|id| id.to_string().into())),
        ("pricing", matches!(status, Status::Sent | Status::Delivered).then_some(pricing)),
        ("errors", (status == Status::Failed).then_some(errors)),
    ])
}

/// The id of the file of message `id`.
pub(super) fn file_of(id: &str) -> String {
    let digest = Sha256::digest(id);
    let number = digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte));
    format!("66{number:020}")
}

/// Digits stand under one key, a business-scoped user id under another.
fn person(id: &str) -> (Option<Value>, Option<Value>) {
    if PhoneNumber::from_digits(id).is_ok() { (Some(id.into()), None) } else { (None, Some(id.into())) }
}

/// `body`, signed for the webhook of `line`.
pub(super) fn signed(line: &MetaFakeLine, target: Option<&str>, body: Bytes, key: Key) -> SignedRequest {
    let other = Secret::from("the secret of somebody else's app");
    let secret = match key {
        Key::Current => &line.app_secret,
        Key::Previous => &line.previous_app_secret,
        Key::Other => &other,
    };
    let sha256 = HmacSha256::new([secret.clone()]).map(|keys| keys.sign(&[&body]));
    let sha1 = HmacSha1::new([secret.clone()]).map(|keys| keys.sign(&[&body]));
    let mut headers = HeaderMap::new();
    headers.insert("accept", HeaderValue::from_static("*/*"));
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    headers.insert("user-agent", HeaderValue::from_static("facebookexternalua"));
    for (name, scheme, mac) in [("x-hub-signature", "sha1", sha1), ("x-hub-signature-256", "sha256", sha256)] {
        let value = mac.and_then(|mac| HeaderValue::from_str(&format!("{scheme}={}", hex::encode(mac))).ok());
        headers.extend(value.map(|value| (http::HeaderName::from_static(name), value)));
    }
    let url = if line.webhook_path.starts_with("http") {
        line.webhook_path.clone()
    } else {
        let origin = target.unwrap_or(NOWHERE).trim_end_matches('/');
        format!("{origin}/{}", line.webhook_path.trim_start_matches('/'))
    };
    SignedRequest { method: Method::POST, url, headers, body }
}

#[expect(clippy::disallowed_methods, reason = "the fake's clock is the machine's, as Meta's is its own")]
fn now() -> String {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()).to_string()
}

fn escaped(value: &Value) -> Bytes {
    let mut bytes = Vec::new();
    let written = value.serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, Ascii));
    debug_assert!(written.is_ok(), "a JSON value can be written to memory");
    bytes.into()
}

/// ASCII only, lower-case `\uXXXX`, and `\/`.
struct Ascii;

impl serde_json::ser::Formatter for Ascii {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        for run in fragment.split_inclusive(|c: char| c == '/' || !c.is_ascii()) {
            let plain = run.trim_end_matches(|c: char| c == '/' || !c.is_ascii());
            writer.write_all(plain.as_bytes())?;
            match run.chars().next_back() {
                Some('/') => writer.write_all(b"\\/")?,
                Some(last) if !last.is_ascii() => {
                    for unit in last.encode_utf16(&mut [0; 2]) {
                        write!(writer, "\\u{unit:04x}")?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}
