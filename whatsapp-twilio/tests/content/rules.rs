//! What is refused before any I/O, and what every type is written as.
use serde_json::{Value, json};
use whatsapp_core::{ErrorKind::InvalidMessage, Retry::Never};
use whatsapp_twilio::content::{
    ApprovalCategory, ApprovalRequest, Authentication, Card, Carousel, CarouselCard, Catalog, CatalogItem, CodeButton,
    ContentAction, ContentDraft, ContentTemplate, ContentType, Flows, ListItem, ListPicker, MediaText, Place, Schedule,
    WhatsappCard, WhatsappFlow,
};
use wiremock::MockServer;

use super::{CONTENT, answers, asked, line};

/// A button, and how it is written.
fn go() -> (ContentAction, Value) {
    (ContentAction::reply("go", "קדימה"), json!({"type": "QUICK_REPLY", "title": "קדימה", "id": "go"}))
}

/// Types in one piece, and what stands behind their names.
fn plain_types() -> Vec<(ContentType, Value)> {
    let (reply, reply_json) = go();
    vec![
        (ContentType::text("היי"), json!({"body": "היי"})),
        (
            ContentType::Media(MediaText {
                body: Some("תפריט".to_owned()),
                media: vec!["https://cdn.example/{{1}}".to_owned()],
            }),
            json!({"body": "תפריט", "media": ["https://cdn.example/{{1}}"]}),
        ),
        (
            ContentType::Location(Place {
                latitude: 32.0633,
                longitude: 34.7719,
                label: Some("סטודיו".to_owned()),
                ..Place::default()
            }),
            json!({"latitude": 32.0633, "longitude": 34.7719, "label": "סטודיו"}),
        ),
        (ContentType::quick_reply("באים?", [reply]), json!({"body": "באים?", "actions": [reply_json]})),
        (
            ContentType::call_to_action(
                "עוד",
                [
                    ContentAction::url("לאתר", "https://studio.example/{{1}}"),
                    ContentAction::phone("חייגו", "+97233331234"),
                    ContentAction::copy_code("העתקה", "NOA20"),
                    ContentAction::voice_call("שיחה"),
                    ContentAction::voice_call_request("אפשר להתקשר?"),
                ],
            ),
            json!({"body": "עוד", "actions": [
                {"type": "URL", "title": "לאתר", "url": "https://studio.example/{{1}}"},
                {"type": "PHONE_NUMBER", "title": "חייגו", "phone": "+97233331234"},
                {"type": "COPY_CODE", "title": "העתקה", "code": "NOA20"},
                {"type": "VOICE_CALL", "title": "שיחה"},
                {"type": "VOICE_CALL_REQUEST", "title": "אפשר להתקשר?"},
            ]}),
        ),
        (
            ContentType::ListPicker(ListPicker {
                body: "מתי?".to_owned(),
                button: "שעות".to_owned(),
                items: vec![ListItem {
                    item: "10:00".to_owned(),
                    id: "10".to_owned(),
                    description: Some("פנוי".to_owned()),
                }],
            }),
            json!({"body": "מתי?", "button": "שעות", "items": [{"item": "10:00", "id": "10", "description": "פנוי"}]}),
        ),
    ]
}

/// Types of several parts, and what stands behind their names.
fn rich_types() -> Vec<(ContentType, Value)> {
    let (reply, reply_json) = go();
    let page = json!({"id": "ONE", "layout": []});
    vec![
        (
            ContentType::Card(Card {
                title: "סדנה".to_owned(),
                subtitle: Some("ביום א'".to_owned()),
                actions: vec![reply.clone()],
                ..Card::default()
            }),
            json!({"title": "סדנה", "subtitle": "ביום א'", "actions": [reply_json]}),
        ),
        (
            ContentType::Carousel(Carousel {
                body: "בחרו".to_owned(),
                cards: vec![CarouselCard {
                    body: Some("א".to_owned()),
                    media: Some("https://cdn.example/a.jpg".to_owned()),
                    actions: vec![reply.clone()],
                    title: None,
                }],
            }),
            json!({"body": "בחרו", "cards": [{"body": "א", "media": "https://cdn.example/a.jpg", "actions": [reply_json]}]}),
        ),
        (
            ContentType::Catalog(Catalog {
                body: "חדש".to_owned(),
                id: Some("1017".to_owned()),
                items: vec![CatalogItem {
                    id: Some("sku-1".to_owned()),
                    section_title: Some("כדים".to_owned()),
                    price: Some(49.5),
                    ..CatalogItem::default()
                }],
                ..Catalog::default()
            }),
            json!({"body": "חדש", "id": "1017", "items": [{"id": "sku-1", "section_title": "כדים", "price": 49.5}]}),
        ),
        (
            ContentType::Schedule(Schedule { id: "s".to_owned(), title: "מתי".to_owned(), time_slots: json!("[]") }),
            json!({"id": "s", "title": "מתי", "timeSlots": "[]"}),
        ),
        (
            ContentType::Flows(Flows {
                body: "שאלון".to_owned(),
                button_text: "מתחילים".to_owned(),
                pages: vec![page.clone()],
                kind: "SURVEY".to_owned(),
                ..Flows::default()
            }),
            json!({"body": "שאלון", "button_text": "מתחילים", "pages": [page], "type": "SURVEY"}),
        ),
        (
            ContentType::WhatsappCard(WhatsappCard {
                body: "גוף".to_owned(),
                footer: Some("סוף".to_owned()),
                header_text: Some("ראש".to_owned()),
                actions: vec![reply],
                ..WhatsappCard::default()
            }),
            json!({"body": "גוף", "footer": "סוף", "header_text": "ראש", "actions": [reply_json]}),
        ),
        (
            ContentType::Authentication(Authentication {
                actions: vec![CodeButton { copy_code_text: "העתקה".to_owned() }],
                add_security_recommendation: Some(true),
                code_expiration_minutes: Some(5),
            }),
            json!({"actions": [{"type": "COPY_CODE", "copy_code_text": "העתקה"}], "add_security_recommendation": true,
                "code_expiration_minutes": 5}),
        ),
        (
            ContentType::WhatsappFlow(WhatsappFlow {
                body: "תור".to_owned(),
                button_text: "לקביעה".to_owned(),
                flow_id: "400500600".to_owned(),
                flow_token: Some("{{1}}".to_owned()),
                ..WhatsappFlow::default()
            }),
            json!({"body": "תור", "button_text": "לקביעה", "flow_id": "400500600", "flow_token": "{{1}}"}),
        ),
        (ContentType::Other("twilio/pay".to_owned(), json!({"amount": 3})), json!({"amount": 3})),
    ]
}

