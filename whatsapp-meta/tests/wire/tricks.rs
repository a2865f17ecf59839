//! Input that was made to cost much, to be taken for something else, or to get lost.
use std::time::Instant;

use bytes::Bytes;
use serde_json::{Value, json};
use whatsapp_core::{AliasKind, Envelope, ErrorKind, Event, History, InboundContent, Reply, SystemKind};

use super::parse;

fn body(field: &str, value: &Value) -> Bytes {
    json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": field, "value": value}]}]})
        .to_string()
        .into()
}

fn events(field: &str, mut value: Value) -> Vec<Envelope> {
    value["metadata"] = json!({"phone_number_id": "1", "display_phone_number": "+972 3-555-0100"});
    parse(&body(field, &value)).unwrap()
}

fn from_dana(mut message: Value) -> Value {
    message["from"] = "972541112233".into();
    message["timestamp"] = "1790000000".into();
    message
}

fn one_message(message: Value) -> Event {
    let mut events = events("messages", json!({"messages": [from_dana(message)]}));
    assert_eq!(events.len(), 1);
    events.remove(0).event
}

#[test]
fn json_within_a_text_is_no_deeper_than_json() {
    for (depth, is_text) in [(10, false), (64, false), (65, true), (124, true), (10_000, true)] {
        let answer = format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        let form = json!({"type": "nfm_reply", "nfm_reply": {"name": "flow", "body": "Sent", "response_json": answer}});
        let event = one_message(json!({"id": "a", "type": "interactive", "interactive": form}));
        let Event::Message(message) = &event else { panic!("{event:?}") };
        let InboundContent::Reply(Reply::Flow { response, .. }) = &message.content else { panic!("{message:?}") };
        assert_eq!(response.is_string(), is_text, "{depth}");
        let stored = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&stored).unwrap(), event, "what is stored can be read again");
    }
}

