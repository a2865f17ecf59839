//! The Messages resource beside sending: exact requests, and what the answers become.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use whatsapp_core::{
    ErrorKind::{Config, InvalidMessage, Protocol, RateLimited, Unavailable},
    MessageId, OutboundMessage, PhoneNumber, Presence, Recipient,
    Retry::{Ambiguous, Backoff, Never},
    Status,
};
use whatsapp_twilio::{
    Direction, MessageQuery, Product, RawBody, SendOptions, Twilio, TwilioBuilder, TwilioConfigKey as Key,
};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::any};

const ACCOUNT: &str = "/2010-04-01/Accounts/ACd1ce0000d1ce0000d1ce0000d1ce0000";
const MESSAGE: &str = "SMd1ce0000d1ce0000d1ce0000d1ce0001";

fn noa() -> PhoneNumber {
    "+972509876543".parse().unwrap()
}

fn line_at(base: &str) -> Twilio {
    let builder = TwilioBuilder::new()
        .with_config(Key::AccountSid, "ACd1ce0000d1ce0000d1ce0000d1ce0000")
        .with_config(Key::AuthToken, "d00df00dd00df00dd00df00dd00df00d")
        .with_config(Key::From, "+14155550100")
        .with_config(Key::MessagingServiceSid, "MGd1ce")
        .with_config(Key::BaseUrl, base);
    builder.build().unwrap()
}

/// A server that answers everything with this.
async fn answering(status: u16, body: &Value) -> (MockServer, Twilio) {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(status).set_body_json(body);
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let line = line_at(&server.uri());
    (server, line)
}

/// Method, path with query, and body of the one request that was made.
async fn asked(server: &MockServer) -> String {
    let seen = server.received_requests().await.unwrap();
    let [request] = &seen[..] else { panic!("{} requests", seen.len()) };
    assert!(request.headers["authorization"].to_str().unwrap().starts_with("Basic "));
    shown(request)
}

fn shown(request: &Request) -> String {
    let query = request.url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let body = String::from_utf8(request.body.clone()).unwrap();
    format!("{} {}{query} {body}", request.method, request.url.path()).trim_end().to_owned()
}

fn record() -> Value {
    json!({
        "sid": MESSAGE, "direction": "outbound-api", "from": "whatsapp:+14155550100", "to": "whatsapp:+972509876543",
        "body": "שלום", "status": "undelivered", "error_code": 63016, "error_message": "Outside the window",
        "num_media": "0", "price": null, "messaging_service_sid": null, "date_sent": null, "something_new": {"a": [1]},
        "date_created": "Fri, 20 Nov 2026 08:15:30 +0000", "date_updated": "Fri, 20 Nov 2026 08:15:31 +0000",
    })
}

#[tokio::test]
async fn a_message_is_looked_up() {
    let (server, line) = answering(200, &record()).await;
    let message = line.message(MESSAGE).await.unwrap();
    assert_eq!(asked(&server).await, format!("GET {ACCOUNT}/Messages/{MESSAGE}.json"));
    assert_eq!((message.direction, message.reached()), (Direction::Outbound, Some(Status::Failed)));
    assert_eq!((message.error_code, message.num_media, message.date_sent), (Some(63016), Some(0), None));
    assert_eq!(message.at().unwrap().to_rfc3339(), "2026-11-20T08:15:30+00:00");
    assert!(!format!("{message:?}").contains("שלום") && !format!("{message:?}").contains("9725"), "{message:?}");
}

#[tokio::test]
async fn odd_fields_are_lost_alone() {
    let odd = json!({"sid": MESSAGE, "status": 7, "error_code": "63024", "num_media": 2, "date_sent": "soon", "to": [],
        "direction": "sideways"});
    let (_server, line) = answering(200, &odd).await;
    let message = line.message(MESSAGE).await.unwrap();
    assert_eq!((message.error_code, message.num_media, message.to.as_deref()), (Some(63024), Some(2), None));
    assert_eq!((message.reached(), message.at(), message.direction), (None, None, Direction::Unknown));
}

