//! Files: the exact requests, where the token goes, and what is refused before anything leaves.
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use whatsapp_core::{ErrorKind, InboundMedia, Media, MediaKind, Retry};
use whatsapp_meta::MediaUpload;
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{header, method, path},
};

use crate::{NUMBER, TOKEN, answering, is_request, line_at, only_request};

const OF_NUMBER: &[(&str, &str)] = &[("phone_number_id", NUMBER)];

fn pdf() -> MediaUpload {
    MediaUpload::new(MediaKind::Document, "application/pdf", "%PDF-1.7 תפריט").with_file_name("תפריט \"ערב\".pdf")
}

/// The parts of a form: head and body.
fn parts(request: &Request) -> Vec<(String, Vec<u8>)> {
    let kind = request.headers["content-type"].to_str().unwrap();
    let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap();
    let body = &request.body;
    assert_eq!(request.headers["content-length"], body.len().to_string(), "not in chunks, which Meta refuses");
    let mark = format!("--{boundary}");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(text(body).ends_with(&format!("{mark}--\r\n")));
    let starts: Vec<usize> =
        body.windows(mark.len()).enumerate().filter(|(_, w)| *w == mark.as_bytes()).map(|(at, _)| at).collect();
    let part = |pair: &[usize]| {
        let part = &body[pair[0] + mark.len() + 2..pair[1] - 2];
        let head = part.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
        (text(&part[..head]), part[head + 4..].to_vec())
    };
    starts.windows(2).map(part).collect()
}

#[tokio::test]
async fn an_upload_is_this_form() {
    let (server, line) = answering(200, json!({"id": "880000000000701"})).await;
    assert_eq!(line.upload_media(&pdf().with_ttl_minutes(60)).await.unwrap(), "880000000000701");
    let request = only_request(&server, "POST", "/v24.0/106500000000001/media", &[]).await;
    let field = |name: &str| format!("Content-Disposition: form-data; name=\"{name}\"");
    let file = "Content-Disposition: form-data; name=\"file\"; filename=\"תפריט \\\"ערב\\\".pdf\"\r\n\
                Content-Type: application/pdf";
    assert_eq!(
        parts(&request),
        [
            (field("messaging_product"), b"whatsapp".to_vec()),
            (field("type"), b"application/pdf".to_vec()),
            (field("ttl_minutes"), b"60".to_vec()),
            (file.to_owned(), "%PDF-1.7 תפריט".as_bytes().to_vec()),
        ]
    );
}

#[tokio::test]
async fn an_upload_without_an_id_in_the_answer_is_unreadable_and_a_failed_one_may_be_tried_again() {
    for body in [json!({}), json!({"id": ""}), json!([]), json!({"id": null})] {
        let (_server, line) = answering(200, body).await;
        assert_eq!(line.upload_media(&pdf()).await.unwrap_err().kind(), ErrorKind::Protocol);
    }
    let (_server, line) = answering(200, json!({"id": 1_037_543})).await;
    assert_eq!(line.upload_media(&pdf()).await.unwrap(), "1037543");
    let (_server, line) = answering(500, json!({"error": {"code": 131_000}})).await;
    assert_eq!(line.upload_media(&pdf()).await.unwrap_err().retry(), Retry::Backoff);
    let refusal =
        json!({"error": {"message": "(#100) Param file must be a file with one of the following types", "code": 100}});
    let (_server, line) = answering(400, refusal).await;
    let error = line.upload_media(&pdf()).await.unwrap_err();
    assert_eq!((error.kind(), error.code(), error.retry()), (ErrorKind::InvalidMessage, Some(100), Retry::Never));
}

fn webp(animated: bool, size: usize) -> Vec<u8> {
    let mut file = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0".to_vec();
    file.push(if animated { 0b10 } else { 0 });
    file.resize(size, 0);
    file
}

