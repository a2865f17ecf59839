//! Exact requests to the bridge, and what its answers mean.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use whatsapp_baileys::{Baileys, BaileysBuilder, BaileysConfigKey as Key, connect, decode};
use whatsapp_core::{
    CorrelationId, ErrorKind, LinkPhase, Linking, OutboundMessage, PhoneNumber, Presence, Probe, Recipient, Retry,
    Sender, Settings, client::Answer,
};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{any, method, path},
};

const SECRET: &str = "shared-with-the-bridge";

fn builder(base_url: &str) -> BaileysBuilder {
    BaileysBuilder::new()
        .with_config(Key::Tenant, "studio_17")
        .with_config(Key::Secret, SECRET)
        .with_config(Key::BaseUrl, base_url)
        .with_config(Key::TimeoutSeconds, "2.5")
}

/// A line whose bridge answers everything with `status` and `body`.
async fn line(status: u16, body: Value) -> (MockServer, Baileys) {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(status).set_body_json(body)).mount(&server).await;
    let line = builder(&server.uri()).build().unwrap();
    (server, line)
}

/// Method, path and body of the one request that `server` saw; its secret is right.
async fn seen(server: &MockServer) -> (String, String, Option<Value>) {
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1);
    let request = &requests[0];
    assert_eq!(request.headers["x-internal-secret"], SECRET);
    let body = (!request.body.is_empty()).then(|| serde_json::from_slice(&request.body).unwrap());
    assert_eq!(request.headers.get("content-type").map(|kind| kind == "application/json"), body.as_ref().map(|_| true));
    (request.method.to_string(), request.url.path().to_owned(), body)
}

fn maya() -> PhoneNumber {
    "+972501234567".parse().unwrap()
}

fn post(operation: &str, body: Option<Value>) -> (String, String, Option<Value>) {
    ("POST".to_owned(), format!("/whatsapp/studio_17/{operation}"), body)
}

fn get(operation: &str) -> (String, String, Option<Value>) {
    ("GET".to_owned(), format!("/whatsapp/studio_17/{operation}"), None)
}

#[tokio::test]
async fn send_is_one_post() {
    let (server, line) = line(200, json!({"id": "3EB0D761D406AF2A4A5A15", "to": "x", "status": "PENDING"})).await;
    let correlation = CorrelationId::from_bytes([7; 16]);
    let message = OutboundMessage::new(maya(), "שלום 👋")
        .with_correlation(correlation)
        .in_reply_to("3A0000000000000000T1".into());
    let receipt = line.send(&message).await.unwrap();
    assert_eq!(Some(receipt.id), line.assigned_id(correlation));
    let body = json!({
        "to": "972501234567",
        "message": {"type": "text", "text": "שלום 👋"},
        "messageId": "3EB0D761D406AF2A4A5A15",
        "quoted": "3A0000000000000000T1",
    });
    assert_eq!(seen(&server).await, post("send", Some(body)));
}

#[tokio::test]
async fn a_base_url_may_have_a_path() {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(200).set_body_json(json!({"id": "3EB0"}));
    Mock::given(method("POST")).and(path("/bridge/whatsapp/studio_17/send")).respond_with(answer).mount(&server).await;
    let line = builder(&format!("{}/bridge/", server.uri())).build().unwrap();
    line.send(&OutboundMessage::new(maya(), "hi")).await.unwrap();
}

#[tokio::test]
async fn read_receipts_and_typing() {
    let (server, line) = line(200, json!({"ok": true})).await;
    line.mark_read(&Recipient::Lid("70010020030040".into()), &"3A01".into()).await.unwrap();
    let body = json!({"to": "70010020030040@lid", "messageId": "3A01"});
    assert_eq!(seen(&server).await, post("read", Some(body)));
    for (typing, state) in [(true, "composing"), (false, "paused")] {
        server.reset().await;
        Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&server).await;
        line.show_typing(&maya().into(), typing).await.unwrap();
        assert_eq!(seen(&server).await, post("presence", Some(json!({"to": "972501234567", "state": state}))));
    }
}

