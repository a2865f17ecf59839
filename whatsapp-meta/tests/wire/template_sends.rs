//! What Meta would refuse of a send, found without asking.
use whatsapp_core::{
    ButtonValue, ErrorKind, Location, MediaFile, MediaKind, Parameters, Template, TemplateButton, TemplateCard,
    TemplateHeader,
};
use whatsapp_meta::template::{
    Button, Card, Category, Component, HeaderFormat, OtpType, ParameterFormat, TemplateDefinition,
};

use crate::template_rules::{body, buttons, code, otp, quick, with};

#[test]
fn a_send_must_fit_its_template() {
    let numbered = with([Component::body("היי {{1}}, {{2}}, ושוב {{1}}!").with_examples(["א", "ב"])]);
    let named = with([Component::body("היי {{first}}, {{last}}!")]).with_parameter_format(ParameterFormat::Named);
    let plain = with([body()]);
    let login = code([Component::authentication_body(true), otp(OtpType::CopyCode)]);
    for (definition, template) in [
        (&numbered, send().with_parameters(["א", "ב"])),
        (&named, send().with_named([("last", "ב"), ("first", "א")])),
        (&plain, send()),
        (&plain, send().with_named(Vec::<(String, String)>::new())),
        (&login, Template::authentication("rules", "he", "493021")),
    ] {
        definition.check_send(&template).unwrap();
    }
    let none = Vec::<(String, String)>::new;
    for (definition, template, problem) in [
        (&numbered, send(), "body: the template has 2 placeholders, 0 values are given"),
        (&numbered, send().with_parameters(["א"]), "body: the template has 2 placeholders, 1 value is given"),
        (
            &numbered,
            send().with_parameters(["א", "ב", "ג"]),
            "body: the template has 2 placeholders, 3 values are given",
        ),
        (&numbered, send().with_named(none()), "body: the template has 2 placeholders, 0 values are given"),
        (
            &numbered,
            send().with_named([("1", "א"), ("2", "ב")]),
            "body: the template has numbered placeholders, values are given by name",
        ),
        (
            &named,
            send().with_parameters(["א", "ב"]),
            "body: the template has named placeholders, values are given in order",
        ),
        (&named, send().with_named([("first", "א")]), "body: {{last}} has no value"),
        (
            &named,
            send().with_named([("first", "א"), ("last", "ב"), ("nick", "ג")]),
            "body: the template has no {{nick}}",
        ),
        (
            &named,
            send().with_named([("first", "א"), ("last", "ב"), ("last", "ג")]),
            "body: the template has 2 placeholders, 3 values are given",
        ),
        (&named, send(), "body: the template has 2 placeholders, 0 values are given"),
        (&plain, send().with_parameters(["א"]), "body: the template has 0 placeholders, 1 value is given"),
        (&plain, send().with_named([("a", "א")]), "body: the template has 0 placeholders, 1 value is given"),
        (&login, send(), "body: the template has 1 placeholder, 0 values are given"),
        (&login, send().with_parameters(["1"]), "buttons[0]: the button of kind OTP has no value"),
        (
            &numbered,
            send().with_parameters(["א\nב", "ב"]),
            "body: the value of {{1}} has a new line, a tab or four spaces",
        ),
        (
            &numbered,
            send().with_parameters(["א", "ב    ג"]),
            "body: the value of {{2}} has a new line, a tab or four spaces",
        ),
        (&plain, Template::new("other", "he"), "name: the definition is of another template"),
        (&plain, Template::new("rules", "en_US"), "language: the template is in he, the message asks for en_US"),
    ] {
        let error = definition.check_send(&template).unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::TemplateRejected, problem));
    }
    let american = TemplateDefinition::new("rules", "en_US", Category::Utility).with_component(body());
    american.check_send(&Template::new("rules", "en-US")).unwrap();
}

fn file(kind: MediaKind) -> TemplateHeader {
    TemplateHeader::Media(MediaFile::link(kind, "https://shop.example/a").unwrap())
}

fn value_of(name: Option<&str>) -> TemplateHeader {
    TemplateHeader::Text { name: name.map(str::to_owned), value: "א".into() }
}

fn suffix(at: u8) -> TemplateButton {
    TemplateButton::new(at, ButtonValue::Url { suffix: "x".to_owned() })
}

fn send() -> Template {
    Template::new("rules", "he")
}

fn does_not_fit(definition: &TemplateDefinition, template: &Template, problem: &str) {
    let error = definition.check_send(template).unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::TemplateRejected, problem));
}

