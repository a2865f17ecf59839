//! Any bytes as a form under a right signature: no panic, and whatever comes out is whole.
#![no_main]

use std::{collections::HashSet, sync::LazyLock};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use libfuzzer_sys::fuzz_target;
use whatsapp_core::{Envelope, HmacSha1, Parser, Secret, Verifier, WebhookRequest};
use whatsapp_twilio::TwilioWebhook;

const TOKEN: &str = "fuzzed account's token";
const URL: &str = "https://fuzz.invalid/hook?c=00112233445566778899aabbccddeeff&m=00";

static WEBHOOK: LazyLock<TwilioWebhook> = LazyLock::new(|| TwilioWebhook::new([TOKEN.into()]).unwrap());
static KEY: LazyLock<HmacSha1> = LazyLock::new(|| HmacSha1::new([Secret::from(TOKEN)]).unwrap());

fuzz_target!(|data: &[u8]| {
    let body = Bytes::copy_from_slice(data);
    let mut fields: Vec<_> = form_urlencoded::parse(&body).collect();
    fields.sort();
    fields.dedup();
    let fields: String = fields.iter().flat_map(|(key, value)| [&**key, &**value]).collect();
    let signature = BASE64_STANDARD.encode(KEY.sign(&[URL.as_bytes(), fields.as_bytes()]));
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static("application/x-www-form-urlencoded"));
    headers.insert("x-twilio-signature", signature.parse().unwrap());
    let request = WebhookRequest { method: &Method::POST, url: URL, headers: &headers, body: &body };
    let verified = WEBHOOK.verify(request).unwrap();
    let sids = form_urlencoded::parse(&body).filter(|(key, _)| key == "AccountSid").count();
    assert!(WEBHOOK.hint(&request).is_none_or(|_| sids == 1), "an account is hinted at by one field");
    let Ok(events) = WEBHOOK.parse(&verified) else { return };
    assert!(!events.is_empty(), "a form that is read gives at least one event");
    assert!(events.len() <= 257, "files of 256 numbers, and a wish");
    let ids: HashSet<_> = events.iter().map(Envelope::event_id).collect();
    assert_eq!(ids.len(), events.len(), "no two events are taken for one");
    for envelope in &events {
        assert_eq!(envelope.raw, body);
        let stored = serde_json::to_string(envelope).unwrap();
        let plain = stored.replace(r"\\", "");
        assert!(
            !plain.contains(r"\u0000") || plain.contains(r#""reply":"flow""#),
            "U+0000 is only in the JSON of a flow"
        );
        let again: Envelope = serde_json::from_str(&stored).unwrap();
        assert_eq!(again.event, envelope.event, "what is stored comes back");
    }
});
