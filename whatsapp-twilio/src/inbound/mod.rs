//! What a verified form says. One form is one message or one status.
mod content;
mod fields;
pub(crate) mod media;
mod message;
pub(crate) mod person;
pub(crate) mod status;

use whatsapp_core::{CorrelationId, Event, LineId, MessageId, Result, Unknown};

use self::fields::Fields;
use crate::wire::address;

/// The events of a form, and whose they are.
pub(crate) struct Reading {
    /// The line; empty if the form names none.
    pub(crate) line: LineId,
    /// The message that it is about.
    pub(crate) id: Option<MessageId>,
    /// At least one.
    pub(crate) events: Vec<Event>,
}

/// Reads `form`; `correlation` is asked for the caller's own id if it is about a message of ours.
///
/// # Errors
/// [`ErrorKind::Protocol`](whatsapp_core::ErrorKind::Protocol) if it has no fields, or exceeds a limit.
pub(crate) fn read(form: &[u8], correlation: impl FnOnce() -> Option<CorrelationId>) -> Result<Reading> {
    let fields = Fields::read(form)?;
    let id = fields.id();
    // An inbound message has a status, too: that it is here.
    let status = fields.message_status.text().or_else(|| fields.sms_status.text());
    let status = status.filter(|name| !matches!(&**name, "received" | "receiving"));
    let is_message =
        [fields.body, fields.num_media, fields.message_type, fields.sms_status].iter().any(|f| f.is_there());
    let (line, events) = match status {
        Some(name) => (fields.from, vec![status::read(&fields, id.clone(), &name, correlation())]),
        None if is_message => (fields.to, message::read(&fields, id.clone())),
        None => (fields.to, vec![Event::Unknown(Unknown::new("form").with_id(id.clone()))]),
    };
    let line = line.text().map(|line| address(&line)).unwrap_or_default().into();
    Ok(Reading { line, id, events })
}

/// A short, plain name for something unread: it is stored and logged.
fn kind(group: &str, name: &str) -> String {
    let plain = name.len() <= 40 && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    [group, ".", if plain && !name.is_empty() { name } else { "unknown" }].concat()
}
