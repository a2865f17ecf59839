//! Templates: the exact requests, and definitions that survive the way there and back.
use std::{fs, path::Path};

use serde_json::{Value, json};
use whatsapp_core::{ErrorKind, Retry, Templates};
use whatsapp_meta::template::{
    AuthenticationTemplate, Button, Card, Category, Component, HeaderFormat, LibraryTemplate, OtpType, ParameterFormat,
    SupportedApp, TemplateDefinition, TemplateQuery, TemplateStatus,
};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{path, query_param, query_param_is_missing},
};

use crate::{ACCOUNT, TOKEN, answering, json_body, line_at, only_request};

const FIELDS: (&str, &str) = (
    "fields",
    "id,name,language,status,category,sub_category,parameter_format,components,quality_score,rejected_reason,\
     previous_category,correct_category,message_send_ttl_seconds,cta_url_link_tracking_opted_out,source",
);

fn at(edge: &str) -> String {
    format!("/v24.0/{ACCOUNT}/{edge}")
}

fn thanks() -> TemplateDefinition {
    TemplateDefinition::new("thanks", "he", Category::Utility)
        .with_component(Component::body("תודה {{1}}, קיבלנו.").with_examples(["דנה"]))
}

#[tokio::test]
async fn a_list_goes_by_cursor_and_never_by_address() {
    let server = MockServer::start().await;
    let next = format!("{}/elsewhere?access_token={TOKEN}", server.uri());
    let item = |name: &str| {
        json!({"id": 77, "name": name, "language": "he", "status": "APPROVED", "category": "UTILITY",
                                   "components": [{"type": "BODY", "text": "שלום"}]})
    };
    let first = json!({"data": [item("one"), {"no": "name"}], "paging": {"cursors": {"after": "A"}, "next": next}});
    let last = json!({"data": [item("two")], "paging": {"cursors": {"after": "B"}}});
    let query = TemplateQuery::of_status(TemplateStatus::Approved).in_language("he").in_category(Category::Utility);
    let mock = || {
        let mock = Mock::given(path(at("message_templates"))).and(query_param("status", "APPROVED"));
        mock.and(query_param("language", "he")).and(query_param("category", "UTILITY")).and(query_param("limit", "100"))
    };
    let answer = |body: Value| ResponseTemplate::new(200).set_body_json(body);
    mock().and(query_param_is_missing("after")).respond_with(answer(first)).expect(1).mount(&server).await;
    mock().and(query_param("after", "A")).respond_with(answer(last)).expect(1).mount(&server).await;
    let listed = line_at(&server.uri()).list_templates(&query).await.unwrap();
    let names: Vec<_> = listed.iter().map(|template| &*template.definition.name).collect();
    assert_eq!((names, listed[0].id.as_deref()), (vec!["one", "two"], Some("77")));
}

#[tokio::test]
async fn a_list_may_be_narrowed() {
    let (server, line) = answering(200, json!({"data": []})).await;
    let mut query = TemplateQuery::of_name("thanks");
    query.quality_score = Some("RED".to_owned());
    query.name_or_content = Some("תודה".to_owned());
    assert!(line.list_templates(&query).await.unwrap().is_empty());
    let pairs = [FIELDS, ("limit", "100"), ("name", "thanks"), ("name_or_content", "תודה"), ("quality_score", "RED")];
    only_request(&server, "GET", &at("message_templates"), &pairs).await;
}

#[tokio::test]
async fn a_long_list_is_read() {
    let components = json!([{"type": "BODY", "text": "א".repeat(1024)}]);
    let item = json!({"name": "long", "language": "he", "status": "APPROVED", "components": components});
    let (_server, line) = answering(200, json!({"data": vec![item; 1000]})).await;
    assert_eq!(line.list_templates(&TemplateQuery::default()).await.unwrap().len(), 1000, "2 MB, beyond other answers");
}

