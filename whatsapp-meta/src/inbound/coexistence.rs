//! What the owner of a number does beside us: on the phone with the WhatsApp Business app, before the number was
//! connected, or by another application. Source: Meta, onboarding business app users; conversation routing.
use whatsapp_core::{
    Echo, Event, History, HistoryMessage, HistoryPart, Identity, InboundContent, Status, Unknown, Unsupported,
};

use super::{Place, Timed, contact::Person, content, failure, message, message_id, time};
use crate::wire::Json;

/// A message of ours that we did not send.
pub(super) fn echo(json: Json<'_>, place: &Place<'_>) -> Timed {
    // An application's message is written as it was sent.
    let said = Some(json.get("message")).filter(|message| message.is_given()).unwrap_or(json);
    let (at, id) = (time(json.get("timestamp")), message_id(json.get("id")));
    let kind = said.get("type").text().or_else(|| content::only(said));
    let to = Person {
        wa: said.get("to").text(),
        user: said.get("to_user_id").text().or_else(|| said.get("recipient").text()),
        parent: said.get("to_parent_user_id").text(),
    };
    let grouped = said.get("group_id").is_given() || json.get("group_id").is_given();
    let private = !grouped && said.get("recipient_type").text().as_deref() != Some("group");
    let to = private.then(|| place.contacts.identity(&to)).flatten();
    let content = kind.as_deref().and_then(|kind| content::read(kind, said));
    // Of what applications send and people cannot, a template for one, only the kind is told.
    let foreign = || kind.clone().filter(|_| place.standby).map(|kind| Unsupported::new(Some(kind.into_owned()), None));
    let content = content.or_else(|| foreign().map(InboundContent::Unsupported));
    let (Some(id), Some(content)) = (id.clone(), content) else {
        return (Event::Unknown(Unknown::new(place.kind("echo", kind.as_deref())).with_id(id)), at);
    };
    let quote = said.get("context");
    let quoted = message::quoted(quote).or_else(|| message_id(quote.get("message_id")));
    (Event::Echo(Echo::new(id, to, content).with_reply_to(quoted)), at)
}

/// Every message of one part of the history, or the part itself if it has none. `true` if something in the place of a
/// list is none.
pub(super) fn history<'a>(json: Json<'a>, place: &Place<'a>, mut found: impl FnMut(Timed, &'a str)) -> bool {
    let metadata = json.get("metadata");
    let number = |name| metadata.get(name);
    let part = HistoryPart::new(number("phase").number(), number("chunk_order").number(), number("progress").number());
    let threads = json.get("threads");
    let (mut messages, mut odd) = (0, threads.is_no_list());
    for thread in threads.items() {
        let context = thread.get("context");
        let peer = place.contacts.identity(&Person {
            wa: thread.get("id").text().or_else(|| context.get("wa_id").text()),
            user: context.get("user_id").text(),
            parent: context.get("parent_user_id").text(),
        });
        odd |= thread.get("messages").is_no_list();
        for item in thread.get("messages").items() {
            messages += 1;
            found(past(item, peer.clone(), part, place), item.raw());
        }
    }
    let errors = json.get("errors");
    for error in errors.items() {
        found((Event::History(History::Declined(failure::read(error))), None), error.raw());
    }
    if errors.is_no_list() {
        found((Event::History(History::Declined(failure::read(errors))), None), errors.raw());
    } else if messages == 0 && errors.items().next().is_none() {
        found((Event::History(History::Part(part)), None), json.raw());
    }
    odd
}

/// A file of the history, which comes after the message that it belongs to.
pub(super) fn late_file(json: Json<'_>, place: &Place<'_>) -> Timed {
    let [wa, user, parent] = if place.is_ours(json.get("from")) {
        ["to", "to_user_id", "to_parent_user_id"]
    } else {
        ["from", "from_user_id", "from_parent_user_id"]
    };
    let peer = Person { wa: json.get(wa).text(), user: json.get(user).text(), parent: json.get(parent).text() };
    past(json, place.contacts.identity(&peer), HistoryPart::default(), place)
}

fn past(json: Json<'_>, peer: Option<Identity>, part: HistoryPart, place: &Place<'_>) -> Timed {
    let (at, id) = (time(json.get("timestamp")), message_id(json.get("id")));
    let kind = json.get("type").text().or_else(|| content::only(json));
    let content = kind.as_deref().and_then(|kind| content::read(kind, json));
    // What was written in a group is nobody's conversation with the business.
    let peer = peer.filter(|_| !json.get("group_id").is_given());
    let (Some(id), Some(peer), Some(content)) = (id.clone(), peer, content) else {
        return (Event::Unknown(Unknown::new(place.kind("message", kind.as_deref())).with_id(id)), at);
    };
    let then = json.get("history_context");
    let outgoing = then.get("from_me").boolean().unwrap_or_else(|| place.is_ours(json.get("from")));
    let message = HistoryMessage::new(id, peer, outgoing, content, part).with_status(state(then.get("status")));
    (Event::History(History::Message(message)), at)
}

/// How far a message had come, in capitals.
fn state(json: Json<'_>) -> Option<Status> {
    let name = json.text()?;
    match &*name {
        "ERROR" => Some(Status::Failed),
        "PENDING" => Some(Status::Sending),
        name => name.to_ascii_lowercase().parse().ok(),
    }
}
