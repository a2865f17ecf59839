//! One content carries all messages of a shape.
use std::sync::Arc;

use serde_json::{Value, json};
use whatsapp_core::{
    ErrorKind::{RateLimited, TemplateRejected, Unauthenticated, Unavailable},
    Interactive, List, OutboundMessage, Receipt, ReplyButton, Result,
    Retry::{Ambiguous, Backoff, Never},
    Row, Sender, Template, UrlButton,
};
use whatsapp_twilio::Twilio;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_string_contains, method, path},
};

use super::{CONTENT, MESSAGES, answers, asked, count, line, noa, page, takes_messages};

const SEARCH: &str = "GET /v2/Content";
const CREATE: &str = "POST /v1/Content";
const SEND: &str = "POST /2010";
const OTHER: &str = "HXc0ffee00c0ffee00c0ffee00c0ffee99";

async fn ask(line: &Twilio, body: &str, yes: &str) -> Result<Receipt> {
    send(line, Interactive::buttons(body, [ReplyButton::new("yes", yes)]).unwrap()).await
}

async fn send(line: &Twilio, ask: Interactive) -> Result<Receipt> {
    line.send(&OutboundMessage::new(noa(), ask)).await
}

async fn counts(server: &MockServer) -> (usize, usize, usize) {
    (count(server, SEARCH).await, count(server, CREATE).await, count(server, SEND).await)
}

async fn nothing_known(server: &MockServer) {
    answers(server, "GET", "/v2/Content", 200, page(&[], None)).await;
}

/// Refuses messages of the content `sid` as Twilio does one that it does not have.
async fn refuses(server: &MockServer, sid: &str) {
    let refusal = json!({"code": 21655, "message": "The ContentSid is Invalid", "status": 400});
    Mock::given(method("POST"))
        .and(path(MESSAGES))
        .and(body_string_contains(sid))
        .respond_with(ResponseTemplate::new(400).set_body_json(refusal))
        .with_priority(1)
        .mount(server)
        .await;
}

/// The content that was made, as the list shows it.
async fn made(server: &MockServer) -> Value {
    let mut asked = asked(server).await.into_iter();
    let (_, mut content) = asked.find(|(line, _)| line.starts_with(CREATE)).unwrap();
    content["sid"] = CONTENT.into();
    content
}

#[tokio::test]
async fn ten_messages_of_a_shape_make_one_content() {
    let server = MockServer::start().await;
    nothing_known(&server).await;
    answers(&server, "POST", "/v1/Content", 201, json!({"sid": CONTENT})).await;
    takes_messages(&server).await;
    let line = line(&server);
    for n in 0..10 {
        let buttons =
            [ReplyButton::new(format!("confirm_{n}"), format!("כן, {n}")), ReplyButton::new(format!("no_{n}"), "לא")];
        send(&line, Interactive::buttons(format!("נתראה ב-{n}:00?"), buttons).unwrap()).await.unwrap();
    }
    assert_eq!(counts(&server).await, (1, 1, 10));
    let (_, form) = asked(&server).await.pop().unwrap();
    let values: Value = serde_json::from_str(form[3][1].as_str().unwrap()).unwrap();
    assert_eq!(values, json!({"1": "נתראה ב-9:00?", "2": "כן, 9", "3": "confirm_9", "4": "לא", "5": "no_9"}));
    let braces = [ReplyButton::new("{{1}}", "{{x}}"), ReplyButton::new("no", "לא")];
    send(&line.clone(), Interactive::buttons("{{2}}", braces).unwrap()).await.unwrap();
    assert_eq!(counts(&server).await, (1, 1, 11), "clones know it, too, and values are not read again");
    ask(&line, "נתראה?", "כן").await.unwrap();
    assert_eq!(counts(&server).await, (2, 2, 12), "another number of buttons is another shape");
    let made: Vec<_> = asked(&server).await.into_iter().filter(|(line, _)| line.starts_with(CREATE)).collect();
    assert_ne!(made[0].1["friendly_name"], made[1].1["friendly_name"]);
    let samples = json!({"1": "text1", "2": "text2", "3": "text3", "4": "text4", "5": "text5"});
    assert_eq!(made[0].1["variables"], samples, "no words of a message stay behind");
    let action = |title: &str, id: &str| json!({"type": "QUICK_REPLY", "title": title, "id": id});
    let buttons = json!({"body": "{{1}}", "actions": [action("{{2}}", "{{3}}"), action("{{4}}", "{{5}}")]});
    assert_eq!(made[0].1["types"], json!({"twilio/quick-reply": buttons}));
}

