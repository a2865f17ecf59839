//! Answers to interactive messages and to a template's buttons. Source: Meta, Webhooks reference, `messages`,
//! interactive and button messages.
use serde_json::Value;
use whatsapp_core::{Reply, limits};

use super::time;
use crate::wire::Json;

/// The answer in an `interactive` message. Meta loses some, and then sends the message without it.
pub(super) fn of_interactive(json: Json<'_>, message: Json<'_>) -> Option<Reply> {
    if !json.is_given() {
        return (message.get("type").text().as_deref() == Some("interactive")).then_some(Reply::Lost);
    }
    let kind = json.get("type").text()?;
    let answer = json.get(&kind);
    let text = |name| answer.get(name).string();
    Some(match &*kind {
        "button_reply" => Reply::Button { id: text("id")?, title: text("title").unwrap_or_default() },
        "list_reply" => {
            Reply::Row { id: text("id")?, title: text("title").unwrap_or_default(), description: text("description") }
        }
        "nfm_reply" => form(answer)?,
        "call_permission_reply" => Reply::CallPermission {
            granted: answer.get("response").text()? == "accept",
            permanent: answer.get("is_permanent").is_true(),
            expires_at: time(answer.get("expiration_timestamp")),
            automatic: answer.get("response_source").text().as_deref() == Some("automatic"),
        },
        _ => return None,
    })
}

/// The answers of a form, which are JSON within a text.
fn form(answer: Json<'_>) -> Option<Reply> {
    let body = answer.get("body").string().unwrap_or_default();
    let written = answer.get("response_json").string()?;
    // JSON within a text has escaped the limits so far; too deep, it could be stored and never be read again.
    let shallow = limits::check(written.as_bytes()).is_ok();
    let read = shallow.then(|| serde_json::from_str(&written).ok()).flatten();
    let response: Value = read.unwrap_or(Value::String(written));
    Some(if answer.get("name").text().as_deref() == Some("address_message") {
        Reply::Address { body, response }
    } else {
        let token = response.get("flow_token").and_then(Value::as_str).map(str::to_owned);
        Reply::Flow { body, token, response }
    })
}

/// The tapped quick reply of a template.
pub(super) fn of_template(json: Json<'_>) -> Option<Reply> {
    let payload = json.get("payload").string();
    let text = json.get("text").string();
    (payload.is_some() || text.is_some())
        .then(|| Reply::TemplateButton { payload: payload.unwrap_or_default(), text: text.unwrap_or_default() })
}