#[tokio::test]
async fn linking_asks_for_what_it_says() {
    let (server, line) = line(200, json!({"ok": true, "status": "qr"})).await;
    line.start().await.unwrap();
    assert_eq!(seen(&server).await, post("start", None));

    let (server, line) = self::line(200, json!({"ok": true})).await;
    line.logout().await.unwrap();
    assert_eq!(seen(&server).await, post("logout", None));

    let (server, line) = self::line(200, json!({"code": "ABCD1234", "expiresAt": "2026-10-03T04:00:00Z"})).await;
    let code = line.pair_code(&maya()).await.unwrap();
    assert_eq!((code.code.as_str(), code.expires_at.unwrap().timestamp()), ("ABCD1234", 1_791_000_000));
    assert_eq!(seen(&server).await, post("pair-code", Some(json!({"phone": "972501234567"}))));

    let image = "data:image/png;base64,AA==";
    let (server, line) = self::line(200, json!({"dataUrl": image})).await;
    let qr = line.qr().await.unwrap().unwrap();
    assert_eq!((qr.data_url.as_str(), qr.text, qr.expires_at), (image, None, None));
    assert_eq!(seen(&server).await, get("qr"));

    let (_server, line) = self::line(404, json!({"error": "no qr"})).await;
    assert!(line.qr().await.unwrap().is_none());
    assert_eq!(line.state().await.unwrap().phase, LinkPhase::None);

    for answer in [json!({"dataUrl": "javascript:alert(1)"}), json!({"dataUrl": 5}), json!([])] {
        let (_server, line) = self::line(200, answer).await;
        assert_eq!(line.qr().await.unwrap_err().kind(), ErrorKind::Protocol);
    }
}

#[tokio::test]
async fn every_word_of_status() {
    let words = [
        (json!({"connected": false, "status": "none"}), LinkPhase::None),
        (json!({"connected": false, "status": "connecting"}), LinkPhase::Connecting),
        (json!({"connected": false, "status": "qr", "hasQR": true}), LinkPhase::Qr),
        (json!({"connected": false, "status": "qr_expired"}), LinkPhase::QrExpired),
        (json!({"connected": true, "status": "open"}), LinkPhase::Open),
        (json!({"connected": false, "status": "reconnecting"}), LinkPhase::Reconnecting),
        (json!({"connected": false, "status": "logged_out"}), LinkPhase::LoggedOut),
        (json!({"connected": false, "status": "replaced"}), LinkPhase::Replaced),
        (json!({"connected": false, "status": "banned"}), LinkPhase::Banned),
        (json!({"connected": false, "status": "outdated"}), LinkPhase::Outdated),
        // The contract of the first days, and a word of days to come.
        (json!({"connected": true, "pushName": "", "hasQR": false}), LinkPhase::Open),
        (json!({"connected": false, "pushName": "", "hasQR": true}), LinkPhase::Qr),
        (json!({"connected": false, "pushName": null, "hasQR": false}), LinkPhase::None),
        (json!({"connected": true, "status": "hovering"}), LinkPhase::Open),
    ];
    for (answer, phase) in words {
        let (server, line) = line(200, answer.clone()).await;
        let state = line.state().await.unwrap();
        assert_eq!((state.phase, state.push_name), (phase, None), "{answer}");
        assert_eq!(seen(&server).await, get("status"));
    }
    let full = json!({"connected": true, "pushName": "הסטודיו", "hasQR": false, "status": "open", "code": 515,
        "me": {"id": "972541112222:7@s.whatsapp.net", "name": "x"}, "since": "2026-10-03T04:00:00Z"});
    let (_server, line) = line(200, full).await;
    let state = line.state().await.unwrap();
    assert_eq!(state.push_name.as_deref(), Some("הסטודיו"));
    assert_eq!(state.phone.unwrap().as_str(), "+972541112222");
    assert_eq!((state.code, state.since.unwrap().timestamp()), (Some(515), 1_791_000_000));
}

