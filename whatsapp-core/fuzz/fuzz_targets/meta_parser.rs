//! Any bytes under a right signature: no panic, and whatever comes out is whole.
#![no_main]

use std::sync::LazyLock;

use bytes::Bytes;
use http::{HeaderMap, Method};
use libfuzzer_sys::fuzz_target;
use whatsapp_core::{Envelope, HmacSha256, Parser, Secret, Verifier, WebhookRequest};
use whatsapp_meta::{AccountChange, MetaBuilder, MetaConfigKey, MetaWebhook};

const SECRET: &str = "fuzzed app's secret";

static WEBHOOK: LazyLock<MetaWebhook> =
    LazyLock::new(|| MetaBuilder::new().with_config(MetaConfigKey::AppSecret, SECRET).build_webhook().unwrap());
static KEY: LazyLock<HmacSha256> = LazyLock::new(|| HmacSha256::new([Secret::from(SECRET)]).unwrap());

fuzz_target!(|data: &[u8]| {
    let body = Bytes::copy_from_slice(data);
    let mut headers = HeaderMap::new();
    let signature = format!("sha256={}", hex::encode(KEY.sign(&[&body])));
    headers.insert("x-hub-signature-256", signature.parse().unwrap());
    let request = WebhookRequest { method: &Method::POST, url: "https://fuzz.invalid/", headers: &headers, body: &body };
    let Ok(events) = WEBHOOK.parse(&WEBHOOK.verify(request).unwrap()) else { return };
    assert!(!events.is_empty(), "a body that is read gives at least one event");
    assert!(events.len() <= 21_001, "the limits of items and of the history");
    for envelope in &events {
        let range = body.as_ptr_range();
        assert!(!envelope.raw.is_empty() && range.contains(&envelope.raw.as_ptr()), "raw is a range of the body");
        assert!(!envelope.event_id().as_str().is_empty());
        drop(AccountChange::of(envelope));
        let stored = serde_json::to_string(envelope).unwrap();
        let again: Envelope = serde_json::from_str(&stored).unwrap();
        assert_eq!(again.event, envelope.event, "what is stored comes back");
    }
});
