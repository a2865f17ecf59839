//! Testing the connection, and where the calls go.

use serde_json::{Value, json};
use whatsapp_core::{
    ErrorKind::{Config, Unavailable},
    Probe, ProbeReport,
    Retry::Backoff,
};
use whatsapp_twilio::{Twilio, TwilioBuilder, TwilioConfigKey as Key};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{any, basic_auth, method, path, query_param},
};

const ACCOUNT: &str = "ACd1ce0000d1ce0000d1ce0000d1ce0000";
const TOKEN: &str = "d00df00dd00df00dd00df00dd00df00d";

fn builder(server: &MockServer) -> TwilioBuilder {
    TwilioBuilder::new()
        .with_config(Key::AccountSid, ACCOUNT)
        .with_config(Key::AuthToken, TOKEN)
        .with_config(Key::From, "+14155550100")
        .with_config(Key::PublicBaseUrl, "https://studio.example")
        .with_config(Key::BaseUrl, server.uri())
}

async fn account(server: &MockServer, status: u16, answer: &Value) {
    Mock::given(method("GET"))
        .and(path(format!("/2010-04-01/Accounts/{ACCOUNT}.json")))
        .and(basic_auth(ACCOUNT, TOKEN))
        .respond_with(ResponseTemplate::new(status).set_body_json(answer))
        .mount(server)
        .await;
}

async fn senders(server: &MockServer, status: u16, answer: &Value) {
    Mock::given(method("GET"))
        .and(path("/v2/Channels/Senders"))
        .and(query_param("Channel", "whatsapp"))
        .respond_with(ResponseTemplate::new(status).set_body_json(answer))
        .mount(server)
        .await;
}

/// Name of each check, `+` if it passed, `-` if it failed, `?` if it was not looked at.
fn shown(report: &ProbeReport) -> Vec<String> {
    assert!(report.checks.iter().all(|check| !check.detail.contains(TOKEN)));
    let mark = |check: &whatsapp_core::ProbeCheck| match (check.checked, check.passed) {
        (false, _) => '?',
        (true, true) => '+',
        (true, false) => '-',
    };
    report.checks.iter().map(|check| format!("{}{}", mark(check), check.name)).collect()
}

#[tokio::test]
async fn reads_the_account_first() {
    let server = MockServer::start().await;
    let line = builder(&server).build().unwrap();
    for (status, answer, checks) in [
        (200, json!({"friendly_name": "Studio Noa", "status": "suspended"}), ["+credentials", "-account"].as_slice()),
        (401, json!({"code": 20003, "message": "Authenticate"}), &["-credentials"]),
        (403, json!({}), &["-credentials"]),
        (404, json!({"code": 20404, "message": "not found"}), &["-account"]),
    ] {
        server.reset().await;
        account(&server, status, &answer).await;
        let report = line.probe().await.unwrap();
        assert_eq!(shown(&report), checks, "{report:?}");
        assert_eq!(report.display_phone.as_deref(), Some("+14155550100"));
        assert_eq!(server.received_requests().await.unwrap().len(), 1, "no more is asked");
    }
    server.reset().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(503)).mount(&server).await;
    let error = line.probe().await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (Unavailable, Backoff), "reading may be tried again");
}

#[tokio::test]
async fn reads_the_sender_and_where_its_messages_go() {
    let ours = "https://studio.example/webhook/whatsapp/inbound";
    let sender = |status: &str, url: Value| {
        json!({"senders": [
            {"sender_id": "whatsapp:+19995550100", "status": "OFFLINE"},
            {"sender_id": "whatsapp:+14155550100", "status": status, "profile": {"name": "סטודיו נועה"},
             "webhook": {"callback_url": url}},
        ], "meta": {"next_page_url": null}})
    };
    let server = MockServer::start().await;
    let line = builder(&server).build().unwrap();
    for (status, answer, checks) in [
        (200, sender("ONLINE", json!(ours)), ["+sender", "+webhook"].as_slice()),
        (200, sender("ONLINE:UPDATING", json!(format!("{ours}#rc=2&rp=all"))), &["+sender", "+webhook"]),
        (200, sender("OFFLINE", json!("https://old.example/x")), &["-sender", "-webhook"]),
        (200, sender("ONLINE", json!("")), &["+sender", "?webhook"]),
        (200, sender("ONLINE", Value::Null), &["+sender", "?webhook"]),
        (200, json!({"senders": [], "meta": {"next_page_url": null}}), &["-sender"]),
        (200, json!({"senders": [], "meta": {"next_page_url": "https://messaging.twilio.com/x"}}), &["?sender"]),
        (403, json!({"code": 20403, "message": "Forbidden"}), &["?sender"]),
        (404, json!({}), &["?sender"]),
    ] {
        server.reset().await;
        account(&server, 200, &json!({"friendly_name": "Studio Noa", "status": "active", "type": "Full"})).await;
        senders(&server, status, &answer).await;
        let report = line.probe().await.unwrap();
        assert_eq!(shown(&report)[2..], *checks, "{report:?}");
        let wrong = report.checks.iter().find(|check| check.name == "webhook" && !check.passed);
        assert!(wrong.is_none_or(|check| check.detail.contains(ours)), "the cure");
    }
    server.reset().await;
    account(&server, 200, &json!({"status": "active"})).await;
    senders(&server, 503, &json!({})).await;
    assert_eq!(line.probe().await.unwrap_err().retry(), Backoff);
}