#[tokio::test]
async fn the_power_lists_approved_ones_with_their_wording() {
    let item = |name: &str, status: &str| {
        json!({"name": name, "language": "he", "status": status,
        "components": [{"type": "HEADER", "format": "TEXT", "text": "כותרת"}, {"type": "BODY", "text": "שלום {{1}}!"}]})
    };
    let body = json!({"data": [item("one", "APPROVED"), item("two", "PAUSED"), {"name": "bare", "language": "en_US", "status": "approved"}]});
    let (server, line) = answering(200, body).await;
    let power: &dyn Templates = whatsapp_core::Provider::templates(&line).unwrap();
    let list = power.list().await.unwrap();
    let pairs = [FIELDS, ("limit", "100"), ("status", "APPROVED")];
    only_request(&server, "GET", &at("message_templates"), &pairs).await;
    assert_eq!((list.len(), &*list[0].name, list[0].text.as_deref()), (2, "one", Some("שלום {{1}}!")));
    assert_eq!((&*list[1].name, &*list[1].language, list[1].text.as_deref()), ("bare", "en_US", None));
}

#[tokio::test]
async fn one_template_is_this_request() {
    let body = json!({"id": "1387", "name": "t", "language": "he", "status": "IN_LIMBO", "category": "utility",
        "parameter_format": "NAMED", "components": [], "rejected_reason": "NONE",
        "quality_score": {"score": "GREEN", "date": "1760000000", "reasons": ["x"]}, "message_send_ttl_seconds": "60"});
    let (server, line) = answering(200, body).await;
    let template = line.template("1387").await.unwrap();
    only_request(&server, "GET", "/v24.0/1387", &[FIELDS]).await;
    assert_eq!(template.status, Some(TemplateStatus::Other("IN_LIMBO".to_owned())));
    let quality = template.quality_score.unwrap();
    assert_eq!((quality.score.as_deref(), quality.date), (Some("GREEN"), Some(1_760_000_000)));
    let definition = template.definition;
    assert_eq!((definition.category, definition.parameter_format), (Category::Utility, Some(ParameterFormat::Named)));
    assert_eq!(definition.message_send_ttl_seconds, Some(60));
}

#[tokio::test]
async fn making_one_is_this_request() {
    let (server, line) = answering(200, json!({"id": 594, "status": "PENDING", "category": "MARKETING"})).await;
    let definition = TemplateDefinition::new("order_update", "he", Category::Utility)
        .with_parameter_format(ParameterFormat::Named)
        .with_component(Component::text_header("הזמנה {{order_id}}").with_named_examples([("order_id", "A-1")]))
        .with_component(Component::body("שלום {{first_name}}!").with_named_examples([("first_name", "דנה")]))
        .with_component(Component::footer("הסטודיו"))
        .with_component(Component::buttons([
            Button::quick_reply("עצרו"),
            Button::url_with("מעקב", "https://shop.example/{{1}}", "https://shop.example/1"),
            Button::phone("התקשרו", "+97235550100"),
        ]))
        .with_ttl(3600);
    let made = line.create_template(&definition).await.unwrap();
    assert_eq!(
        (made.id.as_deref(), made.status, made.category),
        (Some("594"), Some(TemplateStatus::Pending), Category::Marketing)
    );
    let request = only_request(&server, "POST", &at("message_templates"), &[]).await;
    assert_eq!(
        json_body(&request),
        json!({"name": "order_update", "language": "he", "category": "UTILITY", "parameter_format": "NAMED", "components": [
            {"type": "HEADER", "format": "TEXT", "text": "הזמנה {{order_id}}",
             "example": {"header_text_named_params": [{"param_name": "order_id", "example": "A-1"}]}},
            {"type": "BODY", "text": "שלום {{first_name}}!",
             "example": {"body_text_named_params": [{"param_name": "first_name", "example": "דנה"}]}},
            {"type": "FOOTER", "text": "הסטודיו"},
            {"type": "BUTTONS", "buttons": [
                {"type": "QUICK_REPLY", "text": "עצרו"},
                {"type": "URL", "text": "מעקב", "url": "https://shop.example/{{1}}", "example": ["https://shop.example/1"]},
                {"type": "PHONE_NUMBER", "text": "התקשרו", "phone_number": "+97235550100"}]}],
            "message_send_ttl_seconds": 3600})
    );
}