#[tokio::test]
async fn lists_and_pages_of_a_shape_make_one_content_each() {
    let row = |n: usize, words: Option<&str>| {
        let row = Row::new(format!("at_{n}"), format!("{n}:00"));
        words.map(|words| row.clone().with_description(words)).unwrap_or(row)
    };
    let list =
        |n: usize, words| Interactive::list("מתי?", List::new("שעות", [row(n, words), row(n + 1, None)])).unwrap();
    let page = |address: String| Interactive::url("פרטים", UrlButton::new("לאתר", address)).unwrap();
    let server = MockServer::start().await;
    nothing_known(&server).await;
    answers(&server, "POST", "/v1/Content", 201, json!({"sid": CONTENT})).await;
    takes_messages(&server).await;
    let line = line(&server);
    for n in 0..3 {
        send(&line, list(n, Some("פנוי"))).await.unwrap();
        send(&line, page(format!("https://studio.example/booking/{n}?lang=he"))).await.unwrap();
    }
    assert_eq!(counts(&server).await, (2, 2, 6));
    let (_, form) = asked(&server).await.pop().unwrap();
    assert_eq!(form[3][1], "{\"1\":\"פרטים\",\"2\":\"booking/2?lang=he\"}");
    send(&line, list(1, None)).await.unwrap();
    assert_eq!(counts(&server).await, (3, 3, 7), "a row without a second line is another shape");
    send(&line, page("https://shop.example/booking/1".to_owned())).await.unwrap();
    assert_eq!(counts(&server).await, (4, 4, 8), "and so is another site");
}

#[tokio::test]
async fn what_a_value_cannot_hold_stands_in_the_content() {
    let server = MockServer::start().await;
    nothing_known(&server).await;
    answers(&server, "POST", "/v1/Content", 201, json!({"sid": CONTENT})).await;
    takes_messages(&server).await;
    let line = line(&server);
    for (address, shown) in [
        ("https://studio.example", "https://studio.example"),
        ("https://studio.example/", "https://studio.example/"),
        ("https://studio.example?x=/a", "https://studio.example?x=/a"),
        ("https://studio.example/a", "https://studio.example/{{2}}"),
        ("https://studio.example/{{1}}", "https://studio.example/{{2}}"),
    ] {
        send(&line, Interactive::url("פרטים", UrlButton::new("לאתר", address)).unwrap()).await.unwrap();
        let made = asked(&server).await.into_iter().rfind(|(line, _)| line.starts_with(CREATE)).unwrap().1;
        assert_eq!(made["types"]["twilio/call-to-action"]["actions"][0]["url"], shown, "{address}");
    }
    let gap = ReplyButton::new("a      b", "כן");
    send(&line, Interactive::buttons("?", [gap]).unwrap()).await.unwrap();
    let made = asked(&server).await.into_iter().rfind(|(line, _)| line.starts_with(CREATE)).unwrap().1;
    let action = json!({"type": "QUICK_REPLY", "title": "{{2}}", "id": "a      b"});
    assert_eq!(made["types"]["twilio/quick-reply"]["actions"], json!([action]));
}

