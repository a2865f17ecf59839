//! The samples of the folder that `EXTRA_FIXTURES` names, beside the reading that they give for each.
use std::{collections::HashSet, path::PathBuf};

use serde_json::{Map, Value, json};
use whatsapp_core::{
    AliasKind, Event, Forwarded, Identity, InboundContent, InboundMessage, Reply, Status, StatusUpdate,
};

use crate::studio;

/// What we read otherwise, and why. Each must still be otherwise.
const OTHERWISE: [(&str, &str, &str); 13] = [
    ("contact_vcard", "kind", "a file like any other: what is in it is known once it is fetched"),
    ("voice_call_request_button", "kind", "it answers whether we may call, which core has a word for"),
    ("voice_call_request_button", "text", "the marker of the request is no text"),
    ("voice_call_request_button", "button", "the answer is read"),
    ("click_to_whatsapp_ad", "media_id", "leads nowhere; core has no place for it"),
    ("click_to_whatsapp_ad", "media_content_type", "core keeps `image` or `video`"),
    ("unsupported_type", "kind", "core has a word for it"),
    ("sms_same_webhook", "kind", "an SMS is not read, so that nobody answers it on WhatsApp"),
    ("sms_same_webhook", "text", "not read"),
    ("sms_same_webhook", "from", "nobody on WhatsApp wrote it"),
    ("undelivered_outside_window_with_channel_message", "message", "WhatsApp's words follow Twilio's"),
    ("undelivered_not_on_whatsapp", "message", "WhatsApp's words follow Twilio's"),
    ("failed_meta_marketing_limit", "message", "WhatsApp's words follow Twilio's"),
];

/// What is decided by others: the server, the code table of the sending side.
const NOT_OURS: [&str; 4] = ["channel", "terminal", "retryable", "action"];

fn file(name: &str) -> Option<Value> {
    let folder: PathBuf = whatsapp_core::testing::extra_fixtures("twilio")?;
    Some(serde_json::from_str(&std::fs::read_to_string(folder.join(name)).unwrap()).unwrap())
}

/// Compares what is expected, key by key, and returns which of [`OTHERWISE`] were met.
fn compare(name: &str, expected: &Map<String, Value>, found: &Value, met: &mut HashSet<(String, String)>) {
    for (key, wanted) in expected {
        if NOT_OURS.contains(&key.as_str()) {
            continue;
        }
        if let Some(parts) = wanted.as_object().filter(|_| matches!(key.as_str(), "error" | "referral")) {
            compare(name, parts, &found[key], met);
        } else if OTHERWISE.iter().any(|(case, part, _)| (*case, *part) == (name, key.as_str())) {
            assert_ne!(&found[key], wanted, "{name}: {key} is read as expected, so it is no exception");
            met.insert((name.to_owned(), key.clone()));
        } else {
            assert_eq!(&found[key], wanted, "{name}: {key}");
        }
    }
}

#[test]
fn extra_forms() {
    let (Some(inbound), Some(statuses)) = (file("inbound_messages.json"), file("status_callbacks.json")) else {
        return;
    };
    let mut met = HashSet::new();
    let cases = [inbound, statuses].map(|file| file["cases"].as_array().unwrap().clone());
    for case in cases.iter().flatten() {
        let (name, expected) = (case["name"].as_str().unwrap(), case["expected"].as_object().unwrap());
        let events = studio::read("/webhook/whatsapp/inbound", case["raw"].as_str().unwrap().as_bytes());
        let events: Vec<_> = events.into_iter().flatten().map(|envelope| (envelope.line, envelope.event)).collect();
        if expected.get("error") == Some(&Value::Bool(true)) || expected.contains_key("error_response") {
            let nothing = events.iter().all(|(_, event)| matches!(event, Event::Unknown(_)));
            assert!(nothing, "{name}: nothing can be told of it");
            continue;
        }
        let files = expected.get("media").and_then(Value::as_array).map_or(0, Vec::len);
        assert_eq!(events.len(), files.max(1), "{name}");
        let mut found = match &events[0].1 {
            Event::Message(message) => of_message(message),
            Event::Status(update) => of_status(update, expected),
            Event::Unknown(unknown) => json!({
                "id": unknown.id, "kind": unknown.kind, "text": null, "status": "unknown", "error": null,
                "from": unknown.from.as_ref().and_then(Identity::phone),
                "profile_name": unknown.from.as_ref().and_then(Identity::name),
            }),
            other => json!({"kind": format!("{other:?}")}),
        };
        found["media"] = events.iter().filter_map(|(_, event)| of_file(event)).collect();
        found["to"] = json!(events[0].0.as_str().trim_start_matches("whatsapp:"));
        compare(name, expected, &found, &mut met);
    }
    for (name, key, why) in OTHERWISE {
        assert!(met.contains(&(name.to_owned(), key.to_owned())), "{name}: {key} was not met");
        println!("{name}: {key} is read otherwise: {why}");
    }
}

