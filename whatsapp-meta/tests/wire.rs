//! Exact requests, codes, signatures, and input that nobody should send.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

#[path = "wire/account.rs"]
mod account;
#[path = "wire/codes.rs"]
mod codes;
#[path = "wire/configuring.rs"]
mod configuring;
#[path = "wire/fake.rs"]
mod fake;
#[path = "wire/media.rs"]
mod media;
#[path = "wire/mixtures.rs"]
mod mixtures;
#[path = "wire/pages.rs"]
mod pages;
#[path = "wire/probe.rs"]
mod probe;
#[path = "wire/property.rs"]
mod property;
#[path = "wire/raw.rs"]
mod raw;
#[path = "wire/requests.rs"]
mod requests;
#[path = "wire/samples.rs"]
mod samples;
#[path = "wire/signature.rs"]
mod signature;
#[path = "wire/stand_in.rs"]
mod stand_in;
#[path = "wire/template_edits.rs"]
mod template_edits;
#[path = "wire/template_rules.rs"]
mod template_rules;
#[path = "wire/template_sends.rs"]
mod template_sends;
#[path = "wire/templates.rs"]
mod templates;
#[path = "wire/tricks.rs"]
mod tricks;
#[path = "wire/uploads.rs"]
mod uploads;

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::Value;
use whatsapp_core::{Envelope, HmacSha256, Parser, Result, Secret, Verifier, WebhookRequest};
use whatsapp_meta::{Meta, MetaBuilder, MetaConfigKey, MetaWebhook};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

/// A token whose middle must show nowhere.
const TOKEN: &str = "EAAwire0token0that0nobody0may0see";
const NUMBER: &str = "106500000000001";
const ACCOUNT: &str = "9106500000000001";

/// A line at `base_url`, version 24.
fn line_at(base_url: &str) -> Meta {
    builder_at(base_url).build().unwrap()
}

fn builder_at(base_url: &str) -> MetaBuilder {
    MetaBuilder::new()
        .with_config(MetaConfigKey::AccessToken, TOKEN)
        .with_config(MetaConfigKey::PhoneNumberId, NUMBER)
        .with_config(MetaConfigKey::WabaId, ACCOUNT)
        .with_config(MetaConfigKey::AppSecret, "secret")
        .with_config(MetaConfigKey::ApiVersion, "24.0")
        .with_config(MetaConfigKey::BaseUrl, base_url)
}

/// A server that answers everything with `body`, and a line there.
async fn answering(status: u16, body: Value) -> (MockServer, Meta) {
    answering_with(ResponseTemplate::new(status).set_body_json(body)).await
}

async fn answering_with(answer: ResponseTemplate) -> (MockServer, Meta) {
    let server = MockServer::start().await;
    Mock::given(wiremock::matchers::any()).respond_with(answer).mount(&server).await;
    let line = line_at(&server.uri());
    (server, line)
}

/// The only request that `server` got, checked for method, path, query and credentials.
async fn only_request(server: &MockServer, method: &str, path: &str, query: &[(&str, &str)]) -> Request {
    let mut requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1);
    let request = requests.remove(0);
    is_request(&request, method, path, query);
    request
}

fn is_request(request: &Request, method: &str, path: &str, query: &[(&str, &str)]) {
    assert_eq!((request.method.as_str(), request.url.path()), (method, path));
    let pairs: Vec<(String, String)> = request.url.query_pairs().into_owned().collect();
    let wanted: Vec<_> = query.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    assert_eq!(pairs, wanted);
    assert_eq!(request.headers["authorization"], format!("Bearer {TOKEN}"));
    assert!(request.headers["user-agent"].to_str().unwrap().starts_with("whatsapp-core/"));
}

fn json_body(request: &Request) -> Value {
    assert_eq!(request.headers["content-type"], "application/json");
    serde_json::from_slice(&request.body).unwrap()
}

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
