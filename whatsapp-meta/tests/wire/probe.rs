//! A connection test, row by row.
use serde_json::{Value, json};
use whatsapp_core::{Probe, ProbeCheck, ProbeReport, Result, Secret};
use whatsapp_meta::{Meta, MetaConfigKey};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{any, path, query_param, query_param_contains},
};

use crate::{ACCOUNT, TOKEN, answering, builder_at, is_request};

const NUMBER_PATH: &str = "/v24.0/106500000000001";

/// What a healthy line answers; each may be replaced.
struct Answers {
    number: (u16, Value),
    token: (u16, Value),
    limit: (u16, Value),
    apps: (u16, Value),
    health: (u16, Value),
}

fn answers() -> Answers {
    let scopes = ["whatsapp_business_management", "whatsapp_business_messaging"];
    let granular = scopes.map(|scope| json!({"scope": scope, "target_ids": [ACCOUNT, "9"]}));
    Answers {
        number: (
            200,
            json!({
                "verified_name": "הסטודיו", "display_phone_number": "+972 3-555-0100", "quality_rating": "GREEN",
                "status": "CONNECTED", "platform_type": "CLOUD_API", "throughput": {"level": "STANDARD"}, "id": "1",
            }),
        ),
        token: (
            200,
            json!({"data": {"app_id": "4001", "is_valid": true, "expires_at": 1_800_000_000, "scopes": scopes,
                            "granular_scopes": granular}}),
        ),
        limit: (200, json!({"whatsapp_business_manager_messaging_limit": "TIER_2K", "id": "1"})),
        apps: (
            200,
            json!({"data": [{"whatsapp_business_api_data": {"id": "4001", "name": "CRM", "link": "https://x.y"}}]}),
        ),
        health: (200, json!({"health_status": {"can_send_message": "AVAILABLE", "entities": []}, "id": "1"})),
    }
}

async fn probed_at(answers: Answers, build: impl FnOnce(&MockServer) -> Meta) -> (MockServer, Result<ProbeReport>) {
    let server = MockServer::start().await;
    let mount = async |mock: wiremock::MockBuilder, (status, body): (u16, Value)| {
        mock.respond_with(ResponseTemplate::new(status).set_body_json(body)).mount(&server).await;
    };
    mount(Mock::given(path("/v24.0/debug_token")), answers.token).await;
    mount(Mock::given(path(format!("/v24.0/{ACCOUNT}/subscribed_apps"))), answers.apps).await;
    mount(Mock::given(path(NUMBER_PATH)).and(query_param("fields", "health_status")), answers.health).await;
    let limit = Mock::given(path(NUMBER_PATH)).and(query_param_contains("fields", "messaging_limit"));
    mount(limit, answers.limit).await;
    mount(Mock::given(path(NUMBER_PATH)).and(query_param_contains("fields", "verified_name")), answers.number).await;
    let line = build(&server);
    let report = line.probe().await;
    (server, report)
}

async fn probed(answers: Answers) -> ProbeReport {
    probed_at(answers, |server| builder_at(&server.uri()).build().unwrap()).await.1.unwrap()
}

fn row<'r>(report: &'r ProbeReport, name: &str) -> &'r ProbeCheck {
    report.checks.iter().find(|check| check.name == name).unwrap()
}

/// The only row that is not good.
fn failed(report: &ProbeReport) -> &ProbeCheck {
    let bad: Vec<_> = report.checks.iter().filter(|check| !check.passed || !check.checked).collect();
    assert_eq!(bad.len(), 1, "{bad:?}");
    bad[0]
}

#[tokio::test]
async fn a_healthy_line_passes_every_row() {
    let (server, report) = probed_at(answers(), |server| builder_at(&server.uri()).build().unwrap()).await;
    let report = report.unwrap();
    assert!(report.passed() && report.checks.iter().all(|check| check.checked));
    let rows: Vec<_> = report.checks.iter().map(|check| check.name.as_str()).collect();
    assert_eq!(rows, ["token", "scopes", "number", "registered", "quality", "tier", "webhook", "health"]);
    assert_eq!(report.display_name.as_deref(), Some("הסטודיו"));
    assert_eq!(report.display_phone.as_deref(), Some("+972 3-555-0100"));
    assert_eq!(row(&report, "token").detail, "valid until 2027-01-15 08:00 UTC");
    assert_eq!(row(&report, "tier").detail, "TIER_2K, throughput STANDARD");
    assert_eq!(row(&report, "webhook").detail, "subscribed: CRM");
    let requests = server.received_requests().await.unwrap();
    let fields = "verified_name,display_phone_number,quality_rating,status,code_verification_status,name_status,\
                  platform_type,throughput,webhook_configuration";
    let limit = "whatsapp_business_manager_messaging_limit";
    let apps = format!("/v24.0/{ACCOUNT}/subscribed_apps");
    let wanted: [(&str, &[(&str, &str)]); 5] = [
        (NUMBER_PATH, &[("fields", fields)]),
        ("/v24.0/debug_token", &[("input_token", TOKEN)]),
        (NUMBER_PATH, &[("fields", limit)]),
        (&apps, &[]),
        (NUMBER_PATH, &[("fields", "health_status")]),
    ];
    assert_eq!(requests.len(), wanted.len());
    for (request, (path, query)) in requests.iter().zip(wanted) {
        is_request(request, "GET", path, query);
    }
}

