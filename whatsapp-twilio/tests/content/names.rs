//! Templates by their names.
use serde_json::{Value, json};
use whatsapp_core::{
    ErrorKind::{Protocol, TemplateRejected, Unauthenticated, Unavailable},
    OutboundMessage, Provider, Receipt, Result,
    Retry::{Backoff, Never},
    Sender, Template, Templates,
};
use whatsapp_twilio::Twilio;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_string_contains, method, path},
};

use super::{CONTENT, MESSAGES, answers, asked, count, line, noa, page, takes_messages, template};

const LIST: &str = "/v1/ContentAndApprovals";
const EARLY: &str = "2026-01-01T00:00:00Z";
const LATE: &str = "2026-06-01T00:00:00Z";

async fn send(line: &Twilio, name: &str, language: &str) -> Result<Receipt> {
    line.send(&OutboundMessage::new(noa(), Template::new(name, language).with_parameters(["נועה", "10:00"]))).await
}

async fn lists(server: &MockServer, contents: &[Value]) {
    answers(server, "GET", LIST, 200, page(contents, None)).await;
    takes_messages(server).await;
}

#[tokio::test]
async fn a_name_becomes_an_id() {
    let contents = [
        template("HX01", "reminder", "he", "approved", EARLY),
        template("HX02", "reminder", "he", "approved", LATE),
        template("HX03", "reminder", "he", "unsubmitted", "2026-09-01T00:00:00Z"),
        template("HX04", "reminder", "en", "approved", LATE),
        template("HX05", "Reminder", "he", "approved", LATE),
        template("HX06", "draft", "he", "unsubmitted", EARLY),
        template("HX07", "draft", "he", "rejected", LATE),
        template("HX08", "HX-mas offer", "he", "approved", LATE),
        template("HX09", "waiting", "he", "pending", LATE),
        template("HX10", "received", "he", "received", LATE),
        template("HX11", "refused", "he", "rejected", LATE),
        template("HX12", "stopped", "he", "paused", LATE),
        template("HX13", "banned", "he", "disabled", LATE),
        template("HX14", "odd", "he", "in_appeal", LATE),
        template("HX15", "odd", "fr", "approved", LATE),
    ];
    let server = MockServer::start().await;
    lists(&server, &contents).await;
    let line = line(&server);
    for (name, language, sid) in [
        ("reminder", "he", "HX02"),
        ("reminder", "en", "HX04"),
        ("Reminder", "he", "HX05"),
        ("draft", "he", "HX06"),
        ("HX-mas offer", "he", "HX08"),
    ] {
        send(&line, name, language).await.unwrap();
        let (_, form) = asked(&server).await.pop().unwrap();
        let wanted = json!([
            ["To", "whatsapp:+972509876543"],
            ["From", "whatsapp:+14155550100"],
            ["ContentSid", sid],
            ["ContentVariables", "{\"1\":\"נועה\",\"2\":\"10:00\"}"],
        ]);
        assert_eq!(form, wanted, "{name} {language}");
    }
    for (name, language, words, cure) in [
        ("nobody", "he", "template.name: no content of this account has this friendly name", "HX"),
        ("reminder", "fr", "template.language: there is no `fr` of this template, only en, he", "languages"),
        ("reminder", "he_IL", "only en, he", "languages"),
        ("waiting", "he", "it is pending", "Wait"),
        ("received", "he", "it is received", "Wait"),
        ("refused", "he", "it is rejected", "another"),
        ("stopped", "he", "it is paused", "another"),
        ("banned", "he", "it is disabled", "another"),
        ("odd", "he", "it is in_appeal", "another"),
    ] {
        let error = send(&line, name, language).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (TemplateRejected, Never), "{error}");
        assert!(error.message().contains(words) && error.advice().contains(cure), "{error} {}", error.advice());
    }
    assert_eq!(count(&server, "GET").await, 1, "one list for all of them, as it is fresh");
    assert_eq!(count(&server, "POST").await, 5);
}

#[tokio::test]
async fn values_by_name_keep_their_names() {
    let server = MockServer::start().await;
    lists(&server, &[template(CONTENT, "reminder", "he", "approved", LATE)]).await;
    let named = Template::new("reminder", "he").with_named([("who", "נועה"), ("day", "ג'")]);
    line(&server).send(&OutboundMessage::new(noa(), named)).await.unwrap();
    let (_, form) = asked(&server).await.pop().unwrap();
    assert_eq!(form[3], json!(["ContentVariables", "{\"who\":\"נועה\",\"day\":\"ג'\"}"]));
    let bare = Template::new("reminder", "he");
    line(&server).send(&OutboundMessage::new(noa(), bare)).await.unwrap();
    assert_eq!(asked(&server).await.pop().unwrap().1.as_array().unwrap().len(), 3, "no variables, no field");
}

