//! Exact requests, and what every documented code means.
#![expect(clippy::unwrap_used, reason = "test code")]

use std::time::Duration;

use serde_json::json;
use whatsapp_core::{
    ErrorKind::{
        self, Config, InvalidMessage, InvalidRecipient, PermissionDenied, RateLimited, TemplateRejected,
        Unauthenticated, Unavailable, Unsupported, WindowClosed,
    },
    GroupId, Location, MediaFile, MediaKind, MediaSource, OutboundMessage, PhoneNumber, Recipient,
    Retry::{self, After, Ambiguous, Backoff, Never},
    Sender, SenderExt, Settings, Template,
};
use whatsapp_twilio::{TwilioBuilder, TwilioConfigKey, connect};
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{any, basic_auth, body_string, header, method, path},
};

const ACCOUNT: &str = "ACd1ce0000d1ce0000d1ce0000d1ce0000";
const MESSAGES: &str = "/2010-04-01/Accounts/ACd1ce0000d1ce0000d1ce0000d1ce0000/Messages.json";
const TOKEN: &str = "d00df00dd00df00dd00df00dd00df00d";

fn noa() -> PhoneNumber {
    "+972509876543".parse().unwrap()
}

fn settings(server: &MockServer, more: &[(&str, &str)]) -> Settings {
    let mut settings = Settings::from_iter([("account_sid", ACCOUNT), ("auth_token", TOKEN), ("from", "+14155550100")]);
    settings.set("base_url", format!("{}/", server.uri()));
    for (key, value) in more {
        settings.set(*key, *value);
    }
    settings
}

async fn takes(server: &MockServer, body: &str, user: &str, password: &str) {
    Mock::given(method("POST"))
        .and(path(MESSAGES))
        .and(basic_auth(user, password))
        .and(header("content-type", "application/x-www-form-urlencoded"))
        .and(body_string(body))
        .respond_with(ResponseTemplate::new(201).set_body_json(json!({"sid": "SM1", "status": "queued"})))
        .expect(1)
        .mount(server)
        .await;
}

#[tokio::test]
async fn a_text_is_one_form() {
    let server = MockServer::start().await;
    takes(
        &server,
        "To=whatsapp%3A%2B972509876543&From=whatsapp%3A%2B14155550100&Body=a+%2B+b%26%D7%A9",
        ACCOUNT,
        TOKEN,
    )
    .await;
    let line = connect(&settings(&server, &[])).unwrap();
    assert_eq!(line.line().as_str(), "whatsapp:+14155550100");
    assert_eq!(line.send_text(noa(), "a + b&ש").await.unwrap().id.as_str(), "SM1");
}

#[tokio::test]
async fn an_api_key_and_a_service_take_the_place_of_token_and_number() {
    let server = MockServer::start().await;
    takes(&server, "To=whatsapp%3A%2B972509876543&MessagingServiceSid=MG0a&Body=hi", "SK0a", "key secret").await;
    let more = [("api_key_sid", "SK0a"), ("api_key_secret", "key secret"), ("messaging_service_sid", "MG0a")];
    connect(&settings(&server, &more)).unwrap().send_text(noa(), "hi").await.unwrap();
}

#[tokio::test]
async fn half_an_api_key_is_none() {
    let server = MockServer::start().await;
    takes(&server, "To=whatsapp%3A%2B972509876543&From=whatsapp%3A%2B14155550100&Body=hi", ACCOUNT, TOKEN).await;
    connect(&settings(&server, &[("api_key_sid", "SK0a")])).unwrap().send_text(noa(), "hi").await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_before_io() {
    let server = MockServer::start().await;
    let line = connect(&settings(&server, &[])).unwrap();
    let file = |kind| MediaFile::link(kind, "https://cdn.example/a").unwrap();
    let mut uploaded = file(MediaKind::Image);
    uploaded.source = MediaSource::Id("42".to_owned());
    let content_sid = "HXd1ce0000d1ce0000d1ce0000d1ce0000";
    let cases: [(OutboundMessage, ErrorKind, &str); 11] = [
        (OutboundMessage::new(noa(), "א".repeat(1601)), InvalidMessage, "1600"),
        (OutboundMessage::new(noa(), " "), InvalidMessage, "text.body"),
        (OutboundMessage::new(noa(), file(MediaKind::Audio).with_caption("x")), InvalidMessage, "media.caption"),
        (OutboundMessage::new(noa(), file(MediaKind::Image).with_caption("א".repeat(1601))), InvalidMessage, "1600"),
        (OutboundMessage::new(noa(), file(MediaKind::Sticker)), Unsupported, "sticker"),
        (OutboundMessage::new(noa(), uploaded), Unsupported, "link"),
        (
            OutboundMessage::new(noa(), Template::new(content_sid, "he").with_components(vec![json!({})])),
            Unsupported,
            "components",
        ),
        (OutboundMessage::new(noa(), Location::new(0.0, 181.0)), InvalidMessage, "location"),
        (OutboundMessage::new(noa(), "x").in_reply_to("SM1".into()), Unsupported, "replies"),
        (OutboundMessage::new(Recipient::Lid("1".into()), "x"), Unsupported, "lid"),
        (OutboundMessage::new(Recipient::Group(GroupId::from("g")), "x"), Unsupported, "group"),
    ];
    for (message, kind, word) in cases {
        let error = line.send(&message).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (kind, Never), "{error}");
        assert!(error.to_string().contains(word), "{error}");
    }
    assert!(server.received_requests().await.unwrap().is_empty());
}

