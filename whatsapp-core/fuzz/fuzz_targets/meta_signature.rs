//! Any header over any body, and any query of a subscription check: nothing false is let in.
#![no_main]

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use libfuzzer_sys::fuzz_target;
use whatsapp_core::{HmacSha256, Secret, Verifier, WebhookRequest};
use whatsapp_meta::{MetaBuilder, MetaConfigKey, MetaWebhook};

const SECRET: &str = "fuzzed app's secret";
const VERIFY_TOKEN: &str = "fuzzed verify token";

static WEBHOOK: LazyLock<MetaWebhook> = LazyLock::new(|| {
    MetaBuilder::new()
        .with_config(MetaConfigKey::AppSecret, SECRET)
        .with_config(MetaConfigKey::VerifyToken, VERIFY_TOKEN)
        .build_webhook()
        .unwrap()
});
static KEY: LazyLock<HmacSha256> = LazyLock::new(|| HmacSha256::new([Secret::from(SECRET)]).unwrap());

#[derive(Arbitrary, Debug)]
struct Attempt<'a> {
    header: &'a [u8],
    body: &'a [u8],
    query: &'a str,
    /// Bits of the right signature to turn.
    turned: Vec<u8>,
}

fuzz_target!(|attempt: Attempt<'_>| {
    let body = Bytes::copy_from_slice(attempt.body);
    let right = format!("sha256={}", hex::encode(KEY.sign(&[&body])));
    let mut near = right.clone().into_bytes();
    for place in &attempt.turned {
        let at = usize::from(*place) % near.len();
        near[at] ^= 1 << (place % 7);
    }
    for header in [attempt.header, &near] {
        let mut headers = HeaderMap::new();
        let Ok(value) = HeaderValue::from_bytes(header) else { continue };
        headers.insert("x-hub-signature-256", value);
        let request =
            WebhookRequest { method: &Method::POST, url: "https://fuzz.invalid/", headers: &headers, body: &body };
        assert_eq!(WEBHOOK.verify(request).is_ok(), header == right.as_bytes());
    }
    let url = format!("https://fuzz.invalid/hook?{}", attempt.query);
    let request = WebhookRequest { method: &Method::GET, url: &url, headers: &HeaderMap::new(), body: &body };
    if let Some(Ok(challenge)) = WEBHOOK.challenge(&request) {
        let text = challenge.as_str();
        assert!((1..=128).contains(&text.len()), "{text}");
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'), "{text}");
        let mut given = form_urlencoded::parse(attempt.query.as_bytes());
        assert!(given.any(|(key, value)| key == "hub.verify_token" && value == VERIFY_TOKEN), "{}", attempt.query);
    }
});
