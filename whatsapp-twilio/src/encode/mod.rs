//! From a message to the form that sends it. Pure.
//!
//! Source: Twilio, Messages resource, "Create a Message".
pub(crate) mod interactive;
pub(crate) mod template;
mod values;

use std::borrow::Cow;

use serde::{Serialize, Serializer};
use whatsapp_core::{Content, Error, ErrorKind, Location, OutboundMessage, Recipient, Result};

use crate::{ID, content::Filled, media};

/// Fields in the order they are written.
pub(crate) type Fields<'m> = Vec<(&'static str, Cow<'m, str>)>;

/// What is the same for every message of a line.
pub(crate) struct Route<'l> {
    pub(crate) from: &'l str,
    pub(crate) messaging_service: Option<&'l str>,
    pub(crate) status_callback: Option<String>,
}

/// The body of the request that sends `message`, by the content in `filled` if it needs one.
///
/// `more` stands at the end.
pub(crate) fn body(
    message: &OutboundMessage,
    filled: Option<&Filled>,
    route: Route<'_>,
    more: &[(&str, String)],
) -> Result<String> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("To", &recipient(&message.to)?);
    match route.messaging_service {
        Some(service) => form.append_pair("MessagingServiceSid", service),
        None => form.append_pair("From", route.from),
    };
    match filled {
        Some(filled) => form.extend_pairs(content_fields(filled)?),
        None => form.extend_pairs(content(&message.content)?),
    };
    if let Some(url) = route.status_callback {
        form.append_pair("StatusCallback", &url);
    }
    form.extend_pairs(more);
    Ok(form.finish())
}

/// What can be known of `message` without asking: whether there is a form for it.
pub(crate) fn check(message: &OutboundMessage) -> Result<()> {
    recipient(&message.to)?;
    match &message.content {
        Content::Template(wanted) => template::check(wanted),
        Content::Interactive(ask) => interactive::session(ask).map(drop),
        other => content(other).map(drop),
    }
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
        Content::Location(place) => Ok(location_fields(place)),
        _ => Err(unsupported(format!("{} cannot be sent", content.kind()))),
    }
}

/// The words by which the message is found in Twilio's list; `None` if Twilio puts them together.
pub(crate) fn words(message: &OutboundMessage) -> Result<Option<String>> {
    if matches!(message.content, Content::Template(_) | Content::Interactive(_)) {
        return Ok(None);
    }
    let fields = content(&message.content)?;
    let body = fields.iter().find(|(key, _)| *key == "Body").map(|(_, body)| body.to_string());
    Ok(Some(body.unwrap_or_default()))
}

/// A content's id stands for one language, so the language is not sent.
fn content_fields(filled: &Filled) -> Result<Fields<'_>> {
    let mut fields: Fields<'_> = vec![("ContentSid", filled.sid.as_str().into())];
    if !filled.variables.is_empty() {
        let variables = serde_json::to_string(&Variables(&filled.variables)).map_err(|error| {
            Error::new(ID, ErrorKind::InvalidMessage, "template.parameters cannot be written").with_source(error)
        })?;
        fields.push(("ContentVariables", variables.into()));
    }
    Ok(fields)
}

/// `{"1":"…","2":"…"}`: an object of texts, in the order given.
struct Variables<'m>(&'m [(String, String)]);

impl Serialize for Variables<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
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
