//! The fake keeps to the provider's rules.
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, extract::State, http::HeaderMap, routing::post};
use bytes::Bytes;
use whatsapp_core::{
    CorrelationId, ErrorKind, Event, LineId, OutboundMessage, PhoneNumber, Presence, Probe, Retry, Secret, Sender,
    SenderExt, Status, WebhookExt, WebhookRequest,
    testing::{Fake, Fault, Inbound, Stage},
};
use whatsapp_meta::{
    Meta, MetaBuilder, MetaConfigKey,
    fake::{MetaFake, MetaFakeConfig, MetaFakeLine},
};

type Posts = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

async fn post_office(path: &str) -> (Stage, Posts) {
    async fn keep(State(posts): State<Posts>, headers: HeaderMap, body: Bytes) {
        posts.lock().unwrap().push((headers, body));
    }
    let posts = Posts::default();
    let limit = axum::extract::DefaultBodyLimit::max(8 * 1024 * 1024);
    let router = Router::new().route(path, post(keep)).layer(limit).with_state(Arc::clone(&posts));
    (Stage::open(router).await.unwrap(), posts)
}

async fn fake() -> (MetaFake, MetaFakeLine, Meta) {
    let (first, second) = (MetaFakeLine::new("1001"), MetaFakeLine::new("1002"));
    let fake = MetaFake::start(MetaFakeConfig { lines: vec![first.clone(), second], ..MetaFakeConfig::default() });
    let fake = fake.await.unwrap();
    let line = MetaBuilder::from_settings(&fake.settings(&LineId::from("1001")).unwrap()).unwrap().build().unwrap();
    (fake, first, line)
}

fn dana() -> PhoneNumber {
    "+972541112233".parse().unwrap()
}

async fn until(mut done: impl FnMut() -> bool) {
    for _ in 0..200 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("waited for 4 seconds");
}

#[tokio::test]
async fn statuses_follow_even_when_the_answer_is_lost() {
    let (office, posts) = post_office(MetaFakeLine::WEBHOOK_PATH).await;
    let (fake, _, line) = fake().await;
    fake.set_webhook_target(office.url());
    fake.follow_with(vec![Status::Sent, Status::Failed]);
    fake.faults().push(Fault::ErrorAfterAccept);
    let correlation = CorrelationId::from_bytes([9; 16]);
    let error = line.send(&OutboundMessage::new(dana(), "שלום").with_correlation(correlation)).await.unwrap_err();
    assert_eq!(error.retry(), Retry::Ambiguous);
    until(|| posts.lock().unwrap().len() == 2 && fake.courier().under_way() == 0).await;
    let id = fake.accepted()[0].id.clone();
    let mut reached = Vec::new();
    for (headers, body) in posts.lock().unwrap().iter() {
        assert!(body.is_ascii());
        assert_eq!(headers["user-agent"], "facebookexternalua");
        assert!(headers["x-hub-signature"].to_str().unwrap().starts_with("sha1="));
        let request = WebhookRequest { method: &http::Method::POST, url: "https://shop.example/", headers, body };
        let events = line.receive(request).unwrap().unwrap();
        let Event::Status(update) = &events[0].event else { panic!("{events:?}") };
        assert_eq!((&update.id, update.correlation), (&id, Some(correlation)));
        reached.push(update.status);
    }
    reached.sort();
    assert_eq!(reached, [Status::Sent, Status::Failed]);
}

#[tokio::test]
async fn five_hundred_messages_are_one_post() {
    let (office, posts) = post_office("/hooks/7").await;
    let mut config = MetaFakeLine::new("1001");
    config.webhook_path = format!("{}/hooks/7", office.url());
    let fake = MetaFake::start(MetaFakeConfig { lines: vec![config], ..MetaFakeConfig::default() }).await.unwrap();
    let text = "שלום/".repeat(160);
    let items: Vec<_> =
        (0..500).map(|n| Inbound::text(&format!("wamid.{n}"), &format!("97254{n:07}"), &text)).collect();
    fake.deliver(&"1001".into(), &items);
    until(|| posts.lock().unwrap().len() == 1).await;
    let posts = posts.lock().unwrap();
    assert!(posts[0].1.len() > 2_000_000, "{}", posts[0].1.len());
    let body = std::str::from_utf8(&posts[0].1).unwrap();
    assert!(body.contains(r"\u05e9\u05dc\u05d5\u05dd\/"), "lower-case escapes and escaped slashes");
}

