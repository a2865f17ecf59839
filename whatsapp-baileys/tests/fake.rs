//! The fake bridge behaves as the contract says, seen through the real client and a real server.
#![expect(clippy::unwrap_used, reason = "test code")]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, Method, StatusCode},
    routing::post,
};
use serde_json::{Value, json};
use whatsapp_baileys::{
    Baileys, BaileysBuilder, BaileysConfigKey as Key, BaileysWebhook,
    fake::{BaileysFake, BaileysFakeConfig},
};
use whatsapp_core::{
    CorrelationId, Envelope, ErrorKind, Event, LineId, LinkPhase, Linking, OutboundMessage, PhoneNumber, Presence,
    Probe, Retry, Sender, SenderExt, Status, WebhookExt, WebhookRequest,
    testing::{Fake, Fault, Inbound, Stage},
};

const SECRET: &str = "shared-with-the-bridge";

async fn fake() -> BaileysFake {
    BaileysFake::start(BaileysFakeConfig::new(SECRET).with_linked("linked")).await.unwrap()
}

fn line(fake: &BaileysFake, tenant: &str) -> Baileys {
    let builder = BaileysBuilder::new().with_config(Key::Secret, SECRET).with_config(Key::BaseUrl, fake.url());
    builder.with_config(Key::Tenant, tenant).with_config(Key::TimeoutSeconds, "1").build().unwrap()
}

fn maya() -> PhoneNumber {
    "+972501234567".parse().unwrap()
}

/// A server that verifies and parses what is posted; every first try is refused.
struct Server {
    stage: Stage,
    events: Arc<Mutex<Vec<Envelope>>>,
}

impl Server {
    async fn start() -> Self {
        let events = Arc::new(Mutex::new(Vec::new()));
        let builder = BaileysBuilder::new().with_config(Key::Secret, SECRET).with_config(Key::RequireSignature, "1");
        let webhook = builder.build_webhook().unwrap();
        let (kept, tries) = (Arc::clone(&events), Mutex::new(std::collections::HashSet::new()));
        let tries = Arc::new(tries);
        let take = move |headers: HeaderMap, body: Bytes| {
            let status = take(&webhook, &headers, &body, &kept, &mut tries.lock().unwrap());
            std::future::ready(status)
        };
        let stage = Stage::open(Router::new().route("/webhook/whatsapp/incoming", post(take))).await.unwrap();
        Self { stage, events }
    }

    async fn events(&self, count: usize) -> Vec<Envelope> {
        for _ in 0..200 {
            if self.events.lock().unwrap().len() >= count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        std::mem::take(&mut *self.events.lock().unwrap())
    }
}

fn take(
    webhook: &BaileysWebhook,
    headers: &HeaderMap,
    body: &Bytes,
    kept: &Mutex<Vec<Envelope>>,
    tries: &mut std::collections::HashSet<String>,
) -> StatusCode {
    let request = WebhookRequest { method: &Method::POST, url: "", headers, body };
    let Ok(envelopes) = webhook.receive(request) else { return StatusCode::UNAUTHORIZED };
    if tries.insert(headers["webhook-id"].to_str().unwrap().to_owned()) {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    kept.lock().unwrap().extend(envelopes.unwrap());
    StatusCode::OK
}

#[tokio::test]
async fn a_phone_is_linked_and_unlinked() {
    let fake = fake().await;
    let line = line(&fake, "studio_17");
    assert_eq!(line.state().await.unwrap().phase, LinkPhase::None);
    let error = line.send_text(maya(), "too early").await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Disconnected, Retry::Backoff));
    assert!(line.qr().await.unwrap().is_none());

    line.start().await.unwrap();
    assert_eq!(line.state().await.unwrap().phase, LinkPhase::Qr);
    assert!(line.qr().await.unwrap().unwrap().expires_at.is_some());
    assert_eq!(line.pair_code(&maya()).await.unwrap().code.len(), 8);
    assert!(!line.probe().await.unwrap().passed());
    assert_eq!(line.send_text(maya(), "still").await.unwrap_err().kind(), ErrorKind::Disconnected);

    fake.scan("studio_17", "הסטודיו");
    let state = line.state().await.unwrap();
    assert_eq!((state.phase, state.push_name.as_deref()), (LinkPhase::Open, Some("הסטודיו")));
    assert_eq!(state.phone.unwrap().digits(), BaileysFake::PHONE);
    assert!(line.qr().await.unwrap().is_none());
    assert!(line.probe().await.unwrap().passed());
    line.start().await.unwrap();
    assert_eq!(line.state().await.unwrap().phase, LinkPhase::Open, "starting again is harmless");
    line.send_text(maya(), "שלום").await.unwrap();
    line.mark_read(&maya().into(), &"3A01".into()).await.unwrap();
    line.show_typing(&maya().into(), true).await.unwrap();
    assert_eq!(fake.marked_read("studio_17"), ["3A01".into()]);

    for phase in [LinkPhase::LoggedOut, LinkPhase::Banned, LinkPhase::Reconnecting, LinkPhase::Outdated] {
        fake.set_phase("studio_17", phase);
        assert_eq!(line.state().await.unwrap().phase, phase);
        let error = line.send_text(maya(), "x").await.unwrap_err();
        assert!(error.code().is_some() && error.kind() == ErrorKind::Disconnected);
    }
    line.logout().await.unwrap();
    assert_eq!(line.state().await.unwrap().phase, LinkPhase::None);
    assert_eq!(fake.accepted().len(), 1);
}

