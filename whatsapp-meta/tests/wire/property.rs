//! Whatever comes in, nothing panics and nothing is lost.
use std::{fs, path::Path, time::Instant};

use bytes::Bytes;
use proptest::{collection::vec, prelude::*};
use serde_json::{Value, json};
use whatsapp_core::{Event, InboundContent};

use super::parse;

fn fixtures() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.to_str().unwrap().contains("webhook-")).collect();
    files.sort();
    files.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// An item, and the text it holds if it can be read.
fn item(number: usize) -> impl Strategy<Value = (Value, Option<String>)> {
    let sound = |text: String| {
        let message = json!({"id": format!("wamid.P{text}"), "from": "972541112233", "timestamp": "1790000000",
                             "type": "text", "text": {"body": text}});
        (message, Some(text))
    };
    let damaged = vec![
        json!(null),
        json!(7),
        json!("text"),
        json!([]),
        json!({}),
        json!({"id": {}, "type": "text", "text": {"body": "x"}}),
        json!({"id": "a", "from": "972541112233", "type": "text", "text": {"body": {}}}),
        json!({"id": "a", "from": [], "type": "text", "text": {"body": "x"}}),
        json!({"id": "a", "from": "972541112233", "type": ["text"], "text": 5}),
        json!({"id": "a", "from": "972541112233", "type": "location", "location": {"latitude": "x"}}),
        json!({"id": "a", "from": "972541112233", "type": "reaction", "reaction": {"emoji": "x"}}),
        json!({"id": "a", "from": "972541112233", "type": "image", "image": [1]}),
        json!({"id": "a", "from": "972541112233", "type": "hologram", "hologram": {}}),
    ];
    prop_oneof![
        "[א-ת a-z/\\\\\"🙂]{0,12}".prop_map(move |text| sound(format!("{number}{text}"))),
        prop::sample::select(damaged).prop_map(|value| (value, None)),
    ]
}

/// A status, and whether it can be read.
fn status() -> impl Strategy<Value = (Value, bool)> {
    prop::sample::select(vec![
        (json!({"id": "s", "status": "read", "recipient_id": 5}), true),
        (json!({"id": "s", "status": "failed", "errors": {"code": 1}}), true),
        (json!({"id": "s", "status": "warning"}), false),
        (json!({"id": ["s"], "status": "read"}), false),
        (json!(false), false),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutated_samples_never_panic(which in any::<prop::sample::Index>(), edits in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), cut in any::<prop::sample::Index>(), cuts in any::<bool>()) {
        let samples = fixtures();
        let mut body = which.get(&samples).clone();
        for (at, byte) in edits {
            let at = at.index(body.len());
            body[at] = byte;
        }
        if cuts {
            body.truncate(cut.index(body.len()));
        }
        let body = Bytes::from(body);
        if let Ok(events) = parse(&body) {
            prop_assert!(!events.is_empty());
            for envelope in events {
                prop_assert!(!envelope.event_id().as_str().is_empty());
            }
        }
    }

    #[test]
    fn anything_never_panics(body in vec(any::<u8>(), 0..200), text in ".{0,60}") {
        drop(parse(&body.into()));
        drop(parse(&format!("{{\"object\":\"whatsapp_business_account\",\"entry\":[{text}]}}").into_bytes().into()));
    }

    #[test]
    fn as_many_events_as_items(messages in (0usize..12).prop_flat_map(|n| (0..n).map(item).collect::<Vec<_>>()), statuses in vec(status(), 0..6), contacts in prop::sample::select(vec![json!([]), json!("x"), json!([5, {"wa_id": "972541112233", "profile": {"name": "דנה"}}])])) {
        let value = json!({
            "metadata": {"phone_number_id": "1"}, "contacts": contacts,
            "messages": messages.iter().map(|(item, _)| item).collect::<Vec<_>>(),
            "statuses": statuses.iter().map(|(item, _)| item).collect::<Vec<_>>(),
        });
        let body = json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]});
        let events = parse(&body.to_string().into_bytes().into()).unwrap();
        prop_assert_eq!(events.len(), (messages.len() + statuses.len()).max(1));
        let expected: Vec<_> = messages.iter().filter_map(|(_, text)| text.clone()).collect();
        let read: Vec<_> = events.iter().filter_map(|envelope| match &envelope.event {
            Event::Message(message) => match &message.content {
                InboundContent::Text(text) => Some(text.body.clone()),
                _ => None,
            },
            _ => None,
        }).collect();
        prop_assert_eq!(read, expected);
        let sound = statuses.iter().filter(|(_, readable)| *readable).count();
        prop_assert_eq!(events.iter().filter(|envelope| matches!(envelope.event, Event::Status(_))).count(), sound);
    }
}

