//! What Meta would refuse of a definition, found without asking.
use whatsapp_core::ErrorKind;
use whatsapp_meta::template::{
    Button, Card, Category, Component, HeaderFormat, OtpType, ParameterFormat, SupportedApp, TemplateDefinition,
};

pub(super) fn with(components: impl IntoIterator<Item = Component>) -> TemplateDefinition {
    let empty = TemplateDefinition::new("rules", "he", Category::Marketing);
    components.into_iter().fold(empty, TemplateDefinition::with_component)
}

pub(super) fn body() -> Component {
    Component::body("שלום")
}

pub(super) fn buttons(buttons: impl IntoIterator<Item = Button>) -> TemplateDefinition {
    with([body(), Component::buttons(buttons)])
}

pub(super) fn code(components: impl IntoIterator<Item = Component>) -> TemplateDefinition {
    let mut definition = with(components);
    definition.category = Category::Authentication;
    definition
}

pub(super) fn otp(kind: OtpType) -> Component {
    Component::buttons([Button::otp(kind, [])])
}

fn card(button: Button) -> Card {
    Card::new([Component::media_header(HeaderFormat::Image, "4::a"), body(), Component::buttons([button])])
}

pub(super) fn quick(text: &str) -> Button {
    Button::quick_reply(text)
}

fn refuses(definition: &TemplateDefinition, part: &str) {
    let error = definition.check().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TemplateRejected);
    assert!(error.message().contains(part), "{error} names {part}");
}

#[test]
fn names_and_languages() {
    for (name, language, good) in [
        ("a", "he", true),
        (&*"a".repeat(512), "en_US", true),
        ("a_1", "zh_CN", true),
        ("a", "fil", true),
        ("", "he", false),
        (&*"a".repeat(513), "he", false),
        ("A", "he", false),
        ("a-b", "he", false),
        ("שלום", "he", false),
        ("a", "", false),
        ("a", "hebrew", false),
        ("a", "en-US", false),
        ("a", "he/../x", false),
    ] {
        let definition = TemplateDefinition::new(name, language, Category::Utility).with_component(body());
        assert_eq!(definition.check().is_ok(), good, "{name} {language}");
    }
}

#[test]
fn a_category_is_needed_and_may_be_new() {
    let of = |category: Category| TemplateDefinition::new("rules", "he", category).with_component(body());
    refuses(&of(Category::default()), "category is empty");
    of(Category::Other("SERVICE".to_owned())).check().unwrap();
}

#[test]
fn lengths() {
    let text = |count: usize| "א".repeat(count);
    let offer = |body: Component| with([Component::offer("מבצע", true), body]);
    for good in [
        with([Component::text_header(text(60)), Component::body(text(1024)), Component::footer(text(60))]),
        offer(Component::body(text(600))),
        buttons([quick(&text(25))]),
        buttons([Button::copy_code("a".repeat(15))]),
        buttons([Button::url("א", format!("https://a.b/{}", "a".repeat(1988)))]),
        buttons([Button::phone("א", "+".repeat(20))]),
    ] {
        good.check().unwrap();
    }
    for (bad, part) in [
        (with([Component::text_header(text(61)), body()]), "header has 61 characters, the limit is 60"),
        (with([Component::body(text(1025))]), "body has 1025 characters, the limit is 1024"),
        (with([Component::body("")]), "body is empty"),
        (offer(Component::body(text(601))), "600"),
        (with([body(), Component::footer(text(61))]), "footer has 61"),
        (with([Component::offer(text(17), true), body()]), "limited_time_offer.text"),
        (buttons([quick(&text(26))]), "buttons[0].text has 26"),
        (buttons([quick("")]), "buttons[0].text is empty"),
        (buttons([Button::copy_code("a".repeat(16))]), "buttons[0].example"),
        (buttons([Button::url("א", format!("https://a.b/{}", "a".repeat(1989)))]), "buttons[0].url has 2001"),
        (buttons([quick("א"), Button::phone("א", "+".repeat(21))]), "buttons[1].phone_number"),
    ] {
        refuses(&bad, part);
    }
}