#[test]
fn long_bodies_take_no_longer_than_their_length_explains() {
    let groups = vec![r#"{"type":"a"}"#; 1000].join(",");
    let lists = format!(r#""groups":[{groups}]"#);
    let padding = r#""":0,"#.repeat(60_000);
    let value = format!("{{{padding}{}}}", vec![lists; 20].join(","));
    let past = vec![r#"{"id":"a","from":"972541112233","type":"text","text":{"body":"x"}}"#; 15_000].join(",");
    let history = format!(
        r#"{{"metadata":{{"display_phone_number":"{}"}},"history":[{{"threads":[{{"id":"972541112233","messages":[{past}]}}]}}]}}"#,
        "9".repeat(60_000)
    );
    for (field, value) in [("group_lifecycle_update", value), ("history", history)] {
        let body = format!(
            r#"{{"object":"whatsapp_business_account","entry":[{{"changes":[{{"field":"{field}","value":{value}}}]}}]}}"#
        );
        let begun = Instant::now();
        drop(parse(&body.into()));
        // Unoptimised, they take half a second; when each item went through all of the value, it was minutes.
        assert!(begun.elapsed().as_secs() < 10, "{field}: {:?}", begun.elapsed());
    }
}

#[test]
fn a_part_of_the_history_is_one_item_however_much_is_in_it() {
    let part = |messages: usize| {
        let messages: Vec<_> = (0..messages)
            .map(|n| from_dana(json!({"id": format!("p{n}"), "type": "text", "text": {"body": "x"}})))
            .collect();
        json!({"history": [{"metadata": {"phase": 1}, "threads": [{"id": "972541112233", "messages": messages}]}]})
    };
    assert_eq!(events("history", part(1001)).len(), 1001);
    assert_eq!(events("history", part(20_000)).len(), 20_000);
    let error = parse(&body("history", &part(20_001))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(error.to_string().contains("20000 messages"), "{error}");
}

#[test]
fn what_happens_twice_is_two_events_and_what_comes_twice_is_one() {
    let failure = |message: &str| {
        json!({"messages": [from_dana(json!({"id": message, "type": "interactive"}))],
               "errors": [{"code": 131_000, "title": "Something went wrong"}]})
    };
    let error = |message: &str| events("messages", failure(message))[1].event_id();
    assert_ne!(error("w1"), error("w2"), "two answers were lost");
    assert_eq!(error("w1"), error("w1"), "a redelivery");
    let warned = |participant: &str| {
        let status = json!({"id": "s", "status": "warning", "recipient_type": "group",
                            "recipient_participant_id": participant});
        events("messages", json!({"statuses": [status]}))[0].event_id()
    };
    assert_ne!(warned("972541112233"), warned("972502221133"));
    assert_eq!(warned("972541112233"), warned("972541112233"));
    let call = |event: &str, sdp: &str| {
        let call = json!({"id": "wacid.A", "event": event, "from": "972541112233", "session": {"sdp": sdp}});
        events("calls", json!({"calls": [call]}))[0].event_id()
    };
    assert_ne!(call("media_update", "a"), call("media_update", "b"));
    assert_eq!(call("media_update", "a"), call("media_update", "a"));
    assert_eq!(call("connect", "a"), call("connect", "b"), "a call is connected once");
}

#[test]
fn what_is_written_in_a_group_is_nobodys_private_chat() {
    let echo = json!({"id": "a", "to": "972541112233", "group_id": "Y2FwaQ", "type": "text", "text": {"body": "x"}});
    let found = events("smb_message_echoes", json!({"message_echoes": [echo]}));
    assert!(matches!(&found[0].event, Event::Echo(echo) if echo.to.is_none()), "{found:?}");
    let message = from_dana(json!({"id": "a", "group_id": "Y2FwaQ", "type": "text", "text": {"body": "x"}}));
    let history = json!({"history": [{"threads": [{"id": "972541112233", "messages": [message]}]}]});
    let found = events("history", history);
    assert!(found[0].peer().is_none(), "{found:?}");
}

#[test]
fn who_a_person_was_and_is_stays_together() {
    let system = json!({"type": "user_changed_user_id", "user_id": "IL.44809", "previous_user_id": "IL.44801"});
    let event = one_message(json!({"id": "a", "type": "system", "system": system}));
    let Event::Message(message) = event else { panic!() };
    assert_eq!(message.from.get(AliasKind::Bsuid), Some("IL.44801"));
    assert_eq!(message.from.phone().unwrap().digits(), "972541112233", "known by number alone, they are found");
    let InboundContent::System(notice) = message.content else { panic!() };
    assert_eq!(notice.kind, SystemKind::UserIdChanged);
    assert_eq!(notice.now.unwrap().get(AliasKind::Bsuid), Some("IL.44809"));

    let file = json!({"id": "a", "from_user_id": "IL.44801", "type": "image", "image": {"id": "1"}});
    let found = events("history", json!({"messages": [file]}));
    let Event::History(History::Message(message)) = &found[0].event else { panic!("{found:?}") };
    assert_eq!((message.peer.get(AliasKind::Bsuid), message.outgoing), (Some("IL.44801"), false));
}

#[test]
fn an_order_is_of_its_quantity_or_not_read() {
    let order = |quantity: Value| {
        let item = json!({"product_retailer_id": "sku", "quantity": quantity});
        match one_message(json!({"id": "a", "type": "order", "order": {"product_items": [item]}})) {
            Event::Message(message) => match message.content {
                InboundContent::Order(order) => Some(order.items[0].quantity),
                other => panic!("{other:?}"),
            },
            _ => None,
        }
    };
    let read = [json!(3), json!("3"), json!(3.0), json!("2.00"), json!(null)].map(&order);
    assert_eq!(read, [Some(3), Some(3), Some(3), Some(2), Some(1)]);
    for odd in [json!(2.5), json!(5_000_000_000_u64), json!(-1), json!("many"), json!({})] {
        assert_eq!(order(odd.clone()), None, "{odd}");
    }
}

#[test]
fn names_and_ids_have_an_end() {
    let long = "ש".repeat(20_000);
    let contact = json!({"wa_id": "972541112233", "user_id": "IL.1".repeat(1000),
                         "profile": {"name": long, "username": "u".repeat(1000)}});
    let message = from_dana(json!({"id": "a", "type": "text", "text": {"body": "x"}}));
    let found = events("messages", json!({"contacts": [contact], "messages": [message]}));
    let peer = found[0].peer().unwrap();
    assert_eq!(peer.name().unwrap().chars().count(), 256);
    let kinds: Vec<_> = peer.aliases().iter().map(whatsapp_core::Alias::kind).collect();
    assert_eq!(kinds, [AliasKind::Phone, AliasKind::WaId], "what no database would take is no name");
    let endless = events(
        "messages",
        json!({"messages": [from_dana(json!({"id": "a".repeat(600), "type": "text", "text": {"body": "x"}}))]}),
    );
    assert!(matches!(&endless[0].event, Event::Unknown(unknown) if unknown.id.is_none()));
}

#[test]
fn nothing_beside_a_list_is_dropped_without_a_word() {
    let declined = json!({"code": 2_593_109, "title": "turned off"});
    for (field, value, expected) in [
        ("history", json!({"history": [{"errors": [declined]}], "new_thing": 1}), 2),
        ("history", json!({"history": [{"errors": declined}]}), 1),
        ("history", json!({"history": [{"threads": {}}]}), 2),
        ("smb_message_echoes", json!({"message_echoes": [], "new_thing": 1}), 1),
        ("standby", json!({"standby": {"message_echoes": [], "new_thing": 1}}), 1),
        ("messages", json!({"messages": [], "new_thing": 1}), 1),
    ] {
        let found = events(field, value.clone());
        assert_eq!(found.len(), expected, "{field} {value}: {found:?}");
    }
    let refused = events("history", json!({"history": [{"errors": declined}]}));
    assert!(matches!(&refused[0].event, Event::History(History::Declined(error)) if error.code == Some(2_593_109)));
}