/// Codes as the error dictionary has them, for a message that was refused.
const CODES: &[(i64, ErrorKind, Retry)] = &[
    (20001, InvalidMessage, Never),
    (20003, Unauthenticated, Never),
    (20005, PermissionDenied, Never),
    (20006, PermissionDenied, Never),
    (20008, Config, Never),
    (20010, PermissionDenied, Never),
    (20403, PermissionDenied, Never),
    (20404, Config, Never),
    (20409, Unavailable, Backoff),
    (20422, InvalidMessage, Never),
    (20429, RateLimited, Backoff),
    (20500, Unavailable, Ambiguous),
    (20503, Unavailable, Ambiguous),
    (21211, InvalidRecipient, Never),
    (21212, Config, Never),
    (21214, InvalidRecipient, Never),
    (21217, InvalidRecipient, Never),
    (21408, PermissionDenied, Never),
    (21601, Config, Never),
    (21602, InvalidMessage, Never),
    (21603, Config, Never),
    (21604, InvalidRecipient, Never),
    (21606, Config, Never),
    (21608, PermissionDenied, Never),
    (21609, Config, Never),
    (21610, InvalidRecipient, Never),
    (21611, RateLimited, Backoff),
    (21612, InvalidRecipient, Never),
    (21614, InvalidRecipient, Never),
    (21617, InvalidMessage, Never),
    (21619, Unavailable, Backoff),
    (21620, InvalidMessage, Never),
    (21623, InvalidMessage, Never),
    (21653, InvalidMessage, Never),
    (21654, TemplateRejected, Never),
    (21655, TemplateRejected, Never),
    (21656, TemplateRejected, Never),
    (21657, Config, Never),
    (21658, InvalidMessage, Never),
    (21701, Config, Never),
    (21702, Config, Never),
    (21703, Config, Never),
    (21704, Config, Never),
    (21705, Config, Never),
    (30001, RateLimited, Backoff),
    (30002, PermissionDenied, Never),
    (30003, InvalidRecipient, Never),
    (30004, PermissionDenied, Never),
    (30005, InvalidRecipient, Never),
    (30006, InvalidRecipient, Never),
    (30007, PermissionDenied, Never),
    (30008, Unavailable, Backoff),
    (63001, Unauthenticated, Never),
    (63002, Config, Never),
    (63003, InvalidRecipient, Never),
    (63005, InvalidMessage, Never),
    (63006, InvalidMessage, Never),
    (63007, Config, Never),
    (63008, Config, Never),
    (63009, Unavailable, Backoff),
    (63010, Unavailable, Backoff),
    (63011, InvalidMessage, Never),
    (63012, Unavailable, Backoff),
    (63013, TemplateRejected, Never),
    (63014, InvalidRecipient, Never),
    (63015, InvalidRecipient, Never),
    (63016, WindowClosed, Never),
    (63017, RateLimited, Backoff),
    (63018, RateLimited, Backoff),
    (63019, InvalidMessage, Never),
    (63020, PermissionDenied, Never),
    (63021, TemplateRejected, Never),
    (63022, PermissionDenied, Never),
    (63023, Unavailable, Backoff),
    (63024, InvalidRecipient, Never),
    (63025, InvalidMessage, Never),
    (63026, PermissionDenied, Never),
    (63027, TemplateRejected, Never),
    (63028, TemplateRejected, Never),
    (63029, TemplateRejected, Never),
    (63030, InvalidMessage, Never),
    (63031, InvalidRecipient, Never),
    (63032, InvalidRecipient, Never),
    (63033, InvalidRecipient, Never),
    (63034, InvalidMessage, Never),
    (63037, Unavailable, Backoff),
    (63038, RateLimited, After(Duration::from_secs(21_600))),
    (63040, TemplateRejected, Never),
    (63041, TemplateRejected, Never),
    (63042, TemplateRejected, Never),
    (63049, PermissionDenied, Never),
    (63051, PermissionDenied, Never),
    (63062, PermissionDenied, Never),
    (63112, PermissionDenied, Never),
    // In no table: a 400 is a refusal all the same.
    (99999, InvalidMessage, Never),
];