#[tokio::test]
async fn limits_hold_before_anything_leaves() {
    use MediaKind::{Audio, Document, Image, Sticker, Video};
    let (server, line) = answering(200, json!({"id": "1"})).await;
    let (kib, mib) = (1024, 1024 * 1024);
    let full = |kind, mime: &str, size: usize| MediaUpload::new(kind, mime, vec![1; size]);
    let good = [
        full(Audio, "audio/ogg; codecs=opus", 16 * mib),
        full(Audio, "audio/aac", 1),
        full(Audio, "audio/amr", 1),
        full(Audio, "audio/mpeg", 1),
        full(Audio, "audio/mp4", 1),
        full(Document, "application/vnd.ms-excel", 100 * mib),
        full(Document, "image/png", 6 * mib),
        full(Image, "image/jpeg", 5 * mib),
        full(Image, "IMAGE/PNG", 1),
        full(Video, "video/mp4", 16 * mib),
        full(Video, "video/3gpp", 1),
        MediaUpload::new(Sticker, "image/webp", webp(false, 100 * kib)),
        MediaUpload::new(Sticker, "image/webp", webp(true, 500 * kib)),
    ];
    for file in good {
        assert!(file.check().is_ok(), "{file:?}");
    }
    let bad = [
        (full(Audio, "audio/ogg", 16 * mib + 1), "16777216"),
        (full(Audio, "audio/wav", 1), "audio/amr"),
        (full(Document, "application/pdf", 100 * mib + 1), "104857600"),
        (full(Image, "image/jpeg", 5 * mib + 1), "5242880"),
        (full(Image, "image/webp", 1), "image/png"),
        (full(Image, "image/gif", 1), "image/jpeg"),
        (full(Video, "video/mp4", 16 * mib + 1), "16777216"),
        (full(Video, "video/quicktime", 1), "video/3gpp"),
        (full(Sticker, "image/png", 1), "image/webp"),
        (MediaUpload::new(Sticker, "image/webp", webp(false, 100 * kib + 1)), "102400"),
        (MediaUpload::new(Sticker, "image/webp", webp(true, 500 * kib + 1)), "512000"),
        (full(Document, "application/pdf", 0), "empty"),
        (full(Document, "pdf", 1), "mime_type"),
        (full(Document, "/pdf", 1), "mime_type"),
        (full(Document, "text/plain\r\nX: y", 1), "mime_type"),
        (full(Document, "text/עברית", 1), "mime_type"),
        (full(Document, "text/plain", 1).with_file_name("a\r\nb"), "file_name"),
        (full(Document, "text/plain", 1).with_file_name(""), "file_name"),
    ];
    for (file, named) in bad {
        let error = line.upload_media(&file).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (ErrorKind::InvalidMessage, Retry::Never), "{error}");
        assert!(error.message().contains(named), "{error} names {named}");
    }
    assert!(server.received_requests().await.unwrap().is_empty());
    assert!(!format!("{:?}", pdf()).contains("תפריט"));
}

#[tokio::test]
async fn a_lookup_and_a_deletion_are_these_requests() {
    for size in [json!(61_901), json!("61901")] {
        let body = json!({"messaging_product": "whatsapp", "url": "https://lookaside.fbsbx.com/a?mid=secret",
                          "mime_type": "image/jpeg", "sha256": "ab", "file_size": size, "id": 137_524});
        let (server, line) = answering(200, body).await;
        let info = line.media_info("137524").await.unwrap();
        only_request(&server, "GET", "/v24.0/137524", OF_NUMBER).await;
        assert_eq!(
            (info.file_size, info.id.as_deref(), info.mime_type.as_deref()),
            (Some(61_901), Some("137524"), Some("image/jpeg"))
        );
        assert!(info.url.is_some() && !format!("{info:?}").contains("mid=secret"));
    }
    let (server, line) = answering(200, json!({"success": true})).await;
    line.delete_media("137524/..").await.unwrap();
    only_request(&server, "DELETE", "/v24.0/137524%2F..", OF_NUMBER).await;
    for id in ["", ".", ".."] {
        assert_eq!(line.delete_media(id).await.unwrap_err().kind(), ErrorKind::InvalidMessage);
        assert_eq!(line.media_info(id).await.unwrap_err().kind(), ErrorKind::InvalidMessage);
    }
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
    let no_object = json!({"error": {"message": "no object", "code": 100, "error_subcode": 33}});
    let (_server, line) = answering(400, no_object).await;
    assert_eq!(line.delete_media("1").await.unwrap_err().kind(), ErrorKind::Config);
}

fn media(id: Option<&str>, url: Option<String>) -> InboundMedia {
    let mut media = InboundMedia::new(MediaKind::Image);
    (media.id, media.url) = (id.map(str::to_owned), url);
    media
}

