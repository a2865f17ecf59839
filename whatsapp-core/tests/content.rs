//! What may be said, what may not, and that what is stored comes back the same.
#![expect(clippy::unwrap_used, reason = "test code")]

use bytes::Bytes;
use chrono::DateTime;
use proptest::prelude::*;
use serde_json::json;
use whatsapp_core::{
    Action, AddressRequest, Alias, AliasKind, ButtonValue, CallButton, Capabilities, Card, ContactCard, Contacts,
    Content, Envelope, ErrorKind, Event, Flow, FlowRef, FlowStart, Header, Identity, InboundContent, InboundMedia,
    InboundMessage, Interactive, List, Location, MediaCard, MediaFile, MediaKind, Memory, OutboundMessage, Parameter,
    Parameters, PhoneNumber, Product, ProductSection, Products, Reaction, ReplyButton, Row, Section, TapTarget,
    Template, TemplateButton, TemplateCard, TemplateHeader, Text, UrlButton,
};

fn picture() -> MediaFile {
    MediaFile::link(MediaKind::Image, "https://files.example/a.jpg").unwrap()
}

fn card(title: &str) -> Card {
    Card::Media(MediaCard::with_buttons(picture(), [ReplyButton::new(title, title)]).with_body("כרטיס"))
}

fn url() -> UrlButton {
    UrlButton::new("לאתר", "https://studio.example/")
}

/// One content of every kind, all allowed.
fn every_kind() -> Vec<Content> {
    let flow = Flow::new(FlowRef::Id("77".into()), "לטופס").with_token("t").starting(FlowStart::Endpoint);
    let screen = FlowStart::Screen { screen: Some("A".into()), data: Some(json!({"k": 1})) };
    let sections = [Section::new("בוקר", [Row::new("9", "9:00")]), Section::new("ערב", [Row::new("18", "18:00")])];
    let products = Products::new("cat", [ProductSection::new("שמפו", ["sku-1", "sku-2"])]);
    let asks = [
        Interactive::buttons("?", [ReplyButton::new("a", "כן"), ReplyButton::new("b", "לא")])
            .and_then(|ask| ask.with_header(Header::Media(picture())))
            .and_then(|ask| ask.with_footer("מספרת דנה")),
        Interactive::list("?", List::of_sections("שעות", sections)),
        Interactive::url("?", url()).and_then(|ask| ask.with_header(Header::Text("מבצע".into()))),
        Interactive::new("?", Action::Flow(flow)),
        Interactive::new("?", Action::Flow(Flow::new(FlowRef::Name("n".into()), "x").with_draft().starting(screen))),
        Interactive::product(Product::new("cat", "sku-1")),
        Interactive::products("מוצרים", "?", products),
        Interactive::new("?", Action::Catalog { thumbnail: Some("sku-1".into()) }),
        Interactive::new("?", Action::Carousel(vec![card("a"), card("b")])),
        Interactive::new("?", Action::Carousel(["1", "2"].map(|id| Card::Product(Product::new("cat", id))).into())),
        Interactive::new("?", Action::Address(AddressRequest::new("IN").with_value("name", "Asha"))),
        Interactive::new("?", Action::CallPermission),
        Interactive::new("?", Action::Call(CallButton::new().with_text("חייגו").with_ttl_minutes(60))),
        Interactive::new("?", Action::ContactRequest),
        Interactive::new("?", Action::LocationRequest),
    ];
    let template = Template::new("promo", "he")
        .with_parameters([Parameter::from("דנה"), Parameter::currency("₪5", "ILS", 5000), Parameter::date_time("מחר")])
        .with_header(TemplateHeader::Media(picture()))
        .with_button(TemplateButton::new(0, ButtonValue::CopyCode { code: "SALE".into() }))
        .with_button(TemplateButton::new(1, ButtonValue::Flow { token: None, data: Some(json!({})) }))
        .with_offer_end(DateTime::from_timestamp(1_790_000_000, 0).unwrap())
        .with_tap_target(TapTarget::new("https://studio.example/", "Studio"))
        .with_text("wording");
    let cards = ["a", "b"].map(|code| {
        TemplateCard::new(TemplateHeader::Product(Product::new("cat", code)))
            .with_parameters(Parameters::named([("name", "x")]))
            .with_button(TemplateButton::new(0, ButtonValue::QuickReply { payload: code.into() }))
    });
    let carousel = cards.into_iter().fold(Template::new("cards", "he"), Template::with_card);
    let mut all: Vec<Content> = vec![
        Text::new("שלום").with_preview().into(),
        picture().with_caption("תפריט").into(),
        MediaFile::uploaded(MediaKind::Audio, "88").with_voice().into(),
        template.into(),
        carousel.into(),
        Template::new("named", "he").with_named([("first_name", "דנה")]).into(),
        Template::authentication("login", "he", "493021").into(),
        Location::new(32.1, 34.8).with_name("סטודיו").into(),
        Contacts::new([ContactCard::new("דנה כהן").with_phone("+972501234567").with_email("d@x.example")])
            .unwrap()
            .into(),
        Reaction::new("m".into(), "👍").into(),
    ];
    all.extend(asks.map(|ask| ask.unwrap().into()));
    all
}