#[tokio::test]
async fn messages_are_listed_page_by_page() {
    let next = format!("{ACCOUNT}/Messages.json?To=whatsapp%3A%2B972509876543&PageSize=2&Page=1&PageToken=PASM1");
    let page = json!({"messages": [record(), "no message", record()], "next_page_uri": next, "page": 0});
    let (server, line) = answering(200, &page).await;
    let query = MessageQuery::new()
        .with_recipient("+972509876543")
        .since("2026-11-01T00:00:00Z".parse().unwrap())
        .until("2026-11-20T10:00:00.9Z".parse().unwrap())
        .with_page_size(2);
    let first = line.messages(&query, None).await.unwrap();
    assert_eq!(
        asked(&server).await,
        format!(
            "GET {ACCOUNT}/Messages.json?To=whatsapp%3A%2B972509876543&DateSent%3E=2026-11-01T00%3A00%3A00Z\
             &DateSent%3C=2026-11-20T10%3A00%3A00Z&PageSize=2"
        )
    );
    assert_eq!((first.messages.len(), first.next.as_deref()), (2, Some(next.as_str())));
    line.messages(&query, first.next.as_deref()).await.unwrap();
    let seen = server.received_requests().await.unwrap();
    assert_eq!(shown(&seen[1]), format!("GET {next}"), "as Twilio gave it");
}

#[tokio::test]
async fn credentials_follow_no_page_elsewhere() {
    let (server, line) = answering(200, &json!({"messages": []})).await;
    for next in ["https://evil.example/x", "//evil.example/x", "x", "/a/../../b", "/x#y", "/\\evil.example", ""] {
        let error = line.messages(&MessageQuery::new(), Some(next)).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (Protocol, Never), "{next}");
    }
    assert!(server.received_requests().await.unwrap().is_empty());
    let whole = format!("{}{ACCOUNT}/Messages.json?Page=1", server.uri());
    line.messages(&MessageQuery::new(), Some(&whole)).await.unwrap();
    assert_eq!(asked(&server).await, format!("GET {ACCOUNT}/Messages.json?Page=1"));
}

#[tokio::test]
async fn messages_are_changed_and_deleted() {
    let (server, line) = answering(200, &record()).await;
    line.cancel_message(MESSAGE).await.unwrap();
    line.redact_message(MESSAGE).await.unwrap();
    line.delete_message(MESSAGE).await.unwrap();
    line.delete_media("MM01", "ME02").await.unwrap();
    let seen: Vec<_> = server.received_requests().await.unwrap().iter().map(shown).collect();
    assert_eq!(
        seen,
        [
            format!("POST {ACCOUNT}/Messages/{MESSAGE}.json Status=canceled"),
            format!("POST {ACCOUNT}/Messages/{MESSAGE}.json Body="),
            format!("DELETE {ACCOUNT}/Messages/{MESSAGE}.json"),
            format!("DELETE {ACCOUNT}/Messages/MM01/Media/ME02.json"),
        ]
    );
}

#[tokio::test]
async fn files_of_a_message_are_listed() {
    let list =
        json!({"media_list": [{"sid": "ME02", "content_type": "image/jpeg", "date_created": null}, {"sid": "ME03"}]});
    let (server, line) = answering(200, &list).await;
    let files = line.message_media("MM01").await.unwrap();
    assert_eq!(asked(&server).await, format!("GET {ACCOUNT}/Messages/MM01/Media.json"));
    assert_eq!((files[0].content_type.as_deref(), files[1].sid.as_deref()), (Some("image/jpeg"), Some("ME03")));
}

#[tokio::test]
async fn ids_that_would_leave_the_path_are_refused_before_io() {
    let (server, line) = answering(200, &record()).await;
    for bad in ["", "SM", "ME01", "SM1/../..", "SM1?x", "sm1", "SM%2e", "SMא"] {
        let error = line.message(bad).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (InvalidMessage, Never), "{bad}");
        assert!(line.redact_message(bad).await.is_err() && line.delete_message(bad).await.is_err());
        assert!(line.delete_media("SM1", bad).await.is_err() || bad == "ME01");
    }
    assert_eq!(server.received_requests().await.unwrap().len(), 1, "the one good id");
}

#[tokio::test]
async fn questions_may_be_asked_again() {
    for (status, kind, retry) in [(500, Unavailable, Backoff), (404, Config, Never), (429, RateLimited, Backoff)] {
        let (_server, line) = answering(status, &json!({})).await;
        for error in [
            line.message(MESSAGE).await.unwrap_err(),
            line.messages(&MessageQuery::new(), None).await.unwrap_err(),
            line.cancel_message(MESSAGE).await.unwrap_err(),
            line.delete_message(MESSAGE).await.unwrap_err(),
            line.message_media(MESSAGE).await.unwrap_err(),
        ] {
            assert_eq!((error.kind(), error.retry()), (kind, retry), "{error}");
        }
    }
    let (_server, line) = answering(200, &json!([])).await;
    for error in
        [line.message(MESSAGE).await.unwrap_err(), line.messages(&MessageQuery::new(), None).await.unwrap_err()]
    {
        assert_eq!((error.kind(), error.retry()), (Protocol, Never), "{error}");
    }
}

