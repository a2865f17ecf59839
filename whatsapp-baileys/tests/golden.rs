//! What is sent and what is read, as snapshots; and what holds for any input.
#![expect(clippy::unwrap_used, reason = "test code")]

use std::{collections::BTreeSet, fs, path::Path};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use proptest::prelude::*;
use serde_json::{Value, json};
use whatsapp_baileys::{BaileysBuilder, BaileysConfigKey, BaileysWebhook, encode};
use whatsapp_core::{
    Content, CorrelationId, Envelope, ErrorKind, Event, GroupId, InboundContent, Location, MediaFile, MediaKind,
    OutboundMessage, PhoneNumber, Reaction, Recipient, Template, Text, WebhookExt, WebhookRequest,
};

const SECRET: &str = "shared with the bridge";

fn webhook() -> BaileysWebhook {
    BaileysBuilder::new().with_config(BaileysConfigKey::Secret, SECRET).build_webhook().unwrap()
}

fn read(body: impl Into<Bytes>) -> whatsapp_core::Result<Vec<Envelope>> {
    let body = body.into();
    let headers = HeaderMap::from_iter([("x-internal-secret".parse().unwrap(), HeaderValue::from_static(SECRET))]);
    let url = "https://example.com/webhook/whatsapp/incoming";
    webhook().receive(WebhookRequest { method: &Method::POST, url, headers: &headers, body: &body }).unwrap()
}

fn fixtures(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(fixtures(&path));
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
        }
    }
    found.sort();
    found
}

