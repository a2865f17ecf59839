//! Exact requests, codes, signatures, and input that nobody should send.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

#[path = "wire/codes.rs"]
mod codes;
#[path = "wire/configuring.rs"]
mod configuring;
#[path = "wire/fake.rs"]
mod fake;
#[path = "wire/property.rs"]
mod property;
#[path = "wire/requests.rs"]
mod requests;
#[path = "wire/signature.rs"]
mod signature;

use bytes::Bytes;
use http::{HeaderMap, Method};
use whatsapp_core::{Envelope, HmacSha256, Parser, Result, Secret, Verifier, WebhookRequest};
use whatsapp_meta::{MetaBuilder, MetaConfigKey, MetaWebhook};

const SECRET: &str = "wire app secret";
const PREVIOUS: &str = "wire app secret before";
const VERIFY_TOKEN: &str = "wire verify token+/=";

fn webhook() -> MetaWebhook {
    MetaBuilder::new()
        .with_config(MetaConfigKey::AppSecret, SECRET)
        .with_config(MetaConfigKey::PreviousAppSecret, PREVIOUS)
        .with_config(MetaConfigKey::VerifyToken, VERIFY_TOKEN)
        .build_webhook()
        .unwrap()
}

fn mac(secret: &str, body: &[u8]) -> String {
    hex::encode(HmacSha256::new([Secret::from(secret)]).unwrap().sign(&[body]))
}

/// Parses `body` as authentic.
fn parse(body: &Bytes) -> Result<Vec<Envelope>> {
    let webhook = webhook();
    let mut headers = HeaderMap::new();
    headers.insert("x-hub-signature-256", format!("sha256={}", mac(SECRET, body)).parse().unwrap());
    let request = WebhookRequest { method: &Method::POST, url: "https://shop.example/", headers: &headers, body };
    webhook.parse(&webhook.verify(request).unwrap())
}