#[tokio::test]
async fn making_one_is_refused_before_anything_leaves_and_may_be_in_doubt() {
    let (server, line) = answering(500, json!({})).await;
    let bad = TemplateDefinition::new("Bad Name", "he", Category::Utility).with_component(Component::body("שלום"));
    assert_eq!(line.create_template(&bad).await.unwrap_err().kind(), ErrorKind::TemplateRejected);
    assert!(server.received_requests().await.unwrap().is_empty());
    assert_eq!(line.create_template(&thanks()).await.unwrap_err().retry(), Retry::Ambiguous);
    assert_eq!(line.delete_template("thanks").await.unwrap_err().retry(), Retry::Backoff);
    let (_server, line) = answering(200, json!({"status": "PENDING"})).await;
    let error = line.create_template(&thanks()).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Protocol, Retry::Ambiguous));
    let refusal = json!({"error": {"message": "(#100) Invalid parameter", "code": 100, "error_subcode": 2_388_047,
        "error_data": "{\"blame_field_specs\":[[\"components\"]]}", "error_user_msg": "The header has new lines."}});
    let (_server, line) = answering(400, refusal).await;
    let error = line.create_template(&thanks()).await.unwrap_err();
    assert_eq!((error.kind(), error.code(), error.retry()), (ErrorKind::TemplateRejected, Some(100), Retry::Never));
    assert!(error.message().contains("blame_field_specs") && error.message().ends_with("The header has new lines."));
}

