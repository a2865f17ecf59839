//! The fake's contents, used as the real ones are.
use serde_json::{Value, json};
use whatsapp_core::{
    ErrorKind::{Config, InvalidMessage, TemplateRejected},
    Flow, FlowRef, Header, Interactive, MediaFile, MediaKind, OutboundMessage, ReplyButton, Sender, SenderExt,
    Template, Templates, UrlButton,
    testing::Fake,
};
use whatsapp_twilio::{
    Product, RawBody, Twilio, TwilioBuilder, TwilioFake, TwilioFakeConfig,
    content::{ApprovalCategory, ApprovalRequest, ApprovalStatus, ContentAction, ContentDraft, ContentType},
};

use super::noa;

async fn fake() -> (TwilioFake, Twilio) {
    let fake = TwilioFake::start(TwilioFakeConfig::default()).await.unwrap();
    let line = TwilioBuilder::from_settings(&fake.settings("+14155550100")).unwrap().build().unwrap();
    (fake, line)
}

fn reminder() -> ContentDraft {
    let reply = ContentType::quick_reply("היי {{1}}, נתראה מחר?", [ContentAction::reply("yes", "כן")]);
    ContentDraft::new("he", reply).named("reminder").with_sample("1", "דנה")
}

#[tokio::test]
async fn a_template_is_made_approved_and_sent_by_its_name() {
    let (fake, line) = fake().await;
    let sid = line.create_content(&reminder()).await.unwrap().sid.unwrap();
    assert_eq!((sid.len(), &sid[..2]), (34, "HX"));
    assert_eq!(line.content(&sid).await.unwrap().to_draft(), reminder());
    assert_eq!(line.approval(&sid).await.unwrap().status, ApprovalStatus::Unsubmitted);
    assert!(line.list().await.unwrap().is_empty());

    let request = ApprovalRequest::new("reminder", ApprovalCategory::Utility);
    assert_eq!(line.request_approval(&sid, &request).await.unwrap().status, ApprovalStatus::Received);
    assert_eq!(line.approval(&sid).await.unwrap().status, ApprovalStatus::Approved);
    let listed = line.list().await.unwrap();
    assert_eq!((listed[0].name.as_str(), listed[0].text.as_deref()), ("reminder", Some("היי {{1}}, נתראה מחר?")));
    let template = Template::new("reminder", "he").with_parameters(["נועה"]);
    line.send_template(noa(), template.clone()).await.unwrap();
    let accepted = fake.accepted().pop().unwrap();
    assert_eq!((accepted.kind.as_str(), accepted.text.as_deref()), ("template", Some("reminder")));
    assert_eq!(accepted.parameters, ["נועה"]);

    let error = line.update_content(&sid, &reminder()).await.unwrap_err();
    assert_eq!(error.kind(), InvalidMessage, "what was submitted stays as it is");
    line.delete_content(&sid).await.unwrap();
    for error in [
        line.content(&sid).await.unwrap_err(),
        line.approval(&sid).await.unwrap_err(),
        line.delete_content(&sid).await.unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.status()), (Config, Some(404)));
    }
    let error = line.send_template(noa(), template).await.unwrap_err();
    assert_eq!(error.kind(), TemplateRejected);
    let by_id = Template::new(sid, "he");
    assert_eq!(line.send_template(noa(), by_id).await.unwrap_err().code(), Some(21655));
}

#[tokio::test]
async fn approval_may_turn_out_otherwise() {
    let (fake, line) = fake().await;
    let sid = fake.add_template("offer", "he", "היי {{1}}, מבצע!");
    for (status, code) in [("rejected", 63040), ("paused", 63041), ("disabled", 63042)] {
        fake.set_approval(&sid, status);
        assert_eq!(line.approval(&sid).await.unwrap().status.as_str(), status);
        let error = line.send_template(noa(), Template::new(sid.as_str(), "he")).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (TemplateRejected, Some(code)));
    }
    fake.set_approval(&sid, "approved");
    line.send_template(noa(), Template::new("offer", "he").with_parameters(["נועה"])).await.unwrap();
    assert_eq!(fake.contents(), [sid]);
}

