//! Messages that ask for a tap: the content that each becomes, the form that sends it, and what has no place there.
use insta::assert_json_snapshot;
use serde_json::json;
use whatsapp_core::{
    Action, CallButton, Card, ErrorKind,
    ErrorKind::{InvalidMessage, Unsupported},
    Flow, FlowRef, FlowStart, Header, Interactive, InteractiveKind, List, MediaCard, MediaFile, MediaKind,
    OutboundMessage, Product, ProductSection, Products, ReplyButton, Retry, Row, Section, Sender, UrlButton,
};
use wiremock::MockServer;

use super::{CONTENT, answers, asked, line, noa, page, takes_messages};

fn picture() -> Header {
    Header::Media(MediaFile::link(MediaKind::Image, "https://cdn.example/a.jpg?x=1").unwrap())
}

fn buttons(body: &str) -> Interactive {
    Interactive::buttons(body, [ReplyButton::new("yes", "כן"), ReplyButton::new("no", "לא")]).unwrap()
}

fn url() -> Interactive {
    Interactive::url("המחירון באתר", UrlButton::new("לאתר", "https://studio.example/?a=1&b=2")).unwrap()
}

fn hours() -> List {
    List::new("שעות", [Row::new("10", "10:00").with_description("פנוי"), Row::new("11", "11:00")])
}

fn flow(flow: Flow) -> Interactive {
    Interactive::new("קובעים תור", Action::Flow(flow)).unwrap()
}

fn form() -> Flow {
    Flow::new(FlowRef::Id("400500600".to_owned()), "לקביעה")
}

fn ask(body: &str, action: Action) -> Interactive {
    Interactive::new(body, action).unwrap()
}

#[tokio::test]
async fn every_kind_becomes_a_content_and_a_form() {
    let sections = [ProductSection::new("כדים", ["jug-1", "jug-2"]), ProductSection::new("כוסות", ["cup-1"])];
    let screen = FlowStart::Screen { screen: Some("WELCOME".to_owned()), data: None };
    let mut product = Interactive::product(Product::new("1017", "jug-1")).unwrap();
    product.body = Some("הכד החדש".to_owned());
    let cases = [
        ("buttons", buttons("נתראה מחר?\nב-10:00")),
        ("buttons under a text", buttons("נתראה?").with_header(Header::Text("תזכורת".to_owned())).unwrap()),
        ("buttons under a picture", buttons("נתראה?").with_header(picture()).unwrap().with_footer("נועה").unwrap()),
        ("body that no value may hold", buttons("אחת\n\n\n\n\nשתיים")),
        ("body with braces", buttons("מה זה {{1}}?")),
        ("list", Interactive::list("מתי נוח?", hours()).unwrap()),
        ("address", url()),
        ("address above small print", url().with_footer("נועה").unwrap()),
        ("form", flow(form())),
        (
            "form in full",
            flow(form().with_token("t-81").starting(screen))
                .with_header(picture())
                .unwrap()
                .with_footer("נועה")
                .unwrap(),
        ),
        ("form of an endpoint", flow(form().starting(FlowStart::Endpoint))),
        ("product", product.with_footer("עד מחר").unwrap()),
        ("products", Interactive::products("חדש", "מה חדש בסטודיו", Products::new("1017", sections)).unwrap()),
    ];
    let mut seen = Vec::new();
    for (name, message) in cases {
        let server = MockServer::start().await;
        answers(&server, "GET", "/v2/Content", 200, page(&[], None)).await;
        answers(&server, "POST", "/v1/Content", 201, json!({"sid": CONTENT})).await;
        takes_messages(&server).await;
        let line = line(&server);
        assert!(line.capabilities().interactive.contains(message.action.kind()), "{name}");
        line.send(&OutboundMessage::new(noa(), message)).await.unwrap();
        let mut asked = asked(&server).await.into_iter();
        let (looked, _) = asked.next().unwrap();
        let (_, content) = asked.next().unwrap();
        let (_, form) = asked.next().unwrap();
        let sought = format!("GET /v2/Content?PageSize=500&ContentName={}", content["friendly_name"].as_str().unwrap());
        assert_eq!((looked, asked.next()), (sought, None), "{name}");
        seen.push(json!({"name": name, "content": content, "form": form}));
    }
    assert_json_snapshot!(seen);
}

