//! How long it takes to verify a webhook and read it into events, beside what cannot be left out: the signature's code
//! over the decoded and sorted fields.
//!
//! `cargo bench -p whatsapp-twilio --bench webhook` prints the table of `docs/performance.md`. The readings take turns,
//! and the best round of each counts: whatever else the machine does can only make a round longer.
#[path = "webhook/limit.rs"]
mod limit;
#[path = "webhook/sample.rs"]
mod sample;

use std::{error::Error, hint::black_box, io::Write, time::Instant};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use whatsapp_core::{Parser, Verifier, WebhookRequest};
use whatsapp_twilio::TwilioWebhook;

const ROUNDS: usize = 300;
/// Webhooks of a round.
const WEBHOOKS: u32 = 200;
const TOKEN: &str = "the auth token of this measurement";

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\nnanoseconds a webhook, best of {ROUNDS} rounds of {WEBHOOKS}\n")?;
    writeln!(out, "| webhook | bytes | limit | verify | verify and read | ratio |")?;
    writeln!(out, "|---|---|---|---|---|---|")?;
    for (name, body) in [("text", sample::text()), ("hebrew text", sample::hebrew()), ("status", sample::status())] {
        let [limit, verify, ours] = measure(&body)?;
        let bytes = body.len();
        writeln!(out, "| {name} | {bytes} | {limit:.0} | {verify:.0} | {ours:.0} | {:.2} |", ours / limit)?;
    }
    Ok(())
}

/// Nanoseconds for the signature's code alone, to verify `body`, and to verify and read it.
fn measure(body: &Bytes) -> Result<[f64; 3], Box<dyn Error>> {
    let limit = limit::Limit::new(TOKEN)?;
    let webhook = TwilioWebhook::new([TOKEN.into()])?;
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static("application/x-www-form-urlencoded"));
    headers.insert("x-twilio-signature", BASE64_STANDARD.encode(limit.code(sample::URL, body)).parse()?);
    let request = WebhookRequest { method: &Method::POST, url: sample::URL, headers: &headers, body };
    let verify = || webhook.verify(black_box(request));
    // Each must do its work, or its time says nothing.
    let events = verify().ok().and_then(|verified| webhook.parse(&verified).ok());
    if !events.is_some_and(|events| events.iter().all(|envelope| envelope.peer().is_some())) {
        return Err("a webhook was not read".into());
    }
    let code = || _ = black_box(limit.code(black_box(sample::URL), black_box(body)));
    let verified = || _ = black_box(verify());
    let read = || drop(black_box(verify().map(|verified| webhook.parse(&verified))));
    let readings: [&dyn Fn(); 3] = [&code, &verified, &read];
    let mut best = [f64::INFINITY; 3];
    for _ in 0..ROUNDS {
        for (read, best) in readings.iter().zip(&mut best) {
            let began = Instant::now();
            (0..WEBHOOKS).for_each(|_| read());
            *best = best.min(began.elapsed().as_secs_f64() * 1e9 / f64::from(WEBHOOKS));
        }
    }
    Ok(best)
}
