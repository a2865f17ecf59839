//! Every code that Meta documents, and what it means here.
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
    (0, Unauthenticated, Never), (1, Unavailable, Ambiguous), (2, Unavailable, Ambiguous),
    (3, PermissionDenied, Never), (4, RateLimited, Backoff), (10, PermissionDenied, Never),
    (17, RateLimited, Backoff), (32, RateLimited, Backoff), (33, Config, Never), (100, InvalidMessage, Never),
    (104, Unauthenticated, Never), (190, Unauthenticated, Never), (200, PermissionDenied, Never),
    (219, PermissionDenied, Never), (299, PermissionDenied, Never), (341, RateLimited, Backoff),
    (368, PermissionDenied, Never), (613, RateLimited, Backoff), (803, Config, Never), (80_007, RateLimited, Backoff),
    (80_008, RateLimited, Backoff), (130_403, InvalidRecipient, Never), (130_429, RateLimited, Backoff),
    (130_472, InvalidRecipient, Never), (130_497, PermissionDenied, Never), (130_501, InvalidMessage, Never),
    (131_000, Unavailable, Ambiguous), (131_005, PermissionDenied, Never), (131_008, InvalidMessage, Never),
    (131_009, InvalidMessage, Never), (131_016, Unavailable, Ambiguous), (131_020, InvalidRecipient, Never),
    (131_021, InvalidRecipient, Never), (131_026, InvalidRecipient, Never), (131_030, InvalidRecipient, Never),
    (131_031, PermissionDenied, Never), (131_037, PermissionDenied, Never), (131_041, InvalidRecipient, Never),
    (131_042, PermissionDenied, Never), (131_044, PermissionDenied, Never), (131_045, Config, Never),
    (131_047, WindowClosed, Never), (131_048, RateLimited, Never), (131_049, RateLimited, Never),
    (131_050, InvalidRecipient, Never), (131_051, InvalidMessage, Never), (131_052, InvalidMessage, Never),
    (131_053, InvalidMessage, Never), (131_055, InvalidMessage, Never), (131_056, RateLimited, Backoff),
    (131_057, Unavailable, MAINTENANCE), (131_059, InvalidMessage, Never), (131_061, TemplateRejected, Never),
    (131_062, InvalidRecipient, Never), (131_063, TemplateRejected, Never), (131_064, TemplateRejected, Never),
    (131_201, InvalidMessage, Never), (131_202, InvalidMessage, Never), (131_204, InvalidMessage, Never),
    (131_207, PermissionDenied, Never), (131_208, RateLimited, Backoff), (131_209, InvalidMessage, Never),
    (131_210, InvalidMessage, Never), (131_211, PermissionDenied, Never), (131_212, InvalidRecipient, Never),
    (131_213, InvalidMessage, Never), (131_214, Unavailable, Never), (131_215, PermissionDenied, Never),
    (132_000, TemplateRejected, Never), (132_001, TemplateRejected, Never), (132_005, TemplateRejected, Never),
    (132_007, TemplateRejected, Never), (132_008, TemplateRejected, Never), (132_012, TemplateRejected, Never),
    (132_015, TemplateRejected, Never), (132_016, TemplateRejected, Never), (132_018, TemplateRejected, Never),
    (132_021, TemplateRejected, Never), (132_068, TemplateRejected, Never), (132_069, TemplateRejected, Never),
    (132_999, TemplateRejected, Never), (133_000, Config, Never), (133_004, Unavailable, MAINTENANCE),
    (133_005, InvalidMessage, Never), (133_006, Config, Never), (133_008, RateLimited, Never),
    (133_009, RateLimited, Never), (133_010, Config, Never), (133_015, Config, Never), (133_016, RateLimited, Never),
    (134_011, PermissionDenied, Never), (134_100, TemplateRejected, Never), (134_101, TemplateRejected, Never),
    (134_102, TemplateRejected, Never), (134_103, TemplateRejected, Never), (135_000, InvalidMessage, Never),
    (136_024, Config, Never), (136_025, Config, Never), (137_000, InvalidRecipient, Never), (138_000, Config, Never),
    (138_001, InvalidRecipient, Never), (138_002, RateLimited, Never), (138_003, RateLimited, Never),
    (138_004, Unavailable, Ambiguous), (138_005, RateLimited, Never), (138_006, PermissionDenied, Never),
    (138_007, Unavailable, Ambiguous), (138_009, RateLimited, Never), (138_012, RateLimited, Never),
    (138_013, RateLimited, Never), (138_018, Config, Never), (139_000, PermissionDenied, Never),
    (139_001, InvalidMessage, Never), (139_002, InvalidMessage, Never), (139_003, InvalidMessage, Never),
    (139_004, InvalidMessage, Never), (139_100, InvalidMessage, Never), (139_101, InvalidMessage, Never),
    (139_102, Unavailable, Backoff), (139_103, Unavailable, Ambiguous), (147_001, InvalidMessage, Never),
    (147_002, InvalidMessage, Never), (147_003, InvalidMessage, Never), (147_004, InvalidMessage, Never),
    (147_005, InvalidMessage, Never), (200_005, PermissionDenied, Never), (200_006, PermissionDenied, Never),
    (200_007, PermissionDenied, Never), (1_752_041, InvalidMessage, Never), (2_388_012, Config, Never),
    (2_388_019, TemplateRejected, Never), (2_388_023, TemplateRejected, Never), (2_388_024, TemplateRejected, Never),
    (2_388_039, TemplateRejected, Never), (2_388_040, TemplateRejected, Never), (2_388_047, TemplateRejected, Never),
    (2_388_072, TemplateRejected, Never), (2_388_073, TemplateRejected, Never), (2_388_091, Config, Never),
    (2_388_093, Config, Never), (2_388_103, Config, Never), (2_388_293, TemplateRejected, Never),
    (2_388_299, TemplateRejected, Never), (2_388_318, TemplateRejected, Never), (2_388_330, TemplateRejected, Never),
    (2_494_100, Unavailable, Never), (2_494_164, InvalidMessage, Never), (2_494_165, InvalidMessage, Never),
    (2_494_166, InvalidMessage, Never), (2_494_167, InvalidMessage, Never), (2_494_168, InvalidMessage, Never),
    (2_494_176, InvalidMessage, Never), (2_494_177, InvalidMessage, Never), (2_494_179, InvalidMessage, Never),
    (2_593_107, Config, Never), (2_593_108, Config, Never), (2_593_109, Config, Never),
];

