//! From a message to the form that sends it. Pure.
//!
//! Source: Twilio, Messages resource, "Create a Message".
use std::borrow::Cow;

use serde::{Serialize, Serializer};
use whatsapp_core::{Content, Error, ErrorKind, Location, OutboundMessage, Parameters, Recipient, Result, Template};

use crate::{ID, media};

/// Fields in the order they are written.
pub(crate) type Fields<'m> = Vec<(&'static str, Cow<'m, str>)>;

/// What is the same for every message of a line.
pub(crate) struct Route<'l> {
    pub(crate) from: &'l str,
    pub(crate) messaging_service: Option<&'l str>,
    pub(crate) status_callback: Option<String>,
}

/// The body of the request that sends `message`.
///
/// `more` stands at the end.
pub(crate) fn body(message: &OutboundMessage, route: Route<'_>, more: &[(&str, String)]) -> Result<String> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("To", &recipient(&message.to)?);
    match route.messaging_service {
        Some(service) => form.append_pair("MessagingServiceSid", service),
        None => form.append_pair("From", route.from),
    };
    form.extend_pairs(content(&message.content)?);
    if let Some(url) = route.status_callback {
        form.append_pair("StatusCallback", &url);
    }
    form.extend_pairs(more);
    Ok(form.finish())
}

pub(crate) fn recipient(to: &Recipient) -> Result<String> {
    match to {
        Recipient::Phone(phone) => Ok(format!("whatsapp:{phone}")),
        Recipient::User(user) => Ok(format!("whatsapp:{user}")),
        _ => Err(unsupported(format!("a {} cannot be reached", to.kind()))),
    }
}

fn content(content: &Content) -> Result<Fields<'_>> {
    match content {
        Content::Text(text) => Ok(vec![("Body", text.body.as_str().into())]),
        Content::Media(file) => media::fields(file),
        Content::Template(template) => template_fields(template),
        Content::Location(place) => Ok(location_fields(place)),
        _ => Err(unsupported(format!("{} cannot be sent", content.kind()))),
    }
}

/// The words by which the message is found in Twilio's list; `None` if Twilio puts them together.
pub(crate) fn words(message: &OutboundMessage) -> Result<Option<String>> {
    let fields = content(&message.content)?;
    let has = |name| fields.iter().any(|(key, _)| *key == name);
    let body = fields.iter().find(|(key, _)| *key == "Body").map(|(_, body)| body.to_string());
    Ok(if has("ContentSid") { None } else { Some(body.unwrap_or_default()) })
}

/// A template is named by its content's id, which stands for one language, so the language is not sent.
fn template_fields(template: &Template) -> Result<Fields<'_>> {
    let is_content_sid = template
        .name
        .strip_prefix("HX")
        .is_some_and(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric()));
    if !is_content_sid {
        let error = Error::new(ID, ErrorKind::TemplateRejected, "template.name is not a content id (`HX…`)");
        return Err(error.with_advice("Name the template by its content's id at Twilio, which begins with HX."));
    }
    let mut fields: Fields<'_> = vec![("ContentSid", template.name.as_str().into())];
    if !template.parameters.is_empty() {
        let variables = serde_json::to_string(&Variables(&template.parameters)).map_err(|error| {
            Error::new(ID, ErrorKind::InvalidMessage, "template.parameters cannot be written").with_source(error)
        })?;
        fields.push(("ContentVariables", variables.into()));
    }
    Ok(fields)
}

/// `{"1":"…","2":"…"}`: an object of texts, in the order given.
struct Variables<'m>(&'m Parameters);

impl Serialize for Variables<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter())
    }
}

/// Twilio wants a text beside the place: what it is called and where it is, else the coordinates.
fn location_fields(place: &Location) -> Fields<'static> {
    let coordinates = format!("{},{}", place.latitude, place.longitude);
    let said = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let words: Vec<_> = [said(&place.name), said(&place.address)].into_iter().flatten().collect();
    let label = words.first().map(|label| format!("|{label}")).unwrap_or_default();
    let body = if words.is_empty() { coordinates.clone() } else { words.join(", ") };
    vec![("Body", body.into()), ("PersistentAction", format!("geo:{coordinates}{label}").into())]
}

fn unsupported(problem: String) -> Error {
    Error::new(ID, ErrorKind::Unsupported, problem)
}
