//! A message of ours came further.
use whatsapp_core::{CorrelationId, DeliveryError, Event, MessageId, Status, StatusUpdate, Unknown};

use super::{fields::Fields, kind, person::recipient};
use crate::error::delivery_error;

/// The state of a message of ours that Twilio calls `name`; `None` for a word that this version does not know.
///
/// Source: Twilio, Messages resource, "Message status values".
pub(crate) fn status_named(name: &str) -> Option<Status> {
    Some(match name {
        "accepted" | "scheduled" | "queued" => Status::Queued,
        "sending" => Status::Sending,
        // Some of it arrived: that it left is all that is sure of the whole.
        "sent" | "partially_delivered" => Status::Sent,
        "delivered" => Status::Delivered,
        "read" => Status::Read,
        "failed" | "undelivered" | "canceled" => Status::Failed,
        _ => return None,
    })
}

pub(super) fn read(
    fields: &Fields<'_>,
    id: Option<MessageId>,
    name: &str,
    correlation: Option<CorrelationId>,
) -> Event {
    let (status, id) = match (status_named(name), id) {
        (Some(status), Some(id)) => (status, id),
        (_, id) => return Event::Unknown(Unknown::new(kind("status", name)).with_id(id)),
    };
    let error = (status == Status::Failed).then(|| reason(fields, name));
    let update = StatusUpdate::new(id, status).with_recipient(recipient(fields)).with_correlation(correlation);
    Event::Status(update.with_error(error))
}

/// Why it failed: Twilio's words and behind them WhatsApp's, else the state itself.
fn reason(fields: &Fields<'_>, name: &str) -> DeliveryError {
    let words = match (fields.error_message.text(), fields.channel_message.text()) {
        (Some(ours), Some(theirs)) if ours != theirs => format!("{ours} ({theirs})").into(),
        (ours, theirs) => ours.or(theirs).unwrap_or_else(|| name.into()),
    };
    let code = fields.error_code.text().and_then(|code| code.trim().parse().ok());
    delivery_error(code, &words)
}