#[tokio::test]
async fn every_type_is_written_as_documented_and_read_back() {
    for (kind, behind) in plain_types().into_iter().chain(rich_types()) {
        let server = MockServer::start().await;
        let wanted = json!({"language": "he", "types": {kind.name(): behind}});
        answers(&server, "POST", "/v1/Content", 201, wanted.clone()).await;
        let content = line(&server).create_content(&ContentDraft::new("he", kind.clone())).await.unwrap();
        assert_eq!(asked(&server).await, [("POST /v1/Content".to_owned(), wanted)]);
        assert_eq!(content.types, [kind]);
    }
    let whole: ContentTemplate =
        serde_json::from_value(json!({"types": {"twilio/text": {"text": "no body"}}})).unwrap();
    assert_eq!(whole.types, [ContentType::Other("twilio/text".to_owned(), json!({"text": "no body"}))]);
}

/// What this version does not know must not be deleted by a change of something else.
#[test]
fn a_type_with_an_unknown_field_is_kept_whole() {
    let known = json!({"body": "x", "actions": [{"type": "URL", "title": "t", "url": "https://studio.example"}]});
    let (mut of_type, mut of_button, mut empty) = (known.clone(), known.clone(), known.clone());
    of_type["footer"] = "small".into();
    of_button["actions"][0]["webview_size"] = "TALL".into();
    empty["actions"][0]["id"] = Value::Null;
    for (behind, is_known) in [(known, true), (of_type, false), (of_button, false), (empty, true)] {
        let json = json!({"sid": CONTENT, "language": "he", "types": {"twilio/call-to-action": behind}});
        let content: ContentTemplate = serde_json::from_value(json).unwrap();
        assert_eq!(matches!(content.types[0], ContentType::CallToAction(_)), is_known, "{behind}");
        assert_eq!((content.types[0].name(), content.wording()), ("twilio/call-to-action", Some("x")));
        if !is_known {
            let written = serde_json::to_value(content.to_draft()).unwrap();
            assert_eq!(written["types"]["twilio/call-to-action"], behind);
        }
    }
    let list = json!({"types": {"twilio/list-picker": {"body": "x", "button": "y", "items": [], "new": 1}}});
    let list: ContentTemplate = serde_json::from_value(list).unwrap();
    assert!(!list.types[0].can_be_approved(), "its name says so");
}