#[test]
fn every_kind_is_allowed_and_comes_back_from_storage() {
    for content in every_kind() {
        content.check().unwrap();
        let stored = serde_json::to_value(&content).unwrap();
        assert_eq!(serde_json::from_value::<Content>(stored.clone()).unwrap(), content, "{stored}");
    }
}

#[test]
fn a_template_stored_by_an_older_version_is_read() {
    let old = json!({"type": "template", "name": "hi", "language": "he", "parameters": ["a", "b"], "components": [{}]});
    let Content::Template(read) = serde_json::from_value(old).unwrap() else { unreachable!() };
    assert_eq!(read, Template::new("hi", "he").with_parameters(["a", "b"]).with_components(vec![json!({})]));
}

/// A broken message, the field that it names, the limit and the value.
type Case = (Content, &'static str, Option<usize>, Option<usize>);

fn changed(mut ask: Interactive, change: impl FnOnce(&mut Interactive)) -> Content {
    change(&mut ask);
    ask.into()
}

fn broken_interactive() -> Vec<Case> {
    let ask = || Interactive::buttons("?", [ReplyButton::new("a", "b")]).unwrap();
    let action = |action: Action| changed(ask(), |ask| ask.action = action);
    let list = |rows: Vec<Row>| action(Action::List(List::new("שעות", rows)));
    let row = |id: &str| Row::new(id, "t");
    let two = |title: &str, body: &str| Section::new(title, [Row::new(body, body)]);
    vec![
        ("".into(), "text.body", None, None),
        (Location::new(90.1, 0.0).into(), "location", None, None),
        (Location::new(0.0, f64::INFINITY).into(), "location", None, None),
        (picture().with_voice().into(), "media.voice", None, None),
        (MediaFile::uploaded(MediaKind::Image, " ").into(), "media.source", None, None),
        (Reaction::removal("".into()).into(), "reaction.message", None, None),
        (Contacts::default().into(), "contacts", Some(1), Some(0)),
        (changed(ask(), |ask| ask.body = None), "interactive.body", None, None),
        (changed(ask(), |ask| ask.body = Some("ש".repeat(1025))), "interactive.body", Some(1024), Some(1025)),
        (changed(ask(), |ask| ask.footer = Some("ש".repeat(61))), "interactive.footer", Some(60), Some(61)),
        (
            changed(ask(), |ask| ask.header = Some(Header::Text("ש".repeat(61)))),
            "interactive.header",
            Some(60),
            Some(61),
        ),
        (
            changed(ask(), |ask| ask.header = Some(Header::Media(picture().with_caption("x")))),
            "interactive.header",
            None,
            None,
        ),
        (action(Action::Buttons(vec![])), "interactive.buttons", Some(1), Some(0)),
        (
            action(Action::Buttons((0..4).map(|n| ReplyButton::new(n.to_string(), n.to_string())).collect())),
            "interactive.buttons",
            Some(3),
            Some(4),
        ),
        (
            action(Action::Buttons(vec![ReplyButton::new("a", "x"), ReplyButton::new("b", "x")])),
            "interactive.buttons[1]",
            None,
            None,
        ),
        (
            action(Action::Buttons(vec![ReplyButton::new("i".repeat(257), "x")])),
            "interactive.buttons[0].id",
            Some(256),
            Some(257),
        ),
        (list((0..11).map(|n| row(&n.to_string())).collect()), "interactive.list.rows", Some(10), Some(11)),
        (list(vec![row("a"), row("a")]), "interactive.list.rows", None, None),
        (
            list(vec![row("a").with_description("d".repeat(73))]),
            "interactive.list.sections[0].rows[0].description",
            Some(72),
            Some(73),
        ),
        (
            action(Action::List(List::of_sections("b", [two("", "x"), two("t", "y")]))),
            "interactive.list.sections[0].title",
            None,
            None,
        ),
        (action(Action::Url(UrlButton::new("t", "ftp://x.example"))), "interactive.url.url", None, None),
        (action(Action::Carousel(vec![card("a")])), "interactive.carousel", Some(2), Some(1)),
        (
            action(Action::Carousel(vec![card("a"), Card::Product(Product::new("c", "p"))])),
            "interactive.carousel[1]",
            None,
            None,
        ),
        (action(Action::Products(Products::new("c", []))), "interactive.header", None, None),
        (
            Interactive::products("h", "b", Products::new("c", [ProductSection::new("s", ["x"; 30])])).map_or_else(
                |_| unreachable!(),
                |ask| {
                    changed(ask, |ask| {
                        ask.action = Action::Products(Products::new("c", [ProductSection::new("s", ["x"; 31])]));
                    })
                },
            ),
            "interactive.products.products",
            Some(30),
            Some(31),
        ),
        (action(Action::Call(CallButton::new().with_ttl_minutes(43_201))), "interactive.call.ttl_minutes", None, None),
        (action(Action::Address(AddressRequest::new("India"))), "interactive.address.country", None, None),
    ]
}

fn broken_files() -> Vec<Case> {
    let ask = || Interactive::buttons("?", [ReplyButton::new("a", "b")]).unwrap();
    let header = |file: MediaFile| changed(ask(), |ask| ask.header = Some(Header::Media(file)));
    let shown = |file: MediaFile| {
        let card = Card::Media(MediaCard::with_buttons(file, [ReplyButton::new("a", "a")]));
        changed(ask(), |ask| ask.action = Action::Carousel(vec![card.clone(), card]))
    };
    let template = |file: MediaFile| Content::from(Template::new("t", "he").with_header(TemplateHeader::Media(file)));
    let cards = |file: MediaFile| {
        let card = TemplateCard::new(TemplateHeader::Media(file));
        Content::from(Template::new("t", "he").with_card(card.clone()).with_card(card))
    };
    let nameless = MediaFile::uploaded(MediaKind::Image, "");
    let document = MediaFile::uploaded(MediaKind::Document, "1").with_file_name(" ");
    vec![
        (document.clone().into(), "media.file_name", None, None),
        (header(nameless.clone()), "interactive.header.source", None, None),
        (header(picture().with_voice()), "interactive.header.voice", None, None),
        (header(document.clone()), "interactive.header.file_name", None, None),
        (shown(nameless.clone()), "interactive.carousel[0].header.source", None, None),
        (shown(picture().with_voice()), "interactive.carousel[0].header.voice", None, None),
        (shown(picture().with_caption("x")), "interactive.carousel[0].header", None, None),
        (template(nameless.clone()), "template.header.media.source", None, None),
        (template(picture().with_voice()), "template.header.media.voice", None, None),
        (template(document), "template.header.media.file_name", None, None),
        (cards(nameless), "template.cards[0].header.media.source", None, None),
        (cards(picture().with_caption("x")), "template.cards[0].header.media", None, None),
    ]
}

fn broken_words() -> Vec<Case> {
    let ask = || Interactive::buttons("?", [ReplyButton::new("a", "b")]).unwrap();
    let action = |action: Action| changed(ask(), |ask| ask.action = action);
    let thing = |catalog: &str| Card::Product(Product::new(catalog, "p"));
    vec![
        (action(Action::Catalog { thumbnail: Some(String::new()) }), "interactive.catalog.thumbnail", None, None),
        (action(Action::Call(CallButton::new().with_text(" "))), "interactive.call.text", None, None),
        (action(Action::Carousel(vec![thing("a"), thing("b")])), "interactive.carousel[1]", None, None),
        (Reaction::new("m".into(), "👍".repeat(33)).into(), "reaction.emoji", Some(32), Some(33)),
    ]
}

fn broken_values() -> Vec<Case> {
    let template = || Template::new("t", "he");
    let body = |value: &str| Content::from(template().with_parameters(["x", value]));
    let card = |values: Parameters| {
        let cards = ["a", "b"].map(|id| TemplateCard::new(TemplateHeader::Product(Product::new("cat", id))));
        let [first, second] = cards;
        Content::from(template().with_card(first).with_card(second.with_parameters(values)))
    };
    let button = |value: ButtonValue| Content::from(template().with_button(TemplateButton::new(0, value)));
    let call = |ttl_minutes, payload| button(ButtonValue::Call { ttl_minutes, payload });
    let head = |name: Option<&str>, value: &str| {
        let name = name.map(str::to_owned);
        Content::from(template().with_header(TemplateHeader::Text { name, value: value.into() }))
    };
    let tap = |url: &str, title: &str| Content::from(template().with_tap_target(TapTarget::new(url, title)));
    vec![
        (body("a\nb"), "template.parameters[2]", None, None),
        (body("a\r\nb"), "template.parameters[2]", None, None),
        (body("a\tb"), "template.parameters[2]", None, None),
        (body("a    b"), "template.parameters[2]", None, None),
        (head(None, "a\nb"), "template.header.text", None, None),
        (head(Some(" "), "a"), "template.header.name", None, None),
        (card(Parameters::positional(["x", ""])), "template.cards[1].parameters[2]", None, None),
        (card(Parameters::named([("n", "x".repeat(1025))])), "template.cards[1].parameters[n]", Some(1024), Some(1025)),
        (card(Parameters::positional(["a\tb"])), "template.cards[1].parameters[1]", None, None),
        (template().with_named([("", "x")]).into(), "template.parameters[]", None, None),
        (template().with_named([("a", "x"), ("b", "x"), ("a", "y")]).into(), "template.parameters[a]", None, None),
        (tap("ftp://studio.example/", "Studio"), "template.tap_target.url", None, None),
        (tap("studio.example", "Studio"), "template.tap_target.url", None, None),
        (tap("https://studio.example/", " "), "template.tap_target.title", None, None),
        (call(Some(0), None), "template.buttons[0].ttl_minutes", None, None),
        (call(Some(43_201), None), "template.buttons[0].ttl_minutes", None, None),
        (call(None, Some("p".repeat(129))), "template.buttons[0].payload", Some(128), Some(129)),
        (call(None, Some(String::new())), "template.buttons[0].payload", None, None),
        (button(ButtonValue::Catalog { thumbnail: Some(" ".into()) }), "template.buttons[0].thumbnail", None, None),
    ]
}

#[test]
fn what_is_at_a_limit_is_allowed() {
    let card = || Card::Product(Product::new("cat", "p"));
    let call = ButtonValue::Call { ttl_minutes: Some(43_200), payload: Some("p".repeat(128)) };
    let fine: [Content; 8] = [
        Reaction::new("m".into(), "👍".repeat(32)).into(),
        Reaction::new("m".into(), "👨‍👩‍👧‍👦").into(),
        Template::new("t", "he").with_button(TemplateButton::new(0, call)).into(),
        Template::new("t", "he").with_parameters(["a   b", "כן, \"מחר\""]).into(),
        Template::new("t", "he").with_named([("a", "x"), ("b", "x")]).into(),
        Interactive::new("?", Action::Carousel(vec![card(), card()])).unwrap().into(),
        Interactive::new("?", Action::Call(CallButton::new().with_ttl_minutes(1))).unwrap().into(),
        MediaFile::uploaded(MediaKind::Document, "1").with_file_name("a.pdf").into(),
    ];
    for content in fine {
        content.check().unwrap();
    }
}

#[test]
fn no_named_values_are_no_values() {
    let none = Parameters::named(Vec::<(String, String)>::new());
    assert_eq!(none, Parameters::default());
    let template = Template::new("t", "he").with_named(Vec::<(String, String)>::new());
    let stored = serde_json::to_value(&template).unwrap();
    assert_eq!(serde_json::from_value::<Template>(stored).unwrap(), template);
}

#[test]
fn a_sender_refuses_an_answer_to_nothing_and_takes_an_empty_caption_as_none() {
    let can =
        Capabilities::none().with_text(100).with_media(&[MediaKind::Sticker], 100).with_media_ids().with_replies();
    let to: PhoneNumber = "+972501234567".parse().unwrap();
    let text = OutboundMessage::new(to.clone(), "כן");
    let error = can.check(&Memory::ID, &text.clone().in_reply_to(" ".into())).unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::InvalidMessage, "reply_to is empty"));
    can.check(&Memory::ID, &text.in_reply_to("m1".into())).unwrap();
    let sticker = |caption: &str| {
        OutboundMessage::new(to.clone(), MediaFile::uploaded(MediaKind::Sticker, "1").with_caption(caption))
    };
    can.check(&Memory::ID, &sticker("")).unwrap();
    assert_eq!(can.check(&Memory::ID, &sticker("x")).unwrap_err().kind(), ErrorKind::Unsupported);
}

