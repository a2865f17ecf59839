//! What a contact's message says. What is there counts; `MessageType` is newer and may lack.
use serde_json::Value;
use whatsapp_core::{InboundContent, Location, MessageId, Reaction, Reply, Unsupported, limits};

use super::{fields::Fields, media::files};
use crate::wire::is_whatsapp;

/// What an inbound form is.
pub(super) enum Reading {
    /// One message.
    Content(InboundContent),
    /// As many messages as there are files.
    Files,
    /// Nothing that this version reads, by name.
    Other(String),
}

impl Reading {
    /// What to call it if it cannot be a message, as it lacks its id or its sender.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Content(content) => content.kind(),
            Self::Files => "media",
            Self::Other(name) => name,
        }
    }
}

/// Source: Twilio, WhatsApp inbound webhook parameters. `claimed` is the `MessageType` in lower case.
pub(super) fn read(fields: &Fields<'_>, claimed: &str) -> Reading {
    let content = if is_sms(fields) {
        return Reading::Other("sms".to_owned());
    } else if fields.latitude.text().is_some() && fields.longitude.text().is_some() {
        let place = location(fields).map(InboundContent::Location);
        return place.map_or_else(|| Reading::Other("location".to_owned()), Reading::Content);
    } else if let Some(reply) = row(fields).or_else(|| button(fields, claimed)).or_else(|| flow(fields)) {
        Some(InboundContent::Reply(reply))
    } else if files(fields).next().is_some() {
        return Reading::Files;
    } else {
        let words = fields.body.text().map(InboundContent::text);
        match claimed {
            "reaction" => reaction(fields).map(InboundContent::Reaction).or(words),
            "unsupported" => Some(unsupported()),
            // As the list of messages has it, which knows no type: a message without words or files.
            "text" => Some(words.unwrap_or_else(unsupported)),
            // The type may be new, or lack what belongs to it; what is there counts.
            _ => words,
        }
    };
    let other = if claimed.is_empty() { "unknown" } else { claimed };
    content.map_or_else(|| Reading::Other(other.to_owned()), Reading::Content)
}

/// Something that was kept back, nobody says what.
fn unsupported() -> InboundContent {
    InboundContent::Unsupported(Unsupported::default())
}

/// A number can take SMS by the same webhook; such a form has no mark of WhatsApp at all.
pub(super) fn is_sms(fields: &Fields<'_>) -> bool {
    let marks = [fields.wa_id, fields.message_type, fields.metadata, fields.user_id];
    let addressed = || [fields.from, fields.to].iter().any(|field| field.text().is_some_and(|text| is_whatsapp(&text)));
    fields.from.is_there() && !marks.iter().any(|field| field.is_there()) && !addressed()
}

fn location(fields: &Fields<'_>) -> Option<Location> {
    let latitude = fields.latitude.text()?.trim().parse().ok()?;
    let longitude = fields.longitude.text()?.trim().parse().ok()?;
    let mut place = Location::new(latitude, longitude);
    place.name = fields.label.string();
    place.address = fields.address.string();
    Some(place).filter(Location::is_valid)
}

/// A row of a list picker.
fn row(fields: &Fields<'_>) -> Option<Reply> {
    let id = fields.list_id.string()?;
    let title = fields.list_title.string().or_else(|| fields.body.string()).unwrap_or_default();
    Some(Reply::Row { id, title, description: fields.list_description.string() })
}

/// A button of a template, or of a message within the 24 hours. Without a text of its own, the body repeats it.
fn button(fields: &Fields<'_>, claimed: &str) -> Option<Reply> {
    let (text, payload) = (fields.button_text.string(), fields.button_payload.string());
    match (text.as_deref(), payload.as_deref()) {
        (None, None) => return None,
        // Source: Twilio, WhatsApp calling, answers to `VOICE_CALL_REQUEST`. Nothing says how long it holds.
        (Some("VOICE_CALL_REQUEST"), Some(answer @ ("ACCEPTED" | "REJECTED"))) => {
            let granted = answer == "ACCEPTED";
            return Some(Reply::CallPermission { granted, permanent: false, expires_at: None, automatic: false });
        }
        _ => {}
    }
    let text = text.or_else(|| fields.body.string()).unwrap_or_default();
    let payload = payload.unwrap_or_default();
    Some(if claimed == "button" {
        Reply::TemplateButton { payload, text }
    } else {
        Reply::Button { id: payload, title: text }
    })
}

/// The answers of a form, which are JSON within a text.
fn flow(fields: &Fields<'_>) -> Option<Reply> {
    let written = fields.flow.string().or_else(|| fields.interactive.string())?;
    // Too deep, it could be stored and never be read again.
    let shallow = limits::check(written.as_bytes()).is_ok();
    let read = shallow.then(|| serde_json::from_str(&written).ok()).flatten();
    let response: Value = read.unwrap_or(Value::String(written));
    let token = response.get("flow_token").and_then(Value::as_str).map(str::to_owned);
    Some(Reply::Flow { body: fields.body.string().unwrap_or_default(), token, response })
}

/// An emoji on an earlier message. Twilio does not promise reactions, so what is longer than an emoji, or reads like
/// words, is left alone.
fn reaction(fields: &Fields<'_>) -> Option<Reaction> {
    let emoji = fields.body.text()?;
    let is_emoji = emoji.chars().count() <= 32 && !emoji.chars().any(|c| c.is_ascii_alphabetic() || c.is_whitespace());
    let on = fields.replied_sid.text().filter(|_| is_emoji)?;
    Some(Reaction::new(MessageId::from(&*on), emoji))
}
