//! Calls without words of their own.
use http::Method;
use serde_json::{Value, json};
use whatsapp_core::{ErrorKind, Retry};
use wiremock::ResponseTemplate;

use crate::{answering, answering_with, json_body, only_request};

#[tokio::test]
async fn any_message_goes_as_it_is() {
    let (server, line) = answering(200, json!({"messages": [{"id": "wamid.RAW1=="}]})).await;
    let body = json!({"messaging_product": "whatsapp", "recipient_type": "group", "to": "Y2FwaQ==",
                      "type": "pin", "pin": {"type": "pin", "message_id": "wamid.A", "expiration_days": 7}});
    let receipt = line.send_raw(&body).await.unwrap();
    assert_eq!((receipt.id.as_str(), receipt.provider.as_str()), ("wamid.RAW1==", "meta"));
    let request = only_request(&server, "POST", "/v24.0/106500000000001/messages", &[]).await;
    assert_eq!(json_body(&request), body);
}

#[tokio::test]
async fn a_message_is_an_object_and_a_send_is_in_doubt() {
    let (server, line) = answering(500, json!({})).await;
    for body in [json!([1]), json!("text"), Value::Null] {
        assert_eq!(line.send_raw(&body).await.unwrap_err().kind(), ErrorKind::InvalidMessage);
    }
    assert!(server.received_requests().await.unwrap().is_empty());
    assert_eq!(line.send_raw(&json!({})).await.unwrap_err().retry(), Retry::Ambiguous);
}

#[tokio::test]
async fn any_call_is_this_request() {
    let (server, line) = answering(200, json!({"block_users": {"added_users": []}})).await;
    let body = json!({"messaging_product": "whatsapp", "block_users": [{"user": "+972541112233"}]});
    let query = [("q", "שלום & more"), ("fields", "a,b")];
    let answer = line.request_raw(Method::POST, "106500000000001/block_users", &query, Some(&body)).await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.body), (200, json!({"block_users": {"added_users": []}})));
    let request = only_request(&server, "POST", "/v24.0/106500000000001/block_users", &query).await;
    assert_eq!(json_body(&request), body);
    assert!(request.url.query().unwrap().ends_with("fields=a,b"), "commas stay readable");
}

#[tokio::test]
async fn a_partial_success_is_told_as_one() {
    let body = json!({"failed": [{"user": "1", "errors": [{"code": 139_100}]}], "error": {"code": 131_201}});
    let (_server, line) = answering(206, body.clone()).await;
    let answer = line.request_raw(Method::POST, "1/groups", &[], None).await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.body), (206, body));
}

#[tokio::test]
async fn an_empty_success_is_null_and_html_is_not_read() {
    let (server, line) = answering_with(ResponseTemplate::new(204)).await;
    let answer = line.request_raw(Method::DELETE, "77", &[], None).await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.body), (204, Value::Null));
    only_request(&server, "DELETE", "/v24.0/77", &[]).await;
    let (_server, line) = answering_with(ResponseTemplate::new(200).set_body_string("<html>")).await;
    let error = line.request_raw(Method::GET, "77", &[], None).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Protocol, Retry::Never));
    let error = line.request_raw(Method::POST, "77", &[], None).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Protocol, Retry::Ambiguous));
}

#[tokio::test]
async fn questions_may_be_asked_again_and_changes_are_in_doubt() {
    for (status, body) in [(500, ""), (502, "<html>bad gateway</html>"), (503, r#"{"error":{"code":2}}"#)] {
        let (_server, line) = answering_with(ResponseTemplate::new(status).set_body_string(body)).await;
        for (method, retry) in [
            (Method::GET, Retry::Backoff),
            (Method::DELETE, Retry::Backoff),
            (Method::POST, Retry::Ambiguous),
            (Method::PUT, Retry::Ambiguous),
        ] {
            let error = line.request_raw(method, "77", &[], None).await.unwrap_err();
            assert_eq!((error.kind(), error.retry()), (ErrorKind::Unavailable, retry), "{status} {body}");
        }
    }
}

#[tokio::test]
async fn a_call_never_leaves_the_version_nor_carries_a_token() {
    let (server, line) = answering(200, json!({})).await;
    for path in [
        "",
        "/77",
        "//evil.example/77",
        "https://evil.example/77",
        "77/../../v19.0/77",
        "..",
        "77/.",
        "77/%2e%2E/me",
        "77/%2e./me",
        "77//me",
        "77\\..\\me",
        "77?fields=a",
        "77#a",
        "77 me",
        "77\nme",
        "שלום",
        "%zz",
        "%2",
        "@evil.example",
    ] {
        let error = line.request_raw(Method::GET, path, &[], None).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (ErrorKind::InvalidMessage, Retry::Never), "{path}");
    }
    let error = line.request_raw(Method::GET, "77", &[("Access_Token", "EAAother")], None).await.unwrap_err();
    assert!(!format!("{error:?}").contains("EAAother"));
    assert!(server.received_requests().await.unwrap().is_empty());
    line.request_raw(Method::GET, "wamid.A%3D%3D/x", &[], None).await.unwrap();
    only_request(&server, "GET", "/v24.0/wamid.A%3D%3D/x", &[]).await;
}