fn own() -> Vec<(String, String)> {
    fixtures(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures")))
}

#[test]
fn fixtures_are_read_as_ever() {
    for (path, body) in own() {
        let name = Path::new(&path).file_stem().unwrap().to_str().unwrap().to_owned();
        let events: Vec<_> = read(body)
            .unwrap()
            .into_iter()
            .map(|envelope| {
                let mut shown = serde_json::to_value(&envelope).unwrap();
                shown.as_object_mut().unwrap().remove("provider");
                if matches!(&envelope.event, Event::Unknown(unknown) if unknown.id.is_none()) {
                    // Named by its bytes.
                    return shown;
                }
                shown["event_id"] = json!(envelope.event_id());
                shown
            })
            .collect();
        insta::assert_json_snapshot!(format!("read__{name}"), events);
    }
}

fn outbound() -> Vec<(&'static str, OutboundMessage)> {
    let maya: PhoneNumber = "+972501234567".parse().unwrap();
    let to = |content: Content| OutboundMessage::new(maya.clone(), content);
    let link = |kind| MediaFile::link(kind, "https://files.example/a%20b.bin?x=1&y=2").unwrap();
    let template = Template::new("reminder", "he").with_parameters(["מאיה", "10:00"]);
    vec![
        ("text", to("שלום מאיה 👋".into())),
        ("text_with_preview", to(Text::new("https://example.com").with_preview().into())),
        ("text_by_lid", OutboundMessage::new(Recipient::Lid("70010020030040".into()), "hi")),
        ("text_to_group", OutboundMessage::new(Recipient::Group(GroupId::from("120363000000000017@g.us")), "hi")),
        ("reply", to("כן".into()).in_reply_to("3A0000000000000000T1".into())),
        ("correlated", to("שלום".into()).with_correlation(CorrelationId::from_bytes([7; 16]))),
        ("template", to(template.with_text("שלום {{1}}, נתראה ב-{{2}}").into())),
        ("image", to(link(MediaKind::Image).with_caption("תפריט 📄").into())),
        ("video", to(link(MediaKind::Video).into())),
        ("audio", to(link(MediaKind::Audio).into())),
        ("document", to(link(MediaKind::Document).with_caption("הצעה").with_file_name("הצעה.pdf").into())),
        ("sticker", to(link(MediaKind::Sticker).into())),
        ("location", to(Location::new(32.0853, 34.7818).into())),
        ("location_named", to(Location::new(-0.5, 180.0).with_name("הסטודיו").with_address("דיזנגוף 50").into())),
        ("reaction", to(Reaction::new("3A0000000000000000T1".into(), "❤️").into())),
        ("reaction_removed", to(Reaction::removal("3A0000000000000000T1".into()).into())),
    ]
}

#[test]
fn every_kind_is_written_as_ever() {
    let written: serde_json::Map<_, _> = outbound()
        .into_iter()
        .map(|(name, message)| (name.to_owned(), serde_json::from_slice::<Value>(&encode(&message).unwrap()).unwrap()))
        .collect();
    insta::assert_json_snapshot!("written", written);
}

#[test]
fn what_cannot_be_carried_is_refused() {
    let maya: PhoneNumber = "+972501234567".parse().unwrap();
    let link = |kind| MediaFile::link(kind, "https://files.example/a").unwrap();
    let text = Template::new("t", "he").with_text("hi");
    let group = |name: &str| OutboundMessage::new(Recipient::Group(GroupId::from(name)), "hi");
    let to = |content: Content| OutboundMessage::new(maya.clone(), content);
    let mut by_id = link(MediaKind::Image);
    by_id.source = whatsapp_core::MediaSource::Id("17".to_owned());
    let user: whatsapp_core::UserId = "IL.448012345".parse().unwrap();
    let cases = [
        (OutboundMessage::new(user, "hi"), ErrorKind::Unsupported, "user_id"),
        (OutboundMessage::new(Recipient::Lid("70@lid".into()), "hi"), ErrorKind::InvalidRecipient, "LID"),
        (OutboundMessage::new(Recipient::Lid("".into()), "hi"), ErrorKind::InvalidRecipient, "LID"),
        (group("120363@g.us/../x"), ErrorKind::InvalidRecipient, "group"),
        (group("@g.us"), ErrorKind::InvalidRecipient, "group"),
        (group("972501234567@s.whatsapp.net"), ErrorKind::InvalidRecipient, "group"),
        (to(link(MediaKind::Audio).with_caption("no").into()), ErrorKind::Unsupported, "caption"),
        (to(link(MediaKind::Sticker).with_caption("no").into()), ErrorKind::Unsupported, "caption"),
        (to(link(MediaKind::Image).with_caption("א".repeat(1025)).into()), ErrorKind::InvalidMessage, "1024"),
        (to(by_id.into()), ErrorKind::Unsupported, "by id"),
        (to(text.clone().with_components(vec![json!({})]).into()), ErrorKind::Unsupported, "components"),
        (to(text.clone().with_text(" ").into()), ErrorKind::InvalidMessage, "text.body"),
        (to(text.with_text("א".repeat(4097)).into()), ErrorKind::InvalidMessage, "4096"),
        (to(Template::new("t", "he").into()), ErrorKind::Unsupported, "templates"),
    ];
    for (message, kind, named) in cases {
        let error = encode(&message).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(named), "{error} names {named}");
    }
}

#[test]
fn a_placeholder_is_not_the_message_that_follows() {
    let upsert = |message: Value| {
        let item = json!({"key": {"remoteJid": "972501234567@s.whatsapp.net", "id": "A1"}, "message": message});
        read(json!({"tenantId": "t", "payload": {"messages": [item]}}).to_string()).unwrap().remove(0)
    };
    let (placeholder, message) = (upsert(Value::Null), upsert(json!({"conversation": "readable now"})));
    assert!(matches!(&placeholder.event, Event::Unknown(unknown) if &*unknown.kind == "message.undecryptable"));
    assert_ne!(placeholder.event_id(), message.event_id());
}

#[test]
fn equal_items_of_two_events_are_two() {
    let at = |event_id: &str, count: usize| {
        let payload = vec![json!({"connection": "open"}); count];
        let body = json!({"tenantId": "t", "event": "connection.update", "payload": payload, "eventId": event_id});
        read(body.to_string()).unwrap().iter().map(Envelope::event_id).collect::<BTreeSet<_>>()
    };
    assert_eq!(at("e1", 2).len(), 2);
    assert_eq!(at("e1", 2), at("e1", 2), "delivered again");
    assert!(at("e1", 2).is_disjoint(&at("e2", 2)));
}

