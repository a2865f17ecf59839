//! What every sample of a webhook is read as: our own as snapshots, others beside what they should be read as.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

#[path = "webhooks/expected.rs"]
mod expected;
mod studio;

use std::collections::HashSet;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use insta::assert_json_snapshot;
use serde::Deserialize;
use serde_json::{Value, json};
use whatsapp_core::{Envelope, ErrorKind, Event, WebhookExt, WebhookRequest};

#[derive(Deserialize)]
struct Sample {
    name: String,
    #[serde(default)]
    query: String,
    body: String,
}

fn readings(samples: &str, path: &str) -> Vec<Value> {
    let read = |sample: Sample| {
        let events = studio::read(&format!("{path}{}", sample.query), sample.body.as_bytes()).unwrap();
        assert!(events.iter().all(|envelope| envelope.raw == sample.body && envelope.at.is_none()));
        let ids: HashSet<_> = events.iter().map(Envelope::event_id).collect();
        assert_eq!(ids.len(), events.len(), "{}", sample.name);
        let events: Vec<_> = events.iter().map(|one| json!({"line": one.line, "is": one.event})).collect();
        json!({"name": sample.name, "events": events})
    };
    serde_json::from_str::<Vec<Sample>>(samples).unwrap().into_iter().map(read).collect()
}

#[test]
fn inbound() {
    assert_json_snapshot!(readings(include_str!("../fixtures/inbound.json"), "/webhook/whatsapp/inbound"));
}

#[test]
fn statuses() {
    assert_json_snapshot!(readings(include_str!("../fixtures/statuses.json"), "/webhook/whatsapp/status"));
}

#[test]
fn every_form_reads_the_same_by_get() {
    for sample in serde_json::from_str::<Vec<Sample>>(include_str!("../fixtures/inbound.json")).unwrap() {
        let url = format!("https://studio.example/webhook/whatsapp/inbound?{}", sample.body);
        let headers: HeaderMap = [(
            http::header::HeaderName::from_static("x-twilio-signature"),
            HeaderValue::from_str(&studio::signature(&url, b"")).unwrap(),
        )]
        .into_iter()
        .collect();
        let request = WebhookRequest { method: &Method::GET, url: &url, headers: &headers, body: &Bytes::new() };
        let by_get = studio::webhook().receive(request).unwrap().unwrap();
        let by_post = studio::read("/webhook/whatsapp/inbound", sample.body.as_bytes()).unwrap();
        assert_eq!(by_get, by_post, "{}", sample.name);
    }
}

#[test]
fn a_wish_stands_beside_the_message_and_is_named_by_it() {
    let form = |sid: &str| {
        let body = format!(
            "MessageSid={sid}&From=whatsapp%3A%2B972509876543&To=whatsapp%3A%2B14155550100&Body=x&OptOutType=STOP"
        );
        let events = studio::read("/webhook/whatsapp/inbound", body.as_bytes()).unwrap();
        assert!(matches!(
            &events[..],
            [Envelope { event: Event::Message(_), .. }, Envelope { event: Event::Preference(_), .. }]
        ));
        events
    };
    let (first, again, other) = (form("SM01"), form("SM01"), form("SM02"));
    assert_eq!(first[1].occurrence.as_deref(), Some("SM01"));
    assert_eq!(first[1].event_id(), again[1].event_id());
    assert_ne!(first[1].event_id(), other[1].event_id());
}

#[test]
fn what_nobody_would_send_is_refused_as_a_whole() {
    let head = "MessageSid=SM1&From=whatsapp%3A%2B972509876543&Body=";
    let of_fields = |count: usize| format!("{head}x{}", "&a=b".repeat(count - 3));
    for (form, read) in [
        (of_fields(1000), true),
        (of_fields(1001), false),
        (format!("{head}{}", "x".repeat(64 * 1024)), true),
        (format!("{head}{}", "x".repeat(64 * 1024 + 1)), false),
        // Escapes count as they were sent.
        (format!("{head}{}", "%D7%A9".repeat(10_923)), false),
        (format!("{head}x&{}=1", "k".repeat(64 * 1024 + 1)), false),
        ("&&".to_owned(), false),
        (String::new(), false),
    ] {
        let result = studio::read("/webhook/whatsapp/inbound", form.as_bytes());
        assert_eq!(result.is_ok(), read, "{} bytes", form.len());
        if let Err(error) = result {
            assert_eq!(error.kind(), ErrorKind::Protocol);
            assert!(error.to_string().contains("limit") || error.to_string().contains("no fields"), "{error}");
        }
    }
}