#[tokio::test]
async fn deleting_is_one_of_these_requests() {
    let yes = || json!({"success": true});
    let templates = at("message_templates");
    let (server, line) = answering(200, yes()).await;
    line.delete_template("thanks").await.unwrap();
    only_request(&server, "DELETE", &templates, &[("name", "thanks")]).await;
    let (server, line) = answering(200, yes()).await;
    line.delete_template_language("thanks", "1387").await.unwrap();
    only_request(&server, "DELETE", &templates, &[("name", "thanks"), ("hsm_id", "1387")]).await;
    let (server, line) = answering(200, yes()).await;
    line.delete_templates(&["1387", "1388"]).await.unwrap();
    only_request(&server, "DELETE", &templates, &[("hsm_ids", r#"["1387","1388"]"#)]).await;
    let (server, line) = answering(200, yes()).await;
    let many = vec!["1"; 101];
    for ids in [&[][..], &many, &[""], &["1a"], &["1,2"]] {
        assert_eq!(line.delete_templates(ids).await.unwrap_err().kind(), ErrorKind::InvalidMessage);
        assert_eq!(line.archive_templates(ids).await.unwrap_err().kind(), ErrorKind::InvalidMessage);
    }
    assert_eq!(line.delete_template("*").await.unwrap_err().kind(), ErrorKind::TemplateRejected);
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn the_archive_is_beside_the_versions() {
    let body = json!({"archived_templates": ["1", 2], "failed_templates": {"3": "not found"}});
    let (server, line) = answering(200, body).await;
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/request-template-archive.json");
    let wanted: Value = serde_json::from_slice(&fs::read(own).unwrap()).unwrap();
    let ids: Vec<&str> = wanted["hsm_ids"].as_str().unwrap().split(',').collect();
    let archived = line.archive_templates(&ids).await.unwrap();
    assert_eq!(
        (archived.done, archived.failed),
        (vec!["1".to_owned(), "2".to_owned()], vec![("3".to_owned(), "not found".to_owned())])
    );
    let request = only_request(&server, "POST", &format!("/{ACCOUNT}/message_templates/archive"), &[]).await;
    assert_eq!(json_body(&request), wanted);
    let (server, line) = answering(200, json!({"unarchived_templates": ["1"]})).await;
    assert_eq!(line.unarchive_templates(&["1"]).await.unwrap().done, ["1"]);
    let request = only_request(&server, "POST", &format!("/{ACCOUNT}/message_templates/unarchive"), &[]).await;
    assert_eq!(json_body(&request), json!({"hsm_ids": "1"}));
    let (_server, line) = answering(200, json!({"success": true})).await;
    assert_eq!(line.archive_templates(&["7"]).await.unwrap().done, ["7"]);
    let (_server, line) = answering(200, json!({"success": false})).await;
    assert_eq!(line.archive_templates(&["7"]).await.unwrap_err().kind(), ErrorKind::Protocol);
}

#[tokio::test]
async fn one_of_the_library_is_this_request() {
    let (server, line) = answering(200, json!({"id": "1", "status": "APPROVED", "category": "UTILITY"})).await;
    let template = LibraryTemplate::new("my_delivery", "en_US", Category::Utility, "delivery_update_1")
        .with_button_input(json!({"type": "URL", "url": {"base_url": "https://shop.example/{{1}}"}}))
        .with_body_input("add_track_package_link", true);
    assert_eq!(line.create_library_template(&template).await.unwrap().status, Some(TemplateStatus::Approved));
    let request = only_request(&server, "POST", &at("message_templates"), &[]).await;
    assert_eq!(
        json_body(&request),
        json!({"name": "my_delivery", "language": "en_US", "category": "UTILITY",
               "library_template_name": "delivery_update_1",
               "library_template_button_inputs": [{"type": "URL", "url": {"base_url": "https://shop.example/{{1}}"}}],
               "library_template_body_inputs": {"add_track_package_link": true}})
    );
    for bad in [
        LibraryTemplate::new("My Delivery", "en_US", Category::Utility, "delivery_update_1"),
        LibraryTemplate::new("my_delivery", "en_US", Category::default(), "delivery_update_1"),
    ] {
        assert_eq!(line.create_library_template(&bad).await.unwrap_err().kind(), ErrorKind::TemplateRejected);
    }
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn one_time_codes_are_this_request() {
    let body = json!({"data": [{"id": "1", "status": "APPROVED", "language": "he"}, {"id": 2, "status": "PENDING", "language": "en_US"}]});
    let (server, line) = answering(200, body).await;
    let button = Button::otp(OtpType::ZeroTap, [SupportedApp::new("com.example.shop", "K8a/AINcGX7")]);
    let components =
        [Component::authentication_body(true), Component::expiration_footer(10), Component::buttons([button])];
    let template = AuthenticationTemplate::new("login_code", ["he", "en_US"], components.clone());
    let made = line.upsert_authentication_template(&template).await.unwrap();
    assert_eq!((made.len(), made[1].id.as_deref(), &made[1].status), (2, Some("2"), &Some(TemplateStatus::Pending)));
    let request = only_request(&server, "POST", &at("upsert_message_templates"), &[]).await;
    assert_eq!(
        json_body(&request),
        json!({"name": "login_code", "languages": ["he", "en_US"], "category": "AUTHENTICATION", "components": [
            {"type": "BODY", "add_security_recommendation": true}, {"type": "FOOTER", "code_expiration_minutes": 10},
            {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "ZERO_TAP", "zero_tap_terms_accepted": true,
             "supported_apps": [{"package_name": "com.example.shop", "signature_hash": "K8a/AINcGX7"}]}]}]})
    );
    let nobody = AuthenticationTemplate::new("login_code", Vec::<String>::new(), components);
    assert_eq!(line.upsert_authentication_template(&nobody).await.unwrap_err().kind(), ErrorKind::TemplateRejected);
}

/// Every part and button, in Meta's spelling; what is not known stays as it is.
#[test]
fn definitions_survive_both_ways() {
    let definition = TemplateDefinition::new("all", "he", Category::Marketing)
        .with_component(Component::media_header(HeaderFormat::Image, "4::aW"))
        .with_component(Component::offer("מבצע", true))
        .with_component(Component::carousel([Card::new([
            Component::bare_header(HeaderFormat::Product),
            Component::buttons([Button::Spm { text: "הצגה".to_owned() }]),
        ])]))
        .with_component(Component::CallPermissionRequest)
        .with_component(Component::Other(json!({"type": "HOLOGRAM", "depth": 3})))
        .with_component(Component::buttons([
            Button::copy_code("ABC"),
            Button::flow("טופס", "77"),
            Button::Catalog { text: "קטלוג".to_owned() },
            Button::Mpm { text: "פריטים".to_owned() },
            Button::VoiceCall { text: "שיחה".to_owned(), ttl_minutes: Some(60) },
            Button::RequestContactInfo { text: None },
            Button::App {
                text: "אפליקציה".to_owned(),
                more: json!({"deep_link": {"a": 1}}).as_object().unwrap().clone(),
            },
            Button::Other(json!({"type": "TELEPORT", "to": "מאדים"})),
        ]));
    let wire = serde_json::to_value(&definition).unwrap();
    assert_eq!(
        wire["components"],
        json!([
            {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::aW"]}},
            {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "מבצע", "has_expiration": true}},
            {"type": "CAROUSEL", "cards": [{"components": [
                {"type": "HEADER", "format": "PRODUCT"}, {"type": "BUTTONS", "buttons": [{"type": "SPM", "text": "הצגה"}]}]}]},
            {"type": "call_permission_request"},
            {"type": "HOLOGRAM", "depth": 3},
            {"type": "BUTTONS", "buttons": [
                {"type": "COPY_CODE", "example": "ABC"}, {"type": "FLOW", "text": "טופס", "flow_id": "77"},
                {"type": "CATALOG", "text": "קטלוג"}, {"type": "MPM", "text": "פריטים"},
                {"type": "VOICE_CALL", "text": "שיחה", "ttl_minutes": 60}, {"type": "REQUEST_CONTACT_INFO"},
                {"type": "APP", "text": "אפליקציה", "deep_link": {"a": 1}}, {"type": "TELEPORT", "to": "מאדים"}]},
        ])
    );
    assert_eq!(serde_json::from_value::<TemplateDefinition>(wire).unwrap(), definition);
}

#[test]
fn spellings_and_samples_that_differ_are_read() {
    let read = |component: Value| {
        let body = json!({"name": "t", "language": "he", "category": "authentication", "components": [component]});
        serde_json::from_value::<TemplateDefinition>(body).unwrap().components.remove(0)
    };
    for example in [json!([["א"]]), json!(["א"]), json!("א")] {
        let body = read(json!({"type": "body", "text": "היי {{1}}!", "example": {"body_text": example}}));
        assert_eq!(body, Component::body("היי {{1}}!").with_examples(["א"]));
    }
    let otp = read(json!({"type": "buttons", "buttons": [
        {"type": "otp", "otp_type": "one_tap", "text": "Copy", "package_name": "com.a", "signature_hash": "K8a/AINcGX7"}]}));
    let Component::Buttons(buttons) = otp else { panic!("{otp:?}") };
    let Button::Otp(otp) = &buttons.buttons[0] else { panic!("{buttons:?}") };
    assert_eq!((&otp.otp_type, &otp.more["package_name"]), (&OtpType::OneTap, &json!("com.a")));
    assert_eq!(
        read(json!({"type": "BUTTONS", "buttons": [{"type": "COPY_CODE", "text": "העתקה", "example": ["X"]}]})),
        Component::buttons([Button::copy_code("X")])
    );
    assert_eq!(read(json!({"type": "HEADER"})), Component::Other(json!({"type": "HEADER"})), "odd, but not lost");
    assert_eq!(read(json!({"text": "no type"})), Component::Other(json!({"text": "no type"})));
}
