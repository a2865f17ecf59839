//! How long it takes to verify a webhook and read it into events, beside the same verification and a strict reading
//! into structs that borrow from the body.
//!
//! `cargo bench -p whatsapp-meta --bench webhook` prints the table of `docs/performance.md`. The readings take turns,
//! and the best round of each counts: whatever else the machine does can only make a round longer.
#[path = "webhook/limit.rs"]
mod limit;
#[path = "webhook/sample.rs"]
mod sample;

use std::{error::Error, hint::black_box, io::Write, time::Instant};

use bytes::Bytes;
use http::{HeaderMap, Method};
use whatsapp_core::{HmacSha256, Parser, Secret, Verifier, WebhookRequest};
use whatsapp_meta::{MetaBuilder, MetaConfigKey};

use self::limit::Body;

const ROUNDS: usize = 300;
/// Webhooks of a round.
const WEBHOOKS: u32 = 200;
const SECRET: &str = "the app secret of this measurement";

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\nnanoseconds a webhook, best of {ROUNDS} rounds of {WEBHOOKS}\n")?;
    writeln!(out, "| webhook | bytes | verify | + serde_json, strict | + sonic-rs, strict | + ours | ratio | ratio |")?;
    writeln!(out, "|---|---|---|---|---|---|---|---|")?;
    for (name, body) in [("text", sample::text()), ("status", sample::status()), ("ten texts", sample::batch())] {
        let [verify, serde, sonic, ours] = measure(&body)?;
        writeln!(
            out,
            "| {name} | {} | {verify:.0} | {serde:.0} | {sonic:.0} | {ours:.0} | {:.2} | {:.2} |",
            body.len(),
            ours / serde,
            ours / sonic,
        )?;
    }
    Ok(())
}

/// Nanoseconds to verify `body`; and to verify and read it by `serde_json`, by `sonic-rs`, and into events.
fn measure(body: &Bytes) -> Result<[f64; 4], Box<dyn Error>> {
    let webhook = MetaBuilder::new().with_config(MetaConfigKey::AppSecret, SECRET).build_webhook()?;
    let mac = HmacSha256::new([Secret::from(SECRET)]).ok_or("a secret")?.sign(&[body]);
    let mut headers = HeaderMap::new();
    headers.insert("x-hub-signature-256", format!("sha256={}", hex::encode(mac)).parse()?);
    let request = WebhookRequest { method: &Method::POST, url: "https://bench.example/", headers: &headers, body };
    let verify = || webhook.verify(black_box(request));
    // Each must read the body, or its time says nothing.
    let sound = |read: bool| if read { Ok(()) } else { Err("a body was not read") };
    sound(verify().is_ok_and(|verified| webhook.parse(&verified).is_ok_and(|events| !events.is_empty())))?;
    sound(serde_json::from_slice::<Body<'_>>(body).is_ok() && sonic_rs::from_slice::<Body<'_>>(body).is_ok())?;
    let readings: [&dyn Fn(); 4] = [
        &|| _ = black_box(verify()),
        &|| drop(black_box((verify().is_ok(), serde_json::from_slice::<Body<'_>>(black_box(body))))),
        &|| drop(black_box((verify().is_ok(), sonic_rs::from_slice::<Body<'_>>(black_box(body))))),
        &|| drop(black_box(verify().map(|verified| webhook.parse(&verified)))),
    ];
    let mut best = [f64::INFINITY; 4];
    for _ in 0..ROUNDS {
        for (read, best) in readings.iter().zip(&mut best) {
            let began = Instant::now();
            (0..WEBHOOKS).for_each(|_| read());
            *best = best.min(began.elapsed().as_secs_f64() * 1e9 / f64::from(WEBHOOKS));
        }
    }
    Ok(best)
}