fn refused(status: u16, body: &str, retry_after: Option<&str>) -> Error {
    refused_with(status, body, &retry_after.map(|value| (RETRY_AFTER.as_str(), value)).into_iter().collect::<Vec<_>>())
}

fn refused_with(status: u16, body: &str, more: &[(&'static str, &str)]) -> Error {
    let mut headers = HeaderMap::new();
    for (name, value) in more {
        headers.insert(*name, value.parse().unwrap());
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
    for code in (0..210_000)
        .chain(2_387_000..2_390_000)
        .chain(2_494_000..2_495_000)
        .filter(|code| !(200..300).contains(code) && !(132_000..133_000).contains(code))
    {
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

#[test]
fn template_management_hides_its_codes_beneath_a_general_one() {
    for code in
        [2_388_019, 2_388_023, 2_388_024, 2_388_039, 2_388_040, 2_388_047, 2_388_072, 2_388_073, 2_388_293, 2_388_299]
    {
        let body = json!({"error": {"message": "Invalid parameter", "code": 100, "error_subcode": code}}).to_string();
        let error = refused(400, &body, None);
        assert_eq!((error.kind(), error.retry(), error.code()), (TemplateRejected, Never, Some(100)), "{code}");
        assert_eq!(error.advice(), refused(400, &self::body(code), None).advice());
    }
    let body = json!({"error": {"message": "Invalid parameter", "code": 100, "error_subcode": 2_494_055}}).to_string();
    assert_eq!(refused(400, &body, None).kind(), InvalidMessage, "a subcode that nobody knows");
    // Only of the general code, and never by a small number that means something else there.
    let body = json!({"error": {"message": "limit", "code": 4, "error_subcode": 2_388_024}}).to_string();
    assert_eq!(refused(400, &body, None).kind(), RateLimited);
    let body = json!({"error": {"message": "x", "code": 100, "error_subcode": 190}}).to_string();
    assert_eq!(refused(400, &body, None).kind(), InvalidMessage);
}

#[test]
fn words_hold_what_each_part_adds() {
    let message =
        |error: serde_json::Value| refused(400, &json!({"error": error}).to_string(), None).message().to_owned();
    let object = json!({"messaging_product": "whatsapp", "details": "more"});
    assert_eq!(message(json!({"message": "title", "code": 100, "error_data": object})), "title: more");
    assert_eq!(message(json!({"message": "title", "code": 100, "error_data": "as text"})), "title: as text");
    assert_eq!(message(json!({"message": "title", "code": 100, "error_data": ["odd"]})), "title");
    assert_eq!(
        message(json!({"message": "title: more", "code": 100, "error_data": {"details": "more"}})),
        "title: more"
    );
    let shown = json!({"message": "title", "code": 100, "error_data": "data", "error_user_msg": "for people"});
    assert_eq!(message(shown), "title: data: for people");
    assert_eq!(message(json!({"code": "100"})), "refused without a reason");
}

#[test]
fn a_code_beside_a_denied_or_partial_success_counts() {
    for success in [json!(false), json!("false")] {
        let body = json!({"success": success, "error": {"message": "no permission", "code": 138_006}}).to_string();
        let error = refused(200, &body, None);
        assert_eq!((error.kind(), error.retry(), error.code()), (PermissionDenied, Never, Some(138_006)));
    }
    let partial = json!({"error": {"message": "some failed", "code": 131_201}}).to_string();
    let error = refused(206, &partial, None);
    assert_eq!((error.kind(), error.retry(), error.status()), (InvalidMessage, Never, Some(206)));
    assert!(error.advice().contains("part"));
    let body = json!({"success": false, "error": {"message": "no code"}}).to_string();
    assert_eq!((refused(200, &body, None).kind(), refused(200, &body, None).retry()), (Protocol, Ambiguous));
}

#[test]
fn rate_headers_tell_when_a_limit_is_free_again() {
    const ACCOUNT: &str = "x-business-use-case-usage";
    let lists = r#"{"9106":[{"type":"whatsapp","call_count":100,"estimated_time_to_regain_access":3},
                   {"estimated_time_to_regain_access":"7"}],"8":[{"call_count":1}]}"#
        .replace('\n', "");
    let limited = |code: i64, headers: &[(&'static str, &str)]| refused_with(400, &body(code), headers).retry();
    let minutes = |minutes: u64| After(Duration::from_secs(60 * minutes));
    assert_eq!(limited(80_007, &[(ACCOUNT, &lists)]), minutes(7), "the longest counts");
    assert_eq!(limited(4, &[("x-app-usage", r#"{"call_count":100,"estimated_time_to_regain_access":2}"#)]), minutes(2));
    assert_eq!(limited(80_007, &[(ACCOUNT, &lists), ("retry-after", "5")]), After(Duration::from_secs(5)));
    for nothing in [
        "",
        "[]",
        "{",
        r#"{"call_count":28}"#,
        r#"{"9":[{"estimated_time_to_regain_access":0}]}"#,
        r#"{"9":[{"estimated_time_to_regain_access":-5}]}"#,
        r#"{"9":{"a":1}}"#,
    ] {
        assert_eq!(limited(80_007, &[(ACCOUNT, nothing)]), Backoff, "{nothing}");
    }
    let ages = r#"{"9":[{"estimated_time_to_regain_access":9000000000000000000}]}"#;
    assert_eq!(limited(80_007, &[(ACCOUNT, ages)]), minutes(24 * 60), "nobody waits for ages");
    for code in [131_048, 131_049, 190] {
        assert_eq!(limited(code, &[(ACCOUNT, &lists)]), Never, "{code}");
    }
    assert_eq!(refused_with(503, &body(2), &[(ACCOUNT, &lists)]).retry(), Ambiguous);
    assert_eq!(refused_with(429, "", &[(ACCOUNT, &lists)]).retry(), minutes(7));
}

#[test]
fn pair_limit_says_how_to_wait() {
    let error = refused(400, &body(131_056), None);
    assert_eq!(error.retry(), Backoff);
    assert!(error.advice().contains("1, then 4, then 16 seconds"));
}
