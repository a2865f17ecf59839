//! Nothing false gets in, and nothing true is lost.
use std::collections::HashSet;

use bytes::Bytes;

use super::{hello, read, signed};
use crate::{
    Event, InboundContent, MediaKind, Rejection, Sender, Status, WebhookExt,
    testing::{Harness, Inbound, Key},
};

fn greeting() -> Inbound {
    Inbound::text("in-1", "972501234567", "שלום 🙂")
}

pub async fn accepts_the_current_and_the_previous_secret<H: Harness>() {
    let harness = H::start().await;
    let provider = harness.build(&harness.settings()).unwrap();
    for key in [Key::Current, Key::Previous] {
        let request = signed(&harness, greeting(), key);
        assert!(provider.verify(request.as_request()).is_ok(), "{key:?}");
    }
}

pub async fn rejects_another_secret<H: Harness>() {
    let harness = H::start().await;
    let provider = harness.build(&harness.settings()).unwrap();
    let request = signed(&harness, greeting(), Key::Other);
    assert_eq!(provider.verify(request.as_request()).unwrap_err(), Rejection::Mismatch);
}

pub async fn rejects_a_missing_signature<H: Harness>() {
    let harness = H::start().await;
    let provider = harness.build(&harness.settings()).unwrap();
    let mut request = signed(&harness, greeting(), Key::Current);
    request.headers.remove(harness.signature_header());
    assert_eq!(provider.verify(request.as_request()).unwrap_err(), Rejection::Missing);
}

pub async fn rejects_a_repeated_signature<H: Harness>() {
    let harness = H::start().await;
    let provider = harness.build(&harness.settings()).unwrap();
    let mut request = signed(&harness, greeting(), Key::Current);
    let good = request.headers[harness.signature_header()].clone();
    request.headers.append(harness.signature_header(), good);
    assert!(provider.verify(request.as_request()).is_err());
}

pub async fn rejects_every_flipped_byte<H: Harness>() {
    let harness = H::start().await;
    let provider = harness.build(&harness.settings()).unwrap();
    let good = signed(&harness, greeting(), Key::Current);
    for at in 0..good.body.len() {
        let mut body = good.body.to_vec();
        body[at] ^= 1;
        let request = crate::testing::SignedRequest { body: body.into(), ..good.clone() };
        assert!(provider.verify(request.as_request()).is_err(), "body byte {at}");
    }
    let signature = good.headers[harness.signature_header()].as_bytes();
    for at in 0..signature.len() {
        let mut flipped = signature.to_vec();
        // Stays visible ASCII, so that the header remains legal.
        flipped[at] = if flipped[at] == b'a' { b'b' } else { b'a' };
        let mut request = good.clone();
        request.headers.insert(harness.signature_header(), http::HeaderValue::from_bytes(&flipped).unwrap());
        assert!(provider.verify(request.as_request()).is_err(), "signature byte {at}");
    }
}

pub async fn rejects_an_empty_signature<H: Harness>() {
    let harness = H::start().await;
    let provider = harness.build(&harness.settings()).unwrap();
    for value in ["", " ", "sha256=", "v1,"] {
        let mut request = signed(&harness, greeting(), Key::Current);
        request.headers.insert(harness.signature_header(), value.parse().unwrap());
        assert!(provider.verify(request.as_request()).is_err(), "{value:?}");
    }
}

pub async fn rejects_a_truncated_signature<H: Harness>() {
    let harness = H::start().await;
    let provider = harness.build(&harness.settings()).unwrap();
    let good = signed(&harness, greeting(), Key::Current);
    let signature = good.headers[harness.signature_header()].to_str().unwrap();
    for length in 0..signature.len() {
        let mut request = good.clone();
        request.headers.insert(harness.signature_header(), signature[..length].parse().unwrap());
        assert!(provider.verify(request.as_request()).is_err(), "{length} characters");
    }
}

pub async fn reads_a_text<H: Harness>() {
    let harness = H::start().await;
    let events = read(&harness, &[greeting()], Key::Current);
    assert_eq!(events.len(), 1);
    let provider = harness.build(&harness.settings()).unwrap();
    assert_eq!((&events[0].provider, &events[0].line), (&provider.id(), provider.line()));
    let Event::Message(message) = &events[0].event else { panic!("{:?}", events[0].event) };
    assert_eq!(message.id.as_str(), "in-1");
    assert_eq!(message.from.phone().unwrap().digits(), "972501234567");
    assert_eq!(message.content, InboundContent::text("שלום 🙂"));
    assert!(!events[0].raw.is_empty());
}