#[test]
fn parts() {
    let footer = || Component::footer("א");
    for (bad, part) in [
        (with([]), "exactly one body"),
        (with([body(), body()]), "exactly one body"),
        (with([body(), footer(), footer()]), "footer stands twice"),
        (with([body(), Component::text_header("א"), Component::text_header("ב")]), "header stands twice"),
        (with([body(), Component::offer("א", true), footer()]), "footer"),
        (with([body(), Component::footer("עם {{1}} כזה")]), "footer: it may have no placeholder"),
        (
            with([
                body(),
                Component::media_header(HeaderFormat::Image, "h").with_examples(["x"]),
                otp(OtpType::CopyCode),
            ]),
            "OTP",
        ),
        (with([body(), Component::text_header("א\nב")]), "new line"),
        (with([body(), Component::bare_header(HeaderFormat::Video)]), "sample"),
    ] {
        refuses(&bad, part);
    }
    let unknown = Component::Other(serde_json::json!({"type": "HOLOGRAM"}));
    with([body(), Component::bare_header(HeaderFormat::Location), unknown, Component::CallPermissionRequest])
        .check()
        .unwrap();
}

#[test]
fn placeholders_and_their_examples() {
    let of = |text: &str, examples: &[&str]| with([Component::body(text).with_examples(examples.iter().copied())]);
    let named = |text: &str, examples: &[&str]| {
        let examples = examples.iter().map(|name| (*name, "דוגמה"));
        with([Component::body(text).with_named_examples(examples)]).with_parameter_format(ParameterFormat::Named)
    };
    for good in [
        of("היי {{1}} ו{{2}}.", &["א", "ב"]),
        of("היי {{ 1 }}, {{1}}!", &["א"]),
        of("היי {{2}} ו{{1}}.", &["א", "ב"]),
        named("היי {{first_name}}, {{order_2}}!", &["first_name", "order_2"]),
        with([Component::text_header("הזמנה {{1}}").with_examples(["7"]), body()]),
    ] {
        good.check().unwrap();
    }
    for (bad, part) in [
        (of("{{1}} היי", &["א"]), "start or the end"),
        (of("היי {{1}}", &["א"]), "start or the end"),
        (of("היי {{1}}{{2}}!", &["א", "ב"]), "side by side"),
        (of("היי {{1}} ו{{2}}.", &["א"]), "2 placeholders, but 1 examples"),
        (of("היי {{1}}!", &["א", "ב"]), "1 placeholders, but 2 examples"),
        (of("היי!", &["א"]), "0 placeholders, but 1 examples"),
        (of("היי {{1}} ו{{3}}.", &["א", "ב"]), "without gaps"),
        (of("היי {{0}}!", &["א"]), "{{0}}"),
        (of("היי {{name}}!", &["א"]), "{{name}}"),
        (of("היי {{1}!", &[]), "braces"),
        (of("היי 1}}!", &[]), "braces"),
        (named("היי {{1}}!", &["1"]), "{{1}}"),
        (named("היי {{Name}}!", &["Name"]), "{{Name}}"),
        (named("היי {{a}}, {{b}}!", &["a"]), "{{b}} has no example"),
        (
            with([Component::text_header("{{1}} {{2}}").with_examples(["א", "ב"]), body()]),
            "2 placeholders, the limit is 1",
        ),
        (with([Component::text_header("הזמנה {{1}}"), body()]), "header: 1 placeholders, but 0 examples"),
    ] {
        refuses(&bad, part);
    }
}

#[test]
fn buttons_and_their_order() {
    let url = || Button::url("א", "https://a.b/");
    let catalog = || Button::Catalog { text: "א".to_owned() };
    let product = || Button::Spm { text: "א".to_owned() };
    let quicks = |count: usize| (0..count).map(|_| quick("א"));
    for good in [
        buttons(quicks(10)),
        buttons([quick("א"), quick("ב"), url(), url(), Button::phone("א", "1")]),
        buttons([url(), Button::phone("א", "1"), quick("א")]),
        buttons([Button::url_with("א", "https://a.b/{{1}}", "https://a.b/x")]),
        buttons([Button::Other(serde_json::json!({"type": "TELEPORT"})), catalog()]),
    ] {
        good.check().unwrap();
    }
    let mut flow = Button::flow("א", "1");
    if let Button::Flow(button) = &mut flow {
        button.flow_id = None;
    }
    for (bad, part) in [
        (buttons([]), "0 buttons are not 1 to 10"),
        (buttons(quicks(11)), "11 buttons"),
        (buttons([quick("א"), url(), quick("ב")]), "stand together"),
        (buttons([url(), quick("א"), url()]), "stand together"),
        (buttons([url(), url(), url()]), "3 of kind URL, the limit is 2"),
        (buttons([Button::phone("א", "1"), Button::phone("ב", "2")]), "PHONE_NUMBER"),
        (buttons([catalog(), catalog()]), "CATALOG"),
        (buttons([product(), product()]), "2 of kind SPM, the limit is 1"),
        (buttons([Button::copy_code("1"), Button::copy_code("2")]), "COPY_CODE"),
        (buttons([Button::url("א", "https://a.b/{{1}}")]), "1 placeholders, but 0 examples"),
        (buttons([Button::url_with("א", "https://{{1}}/a", "https://x/a")]), "at the end"),
        (buttons([Button::url_with("א", "https://a/{{1}}{{2}}", "https://a/b")]), "2 placeholders, the limit is 1"),
        (buttons([Button::url_with("א", "https://a/", "https://a/b")]), "0 placeholders, but 1 examples"),
        (buttons([flow]), "flow_id"),
    ] {
        refuses(&bad, part);
    }
}

