//! What Meta would refuse of a definition, found without asking. Source: Meta, template components; template management
//! errors.
use whatsapp_core::{Error, ErrorKind, Result};

use super::{
    Body, Button, Card, Category, Component, Footer, Header, HeaderFormat, OtpButton, OtpType, ParameterFormat,
    TemplateDefinition, UrlButton,
    wording::{is_name, is_position, names, placeholders},
};
use crate::ID;

/// Kinds of buttons that a template has one of.
const SINGLE: [&str; 9] =
    ["PHONE_NUMBER", "COPY_CODE", "OTP", "FLOW", "CATALOG", "MPM", "SPM", "VOICE_CALL", "REQUEST_CONTACT_INFO"];

pub(super) fn refuse(problem: impl Into<String>) -> Error {
    Error::new(ID, ErrorKind::TemplateRejected, problem.into())
}

fn rule(holds: bool, problem: impl FnOnce() -> String) -> Result<()> {
    if holds { Ok(()) } else { Err(refuse(problem())) }
}

/// 1 to `most` characters.
fn length(part: &str, text: &str, most: usize) -> Result<()> {
    let count = text.chars().count();
    rule(count > 0, || format!("{part} is empty"))?;
    rule(count <= most, || format!("{part} has {count} characters, the limit is {most}"))
}

/// Whether `name` can be a template's.
pub(super) fn name(name: &str) -> Result<()> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    length("name", name, 512)?;
    rule(name.bytes().all(plain), || "name: only a to z, 0 to 9 and _ are allowed".to_owned())
}

/// Whether `language` has the shape of a template's: `he`, `en_US`.
pub(super) fn language(language: &str) -> Result<()> {
    let (first, rest) = language.split_once('_').unwrap_or((language, "XX"));
    let shaped = (2..=3).contains(&first.len())
        && first.bytes().all(|byte| byte.is_ascii_lowercase())
        && (2..=8).contains(&rest.len())
        && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    rule(shaped, || "language: a code such as he or en_US expected".to_owned())
}

/// Whether `category` says anything; one that this version does not know is Meta's to judge.
pub(super) fn category(category: &Category) -> Result<()> {
    rule(!category.as_str().is_empty(), || "category is empty".to_owned())
}

