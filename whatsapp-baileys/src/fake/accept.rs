//! Messages that the bridge is asked to send: checked as it would, kept, and followed by statuses.
use axum::http::StatusCode;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;
use sha2::{Digest, Sha256};
use whatsapp_core::{
    LinkPhase, MediaFile, MediaKind, MessageId,
    testing::{Accepted, Inbound},
};

use super::{
    Inner,
    bridge::{Answer, Refusal, code},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Asked {
    to: String,
    message: Said,
    message_id: Option<String>,
    quoted: Option<String>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", rename_all_fields = "camelCase", deny_unknown_fields)]
enum Said {
    Text { text: String },
    Image(Attached),
    Video(Attached),
    Audio(Attached),
    Document(Attached),
    Sticker(Attached),
    Location { latitude: f64, longitude: f64, name: Option<String>, address: Option<String> },
    Reaction { message_id: String, emoji: String },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Attached {
    url: String,
    caption: Option<String>,
    file_name: Option<String>,
}

/// Kind, text and link, as [`Accepted`] holds them.
type Shown = (&'static str, Option<String>, Option<String>);

impl Said {
    fn show(self) -> Result<Shown, &'static str> {
        let empty = |text: &Option<String>| text.as_ref().is_some_and(String::is_empty);
        let (kind, file) = match self {
            Self::Text { text } if text.trim().is_empty() => return Err("message.text: empty"),
            Self::Text { text } if text.chars().count() > 65_536 => return Err("message.text: too long"),
            Self::Text { text } => return Ok(("text", Some(text), None)),
            Self::Location { latitude, longitude, .. } if latitude.abs() > 90.0 || longitude.abs() > 180.0 => {
                return Err("message: coordinates out of range");
            }
            Self::Location { name, address, .. } if empty(&name) || empty(&address) => {
                return Err("message: an empty name or address");
            }
            Self::Location { latitude, longitude, .. } => {
                return Ok(("location", Some(format!("{latitude},{longitude}")), None));
            }
            Self::Reaction { message_id, .. } if message_id.is_empty() => return Err("message.messageId: empty"),
            Self::Reaction { emoji, .. } => return Ok(("reaction", Some(emoji), None)),
            Self::Image(file) => (MediaKind::Image, file),
            Self::Video(file) => (MediaKind::Video, file),
            Self::Audio(file) => (MediaKind::Audio, file),
            Self::Document(file) => (MediaKind::Document, file),
            Self::Sticker(file) => (MediaKind::Sticker, file),
        };
        let bare = matches!(kind, MediaKind::Audio | MediaKind::Sticker);
        match &file.caption {
            Some(_) if bare => return Err("message.caption: not for audio and stickers"),
            Some(caption) if caption.chars().count() > 1024 => return Err("message.caption: too long"),
            _ if empty(&file.file_name) => return Err("message.fileName: empty"),
            _ => {}
        }
        MediaFile::link(kind, &file.url).map_err(|_| "message.url: an http(s) link expected")?;
        Ok((kind.as_str(), file.caption, Some(file.url)))
    }
}

pub(super) fn send(inner: &Inner, tenant: &str, body: &[u8]) -> Answer {
    let asked: Asked = parse(body)?;
    let to = user(&asked.to)?.to_owned();
    let id = match asked.message_id {
        Some(id) if is_web_id(&id) => id,
        Some(_) => return Err(Refusal::bad("messageId: 3EB0 and 18 upper-case hexadecimal digits expected")),
        None => {
            let digest = Sha256::digest(format!("{tenant}/{}", inner.count()));
            format!("3EB0{}", hex::encode_upper(digest).get(..18).unwrap_or_default())
        }
    };
    let (kind, text, link) = asked.message.show().map_err(Refusal::bad)?;
    connected(inner, tenant)?;
    let jid = if asked.to.contains('@') { asked.to } else { format!("{to}@s.whatsapp.net") };
    let receipt = json!({"id": id, "to": jid, "status": "PENDING"});
    let accepted = Accepted {
        id: MessageId::from(id.as_str()),
        to: to.clone(),
        kind: kind.to_owned(),
        text,
        link,
        parameters: Vec::new(),
        reply_to: asked.quoted,
        correlation: None,
        line: tenant.into(),
    };
    let follow = {
        let mut state = inner.state();
        if state.accepted.iter().any(|known| known.id == accepted.id && known.line == accepted.line) {
            return Ok(receipt);
        }
        state.accepted.push(accepted);
        state.follow.clone()
    };
    for status in follow {
        inner.deliver(tenant, &[Inbound::status(&id, &to, status)]);
    }
    Ok(receipt)
}

pub(super) fn read(inner: &Inner, tenant: &str, body: &[u8]) -> Answer {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Read {
        to: String,
        message_id: String,
    }
    let read: Read = parse(body)?;
    user(&read.to)?;
    connected(inner, tenant)?;
    if let Some(tenant) = inner.state().tenants.get_mut(tenant) {
        tenant.read.push(read.message_id.into());
    }
    Ok(json!({"ok": true}))
}

pub(super) fn presence(inner: &Inner, tenant: &str, body: &[u8]) -> Answer {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Presence {
        to: String,
        state: String,
    }
    let presence: Presence = parse(body)?;
    user(&presence.to)?;
    if !matches!(presence.state.as_str(), "composing" | "recording" | "paused") {
        return Err(Refusal::bad("state: composing, recording or paused expected"));
    }
    connected(inner, tenant)?;
    Ok(json!({"ok": true}))
}

pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::bad(error.to_string()))
}

/// The digits of a recipient in one of its three spellings.
fn user(to: &str) -> Result<&str, Refusal> {
    let (user, good) = match to.split_once('@') {
        None => (to, (7..=15).contains(&to.len())),
        Some((user, "lid")) => (user, (1..=20).contains(&user.len())),
        Some((user, "g.us")) => (user, (1..=40).contains(&user.len())),
        Some((user, _)) => (user, false),
    };
    if good && user.bytes().all(|b| b.is_ascii_digit() || (to.ends_with("@g.us") && b == b'-')) {
        Ok(user)
    } else {
        Err(Refusal::bad("to: digits, …@lid or …@g.us expected"))
    }
}

fn is_web_id(id: &str) -> bool {
    let digits = id.strip_prefix("3EB0").unwrap_or_default();
    digits.len() == 18 && digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'A'..=b'F'))
}

fn connected(inner: &Inner, tenant: &str) -> Result<(), Refusal> {
    match inner.state().tenants.get(tenant).map(|tenant| tenant.phase) {
        None => Err(Refusal::new(StatusCode::NOT_FOUND, "unknown tenant")),
        Some(LinkPhase::Open) => Ok(()),
        Some(phase) => Err(Refusal::new(StatusCode::CONFLICT, "not connected").with_code(code(phase))),
    }
}