#[tokio::test]
async fn a_refused_webhook_comes_again() {
    let (fake, _, _) = fake().await;
    fake.deliver(&"1001".into(), &[Inbound::odd("odd-1")]);
    assert_eq!(fake.courier().under_way(), 0, "nobody subscribed");
    fake.set_webhook_target("http://127.0.0.1:1");
    fake.deliver(&"1001".into(), &[Inbound::odd("odd-1")]);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(fake.courier().under_way(), 1);
}

#[tokio::test]
async fn credentials_and_paths_are_checked() {
    let (fake, config, line) = fake().await;
    let with = |key: MetaConfigKey, value: Secret| {
        MetaBuilder::from_settings(&config.settings(&fake.url())).unwrap().with_config(key, value).build().unwrap()
    };
    let wrong = with(MetaConfigKey::AccessToken, "EAAwrong".into());
    let error = wrong.send_text(dana(), "x").await.unwrap_err();
    assert_eq!((error.kind(), error.code(), error.status()), (ErrorKind::Unauthenticated, Some(190), Some(401)));
    assert!(!wrong.probe().await.unwrap().passed());
    for number in ["1002", "1003"] {
        let error = with(MetaConfigKey::PhoneNumberId, number.into()).send_text(dana(), "x").await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Config, Some(100)), "another line's token");
    }
    let base = Secret::from(format!("{}/elsewhere", fake.url()));
    let error = with(MetaConfigKey::BaseUrl, base).send_text(dana(), "x").await.unwrap_err();
    assert_eq!((error.code(), error.status()), (Some(2500), Some(404)));
    assert!(fake.accepted().is_empty() && line.probe().await.unwrap().passed());
    assert_eq!(line.probe().await.unwrap().display_name.as_deref(), Some(&*config.verified_name));
}

#[tokio::test]
async fn only_known_messages_can_be_read() {
    let (fake, _, line) = fake().await;
    let error = line.mark_read(&dana().into(), &"wamid.IN1==".into()).await.unwrap_err();
    assert_eq!(error.code(), Some(131_009));
    fake.webhooks(
        &"1001".into(),
        &[Inbound::text("wamid.IN1==", "972541112233", "x")],
        whatsapp_core::testing::Key::Current,
    );
    line.mark_read(&dana().into(), &"wamid.IN1==".into()).await.unwrap();
    assert_eq!((fake.marked_read().len(), fake.requests()), (1, 0));
}

#[tokio::test]
async fn a_person_without_a_number_is_reached_and_heard() {
    let (fake, _, line) = fake().await;
    let noa: whatsapp_core::UserId = "IL.44801234567890123456".parse().unwrap();
    line.send_text(noa.clone(), "שלום").await.unwrap();
    assert_eq!(fake.accepted()[0].to, noa.as_str());
    let items = [Inbound::text("wamid.IN2==", noa.as_str(), "היי")];
    let requests = fake.webhooks(&"1001".into(), &items, whatsapp_core::testing::Key::Current);
    let events = line.receive(requests[0].as_request()).unwrap().unwrap();
    let Event::Message(message) = &events[0].event else { panic!("{events:?}") };
    assert_eq!((message.from.phone(), message.from.key().value()), (None, noa.as_str()));
}

#[tokio::test]
async fn every_kind_of_refusal_comes_back_as_itself() {
    let (fake, _, line) = fake().await;
    for kind in [
        ErrorKind::Unauthenticated,
        ErrorKind::PermissionDenied,
        ErrorKind::InvalidRecipient,
        ErrorKind::InvalidMessage,
        ErrorKind::WindowClosed,
        ErrorKind::TemplateRejected,
        ErrorKind::RateLimited,
        ErrorKind::Config,
        ErrorKind::Unavailable,
    ] {
        fake.faults().push(Fault::Reject { kind });
        assert_eq!(line.send_text(dana(), "x").await.unwrap_err().kind(), kind);
    }
    assert!(fake.accepted().is_empty());
}
