//! Every code of Meta's that matters for sending, and what it means here.
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header::RETRY_AFTER};
use serde_json::json;
use whatsapp_core::{
    Error,
    ErrorKind::{self, *},
    Retry::{self, *},
    client::Answer,
};
use whatsapp_meta::decode;

const MAINTENANCE: Retry = After(Duration::from_secs(30));

#[rustfmt::skip]
const CODES: &[(i64, ErrorKind, Retry)] = &[
    (0, Unauthenticated, Never), (1, Unavailable, Ambiguous), (2, Unavailable, Ambiguous), (3, PermissionDenied, Never),
    (4, RateLimited, Backoff), (10, PermissionDenied, Never), (17, RateLimited, Backoff), (32, RateLimited, Backoff),
    (33, Config, Never), (100, InvalidMessage, Never), (104, Unauthenticated, Never), (190, Unauthenticated, Never),
    (200, PermissionDenied, Never), (219, PermissionDenied, Never), (299, PermissionDenied, Never),
    (341, RateLimited, Backoff), (368, PermissionDenied, Never), (613, RateLimited, Backoff), (803, Config, Never),
    (80_007, RateLimited, Backoff), (80_008, RateLimited, Backoff), (130_403, InvalidRecipient, Never),
    (130_429, RateLimited, Backoff), (130_472, InvalidRecipient, Never), (130_497, PermissionDenied, Never),
    (130_501, InvalidMessage, Never), (131_000, Unavailable, Ambiguous), (131_005, PermissionDenied, Never),
    (131_008, InvalidMessage, Never), (131_009, InvalidMessage, Never), (131_016, Unavailable, Ambiguous),
    (131_021, InvalidRecipient, Never), (131_026, InvalidRecipient, Never), (131_030, InvalidRecipient, Never),
    (131_031, PermissionDenied, Never), (131_037, PermissionDenied, Never), (131_042, PermissionDenied, Never),
    (131_045, Config, Never), (131_047, WindowClosed, Never), (131_048, RateLimited, Never),
    (131_049, RateLimited, Never), (131_050, InvalidRecipient, Never), (131_051, InvalidMessage, Never),
    (131_052, InvalidMessage, Never), (131_053, InvalidMessage, Never), (131_055, InvalidMessage, Never),
    (131_056, RateLimited, Backoff), (131_057, Unavailable, MAINTENANCE), (131_061, TemplateRejected, Never),
    (131_062, InvalidRecipient, Never), (131_063, TemplateRejected, Never), (131_064, TemplateRejected, Never),
    (132_000, TemplateRejected, Never), (132_001, TemplateRejected, Never), (132_005, TemplateRejected, Never),
    (132_007, TemplateRejected, Never), (132_008, TemplateRejected, Never), (132_012, TemplateRejected, Never),
    (132_015, TemplateRejected, Never), (132_016, TemplateRejected, Never), (132_018, TemplateRejected, Never),
    (132_021, TemplateRejected, Never), (132_068, TemplateRejected, Never), (132_069, TemplateRejected, Never),
    (132_999, TemplateRejected, Never), (133_004, Unavailable, MAINTENANCE), (133_006, Config, Never),
    (133_010, Config, Never), (133_015, Config, Never), (134_011, PermissionDenied, Never),
    (134_100, TemplateRejected, Never), (134_101, TemplateRejected, Never), (134_102, TemplateRejected, Never),
    (135_000, InvalidMessage, Never), (137_000, InvalidRecipient, Never), (2_494_100, Unavailable, Never),
];

fn refused(status: u16, body: &str, retry_after: Option<&str>) -> Error {
    let mut headers = HeaderMap::new();
    if let Some(value) = retry_after {
        headers.insert(RETRY_AFTER, value.parse().unwrap());
    }
    headers.insert("x-fb-trace-id", "from-the-header".parse().unwrap());
    decode(&Answer::new(StatusCode::from_u16(status).unwrap(), headers, Bytes::copy_from_slice(body.as_bytes())))
        .unwrap_err()
}

fn body(code: i64) -> String {
    json!({"error": {"message": "as Meta says", "code": code, "fbtrace_id": "Atrace"}}).to_string()
}