#[tokio::test]
async fn probe_tells_what_is_wrong() {
    let failed = |report: &whatsapp_core::ProbeReport| {
        report.checks.iter().find(|check| !check.passed).map(|check| check.name.clone())
    };
    let cases = [
        (500, 200, json!({}), Some("bridge")),
        (200, 401, json!({"error": "unauthorized"}), Some("secret")),
        (200, 200, json!({"connected": false, "status": "qr"}), Some("link")),
        (200, 200, json!({"connected": true, "status": "open", "pushName": "הסטודיו"}), None),
    ];
    for (health, status, answer, expected) in cases {
        let server = MockServer::start().await;
        let healthz = Mock::given(path("/healthz"));
        healthz.respond_with(ResponseTemplate::new(health)).mount(&server).await;
        Mock::given(any()).respond_with(ResponseTemplate::new(status).set_body_json(answer)).mount(&server).await;
        let report = Probe::probe(&builder(&server.uri()).build().unwrap()).await.unwrap();
        assert_eq!(failed(&report).as_deref(), expected, "{report:?}");
        assert!(!format!("{report:?}").contains(SECRET));
        let secrets = server.received_requests().await.unwrap();
        assert!(secrets.iter().all(|r| r.url.path() != "/healthz" || !r.headers.contains_key("x-internal-secret")));
    }
    let nobody = builder("http://127.0.0.1:1").build().unwrap();
    assert_eq!(Probe::probe(&nobody).await.unwrap_err().kind(), ErrorKind::Unavailable);
}

fn answer(status: u16, body: &str) -> Answer {
    Answer::new(StatusCode::from_u16(status).unwrap(), HeaderMap::new(), Bytes::copy_from_slice(body.as_bytes()))
}