#[tokio::test]
async fn what_twilio_requires_is_checked_before_io() {
    let server = MockServer::start().await;
    let line = line(&server);
    let draft = |kind| ContentDraft::new("he", kind);
    let mut typeless = draft(ContentType::text("x"));
    typeless.types.clear();
    let item = |item: &str, id: &str| ListItem { item: item.to_owned(), id: id.to_owned(), description: None };
    let list = |items: Vec<ListItem>| {
        ContentType::ListPicker(ListPicker { body: "x".to_owned(), button: "y".to_owned(), items })
    };
    let action = |action| ContentType::call_to_action("x", [action]);
    let cases = [
        (ContentDraft::new(" ", ContentType::text("x")), "language"),
        (typeless, "types"),
        (draft(ContentType::text("x")).named(""), "friendly_name"),
        (draft(ContentType::text("x")).with_type(ContentType::text("y")), "twilio/text is there twice"),
        (draft(ContentType::text(" ")), "types.twilio/text.body"),
        (draft(ContentType::Media(MediaText::default())), "types.twilio/media.media"),
        (draft(ContentType::Location(Place { latitude: 91.0, ..Place::default() })), "types.twilio/location"),
        (draft(ContentType::quick_reply("x", [])), "types.twilio/quick-reply.actions"),
        (draft(ContentType::quick_reply("", [ContentAction::reply("a", "b")])), "types.twilio/quick-reply.body"),
        (draft(ContentType::quick_reply("x", [ContentAction::reply("a", "")])), "actions[0].title"),
        (draft(action(ContentAction::url("x", ""))), "types.twilio/call-to-action.actions[0].url"),
        (draft(action(ContentAction::phone("x", ""))), "actions[0].phone"),
        (draft(action(ContentAction::copy_code("x", ""))), "actions[0].code"),
        (draft(list(vec![])), "types.twilio/list-picker.items"),
        (draft(list(vec![item("x", "1"), item("", "2")])), "items[1].item"),
        (draft(list(vec![item("x", "")])), "items[0].id"),
        (draft(ContentType::Card(Card::default())), "types.twilio/card.title"),
        (draft(ContentType::Carousel(Carousel { body: "x".to_owned(), cards: vec![] })), "types.twilio/carousel.cards"),
        (draft(ContentType::Catalog(Catalog::default())), "types.twilio/catalog.body"),
        (draft(ContentType::WhatsappCard(WhatsappCard::default())), "types.whatsapp/card.body"),
        (draft(ContentType::Authentication(Authentication::default())), "types.whatsapp/authentication.actions"),
        (
            draft(ContentType::Flows(Flows { body: "x".to_owned(), ..Flows::default() })),
            "types.twilio/flows.button_text",
        ),
        (draft(ContentType::WhatsappFlow(WhatsappFlow::default())), "types.whatsapp/flows.body"),
    ];
    for (draft, word) in &cases {
        for error in [
            line.create_content(draft).await.unwrap_err(),
            line.update_content(CONTENT, draft).await.unwrap_err(),
            draft.check_approval().unwrap_err(),
        ] {
            assert_eq!((error.kind(), error.retry()), (InvalidMessage, Never));
            assert!(error.message().contains(word), "{word}: {error}");
        }
    }
    let request = ApprovalRequest::new("studio", ApprovalCategory::Utility);
    for sid in ["", "HX", "SM1", "HX1/../x", "HX1?x"] {
        assert_eq!(line.content(sid).await.unwrap_err().kind(), InvalidMessage, "{sid}");
        assert_eq!(line.delete_content(sid).await.unwrap_err().kind(), InvalidMessage, "{sid}");
        assert_eq!(line.request_approval(sid, &request).await.unwrap_err().kind(), InvalidMessage, "{sid}");
    }
    let (longest, other) = ("a".repeat(512), ApprovalCategory::Other("TRANSACTIONAL".to_owned()));
    assert!(ApprovalRequest::new(&longest, ApprovalCategory::Marketing).check().is_ok());
    for (request, word) in [
        (ApprovalRequest::new("", ApprovalCategory::Utility), "name"),
        (ApprovalRequest::new("Studio", ApprovalCategory::Utility), "name"),
        (ApprovalRequest::new("סטודיו", ApprovalCategory::Utility), "name"),
        (ApprovalRequest::new("studio-a", ApprovalCategory::Utility), "name"),
        (ApprovalRequest::new(format!("{longest}a"), ApprovalCategory::Utility), "name"),
        (ApprovalRequest::new("studio", other), "category"),
    ] {
        let error = line.request_approval(CONTENT, &request).await.unwrap_err();
        assert!(error.kind() == InvalidMessage && error.message().starts_with(word), "{error}");
    }
    assert!(asked(&server).await.is_empty());
}

#[test]
fn approval_needs_samples_and_a_type_that_is_approved() {
    let list = ContentType::ListPicker(ListPicker {
        body: "מתי?".to_owned(),
        button: "שעות".to_owned(),
        items: vec![ListItem { item: "10:00".to_owned(), id: "10".to_owned(), description: None }],
    });
    let error = ContentDraft::new("he", list.clone()).check_approval().unwrap_err();
    assert!(error.message().contains("neither lists nor places"), "{error}");
    assert!(ContentDraft::new("he", list).with_type(ContentType::text("מתי?")).check_approval().is_ok());
    let action = ContentAction::url("לאתר", "https://studio.example/{{ page }}");
    let draft = ContentDraft::new("he", ContentType::call_to_action("היי {{1}}!", [action]));
    let error = draft.clone().with_sample("1", "נועה").check_approval().unwrap_err();
    assert!(error.message().contains("{{page}}"), "{error}");
    assert!(draft.clone().with_sample("1", " ").with_sample("page", "x").check_approval().is_err());
    assert!(draft.with_sample("1", "נועה").with_sample("page", "x").check_approval().is_ok());
}
