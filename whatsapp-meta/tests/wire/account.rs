//! Numbers, accounts, profiles, subscriptions and tokens.
use serde_json::json;
use whatsapp_core::{ErrorKind, Retry, Secret};
use whatsapp_meta::{
    MetaConfigKey,
    account::{NumberStatus, Platform, Quality, Verification},
};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{path, query_param, query_param_is_missing},
};

use crate::{ACCOUNT, NUMBER, TOKEN, answering, builder_at, json_body, line_at, only_request};

#[tokio::test]
async fn a_number_is_read_as_far_as_it_can_be() {
    let body = json!({
        "id": 106_500, "verified_name": "הסטודיו", "display_phone_number": "+972 3-555-0100", "quality_rating": "green",
        "status": "SOMETHING_NEW", "code_verification_status": "VERIFIED", "platform_type": "CLOUD_API",
        "throughput": "high", "is_pin_enabled": "true", "is_official_business_account": 3, "name_status": {"odd": 1},
        "webhook_configuration": {"application": "https://shop.example/hook"}, "messaging_limit_tier": "TIER_1K",
    });
    let (server, line) = answering(200, body).await;
    let number = line.number_info(&["id", "status"]).await.unwrap();
    only_request(&server, "GET", "/v24.0/106500000000001", &[("fields", "id,status")]).await;
    assert_eq!((number.id.as_deref(), number.quality_rating), (Some("106500"), Some(Quality::Green)));
    assert_eq!(number.status, Some(NumberStatus::Other("SOMETHING_NEW".to_owned())));
    assert_eq!(number.code_verification_status, Some(Verification::Verified));
    assert_eq!((number.platform_type, number.is_pin_enabled), (Some(Platform::CloudApi), Some(true)));
    assert_eq!((number.throughput, number.is_official_business_account, number.name_status), (None, None, None));
    assert_eq!(number.webhook_configuration.unwrap().application.as_deref(), Some("https://shop.example/hook"));
    let (server, line) = answering(200, json!({})).await;
    assert_eq!(line.number_info(&[]).await.unwrap().messaging_limit(), None);
    let requests = server.received_requests().await.unwrap();
    assert!(
        requests[0].url.query().unwrap().starts_with("fields=id,verified_name,display_phone_number,quality_rating")
    );
}

#[tokio::test]
async fn numbers_of_the_account_come_in_pages() {
    let server = MockServer::start().await;
    let pages = format!("/v24.0/{ACCOUNT}/phone_numbers");
    let next = format!("https://graph.facebook.com/next?access_token={TOKEN}");
    let first =
        json!({"data": [{"id": "1"}, "odd", {"id": "2"}], "paging": {"cursors": {"after": "A+/="}, "next": next}});
    let last = json!({"data": [{"id": "3"}], "paging": {"cursors": {"before": "x", "after": "B"}}});
    for (answer, after) in [(first, None), (last, Some("A+/="))] {
        let mock = Mock::given(path(&*pages)).and(query_param("limit", "100"));
        let mock = match after {
            Some(after) => mock.and(query_param("after", after)),
            None => mock.and(query_param_is_missing("after")),
        };
        mock.respond_with(ResponseTemplate::new(200).set_body_json(answer)).expect(1).mount(&server).await;
    }
    let numbers = line_at(&server.uri()).account_numbers().await.unwrap();
    let ids: Vec<_> = numbers.iter().filter_map(|number| number.id.as_deref()).collect();
    assert_eq!(ids, ["1", "2", "3"]);
}

#[tokio::test]
async fn an_account_and_a_profile_are_these_requests() {
    let body = json!({"id": ACCOUNT, "name": "הסטודיו", "currency": "ILS", "timezone_id": 70,
                      "health_status": {"can_send_message": "AVAILABLE"}, "surprise": [1]});
    let (server, line) = answering(200, body).await;
    let account = line.account_info(&["name", "health_status"]).await.unwrap();
    only_request(&server, "GET", &format!("/v24.0/{ACCOUNT}"), &[("fields", "name,health_status")]).await;
    assert_eq!((account.name.as_deref(), account.timezone_id.as_deref()), (Some("הסטודיו"), Some("70")));
    assert_eq!(account.health_status.unwrap().can_send_message.unwrap().as_str(), "AVAILABLE");

    for websites in [json!(["https://shop.example/"]), json!("https://shop.example/")] {
        let body = json!({"data": [{"about": "עציצים", "websites": websites, "vertical": "RETAIL", "messaging_product": "whatsapp"}]});
        let (server, line) = answering(200, body).await;
        let profile = line.business_profile().await.unwrap();
        let fields = "about,address,description,email,profile_picture_url,websites,vertical";
        let at = "/v24.0/106500000000001/whatsapp_business_profile";
        only_request(&server, "GET", at, &[("fields", fields)]).await;
        assert_eq!(
            (profile.about.as_deref(), &profile.websites[..]),
            (Some("עציצים"), &["https://shop.example/".to_owned()][..])
        );
    }
    let (_server, line) = answering(200, json!({"data": []})).await;
    assert_eq!(line.business_profile().await.unwrap_err().kind(), ErrorKind::Protocol);
}