#[tokio::test]
async fn a_refused_number_ends_with_the_row_that_it_fails() {
    let error = |code: i64| json!({"error": {"message": "refused", "code": code}});
    let no_object = json!({"error": {"message": "no object", "code": 100, "error_subcode": 33}});
    let cases = [
        (401, error(190), "token"),
        (401, error(0), "token"),
        (401, error(104), "token"),
        (403, error(10), "permission"),
        (403, error(200), "permission"),
        (403, error(299), "permission"),
        (400, error(3), "permission"),
        (403, error(131_005), "permission"),
        (400, no_object, "number"),
        (400, error(33), "number"),
        (400, error(133_010), "registered"),
        (400, error(131_045), "registered"),
        (403, error(368), "account"),
        (403, error(131_031), "account"),
        (400, error(131_042), "payment"),
    ];
    for (status, body, name) in cases {
        let report = probed(Answers { number: (status, body), ..answers() }).await;
        assert!(!report.passed());
        let last = report.checks.last().unwrap();
        assert_eq!((last.name.as_str(), last.passed, last.checked), (name, false, true));
        assert!(last.detail.ends_with("(refused)") || last.detail.ends_with("(no object)"), "{}", last.detail);
        assert_eq!(report.checks.iter().any(|check| check.name == "token" && check.passed), name != "token");
    }
}

#[tokio::test]
async fn a_probe_that_learns_nothing_is_an_error() {
    for (status, body) in [
        (500, json!({})),
        (503, json!({"error": {"code": 2}})),
        (429, json!({"error": {"code": 4}})),
        (200, json!([1])),
        (200, json!("text")),
        (200, json!({})),
    ] {
        let (_server, line) = answering(status, body.clone()).await;
        assert!(line.probe().await.is_err(), "{status} {body}");
    }
}

#[tokio::test]
async fn what_is_bad_of_the_number_fails_its_row() {
    for (change, name) in [
        (json!({"status": "BANNED"}), "registered"),
        (json!({"status": "PENDING"}), "registered"),
        (json!({"status": "disconnected"}), "registered"),
        (json!({"platform_type": "ON_PREMISE", "status": "CONNECTED"}), "registered"),
        (json!({"platform_type": "NOT_APPLICABLE"}), "registered"),
        (json!({"quality_rating": "RED"}), "quality"),
    ] {
        let mut number = answers().number.1;
        number.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let report = probed(Answers { number: (200, number), ..answers() }).await;
        assert_eq!((failed(&report).name.as_str(), report.passed()), (name, false));
    }
    for fine in ["FLAGGED", "RESTRICTED", "RATE_LIMITED", "SOMETHING_NEW"] {
        let report = probed(Answers { number: (200, json!({"status": fine})), ..answers() }).await;
        assert!(row(&report, "registered").passed && row(&report, "registered").detail == fine);
    }
}

#[tokio::test]
async fn what_is_bad_of_the_token_fails_its_row() {
    let dead = json!({"data": {"is_valid": false, "scopes": ["whatsapp_business_messaging",
        "whatsapp_business_management"], "error": {"code": 190, "subcode": 463, "message": "it expired"}}});
    let report = probed(Answers { token: (200, dead), ..answers() }).await;
    assert_eq!(row(&report, "token").detail, "Make a new access token (it expired)");
    assert!(!row(&report, "token").passed);
    let half = json!({"data": {"is_valid": true, "app_id": 4001, "expires_at": 0,
                               "scopes": ["whatsapp_business_messaging"]}});
    let report = probed(Answers { token: (200, half), ..answers() }).await;
    assert_eq!((failed(&report).name.as_str(), failed(&report).checked), ("scopes", true));
    assert!(failed(&report).detail.contains("whatsapp_business_management"));
    assert_eq!(row(&report, "token").detail, "valid, never expires");
    let scopes = ["whatsapp_business_messaging", "whatsapp_business_management"];
    let granular = scopes.map(|scope| json!({"scope": scope, "target_ids": ["5"]}));
    let elsewhere =
        json!({"data": {"is_valid": true, "scopes": scopes, "granular_scopes": granular, "app_id": "4001"}});
    let report = probed(Answers { token: (200, elsewhere), ..answers() }).await;
    assert!(failed(&report).name == "scopes" && failed(&report).detail.contains("not for this account"));
}

