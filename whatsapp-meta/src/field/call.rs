//! Calls, and how far they came. Source: Meta, Webhooks reference, `calls`.
use whatsapp_core::{CallUpdate, Event, MessageId};

use super::{Item, Scope, digits, failure, time};
use crate::wire::Json;

const FROM: [&str; 3] = ["from", "from_user_id", "from_parent_user_id"];
const TO: [&str; 3] = ["to", "to_user_id", "to_parent_user_id"];

/// An item of `calls`.
pub(super) fn read<'a>(scope: &Scope<'_, 'a>, call: Json<'a>) -> Option<Item<'a>> {
    let mut update = update(call, "event")?;
    update.outgoing = match call.get("direction").text().as_deref() {
        Some("USER_INITIATED") => Some(false),
        Some("BUSINESS_INITIATED") => Some(true),
        _ => None,
    };
    let outside = match update.outgoing {
        Some(true) => TO,
        Some(false) => FROM,
        None => outside(scope, call),
    };
    update.peer = scope.person(call, outside);
    update.outcome = call.get("status").string();
    update.seconds = call.get("duration").number();
    update.sdp = call.get("session").get("sdp").string();
    // Failures of a call stand beside the list, and only what ends a call has some.
    let ends = update.event == "terminate";
    update.error = failure::first(call.get("errors")).or_else(|| scope.error.clone().filter(|_| ends));
    let whole = ends && scope.error.is_some();
    Some(Item { event: Event::Call(update), at: time(call.get("timestamp")), raw: (!whole).then_some(call.raw()) })
}

/// An item of `statuses`: how far a call of ours came.
pub(super) fn status<'a>(scope: &Scope<'_, 'a>, status: Json<'a>) -> Option<Item<'a>> {
    let mut update = update(status, "status")?;
    update.outgoing = Some(true);
    // Two spellings of the last one are in use.
    let parent = ["recipient_parent_user_id", "parent_recipient_user_id"];
    let parent = if status.get(parent[0]).is_given() { parent[0] } else { parent[1] };
    update.peer = scope.person(status, ["recipient_id", "recipient_user_id", parent]);
    update.error = failure::first(status.get("errors"));
    Some(Item { event: Event::Call(update), at: time(status.get("timestamp")), raw: Some(status.raw()) })
}

/// What both have; `event` is the key that says what happened.
fn update(item: Json<'_>, event: &str) -> Option<CallUpdate> {
    let id = MessageId::from(&*item.get("id").text()?);
    let mut update = CallUpdate::new(id, item.get(event).text()?.to_ascii_lowercase());
    update.correlation = item.get("biz_opaque_callback_data").text().and_then(|text| text.parse().ok());
    Some(update)
}

/// Which side is the person outside, where the direction is not given: as with recordings.
fn outside(scope: &Scope<'_, '_>, call: Json<'_>) -> [&'static str; 3] {
    let named = |[_, user, parent]: [&str; 3]| call.get(user).is_given() || call.get(parent).is_given();
    let ours = |key| call.get(key).text().is_some_and(|number| Some(digits(&number)) == scope.own);
    if named(FROM) || (!named(TO) && call.get("from").is_given() && !ours("from")) { FROM } else { TO }
}
