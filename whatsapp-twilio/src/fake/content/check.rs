//! Reads a content as Twilio does.
use axum::http::{HeaderMap, header};
use serde_json::Value;

use super::bad;
use crate::fake::check::Refusal;

/// Fields without which Twilio takes no content, by type. Source: Twilio, Content API, content types.
const REQUIRED: [(&str, &[&str]); 14] = [
    ("twilio/text", &["body"]),
    ("twilio/media", &["media"]),
    ("twilio/location", &["latitude", "longitude"]),
    ("twilio/quick-reply", &["body", "actions"]),
    ("twilio/call-to-action", &["body", "actions"]),
    ("twilio/list-picker", &["body", "button", "items"]),
    ("twilio/card", &["title"]),
    ("twilio/carousel", &["body", "cards"]),
    ("twilio/catalog", &["body"]),
    ("twilio/schedule", &["id", "title", "timeSlots"]),
    ("twilio/flows", &["body", "button_text", "pages", "type"]),
    ("whatsapp/card", &["body"]),
    ("whatsapp/authentication", &["actions"]),
    ("whatsapp/flows", &["body", "button_text", "flow_id"]),
];

/// Reads a content as Twilio does, and refuses one that lacks what its type needs.
pub(super) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Value, Refusal> {
    if headers.get(header::CONTENT_TYPE).is_none_or(|value| value != "application/json") {
        return Err(bad("the body is not JSON"));
    }
    let draft: Value = serde_json::from_slice(body).map_err(|_| bad("the body is not JSON"))?;
    let is_there = |object: &Value, field: &str| match object.get(field) {
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(entries)) => !entries.is_empty(),
        Some(value) => !value.is_null(),
        None => false,
    };
    if !is_there(&draft, "language") {
        return Err(bad("language is required"));
    }
    let types = draft.get("types").and_then(Value::as_object).filter(|types| !types.is_empty());
    for (name, kind) in types.ok_or_else(|| bad("types is required"))? {
        let known = REQUIRED.iter().find(|(known, _)| known == name);
        let (_, required) = known.ok_or_else(|| bad(&format!("types: {name} is not known")))?;
        if let Some(field) = required.iter().find(|field| !is_there(kind, field)) {
            return Err(bad(&format!("types.{name}.{field} is required")));
        }
        for (list, fields) in [("actions", ["type"].as_slice()), ("items", &["id"])] {
            let entries = kind.get(list).and_then(Value::as_array).into_iter().flatten();
            for entry in entries {
                if let Some(field) = fields.iter().find(|field| !is_there(entry, field)) {
                    return Err(bad(&format!("types.{name}.{list}: {field} is required")));
                }
            }
        }
    }
    let texts = draft.get("variables").and_then(Value::as_object).into_iter().flatten();
    if texts.into_iter().any(|(_, value)| !value.is_string()) {
        return Err(bad("variables: texts expected"));
    }
    Ok(draft)
}
