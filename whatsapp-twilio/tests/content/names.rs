//! Templates by their names.
use std::{error::Error as _, time::Duration};

use serde_json::{Value, json};
use whatsapp_core::{
    ErrorKind::{InvalidMessage, Protocol, TemplateRejected, Unauthenticated, Unavailable},
    OutboundMessage, Parameter, Parameters, Provider, Receipt, Result,
    Retry::{Backoff, Never},
    Sender, Template, Templates,
    layer::{RetryPolicy, Retrying},
};
use whatsapp_twilio::{Twilio, TwilioBuilder, TwilioConfigKey as Key};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};

use super::{ACCOUNT, CONTENT, MESSAGES, TOKEN, answers, asked, count, line, noa, page, takes_messages, template};

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

/// A template whose words are `body`.
fn saying(body: &str) -> Value {
    let mut content = template(CONTENT, "reminder", "he", "approved", LATE);
    content["types"]["twilio/text"]["body"] = body.into();
    content["variables"] = json!({});
    content
}

#[tokio::test]
async fn values_by_name_keep_their_names() {
    let server = MockServer::start().await;
    lists(&server, &[saying("היי {{who}}, ביום {{day}}")]).await;
    let named = Template::new("reminder", "he").with_named([("who", "נועה"), ("day", "ג'")]);
    line(&server).send(&OutboundMessage::new(noa(), named)).await.unwrap();
    let (_, form) = asked(&server).await.pop().unwrap();
    assert_eq!(form[3], json!(["ContentVariables", "{\"who\":\"נועה\",\"day\":\"ג'\"}"]));

    let server = MockServer::start().await;
    lists(&server, &[saying("היי!")]).await;
    line(&server).send(&OutboundMessage::new(noa(), Template::new("reminder", "he"))).await.unwrap();
    assert_eq!(asked(&server).await.pop().unwrap().1.as_array().unwrap().len(), 3, "no variables, no field");
}

#[tokio::test]
async fn a_value_for_every_placeholder_and_no_other() {
    let mut two_types = saying("היי {{1}}");
    two_types["types"]["twilio/card"] = json!({"title": "{{2}}"});
    let mut code = saying("x");
    code["types"] = json!({"whatsapp/authentication": {"actions": [{"type": "COPY_CODE", "copy_code_text": "x"}]}});
    code["approval_requests"]["content_type"] = "whatsapp/authentication".into();
    let mut sampled = saying("היי {{1}}");
    sampled["variables"] = json!({"1": "דנה", "2": "10:00"});
    let mut unseen = saying("x");
    unseen["types"] = json!({});
    let cases: Vec<(Value, &[&str], Option<&str>)> = vec![
        (saying("היי {{1}}, ב-{{2}}"), &["נועה", "10:00"], None),
        (saying("היי {{1}}, ב-{{2}}"), &["נועה"], Some("template.parameters[2]: it is missing")),
        (saying("היי {{1}}"), &[], Some("template.parameters[1]: it is missing")),
        (saying("היי {{who}}"), &["נועה"], Some("template.parameters[who]: it is missing")),
        (saying("היי {{1}}"), &["נועה", "10:00"], Some("template.parameters[2]: the template has no {{2}}")),
        (saying("היי"), &["נועה"], Some("template.parameters[1]: the template has no {{1}}")),
        (two_types.clone(), &["נועה"], None),
        (two_types, &["נועה", "סדנה"], None),
        (code, &["428913"], None),
        (sampled, &["נועה", "10:00"], None),
        (unseen, &["נועה"], None),
    ];
    for (content, values, problem) in cases {
        let server = MockServer::start().await;
        lists(&server, std::slice::from_ref(&content)).await;
        let template = Template::new("reminder", "he").with_parameters(values.iter().copied());
        let sent = line(&server).send(&OutboundMessage::new(noa(), template)).await;
        assert_eq!(count(&server, "POST").await, usize::from(problem.is_none()), "{}", content["types"]);
        match problem {
            None => drop(sent.unwrap()),
            Some(words) => {
                let error = sent.unwrap_err();
                assert_eq!((error.kind(), error.retry()), (TemplateRejected, Never));
                assert!(error.message().starts_with(words), "{words}: {error}");
            }
        }
    }
}