#[test]
fn one_time_codes() {
    let apps = || [SupportedApp::new("com.a", "K8a/AINcGX7")];
    let body = || Component::authentication_body(true);
    code([body(), Component::expiration_footer(90), otp(OtpType::CopyCode)]).check().unwrap();
    code([body(), Component::buttons([Button::otp(OtpType::OneTap, apps())])]).check().unwrap();
    code([body(), Component::buttons([Button::otp(OtpType::ZeroTap, apps())])]).check().unwrap();
    let mut terms = Button::otp(OtpType::ZeroTap, apps());
    if let Button::Otp(button) = &mut terms {
        button.zero_tap_terms_accepted = Some(false);
    }
    for (bad, part) in [
        (code([Component::body("הקוד שלך"), otp(OtpType::CopyCode)]), "Meta's wording"),
        (code([body()]), "OTP button"),
        (code([body(), Component::expiration_footer(91), otp(OtpType::CopyCode)]), "91 minutes"),
        (code([body(), Component::expiration_footer(0), otp(OtpType::CopyCode)]), "0 minutes"),
        (code([body(), otp(OtpType::OneTap)]), "supported_apps"),
        (code([body(), otp(OtpType::ZeroTap)]), "supported_apps"),
        (code([body(), Component::buttons([terms])]), "zero_tap_terms_accepted"),
    ] {
        refuses(&bad, part);
    }
}

#[test]
fn carousels() {
    let of = |cards: Vec<Card>| with([body(), Component::carousel(cards)]);
    of(vec![card(quick("א")), card(quick("ב"))]).check().unwrap();
    of((0..10).map(|_| card(quick("א"))).collect()).check().unwrap();
    let three = || Component::buttons([quick("א"), quick("ב"), quick("ג")]);
    let image = || Component::media_header(HeaderFormat::Image, "4::a");
    let long = || Card::new([image(), Component::body("א".repeat(161)), Component::buttons([quick("א")])]);
    let footed = || Card::new([image(), Component::buttons([quick("א")]), Component::footer("א")]);
    for (bad, part) in [
        (of(vec![card(quick("א"))]), "1 cards are not 2 to 10"),
        (of((0..11).map(|_| card(quick("א"))).collect()), "11 cards"),
        (of(vec![card(quick("א")), card(Button::url("ב", "https://a.b"))]), "same parts"),
        (of(vec![Card::new([image()]), Card::new([image()])]), "carousel.cards[0].buttons are missing"),
        (of(vec![Card::new([body()]), Card::new([body()])]), "carousel.cards[0].header is missing"),
        (of(vec![Card::new([image(), three()]), Card::new([image(), three()])]), "3 buttons are not 1 to 2"),
        (of(vec![long(), long()]), "carousel.cards[0].body has 161"),
        (of(vec![footed(), footed()]), "only header, body and buttons"),
    ] {
        refuses(&bad, part);
    }
}

#[test]
fn times_to_live() {
    let of = |category: Category, ttl: i64| {
        let definition = match category {
            Category::Authentication => code([Component::authentication_body(true), otp(OtpType::CopyCode)]),
            category => {
                let mut definition = with([body()]);
                definition.category = category;
                definition
            }
        };
        definition.with_ttl(ttl).check().is_ok()
    };
    let cases: [(Category, &[i64], &[i64]); 3] = [
        (Category::Authentication, &[30, 900, -1], &[29, 901, 0, -2]),
        (Category::Utility, &[30, 43_200, -1], &[29, 43_201, 0]),
        (Category::Marketing, &[43_200, 2_592_000], &[43_199, 2_592_001, -1]),
    ];
    for (category, good, bad) in cases {
        assert!(good.iter().all(|ttl| of(category.clone(), *ttl)), "{category}");
        assert!(!bad.iter().any(|ttl| of(category.clone(), *ttl)), "{category}");
    }
}
