//! Templates that are changed: the exact requests, and what is read and sent back.
use serde_json::{Value, json};
use whatsapp_core::{ErrorKind, Retry};
use whatsapp_meta::template::{Button, Category, Component, OtpType, TemplateDefinition};
use wiremock::ResponseTemplate;

use crate::{TOKEN, answering, answering_with, json_body, only_request};

fn thanks() -> TemplateDefinition {
    TemplateDefinition::new("thanks", "he", Category::Utility)
        .with_component(Component::body("תודה {{1}}, קיבלנו.").with_examples(["דנה"]))
}

#[tokio::test]
async fn editing_leaves_name_and_language_out() {
    let (server, line) = answering(200, json!({"success": true, "id": "1387"})).await;
    line.edit_template("1387", &thanks().with_ttl(-1)).await.unwrap();
    let request = only_request(&server, "POST", "/v24.0/1387", &[]).await;
    assert_eq!(
        json_body(&request),
        json!({"category": "UTILITY", "message_send_ttl_seconds": -1, "components": [
            {"type": "BODY", "text": "תודה {{1}}, קיבלנו.", "example": {"body_text": [["דנה"]]}}]})
    );
}

/// An approved template may be changed once a day, so a second try could spend that for nothing.
#[tokio::test]
async fn an_edit_of_unknown_fate_is_in_doubt() {
    for answer in [
        ResponseTemplate::new(500).set_body_json(json!({})),
        ResponseTemplate::new(503).set_body_json(json!({"error": {"code": 2}})),
        ResponseTemplate::new(200).set_body_string("<html>"),
    ] {
        let (_server, line) = answering_with(answer).await;
        assert_eq!(line.edit_template("1", &thanks()).await.unwrap_err().retry(), Retry::Ambiguous);
    }
    let refusal = json!({"error": {"message": "no", "code": 100}});
    let (_server, line) = answering(400, refusal).await;
    assert_eq!(line.edit_template("1", &thanks()).await.unwrap_err().retry(), Retry::Never);
}

#[tokio::test]
async fn what_meta_would_refuse_does_not_leave() {
    let (server, line) = answering(200, json!({"success": true})).await;
    let mut nameless = thanks();
    nameless.name = "Bad Name".to_owned();
    let mut without = thanks();
    without.category = Category::default();
    for bad in [nameless, without] {
        assert_eq!(line.edit_template("1", &bad).await.unwrap_err().kind(), ErrorKind::TemplateRejected);
        assert_eq!(line.create_template(&bad).await.unwrap_err().kind(), ErrorKind::TemplateRejected);
    }
    assert!(server.received_requests().await.unwrap().is_empty());
}

/// An authentication template as Meta answers it: its own wording, and the code's button as a link.
fn told(query: &str) -> Value {
    let address = |code: &str| format!("https://www.whatsapp.com/otp/code/?{query}&code=otp{code}");
    json!({"id": "1387", "name": "login", "language": "en_US", "status": "APPROVED", "category": "AUTHENTICATION",
        "parameter_format": "POSITIONAL", "components": [
        {"type": "BODY", "text": "*{{1}}* is the code. Keep it to yourself.", "add_security_recommendation": true,
         "example": {"body_text": [["493021"]]}},
        {"type": "FOOTER", "text": "It dies after 5 minutes.", "code_expiration_minutes": 5},
        {"type": "BUTTONS", "buttons": [
            {"type": "URL", "text": "Copy it", "url": address("{{1}}"), "example": [address("493021")]}]}]})
}

/// What is sent after `told` was read and given another time to live.
async fn sent_back(told: Value) -> Value {
    let (_server, line) = answering(200, told).await;
    let definition = line.template("1387").await.unwrap().definition.with_ttl(60);
    let (server, line) = answering(200, json!({"success": true})).await;
    line.edit_template("1387", &definition).await.unwrap();
    json_body(&only_request(&server, "POST", "/v24.0/1387", &[]).await)
}

