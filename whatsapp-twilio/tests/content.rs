//! Contents: exact requests, approval, templates by name, and messages that ask for a tap.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

#[path = "content/extra.rs"]
mod extra;
#[path = "content/interactive.rs"]
mod interactive;
#[path = "content/names.rs"]
mod names;
#[path = "content/operations.rs"]
mod operations;
#[path = "content/rules.rs"]
mod rules;
#[path = "content/sessions.rs"]
mod sessions;
#[path = "content/stand_in.rs"]
mod stand_in;

use serde_json::{Value, json};
use whatsapp_core::PhoneNumber;
use whatsapp_twilio::{Twilio, TwilioBuilder, TwilioConfigKey as Key};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

const ACCOUNT: &str = "ACd1ce0000d1ce0000d1ce0000d1ce0000";
const MESSAGES: &str = "/2010-04-01/Accounts/ACd1ce0000d1ce0000d1ce0000d1ce0000/Messages.json";
const TOKEN: &str = "d00df00dd00df00dd00df00dd00df00d";
const CONTENT: &str = "HXc0ffee00c0ffee00c0ffee00c0ffee00";

fn noa() -> PhoneNumber {
    "+972509876543".parse().unwrap()
}

fn line(server: &MockServer) -> Twilio {
    TwilioBuilder::new()
        .with_config(Key::AccountSid, ACCOUNT)
        .with_config(Key::AuthToken, TOKEN)
        .with_config(Key::From, "+14155550100")
        .with_config(Key::BaseUrl, server.uri())
        .build()
        .unwrap()
}

async fn answers(server: &MockServer, verb: &str, at: &str, status: u16, body: Value) {
    let template = ResponseTemplate::new(status).set_body_json(body);
    Mock::given(method(verb)).and(path(at)).respond_with(template).mount(server).await;
}

/// Takes every message.
async fn takes_messages(server: &MockServer) {
    answers(server, "POST", MESSAGES, 201, json!({"sid": "MM1", "status": "queued"})).await;
}

fn page(contents: &[Value], next: Option<&str>) -> Value {
    json!({"contents": contents, "meta": {"page": 0, "page_size": 500, "next_page_url": next, "key": "contents"}})
}

fn template(sid: &str, name: &str, language: &str, status: &str, updated: &str) -> Value {
    json!({
        "sid": sid, "friendly_name": name, "language": language, "variables": {"1": "דנה", "2": "10:00"},
        "types": {"twilio/text": {"body": format!("היי {{{{1}}}}, ב-{{{{2}}}}, {sid}")}},
        "date_created": "2026-01-01T00:00:00Z", "date_updated": updated,
        "approval_requests": {"name": name, "category": "UTILITY", "content_type": "twilio/text", "status": status,
            "rejection_reason": "", "allow_category_change": true},
    })
}

/// What the server was asked, each as `VERB path?query`, and its body: JSON, or a form's pairs.
async fn asked(server: &MockServer) -> Vec<(String, Value)> {
    let read = |request: wiremock::Request| {
        let query = request.url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let is_json = request.headers.get("content-type").is_some_and(|kind| kind == "application/json");
        let body = if is_json {
            serde_json::from_slice(&request.body).unwrap()
        } else {
            json!(form_urlencoded::parse(&request.body).map(|(key, value)| [key, value]).collect::<Vec<_>>())
        };
        (format!("{} {}{query}", request.method, request.url.path()), body)
    };
    server.received_requests().await.unwrap().into_iter().map(read).collect()
}

/// How often a request was made whose line begins so.
async fn count(server: &MockServer, begin: &str) -> usize {
    asked(server).await.iter().filter(|(line, _)| line.starts_with(begin)).count()
}