#[test]
fn debug_shows_no_name_no_address_of_a_file_and_no_bytes() {
    let mut file = InboundMedia::new(MediaKind::Image);
    file.url = Some("https://files.example/secret-path?sig=1".into());
    let from = Identity::new(Alias::new(AliasKind::Bsuid, "IL.448012345")).with_name("דנה כהן");
    let message = InboundMessage::new("m1".into(), from, InboundContent::Media(file.clone()));
    let raw = Bytes::from_static(b"{\"name\":\"raw words\"}");
    let shown = format!("{:?}", Envelope::new(Memory::ID, "shop".into(), Event::Message(message), raw));
    for hidden in ["דנה", "secret-path", "sig=1", "raw words", "448012345"] {
        assert!(!shown.contains(hidden), "{hidden}: {shown}");
    }
    assert!(shown.contains("raw: 20 bytes") && shown.contains("named: true"), "{shown}");
    assert!(format!("{file:?}").contains("url: Some("), "{file:?}");
    file.url = None;
    assert!(format!("{file:?}").contains("url: None"), "{file:?}");
}

fn broken_templates() -> Vec<Case> {
    let template = |change: fn(&mut Template)| {
        let mut template = Template::new("t", "he");
        change(&mut template);
        Content::from(template)
    };
    vec![
        (template(|template| template.name.clear()), "template.name", None, None),
        (template(|template| *template = template.clone().with_parameters([""])), "template.parameters[1]", None, None),
        (
            template(|template| {
                template.buttons = vec![TemplateButton::new(0, ButtonValue::CopyCode { code: "x".repeat(16) })];
            }),
            "template.buttons[0].code",
            Some(15),
            Some(16),
        ),
        (
            template(|template| {
                let button = TemplateButton::new(3, ButtonValue::Catalog { thumbnail: None });
                template.buttons = vec![button.clone(), button];
            }),
            "template.buttons[1].index",
            None,
            None,
        ),
        (
            template(|template| template.header = Some(TemplateHeader::Location(Location::new(1.0, 1.0)))),
            "template.header.location",
            None,
            None,
        ),
    ]
}