pub async fn reads_a_file<H: Harness>() {
    let harness = H::start().await;
    let mut file = Inbound::file("in-1", "972501234567", MediaKind::Image, "image/jpeg");
    if let Inbound::File { caption, .. } = &mut file {
        *caption = Some("לפני ואחרי".to_owned());
    }
    let events = read(&harness, &[file], Key::Current);
    assert_eq!(events.len(), 1);
    let Event::Message(message) = &events[0].event else { panic!("{:?}", events[0].event) };
    assert_eq!((message.id.as_str(), message.from.phone().unwrap().digits()), ("in-1", "972501234567"));
    let InboundContent::Media(media) = &message.content else { panic!("{:?}", message.content) };
    assert_eq!((media.kind, media.mime_type.as_deref()), (MediaKind::Image, Some("image/jpeg")));
    assert_eq!(media.caption.as_deref(), Some("לפני ואחרי"));
    let provider = harness.build(&harness.settings()).unwrap();
    if let Some(files) = provider.media() {
        assert_eq!(files.download(media, 1024).await.unwrap(), Inbound::bytes_of("in-1"));
        assert!(files.download(media, 4).await.is_err(), "larger than allowed");
    }
}

pub async fn reads_statuses<H: Harness>() {
    let harness = H::start().await;
    let sent = harness.build(&harness.settings()).unwrap().send(&hello()).await.unwrap();
    assert!(!sent.id.as_str().is_empty());
    for status in [Status::Sent, Status::Delivered, Status::Read, Status::Failed] {
        let events = read(&harness, &[Inbound::status("out-1", "972501234567", status)], Key::Current);
        assert_eq!(events.len(), 1);
        let Event::Status(update) = &events[0].event else { panic!("{:?}", events[0].event) };
        assert_eq!((update.id.as_str(), update.status), ("out-1", status));
        assert_eq!(update.error.is_some(), status == Status::Failed);
    }
}

pub async fn reads_every_item_of_a_batch<H: Harness>() {
    let harness = H::start().await;
    let items = [
        greeting(),
        Inbound::odd("odd-1"),
        Inbound::status("out-1", "972501234567", Status::Read),
        Inbound::text("in-2", "972509999999", "second"),
    ];
    let events = read(&harness, &items, Key::Current);
    assert_eq!(events.len(), items.len(), "{events:?}");
    let ids: HashSet<_> = events.iter().map(crate::Envelope::event_id).collect();
    assert_eq!(ids.len(), items.len(), "event ids differ");
    let texts = events.iter().filter(|envelope| matches!(envelope.event, Event::Message(_))).count();
    assert_eq!(texts, 2);
}

pub async fn keeps_what_it_does_not_know<H: Harness>() {
    let harness = H::start().await;
    let events = read(&harness, &[Inbound::odd("odd-1")], Key::Current);
    assert_eq!(events.len(), 1);
    let Event::Unknown(unknown) = &events[0].event else { panic!("{:?}", events[0].event) };
    assert!(!unknown.kind.is_empty());
    assert!(!events[0].raw.is_empty());
}

pub async fn same_item_has_same_event_id<H: Harness>() {
    let harness = H::start().await;
    let status = Inbound::status("in-1", "972501234567", Status::Sent);
    for item in [greeting(), status.clone(), Inbound::odd("odd-1")] {
        let first = read(&harness, std::slice::from_ref(&item), Key::Current);
        let again = read(&harness, &[item], Key::Previous);
        assert_eq!(first[0].event_id(), again[0].event_id());
    }
    let message = read(&harness, &[greeting()], Key::Current)[0].event_id();
    let update = read(&harness, &[status], Key::Current)[0].event_id();
    assert_ne!(message, update, "a status is not its message");
}

pub async fn statuses_join_in_any_order<H: Harness>() {
    let harness = H::start().await;
    let orders = [
        [Status::Sent, Status::Delivered, Status::Read],
        [Status::Read, Status::Sent, Status::Delivered],
        [Status::Delivered, Status::Read, Status::Sent],
    ];
    for order in orders {
        let items = order.map(|status| Inbound::status("out-1", "972501234567", status));
        let reached = read(&harness, &items, Key::Current).into_iter().filter_map(|envelope| match envelope.event {
            Event::Status(update) => Some(update.status),
            _ => None,
        });
        assert_eq!(reached.reduce(Status::join), Some(Status::Read), "{order:?}");
    }
}

pub async fn survives_any_body<H: Harness>() {
    let harness = H::start().await;
    let provider = harness.build(&harness.settings()).unwrap();
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let bodies: [&[u8]; 9] =
        [b"", b"{", b"null", b"[]", b"{}", b"\"x\"", b"\xff\xfe\x00", b"=&=&%zz%", deep.as_bytes()];
    for body in bodies {
        let request = harness.webhook_of(Bytes::copy_from_slice(body));
        // Unreadable or unknown, but neither a panic nor an invented message.
        if let Ok(events) = provider.receive(request.as_request()).expect("authentic") {
            assert!(events.iter().all(|envelope| matches!(envelope.event, Event::Unknown(_))), "{events:?}");
        }
    }
}