#[tokio::test]
async fn subscriptions_are_these_requests() {
    let at = format!("/v24.0/{ACCOUNT}/subscribed_apps");
    let body = json!({"data": [
        {"whatsapp_business_api_data": {"id": 4001, "name": "CRM", "link": "https://x.y"},
         "override_callback_uri": "https://shop.example/hook"},
        {"whatsapp_business_api_data": null}]});
    let (server, line) = answering(200, body).await;
    let apps = line.subscribed_apps().await.unwrap();
    only_request(&server, "GET", &at, &[]).await;
    assert_eq!((apps.len(), apps[0].id.as_deref(), apps[0].name.as_deref()), (2, Some("4001"), Some("CRM")));
    assert_eq!(apps[0].override_callback_uri.as_deref(), Some("https://shop.example/hook"));

    let (server, line) = answering(200, json!({"success": true})).await;
    line.subscribe_app().await.unwrap();
    assert!(only_request(&server, "POST", &at, &[]).await.body.is_empty());
    let (server, line) = answering(200, json!({"success": true})).await;
    line.subscribe_app_to("https://shop.example/hook", &"verify me".into()).await.unwrap();
    let request = only_request(&server, "POST", &at, &[]).await;
    assert_eq!(
        json_body(&request),
        json!({"override_callback_uri": "https://shop.example/hook", "verify_token": "verify me"})
    );
    let (server, line) = answering(200, json!({"success": true})).await;
    line.unsubscribe_app().await.unwrap();
    only_request(&server, "DELETE", &at, &[]).await;
    for (callback, token) in [
        ("http://shop.example/hook".to_owned(), "t"),
        (format!("https://shop.example/{}", "a".repeat(200)), "t"),
        ("https://shop.example/".to_owned(), ""),
    ] {
        let error = line.subscribe_app_to(&callback, &token.into()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidMessage);
    }
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_needs_an_account_names_the_key() {
    let (server, _) = answering(200, json!({})).await;
    let line = builder_at(&server.uri()).with_config(MetaConfigKey::WabaId, Secret::from("")).build().unwrap();
    for error in [
        line.subscribed_apps().await.unwrap_err(),
        line.subscribe_app().await.unwrap_err(),
        line.unsubscribe_app().await.unwrap_err(),
        line.account_info(&[]).await.unwrap_err(),
        line.account_numbers().await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.message().contains("waba_id"), "{error}");
    }
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_token_is_asked_about_by_itself_or_by_its_app() {
    let data = json!({"app_id": 4001, "type": "SYSTEM_USER", "is_valid": "true", "expires_at": "0",
                      "scopes": ["whatsapp_business_messaging"],
                      "granular_scopes": [{"scope": "whatsapp_business_messaging", "target_ids": [ACCOUNT]},
                                          {"scope": "whatsapp_business_management"}]});
    let (server, line) = answering(200, json!({"data": data})).await;
    let token = line.token_info(None).await.unwrap();
    only_request(&server, "GET", "/v24.0/debug_token", &[("input_token", TOKEN)]).await;
    assert_eq!((token.app_id.as_deref(), token.is_valid, token.expiry()), (Some("4001"), Some(true), None));
    assert!(token.grants("whatsapp_business_messaging", Some(ACCOUNT)));
    assert!(!token.grants("whatsapp_business_messaging", Some("5")));
    assert!(token.grants("whatsapp_business_management", Some("5")), "no list means all accounts");
    assert!(!token.grants("business_management", None));
    line.token_info(Some("4001")).await.unwrap();
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests[1].headers["authorization"], "Bearer 4001|secret");
    for app in ["", "4001|x", "a"] {
        assert_eq!(line.token_info(Some(app)).await.unwrap_err().kind(), ErrorKind::InvalidMessage);
    }
    assert_eq!(server.received_requests().await.unwrap().len(), 2);

    let dead = json!({"data": {"error": {"code": 190, "message": "expired", "subcode": 463}, "is_valid": false, "scopes": []}});
    let (_server, line) = answering(200, dead).await;
    let token = line.token_info(None).await.unwrap();
    let problem = token.error.unwrap();
    assert_eq!((token.is_valid, problem.code, problem.subcode), (Some(false), Some(190), Some(463)));
    for odd in [json!({"data": {}}), json!({}), json!({"data": []})] {
        let (_server, line) = answering(200, odd).await;
        let error = line.token_info(None).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Protocol, Retry::Never));
    }
}

#[tokio::test]
async fn the_credentials_of_the_app_show_nowhere() {
    let quoted = json!({"error": {"message": "bad credentials 4001|the0app0secret", "code": 190}});
    let (server, _) = answering(401, quoted).await;
    let builder = builder_at(&server.uri()).with_config(MetaConfigKey::AppSecret, "the0app0secret");
    let line = builder.build().unwrap();
    let error = line.token_info(Some("4001")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    assert!(!format!("{error:?} {line:?}").contains("the0app0secret"), "{error:?}");
}

#[tokio::test]
async fn health_is_this_request() {
    let body = json!({"health_status": {"can_send_message": "LIMITED", "entities": [
        {"entity_type": "WABA", "id": 1, "can_send_message": "LIMITED", "errors": [{"error_code": "141006",
         "error_description": "No payment.", "possible_solution": "Add a card."}]}, "odd"]}, "id": NUMBER});
    let (server, line) = answering(200, body).await;
    let health = line.health().await.unwrap();
    only_request(&server, "GET", "/v24.0/106500000000001", &[("fields", "health_status")]).await;
    assert_eq!(health.entities[0].errors[0].code, Some(141_006));
    assert_eq!(health.problems(), ["WABA is LIMITED: No payment. Add a card."]);
}