#[tokio::test]
async fn messages_at_the_same_time_make_one_content() {
    let server = MockServer::start().await;
    nothing_known(&server).await;
    let slow = ResponseTemplate::new(201).set_body_json(json!({"sid": CONTENT}));
    let slow = slow.set_delay(std::time::Duration::from_millis(50));
    Mock::given(method("POST")).and(path("/v1/Content")).respond_with(slow).mount(&server).await;
    takes_messages(&server).await;
    let line = Arc::new(line(&server));
    let tasks: Vec<_> = (0..10)
        .map(|n| {
            let line = Arc::clone(&line);
            tokio::spawn(async move { ask(&line, &format!("נתראה ב-{n}?"), "כן").await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(counts(&server).await, (1, 1, 10));
}

#[tokio::test]
async fn a_restart_finds_the_content_that_is_there() {
    let first = MockServer::start().await;
    nothing_known(&first).await;
    answers(&first, "POST", "/v1/Content", 201, json!({"sid": CONTENT})).await;
    takes_messages(&first).await;
    ask(&line(&first), "נתראה?", "כן").await.unwrap();
    let made = made(&first).await;

    let mut changed = made.clone();
    changed["types"]["twilio/quick-reply"]["actions"][0]["title"] = "{{1}}".into();
    changed["sid"] = OTHER.into();
    let mut more = made.clone();
    more["types"]["twilio/quick-reply"]["media"] = Value::Null;
    for (known, creates) in [(vec![made.clone()], 0), (vec![changed.clone(), more], 0), (vec![changed], 1)] {
        let server = MockServer::start().await;
        answers(&server, "GET", "/v2/Content", 200, page(&known, None)).await;
        answers(&server, "POST", "/v1/Content", 201, json!({"sid": CONTENT})).await;
        takes_messages(&server).await;
        ask(&line(&server), "ומחר?", "כן").await.unwrap();
        assert_eq!(counts(&server).await, (1, creates, 1));
        let (_, form) = asked(&server).await.pop().unwrap();
        assert_eq!(form[2], json!(["ContentSid", CONTENT]), "one that somebody changed does not count");
        assert_eq!(form[3], json!(["ContentVariables", "{\"1\":\"ומחר?\",\"2\":\"כן\",\"3\":\"yes\"}"]));
    }
}

#[tokio::test]
async fn a_content_that_is_gone_is_made_once_more() {
    let first = MockServer::start().await;
    nothing_known(&first).await;
    answers(&first, "POST", "/v1/Content", 201, json!({"sid": CONTENT})).await;
    takes_messages(&first).await;
    ask(&line(&first), "נתראה?", "כן").await.unwrap();
    let found = ResponseTemplate::new(200).set_body_json(page(&[made(&first).await], None));

    let server = MockServer::start().await;
    Mock::given(path("/v2/Content")).respond_with(found).up_to_n_times(1).mount(&server).await;
    nothing_known(&server).await;
    answers(&server, "POST", "/v1/Content", 201, json!({"sid": OTHER})).await;
    takes_messages(&server).await;
    let line = line(&server);
    ask(&line, "נתראה?", "כן").await.unwrap();
    assert_eq!(counts(&server).await, (1, 0, 1));
    refuses(&server, CONTENT).await;
    ask(&line, "נתראה?", "כן").await.unwrap();
    assert_eq!(counts(&server).await, (2, 1, 3), "refused, made, sent");
    ask(&line, "נתראה?", "כן").await.unwrap();
    assert_eq!(counts(&server).await, (2, 1, 4));

    refuses(&server, OTHER).await;
    for sent in 5..8 {
        let error = ask(&line, "נתראה?", "כן").await.unwrap_err();
        assert_eq!((error.kind(), error.code(), error.retry()), (TemplateRejected, Some(21655), Never));
        assert_eq!(counts(&server).await, (2, 1, sent), "what was just made is not made again, nor sent twice");
    }
}

#[tokio::test]
async fn a_list_that_lags_behind_does_not_bring_the_gone_one_back() {
    let first = MockServer::start().await;
    nothing_known(&first).await;
    answers(&first, "POST", "/v1/Content", 201, json!({"sid": CONTENT})).await;
    takes_messages(&first).await;
    ask(&line(&first), "נתראה?", "כן").await.unwrap();

    let server = MockServer::start().await;
    answers(&server, "GET", "/v2/Content", 200, page(&[made(&first).await], None)).await;
    answers(&server, "POST", "/v1/Content", 201, json!({"sid": OTHER})).await;
    takes_messages(&server).await;
    refuses(&server, CONTENT).await;
    ask(&line(&server), "נתראה?", "כן").await.unwrap();
    assert_eq!(counts(&server).await, (2, 1, 2));
}

#[tokio::test]
async fn a_named_content_is_not_looked_for_again() {
    let server = MockServer::start().await;
    refuses(&server, CONTENT).await;
    let template = Template::new(CONTENT, "he").with_parameters(["נועה"]);
    let error = line(&server).send(&OutboundMessage::new(noa(), template)).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (TemplateRejected, Some(21655)));
    assert_eq!(asked(&server).await.len(), 1);
}

#[tokio::test]
async fn what_fails_before_the_message_surely_sent_nothing() {
    let cases = [
        ("/v2/Content", 500, json!({}), Unavailable, Backoff),
        ("/v1/Content", 503, json!({"code": 20503}), Unavailable, Backoff),
        ("/v1/Content", 429, json!({"code": 20429}), RateLimited, Backoff),
        ("/v2/Content", 401, json!({"code": 20003}), Unauthenticated, Never),
        ("/v1/Content", 201, json!({"friendly_name": "x"}), whatsapp_core::ErrorKind::Protocol, Never),
        ("/v1/Content", 201, json!([]), whatsapp_core::ErrorKind::Protocol, Never),
    ];
    for (at, status, body, kind, retry) in cases {
        let server = MockServer::start().await;
        let broken = ResponseTemplate::new(status).set_body_json(body);
        Mock::given(path(at)).respond_with(broken).with_priority(1).up_to_n_times(1).mount(&server).await;
        nothing_known(&server).await;
        answers(&server, "POST", "/v1/Content", 201, json!({"sid": CONTENT})).await;
        takes_messages(&server).await;
        let line = line(&server);
        let error = ask(&line, "נתראה?", "כן").await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (kind, retry), "{at} {status}");
        assert_eq!(count(&server, SEND).await, 0);
        ask(&line, "נתראה?", "כן").await.unwrap();
        assert_eq!(count(&server, SEND).await, 1, "a failure is not kept");
    }
}

#[tokio::test]
async fn those_who_waited_get_the_same_failure() {
    let server = MockServer::start().await;
    let refusal = json!({"code": 20003, "message": "Authenticate", "status": 401});
    let slow = ResponseTemplate::new(401).set_body_json(refusal).insert_header("twilio-request-id", "RQ0studio");
    let slow = slow.set_delay(std::time::Duration::from_millis(100));
    Mock::given(path("/v2/Content")).respond_with(slow).mount(&server).await;
    let line = line(&server);
    let (one, two) = tokio::join!(ask(&line, "א?", "כן"), ask(&line, "ב?", "כן"));
    assert_eq!(counts(&server).await, (1, 0, 0));
    for error in [one.unwrap_err(), two.unwrap_err()] {
        assert_eq!((error.kind(), error.code(), error.status()), (Unauthenticated, Some(20003), Some(401)));
        assert_eq!((error.message(), error.trace_id(), error.retry()), ("Authenticate", Some("RQ0studio"), Never));
        assert!(error.advice().contains("auth token"), "{}", error.advice());
    }
}

#[tokio::test]
async fn a_message_in_doubt_is_not_sent_again() {
    for code in [json!(null), json!(21655)] {
        let server = MockServer::start().await;
        nothing_known(&server).await;
        answers(&server, "POST", "/v1/Content", 201, json!({"sid": CONTENT})).await;
        answers(&server, "POST", MESSAGES, 500, json!({"code": code})).await;
        let error = ask(&line(&server), "נתראה?", "כן").await.unwrap_err();
        assert_eq!(counts(&server).await, (1, 1, 1), "{error}");
        if code.is_null() {
            assert_eq!(error.retry(), Ambiguous);
        }
    }
}
