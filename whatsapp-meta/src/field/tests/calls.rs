//! Calls, and how far they came.
use whatsapp_core::{Alias, AliasKind, CallUpdate, Event};

use super::{dana, events, items, one_as, phone, read_value, sample};

fn calls(name: &str) -> Vec<CallUpdate> {
    let calls = events(name).into_iter().map(|event| match event {
        Event::Call(call) => call,
        other => panic!("{other:?}"),
    });
    calls.collect()
}

#[test]
fn each_direction_has_its_peer() {
    let incoming = calls("calls-connect-user-initiated").remove(0);
    assert_eq!((&*incoming.event, incoming.outgoing), ("connect", Some(false)));
    assert_eq!(incoming.peer, Some(dana()));
    assert!(incoming.sdp.unwrap().starts_with("v=0\r\no=- 1790"));
    let outgoing = calls("calls-connect-business-initiated").remove(0);
    assert_eq!((outgoing.peer, outgoing.outgoing), (Some(dana()), Some(true)));
    let hidden = calls("calls-connect-user-id").remove(0).peer.unwrap();
    assert_eq!(hidden.aliases()[0], Alias::new(AliasKind::Bsuid, "IL.44805555666677778888"));
    assert_eq!(hidden.name(), Some("נועה לוי"));
}

#[test]
fn without_direction_the_business_number_tells() {
    let recorded = calls("calls-recording");
    assert_eq!(recorded.len(), 2);
    assert_eq!(recorded[0].event, "call_recording_available");
    assert_eq!(recorded[0].outgoing, None);
    assert_eq!(recorded[0].peer.as_ref().unwrap().aliases().len(), 4);
    let value = |from: &str, to: &str| {
        let (from, to) = (format!(r#""from": "{from}""#), format!(r#""to": "{to}""#));
        format!(
            r#"{{"metadata": {{"display_phone_number": "+972 3-555-0102"}},
                 "calls": [{{"id": "wacid.1", "event": "media_update", {from}, {to}}}]}}"#
        )
    };
    for value in [value("97235550102", "972541112233"), value("972541112233", "97235550102")] {
        assert_eq!(one_as!(Call, "calls", &value).peer, Some(phone("972541112233")), "{value}");
    }
}

#[test]
fn a_call_ends_with_its_length_or_its_failure() {
    let ended = calls("calls-terminate-completed").remove(0);
    assert_eq!((&*ended.event, ended.outcome.as_deref(), ended.seconds), ("terminate", Some("COMPLETED"), Some(120)));
    assert_eq!(ended.error, None);
    let (field, value) = sample("calls-terminate-failed", 0);
    let found = items(&field, &value);
    assert_eq!(found[0].raw, None, "the failure stands beside the call");
    let failed = calls("calls-terminate-failed").remove(0);
    let error = failed.error.unwrap();
    assert_eq!(error.code, Some(138_001));
    assert_eq!(error.message, "The receiver cannot be called: The person has no client that takes calls.");
    assert_eq!((failed.outcome.as_deref(), failed.seconds), (Some("FAILED"), None));
}

#[test]
fn a_call_of_ours_rings() {
    let (field, value) = sample("calls", 0);
    let ringing = one_as!(Call, &field, &value);
    assert_eq!((ringing.id.as_str(), &*ringing.event, ringing.outgoing), ("wacid.TESTCALL1==", "ringing", Some(true)));
    assert_eq!(ringing.peer, Some(phone("972541112233").with_name("דנה לוי")));
    assert_eq!(items(&field, &value)[0].at.unwrap().timestamp(), 1_790_004_000);
    let later: Vec<_> = calls("calls-status").into_iter().map(|call| (call.event, call.peer.unwrap())).collect();
    assert_eq!(later, [("accepted".to_owned(), dana()), ("rejected".to_owned(), dana())]);
    let swapped = r#"{"statuses": [{"id": "wacid.1", "status": "RINGING", "recipient_user_id": "IL.1",
        "parent_recipient_user_id": "IL.ENT.2"}]}"#;
    assert_eq!(one_as!(Call, "calls", swapped).peer.unwrap().aliases().len(), 2);
}

#[test]
fn failures_without_an_ended_call_are_not_lost() {
    let value = r#"{"calls": [{"id": "wacid.1", "event": "connect"}], "errors": [{"code": 138001}], "x": null}"#;
    let found = items("calls", value);
    assert_eq!(found.len(), 2);
    assert!(matches!(&found[0].event, Event::Call(call) if call.error.is_none()));
    assert!(matches!(&found[1].event, Event::Unknown(unknown) if &*unknown.kind == "calls"));
    assert_eq!(found[1].raw, None);
}

#[test]
fn a_key_twice_and_a_list_that_is_none_lose_nothing() {
    let twice = r#"{"calls": [{"id": "a", "event": "connect"}], "calls": [{"id": "b", "event": "connect"}]}"#;
    assert_eq!(items("calls", twice).len(), 2);
    let odd = r#"{"calls": {"id": "a"}, "statuses": [{"id": "b", "status": "RINGING"}]}"#;
    let found = items("calls", odd);
    assert!(matches!((&found[0].event, &found[1].event), (Event::Call(_), Event::Unknown(_))));
    assert!(read_value("calls", r#"{"calls": {"id": "a"}}"#).is_none());
    assert!(read_value("calls", r#"["calls"]"#).is_none());
}
