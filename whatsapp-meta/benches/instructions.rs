//! Reads one webhook again and again, for `scripts/instructions.sh` to count the instructions that it takes:
//! `instructions text 1000`. Other webhooks are `status` and `batch`.
#[path = "webhook/sample.rs"]
mod sample;

use std::{error::Error, hint::black_box};

use http::{HeaderMap, Method};
use whatsapp_core::{HmacSha256, Parser, Secret, Verifier, WebhookRequest};
use whatsapp_meta::{MetaBuilder, MetaConfigKey};

const SECRET: &str = "the app secret of this measurement";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let body = match arguments.next().as_deref() {
        Some("text") => sample::text(),
        Some("status") => sample::status(),
        Some("batch") => sample::batch(),
        // As a part of all benches it has nothing to say.
        _ => return Ok(()),
    };
    let times: u32 = arguments.next().ok_or("how many times?")?.parse()?;
    let webhook = MetaBuilder::new().with_config(MetaConfigKey::AppSecret, SECRET).build_webhook()?;
    let mac = HmacSha256::new([Secret::from(SECRET)]).ok_or("a secret")?.sign(&[&body]);
    let mut headers = HeaderMap::new();
    headers.insert("x-hub-signature-256", format!("sha256={}", hex::encode(mac)).parse()?);
    let request =
        WebhookRequest { method: &Method::POST, url: "https://bench.example/", headers: &headers, body: &body };
    let verified = webhook.verify(request)?;
    for _ in 0..times {
        black_box(webhook.parse(black_box(&verified))?);
    }
    Ok(())
}
