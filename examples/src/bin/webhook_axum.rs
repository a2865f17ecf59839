//! One axum server for the webhooks of all three providers: raw bytes in, verified, parsed, answered.
//!
//! Then the stand-ins post to it: a signed message each, and a forged one.
#![expect(clippy::print_stdout, reason = "an example talks to a person")]

use std::{error::Error, sync::Arc};

use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::{Router, body::Bytes, routing::any};
use tokio::net::TcpListener;
use whatsapp_baileys::fake::{BaileysFake, BaileysFakeConfig};
use whatsapp_core::{
    Provider, Settings, WebhookExt, WebhookRequest,
    testing::{Fake, Inbound, Key},
};
use whatsapp_meta::fake::{MetaFake, MetaFakeConfig, MetaFakeLine};
use whatsapp_twilio::{TwilioFake, TwilioFakeConfig};

type Answer = (StatusCode, String);

#[derive(Clone)]
struct Hook {
    provider: Arc<dyn Provider>,
    /// Our public origin: Twilio signs the whole address, so behind a proxy the one it called counts.
    origin: Arc<str>,
}

/// Takes the body as it came. A JSON extractor would give other bytes than those that were signed.
async fn receive(State(hook): State<Hook>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Answer {
    let url = format!("{}{uri}", hook.origin);
    let request = WebhookRequest { method: &method, url: &url, headers: &headers, body: &body };
    match (hook.provider.challenge(&request), hook.provider.receive(request)) {
        (Some(Ok(challenge)), _) => return (StatusCode::OK, challenge.as_str().to_owned()),
        (Some(Err(_)), _) => return (StatusCode::FORBIDDEN, String::new()),
        (None, Err(_)) => return (StatusCode::UNAUTHORIZED, String::new()),
        (None, Ok(Err(error))) => println!("authentic but unreadable, keep the bytes: {error}"),
        // A real server commits the events before it answers 200: what gets no answer is delivered again.
        (None, Ok(Ok(envelopes))) => envelopes.iter().for_each(|it| println!("{}: {:?}", uri.path(), it.event)),
    }
    (StatusCode::OK, String::new())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let origin = format!("http://{}", listener.local_addr()?);

    let number = MetaFakeLine::new("106500000000177");
    let meta = MetaFake::start(MetaFakeConfig { webhook_target: None, lines: vec![number.clone()] }).await?;
    let twilio = TwilioFake::start(TwilioFakeConfig::default()).await?;
    let bridge = BaileysFake::start(BaileysFakeConfig::new("s3cr3t")).await?;
    meta.set_webhook_target(&origin);
    twilio.set_webhook_target(&origin);
    bridge.set_webhook_target(&origin);
    let at_bridge = Settings::from_iter([("tenant", "studio"), ("secret", "s3cr3t"), ("base_url", &bridge.url())]);

    let lines: [(_, _, Box<dyn Fake>); 3] = [
        ("/api/whatsapp/webhook/meta", whatsapp_meta::connect(&number.settings(&meta.url()))?, Box::new(meta)),
        ("/webhook/whatsapp/inbound", whatsapp_twilio::connect(&twilio.settings("+14155550100"))?, Box::new(twilio)),
        ("/webhook/whatsapp/incoming", whatsapp_baileys::connect(&at_bridge)?, Box::new(bridge)),
    ];
    let mut app = Router::new();
    for (path, provider, _) in &lines {
        let hook = Hook { provider: Arc::clone(provider), origin: origin.as_str().into() };
        app = app.route(path, any(receive).with_state(hook));
    }
    // Batches of Meta may be larger than axum's 2 MiB.
    tokio::spawn(async move { axum::serve(listener, app.layer(DefaultBodyLimit::max(4 << 20))).await });

    let item = [Inbound::text("3A0001", "972501234567", "היי 👋")];
    for (_, provider, fake) in &lines {
        for key in [Key::Current, Key::Other] {
            for request in fake.webhooks(provider.line(), &item, key) {
                println!("{} signed with {key:?}: {:?}", provider.id(), fake.courier().deliver_once(&request).await);
            }
        }
    }
    Ok(())
}
