//! The parser on forms that nobody wrote by hand.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

mod studio;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderValue, Method};
use proptest::{collection::vec, prelude::*, sample::Index};
use serde::Deserialize;
use sha1::Sha1;
use whatsapp_core::{Envelope, Event, InboundContent, Rejection, Verifier, WebhookRequest};

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

fn events(body: &str) -> Vec<(String, Event)> {
    let events = studio::read("/webhook/whatsapp/inbound", body.as_bytes()).unwrap();
    events.into_iter().map(|envelope| (envelope.line.to_string(), envelope.event)).collect()
}

/// A sample of which no field is repeated.
fn plain_sample(at: Index) -> Option<String> {
    let samples = samples();
    let sample = String::from_utf8(samples[at.index(samples.len())].clone()).unwrap();
    let mut keys = HashSet::new();
    form_urlencoded::parse(sample.as_bytes()).all(|(key, _)| keys.insert(key.into_owned())).then_some(sample)
}

/// A text in a form, in one of the ways that say the same.
fn escaped(text: &str, ways: &[u8]) -> String {
    let write = |(byte, way): (u8, &u8)| match (byte, way % 3) {
        (b' ', 0) => "+".to_owned(),
        (b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'-' | b'.' | b'*', 0 | 1) => char::from(byte).to_string(),
        (_, 2) => format!("%{byte:02x}"),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().zip(ways.iter().cycle()).map(write).collect()
}

/// The signature as the words of its specification have it, one step after the other.
fn straightforward(url: &str, pairs: &[(String, String)]) -> String {
    let mut sorted: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (key, value) in pairs {
        sorted.entry(key).or_default().insert(value);
    }
    let mut text = url.to_owned();
    for (key, values) in sorted {
        for value in values {
            text += key;
            text += value;
        }
    }
    let mut mac = Hmac::<Sha1>::new_from_slice(studio::TOKEN.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

fn verify(url: &str, body: &str, signature: &str) -> Result<(), Rejection> {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static("application/x-www-form-urlencoded"));
    headers.insert("x-twilio-signature", signature.parse().unwrap());
    let body = Bytes::from(body.to_owned());
    let request = WebhookRequest { method: &Method::POST, url, headers: &headers, body: &body };
    studio::webhook().verify(request).map(|_| ())
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

    #[test]
    fn the_order_of_fields_says_nothing(at in any::<Index>(), keys in vec(any::<u32>(), 100)) {
        let Some(sample) = plain_sample(at) else { return Ok(()) };
        let mut fields: Vec<_> = sample.split('&').zip(keys).collect();
        fields.sort_by_key(|(_, key)| *key);
        let shuffled: Vec<_> = fields.into_iter().map(|(field, _)| field).collect();
        prop_assert_eq!(events(&shuffled.join("&")), events(&sample));
    }

    #[test]
    fn fields_that_nobody_knows_say_nothing(
        at in any::<Index>(),
        junk in vec((any::<Index>(), "(New|Body|Media|Referral)[A-Z][a-z]{1,9}2027", "\\PC{0,9}"), 1..20),
    ) {
        let samples = samples();
        let sample = String::from_utf8(samples[at.index(samples.len())].clone()).unwrap();
        let mut fields: Vec<_> = sample.split('&').map(str::to_owned).collect();
        for (place, key, value) in junk {
            fields.insert(place.index(fields.len() + 1), field(&key, &value));
        }
        prop_assert_eq!(events(&fields.join("&")), events(&sample));
    }

    #[test]
    fn a_signature_holds_for_its_fields_and_no_others(
        pairs in vec(("\\PC{0,12}|Media[0-9]|Body", "\\PC{0,20}"), 0..40),
        ways in vec(any::<u8>(), 7),
        path in "[a-z/]{0,9}(\\?[ -~&&[^#']]{0,12})?",
        changed in any::<Index>(),
    ) {
        let url = format!("https://studio.example/{path}");
        let signature = straightforward(&url, &pairs);
        let write = |pairs: &[(String, String)]| {
            let fields: Vec<_> =
                pairs.iter().map(|(key, value)| format!("{}={}", escaped(key, &ways), escaped(value, &ways))).collect();
            fields.join("&")
        };
        prop_assert_eq!(verify(&url, &write(&pairs), &signature), Ok(()));
        let mut others = pairs.clone();
        if others.is_empty() {
            others.push(("Body".to_owned(), String::new()));
        } else {
            let at = changed.index(others.len());
            others[at].1.push('x');
        }
        // A repeated field may have been changed into one that is there already.
        let same = straightforward(&url, &others) == signature;
        prop_assert_eq!(verify(&url, &write(&others), &signature).is_ok(), same);
    }
}
