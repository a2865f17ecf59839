//! One account and its webhooks, signed as Twilio does.
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use whatsapp_core::{Envelope, HmacSha1, Result, WebhookExt, WebhookRequest};
use whatsapp_twilio::TwilioWebhook;

pub(crate) const TOKEN: &str = "studio-token-now";
pub(crate) const CALLBACK_SECRET: &str = "studio-callback-secret";

pub(crate) fn webhook() -> TwilioWebhook {
    TwilioWebhook::new([TOKEN.into()]).unwrap().with_status_callback_secret(CALLBACK_SECRET.into()).unwrap()
}

/// What the parser reads of a form posted to `path` (with its query).
pub(crate) fn read(path: &str, body: &[u8]) -> Result<Vec<Envelope>> {
    let url = format!("https://studio.example{path}");
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static("application/x-www-form-urlencoded"));
    headers.insert("x-twilio-signature", signature(&url, body).parse().unwrap());
    let body = Bytes::copy_from_slice(body);
    let request = WebhookRequest { method: &Method::POST, url: &url, headers: &headers, body: &body };
    webhook().receive(request).unwrap()
}

/// The signature of a form posted to `url`.
pub(crate) fn signature(url: &str, form: &[u8]) -> String {
    let mut pairs: Vec<_> = form_urlencoded::parse(form).collect();
    pairs.sort();
    pairs.dedup();
    let fields: String = pairs.iter().flat_map(|(key, value)| [&**key, &**value]).collect();
    BASE64_STANDARD.encode(HmacSha1::new([TOKEN.into()]).unwrap().sign(&[url.as_bytes(), fields.as_bytes()]))
}