#[tokio::test]
async fn what_has_no_place_is_refused_before_io() {
    let server = MockServer::start().await;
    let line = line(&server);
    let list = |sections: Vec<Section>| Interactive::list("מתי?", List::of_sections("שעות", sections)).unwrap();
    let rows = |id: &str| [Row::new(id, "10:00")];
    let uploaded = Header::Media(MediaFile::uploaded(MediaKind::Image, "42"));
    let by_name = Flow::new(FlowRef::Name("booking".to_owned()), "לקביעה");
    let data = FlowStart::Screen { screen: None, data: Some(json!({"x": 1})) };
    let long = Interactive::list("א".repeat(1025), hours()).unwrap();
    let long_url = Interactive::url("א".repeat(641), UrlButton::new("לאתר", "https://studio.example/")).unwrap();
    let card = |text: &str| {
        let file = MediaFile::link(MediaKind::Image, "https://cdn.example/a.jpg").unwrap();
        Card::Media(MediaCard::with_url(file, UrlButton::new(text, "https://studio.example/")))
    };
    let cases: Vec<(Interactive, ErrorKind, &str)> = vec![
        (
            list(vec![Section::new("בוקר", rows("1")), Section::new("ערב", rows("2"))]),
            Unsupported,
            "interactive.list.sections",
        ),
        (list(vec![Section::new("בוקר", rows("1"))]), Unsupported, "interactive.list.sections"),
        (Interactive::list("מתי?", hours()).unwrap().with_footer("x").unwrap(), Unsupported, "interactive.footer"),
        (
            Interactive::list("מתי?", hours()).unwrap().with_header(Header::Text("x".to_owned())).unwrap(),
            Unsupported,
            "interactive.header",
        ),
        (long, InvalidMessage, "interactive.body has 1025 characters, the limit of Twilio is 1024"),
        (long_url, InvalidMessage, "640"),
        (buttons("?").with_header(uploaded).unwrap(), Unsupported, "interactive.header"),
        (flow(by_name), Unsupported, "interactive.flow.reference"),
        (flow(form().with_draft()), Unsupported, "interactive.flow.draft"),
        (flow(form().starting(data)), Unsupported, "interactive.flow.start.data"),
        (flow(form()).with_header(Header::Text("x".to_owned())).unwrap(), Unsupported, "interactive.header"),
        (Interactive::product(Product::new("1017", "jug-1")).unwrap(), InvalidMessage, "interactive.body"),
        (buttons("{{\n\n\n\n\n\n"), InvalidMessage, "interactive.body"),
        (buttons("?").with_footer("{{x}}").unwrap(), InvalidMessage, "interactive.footer"),
        (
            Interactive::buttons("?", [ReplyButton::new("{{      }}", "כן")]).unwrap(),
            InvalidMessage,
            "interactive.buttons[0].id",
        ),
        (
            Interactive::url("?", UrlButton::new("{{x}}", "https://studio.example/")).unwrap(),
            InvalidMessage,
            "interactive.url.text",
        ),
        (
            Interactive::list("?", List::new("x", rows("{{      }}"))).unwrap(),
            InvalidMessage,
            "interactive.list.rows[0].id",
        ),
        (ask("x", Action::Call(CallButton::new().with_text("חייגו"))), Unsupported, "call"),
        (ask("x", Action::CallPermission), Unsupported, "call_permission"),
        (ask("x", Action::Carousel(vec![card("a"), card("b")])), Unsupported, "carousel"),
        (ask("x", Action::Catalog { thumbnail: None }), Unsupported, "catalog"),
        (ask("x", Action::LocationRequest), Unsupported, "location_request"),
        (ask("x", Action::ContactRequest), Unsupported, "contact_request"),
    ];
    for (message, kind, word) in cases {
        let message = OutboundMessage::new(noa(), message);
        let error = line.send(&message).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (kind, Retry::Never), "{error}");
        assert!(error.message().contains(word), "{word}: {error}");
        assert_eq!(line.check(&message).unwrap_err().message(), error.message(), "known without sending");
    }
    let options = whatsapp_twilio::SendOptions::new().with_field("Body", "x");
    let error = line.send_with(&OutboundMessage::new(noa(), buttons("?")), &options).await.unwrap_err();
    assert_eq!(error.kind(), InvalidMessage, "an option is looked at before a content is made");
    assert!(asked(&server).await.is_empty());
}

#[test]
fn capabilities_say_what_works_without_approval() {
    use InteractiveKind::{Buttons, Flow, List, Product, Products, Url};
    let line = whatsapp_twilio::TwilioBuilder::new()
        .with_config(whatsapp_twilio::TwilioConfigKey::AccountSid, super::ACCOUNT)
        .with_config(whatsapp_twilio::TwilioConfigKey::AuthToken, super::TOKEN)
        .with_config(whatsapp_twilio::TwilioConfigKey::From, "+14155550100")
        .build()
        .unwrap();
    let can = line.capabilities();
    let kinds: Vec<_> = can.interactive.iter().collect();
    assert_eq!(kinds, [Buttons, List, Url, Flow, Product, Products]);
    assert_eq!((can.reply_buttons, can.list_rows, can.template_parts), (3, 10, false));
}