#[tokio::test]
async fn every_code_means_the_same_whichever_way_it_comes() {
    let server = MockServer::start().await;
    // Answers with the code that the text names.
    let code = |request: &Request| -> i64 {
        let body = form_urlencoded::parse(&request.body).find(|(key, _)| key == "Body").unwrap().1;
        body.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap()
    };
    let refused = move |request: &Request| {
        ResponseTemplate::new(400).set_body_json(json!({"code": code(request), "message": "no", "status": 400}))
    };
    let failed = move |request: &Request| {
        let answer = json!({"sid": "SM1", "status": "failed", "error_code": code(request), "error_message": "no"});
        ResponseTemplate::new(201).set_body_json(answer)
    };
    let line = connect(&settings(&server, &[])).unwrap();
    for (status, mock) in
        [(400, Mock::given(any()).respond_with(refused)), (201, Mock::given(any()).respond_with(failed))]
    {
        server.reset().await;
        server.register(mock).await;
        for (code, kind, retry) in CODES {
            let error = line.send_text(noa(), &code.to_string()).await.unwrap_err();
            assert_eq!((error.kind(), error.retry(), error.code()), (*kind, *retry, Some(*code)), "{code}");
            assert_eq!((error.status(), error.message()), (Some(status), "no"));
            assert!(!error.advice().is_empty());
        }
    }
}

#[tokio::test]
async fn values_that_cannot_be_used_are_named() {
    let server = MockServer::start().await;
    for (key, value) in [
        ("account_sid", "SK0a"),
        ("account_sid", "AC0a/../x"),
        ("from", "0501234567"),
        ("from", "whatsapp:IL.77"),
        ("messaging_service_sid", "AC0a"),
        ("base_url", "ftp://x"),
        ("base_url", "https://user:pass@api.example"),
        ("base_url", "https://[::1"),
        ("base_url", "https://a\tb.example"),
        ("base_url", "https://a.example#b"),
        ("public_base_url", "https://x?y"),
        ("timeout_seconds", "soon"),
        ("timeout_seconds", "0"),
        ("timeout_seconds", "-1"),
        ("timeout_seconds", "NaN"),
        ("timeout_seconds", "1e300"),
    ] {
        let error = connect(&settings(&server, &[(key, value)])).unwrap_err();
        assert_eq!(error.kind(), Config);
        assert!(error.to_string().contains(key) && !error.to_string().contains(value), "{error}");
    }
    for good in [("from", "whatsapp:+14155550100"), ("public_base_url", "studio.example"), ("timeout_seconds", "2.5")] {
        connect(&settings(&server, &[good])).unwrap();
    }
}

/// A server that broke down knows little of what it did, whatever code it adds.
#[tokio::test]
async fn every_5xx_of_a_send_is_ambiguous() {
    let server = MockServer::start().await;
    let line = connect(&settings(&server, &[])).unwrap();
    for status in [408, 500, 502, 503, 504] {
        for code in [20003, 20409, 20429, 21610, 21611, 21655, 30001, 63016, 63038, 99999] {
            server.reset().await;
            let answer = ResponseTemplate::new(status).set_body_json(json!({"code": code, "message": "x"}));
            Mock::given(any()).respond_with(answer).mount(&server).await;
            let error = line.send_text(noa(), "x").await.unwrap_err();
            assert_eq!((error.retry(), error.code()), (Ambiguous, Some(code)), "{status} {code}");
        }
    }
    // A redirect that says that it was done, against one that says to do it elsewhere.
    for (status, retry) in [(302, Ambiguous), (303, Ambiguous), (307, Never), (308, Never)] {
        server.reset().await;
        let answer = ResponseTemplate::new(status).insert_header("location", "/x");
        Mock::given(any()).respond_with(answer).mount(&server).await;
        assert_eq!(line.send_text(noa(), "x").await.unwrap_err().retry(), retry, "{status}");
    }
}

#[tokio::test]
async fn secrets_of_files_end_in_line_breaks() {
    let server = MockServer::start().await;
    takes(&server, "To=whatsapp%3A%2B972509876543&From=whatsapp%3A%2B14155550100&Body=hi", ACCOUNT, TOKEN).await;
    let line = connect(&settings(&server, &[("auth_token", &format!("{TOKEN}\n"))])).unwrap();
    line.send_text(noa(), "hi").await.unwrap();
}

#[test]
fn keys_have_names_and_variables() {
    for key in TwilioConfigKey::ALL {
        assert_eq!(key.as_ref().parse::<TwilioConfigKey>().unwrap(), *key);
        assert!(!key.variables().is_empty());
    }
    assert_eq!(TwilioConfigKey::From.variables(), ["TWILIO_WA_FROM"]);
    assert_eq!(TwilioConfigKey::PublicBaseUrl.variables(), ["PUBLIC_BASE_URL", "PUBLIC_HOST"]);
    assert_eq!("nonsense".parse::<TwilioConfigKey>().unwrap_err().kind(), Config);
    let builder = TwilioBuilder::new().with_config(TwilioConfigKey::AuthToken, TOKEN);
    assert_eq!(builder.build().unwrap_err().message(), "configuration key `account_sid` is missing or empty");
    assert!(!format!("{:?} {:?}", builder, builder.build_webhook().unwrap()).contains(TOKEN));
}