#[tokio::test]
async fn a_send_says_more() {
    let (server, line) = answering(201, &json!({"sid": "SM01", "status": "scheduled"})).await;
    let options = SendOptions::new()
        .at("2026-12-01T06:00:00.5Z".parse().unwrap())
        .with_validity(Duration::from_secs(600))
        .without_content()
        .without_address()
        .with_field("RiskCheck", "disable");
    let message = OutboundMessage::new(noa(), "x");
    let receipt = line.send_with(&message, &options).await.unwrap();
    assert_eq!(receipt.id.as_str(), "SM01");
    assert_eq!(
        asked(&server).await,
        format!(
            "POST {ACCOUNT}/Messages.json To=whatsapp%3A%2B972509876543&MessagingServiceSid=MGd1ce&Body=x\
             &ScheduleType=fixed&SendAt=2026-12-01T06%3A00%3A00Z&ValidityPeriod=600&ContentRetention=discard\
             &AddressRetention=obfuscate&RiskCheck=disable"
        )
    );
    for (options, field) in [
        (SendOptions::new().with_validity(Duration::ZERO), "validity"),
        (SendOptions::new().with_validity(Duration::from_secs(36_001)), "validity"),
        (SendOptions::new().with_validity(Duration::from_millis(1500)), "validity"),
        (SendOptions::new().with_field("To", "whatsapp:+1"), "To"),
        (SendOptions::new().without_content().with_field("ContentRetention", "retain"), "ContentRetention"),
    ] {
        let error = line.send_with(&message, &options).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (InvalidMessage, Never));
        assert!(error.message().contains(field), "{error}");
    }
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn only_a_service_sends_later() {
    let line = TwilioBuilder::new()
        .with_config(Key::AccountSid, "AC01")
        .with_config(Key::AuthToken, "t")
        .with_config(Key::From, "+14155550100")
        .build()
        .unwrap();
    let later = SendOptions::new().at("2026-12-01T06:00:00Z".parse().unwrap());
    let error = line.send_with(&OutboundMessage::new(noa(), "x"), &later).await.unwrap_err();
    assert!(error.message().contains("messaging_service_sid"), "{error}");
}

#[tokio::test]
async fn anything_can_be_sent_and_asked() {
    let (server, line) = answering(201, &json!({"sid": "SM01"})).await;
    line.send_raw(&[("To", "whatsapp:+1"), ("MediaUrl", "a"), ("MediaUrl", "b")]).await.unwrap();
    assert_eq!(asked(&server).await, format!("POST {ACCOUNT}/Messages.json To=whatsapp%3A%2B1&MediaUrl=a&MediaUrl=b"));
    server.reset().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(204)).mount(&server).await;
    let form = [("a", "1"), ("a", "2")];
    let (json, path) = (json!({"b": 1}), "/v2/Channels/Senders");
    let (post, put) = (Method::POST, Method::PUT);
    line.request_raw(post, Product::Messaging, path, &[("x", "y z")], RawBody::Form(&form)).await.unwrap();
    let answer = line.request_raw(put, Product::Content, path, &[], RawBody::Json(&json)).await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.body), (204, Value::Null));
    let seen: Vec<_> = server.received_requests().await.unwrap().iter().map(shown).collect();
    assert_eq!(seen, [format!("POST {path}?x=y+z a=1&a=2"), format!("PUT {path} {{\"b\":1}}")]);
    for bad in ["", "v2/x", "//evil.example/x", "/a/../b", "/a/%2e%2E/b", "/a?b", "/a#b", "/a%zz", "/a//b", "/א"] {
        let error = line.request_raw(Method::GET, Product::Api, bad, &[], RawBody::None).await.unwrap_err();
        assert_eq!(error.kind(), InvalidMessage, "{bad}");
    }
    server.reset().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(503)).mount(&server).await;
    for (method, retry) in [(Method::POST, Ambiguous), (Method::GET, Backoff), (Method::DELETE, Backoff)] {
        let error = line.request_raw(method, Product::Api, "/x", &[], RawBody::None).await.unwrap_err();
        assert_eq!(error.retry(), retry);
    }
    assert_eq!(format!("{:?}", RawBody::Json(&json)), "Json(…)");
}

#[tokio::test]
async fn typing_is_shown_for_a_message() {
    let (server, line) = answering(200, &json!({"success": true})).await;
    let person = Recipient::from(noa());
    line.typing(&person, &MessageId::from("MM01/2")).await.unwrap();
    assert_eq!(asked(&server).await, "POST /v2/Indicators/Typing.json messageId=MM01&channel=whatsapp");
    assert!(line.typing(&person, &MessageId::from("")).await.is_err());
    let error = line.mark_read(&person, &MessageId::from("SM01")).await.unwrap_err();
    assert!(error.message().contains("typing"), "{error}");
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}