#[tokio::test]
async fn the_same_correlation_is_sent_once() {
    let fake = fake().await;
    let line = line(&fake, "linked");
    let message = OutboundMessage::new(maya(), "once").with_correlation(CorrelationId::from_bytes([9; 16]));
    fake.faults().push(Fault::DropAfterAccept);
    assert_eq!(line.send(&message).await.unwrap_err().retry(), Retry::Ambiguous);
    let again = line.send(&message).await.unwrap();
    assert_eq!((fake.requests(), fake.accepted().len()), (2, 1));
    assert_eq!(fake.accepted()[0].id, again.id);
    let other = OutboundMessage::new(maya(), "no correlation");
    assert_ne!(line.send(&other).await.unwrap().id, line.send(&other).await.unwrap().id);
}

#[tokio::test]
async fn statuses_follow_even_when_the_answer_is_lost() {
    let (fake, server) = (fake().await, Server::start().await);
    fake.set_webhook_target(server.stage.url());
    fake.follow_with(vec![Status::Sent, Status::Delivered, Status::Read]);
    fake.faults().push(Fault::ErrorAfterAccept);
    let line = line(&fake, "linked");
    let correlation = CorrelationId::from_bytes([3; 16]);
    line.send(&OutboundMessage::new(maya(), "hi").with_correlation(correlation)).await.unwrap_err();
    let events = server.events(3).await;
    let mut statuses: Vec<_> = events
        .iter()
        .map(|envelope| {
            let Event::Status(update) = &envelope.event else { panic!("{envelope:?}") };
            assert_eq!(Some(update.id.clone()), line.assigned_id(correlation));
            assert_eq!(envelope.line.as_str(), "linked");
            update.status
        })
        .collect();
    statuses.sort();
    assert_eq!(statuses, [Status::Sent, Status::Delivered, Status::Read]);
}

#[tokio::test]
async fn messages_and_link_changes_are_delivered_until_taken() {
    let (fake, server) = (fake().await, Server::start().await);
    fake.set_webhook_target(server.stage.url());
    fake.deliver(&LineId::from("linked"), &[Inbound::text("in-1", "972501234567", "היי"), Inbound::odd("odd-1")]);
    let events = server.events(2).await;
    assert!(matches!(&events[0].event, Event::Message(message) if message.id.as_str() == "in-1"));
    assert!(matches!(&events[1].event, Event::Unknown(unknown) if &*unknown.kind == "message.hologram"));
    fake.set_phase("linked", LinkPhase::Replaced);
    let event = server.events(1).await.remove(0);
    let raw: Value = serde_json::from_slice(&event.raw).unwrap();
    assert_eq!(raw, json!({"connection": "close", "status": "replaced", "code": 440}));
}

#[tokio::test]
async fn what_breaks_the_contract_is_refused() {
    let fake = fake().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let ask = async |method: Method, path: &str, secret: Option<&str>, body: &str| {
        let mut request = client.request(method, format!("{}{path}", fake.url())).body(body.to_owned());
        if let Some(secret) = secret {
            request = request.header("x-internal-secret", secret);
        }
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    let unauthorized = (401, r#"{"error":"unauthorized"}"#.to_owned());
    assert_eq!(ask(Method::GET, "/healthz", None, "").await, (200, "ok".to_owned()));
    assert_eq!(ask(Method::GET, "/health", None, "").await, (200, "ok".to_owned()));
    assert_eq!(ask(Method::GET, "/whatsapp/linked/status", None, "").await, unauthorized);
    assert_eq!(ask(Method::POST, "/whatsapp/linked/send", Some("wrong"), "{}").await, unauthorized);
    for (method, path) in [
        (Method::GET, "/"),
        (Method::GET, "/whatsapp/linked/send"),
        (Method::POST, "/whatsapp/linked/status"),
        (Method::POST, "/whatsapp/bad%20name/start"),
        (Method::POST, "/whatsapp/linked/send/more"),
    ] {
        assert_eq!(ask(method, path, Some(SECRET), "").await.0, 404, "{path}");
    }
    let said = |message: Value| json!({"to": "972501234567", "message": message});
    let text = json!({"type": "text", "text": "x"});
    let bodies = [
        json!({}),
        json!({"to": "+972501234567", "message": text}),
        json!({"to": "972501234567@s.whatsapp.net", "message": text}),
        json!({"to": "972501234567", "message": text, "messageId": "3EB0abc"}),
        json!({"to": "972501234567", "message": text, "surplus": 1}),
        said(json!({"type": "text", "text": " "})),
        said(json!({"type": "text", "text": "x", "surplus": 1})),
        said(json!({"type": "image", "url": "file:///etc/passwd"})),
        said(json!({"type": "image", "link": "https://files.example/a"})),
        said(json!({"type": "sticker", "url": "https://files.example/a", "caption": "x"})),
        said(json!({"type": "location", "latitude": 91, "longitude": 0})),
        said(json!({"type": "reaction", "messageId": "", "emoji": "👍"})),
        said(json!({"type": "poll", "name": "x"})),
    ];
    for body in bodies {
        let (status, answer) = ask(Method::POST, "/whatsapp/linked/send", Some(SECRET), &body.to_string()).await;
        assert_eq!(status, 400, "{body} {answer}");
    }
    assert!(fake.accepted().is_empty());
}