/// Twilio lets name and password stand in the address of a webhook.
#[tokio::test]
async fn a_password_in_the_public_address_is_shown_nowhere() {
    let server = MockServer::start().await;
    let line = builder(&server).with_config(Key::PublicBaseUrl, "https://noa:s3cret@studio.example").build().unwrap();
    account(&server, 200, &json!({"status": "active"})).await;
    for url in [json!("https://old.example/x"), Value::Null] {
        let sender =
            json!({"sender_id": "whatsapp:+14155550100", "status": "ONLINE", "webhook": {"callback_url": url}});
        senders(&server, 200, &json!({"senders": [sender], "meta": {}})).await;
        let report = line.probe().await.unwrap();
        assert!(report.checks.last().unwrap().detail.contains("studio.example/webhook"), "{report:?}");
        assert!(!format!("{report:?} {line:?}").contains("s3cret"), "{report:?}");
    }
}

#[tokio::test]
async fn an_api_key_reads_a_message_instead_of_the_account() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path(format!("/2010-04-01/Accounts/{ACCOUNT}/Messages.json")))
        .and(query_param("PageSize", "1"))
        .and(basic_auth("SK0a", "key secret"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"messages": []})))
        .mount(&server)
        .await;
    let builder = builder(&server).with_config(Key::ApiKeySid, "SK0a").with_config(Key::ApiKeySecret, "key secret");
    let report = builder.build().unwrap().probe().await.unwrap();
    assert!(report.passed());
    assert_eq!(shown(&report), ["+credentials", "?account", "?sender"]);
}

#[tokio::test]
async fn the_sandbox_is_nobodys_sender() {
    let server = MockServer::start().await;
    account(&server, 200, &json!({"status": "active", "type": "Trial"})).await;
    let line = builder(&server).with_config(Key::From, "whatsapp:+14155238886").build().unwrap();
    let report = line.probe().await.unwrap();
    assert_eq!(shown(&report), ["+credentials", "+account", "?sender"]);
    assert!(report.checks[1].detail.contains("trial") && report.checks[2].detail.contains("join"), "{report:?}");
}

#[test]
fn hosts_are_those_of_region_and_edge() {
    let line = |pairs: &[(Key, &str)]| -> Result<Twilio, whatsapp_core::Error> {
        let builder = TwilioBuilder::new()
            .with_config(Key::AccountSid, ACCOUNT)
            .with_config(Key::AuthToken, TOKEN)
            .with_config(Key::From, "+14155550100");
        pairs.iter().fold(builder, |builder, (key, value)| builder.with_config(*key, *value)).build()
    };
    let shown = |pairs: &[(Key, &str)]| format!("{:?}", line(pairs).unwrap());
    assert!(shown(&[]).contains("https://api.twilio.com\""));
    let dublin = shown(&[(Key::Edge, "dublin"), (Key::Region, "ie1")]);
    assert!(dublin.contains("https://content.dublin.ie1.twilio.com\""), "{dublin}");
    assert!(shown(&[(Key::Edge, "sydney")]).contains("https://api.sydney.us1.twilio.com\""));
    let proxied = shown(&[(Key::Edge, "sydney"), (Key::BaseUrl, "https://proxy.example/twilio/")]);
    assert!(proxied.contains("messaging: \"https://proxy.example/twilio\""), "{proxied}");
    let error = line(&[(Key::Region, "ie1.evil.example/")]).unwrap_err();
    assert_eq!(error.kind(), Config);
    assert!(error.message().contains("region"), "{error}");
}

/// Runs the hosts of the folder that `EXTRA_FIXTURES` names, if it names one.
#[test]
fn extra_hosts() {
    let Some(folder) = whatsapp_core::testing::extra_fixtures("twilio") else { return };
    let text = std::fs::read_to_string(std::path::Path::new(&folder).join("hosts.json")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    for case in file["cases"].as_array().unwrap() {
        let mut builder = TwilioBuilder::new()
            .with_config(Key::AccountSid, ACCOUNT)
            .with_config(Key::AuthToken, TOKEN)
            .with_config(Key::From, "+14155550100");
        for (key, name) in [(Key::Edge, "edge"), (Key::Region, "region")] {
            builder = builder.with_config(key, case[name].as_str().unwrap_or_default());
        }
        let wanted = format!("{}: \"https://{}\"", case["product"].as_str().unwrap(), case["host"].as_str().unwrap());
        let line = format!("{:?}", builder.build().unwrap());
        assert!(line.contains(&wanted), "{wanted} in {line}");
    }
}
