//! What no webhook told, read from Twilio's list; and the files of contacts. Against the stand-in.
#![expect(clippy::unwrap_used, clippy::panic, reason = "test code")]

use std::{collections::HashSet, ops::Range, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use whatsapp_core::{
    Envelope, Event, InboundContent, Ledger, LineId, Location, MediaFile, MediaKind, OutboundMessage, PhoneNumber,
    Provider, Retry, Status, Template, WebhookExt,
    testing::{Fake, Fault, Inbound, Key},
};
use whatsapp_twilio::{MessageQuery, Twilio, TwilioBuilder, TwilioFake, TwilioFakeConfig};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{any, path, query_param},
};

const LINE: &str = "whatsapp:+14155550100";
const ACCOUNT: &str = "/2010-04-01/Accounts/ACd1ce0000d1ce0000d1ce0000d1ce0000";

/// A time that no message has. The last one of all would not be a time that Twilio reads.
const FOREVER: DateTime<Utc> = DateTime::from_timestamp(4_000_000_000, 0).unwrap();

fn noa() -> PhoneNumber {
    "+972509876543".parse().unwrap()
}

async fn fake() -> (TwilioFake, Twilio) {
    let lines = vec![LINE.to_owned(), "whatsapp:+14155550199".to_owned()];
    let fake = TwilioFake::start(TwilioFakeConfig { lines, ..TwilioFakeConfig::default() }).await.unwrap();
    let mut settings = fake.settings(LINE);
    settings.set("timeout_seconds", "0.5");
    let line = TwilioBuilder::from_settings(&settings).unwrap().build().unwrap();
    (fake, line)
}

fn always() -> Range<DateTime<Utc>> {
    DateTime::UNIX_EPOCH..FOREVER
}

/// All pages, as they come.
async fn received(line: &Twilio, span: Range<DateTime<Utc>>) -> Vec<Envelope> {
    let (mut events, mut next) = (Vec::new(), None);
    loop {
        let page = line.received(span.clone(), next.as_deref()).await.unwrap();
        for envelope in &page.events {
            assert!(page.body.as_ptr_range().contains(&envelope.raw.as_ptr()), "a range of the page");
        }
        events.extend(page.events);
        next = page.next;
        if next.is_none() {
            return events;
        }
    }
}

