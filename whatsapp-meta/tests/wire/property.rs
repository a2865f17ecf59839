//! Whatever comes in, nothing panics and nothing is lost.
use std::{fs, path::Path, time::Instant};

use bytes::Bytes;
use proptest::{collection::vec, prelude::*, sample::Index};
use serde_json::{Value, json, value::RawValue};
use whatsapp_core::{ErrorKind, Event, InboundContent, limits};

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

/// A webhook with one change, of the field `messages`.
fn webhook(value: &str) -> Bytes {
    format!(r#"{{"object":"whatsapp_business_account","entry":[{{"id":"1","changes":[{{"field":"messages","value":{value}}}]}}]}}"#).into()
}

/// A message whose text is written as `text`, quotes included, and which has more keys.
fn message(text: &str, more: &str) -> String {
    format!(
        r#"{{"id":"wamid.T","from":"972541112233","timestamp":"1790000000","type":"text","text":{{"body":{text}}}{more}}}"#
    )
}

/// What the first event of `body` says, if it is a text that can be read.
fn text_of(body: &Bytes) -> Option<String> {
    match parse(body).unwrap().swap_remove(0).event {
        Event::Message(message) => match message.content {
            InboundContent::Text(text) => Some(text.body),
            other => panic!("{other:?}"),
        },
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Another reader of JSON, and a strict one, agrees on what is an object.
    #[test]
    fn what_is_json_is_read(which in any::<Index>(), edits in vec((any::<Index>(), 0..3, prop::sample::select(&b"\"\\{}[]:,0129-+.eEu \n\ttrfn\x00\x1f\x7f\xd7"[..])), 1..3)) {
        let samples = fixtures();
        let mut body = which.get(&samples).clone();
        for (at, edit, byte) in edits {
            let at = at.index(body.len());
            match edit {
                0 => body[at] = byte,
                1 => body.insert(at, byte),
                _ => drop(body.remove(at)),
            }
        }
        let read = serde_json::from_slice::<&RawValue>(&body);
        let object = read.is_ok_and(|raw| raw.get().starts_with('{'));
        prop_assert_eq!(parse(&Bytes::from(body)).is_ok(), object);
    }

    #[test]
    fn texts_are_what_they_mean(pieces in vec(prop::sample::select(vec![
        r"\u05d0", r"\u05D0", r"\ud83d\ude42", r"\uD83D", r"\udc00", r"\u0000", r"\n", r"\r", r"\t", r"\b", r"\f", r"\/", r#"\""#,
        r"\\", "/", " ", "a", "שלום", "🙂", "longer than eight bytes", "\u{7f}", r"\uffff", r"\u00e9", r"\u20ac",
    ]), 0..8)) {
        let written = format!("\"{}\"", pieces.concat());
        let body = webhook(&format!(r#"{{"messages":[{}]}}"#, message(&written, "")));
        prop_assert_eq!(text_of(&body), serde_json::from_str::<String>(&written).ok());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutated_samples_never_panic(which in any::<Index>(), edits in vec((any::<Index>(), any::<u8>()), 1..6), cut in any::<Index>(), cuts in any::<bool>()) {
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
    for (id, group, private) in [
        ("\"g\"", Some("g"), false),
        ("{}", None, false),
        ("7", Some("7"), false),
        ("null", None, true),
        ("\"\"", None, true),
    ] {
        let item = format!(r#"{{"id":"a","from":"972541112233","group_id":{id},"type":"text","text":{{"body":"x"}}}}"#);
        let value = format!(r#"{{"metadata":{{"phone_number_id":"1"}},"messages":[{item}]}}"#);
        let body = format!(
            r#"{{"object":"whatsapp_business_account","entry":[{{"changes":[{{"field":"messages","value":{value}}}]}}]}}"#
        );
        let envelope = &parse(&body.into_bytes().into()).unwrap()[0];
        assert_eq!(envelope.peer().is_some(), private, "{id}: {:?}", envelope.event);
        let found = match &envelope.event {
            Event::Message(message) => message.group.as_ref().map(whatsapp_core::GroupId::as_str),
            _ => None,
        };
        assert_eq!(found, group, "{id}");
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

#[test]
fn keys_may_be_escaped() {
    let escaped = message("\"x\"", "").replace("\"from\"", r#""\u0066rom""#).replace("\"body\"", r#""bod\u0079""#);
    assert_eq!(text_of(&webhook(&format!(r#"{{"messages":[{escaped}]}}"#))).as_deref(), Some("x"));
}

/// Two readers could each take another one.
#[test]
fn a_message_with_a_key_twice_is_not_read() {
    for twice in [r#","from":"972540000000""#, r#","id":"wamid.U""#, r#","text":{"body":"other"}"#, r#","type":"text""#]
    {
        let body = webhook(&format!(r#"{{"messages":[{}]}}"#, message("\"x\"", twice)));
        assert_eq!(text_of(&body), None, "{twice}");
    }
    let unread = webhook(&format!(r#"{{"messages":[{}]}}"#, message("\"x\"", r#","new":1,"new":2"#)));
    assert_eq!(text_of(&unread).as_deref(), Some("x"), "a key that nobody reads");
}

/// A long list of people is sorted, a short one is not; what is found must be the same.
#[test]
fn more_people_change_nobody() {
    let people = [
        json!({"wa_id": "972540000001", "user_id": "IL.1", "profile": {"name": "first"}}),
        json!({"wa_id": "972540000001", "user_id": "IL.2", "profile": {"name": "second, of the same number"}}),
        json!({"user_id": "IL.1", "profile": {"name": "third, of the same user id"}}),
        json!({"wa_id": "972540000003", "profile": {"name": "fourth", "username": "@fourth"}}),
        json!(null),
        json!({"profile": {"name": "nobody"}}),
    ];
    let from = [
        json!({"from": "972540000001"}),
        json!({"from_user_id": "IL.1"}),
        json!({"from_user_id": "IL.2", "from": "972540000001"}),
        json!({"from_user_id": "IL.3", "from": "972540000001"}),
        json!({"from_user_id": "IL.3", "from": "972540000003"}),
        json!({"from": "972540000009"}),
        json!({}),
    ];
    let messages: Vec<_> = from
        .into_iter()
        .map(|mut message| {
            message["id"] = "wamid.M".into();
            message["text"] = json!({"body": "x"});
            message
        })
        .collect();
    let strangers = (0..40).map(|n| json!({"wa_id": format!("97255{:07}", n * 7 % 40), "user_id": format!("IL.9{n}")}));
    let many: Vec<_> = people.iter().cloned().chain(strangers).collect();
    let read = |contacts: &[Value]| {
        let body = webhook(&json!({"contacts": contacts, "messages": messages}).to_string());
        let events = parse(&body).unwrap();
        events.iter().map(|envelope| envelope.event.clone()).collect::<Vec<_>>()
    };
    assert_eq!(read(&people), read(&many));
    let names: Vec<_> = parse(&webhook(&json!({"contacts": many, "messages": messages}).to_string()))
        .unwrap()
        .iter()
        .map(|envelope| envelope.peer().and_then(|peer| peer.name().map(ToOwned::to_owned)))
        .collect();
    let expected = [Some("first"), Some("first"), Some("second, of the same number"), None, Some("fourth"), None, None];
    assert_eq!(names, expected.map(|name| name.map(ToOwned::to_owned)));
}

fn refused(body: &Bytes) -> Option<String> {
    let error = parse(body).err()?;
    assert_eq!(error.kind(), ErrorKind::Protocol);
    Some(error.to_string())
}

#[test]
fn what_exceeds_a_limit_is_refused_whole() {
    let item = |more: &str| webhook(&format!(r#"{{"messages":[{}]}}"#, message("\"x\"", more)));
    // The message itself is the eighth list or object.
    let deep = |more: usize| item(&format!(r#","deep":{}{}"#, "[".repeat(56 + more), "]".repeat(56 + more)));
    let long = |more: usize| item(&format!(r#","\u006cong":"{}""#, "\\n".repeat(32 * 1024) + &"x".repeat(more)));
    let many = |messages: usize, statuses: usize| {
        let list = |items: usize| vec!["0"; items].join(",");
        webhook(&format!(r#"{{"messages":[{}],"statuses":[{}]}}"#, list(messages), list(statuses)))
    };
    for (fits, exceeds, limit) in [
        (deep(0), deep(1), "64 lists and objects"),
        (long(0), long(1), "65536 bytes"),
        (many(600, 400), many(600, 401), "1000 items"),
    ] {
        assert_eq!(refused(&fits), None);
        let message = refused(&exceeds).unwrap();
        assert!(message.contains(limit), "{message}");
    }
    for body in [deep(0), deep(1), long(0), long(1)] {
        assert_eq!(refused(&body).is_some(), limits::check(&body).is_err(), "the same limits as everywhere");
    }
    let people = webhook(&format!(r#"{{"contacts":[{}]}}"#, vec!["{}"; 1001].join(",")));
    let entries = format!(r#"{{"object":"whatsapp_business_account","entry":[{}]}}"#, vec!["{}"; 1001].join(","));
    assert!(refused(&people).is_some() && refused(&entries.into()).is_some());
    assert_eq!(parse(&many(1000, 0)).unwrap().len(), 1000);
}