#[test]
fn a_sent_header_must_fit() {
    let of = |header: Component| with([header, body()]);
    let image = of(Component::media_header(HeaderFormat::Image, "4::a"));
    let place = of(Component::bare_header(HeaderFormat::Location));
    let open = of(Component::text_header("הזמנה {{order}}").with_named_examples([("order", "7")]));
    let still = of(Component::text_header("הזמנה"));
    let raw = serde_json::json!({"type": "header", "parameters": []});
    for (definition, template) in [
        (&image, send().with_header(file(MediaKind::Image))),
        (&image, send().with_components(vec![raw])),
        (&place, send().with_header(TemplateHeader::Location(Location::new(32.1, 34.8)))),
        (&open, send().with_header(value_of(Some("order")))),
        (&open, send().with_header(value_of(None))),
        (&still, send()),
    ] {
        definition.check_send(&template).unwrap();
    }
    does_not_fit(&image, &send(), "header: the template takes image, nothing is given");
    does_not_fit(
        &image,
        &send().with_header(file(MediaKind::Video)),
        "header: the template takes image, video is given",
    );
    does_not_fit(&place, &send().with_header(value_of(None)), "header: the template takes location, text is given");
    does_not_fit(&open, &send().with_header(value_of(Some("name"))), "header: the template has no {{name}}");
    does_not_fit(&still, &send().with_header(value_of(None)), "header: the template takes no value, text is given");
    let bare = with([body()]);
    let document = send().with_header(file(MediaKind::Document));
    does_not_fit(&bare, &document, "header: the template takes no value, document is given");
}

#[test]
fn sent_buttons_must_fit() {
    let open = || Button::url_with("א", "https://a.b/{{1}}", "https://a.b/x");
    let definition = buttons([quick("כן"), open()]);
    let payload = TemplateButton::new(0, ButtonValue::QuickReply { payload: "yes".to_owned() });
    definition.check_send(&send().with_button(suffix(1))).unwrap();
    definition.check_send(&send().with_button(payload).with_button(suffix(1))).unwrap();
    let raw = serde_json::json!({"type": "BUTTON", "sub_type": "url", "index": 1, "parameters": []});
    definition.check_send(&send().with_components(vec![raw])).unwrap();
    does_not_fit(&definition, &send(), "buttons[1]: the button of kind URL has no value");
    let first = send().with_button(suffix(0));
    does_not_fit(&definition, &first, "buttons[0]: a button of kind QUICK_REPLY does not take this value");
    does_not_fit(&definition, &send().with_button(suffix(2)), "buttons[2]: the template has 2 buttons, counted from 0");
    let coupon = buttons([Button::copy_code("ABC")]);
    does_not_fit(&coupon, &send(), "buttons[0]: the button of kind COPY_CODE has no value");
    let code = TemplateButton::new(0, ButtonValue::CopyCode { code: "ABC".to_owned() });
    coupon.check_send(&send().with_button(code)).unwrap();
    let closed = buttons([Button::url("א", "https://a.b/")]);
    does_not_fit(&closed, &send().with_button(suffix(0)), "buttons[0]: a button of kind URL does not take this value");
    closed.check_send(&send()).unwrap();
    let flow = buttons([Button::flow("א", "1"), Button::Catalog { text: "א".to_owned() }]);
    flow.check_send(&send()).unwrap();
}

#[test]
fn sent_cards_and_offers_must_fit() {
    let open = || Button::url_with("א", "https://a.b/{{1}}", "https://a.b/x");
    let card = || {
        let image = Component::media_header(HeaderFormat::Image, "4::a");
        Card::new([image, Component::body("היי {{1}}!").with_examples(["א"]), Component::buttons([open()])])
    };
    let definition = with([body(), Component::carousel([card(), card()])]);
    let good = || {
        let card = TemplateCard::new(file(MediaKind::Image));
        card.with_parameters(Parameters::positional(["א"])).with_button(suffix(0))
    };
    definition.check_send(&send().with_card(good()).with_card(good())).unwrap();
    does_not_fit(&definition, &send().with_card(good()), "carousel: the template has 2 cards, 1 card is given");
    let of = |second: TemplateCard| send().with_card(good()).with_card(second);
    let problem = "carousel.cards[1].header: the template takes image, video is given";
    does_not_fit(&definition, &of(TemplateCard::new(file(MediaKind::Video))), problem);
    let problem = "carousel.cards[1].body: the template has 1 placeholder, 0 values are given";
    does_not_fit(&definition, &of(TemplateCard::new(file(MediaKind::Image))), problem);
    let problem = "carousel.cards[1].body: the template has numbered placeholders, values are given by name";
    let named = TemplateCard::new(file(MediaKind::Image)).with_parameters(Parameters::named([("name", "א")]));
    does_not_fit(&definition, &of(named), problem);
    let elsewhere = good().with_button(suffix(1));
    let problem = "carousel.cards[1].buttons[1]: the template has 1 button, counted from 0";
    does_not_fit(&definition, &of(elsewhere), problem);
    let unpressed = TemplateCard::new(file(MediaKind::Image)).with_parameters(Parameters::positional(["א"]));
    let problem = "carousel.cards[1].buttons[0]: the button of kind URL has no value";
    does_not_fit(&definition, &of(unpressed), problem);
    does_not_fit(&with([body()]), &send().with_card(good()), "carousel: the template has 0 cards, 1 card is given");

    let ending = with([body(), Component::offer("מבצע", true)]);
    let end = "2027-01-15T08:00:00Z".parse().unwrap();
    ending.check_send(&send().with_offer_end(end)).unwrap();
    does_not_fit(&ending, &send(), "limited_time_offer: the time of its end is missing");
    let endless = with([body(), Component::offer("מבצע", false)]);
    endless.check_send(&send()).unwrap();
    does_not_fit(&endless, &send().with_offer_end(end), "limited_time_offer: the template has none that ends");
}
