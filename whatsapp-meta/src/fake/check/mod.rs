//! The body of a send, checked as Meta checks it and read back. Source: Meta, Cloud API reference, messages.
mod interactive;

use serde_json::{Map, Value};
use whatsapp_core::{MessageId, PhoneNumber, UserId, testing::Accepted};

use super::MetaFakeLine;

/// Why Meta would refuse.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) code: i64,
    pub(super) title: &'static str,
    pub(super) details: String,
}

type Checked<T> = Result<T, Problem>;

const KNOWN: [&str; 8] = [
    "messaging_product",
    "recipient_type",
    "to",
    "recipient",
    "type",
    "context",
    "biz_opaque_callback_data",
    "recipient_identity_key_hash",
];

fn invalid(details: impl Into<String>) -> Problem {
    Problem { code: 131_009, title: "Parameter value is not valid", details: details.into() }
}

fn missing(name: &str) -> Problem {
    let details = format!("The parameter {name} is required.");
    Problem { code: 131_008, title: "Required parameter is missing", details }
}

fn unexpected(details: String) -> Problem {
    Problem { code: 100, title: "Invalid parameter", details }
}

fn template(code: i64, details: &str) -> Problem {
    Problem { code, title: "Template cannot be sent", details: details.to_owned() }
}

fn text<'v>(object: &'v Value, name: &str) -> Checked<&'v str> {
    object.get(name).ok_or_else(|| missing(name))?.as_str().ok_or_else(|| invalid(format!("{name} is not a string.")))
}

/// A text of 1 to `max` characters.
fn bounded<'v>(object: &'v Value, name: &str, max: usize) -> Checked<&'v str> {
    let value = text(object, name)?;
    if value.is_empty() {
        return Err(missing(name));
    }
    if value.chars().count() > max {
        return Err(unexpected(format!("Param {name} must be at most {max} characters long.")));
    }
    Ok(value)
}

fn only_keys(object: &Map<String, Value>, allowed: &[&str]) -> Checked<()> {
    match object.keys().find(|key| !allowed.contains(&key.as_str())) {
        Some(key) => Err(unexpected(format!("Unexpected key \"{key}\".")))?,
        None => Ok(()),
    }
}

/// Reads a send on `line`; the id is still empty.
pub(super) fn read(line: &MetaFakeLine, body: &Value) -> Checked<Accepted> {
    let object = body.as_object().ok_or_else(|| unexpected("The body is not an object.".to_owned()))?;
    if text(body, "messaging_product")? != "whatsapp" {
        return Err(unexpected("messaging_product must be whatsapp.".to_owned()));
    }
    if body.get("recipient_type").is_some_and(|kind| kind != "individual") {
        return Err(invalid("recipient_type: groups are not enabled for this number."));
    }
    let kind = body.get("type").map_or(Ok("text"), |_| text(body, "type"))?;
    only_keys(object, &[KNOWN.as_slice(), &[kind]].concat())?;
    let mut message = Accepted {
        id: MessageId::from(""),
        to: recipient(body)?,
        kind: kind.to_owned(),
        text: None,
        link: None,
        parameters: Vec::new(),
        reply_to: None,
        correlation: None,
        line: line.phone_number_id.as_str().into(),
    };
    if let Some(context) = body.get("context") {
        message.reply_to = Some(bounded(context, "message_id", 512)?.to_owned());
    }
    if body.get("biz_opaque_callback_data").is_some() {
        message.correlation = bounded(body, "biz_opaque_callback_data", 512)?.parse().ok();
    }
    let content = body.get(kind).ok_or_else(|| missing(kind))?;
    if kind == "contacts" {
        message.text = Some(cards(content)?);
        return Ok(message);
    }
    let fields = content.as_object().ok_or_else(|| invalid(format!("{kind} is not an object.")))?;
    match kind {
        "text" => {
            only_keys(fields, &["body", "preview_url"])?;
            message.text = Some(bounded(content, "body", 4096)?.to_owned());
        }
        "image" | "video" | "audio" | "document" | "sticker" => file(kind, content, fields, &mut message)?,
        "interactive" => interactive::read(content, fields, &mut message)?,
        "location" => {
            only_keys(fields, &["latitude", "longitude", "name", "address"])?;
            message.text =
                Some(format!("{},{}", degrees(content, "latitude", 90.0)?, degrees(content, "longitude", 180.0)?));
        }
        "reaction" => {
            only_keys(fields, &["message_id", "emoji"])?;
            bounded(content, "message_id", 512)?;
            if message.reply_to.is_some() {
                return Err(unexpected("A reaction cannot be a contextual reply.".to_owned()));
            }
            message.text = Some(text(content, "emoji")?.to_owned());
        }
        "template" => {
            only_keys(fields, &["name", "language", "components"])?;
            message.text = Some(bounded(content, "name", 512)?.to_owned());
            bounded(content.get("language").ok_or_else(|| missing("language"))?, "code", 16)?;
            message.parameters = parameters(content)?;
        }
        _ => {
            let details = format!("Message type {kind} is not currently supported.");
            return Err(Problem { code: 131_051, title: "Unsupported message type", details });
        }
    }
    Ok(message)
}