#[test]
fn every_refusal_says_whether_it_was_one() {
    let soon = Retry::After(Duration::from_secs(9));
    let rows = [
        (400, r#"{"error": "to: digits expected"}"#, None, ErrorKind::InvalidMessage, Retry::Never),
        (401, r#"{"error": "unauthorized"}"#, None, ErrorKind::Unauthenticated, Retry::Never),
        (403, r#"{"error": "no"}"#, None, ErrorKind::PermissionDenied, Retry::Never),
        (403, r#"{"error": "no", "code": 463}"#, None, ErrorKind::PermissionDenied, Retry::Never),
        (422, r#"{"error": "no", "code": 463}"#, None, ErrorKind::PermissionDenied, Retry::Never),
        (500, r#"{"error": "no", "code": 463}"#, None, ErrorKind::PermissionDenied, Retry::Never),
        (404, r#"{"error": "unknown tenant"}"#, None, ErrorKind::Disconnected, Retry::Backoff),
        (409, r#"{"error": "not connected"}"#, None, ErrorKind::Disconnected, Retry::Backoff),
        (413, "", None, ErrorKind::InvalidMessage, Retry::Never),
        (422, r#"{"error": "not on WhatsApp"}"#, None, ErrorKind::InvalidRecipient, Retry::Never),
        (429, r#"{"error": "throttled"}"#, None, ErrorKind::RateLimited, Retry::Backoff),
        (429, r#"{"error": "throttled"}"#, Some("9"), ErrorKind::RateLimited, soon),
        (429, "", Some("Sat, 03 Oct 2026 04:00:00 GMT"), ErrorKind::RateLimited, Retry::Backoff),
        (405, "<html>", None, ErrorKind::Protocol, Retry::Never),
        (418, "[]", None, ErrorKind::Protocol, Retry::Never),
        (500, r#"{"error": "boom"}"#, None, ErrorKind::Unavailable, Retry::Ambiguous),
        (502, "<html>", None, ErrorKind::Unavailable, Retry::Ambiguous),
        (503, r#"{"error": "shutting down"}"#, Some("9"), ErrorKind::Unavailable, Retry::Ambiguous),
        (504, "", None, ErrorKind::Unavailable, Retry::Ambiguous),
        (200, "", None, ErrorKind::Protocol, Retry::Ambiguous),
        (200, "<html>", None, ErrorKind::Protocol, Retry::Ambiguous),
        (200, "{}", None, ErrorKind::Protocol, Retry::Ambiguous),
        (200, r#"{"id": ""}"#, None, ErrorKind::Protocol, Retry::Ambiguous),
        (200, r#"{"id": 5}"#, None, ErrorKind::Protocol, Retry::Ambiguous),
    ];
    for (status, body, retry_after, kind, retry) in rows {
        let mut answer = answer(status, body);
        answer.headers.insert("x-request-id", "req-17".parse().unwrap());
        if let Some(value) = retry_after {
            answer.headers.insert("retry-after", value.parse().unwrap());
        }
        let error = decode(&answer).unwrap_err();
        assert_eq!((error.kind(), error.retry()), (kind, retry), "{status} {body}");
        assert_eq!((error.status(), error.trace_id()), (Some(status), Some("req-17")), "{status} {body}");
        assert!(!error.message().contains("<html>") && !error.advice().is_empty());
    }
    assert_eq!(decode(&answer(201, r#"{"id": "3EB0", "new": 1}"#)).unwrap().id.as_str(), "3EB0");
}

#[test]
fn codes_of_whatsapp_come_with_advice() {
    let advised = |status: u16, code: i64| {
        let error = decode(&answer(status, &json!({"error": "x", "code": code}).to_string())).unwrap_err();
        assert_eq!(error.code(), Some(code));
        error.advice().to_owned()
    };
    let general = advised(409, 999);
    let rows = [
        (401, "unlinked"),
        (402, "banned"),
        (403, "locked"),
        (405, "Update the bridge"),
        (406, "Link the phone again"),
        (408, "QR"),
        (409, "Link the phone again"),
        (411, "multi-device"),
        (428, "reconnects"),
        (440, "one bridge per line"),
        (500, "reconnects"),
        (503, "reconnects"),
        (515, "scan"),
    ];
    for (code, words) in rows {
        let advice = advised(409, code);
        assert!(advice.contains(words) && advice != general, "{code}: {advice}");
        assert!(!advised(400, code).contains(words), "{code} speaks of the link only");
    }
    assert!(advised(403, 463).contains("wrote to it"));
}

#[test]
fn words_of_the_bridge_are_bounded() {
    let body = json!({"error": "א".repeat(5000)}).to_string();
    assert_eq!(decode(&answer(400, &body)).unwrap_err().message().chars().count(), 300);
    assert_eq!(decode(&answer(400, r#"{"error": ""}"#)).unwrap_err().message(), "the bridge answered 400");
}

#[test]
fn what_cannot_work_is_not_built() {
    let good = builder("https://bridge.example/base");
    assert!(good.build().is_ok());
    let bad = [
        (Key::Tenant, "../x"),
        (Key::Tenant, "a b"),
        (Key::BaseUrl, "bridge:3001"),
        (Key::BaseUrl, "ftp://bridge"),
        (Key::BaseUrl, "http://user:word@bridge"),
        (Key::BaseUrl, "http://bridge?x=1"),
        (Key::BaseUrl, "http://bridge/#x"),
        (Key::TimeoutSeconds, "0e0"),
        (Key::TimeoutSeconds, "-1"),
        (Key::TimeoutSeconds, "NaN"),
        (Key::TimeoutSeconds, "1e9"),
        (Key::TimeoutSeconds, "soon"),
    ];
    for (key, value) in bad {
        let error = good.clone().with_config(key, value).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains(key.as_str()) && !error.to_string().contains(value), "{error}");
    }
    assert!(good.clone().with_config(Key::Tenant, "a".repeat(65)).build().is_err());
    assert!(good.with_config(Key::Tenant, "a".repeat(64)).build().is_ok());
}

#[test]
fn a_registry_builds_it_with_its_powers() {
    let settings = Settings::from_iter([("tenant", "studio_17"), ("secret", SECRET)]);
    let line = connect(&settings).unwrap();
    assert_eq!((line.id(), line.line().as_str()), (whatsapp_baileys::ID, "studio_17"));
    assert!(line.linking().is_some() && line.probe().is_some() && line.presence().is_some());
    assert!(line.media().is_none() && line.templates().is_none());
    assert!(!format!("{line:?}").contains(SECRET));
}