#[tokio::test]
async fn webhooks_must_come_to_this_app() {
    let report = probed(Answers { apps: (200, json!({"data": []})), ..answers() }).await;
    assert_eq!((failed(&report).name.as_str(), failed(&report).checked), ("webhook", true));
    let other = json!({"data": [{"whatsapp_business_api_data": {"id": "9", "name": "Old CRM"}}]});
    let report = probed(Answers { apps: (200, other.clone()), ..answers() }).await;
    assert!(failed(&report).detail.contains("Old CRM"));
    let unknown = json!({"data": {"is_valid": true, "scopes": ["whatsapp_business_messaging",
                                                               "whatsapp_business_management"]}});
    let none = Answers { apps: (200, json!({"data": []})), token: (200, unknown.clone()), ..answers() };
    assert!(failed(&probed(none).await).checked, "no app is no app of ours");
    let report = probed(Answers { apps: (200, other), token: (200, unknown), ..answers() }).await;
    let webhook = failed(&report);
    assert_eq!((webhook.name.as_str(), webhook.checked, report.passed()), ("webhook", false, true));
    assert!(webhook.detail.contains("Old CRM"), "nobody knows which app is ours");
    let nameless = json!({"data": [{"whatsapp_business_api_data": {"name": "CRM"}}]});
    let report = probed(Answers { apps: (200, nameless), ..answers() }).await;
    assert_eq!((failed(&report).name.as_str(), failed(&report).checked), ("webhook", false));
}

#[tokio::test]
async fn only_a_blocked_line_is_unhealthy() {
    let entities = json!([
        {"entity_type": "PHONE_NUMBER", "id": "1", "can_send_message": "AVAILABLE"},
        {"entity_type": "WABA", "id": "2", "can_send_message": "BLOCKED",
         "errors": [{"error_code": 141_006, "error_description": "No payment.", "possible_solution": "Add a card."}]},
    ]);
    let blocked = json!({"health_status": {"can_send_message": "BLOCKED", "entities": entities}});
    let report = probed(Answers { health: (200, blocked), ..answers() }).await;
    assert_eq!(failed(&report).name, "health");
    assert_eq!(failed(&report).detail, "BLOCKED; WABA is BLOCKED: No payment. Add a card.");
    let limited = json!({"health_status": {"can_send_message": "LIMITED", "entities": [
        {"entity_type": "BUSINESS", "can_send_message": "LIMITED", "additional_info": ["Verify the business."]}]}});
    let report = probed(Answers { health: (200, limited), ..answers() }).await;
    assert!(report.passed());
    assert_eq!(row(&report, "health").detail, "LIMITED; BUSINESS is LIMITED: Verify the business.");
}

#[tokio::test]
async fn what_cannot_be_asked_is_not_checked() {
    let no = || (400, json!({"error": {"message": "not this token", "code": 100}}));
    let all = Answers { token: no(), limit: no(), apps: no(), health: no(), ..answers() };
    let report = probed(all).await;
    assert!(report.passed());
    let unchecked: Vec<_> = report.checks.iter().filter(|check| !check.checked).map(|check| &*check.name).collect();
    assert_eq!(unchecked, ["scopes", "tier", "webhook", "health"]);
    assert!(row(&report, "scopes").detail.contains("not this token"));
    assert_eq!(row(&report, "token").detail, "accepted; Meta does not tell when it expires");
    let (_server, report) = probed_at(answers(), |server| {
        builder_at(&server.uri()).with_config(MetaConfigKey::WabaId, Secret::from("")).build().unwrap()
    })
    .await;
    let report = report.unwrap();
    assert!(failed(&report).name == "webhook" && failed(&report).detail.contains("waba_id"));
    let report = serde_json::to_value(report).unwrap();
    assert!(report["checks"].as_array().unwrap().iter().all(|check| check["passed"] == true));
}

#[tokio::test]
async fn older_versions_tell_the_limit_under_another_name() {
    let server = MockServer::start().await;
    let answer =
        ResponseTemplate::new(200).set_body_json(json!({"messaging_limit_tier": "TIER_1K", "status": "CONNECTED"}));
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let line = builder_at(&server.uri()).with_config(MetaConfigKey::ApiVersion, "23.0").build().unwrap();
    let report = line.probe().await.unwrap();
    assert_eq!(row(&report, "tier").detail, "TIER_1K, throughput not told");
    let requests = server.received_requests().await.unwrap();
    assert!(requests.iter().any(|request| request.url.query() == Some("fields=messaging_limit_tier")));
}

#[tokio::test]
async fn the_token_shows_nowhere() {
    let quoted = json!({"error": {"message": format!("Malformed access token {TOKEN}"), "code": 190}});
    let report = probed(Answers { number: (400, quoted.clone()), ..answers() }).await;
    assert!(!format!("{report:?}").contains("0that0nobody0"));
    let report = probed(Answers { token: (400, quoted.clone()), health: (400, quoted), ..answers() }).await;
    assert!(!format!("{report:?}").contains("0that0nobody0"));
}