/// `to` wins over `recipient`. What is no international number would get the country code of the business.
fn recipient(body: &Value) -> Checked<String> {
    if body.get("to").is_some() {
        let phone: PhoneNumber = text(body, "to")?.parse().map_err(|_| invalid("to is not a valid phone number."))?;
        return Ok(phone.digits().to_owned());
    }
    let id: UserId = text(body, "recipient")?.parse().map_err(|_| invalid("recipient is not a user id."))?;
    Ok(id.as_str().to_owned())
}

fn file(kind: &str, content: &Value, fields: &Map<String, Value>, message: &mut Accepted) -> Checked<()> {
    let allowed: &[&str] = match kind {
        "document" => &["id", "link", "caption", "filename"],
        "audio" => &["id", "link", "voice"],
        "sticker" => &["id", "link"],
        _ => &["id", "link", "caption"],
    };
    only_keys(fields, allowed)?;
    match (fields.contains_key("id"), fields.contains_key("link")) {
        (true, false) => message.link = Some(bounded(content, "id", 128)?.to_owned()),
        (false, true) => {
            let link = bounded(content, "link", 2048)?;
            if !link.starts_with("https://") && !link.starts_with("http://") {
                return Err(invalid("link is not a URI."));
            }
            message.link = Some(link.to_owned());
        }
        _ => return Err(unexpected(format!("Exactly one of id and link must be given for {kind}."))),
    }
    if fields.contains_key("caption") {
        message.text = Some(bounded(content, "caption", 1024)?.to_owned());
    }
    Ok(())
}

/// Name on the first of 1 to 257 address cards, each of which needs a formatted name and one other part of it.
fn cards(content: &Value) -> Checked<String> {
    let cards = content.as_array().ok_or_else(|| invalid("contacts is not a list."))?;
    if cards.is_empty() || cards.len() > 257 {
        return Err(invalid("contacts: 1 to 257 are allowed."));
    }
    let mut first = None;
    for card in cards {
        let name = card.get("name").ok_or_else(|| missing("name"))?;
        let shown = bounded(name, "formatted_name", 512)?;
        let parts = ["first_name", "last_name", "middle_name", "suffix", "prefix"];
        if !parts.iter().any(|part| name.get(*part).is_some()) {
            return Err(missing("first_name"));
        }
        first.get_or_insert_with(|| shown.to_owned());
    }
    first.ok_or_else(|| missing("contacts"))
}

/// Coordinates are texts or numbers; the answer is as Rust writes the number.
fn degrees(content: &Value, name: &str, most: f64) -> Checked<f64> {
    let value = content.get(name).ok_or_else(|| missing(name))?;
    let number = value.as_f64().or_else(|| value.as_str()?.parse().ok()).filter(|number: &f64| number.abs() <= most);
    number.ok_or_else(|| invalid(format!("{name} is out of range.")))
}

/// The values of a template's body, all named or none.
fn parameters(content: &Value) -> Checked<Vec<String>> {
    let Some(components) = content.get("components") else { return Ok(Vec::new()) };
    let components = components.as_array().ok_or_else(|| invalid("components is not a list."))?;
    let mut values = Vec::new();
    for component in components {
        let kind = text(component, "type")?.to_ascii_lowercase();
        if !matches!(
            &*kind,
            "header" | "body" | "button" | "limited_time_offer" | "carousel" | "tap_target_configuration"
        ) {
            return Err(invalid(format!("components: unknown type {kind}.")));
        }
        if kind != "body" {
            continue;
        }
        let parameters = component.get("parameters").and_then(Value::as_array).ok_or_else(|| missing("parameters"))?;
        let named = parameters.iter().filter(|parameter| parameter.get("parameter_name").is_some()).count();
        if named != 0 && named != parameters.len() {
            return Err(template(132_000, "Named and positional parameters are mixed."));
        }
        for parameter in parameters {
            if text(parameter, "type")? == "text" {
                let value = bounded(parameter, "text", 1024)?;
                if value.contains(['\n', '\t']) || value.contains("    ") {
                    return Err(template(132_018, "A parameter has a new line, a tab or four spaces in a row."));
                }
                values.push(value.to_owned());
            }
        }
    }
    Ok(values)
}