impl TemplateDefinition {
    /// Checks what can be checked without asking Meta: names, category, lengths, placeholders and their examples, buttons and
    /// their order. Parts that this version does not know pass.
    ///
    /// ```
    /// use whatsapp_meta::template::{Category, Component, TemplateDefinition};
    /// let bad = TemplateDefinition::new("sale", "he", Category::Marketing)
    ///     .with_component(Component::body("{{1}} במבצע"));
    /// assert!(bad.check().unwrap_err().message().contains("start"));
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::TemplateRejected`]; the message names the part and the limit.
    pub fn check(&self) -> Result<()> {
        name(&self.name)?;
        language(&self.language)?;
        category(&self.category)?;
        let by_name = self.parameter_format == Some(ParameterFormat::Named);
        parts(&self.components, by_name, &self.category)?;
        self.check_ttl()
    }

    fn check_ttl(&self) -> Result<()> {
        let Some(ttl) = self.message_send_ttl_seconds else { return Ok(()) };
        let (range, month) = match &self.category {
            Category::Authentication => (30..=900, true),
            Category::Utility => (30..=43_200, true),
            Category::Marketing => (43_200..=2_592_000, false),
            Category::Other(_) => return Ok(()),
        };
        rule(range.contains(&ttl) || month && ttl == -1, || {
            format!("message_send_ttl_seconds is {ttl}, for {} {range:?} are allowed", self.category)
        })
    }
}

fn parts(components: &[Component], by_name: bool, category: &Category) -> Result<()> {
    let count = |of: fn(&Component) -> bool| components.iter().filter(|component| of(component)).count();
    rule(count(|part| matches!(part, Component::Body(_))) == 1, || "a template has exactly one body".to_owned())?;
    for (kind, of) in [
        ("header", (|part| matches!(part, Component::Header(_))) as fn(&Component) -> bool),
        ("footer", |part| matches!(part, Component::Footer(_))),
        ("buttons", |part| matches!(part, Component::Buttons(_))),
        ("carousel", |part| matches!(part, Component::Carousel { .. })),
        ("limited_time_offer", |part| matches!(part, Component::LimitedTimeOffer(_))),
    ] {
        rule(count(of) <= 1, || format!("{kind} stands twice"))?;
    }
    let offer = count(|part| matches!(part, Component::LimitedTimeOffer(_))) == 1;
    rule(!offer || count(|part| matches!(part, Component::Footer(_))) == 0, || {
        "footer: a template with a limited-time offer has none".to_owned()
    })?;
    let code = *category == Category::Authentication;
    for component in components {
        match component {
            Component::Header(of) => header("header", of, by_name)?,
            Component::Body(of) if code => rule(of.text.is_none(), || {
                "body: an authentication template has Meta's wording, without text".to_owned()
            })?,
            Component::Body(of) => body("body", of, by_name, if offer { 600 } else { 1024 })?,
            Component::Footer(of) => footer(of)?,
            Component::Buttons(of) => buttons("buttons", &of.buttons, 10)?,
            Component::LimitedTimeOffer(of) => length("limited_time_offer.text", &of.limited_time_offer.text, 16)?,
            Component::Carousel { cards } => carousel(cards, by_name)?,
            Component::CallPermissionRequest | Component::Other(_) => {}
        }
    }
    let otp = components.iter().any(|component| match component {
        Component::Buttons(of) => of.buttons.iter().any(|button| matches!(button, Button::Otp(_))),
        _ => false,
    });
    rule(otp == code, || "buttons: an authentication template, and no other, has an OTP button".to_owned())
}

/// The placeholders of `text` and how many examples they need.
fn variables<'t>(part: &str, text: &'t str, by_name: bool) -> Result<Vec<&'t str>> {
    let names = names(text);
    let well = if by_name { is_name } else { is_position };
    let format = if by_name { "{{lower_case_name}}" } else { "{{1}}, {{2}} …" };
    for name in &names {
        rule(well(name), || format!("{part}: {{{{{name}}}}} is no placeholder of this template, which has {format}"))?;
    }
    let opened = text.matches("{{").count();
    rule(opened == placeholders(text).len() && opened == text.matches("}}").count(), || {
        format!("{part}: a placeholder's braces do not match")
    })?;
    let most = names.iter().filter_map(|name| name.parse::<usize>().ok()).max().unwrap_or_default();
    rule(by_name || most == names.len(), || format!("{part}: placeholders count from 1 without gaps"))?;
    Ok(names)
}

/// Whether every placeholder has its example.
fn examples(part: &str, names: &[&str], values: &[String], pairs: &[super::NamedExample], by_name: bool) -> Result<()> {
    if !by_name {
        let (wanted, given) = (names.len(), values.len());
        return rule(wanted == given, || format!("{part}: {wanted} placeholders, but {given} examples"));
    }
    let has = |name: &&&str| pairs.iter().any(|pair| pair.param_name == **name);
    match names.iter().find(|name| !has(name)) {
        Some(name) => Err(refuse(format!("{part}: {{{{{name}}}}} has no example"))),
        None => Ok(()),
    }
}

fn header(part: &str, header: &Header, by_name: bool) -> Result<()> {
    let example = header.example.clone().unwrap_or_default();
    match &header.format {
        HeaderFormat::Text => {
            let text = header.text.as_deref().unwrap_or_default();
            length(part, text, 60)?;
            rule(!text.contains('\n'), || format!("{part} has a new line"))?;
            let names = variables(part, text, by_name)?;
            rule(names.len() <= 1, || format!("{part} has {} placeholders, the limit is 1", names.len()))?;
            examples(part, &names, &example.text, &example.named, by_name)
        }
        HeaderFormat::Image | HeaderFormat::Video | HeaderFormat::Document | HeaderFormat::Gif => {
            rule(!example.handle.is_empty(), || format!("{part}: an uploaded sample is missing"))
        }
        HeaderFormat::Location | HeaderFormat::Product | HeaderFormat::Other(_) => Ok(()),
    }
}

fn body(part: &str, body: &Body, by_name: bool, most: usize) -> Result<()> {
    let text = body.text.as_deref().unwrap_or_default();
    length(part, text, most)?;
    let names = variables(part, text, by_name)?;
    let edges = text.trim();
    rule(!edges.starts_with("{{") && !edges.ends_with("}}"), || {
        format!("{part}: a placeholder may not stand at the start or the end")
    })?;
    rule(!text.contains("}}{{"), || format!("{part}: two placeholders stand side by side"))?;
    let example = body.example.clone().unwrap_or_default();
    let row = example.body_text.first().map(Vec::as_slice).unwrap_or_default();
    examples(part, &names, row, &example.body_text_named_params, by_name)
}

fn footer(footer: &Footer) -> Result<()> {
    if let Some(minutes) = footer.code_expiration_minutes {
        return rule((1..=90).contains(&minutes), || format!("footer: {minutes} minutes are not 1 to 90"));
    }
    let text = footer.text.as_deref().unwrap_or_default();
    length("footer", text, 60)?;
    rule(placeholders(text).is_empty(), || "footer: it may have no placeholder".to_owned())
}

fn buttons(part: &str, buttons: &[Button], most: usize) -> Result<()> {
    let count = buttons.len();
    rule((1..=most).contains(&count), || format!("{part}: {count} buttons are not 1 to {most}"))?;
    for (kind, limit) in SINGLE.iter().map(|kind| (*kind, 1)).chain([("URL", 2)]) {
        let count = buttons.iter().filter(|button| button.kind() == kind).count();
        rule(count <= limit, || format!("{part}: {count} of kind {kind}, the limit is {limit}"))?;
    }
    let quick = |button: &Button| matches!(button, Button::QuickReply { .. });
    let changes = buttons.windows(2).filter(|pair| matches!(pair, [a, b] if quick(a) != quick(b))).count();
    rule(changes <= 1, || format!("{part}: quick replies stand together, before or after the others"))?;
    for (at, button) in buttons.iter().enumerate() {
        let part = format!("{part}[{at}]");
        if let Some(text) = button.text() {
            length(&format!("{part}.text"), text, 25)?;
        }
        match button {
            Button::Url(of) => url(&part, of)?,
            Button::PhoneNumber { phone_number, .. } => length(&format!("{part}.phone_number"), phone_number, 20)?,
            Button::CopyCode { example } => {
                length(&format!("{part}.example"), example.as_deref().unwrap_or_default(), 15)?;
            }
            Button::Otp(of) => otp(&part, of)?,
            Button::Flow(of) => {
                let known = [&of.flow_id, &of.flow_name, &of.flow_json].into_iter().any(Option::is_some);
                rule(known, || format!("{part}: the form is missing: flow_id, flow_name or flow_json"))?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn url(part: &str, button: &UrlButton) -> Result<()> {
    let part = format!("{part}.url");
    length(&part, &button.url, 2000)?;
    let count = placeholders(&button.url).len();
    rule(count <= 1, || format!("{part} has {count} placeholders, the limit is 1"))?;
    rule(count == 0 || button.url.ends_with("}}"), || format!("{part}: the placeholder stands at the end"))?;
    rule(count == button.example.len(), || {
        format!("{part}: {count} placeholders, but {} examples", button.example.len())
    })
}

fn otp(part: &str, button: &OtpButton) -> Result<()> {
    let app = !button.supported_apps.is_empty() || button.more.contains_key("package_name");
    match button.otp_type {
        OtpType::OneTap | OtpType::ZeroTap if !app => Err(refuse(format!("{part}: supported_apps is empty"))),
        OtpType::ZeroTap => rule(button.zero_tap_terms_accepted == Some(true), || {
            format!("{part}: zero tap needs zero_tap_terms_accepted")
        }),
        _ => Ok(()),
    }
}

fn carousel(cards: &[Card], by_name: bool) -> Result<()> {
    let count = cards.len();
    rule((2..=10).contains(&count), || format!("carousel: {count} cards are not 2 to 10"))?;
    let shapes: Vec<_> = cards.iter().map(shape).collect();
    rule(shapes.windows(2).all(|pair| matches!(pair, [a, b] if a == b)), || {
        "carousel: all cards have the same parts, header and kinds of buttons".to_owned()
    })?;
    for (at, card) in cards.iter().enumerate() {
        let part = |name: &str| format!("carousel.cards[{at}].{name}");
        let has = |of: fn(&Component) -> bool| card.components.iter().any(of);
        rule(has(|part| matches!(part, Component::Header(_))), || format!("{} is missing", part("header")))?;
        rule(has(|part| matches!(part, Component::Buttons(_))), || format!("{} are missing", part("buttons")))?;
        for component in &card.components {
            match component {
                Component::Header(of) => header(&part("header"), of, by_name)?,
                Component::Body(of) => body(&part("body"), of, by_name, 160)?,
                Component::Buttons(of) => buttons(&part("buttons"), &of.buttons, 2)?,
                Component::Other(_) => {}
                _ => {
                    return Err(refuse(format!(
                        "{}: only header, body and buttons stand on a card",
                        part("components")
                    )));
                }
            }
        }
    }
    Ok(())
}

/// What must be the same of all cards.
fn shape(card: &Card) -> Vec<String> {
    let mut shape = Vec::new();
    for component in &card.components {
        match component {
            Component::Header(of) => shape.push(format!("header {}", of.format)),
            Component::Body(_) => shape.push("body".to_owned()),
            Component::Buttons(of) => shape.extend(of.buttons.iter().map(|button| button.kind().to_owned())),
            _ => {}
        }
    }
    shape.sort();
    shape
}
