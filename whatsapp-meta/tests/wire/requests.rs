//! The exact bytes that go to Meta, and what never does.
use serde_json::{Value, json};
use whatsapp_core::{
    Action, Content, CorrelationId, ErrorKind, GroupId, Interactive, MediaFile, MediaKind, OutboundMessage,
    PhoneNumber, Presence, Reaction, Recipient, Retry, Sender, SenderExt, Template, UserId,
};
use whatsapp_meta::Meta;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

use crate::{TOKEN, answering, line_at};

const MESSAGES: &str = "/v24.0/106500000000001/messages";

fn line(server: &MockServer) -> Meta {
    line_at(&format!("{}/", server.uri()))
}

fn dana() -> PhoneNumber {
    "+972541112233".parse().unwrap()
}

fn location_request() -> Content {
    Interactive::new("איפה אתם?", Action::LocationRequest).unwrap().into()
}

fn accepted() -> Value {
    json!({"messaging_product": "whatsapp", "contacts": [{"input": "+972541112233", "wa_id": "972541112233"}],
           "messages": [{"id": "wamid.WIRE1=="}]})
}

async fn only_body(server: &MockServer) -> Value {
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1);
    serde_json::from_slice(&requests[0].body).unwrap()
}

#[tokio::test]
async fn a_send_is_this_request() {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(200).set_body_json(accepted());
    Mock::given(method("POST")).and(path(MESSAGES)).respond_with(answer).expect(1).mount(&server).await;
    let message = OutboundMessage::new(dana(), "שלום 🙂")
        .in_reply_to("wamid.IN1==".into())
        .with_correlation(CorrelationId::from_bytes([7; 16]));
    let receipt = line(&server).send(&message).await.unwrap();
    assert_eq!((receipt.id.as_str(), receipt.provider.as_str()), ("wamid.WIRE1==", "meta"));
    let requests = server.received_requests().await.unwrap();
    let (request, header) = (&requests[0], |name: &str| requests[0].headers.get(name).unwrap().to_str().unwrap());
    assert_eq!(request.url.query(), None, "a token in the query would lie in logs");
    assert_eq!(header("authorization"), format!("Bearer {TOKEN}"));
    assert_eq!((header("content-type"), header("accept")), ("application/json", "application/json"));
    assert!(header("user-agent").starts_with("whatsapp-core/"));
    assert_eq!(
        only_body(&server).await,
        json!({"messaging_product": "whatsapp", "recipient_type": "individual", "to": "+972541112233", "type": "text",
               "text": {"body": "שלום 🙂", "preview_url": false}, "context": {"message_id": "wamid.IN1=="},
               "biz_opaque_callback_data": "07070707070707070707070707070707"})
    );
}

#[tokio::test]
async fn a_user_id_goes_under_another_key() {
    let (server, line) = answering(200, accepted()).await;
    let noa: UserId = "IL.ENT.44801234567890123456".parse().unwrap();
    line.send_template(noa, Template::new("hello", "he")).await.unwrap();
    let body = only_body(&server).await;
    assert_eq!((&body["recipient"], body.get("to")), (&json!("IL.ENT.44801234567890123456"), None));
}

#[tokio::test]
async fn a_group_is_named_as_one() {
    let (server, line) = answering(200, accepted()).await;
    line.send_text(Recipient::Group(GroupId::from("Y2FwaV9ncm91cA==")), "שלום לכולם").await.unwrap();
    let body = only_body(&server).await;
    assert_eq!((&body["recipient_type"], &body["to"]), (&json!("group"), &json!("Y2FwaV9ncm91cA==")));
}

#[tokio::test]
async fn marking_as_read_is_this_request() {
    let (server, line) = answering(200, json!({"success": true})).await;
    assert_eq!(line.waba_id(), Some("9106500000000001"));
    let presence: &dyn Presence = whatsapp_core::Provider::presence(&line).unwrap();
    presence.mark_read(&dana().into(), &"wamid.IN1==".into()).await.unwrap();
    assert_eq!(
        only_body(&server).await,
        json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.IN1=="})
    );
    for yes in [json!({"success": "true"}), json!({"success": true, "more": 1})] {
        let (_server, line) = answering(200, yes).await;
        line.mark_read(&dana().into(), &"wamid.IN1==".into()).await.unwrap();
    }
    for no in [json!({"success": false}), json!({}), json!([])] {
        let (_server, line) = answering(200, no).await;
        let error = line.mark_read(&dana().into(), &"wamid.IN1==".into()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol);
    }
}

#[tokio::test]
async fn typing_is_this_request() {
    let (server, line) = answering(200, json!({"success": true})).await;
    let presence: &dyn Presence = whatsapp_core::Provider::presence(&line).unwrap();
    presence.typing(&dana().into(), &"wamid.IN1==".into()).await.unwrap();
    let requests = server.received_requests().await.unwrap();
    assert_eq!((requests[0].method.as_str(), requests[0].url.path()), ("POST", MESSAGES));
    assert_eq!(
        only_body(&server).await,
        json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.IN1==",
               "typing_indicator": {"type": "text"}})
    );
}

#[tokio::test]
async fn reading_may_be_tried_again() {
    for (status, body) in
        [(500, json!({})), (503, json!({"error": {"code": 2}})), (500, json!({"error": {"code": 131_000}}))]
    {
        let (_server, line) = answering(status, body).await;
        let error = line.mark_read(&dana().into(), &"wamid.IN1==".into()).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Unavailable, Retry::Backoff));
        let error = line.send_text(dana(), "x").await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Unavailable, Retry::Ambiguous), "a send may not");
    }
}

#[tokio::test]
async fn what_meta_cannot_do_never_leaves() {
    let (server, line) = answering(200, accepted()).await;
    let file = |kind| MediaFile::link(kind, "https://files.example/a.ogg").unwrap();
    let kind = ErrorKind::Unsupported;
    let cases: Vec<(OutboundMessage, ErrorKind, &str)> = vec![
        (OutboundMessage::new(Recipient::Lid("123".into()), "x"), kind, "lid"),
        (OutboundMessage::new(Recipient::Group(GroupId::from("Y2Fw")), location_request()), kind, "group"),
        (OutboundMessage::new(dana(), file(MediaKind::Sticker).with_caption("x")), kind, "caption"),
        (
            OutboundMessage::new(dana(), file(MediaKind::Audio).with_caption("x")),
            ErrorKind::InvalidMessage,
            "media.caption",
        ),
        (OutboundMessage::new(dana(), Template::new("hello", "")), ErrorKind::InvalidMessage, "template.language"),
        (
            OutboundMessage::new(dana(), Reaction::new("m".into(), "👍")).in_reply_to("n".into()),
            ErrorKind::InvalidMessage,
            "reply_to",
        ),
        (
            OutboundMessage::new(dana(), Content::from(file(MediaKind::Image).with_caption("x".repeat(1025)))),
            ErrorKind::InvalidMessage,
            "media.caption",
        ),
    ];
    for (message, kind, field) in cases {
        let error = line.send(&message).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (kind, Retry::Never), "{error}");
        assert!(error.to_string().contains(field), "{error} names {field}");
    }
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_token_that_meta_quotes_is_not_passed_on() {
    let quoted = format!("Malformed access token {TOKEN}");
    let body =
        json!({"error": {"message": quoted, "code": 190, "error_data": {"details": quoted}, "fbtrace_id": TOKEN}});
    let (_server, line) = answering(400, body).await;
    let error = line.send_text(dana(), "x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    assert!(!format!("{error} {error:?} {line:?}").contains("0that0nobody0"), "{error:?}");
}