#[tokio::test]
async fn a_value_with_many_blanks_is_refused_before_io() {
    let server = MockServer::start().await;
    let line = line(&server);
    for value in ["a     b", "a\n\n\n\n\nb", "a\tb"] {
        let template = Template::new("reminder", "he").with_parameters([value]);
        let error = line.send(&OutboundMessage::new(noa(), template)).await.unwrap_err();
        assert!(error.message().contains("template.parameters[1]"), "{error}");
    }
    assert!(asked(&server).await.is_empty());
}

#[tokio::test]
async fn a_list_that_fails_surely_sent_nothing() {
    for (status, kind, retry) in [(500, Unavailable, Backoff), (401, Unauthenticated, Never), (200, Protocol, Never)] {
        let server = MockServer::start().await;
        let broken = ResponseTemplate::new(status).set_body_json(json!({"code": null}));
        Mock::given(path(LIST)).respond_with(broken).up_to_n_times(1).mount(&server).await;
        lists(&server, &[template(CONTENT, "reminder", "he", "approved", LATE)]).await;
        let line = line(&server);
        let error = send(&line, "reminder", "he").await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (kind, retry), "{error}");
        assert_eq!(count(&server, "POST").await, 0);
        send(&line, "reminder", "he").await.unwrap();
    }
}

#[tokio::test]
async fn a_template_made_anew_under_its_name_is_found() {
    let server = MockServer::start().await;
    let old =
        ResponseTemplate::new(200).set_body_json(page(&[template("HX0a", "reminder", "he", "approved", EARLY)], None));
    Mock::given(path(LIST)).respond_with(old).up_to_n_times(1).mount(&server).await;
    let refusal = json!({"code": 21655, "message": "The ContentSid is Invalid", "status": 400});
    Mock::given(method("POST"))
        .and(path(MESSAGES))
        .and(body_string_contains("HX0a"))
        .respond_with(ResponseTemplate::new(400).set_body_json(refusal))
        .mount(&server)
        .await;
    lists(&server, &[template("HX0b", "reminder", "he", "approved", LATE)]).await;
    send(&line(&server), "reminder", "he").await.unwrap();
    assert_eq!((count(&server, "GET").await, count(&server, "POST").await), (2, 2));
}

#[tokio::test]
async fn approved_templates_are_listed_over_all_pages() {
    let server = MockServer::start().await;
    let mut card = template("HX04", "offer", "he", "approved", LATE);
    card["types"] = json!({
        "twilio/card": {"title": "הכותרת"}, "twilio/quick-reply": {"body": "{{1}}% הנחה", "actions": []},
    });
    card["approval_requests"]["content_type"] = "twilio/quick-reply".into();
    let mut nameless = template("HX05", "x", "en", "approved", LATE);
    nameless["friendly_name"] = "".into();
    nameless["types"] = json!({"twilio/location": {"latitude": 1.0, "longitude": 2.0}});
    let first = [
        template("HX01", "reminder", "he", "approved", EARLY),
        template("HX02", "session_00", "en", "unsubmitted", LATE),
        card,
    ];
    let next = format!("{}{LIST}?PageSize=200&Page=1", server.uri());
    let one = ResponseTemplate::new(200).set_body_json(page(&first, Some(&next)));
    Mock::given(path(LIST)).respond_with(one).up_to_n_times(1).mount(&server).await;
    let second = [template("HX03", "reminder", "he", "approved", LATE), nameless];
    answers(&server, "GET", LIST, 200, page(&second, None)).await;
    let line = line(&server);
    let mut templates = line.list().await.unwrap();
    templates.sort_by(|a, b| a.name.cmp(&b.name));
    let seen: Vec<_> = templates.iter().map(|one| (&*one.name, &*one.language, one.text.as_deref())).collect();
    assert_eq!(
        seen,
        [("HX05", "en", None), ("offer", "he", Some("{{1}}% הנחה")), ("reminder", "he", Some("היי {{1}}, HX03")),]
    );
    assert!(line.templates().is_some(), "the provider says that it can");
}