/// A batch of Meta's largest size. In release it takes a few milliseconds; the bound only catches quadratic work.
#[test]
fn a_batch_of_2_5_megabytes_is_fast() {
    let people: Vec<_> = (0..500)
        .map(|n| json!({"wa_id": format!("97254{n:07}"), "user_id": format!("IL.{n}"), "profile": {"name": "דנה"}}))
        .collect();
    let text = "שלום ".repeat(166);
    let messages: Vec<_> = (0..500).rev().map(|n| json!({"id": format!("wamid.{n}"), "from": format!("97254{n:07}"), "timestamp": "1790000000", "type": "text", "text": {"body": text}})).collect();
    let value = json!({"metadata": {"phone_number_id": "1"}, "contacts": people, "messages": messages});
    let body = json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]});
    let escape = |c: char| if c.is_ascii() { c.to_string() } else { format!("\\u{:04x}", u32::from(c)) };
    let escaped: String = body.to_string().chars().map(escape).collect();
    let body = Bytes::from(escaped);
    assert!(body.len() > 2_000_000, "{}", body.len());
    let begun = Instant::now();
    let events = parse(&body).unwrap();
    println!("{} bytes in {:?}, signature included", body.len(), begun.elapsed());
    assert_eq!(events.len(), 500);
    assert!(events.iter().all(|envelope| envelope.peer().unwrap().aliases().len() == 3));
    assert!(begun.elapsed().as_secs() < 5);
}

fn of_account(time: &str) -> Vec<u8> {
    let change = r#"{"field":"message_template_status_update","value":{"event":"APPROVED","message_template_id":1}}"#;
    format!(r#"{{"object":"whatsapp_business_account","entry":[{{"id":"1","time":{time},"changes":[{change}]}}]}}"#)
        .into()
}

#[test]
fn a_change_that_repeats_later_is_another_event() {
    let id = |time: &str| parse(&of_account(time).into()).unwrap()[0].event_id();
    assert_eq!(id("1790000000"), id("\"1790000000\""), "a redelivery");
    assert_ne!(id("1790000000"), id("1790000060"), "approved, paused, approved again");
}

#[test]
fn a_list_that_is_there_twice_is_told() {
    let list = r#""messages":[{"id":"a"}]"#;
    let body = format!(
        r#"{{"object":"whatsapp_business_account","entry":[{{"changes":[{{"field":"messages","value":{{{list},{list}}}}}]}}]}}"#
    );
    let kinds: Vec<_> = parse(&body.into_bytes().into()).unwrap().into_iter().map(|envelope| envelope.event).collect();
    assert_eq!(kinds.len(), 2, "{kinds:?}");
}

#[test]
fn a_damaged_group_id_makes_no_private_message() {
    for (id, private) in [("\"g\"", false), ("{}", false), ("7", false), ("null", true), ("\"\"", true)] {
        let item = format!(r#"{{"id":"a","from":"972541112233","group_id":{id},"type":"text","text":{{"body":"x"}}}}"#);
        let value = format!(r#"{{"metadata":{{"phone_number_id":"1"}},"messages":[{item}]}}"#);
        let body = format!(
            r#"{{"object":"whatsapp_business_account","entry":[{{"changes":[{{"field":"messages","value":{value}}}]}}]}}"#
        );
        let event = &parse(&body.into_bytes().into()).unwrap()[0].event;
        assert_eq!(matches!(event, Event::Message(_)), private, "{id}: {event:?}");
    }
}

#[test]
fn bytes_that_are_no_object_are_refused() {
    for body in ["", " ", "null", "[]", "[{}]", "7", "\"{}\"", "{", "{}{}", "\u{feff}{}"] {
        assert!(parse(&body.to_owned().into_bytes().into()).is_err(), "{body}");
    }
    assert!(parse(&Bytes::from_static(b"{\"object\":\"\xff\"}")).is_err());
    assert_eq!(parse(&Bytes::from_static(b" \n{} ")).unwrap().len(), 1);
}