#[tokio::test]
async fn one_time_codes_are_sent_back_as_they_are_made() {
    let app = |name: &str, hash: &str| json!({"package_name": name, "signature_hash": hash});
    for (query, button) in [
        (
            "otp_type=COPY_CODE&code_expiration_minutes=5",
            json!({"type": "OTP", "otp_type": "COPY_CODE", "text": "Copy it"}),
        ),
        (
            "otp_type=ONE_TAP&cta_display_name=Fill+it&package_name=com.a&signature_hash=K8a%2FAINcGX7",
            json!({"type": "OTP", "otp_type": "ONE_TAP", "text": "Copy it", "autofill_text": "Fill it",
                   "supported_apps": [app("com.a", "K8a/AINcGX7")]}),
        ),
        (
            "otp_type=ZERO_TAP&package_name=com.a%2Ccom.b&signature_hash=K8a%2FAINcGX7%2CU4hoZi%2BkgMN",
            json!({"type": "OTP", "otp_type": "ZERO_TAP", "text": "Copy it", "zero_tap_terms_accepted": true,
                   "supported_apps": [app("com.a", "K8a/AINcGX7"), app("com.b", "U4hoZi+kgMN")]}),
        ),
    ] {
        assert_eq!(
            sent_back(told(query)).await,
            json!({"category": "AUTHENTICATION", "parameter_format": "POSITIONAL", "message_send_ttl_seconds": 60,
                "components": [
                    {"type": "BODY", "add_security_recommendation": true},
                    {"type": "FOOTER", "code_expiration_minutes": 5},
                    {"type": "BUTTONS", "buttons": [button]}]}),
            "{query}"
        );
    }
}

#[tokio::test]
async fn one_time_codes_that_were_made_here_stay_as_they_are() {
    let components = [Component::authentication_body(false), Component::buttons([Button::otp(OtpType::CopyCode, [])])];
    let login = TemplateDefinition::new("login", "he", Category::Authentication);
    let login = components.into_iter().fold(login, TemplateDefinition::with_component);
    let (server, line) = answering(200, json!({"success": true})).await;
    line.edit_template("1387", &login).await.unwrap();
    let body = json_body(&only_request(&server, "POST", "/v24.0/1387", &[]).await);
    assert_eq!(body["components"], serde_json::to_value(&login.components).unwrap());
}

#[tokio::test]
async fn a_code_button_that_cannot_be_made_again_names_the_other_way() {
    for query in [
        "otp_type=TELEPATHY",
        "code_expiration_minutes=5",
        "otp_type=ONE_TAP&cta_display_name=Fill",
        "otp_type=ONE_TAP&package_name=com.a%2Ccom.b&signature_hash=K8a%2FAINcGX7",
    ] {
        let (_server, line) = answering(200, told(query)).await;
        let definition = line.template("1387").await.unwrap().definition;
        let (server, line) = answering(200, json!({"success": true})).await;
        let error = line.edit_template("1387", &definition).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TemplateRejected);
        assert!(error.message().contains("upsert_authentication_template"), "{error}");
        assert!(server.received_requests().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_no_brings_its_reason() {
    let (server, line) = answering(200, json!({"success": true, "reason": "It was not paused."})).await;
    line.unpause_template("1387").await.unwrap();
    only_request(&server, "POST", "/v24.0/1387/unpause", &[]).await;
    for no in [json!(false), json!("false")] {
        let body = json!({"success": no, "reason": format!("The quality is still low. {TOKEN}")});
        let (_server, line) = answering(200, body).await;
        for error in [
            line.unpause_template("1387").await.unwrap_err(),
            line.edit_template("1387", &thanks()).await.unwrap_err(),
            line.archive_templates(&["1387"]).await.unwrap_err(),
            line.subscribe_app().await.unwrap_err(),
            line.delete_media("1387").await.unwrap_err(),
        ] {
            assert_eq!((error.kind(), error.retry()), (ErrorKind::InvalidMessage, Retry::Never));
            assert!(error.message().starts_with("The quality is still low."), "{error}");
            assert!(!format!("{error:?}").contains("0that0nobody0"));
        }
    }
    let long = json!({"success": false, "reason": "א".repeat(9000)});
    let (_server, line) = answering(200, long).await;
    assert_eq!(line.unpause_template("1").await.unwrap_err().message().chars().count(), 300);
    for mute in [json!({"success": false}), json!({"success": false, "reason": ""}), json!({"reason": "odd"})] {
        let (_server, line) = answering(200, mute).await;
        assert_eq!(line.unpause_template("1").await.unwrap_err().kind(), ErrorKind::Protocol);
        assert_eq!(line.edit_template("1", &thanks()).await.unwrap_err().retry(), Retry::Ambiguous);
    }
    let coded = json!({"success": false, "reason": "no", "error": {"message": "not yours", "code": 10}});
    let (_server, line) = answering(200, coded).await;
    let error = line.unpause_template("1").await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::PermissionDenied, Some(10)));
}
