//! The parser on forms that nobody wrote by hand.
#![expect(clippy::unwrap_used, reason = "test code")]

mod studio;

use std::collections::HashSet;

use proptest::{collection::vec, prelude::*, sample::Index};
use serde::Deserialize;
use whatsapp_core::{Envelope, Event, InboundContent};

#[derive(Deserialize)]
struct Sample {
    body: String,
}

fn samples() -> Vec<Vec<u8>> {
    let files = [include_str!("../fixtures/inbound.json"), include_str!("../fixtures/statuses.json")];
    let read = |file: &str| serde_json::from_str::<Vec<Sample>>(file).unwrap();
    files.into_iter().flat_map(read).map(|sample| sample.body.into_bytes()).collect()
}

fn field(key: &str, value: &str) -> String {
    form_urlencoded::Serializer::new(String::new()).append_pair(key, value).finish()
}

proptest! {
    // A counter-example belongs into a test of its own, not into a file beside them.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutated_forms_are_read_or_refused(
        at in any::<Index>(),
        edits in vec((any::<Index>(), any::<u8>(), 0..3u8), 1..12),
        query in "[ -~]{0,80}",
    ) {
        let samples = samples();
        let mut body = samples[at.index(samples.len())].clone();
        for (place, byte, edit) in edits {
            let place = place.index(body.len() + 1);
            match edit {
                0 => body.insert(place, byte),
                1 => body.truncate(place.max(1)),
                _ => if let Some(old) = body.get_mut(place) { *old = byte },
            }
        }
        if let Ok(events) = studio::read(&format!("/webhook/whatsapp/status?{query}"), &body) {
            prop_assert!(!events.is_empty(), "an item was lost");
            prop_assert!(events.iter().all(|envelope| envelope.raw == body));
        }
    }

    #[test]
    fn every_file_is_a_message_of_its_own(
        numbers in vec(0..40u32, 1..8).prop_shuffle(),
        mimes in vec(prop_oneof!["image/[a-z]{1,5}", "audio/[a-z]{1,5}", Just("text/vcard".to_owned()), ".{0,9}"], 8),
        caption in "[א-ת ]{0,9}",
        damaged in vec("[A-Za-z]{1,9}=%[0-9A-Fa-f]{0,2}", 0..4),
    ) {
        let mut fields = vec![field("MessageSid", "MM1"), field("From", "whatsapp:+972500000001"), field("Body", &caption)];
        for (number, mime) in numbers.iter().zip(&mimes) {
            fields.push(field(&format!("MediaUrl{number}"), &format!("https://api.twilio.com/{number}")));
            fields.push(field(&format!("MediaContentType{number}"), mime));
        }
        fields.extend(damaged.into_iter().map(|field| format!("X{field}")));
        let events = studio::read("/webhook/whatsapp/inbound", fields.join("&").as_bytes()).unwrap();
        let distinct: HashSet<_> = numbers.iter().collect();
        prop_assert_eq!(events.len(), distinct.len());
        let ids: HashSet<_> = events.iter().map(Envelope::event_id).collect();
        prop_assert_eq!(ids.len(), distinct.len());
        let captions = events.iter().filter(|envelope| matches!(
            &envelope.event,
            Event::Message(message) if matches!(&message.content, InboundContent::Media(file) if file.caption.is_some())
        ));
        prop_assert!(captions.count() <= 1);
    }

    #[test]
    fn any_text_arrives_whole(body in "\\PC{1,200}", name in "\\PC{0,20}") {
        let form = [
            field("MessageSid", "SM1"),
            field("From", "whatsapp:+972500000001"),
            field("ProfileName", &name),
            field("Body", &body),
        ];
        let events = studio::read("/webhook/whatsapp/inbound", form.join("&").as_bytes()).unwrap();
        prop_assert_eq!(events.len(), 1);
        let Event::Message(message) = &events[0].event else { return Err(TestCaseError::fail("no message")) };
        prop_assert_eq!(&message.content, &InboundContent::text(body));
    }
}