fn ids(events: &[Envelope]) -> Vec<&str> {
    events
        .iter()
        .map(|envelope| match &envelope.event {
            Event::Message(message) => message.id.as_str(),
            Event::Status(update) => update.id.as_str(),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[tokio::test]
async fn what_came_in_untold_is_found() {
    let (fake, line) = fake().await;
    let items = [
        Inbound::text("SM01", "972509876543", "שלום\0"),
        Inbound::file("MM02", "972509876543", MediaKind::Image, "image/jpeg"),
        Inbound::text("SM03", "IL.4480aa", "היי"),
        Inbound::text("SM04", "972509876543", ""),
    ];
    fake.receive_untold(&LineId::from(LINE), &items);
    fake.receive_untold(&LineId::from("whatsapp:+14155550199"), &[Inbound::text("SM05", "972509876543", "x")]);
    line.send_with(&OutboundMessage::new(noa(), "ours"), &whatsapp_twilio::SendOptions::new()).await.unwrap();
    let events = received(&line, always()).await;
    assert_eq!(ids(&events), ["SM01", "MM02", "SM03", "SM04"]);
    let told = fake.webhooks(&LineId::from(LINE), &items, Key::Current);
    for (envelope, request) in events.iter().zip(told) {
        let by_webhook = line.receive(request.as_request()).unwrap().unwrap();
        assert_eq!(envelope.event_id(), by_webhook[0].event_id(), "known by the same key");
        let Event::Message(message) = &envelope.event else { panic!("{envelope:?}") };
        assert!(message.recovered && message.replayed && envelope.at.is_some());
        assert_eq!(envelope.line.as_str(), LINE);
    }
    let contents: Vec<_> = events
        .iter()
        .map(|envelope| match &envelope.event {
            Event::Message(message) => message.content.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(contents[0], InboundContent::text("שלום"));
    assert!(matches!(contents[3], InboundContent::Unsupported(_)), "the list does not say what it was");
    let InboundContent::Media(media) = &contents[1] else { panic!("{:?}", contents[1]) };
    assert_eq!((media.kind, media.mime_type.as_deref()), (MediaKind::Image, Some("image/jpeg")));
    assert_eq!(line.media().unwrap().download(media, 1000).await.unwrap(), Inbound::bytes_of("MM02"));
    assert_eq!(events[2].peer().unwrap().phone(), None);
    assert_eq!(events[0].peer().unwrap().phone(), Some(noa()));
}

#[tokio::test]
async fn statuses_that_nobody_told_are_found() {
    let (fake, line) = fake().await;
    let none = whatsapp_twilio::SendOptions::new();
    let mut sent = Vec::new();
    for status in [Some(Status::Read), Some(Status::Failed), Some(Status::Sent), None] {
        let receipt = line.send_with(&OutboundMessage::new(noa(), "x"), &none).await.unwrap();
        if let Some(status) = status {
            let item = Inbound::status(receipt.id.as_str(), "972509876543", status);
            fake.receive_untold(&LineId::from(LINE), &[item]);
        }
        sent.push(receipt.id);
    }
    fake.receive_untold(&LineId::from(LINE), &[Inbound::text("SM01", "972509876543", "x")]);
    let page = line.statuses(always(), None).await.unwrap();
    let told: Vec<_> = page
        .events
        .iter()
        .map(|envelope| match &envelope.event {
            Event::Status(update) => (update.id.as_str(), update.status, update.error.as_ref().and_then(|e| e.code)),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        told,
        [
            (sent[0].as_str(), Status::Read, None),
            (sent[1].as_str(), Status::Failed, Some(63024)),
            (sent[2].as_str(), Status::Sent, None),
        ],
        "one that waits was sent at no time yet"
    );
    assert!(page.events.iter().all(|envelope| envelope.at.is_some() && envelope.peer().is_some()));
}

#[tokio::test]
async fn a_span_takes_its_beginning_and_not_its_end() {
    let (fake, line) = fake().await;
    fake.receive_untold(&LineId::from(LINE), &[Inbound::text("SM01", "972509876543", "a")]);
    let at = received(&line, always()).await[0].at.unwrap();
    let second = TimeDelta::seconds(1);
    assert_eq!(received(&line, at..at + second).await.len(), 1);
    assert_eq!(received(&line, at - second..at).await.len(), 0);
    assert_eq!(received(&line, at + second..at + second * 9).await.len(), 0);
}

#[tokio::test]
async fn every_page_is_read_once() {
    let (fake, line) = fake().await;
    let items: Vec<_> = (0..450).map(|at| Inbound::text(&format!("SM{at:04}"), "972509876543", "x")).collect();
    fake.receive_untold(&LineId::from(LINE), &items);
    let events = received(&line, always()).await;
    assert_eq!((events.len(), ids(&events).into_iter().collect::<HashSet<_>>().len()), (450, 450));
}

/// One send whose answer is lost, and what the list says of it.
async fn after(line: &Twilio, fake: &TwilioFake, fault: Fault, message: &OutboundMessage) -> Vec<Envelope> {
    let since = fake_time(line).await;
    fake.faults().push(fault);
    let error = line.send_with(message, &whatsapp_twilio::SendOptions::new()).await.unwrap_err();
    assert_eq!(error.retry(), Retry::Ambiguous, "{error}");
    line.sent(message, since..FOREVER).await.unwrap()
}

/// The stand-in's clock: the time of a message that it just got.
async fn fake_time(line: &Twilio) -> DateTime<Utc> {
    let newest = line.messages(&MessageQuery::new().with_page_size(1), None).await.unwrap();
    newest.messages.first().and_then(|message| message.date_created).unwrap_or(DateTime::UNIX_EPOCH)
}

#[tokio::test]
async fn a_send_whose_answer_was_lost_is_found_or_surely_not_there() {
    let (fake, line) = fake().await;
    let file = MediaFile::link(MediaKind::Image, "https://cdn.example/a.jpg").unwrap();
    let messages = [
        OutboundMessage::new(noa(), "שורה אחת\n\nושתיים "),
        OutboundMessage::new(noa(), Location::new(32.06, 34.77).with_name("סטודיו")),
        OutboundMessage::new(noa(), file.clone().with_caption("לפני")),
        OutboundMessage::new(noa(), file),
        OutboundMessage::new(
            noa(),
            Template::new("HXd1ce0000d1ce0000d1ce0000d1ce0000", "he").with_parameters(["נועה"]),
        ),
    ];
    for (at, message) in messages.iter().enumerate() {
        assert!(after(&line, &fake, Fault::DropBeforeAccept, message).await.is_empty(), "{message:?}");
        let found = after(&line, &fake, Fault::DropAfterAccept, message).await;
        let accepted = fake.accepted();
        assert!(ids(&found).contains(&accepted.last().unwrap().id.as_str()), "{message:?}");
        let Event::Status(update) = &found.last().unwrap().event else { panic!("{found:?}") };
        assert_eq!((update.status, update.correlation), (Status::Queued, None));
        // The next one begins with an empty list, as far as its time goes.
        tokio::time::sleep(Duration::from_millis(1100)).await;
        fake.receive_untold(&LineId::from(LINE), &[Inbound::text(&format!("SMtick{at}"), "972500000001", "x")]);
    }
}

#[tokio::test]
async fn other_messages_are_not_taken_for_it() {
    let (fake, line) = fake().await;
    let other_line = TwilioBuilder::from_settings(&fake.settings("+14155550199")).unwrap().build().unwrap();
    let wanted = OutboundMessage::new(noa(), "שלום");
    let none = whatsapp_twilio::SendOptions::new();
    other_line.send_with(&wanted, &none).await.unwrap();
    line.send_with(&OutboundMessage::new(noa(), "אחרת"), &none).await.unwrap();
    line.send_with(&OutboundMessage::new("+972500000009".parse::<PhoneNumber>().unwrap(), "שלום"), &none)
        .await
        .unwrap();
    fake.receive_untold(&LineId::from(LINE), &[Inbound::text("SM01", "972509876543", "שלום")]);
    assert!(line.sent(&wanted, always()).await.unwrap().is_empty());
    let receipt = line.send_with(&wanted, &none).await.unwrap();
    let found = line.sent(&wanted, always()).await.unwrap();
    assert_eq!(ids(&found), [receipt.id.as_str()]);
    assert!(line.sent(&wanted, FOREVER..FOREVER).await.unwrap().is_empty(), "older");
}

fn listed(messages: &Value, next: Option<&str>) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({"messages": messages, "next_page_uri": next}))
}

fn line_at(server: &MockServer, service: Option<&str>) -> Twilio {
    use whatsapp_twilio::TwilioConfigKey as Setting;
    let builder = TwilioBuilder::new()
        .with_config(Setting::AccountSid, "ACd1ce0000d1ce0000d1ce0000d1ce0000")
        .with_config(Setting::AuthToken, "d00df00dd00df00dd00df00dd00df00d")
        .with_config(Setting::From, "+14155550100")
        .with_config(Setting::MessagingServiceSid, service.unwrap_or_default())
        .with_config(Setting::BaseUrl, server.uri());
    builder.build().unwrap()
}

#[tokio::test]
async fn a_service_that_has_not_chosen_its_number_and_forgotten_words_may_be_it() {
    let server = MockServer::start().await;
    let row = |more: Value| {
        let mut row = json!({"sid": "SM01", "direction": "outbound-api", "to": "whatsapp:+972509876543", "body": "שלום",
            "status": "accepted", "date_created": "Fri, 20 Nov 2026 08:15:30 +0000", "from": LINE});
        row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        row
    };
    let wanted = OutboundMessage::new(noa(), "שלום");
    let since: DateTime<Utc> = "2026-11-20T08:15:30.900Z".parse().unwrap();
    for (more, found) in [
        (json!({}), 1),
        (json!({"from": null, "messaging_service_sid": "MGd1ce"}), 1),
        (json!({"from": null, "messaging_service_sid": "MGother"}), 0),
        (json!({"from": "whatsapp:+19995550100", "messaging_service_sid": "MGd1ce"}), 1),
        (json!({"from": "whatsapp:+19995550100", "messaging_service_sid": "MGother"}), 0),
        (json!({"date_created": "Fri, 20 Nov 2026 08:17:30 +0000"}), 0),
        (json!({"body": ""}), 1),
        (json!({"body": " שלום\u{a0}"}), 1),
        (json!({"status": "on its way"}), 1),
        (json!({"status": null, "direction": "sideways"}), 1),
        (json!({"num_media": "1"}), 0),
        // Waited for days above ours.
        (json!({"date_created": "Tue, 17 Nov 2026 08:00:00 +0000", "date_sent": "Fri, 20 Nov 2026 08:15:40 +0000"}), 0),
        (json!({"direction": "inbound"}), 0),
        (json!({"date_created": "Fri, 20 Nov 2026 08:15:29 +0000"}), 0),
    ] {
        server.reset().await;
        Mock::given(any()).respond_with(listed(&json!([row(more.clone())]), None)).mount(&server).await;
        let minute = TimeDelta::minutes(1);
        let events = line_at(&server, Some("MGd1ce")).sent(&wanted, since..since + minute).await.unwrap();
        assert_eq!(events.len(), found, "{more}");
    }
}

#[tokio::test]
async fn a_template_in_other_words_is_neither_found_nor_surely_not_there() {
    let server = MockServer::start().await;
    let line = line_at(&server, None);
    let row = |sid: &str, body: &str| {
        json!({"sid": sid, "direction": "outbound-api", "to": "whatsapp:+972509876543", "from": LINE, "body": body,
            "status": "sent", "date_created": "Fri, 20 Nov 2026 08:15:30 +0000"})
    };
    let template = Template::new("HXd1ce0000d1ce0000d1ce0000d1ce0000", "he").with_parameters(["נועה"]);
    let known = OutboundMessage::new(noa(), template.clone().with_text("שלום {{1}}"));
    let unknown = OutboundMessage::new(noa(), template);
    let (ours, other) = (row("SM1", "שלום נועה"), row("SM2", "מהקופה: תודה"));
    for (rows, message, found) in [
        (json!([ours, other]), &known, Some(1)),
        (json!([other]), &known, None),
        (json!([]), &known, Some(0)),
        (json!([other]), &unknown, Some(1)),
    ] {
        server.reset().await;
        Mock::given(any()).respond_with(listed(&rows, None)).mount(&server).await;
        assert_eq!(line.sent(message, always()).await.ok().map(|events| events.len()), found, "{rows}");
    }
}

#[tokio::test]
async fn an_old_message_among_newer_ones_ends_nothing() {
    let server = MockServer::start().await;
    let row = |sid: &str, minute: u32| {
        json!({"sid": sid, "direction": "outbound-api", "to": "whatsapp:+972509876543", "from": LINE, "body": "שלום",
            "status": "sent", "date_created": format!("Fri, 20 Nov 2026 08:{minute:02}:30 +0000")})
    };
    let next = format!("{ACCOUNT}/Messages.json?Page=1");
    let (first, second) = (json!([row("SM1", 2), row("SM2", 20)]), json!([row("SM3", 19), row("SM4", 1)]));
    let more = listed(&json!([row("SM5", 1), row("SM6", 0)]), Some("/never/asked"));
    Mock::given(query_param("Page", "1"))
        .respond_with(listed(&second, Some(&format!("{ACCOUNT}/Messages.json?Page=2"))))
        .mount(&server)
        .await;
    Mock::given(query_param("Page", "2")).respond_with(more).mount(&server).await;
    Mock::given(any()).respond_with(listed(&first, Some(&next))).with_priority(9).mount(&server).await;
    let since = "2026-11-20T08:15:00Z".parse().unwrap();
    let found = line_at(&server, None).sent(&OutboundMessage::new(noa(), "שלום"), since..FOREVER).await.unwrap();
    assert_eq!(ids(&found), ["SM3", "SM2"], "oldest first");
    assert_eq!(server.received_requests().await.unwrap().len(), 3, "a page of old ones is the end");
}

#[tokio::test]
async fn a_list_that_cannot_be_read_to_its_end_says_nothing() {
    let server = MockServer::start().await;
    let line = line_at(&server, None);
    let wanted = OutboundMessage::new(noa(), "שלום");
    let next = format!("{ACCOUNT}/Messages.json?Page=1");
    Mock::given(any()).respond_with(listed(&json!([]), Some(&next))).mount(&server).await;
    assert!(line.sent(&wanted, always()).await.is_err(), "a list without end");
    server.reset().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(503)).mount(&server).await;
    assert_eq!(line.sent(&wanted, always()).await.unwrap_err().retry(), Retry::Backoff);
    assert!(line.received(always(), None).await.is_err());
}

#[tokio::test]
async fn an_entry_that_cannot_be_read_makes_the_list_say_nothing_and_a_repeated_key_does_not() {
    let server = MockServer::start().await;
    let line = line_at(&server, None);
    let twice = format!(
        r#"{{"sid":"SM1","sid":"SM1","direction":"outbound-api","to":"whatsapp:+972509876543","from":"{LINE}","body":"שלום",
        "status":"sent","date_created":"Fri, 20 Nov 2026 08:15:30 +0000"}}"#
    );
    for (row, found) in [(twice.as_str(), Some(1)), (r#"{"status":"sent"}"#, None), ("7", None)] {
        server.reset().await;
        let page = format!(r#"{{"messages":[{row}],"next_page_uri":null}}"#);
        let answer = ResponseTemplate::new(200).set_body_raw(page, "application/json");
        Mock::given(any()).respond_with(answer).mount(&server).await;
        let events = line.sent(&OutboundMessage::new(noa(), "שלום"), always()).await;
        assert_eq!(events.ok().map(|events| events.len()), found, "{row}");
        assert!(
            line.received(always(), None).await.unwrap().events.is_empty(),
            "the rest of a page is told all the same"
        );
    }
}

#[tokio::test]
async fn what_came_within_the_second_of_a_boundary_is_told_once() {
    let server = MockServer::start().await;
    let line = line_at(&server, None);
    // At 08:15:30.7, after the first look.
    let row = json!({"sid": "SM1", "direction": "inbound", "from": "whatsapp:+972509876543", "to": LINE, "body": "x",
        "date_sent": "Fri, 20 Nov 2026 08:15:30 +0000"});
    Mock::given(any()).respond_with(listed(&json!([]), None)).up_to_n_times(1).mount(&server).await;
    Mock::given(any()).respond_with(listed(&json!([row]), None)).mount(&server).await;
    let cut: DateTime<Utc> = "2026-11-20T08:15:30.500Z".parse().unwrap();
    let hour = TimeDelta::hours(1);
    assert_eq!(received(&line, cut - hour..cut).await.len() + received(&line, cut..cut + hour).await.len(), 1);
}

#[tokio::test]
async fn an_sms_to_the_number_is_no_message_of_the_line() {
    let server = MockServer::start().await;
    let row = json!({"sid": "SM1", "direction": "inbound", "from": "+972509876543", "to": "+14155550100", "body": "x",
        "date_sent": "Fri, 20 Nov 2026 08:15:30 +0000"});
    Mock::given(any()).respond_with(listed(&json!([row]), None)).mount(&server).await;
    assert!(received(&line_at(&server, None), always()).await.is_empty());
}

#[tokio::test]
async fn a_message_whose_files_nobody_may_see_does_not_keep_its_page_back() {
    let server = MockServer::start().await;
    let line = line_at(&server, None);
    let row = |sid: &str, files: &str| {
        json!({"sid": sid, "direction": "inbound", "from": "whatsapp:+972509876543", "to": LINE, "num_media": files,
            "body": "הנה", "date_sent": "Fri, 20 Nov 2026 08:15:30 +0000"})
    };
    let page = listed(&json!([row("SM9", "0"), row("XX1", "1"), row("MM1", "1")]), None);
    let files = format!("{ACCOUNT}/Messages/MM1/Media.json");
    for (answer, told) in [
        (ResponseTemplate::new(403), Some(3)),
        (ResponseTemplate::new(410), Some(3)),
        (ResponseTemplate::new(200).set_body_json(json!({"media_list": [{"content_type": "image/png"}]})), Some(3)),
        (ResponseTemplate::new(401), None),
        (ResponseTemplate::new(503), None),
    ] {
        server.reset().await;
        Mock::given(path(files.clone())).respond_with(answer).with_priority(1).mount(&server).await;
        Mock::given(any()).respond_with(page.clone()).mount(&server).await;
        let events = line.received(always(), None).await;
        assert_eq!(events.ok().map(|page| page.events.len()), told);
    }
}

#[tokio::test]
async fn only_what_failed_has_a_reason() {
    let server = MockServer::start().await;
    let row = |sid: &str, status: &str, code: Value| {
        json!({"sid": sid, "direction": "outbound-api", "to": "whatsapp:+972509876543", "from": LINE, "status": status,
            "error_code": code, "date_sent": "Fri, 20 Nov 2026 08:15:30 +0000"})
    };
    let rows = json!([row("SM1", "delivered", json!(30008)), row("SM2", "failed", Value::Null)]);
    Mock::given(any()).respond_with(listed(&rows, None)).mount(&server).await;
    let page = line_at(&server, None).statuses(always(), None).await.unwrap();
    let reasons: Vec<_> = page.events.iter().map(|envelope| json!(envelope.event)["data"]["error"].clone()).collect();
    assert_eq!((&reasons[0]["message"], &reasons[1]), (&json!("failed"), &Value::Null));
}

#[tokio::test]
async fn a_deleted_file_leaves_the_words_and_an_unreadable_list_nothing() {
    let server = MockServer::start().await;
    let line = line_at(&server, None);
    let row = json!({"sid": "MM01", "direction": "inbound", "from": "whatsapp:+972509876543", "to": LINE, "num_media": "1",
        "body": "הנה", "status": "received", "date_sent": "Fri, 20 Nov 2026 08:15:30 +0000"});
    let (list, files) = (format!("{ACCOUNT}/Messages.json"), format!("{ACCOUNT}/Messages/MM01/Media.json"));
    Mock::given(path(list.clone())).respond_with(listed(&json!([row]), None)).mount(&server).await;
    let page = line.received(always(), None).await.unwrap();
    let Event::Message(message) = &page.events[0].event else { panic!("{page:?}") };
    assert_eq!(message.content, InboundContent::text("הנה"));
    Mock::given(path(files)).respond_with(ResponseTemplate::new(500)).with_priority(1).mount(&server).await;
    assert!(line.received(always(), None).await.is_err(), "a page is told whole or not at all");
}

#[tokio::test]
async fn several_files_have_the_ids_of_their_webhook() {
    let server = MockServer::start().await;
    let line = line_at(&server, None);
    let row = json!({"sid": "MM01", "direction": "inbound", "from": "whatsapp:+972509876543", "to": LINE, "num_media": "2",
        "body": "הנה", "status": "received", "date_sent": "Fri, 20 Nov 2026 08:15:30 +0000"});
    let files = json!({"media_list": [{"sid": "ME1", "content_type": "image/png"}, {"sid": "ME2", "content_type": "application/pdf"}]});
    let answer = ResponseTemplate::new(200).set_body_json(files);
    Mock::given(path(format!("{ACCOUNT}/Messages/MM01/Media.json"))).respond_with(answer).mount(&server).await;
    Mock::given(any()).respond_with(listed(&json!([row]), None)).mount(&server).await;
    let page = line.received(always(), None).await.unwrap();
    assert_eq!(ids(&page.events), ["MM01", "MM01/1"]);
    assert!(!format!("{page:?}").contains("הנה"));
    let media: Vec<_> = page.events.iter().map(|envelope| json!(envelope.event)["data"]["content"].clone()).collect();
    assert_eq!((&media[0]["caption"], &media[1]["caption"]), (&json!("הנה"), &Value::Null));
    assert_eq!((&media[0]["kind"], &media[1]["kind"]), (&json!("image"), &json!("document")));
}