/// A server with a file behind `/file`, whose lookup is `info`.
async fn with_file(file: ResponseTemplate, info: Value) -> MockServer {
    let server = MockServer::start().await;
    let bearer = format!("Bearer {TOKEN}");
    Mock::given(path("/file")).and(header("authorization", &*bearer)).respond_with(file).mount(&server).await;
    let url = format!("{}/file", server.uri());
    let mut body = json!({"url": url, "id": "5"});
    body.as_object_mut().unwrap().extend(info.as_object().unwrap().clone());
    let info = ResponseTemplate::new(200).set_body_json(body);
    Mock::given(method("GET")).and(path("/v24.0/5")).respond_with(info).mount(&server).await;
    server
}

fn bytes(body: &[u8]) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_bytes(body)
}

#[tokio::test]
async fn a_file_is_fetched_by_its_address_or_its_id() {
    let server = with_file(bytes(b"cat"), json!({"file_size": "3"})).await;
    let line = line_at(&server.uri());
    let power: &dyn Media = whatsapp_core::Provider::media(&line).unwrap();
    let by_url = power.download(&media(Some("5"), Some(format!("{}/file", server.uri()))), 3).await.unwrap();
    assert_eq!(&by_url[..], b"cat");
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1, "no lookup where the address is known");
    is_request(&requests[0], "GET", "/file", &[]);
    assert_eq!(&power.download(&media(Some("5"), None), 3).await.unwrap()[..], b"cat");
    let requests = server.received_requests().await.unwrap();
    is_request(&requests[1], "GET", "/v24.0/5", OF_NUMBER);
    is_request(&requests[2], "GET", "/file", &[]);
    assert_eq!(requests.len(), 3);
    assert_eq!(power.download(&media(None, None), 3).await.unwrap_err().kind(), ErrorKind::InvalidMessage);
}

#[tokio::test]
async fn the_digest_is_checked_where_it_is_known() {
    let digest = Sha256::digest(b"cat");
    let (hex, base64) = (hex::encode(digest), BASE64_STANDARD.encode(digest));
    for (of_webhook, of_lookup, good) in [
        (Some(base64.clone()), None, true),
        (Some(hex.clone()), None, true),
        (None, Some(hex.clone()), true),
        (None, Some(hex.to_uppercase()), true),
        (None, Some(base64), true),
        (Some("no digest".to_owned()), None, true),
        (Some(BASE64_STANDARD.encode([0; 32])), None, false),
        (None, Some("0".repeat(64)), false),
        (Some("0".repeat(64)), Some(hex), false),
    ] {
        let info = of_lookup.map_or(json!({}), |digest| json!({"sha256": digest}));
        let server = with_file(bytes(b"cat"), info).await;
        let mut media = media(Some("5"), None);
        media.sha256 = of_webhook;
        match line_at(&server.uri()).download(&media, 1024).await {
            Ok(file) => assert!(good && &file[..] == b"cat"),
            Err(error) => assert_eq!((good, error.kind(), error.retry()), (false, ErrorKind::Protocol, Retry::Backoff)),
        }
    }
}

#[tokio::test]
async fn a_dead_address_is_looked_up_once() {
    let server = MockServer::start().await;
    Mock::given(path("/old")).respond_with(ResponseTemplate::new(404)).mount(&server).await;
    Mock::given(path("/new")).respond_with(bytes(b"cat")).mount(&server).await;
    let info = ResponseTemplate::new(200).set_body_json(json!({"url": format!("{}/new", server.uri())}));
    Mock::given(path("/v24.0/5")).respond_with(info).mount(&server).await;
    let line = line_at(&server.uri());
    let old = || Some(format!("{}/old", server.uri()));
    assert_eq!(&line.download(&media(Some("5"), old()), 9).await.unwrap()[..], b"cat");
    let paths = async || {
        let requests = server.received_requests().await.unwrap();
        requests.iter().map(|request| request.url.path().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(paths().await, ["/old", "/v24.0/5", "/new"]);
    let error = line.download(&media(None, old()), 9).await.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.retry()), (ErrorKind::InvalidMessage, Some(404), Retry::Never));
    assert_eq!(paths().await.len(), 4, "without an id there is nothing to look up");

    let server = with_file(ResponseTemplate::new(404), json!({})).await;
    let line = line_at(&server.uri());
    let error = line.download(&media(Some("5"), Some(format!("{}/file", server.uri()))), 9).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::InvalidMessage, Some(404)));
    assert_eq!(server.received_requests().await.unwrap().len(), 3, "once, not for ever");
}

