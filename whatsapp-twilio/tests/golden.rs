//! Snapshots: what every answer is read as, and what every kind of message is written as. Webhooks are in `webhooks.rs`.
#![expect(clippy::unwrap_used, reason = "test code")]

use std::path::Path;

use insta::assert_json_snapshot;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use whatsapp_core::{
    CorrelationId, Location, MediaFile, MediaKind, OutboundMessage, PhoneNumber, Sender, SenderExt, Template, UserId,
};
use whatsapp_twilio::{Twilio, TwilioBuilder, TwilioConfigKey as Key};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

const TOKEN: &str = "studio-token-now";
const CALLBACK_SECRET: &str = "studio-callback-secret";

fn fixture<T: DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap()
}

#[derive(Deserialize)]
struct Answer {
    name: String,
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

async fn line_answered_with(server: &MockServer, answer: &Answer) -> Twilio {
    let mut template = ResponseTemplate::new(answer.status).set_body_string(&answer.body);
    for (name, value) in &answer.headers {
        template = template.insert_header(name.as_str(), value.as_str());
    }
    server.reset().await;
    Mock::given(any()).respond_with(template).mount(server).await;
    TwilioBuilder::new()
        .with_config(Key::AccountSid, "ACd1ce0000d1ce0000d1ce0000d1ce0000")
        .with_config(Key::AuthToken, TOKEN)
        .with_config(Key::StatusCallbackSecret, CALLBACK_SECRET)
        .with_config(Key::From, "+14155550100")
        .with_config(Key::PublicBaseUrl, "studio.example/")
        .with_config(Key::BaseUrl, server.uri())
        .build()
        .unwrap()
}

fn noa() -> PhoneNumber {
    "+972509876543".parse().unwrap()
}

#[tokio::test]
async fn answers() {
    let server = MockServer::start().await;
    let mut results = Vec::new();
    for answer in fixture::<Vec<Answer>>(include_str!("../fixtures/answers.json")) {
        let line = line_answered_with(&server, &answer).await;
        let result = match line.send_text(noa(), "היי").await {
            Ok(receipt) => json!({"id": receipt.id}),
            Err(error) => json!({
                "error": error.to_string(), "kind": error.kind(), "retry": format!("{:?}", error.retry()),
                "code": error.code(), "status": error.status(), "trace_id": error.trace_id(), "advice": error.advice(),
            }),
        };
        results.push(json!({"name": answer.name, "result": result}));
    }
    assert_json_snapshot!(results);
}

#[tokio::test]
async fn requests() {
    let server = MockServer::start().await;
    let answer = Answer { name: String::new(), status: 201, headers: vec![], body: r#"{"sid":"SM1"}"#.to_owned() };
    let line = line_answered_with(&server, &answer).await;
    let file = |kind, link| MediaFile::link(kind, link).unwrap();
    let hidden: UserId = "IL.7731alphaBeta".parse().unwrap();
    let id = "00112233445566778899aabbccddeeff".parse::<CorrelationId>().unwrap();
    let content_sid = "HXd1ce0000d1ce0000d1ce0000d1ce0000";
    let messages = [
        ("text", OutboundMessage::new(noa(), "התור מחר ב-10:00 ✅\n50% + & = \"?\"")),
        ("text to a hidden number", OutboundMessage::new(hidden, "היי")),
        ("correlation", OutboundMessage::new(noa(), "היי").with_correlation(id)),
        (
            "image",
            OutboundMessage::new(
                noa(),
                file(MediaKind::Image, "https://cdn.example/א.jpg?x=1&y=2").with_caption("לפני"),
            ),
        ),
        ("video", OutboundMessage::new(noa(), file(MediaKind::Video, "https://cdn.example/a.mp4"))),
        ("audio", OutboundMessage::new(noa(), file(MediaKind::Audio, "https://cdn.example/a.ogg").with_caption(""))),
        (
            "document",
            OutboundMessage::new(
                noa(),
                file(MediaKind::Document, "https://cdn.example/a.pdf").with_caption("חוזה").with_file_name("x.pdf"),
            ),
        ),
        (
            "template",
            OutboundMessage::new(noa(), Template::new(content_sid, "he").with_parameters(["נועה", "\"10:00\""])),
        ),
        (
            "template by name",
            OutboundMessage::new(noa(), Template::new(content_sid, "he").with_named([("שעה", "10"), ("day", "ג'")])),
        ),
        ("template without values", OutboundMessage::new(noa(), Template::new(content_sid, "he"))),
        ("place", OutboundMessage::new(noa(), Location::new(32.0633, -0.000_000_5))),
        ("named place", OutboundMessage::new(noa(), Location::new(32.0633, 34.7719).with_name("סטודיו נועה"))),
        (
            "place with address",
            OutboundMessage::new(noa(), Location::new(32.0633, 34.7719).with_name("סטודיו").with_address("רוטשילד 1")),
        ),
    ];
    for (_, message) in &messages {
        line.send(message).await.unwrap();
    }
    let seen = server.received_requests().await.unwrap();
    assert_eq!(seen.len(), messages.len());
    let forms: Vec<_> = messages
        .iter()
        .zip(&seen)
        .map(|((name, _), request)| {
            let fields: Vec<_> = form_urlencoded::parse(&request.body).map(|(key, value)| [key, value]).collect();
            json!({"name": name, "form": fields})
        })
        .collect();
    assert_json_snapshot!(forms);
}

/// Reads the answers of the folder that `EXTRA_FIXTURES` names, if it names one.
#[tokio::test]
async fn extra_answers() {
    let Some(folder) = whatsapp_core::testing::extra_fixtures("twilio") else { return };
    let server = MockServer::start().await;
    let file = |name: &str| fixture::<Value>(&std::fs::read_to_string(Path::new(&folder).join(name)).unwrap());
    for case in file("messages_api.json")["sends"].as_array().unwrap() {
        let (name, answer) = (&case["name"], &case["response"]);
        let (status, body) = (fixture(&answer["status"].to_string()), answer["body"].to_string());
        let line = line_answered_with(&server, &Answer { name: String::new(), status, headers: vec![], body }).await;
        match line.send_text(noa(), "היי").await {
            Ok(receipt) => assert_eq!(receipt.id.as_str(), answer["body"]["sid"], "{name}"),
            Err(error) => println!("{name}: {error} ({}, {:?})", error.kind(), error.retry()),
        }
    }
    for case in file("error_bodies.json")["responses"].as_array().unwrap() {
        let headers = case["headers"].as_object().into_iter().flatten();
        let headers = headers.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect();
        let (status, body) = (fixture(&case["status"].to_string()), case["body"].as_str().unwrap().to_owned());
        let line = line_answered_with(&server, &Answer { name: String::new(), status, headers, body }).await;
        let error = line.send_text(noa(), "היי").await.unwrap_err();
        println!(
            "{}: {} {:?}, retryable: {}",
            case["name"],
            error.kind(),
            error.retry(),
            case["expected"]["retryable"]
        );
    }
}
