//! Reads one webhook again and again, for `scripts/instructions.sh` to count the instructions that it takes:
//! `instructions text 1000`. Other webhooks are `hebrew` and `status`.
#[path = "webhook/sample.rs"]
mod sample;

use std::{error::Error, hint::black_box};

use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderMap, HeaderValue, Method};
use whatsapp_core::{HmacSha1, Parser, Secret, Verifier, WebhookRequest};
use whatsapp_twilio::TwilioWebhook;

const TOKEN: &str = "the auth token of this measurement";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let body = match arguments.next().as_deref() {
        Some("text") => sample::text(),
        Some("hebrew") => sample::hebrew(),
        Some("status") => sample::status(),
        // As a part of all benches it has nothing to say.
        _ => return Ok(()),
    };
    let times: u32 = arguments.next().ok_or("how many times?")?.parse()?;
    let webhook = TwilioWebhook::new([TOKEN.into()])?;
    let mut pairs: Vec<_> = form_urlencoded::parse(&body).collect();
    pairs.sort();
    let fields: String = pairs.iter().flat_map(|(key, value)| [&**key, &**value]).collect();
    let key = HmacSha1::new([Secret::from(TOKEN)]).ok_or("a secret")?;
    let mac = key.sign(&[sample::URL.as_bytes(), fields.as_bytes()]);
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static("application/x-www-form-urlencoded"));
    headers.insert("x-twilio-signature", BASE64_STANDARD.encode(mac).parse()?);
    let request = WebhookRequest { method: &Method::POST, url: sample::URL, headers: &headers, body: &body };
    let verified = webhook.verify(request)?;
    for _ in 0..times {
        black_box(webhook.parse(black_box(&verified))?);
    }
    Ok(())
}