#[test]
fn a_broken_limit_names_field_limit_and_value() {
    let all = [broken_interactive(), broken_templates(), broken_files(), broken_words(), broken_values()];
    for (content, field, limit, value) in all.into_iter().flatten() {
        let error = content.check().unwrap_err();
        assert_eq!((error.field(), error.limit(), error.value()), (field, limit, value), "{error}");
        assert!(error.to_string().starts_with(field), "{error}");
    }
}

proptest! {
    #[test]
    fn buttons_are_taken_within_their_limits_only(
        title in "[א-ת👍 ]{0,24}", id in "[a-z]{0,3}", body in "[ש ]{0,8}", times in 1usize..200, count in 0usize..6,
    ) {
        let body = body.repeat(times);
        let buttons = (0..count).map(|n| ReplyButton::new(format!("{id}{n}"), format!("{title}{n}")));
        let longest = title.chars().count() + 1;
        let fits = (1..=3).contains(&count) && longest <= 20 && !body.trim().is_empty() && body.chars().count() <= 1024;
        prop_assert_eq!(Interactive::buttons(body, buttons).is_ok(), fits);
    }

    #[test]
    fn any_stored_bytes_are_read_or_refused(text in "\\PC{0,80}") {
        drop(serde_json::from_str::<Content>(&text));
        drop(serde_json::from_str::<Content>(&format!(r#"{{"type":"interactive","action":{text}}}"#)));
    }
}