#[tokio::test]
async fn of_two_that_changed_at_the_same_time_the_listed_one_is_sent() {
    for sids in [["HX0a", "HX0b"], ["HX0b", "HX0a"]] {
        let server = MockServer::start().await;
        lists(&server, &sids.map(|sid| template(sid, "reminder", "he", "approved", LATE))).await;
        let line = line(&server);
        let listed = line.list().await.unwrap();
        send(&line, "reminder", "he").await.unwrap();
        let (_, form) = asked(&server).await.pop().unwrap();
        assert!(listed[0].text.as_deref().unwrap().ends_with(form[2][1].as_str().unwrap()), "{listed:?} {form}");
    }
}

#[tokio::test]
async fn a_slow_list_is_waited_for() {
    let server = MockServer::start().await;
    let slow = page(&[template(CONTENT, "reminder", "he", "approved", LATE)], None);
    let slow = ResponseTemplate::new(200).set_body_json(slow).set_delay(Duration::from_millis(400));
    Mock::given(path(LIST)).respond_with(slow).mount(&server).await;
    takes_messages(&server).await;
    let line = Retrying::new(line(&server), RetryPolicy::default().with_timeout(Duration::from_millis(200)));
    line.send(&OutboundMessage::new(noa(), Template::new("reminder", "he").with_parameters(["נועה", "10:00"])))
        .await
        .unwrap();
    assert_eq!(count(&server, "POST").await, 1, "what was not sent is not in doubt");
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
async fn a_template_that_twilio_refuses_is_not_listed_for_every_message() {
    let server = MockServer::start().await;
    let refusal = json!({"code": 21655, "message": "The ContentSid is Invalid", "status": 400});
    answers(&server, "POST", MESSAGES, 400, refusal).await;
    lists(&server, &[template("HX0a", "reminder", "he", "approved", EARLY)]).await;
    let line = line(&server);
    for _ in 0..3 {
        let error = send(&line, "reminder", "he").await.unwrap_err();
        assert_eq!((error.kind(), error.code(), error.retry()), (TemplateRejected, Some(21655), Never));
    }
    assert_eq!((count(&server, "GET").await, count(&server, "POST").await), (1, 3), "nor sent twice");
}

/// Amounts and times have words of their own, which core does not look into.
#[tokio::test]
async fn an_amount_or_a_time_in_two_lines_is_refused_before_io() {
    let server = MockServer::start().await;
    let line = line(&server);
    for value in [
        Parameter::date_time("10:00\nבבוקר"),
        Parameter::date_time("10:00\tבבוקר"),
        Parameter::currency("120     ₪", "ILS", 120_000),
    ] {
        for name in ["reminder", CONTENT] {
            let mut template = Template::new(name, "he");
            template.parameters = Parameters::positional([Parameter::from("נועה"), value.clone()]);
            let message = OutboundMessage::new(noa(), template);
            let error = line.send(&message).await.unwrap_err();
            assert_eq!((error.kind(), error.retry()), (InvalidMessage, Never));
            assert!(error.message().starts_with("template.parameters[2]: it has a line break"), "{error}");
            assert_eq!(line.check(&message).unwrap_err().message(), error.message());
        }
    }
    assert!(asked(&server).await.is_empty());
}

#[tokio::test]
async fn an_error_is_not_its_own_cause() {
    let server = MockServer::start().await;
    Mock::given(path(LIST)).respond_with(ResponseTemplate::new(503)).mount(&server).await;
    let error = send(&line(&server), "reminder", "he").await.unwrap_err();
    assert!(error.source().is_none(), "Twilio's words are all there is");
    let unreachable = TwilioBuilder::new()
        .with_config(Key::AccountSid, ACCOUNT)
        .with_config(Key::AuthToken, TOKEN)
        .with_config(Key::From, "+14155550100")
        .with_config(Key::BaseUrl, "http://127.0.0.1:9")
        .build()
        .unwrap();
    let error = send(&unreachable, "reminder", "he").await.unwrap_err();
    let chain: Vec<_> =
        std::iter::successors(error.source(), |error| (*error).source()).map(ToString::to_string).collect();
    assert!(!chain.is_empty() && !chain.contains(&error.to_string()), "{error}: {chain:?}");
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
    let next = format!("{}{LIST}?PageSize=500&Page=1", server.uri());
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
        [
            ("HX05", "en", None),
            ("offer", "he", Some("{{1}}% הנחה")),
            ("reminder", "he", Some("היי {{1}}, ב-{{2}}, HX03")),
        ]
    );
    assert!(line.templates().is_some(), "the provider says that it can");
}