#[test]
fn raw_is_the_item_itself() {
    for (path, body) in own() {
        for envelope in read(body.clone()).unwrap() {
            let raw = std::str::from_utf8(&envelope.raw).unwrap();
            assert!(body.contains(raw) && serde_json::from_str::<Value>(raw).is_ok(), "{path}");
        }
    }
}

#[test]
fn bodies_that_are_not_the_bridges_are_refused() {
    let bodies = [
        "",
        "{",
        "null",
        "[]",
        "{}",
        r#""tenantId""#,
        r#"{"tenantId": 17, "payload": {}}"#,
        r#"{"tenantId": "", "payload": {}}"#,
        r#"{"tenantId": "../x", "payload": {}}"#,
        r#"{"tenantId": "a", "tenantId": "b", "payload": {}}"#,
    ];
    for body in bodies {
        let error = read(body).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{body}");
    }
}

#[test]
fn a_payload_of_another_shape_is_kept() {
    for payload in ["1", "null", "{}", "\"x\"", r#"{"messages": 1}"#, r#"{"messages": {}, "type": "notify"}"#] {
        let envelopes = read(format!(r#"{{"tenantId": "t", "payload": {payload}}}"#)).unwrap();
        assert_eq!(envelopes.len(), 1, "{payload}");
        assert!(matches!(&envelopes[0].event, Event::Unknown(unknown) if &*unknown.kind == "messages.upsert"));
    }
    let bare = read(r#"{"tenantId": "t", "event": 5}"#).unwrap();
    assert!(matches!(&bare[0].event, Event::Unknown(unknown) if &*unknown.kind == "unreadable"));
    assert!(read(r#"{"tenantId": "t", "payload": {"messages": []}}"#).unwrap().is_empty());
}

#[test]
fn depth_hurts_nobody() {
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let wrapped = format!("{}{{}}{}", r#"{"ephemeralMessage":{"message":"#.repeat(60), "}}".repeat(60));
    let message = |message: &str| {
        format!(r#"{{"key": {{"remoteJid": "972501234567@s.whatsapp.net", "id": "A"}}, "message": {message}}}"#)
    };
    let items = [
        deep.clone(),
        message(&deep),
        message(&format!(r#"{{"imageMessage": {{"fileSha256": {deep}}}}}"#)),
        message(&wrapped),
        message(r#"{"conversation": "\ud83d"}"#),
        message(r#"{"conversation": "after"}"#),
    ];
    let body = format!(r#"{{"tenantId": "t", "payload": {{"messages": [{}]}}}}"#, items.join(","));
    let kinds: Vec<_> = read(body)
        .unwrap()
        .into_iter()
        .map(|envelope| match envelope.event {
            Event::Message(message) => message.content.kind().to_owned(),
            Event::Unknown(unknown) => unknown.kind.into(),
            other => panic!("{other:?}"),
        })
        .collect();
    let expected =
        ["message.unreadable", "message.undecryptable", "image", "message.nested", "message.conversation", "text"];
    assert_eq!(kinds, expected);
}

/// How many items a payload of the bridge holds.
fn items(post: &Value) -> usize {
    let payload = &post["payload"];
    payload["messages"].as_array().or_else(|| payload.as_array()).map_or(1, Vec::len)
}

/// Runs over further payloads, wrapped or as Baileys emitted them, if `EXTRA_FIXTURES` names a folder of them.
#[test]
fn further_fixtures_lose_nothing() {
    let Some(folder) = whatsapp_core::testing::extra_fixtures("baileys") else { return };
    let (mut files, mut kinds) = (0, std::collections::BTreeMap::<String, usize>::new());
    for (path, body) in fixtures(Path::new(&folder)) {
        let file: Value = serde_json::from_str(&body).unwrap();
        let posts: Vec<Value> = match file {
            Value::Array(events) => events
                .into_iter()
                .filter(|event| event["event"].is_string())
                .map(|event| json!({"tenantId": "t", "event": event["event"], "payload": event["data"]}))
                .collect(),
            post => vec![post].into_iter().filter(|post| post["tenantId"].is_string()).collect(),
        };
        for post in posts {
            files += 1;
            let envelopes = read(post.to_string()).unwrap();
            assert_eq!(envelopes.len(), items(&post), "{path}");
            for envelope in envelopes {
                let kind = match envelope.event {
                    Event::Message(message) => format!("message {}", message.content.kind()),
                    Event::Status(update) => format!("status {}", update.status),
                    Event::Unknown(unknown) => format!("unknown {}", unknown.kind),
                    _ => unreachable!(),
                };
                *kinds.entry(kind).or_default() += 1;
            }
        }
    }
    println!("{files} posts: {kinds:#?}");
    assert!(files > 0);
}

/// One good message, or one of the ways to be damaged.
fn item() -> impl Strategy<Value = (Value, bool)> {
    let good = "[0-9A-F]{20}".prop_map(|id| {
        (json!({"key": {"remoteJid": "972501234567@s.whatsapp.net", "id": id}, "message": {"conversation": "x"}}), true)
    });
    let damaged = prop_oneof![
        Just(json!(null)),
        any::<i64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        "[A-Z]{1,8}".prop_map(|id| json!({"key": {"id": id}})),
        "[A-Z]{1,8}".prop_map(|id| json!({"key": {"id": id, "remoteJid": "x"}, "message": {"conversation": []}})),
        ("[A-Za-z]{1,12}", any::<i32>()).prop_map(|(field, value)| json!({"key": {field: value}})),
    ];
    prop_oneof![good, damaged.prop_map(|value| (value, false))]
}

proptest! {
    #[test]
    fn every_item_of_a_batch_is_read(batch in prop::collection::vec(item(), 0..12)) {
        let messages: Vec<_> = batch.iter().map(|(value, _)| value.clone()).collect();
        let body = json!({"tenantId": "t", "payload": {"messages": messages, "type": "notify"}}).to_string();
        let envelopes = read(body).unwrap();
        prop_assert_eq!(envelopes.len(), batch.len());
        for (envelope, (value, good)) in envelopes.iter().zip(&batch) {
            let text = matches!(&envelope.event, Event::Message(message) if message.content == InboundContent::text("x"));
            prop_assert_eq!(text, *good);
            prop_assert_eq!(&serde_json::from_slice::<Value>(&envelope.raw).unwrap(), value);
        }
    }

    #[test]
    fn mutated_fixtures_never_panic(
        pick in any::<prop::sample::Index>(),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let all = own();
        let mut body = pick.get(&all).1.clone().into_bytes();
        for (at, byte) in cuts {
            let at = at.index(body.len());
            body[at] = byte;
        }
        let _ = read(body);
    }

    #[test]
    fn mutated_values_lose_no_item(pick in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), with in 0..6_usize) {
        let all = own();
        let mut post: Value = serde_json::from_str(&pick.get(&all).1).unwrap();
        let count = items(&post);
        let odd = [json!(null), json!(-1), json!("שלום"), json!([]), json!({"low": 1, "high": "x"}), json!(1e300)];
        let root = if post["payload"]["messages"].is_array() { "/payload/messages" } else { "/payload" };
        let mut leaves = Vec::new();
        paths(post.pointer(root).unwrap(), root, &mut leaves);
        prop_assume!(!leaves.is_empty());
        *post.pointer_mut(&leaves[at.index(leaves.len())]).unwrap() = odd[with].clone();
        prop_assert_eq!(read(post.to_string()).unwrap().len(), count);
    }
}

/// JSON pointers to everything below `value`.
fn paths(value: &Value, path: &str, found: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Array(list) => list.iter().enumerate().map(|(at, child)| (at.to_string(), child)).collect(),
        Value::Object(map) => {
            map.iter().map(|(key, child)| (key.replace('~', "~0").replace('/', "~1"), child)).collect()
        }
        _ => Vec::new(),
    };
    for (name, child) in children {
        let path = format!("{path}/{name}");
        paths(child, &path, found);
        found.push(path);
    }
}