fn of_message(message: &InboundMessage) -> Value {
    let kind = match &message.content {
        InboundContent::Reply(Reply::Button { .. } | Reply::TemplateButton { .. }) => "button",
        InboundContent::Reply(Reply::Row { .. }) => "list",
        InboundContent::Reply(Reply::Flow { .. }) => "flow",
        content => content.kind(),
    };
    let mut found = json!({
        "id": message.id, "kind": kind, "text": message.content.words(), "reply_to": message.reply_to,
        "from": message.from.phone(), "profile_name": message.from.name(),
        "username": message.from.get(AliasKind::Username), "external_user_id": message.from.get(AliasKind::Bsuid),
        "forwarded": message.forwarded.is_some(),
        "frequently_forwarded": message.forwarded == Some(Forwarded::Often),
    });
    match &message.content {
        InboundContent::Reply(reply @ (Reply::Button { .. } | Reply::TemplateButton { .. })) => {
            found["button"] = json!({"payload": reply.id(), "text": reply.title()});
        }
        InboundContent::Reply(Reply::Row { id, title, .. }) => found["list"] = json!({"id": id, "title": title}),
        InboundContent::Reply(Reply::Flow { response, .. }) => found["flow_data"] = response.clone(),
        InboundContent::Location(place) => {
            // What a place is called is no text of the sender.
            found["text"] = Value::Null;
            found["location"] = json!({
                "latitude": place.latitude, "longitude": place.longitude, "label": place.name, "address": place.address,
            });
        }
        _ => {}
    }
    if let Some(ad) = &message.referral {
        found["referral"] = json!({
            "source_type": ad.source_type, "source_id": ad.source_id, "source_url": ad.source_url,
            "headline": ad.headline, "body": ad.body, "ctwa_clid": ad.click_id,
            "media_content_type": ad.media_type, "media_url": ad.image_url,
        });
    }
    found
}

fn of_file(event: &Event) -> Option<Value> {
    let Event::Message(InboundMessage { content: InboundContent::Media(file), .. }) = event else { return None };
    Some(json!({"content_type": file.mime_type, "url": file.url}))
}

/// Our state stands for several of Twilio's words.
fn state(word: &str) -> Status {
    match word {
        "undelivered" | "canceled" => Status::Failed,
        "accepted" => Status::Queued,
        other => other.parse().unwrap(),
    }
}

fn of_status(update: &StatusUpdate, expected: &Map<String, Value>) -> Value {
    let word = expected["status"].as_str().unwrap();
    let error = update.error.as_ref().filter(|error| error.code.is_some()).map(|error| {
        // Without words of Twilio's or WhatsApp's, the state itself is the reason.
        json!({"code": error.code, "message": Some(&error.message).filter(|message| **message != word)})
    });
    let status = if state(word) == update.status { word } else { update.status.as_str() };
    let recipient = update.recipient.as_ref();
    json!({
        "id": update.id, "status": status, "error": error,
        "external_user_id": recipient.and_then(|person| person.get(AliasKind::Bsuid)),
    })
}

/// Statuses in any order end in the same state.
#[test]
fn extra_sequences() {
    let Some(file) = file("status_callbacks.json") else { return };
    for case in file["sequences"].as_array().unwrap() {
        let states = case["events"].as_array().unwrap().iter().map(|word| {
            let form = format!("MessageSid=SM1&MessageStatus={}", word.as_str().unwrap());
            let events = studio::read("/webhook/whatsapp/status", form.as_bytes()).unwrap();
            let Event::Status(update) = &events[0].event else { panic!("{events:?}") };
            update.status
        });
        let last = states.reduce(Status::join).unwrap();
        assert_eq!(last, state(case["final"].as_str().unwrap()), "{}", case["name"]);
    }
}