#[tokio::test]
async fn questions_arrive_as_asked() {
    let (fake, line) = fake().await;
    let buttons = |body: &str| Interactive::buttons(body, [ReplyButton::new("y", "כן"), ReplyButton::new("n", "לא")]);
    let picture = Header::Media(MediaFile::link(MediaKind::Image, "https://cdn.example/a.jpg").unwrap());
    let cases = [
        (buttons("באים {{2}}?").unwrap(), "באים {{2}}?", vec!["כן", "לא"], None),
        (buttons("ומחר?").unwrap(), "ומחר?", vec!["כן", "לא"], None),
        (buttons("א\n\n\n\n\n\nב").unwrap(), "א\n\n\n\n\n\nב", vec!["כן", "לא"], None),
        (
            buttons("זה?").unwrap().with_header(picture).unwrap(),
            "זה?",
            vec!["כן", "לא"],
            Some("https://cdn.example/a.jpg"),
        ),
        (
            Interactive::url("פרטים", UrlButton::new("לאתר", "https://studio.example/")).unwrap(),
            "פרטים",
            vec!["לאתר"],
            None,
        ),
        (
            Interactive::new(
                "טופס",
                whatsapp_core::Action::Flow(Flow::new(FlowRef::Id("4".to_owned()), "כאן").with_token("t")),
            )
            .unwrap(),
            "טופס",
            vec![],
            None,
        ),
    ];
    for (message, body, titles, link) in cases {
        line.send(&OutboundMessage::new(noa(), message)).await.unwrap();
        let accepted = fake.accepted().pop().unwrap();
        assert_eq!((accepted.kind.as_str(), accepted.text.as_deref()), ("interactive", Some(body)));
        assert_eq!(
            (accepted.parameters, accepted.link.as_deref()),
            (titles.into_iter().map(str::to_owned).collect(), link)
        );
    }
    assert_eq!(fake.contents().len(), 5, "two questions of one shape share a content");

    let (gone, again) = (fake.contents()[0].clone(), buttons("שוב?").unwrap());
    line.delete_content(&gone).await.unwrap();
    line.send(&OutboundMessage::new(noa(), again)).await.unwrap();
    assert_eq!(fake.accepted().pop().unwrap().text.as_deref(), Some("שוב?"));
    assert_eq!((fake.contents().len(), fake.contents().contains(&gone)), (5, false));
    let restarted = TwilioBuilder::from_settings(&fake.settings("+14155550100")).unwrap().build().unwrap();
    restarted.send(&OutboundMessage::new(noa(), buttons("אחרי הפעלה?").unwrap())).await.unwrap();
    assert_eq!(fake.contents().len(), 5, "a restart leaves none behind");
}

#[tokio::test]
async fn lists_come_in_pages() {
    let (fake, line) = fake().await;
    let sids: Vec<_> = (0..5).map(|n| fake.add_template(&format!("t{n}"), "he", "היי")).collect();
    let ask = |path: &'static str, query: Vec<(&'static str, &'static str)>| {
        let line = line.clone();
        async move { line.request_raw(http::Method::GET, Product::Content, path, &query, RawBody::None).await.unwrap().body }
    };
    let first = ask("/v1/Content", vec![("PageSize", "2")]).await;
    let second = line.contents(first["meta"]["next_page_url"].as_str()).await.unwrap();
    let third = line.contents(second.next.as_deref()).await.unwrap();
    let seen = |contents: &[whatsapp_twilio::content::ContentTemplate]| -> Vec<_> {
        contents.iter().filter_map(|content| content.sid.clone()).collect()
    };
    assert_eq!([seen(&second.contents), seen(&third.contents)].concat(), sids[2..]);
    assert_eq!((first["contents"][0]["sid"].as_str(), third.next), (Some(sids[0].as_str()), None));
    let found = ask("/v2/Content", vec![("ContentName", "t3")]).await;
    assert_eq!((found["contents"].as_array().unwrap().len(), &found["contents"][0]["sid"]), (1, &json!(sids[3])));
    assert_eq!(line.list().await.unwrap().len(), 5);
}