#[tokio::test]
async fn a_file_is_bounded() {
    let server = with_file(bytes(&[7; 5000]), json!({})).await;
    let line = line_at(&server.uri());
    let error = line.download(&media(Some("5"), None), 4999).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::InvalidMessage, Retry::Never));
    assert!(error.message().contains("4999"));
    assert_eq!(line.download(&media(Some("5"), None), 5000).await.unwrap().len(), 5000);
    // A size that is told ahead saves the fetching.
    let server = with_file(bytes(&[7; 5000]), json!({"file_size": 5000})).await;
    let error = line_at(&server.uri()).download(&media(Some("5"), None), 4999).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidMessage);
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

/// Without a length ahead only the counting helps.
#[tokio::test]
async fn a_file_of_unknown_length_is_bounded_while_it_comes() {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let served = tokio::task::spawn_blocking(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let _ = socket.read(&mut [0; 4096]).unwrap();
        socket.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").unwrap();
        let chunk = [b"10000\r\n".as_slice(), &vec![7; 0x1_0000], b"\r\n"].concat();
        // The other side hangs up long before.
        (0..4096).take_while(|_| socket.write_all(&chunk).is_ok()).count()
    });
    let error = line_at(&origin).download(&media(None, Some(format!("{origin}/file"))), 100_000).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::InvalidMessage, Retry::Never));
    assert!(served.await.unwrap() < 4096, "reading stopped");
}

#[tokio::test]
async fn the_token_goes_to_metas_hosts_only() {
    let (server, line) = answering(200, json!({})).await;
    let elsewhere = MockServer::start().await;
    for url in [
        format!("{}/file", elsewhere.uri()),
        "http://lookaside.fbsbx.com/a".to_owned(),
        "https://lookaside.fbsbx.com.evil.example/a".to_owned(),
        "https://graph.facebook.com/v25.0/a".to_owned(),
        "https://169.254.169.254/latest/meta-data".to_owned(),
        format!("{}@{}/file", server.uri(), elsewhere.address()),
        "file:///etc/passwd".to_owned(),
    ] {
        let error = line.download(&media(Some("5"), Some(url.clone())), 9).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (ErrorKind::InvalidMessage, Retry::Never), "{url}");
        assert!(!format!("{error:?}").contains("evil"), "addresses of files are keys to them");
    }
    assert!(server.received_requests().await.unwrap().is_empty());
    // Nor does an address that a lookup brings.
    let info = json!({"url": format!("{}/file", elsewhere.uri())});
    let (server, line) = answering(200, info).await;
    assert_eq!(line.download(&media(Some("5"), None), 9).await.unwrap_err().kind(), ErrorKind::InvalidMessage);
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_a_refusal_is_told() {
    let elsewhere = MockServer::start().await;
    let redirect = ResponseTemplate::new(302).insert_header("location", format!("{}/stolen", elsewhere.uri()));
    let server = with_file(redirect, json!({})).await;
    let error = line_at(&server.uri()).download(&media(Some("5"), None), 9).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
    for (status, body, kind, retry) in [
        (
            401,
            json!({"error": {"message": format!("bad {TOKEN}"), "code": 190}}),
            ErrorKind::Unauthenticated,
            Retry::Never,
        ),
        (500, json!({}), ErrorKind::Unavailable, Retry::Backoff),
        (429, json!({"error": {"code": 4}}), ErrorKind::RateLimited, Retry::Backoff),
    ] {
        let server = with_file(ResponseTemplate::new(status).set_body_json(body), json!({})).await;
        let error = line_at(&server.uri()).download(&media(Some("5"), None), 9).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (kind, retry), "a refusal is longer than the file may be");
        assert!(!format!("{error:?}").contains("0that0nobody0"));
    }
    let error = line_at("http://127.0.0.1:1").download(&media(Some("5"), None), 9).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Unavailable, Retry::Backoff));
}
