//! What a contact takes back of an earlier message: its words, or all of it.
use whatsapp_core::{Envelope, Event, InboundContent, MessageId, Status};

use super::apply::{UNREAD, describe};
use crate::store::{StoreError, entity::whatsapp_message};

/// The earlier message that `envelope` edits or deletes.
pub(super) fn original(envelope: &Envelope) -> Option<&MessageId> {
    let Event::Message(message) = &envelope.event else { return None };
    match &message.content {
        InboundContent::Edited(edited) => Some(&edited.original),
        InboundContent::Revoked(revoked) => Some(&revoked.original),
        _ => None,
    }
}

/// Changes the earlier message; `false` if there was nothing to change. A deleted message stays in the file, as a
/// business may have to show what it was answering, but it says that it was deleted.
pub(super) fn apply(row: &mut whatsapp_message::Model, envelope: &Envelope) -> Result<bool, StoreError> {
    let Event::Message(message) = &envelope.event else { return Ok(false) };
    let deleted = Status::Deleted.as_str();
    if row.direction != "in" || row.status == deleted {
        return Ok(false);
    }
    if matches!(message.content, InboundContent::Revoked(_)) {
        deleted.clone_into(&mut row.status);
        return Ok(true);
    }
    let quoted = row.reply_to.take();
    describe(row, message);
    row.reply_to = row.reply_to.take().or(quoted);
    row.content = serde_json::to_value(&envelope.event)?;
    Ok(true)
}

/// Providers keep no order: a correction that comes first takes the place of its message, which then fills in what
/// is still to be known of it and changes nothing else.
pub(super) fn stand_in(row: &mut whatsapp_message::Model, original: &MessageId, envelope: &Envelope) {
    row.provider_message_id = Some(original.to_string());
    if let Event::Message(message) = &envelope.event
        && matches!(message.content, InboundContent::Revoked(_))
    {
        UNREAD.clone_into(&mut row.kind);
        Status::Deleted.as_str().clone_into(&mut row.status);
    }
}
