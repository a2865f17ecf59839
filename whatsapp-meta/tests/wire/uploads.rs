//! Resumable uploads: the exact requests, and where one that breaks off goes on.
use serde_json::{Value, json};
use whatsapp_core::ErrorKind;
use whatsapp_meta::UploadSession;
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{header, method, path},
};

use crate::{TOKEN, answering, answering_with, is_request, line_at};

#[tokio::test]
async fn a_resumable_upload_is_these_requests() {
    let server = MockServer::start().await;
    let answer = |body: Value| ResponseTemplate::new(200).set_body_json(body);
    let session = json!({"id": "upload:MTphdHRh==?sig=ARZqkGCA"});
    Mock::given(path("/v24.0/4001/uploads")).respond_with(answer(session)).mount(&server).await;
    Mock::given(method("POST"))
        .and(path("/v24.0/upload:MTphdHRh=="))
        .respond_with(answer(json!({"h": "4::aW"})))
        .mount(&server)
        .await;
    Mock::given(method("GET"))
        .and(path("/v24.0/upload:MTphdHRh=="))
        .respond_with(answer(json!({"id": "upload:MTphdHRh==", "file_offset": 2})))
        .mount(&server)
        .await;
    let line = line_at(&server.uri());
    assert_eq!(line.upload_sample("4001", "ראש.png", "image/png", "\u{89}PNG".into()).await.unwrap(), "4::aW");
    let session = UploadSession::from_id("upload:MTphdHRh==?sig=ARZqkGCA").unwrap();
    assert_eq!(line.upload_offset(&session).await.unwrap(), 2);
    assert!(!format!("{session:?}").contains("ARZ"));
    let requests = server.received_requests().await.unwrap();
    is_request(
        &requests[0],
        "POST",
        "/v24.0/4001/uploads",
        &[("file_name", "ראש.png"), ("file_length", "5"), ("file_type", "image/png")],
    );
    let of_session = |request: &Request, method: &str| {
        assert_eq!((request.method.as_str(), request.url.query()), (method, Some("sig=ARZqkGCA")));
        assert_eq!(request.headers.get_all("authorization").iter().collect::<Vec<_>>(), [&format!("OAuth {TOKEN}")]);
    };
    of_session(&requests[1], "POST");
    assert_eq!(
        (&requests[1].headers["file_offset"], &requests[1].body[..]),
        (&"0".parse().unwrap(), "\u{89}PNG".as_bytes())
    );
    of_session(&requests[2], "GET");
}

#[tokio::test]
async fn an_upload_that_breaks_off_goes_on_where_it_was() {
    let server = MockServer::start().await;
    let answer = |body: Value| ResponseTemplate::new(200).set_body_json(body);
    Mock::given(path("/v24.0/4001/uploads")).respond_with(answer(json!({"id": "upload:A"}))).mount(&server).await;
    let upload = || Mock::given(path("/v24.0/upload:A"));
    upload().and(header("file_offset", "0")).respond_with(ResponseTemplate::new(500)).mount(&server).await;
    upload().and(header("file_offset", "3")).respond_with(answer(json!({"h": "4::b"}))).mount(&server).await;
    upload().and(method("GET")).respond_with(answer(json!({"file_offset": "3"}))).mount(&server).await;
    let line = line_at(&server.uri());
    assert_eq!(line.upload_sample("4001", "a.png", "image/png", "abcdef".into()).await.unwrap(), "4::b");
    let requests = server.received_requests().await.unwrap();
    assert_eq!((requests.len(), &requests[3].body[..]), (4, b"def".as_slice()));
}

/// The id is base64, whose slash would end the segment.
#[tokio::test]
async fn the_id_of_an_upload_stays_one_segment() {
    for (id, path, query) in [
        ("upload:MTph/aHR+b==?sig=AR/Z+k==", "/v24.0/upload:MTph%2FaHR%2Bb==", Some("sig=AR/Z+k==")),
        ("upload:a/../../me", "/v24.0/upload:a%2F..%2F..%2Fme", None),
        ("upload:a%2Fb", "/v24.0/upload:a%2Fb", None),
        ("upload:a?", "/v24.0/upload:a", Some("")),
    ] {
        let (server, line) = answering(200, json!({"file_offset": 1})).await;
        let session = UploadSession::from_id(id).unwrap();
        assert_eq!((session.id(), line.upload_offset(&session).await.unwrap()), (id, 1));
        let requests = server.received_requests().await.unwrap();
        assert_eq!((requests[0].url.path(), requests[0].url.query()), (path, query), "{id}");
    }
}

#[tokio::test]
async fn an_upload_checks_its_ids() {
    for id in [
        "",
        "upload:",
        "MTph",
        "upload:?sig=a",
        "upload:a?b c",
        "upload:a\\b",
        "upload:a b",
        "upload:a#b",
        "https://evil.example/upload:a",
    ] {
        assert_eq!(UploadSession::from_id(id).unwrap_err().kind(), ErrorKind::InvalidMessage, "{id}");
    }
    let (server, line) = answering(200, json!({"id": "https://evil.example/"})).await;
    assert_eq!(line.begin_upload("4001", "a", "image/png", 0).await.unwrap_err().kind(), ErrorKind::InvalidMessage);
    assert!(server.received_requests().await.unwrap().is_empty());
    assert_eq!(line.begin_upload("4001", "a", "image/png", 1).await.unwrap_err().kind(), ErrorKind::Protocol);
    let (_server, line) = answering_with(ResponseTemplate::new(200).set_body_string("")).await;
    let session = UploadSession::from_id("upload:a").unwrap();
    assert_eq!(line.upload_rest(&session, 0, "a".into()).await.unwrap_err().kind(), ErrorKind::Protocol);
}
