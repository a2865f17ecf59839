//! Webhooks with bodies of a test's own choice, signed as their provider would.
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::atomic::{AtomicU8, Ordering},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use whatsapp_core::{HmacSha1, HmacSha256, Secret, testing::SignedRequest};

/// A JSON body, signed by a Meta app.
pub fn by_meta(url: &str, app_secret: &Secret, body: impl Into<Bytes>) -> SignedRequest {
    let body = body.into();
    let mac = hex::encode(HmacSha256::new([app_secret.clone()]).unwrap().sign(&[&body]));
    signed(url, body, &[("content-type", "application/json"), ("x-hub-signature-256", &format!("sha256={mac}"))])
}

/// A form, signed by a Twilio account.
pub fn by_twilio(url: &str, token: &Secret, fields: &[(&str, &str)]) -> SignedRequest {
    let body: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let mut sorted = fields.to_vec();
    sorted.sort_unstable();
    let text: String = sorted.into_iter().flat_map(|(key, value)| [key, value]).collect();
    let mac = HmacSha1::new([token.clone()]).unwrap().sign(&[url.as_bytes(), text.as_bytes()]);
    let mac = BASE64_STANDARD.encode(mac);
    signed(url, body.into(), &[("content-type", "application/x-www-form-urlencoded"), ("x-twilio-signature", &mac)])
}

/// A JSON body with a bridge's secret and without a signature, which is enough by default.
pub fn by_bridge(url: &str, secret: &Secret, body: impl Into<Bytes>) -> SignedRequest {
    signed(url, body.into(), &[("content-type", "application/json"), ("x-internal-secret", secret.expose())])
}

fn signed(url: &str, body: Bytes, headers: &[(&str, &str)]) -> SignedRequest {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap()))
        .collect();
    SignedRequest { method: Method::POST, url: url.to_owned(), headers, body }
}

/// Posts a webhook from a loopback address that nobody used before, so that no limit per address is met.
pub async fn post_from_afar(webhook: &SignedRequest) -> (u16, String) {
    static NEXT: [AtomicU8; 2] = [AtomicU8::new(1), AtomicU8::new(1)];
    let last = NEXT[0].fetch_add(1, Ordering::Relaxed);
    if last == u8::MAX {
        NEXT[1].fetch_add(1, Ordering::Relaxed);
    }
    let from = IpAddr::V4(Ipv4Addr::new(127, 77, NEXT[1].load(Ordering::Relaxed), last));
    post_from(from, webhook).await
}

/// Posts a webhook from this address.
pub async fn post_from(address: IpAddr, webhook: &SignedRequest) -> (u16, String) {
    // The certificate of a test's own proxy is one that nobody vouches for.
    let builder = reqwest::Client::builder().no_proxy().local_address(address).tls_danger_accept_invalid_certs(true);
    let builder = builder.timeout(Duration::from_secs(40));
    let request = builder.build().unwrap().request(webhook.method.clone(), &webhook.url);
    let answer = request.headers(webhook.headers.clone()).body(webhook.body.clone()).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}
