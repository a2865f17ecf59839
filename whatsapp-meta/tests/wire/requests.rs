//! The exact bytes that go to Meta, and what never does.
use serde_json::{Value, json};
use whatsapp_core::{
    Content, CorrelationId, ErrorKind, GroupId, MediaFile, MediaKind, OutboundMessage, PhoneNumber, Presence, Probe,
    ProbeReport, Reaction, Recipient, Retry, Sender, SenderExt, Template, UserId,
};
use whatsapp_meta::{Meta, MetaBuilder, MetaConfigKey};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

const TOKEN: &str = "EAAwire0token0that0nobody0may0see";
const MESSAGES: &str = "/v24.0/106500000000001/messages";

fn line(server: &MockServer) -> Meta {
    MetaBuilder::new()
        .with_config(MetaConfigKey::AccessToken, TOKEN)
        .with_config(MetaConfigKey::PhoneNumberId, "106500000000001")
        .with_config(MetaConfigKey::WabaId, "9106500000000001")
        .with_config(MetaConfigKey::AppSecret, "secret")
        .with_config(MetaConfigKey::ApiVersion, "24.0")
        .with_config(MetaConfigKey::BaseUrl, format!("{}/", server.uri()))
        .build()
        .unwrap()
}

fn dana() -> PhoneNumber {
    "+972541112233".parse().unwrap()
}

fn accepted() -> Value {
    json!({"messaging_product": "whatsapp", "contacts": [{"input": "+972541112233", "wa_id": "972541112233"}],
           "messages": [{"id": "wamid.WIRE1=="}]})
}

async fn answering(status: u16, body: Value) -> (MockServer, Meta) {
    let server = MockServer::start().await;
    Mock::given(wiremock::matchers::any())
        .respond_with(ResponseTemplate::new(status).set_body_json(body))
        .mount(&server)
        .await;
    let line = line(&server);
    (server, line)
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
async fn what_meta_cannot_do_never_leaves() {
    let (server, line) = answering(200, accepted()).await;
    let file = |kind| MediaFile::link(kind, "https://files.example/a.ogg").unwrap();
    let kind = ErrorKind::Unsupported;
    let cases: Vec<(OutboundMessage, ErrorKind, &str)> = vec![
        (OutboundMessage::new(Recipient::Lid("123".into()), "x"), kind, "lid"),
        (OutboundMessage::new(Recipient::Group(GroupId::from("Y2Fw")), "x"), kind, "group"),
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

async fn probed(status: u16, body: Value) -> (whatsapp_core::Result<ProbeReport>, Vec<(String, bool)>) {
    let (_server, line) = answering(status, body).await;
    let report = line.probe().await;
    let checks = report.iter().flat_map(|report| &report.checks).map(|check| (check.name.clone(), check.passed));
    let checks = checks.collect();
    (report, checks)
}

#[tokio::test]
async fn the_probe_reads_the_number() {
    let (server, line) = answering(
        200,
        json!({
            "verified_name": "הסטודיו", "display_phone_number": "+972 3-555-0100", "quality_rating": "GREEN",
            "status": "CONNECTED", "throughput": {"level": "STANDARD"}, "id": "106500000000001",
        }),
    )
    .await;
    let report = line.probe().await.unwrap();
    assert!(report.passed());
    assert_eq!(report.display_name.as_deref(), Some("הסטודיו"));
    assert_eq!(report.display_phone.as_deref(), Some("+972 3-555-0100"));
    let requests = server.received_requests().await.unwrap();
    assert_eq!((requests[0].method.as_str(), requests[0].url.path()), ("GET", "/v24.0/106500000000001"));
    assert!(requests[0].url.query().unwrap().starts_with("fields=verified_name,display_phone_number,"));
}

#[tokio::test]
async fn a_probe_that_is_refused_names_the_check() {
    let error = |code: i64| json!({"error": {"message": "refused", "code": code}});
    let no_object = json!({"error": {"message": "no object", "code": 100, "error_subcode": 33}});
    let cases = [
        (401, error(190), "token"),
        (401, error(0), "token"),
        (403, error(10), "permission"),
        (403, error(200), "permission"),
        (403, error(131_005), "permission"),
        (400, no_object, "number"),
        (400, error(33), "number"),
        (400, error(133_010), "registered"),
        (403, error(368), "account"),
        (400, error(131_042), "payment"),
    ];
    for (status, body, failed) in cases {
        let (report, checks) = probed(status, body).await;
        assert!(!report.unwrap().passed());
        assert_eq!(checks.last().unwrap(), &(failed.to_owned(), false));
        assert_eq!(checks.iter().any(|(name, passed)| name == "token" && *passed), failed != "token");
    }
    let (report, checks) = probed(200, json!({"status": "BANNED", "quality_rating": "RED"})).await;
    assert!(!report.unwrap().passed());
    let failed: Vec<_> = checks.iter().filter(|(_, passed)| !passed).map(|(name, _)| name.as_str()).collect();
    assert_eq!(failed, ["registered", "quality"]);
}

#[tokio::test]
async fn a_probe_that_learns_nothing_is_an_error() {
    for (status, body) in [
        (500, json!({})),
        (503, json!({"error": {"code": 2}})),
        (429, json!({"error": {"code": 4}})),
        (200, json!([1])),
        (200, json!("text")),
    ] {
        assert!(probed(status, body.clone()).await.0.is_err(), "{status} {body}");
    }
}