#[test]
fn code_decides_whatever_the_status() {
    for (code, kind, retry) in CODES {
        for status in [400, 401, 403, 404, 429, 500, 503] {
            let error = refused(status, &body(*code), None);
            assert_eq!((error.kind(), error.retry()), (*kind, *retry), "{code} with {status}");
            assert_eq!((error.code(), error.status(), error.trace_id()), (Some(*code), Some(status), Some("Atrace")));
            assert!(!error.advice().is_empty());
        }
    }
}

/// A row that is missing above would show as a code that is told apart from one that nobody knows.
#[test]
fn no_code_is_left_out() {
    for code in (0..150_000).filter(|code| !(200..300).contains(code) && !(132_000..133_000).contains(code)) {
        let error = refused(400, &body(code), None);
        let special = (error.kind(), error.retry()) != (InvalidMessage, Never)
            || error.advice() != refused(400, &body(9_999_999), None).advice();
        assert!(!special || CODES.iter().any(|(known, ..)| *known == code), "{code} is told apart");
    }
}

#[test]
fn status_decides_without_a_code() {
    let cases = [
        (400, InvalidMessage, Never),
        (401, Unauthenticated, Never),
        (403, PermissionDenied, Never),
        (404, Config, Never),
        (408, Unavailable, Ambiguous),
        (429, RateLimited, Backoff),
        (500, Unavailable, Ambiguous),
        (502, Unavailable, Ambiguous),
        (504, Unavailable, Ambiguous),
    ];
    for (status, kind, retry) in cases {
        for body in ["", "<html>", "{}", r#"{"error":"text"}"#, r#"{"error":{"message":"no code"}}"#, "[]"] {
            let error = refused(status, body, None);
            assert_eq!((error.kind(), error.retry()), (kind, retry), "{status} {body}");
            assert_eq!(error.trace_id(), Some("from-the-header"));
        }
    }
}

#[test]
fn retry_after_counts_where_the_message_was_surely_refused() {
    let after = |status, code| refused(status, &body(code), Some("9")).retry();
    for code in [4, 80_007, 130_429, 131_056, 131_057, 133_004] {
        assert_eq!(after(400, code), After(Duration::from_secs(9)), "{code}");
    }
    for code in [131_048, 131_049, 190, 131_047] {
        assert_eq!(after(429, code), Never, "{code}");
    }
    assert_eq!(after(503, 2), Ambiguous);
    assert_eq!(refused(503, "", Some("9")).retry(), Ambiguous);
    assert_eq!(refused(429, "", Some("9")).retry(), After(Duration::from_secs(9)));
    assert_eq!(refused(429, "", Some("Wed, 21 Oct 2026 07:28:00 GMT")).retry(), Backoff);
}

#[test]
fn path_without_object_is_configuration() {
    let body = json!({"error": {"message": "no object", "code": 100, "error_subcode": 33}}).to_string();
    let error = refused(400, &body, None);
    assert_eq!((error.kind(), error.retry()), (Config, Never));
    assert!(error.advice().contains("phone number id"));
}

#[test]
fn transient_and_unknown_is_ambiguous() {
    let body = json!({"error": {"code": 987_654, "is_transient": true}}).to_string();
    assert_eq!((refused(400, &body, None).kind(), refused(400, &body, None).retry()), (Unavailable, Ambiguous));
}

#[test]
fn words_are_bounded() {
    let body = json!({"error": {"message": "ש".repeat(5000), "code": 100, "fbtrace_id": "t".repeat(5000)}}).to_string();
    let error = refused(400, &body, None);
    assert_eq!(error.message().chars().count(), 300);
    assert_eq!(error.trace_id().unwrap().len(), 128);
}

#[test]
fn success_that_cannot_be_read_is_ambiguous() {
    for body in
        ["", "<html>", "[]", "{}", r#"{"messages":[]}"#, r#"{"messages":[{"id":""}]}"#, r#"{"messages":[{"id":5}]}"#]
    {
        for status in [200, 201, 204, 206] {
            let error = refused(status, body, Some("9"));
            assert_eq!((error.kind(), error.retry()), (Protocol, Ambiguous), "{status} {body}");
        }
    }
    let error = refused(200, &self::body(190), None);
    assert_eq!((error.kind(), error.retry(), error.code()), (Protocol, Ambiguous, Some(190)));
}