#[tokio::test]
async fn the_fake_refuses_what_twilio_requires() {
    let (fake, line) = fake().await;
    let post = |body: Value| {
        let line = line.clone();
        async move { line.request_raw(http::Method::POST, Product::Content, "/v1/Content", &[], RawBody::Json(&body)).await }
    };
    for (body, word) in [
        (json!({"types": {"twilio/text": {"body": "x"}}}), "language"),
        (json!({"language": "he"}), "types"),
        (json!({"language": "he", "types": {}}), "types"),
        (json!({"language": "he", "types": {"twilio/hologram": {}}}), "not known"),
        (json!({"language": "he", "types": {"twilio/text": {}}}), "body"),
        (json!({"language": "he", "types": {"twilio/quick-reply": {"body": "x", "actions": []}}}), "actions"),
        (
            json!({"language": "he", "types": {"twilio/quick-reply": {"body": "x", "actions": [{"title": "y"}]}}}),
            "type",
        ),
        (json!({"language": "he", "types": {"twilio/list-picker": {"body": "x", "items": [1]}}}), "button"),
        (json!({"language": "he", "types": {"twilio/text": {"body": "x"}}, "variables": {"1": 2}}), "variables"),
    ] {
        let error = post(body).await.unwrap_err();
        assert!(error.status() == Some(400) && error.message().contains(word), "{word}: {error}");
    }
    assert!(post(json!({"language": "he", "types": {"twilio/text": {"body": "x"}}})).await.is_ok());
    assert_eq!(fake.contents().len(), 1);
    let mut wrong = fake.settings("+14155550100");
    wrong.set("auth_token", "wrong");
    let wrong = TwilioBuilder::from_settings(&wrong).unwrap().build().unwrap();
    assert_eq!(wrong.contents(None).await.unwrap_err().status(), Some(401));
}

#[tokio::test]
async fn what_this_line_changed_is_known_at_once() {
    let (fake, line) = fake().await;
    let template = || Template::new("HXmas2026", "he").with_parameters(["נועה"]);
    assert_eq!(line.send_template(noa(), template()).await.unwrap_err().kind(), TemplateRejected);
    let sid = line.create_content(&reminder().named("HXmas2026")).await.unwrap().sid.unwrap();
    line.send_template(noa(), template()).await.unwrap();
    let longer = ContentDraft::new("he", ContentType::text("היי {{1}}, ב-{{2}}!")).named("HXmas2026");
    line.update_content(&sid, &longer).await.unwrap();
    let error = line.send_template(noa(), template()).await.unwrap_err();
    assert!(error.message().contains("template.parameters[2]"), "{error}");
    line.request_approval(&sid, &ApprovalRequest::new("xmas", ApprovalCategory::Marketing)).await.unwrap();
    fake.set_approval(&sid, "rejected");
    let error = line.send_template(noa(), template()).await.unwrap_err();
    assert!(error.message().contains("rejected"), "{error}");
    line.delete_content(&sid).await.unwrap();
    let error = line.send_template(noa(), template()).await.unwrap_err();
    assert!(error.message().starts_with("template.name: no content"), "{error}");
}

#[tokio::test]
async fn a_question_that_this_line_changed_is_made_anew() {
    let (fake, line) = fake().await;
    let ask = || Interactive::buttons("באים?", [ReplyButton::new("yes", "כן")]).unwrap();
    line.send_content(noa(), ask()).await.unwrap();
    let content = line.contents(None).await.unwrap().contents.remove(0);
    let mut draft = content.to_draft();
    draft.types = vec![ContentType::quick_reply("{{1}}", [ContentAction::reply("no", "לא")])];
    line.update_content(content.sid.as_deref().unwrap(), &draft).await.unwrap();
    line.send_content(noa(), ask()).await.unwrap();
    assert_eq!(fake.accepted().pop().unwrap().parameters, ["כן"]);
    assert_eq!(fake.contents().len(), 2);
}

#[tokio::test]
async fn what_is_remembered_is_not_shown() {
    let (fake, line) = fake().await;
    fake.add_template("reminder", "he", "היי {{1}}, נתראה!");
    let before = format!("{line:?}");
    line.send_template(noa(), Template::new("reminder", "he").with_parameters(["נועה"])).await.unwrap();
    line.send_content(noa(), Interactive::buttons("באים?", [ReplyButton::new("y", "כן")]).unwrap()).await.unwrap();
    assert_eq!(format!("{line:?}"), before);
}
