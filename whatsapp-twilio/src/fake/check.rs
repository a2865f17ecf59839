//! Reads a form as the Messages resource does, and refuses it with the same codes.
use std::collections::BTreeMap;

use axum::http::{HeaderMap, header};
use serde_json::Value;
use whatsapp_core::{CorrelationId, PhoneNumber, UserId};

use crate::wire::{FORM, Form, bare, is_whatsapp};

/// HTTP status, code and words.
pub(super) struct Refusal(pub(super) u16, pub(super) i64, pub(super) String);

impl Refusal {
    pub(super) fn because(status: u16, code: i64, message: &str) -> Self {
        Self(status, code, message.to_owned())
    }

    pub(super) fn unauthenticated() -> Self {
        Self::because(401, 20003, "Authenticate")
    }

    fn bad(code: i64, message: &str) -> Self {
        Self::because(400, code, message)
    }
}

/// A message that may be sent.
pub(super) struct Wanted {
    pub(super) to: String,
    pub(super) line: String,
    pub(super) messaging_service: Option<String>,
    pub(super) status_callback: Option<String>,
    pub(super) correlation: Option<CorrelationId>,
    pub(super) kind: String,
    pub(super) body: String,
    pub(super) text: Option<String>,
    pub(super) link: Option<String>,
    pub(super) parameters: Vec<String>,
    pub(super) is_scheduled: bool,
}

const KNOWN: [&str; 14] = [
    "To",
    "From",
    "MessagingServiceSid",
    "Body",
    "MediaUrl",
    "ContentSid",
    "ContentVariables",
    "PersistentAction",
    "StatusCallback",
    "ScheduleType",
    "SendAt",
    "ValidityPeriod",
    "ContentRetention",
    "AddressRetention",
];

impl Wanted {
    pub(super) fn read(headers: &HeaderMap, body: &[u8], lines: &[String]) -> Result<Self, Refusal> {
        let is_form = headers.get(header::CONTENT_TYPE).is_some_and(|value| value == FORM);
        let form = Form::parse(if is_form { body } else { b"" });
        if let Some((key, _)) = form.pairs().find(|(key, _)| !KNOWN.contains(key)) {
            return Err(Refusal(400, 20001, format!("Unknown parameter {key}")));
        }
        if let Some(key) = KNOWN.into_iter().find(|key| form.has(key) && form.sole(key).is_none()) {
            return Err(Refusal(400, 20001, format!("Repeated parameter {key}")));
        }
        let field = |key| form.sole(key).filter(|value| !value.is_empty());
        let to = field("To").ok_or_else(|| Refusal::bad(21604, "A 'To' phone number is required."))?;
        let (line, messaging_service) = sender(field("From"), field("MessagingServiceSid"), lines)?;
        let reachable = bare(to).parse::<PhoneNumber>().is_ok() || bare(to).parse::<UserId>().is_ok();
        if !is_whatsapp(to) || !reachable {
            return Err(Refusal(400, 21211, format!("Invalid 'To' Phone Number: {to}")));
        }
        if to == line {
            return Err(Refusal::bad(63031, "Message cannot have the same To and From"));
        }
        let callback = field("StatusCallback");
        if callback.is_some_and(|url| !is_web_address(url)) {
            return Err(Refusal::bad(21609, "The StatusCallback URL is not a valid URL."));
        }
        let query = callback.and_then(|url| url.split_once('?')).map_or("", |(_, query)| query);
        let wanted = Self {
            to: to.to_owned(),
            line: line.to_owned(),
            messaging_service: messaging_service.map(str::to_owned),
            status_callback: callback.map(str::to_owned),
            correlation: Form::parse(query.as_bytes()).sole("c").and_then(|id| id.parse().ok()),
            kind: "text".to_owned(),
            body: field("Body").unwrap_or_default().to_owned(),
            text: field("Body").map(str::to_owned),
            link: field("MediaUrl").map(str::to_owned),
            parameters: Vec::new(),
            is_scheduled: field("SendAt").is_some(),
        };
        if wanted.is_scheduled && (wanted.messaging_service.is_none() || field("ScheduleType") != Some("fixed")) {
            return Err(Refusal::bad(35118, "MessagingServiceSid is required to schedule a message"));
        }
        wanted.with_content(&form)
    }

    fn with_content(mut self, form: &Form<'_>) -> Result<Self, Refusal> {
        let field = |key| form.sole(key).filter(|value| !value.is_empty());
        if self.body.chars().count() > 1600 {
            return Err(Refusal::bad(21617, "The concatenated message body exceeds the 1600 character limit"));
        }
        if let Some(content) = field("ContentSid") {
            if self.text.is_some() || self.link.is_some() {
                return Err(Refusal::bad(63030, "Unsupported parameter for type of channels message"));
            }
            let hex = content.strip_prefix("HX").unwrap_or_default();
            if hex.len() != 32 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
                return Err(Refusal::bad(21655, "The ContentSid is Invalid"));
            }
            self.parameters = field("ContentVariables")
                .map_or(Some(Vec::new()), variables)
                .ok_or_else(|| Refusal::bad(21656, "The Content Variables parameter is invalid"))?;
            self.text = Some(content.to_owned());
            "template".clone_into(&mut self.kind);
        } else if let Some(link) = &self.link {
            if !is_web_address(link) {
                return Err(Refusal::bad(21620, "Invalid media URL(s)"));
            }
            self.kind = kind_of_link(link).to_owned();
        } else if self.text.is_none() {
            return Err(Refusal::bad(21602, "Message body is required."));
        } else if let Some(action) = field("PersistentAction") {
            let place = action.strip_prefix("geo:").and_then(|place| place.split('|').next());
            let is_place = |place: &&str| place.split(',').filter_map(|part| part.parse::<f64>().ok()).count() == 2;
            let place = place.filter(is_place).ok_or_else(|| Refusal::bad(20422, "Invalid Parameter"))?;
            self.text = Some(place.to_owned());
            "location".clone_into(&mut self.kind);
        }
        Ok(self)
    }
}

fn sender<'f>(
    from: Option<&'f str>,
    service: Option<&'f str>,
    lines: &'f [String],
) -> Result<(&'f str, Option<&'f str>), Refusal> {
    match (from, service) {
        (None, None) => Err(Refusal::bad(21603, "A 'From' phone number is required.")),
        (Some(from), _) if lines.iter().any(|line| line == from) => Ok((from, service)),
        (Some(_), _) => Err(Refusal::bad(63007, "Twilio could not find a Channel with the specified From address")),
        // The one sender of the service.
        (None, Some(service)) if service.starts_with("MG") => {
            Ok((lines.first().map(String::as_str).unwrap_or_default(), Some(service)))
        }
        (None, Some(_)) => Err(Refusal::bad(21705, "The Messaging Service is invalid")),
    }
}

fn is_web_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && !rest.contains(char::is_whitespace))
}

/// The values of `{"1": "…", …}`, by number where the names are numbers; `None` for anything else.
fn variables(json: &str) -> Option<Vec<String>> {
    let values: BTreeMap<String, Value> = serde_json::from_str(json).ok()?;
    let mut values: Vec<_> =
        values.iter().map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect::<Option<_>>()?;
    values.sort_by_key(|(name, _)| name.parse().unwrap_or(u32::MAX));
    Some(values.into_iter().map(|(_, value)| value).collect())
}

/// The real one asks the link for its `Content-Type`; the fake does not call out and goes by the ending.
fn kind_of_link(link: &str) -> &'static str {
    let path = link.split(['?', '#']).next().unwrap_or_default();
    match path.rsplit('.').next().unwrap_or_default() {
        "jpg" | "jpeg" | "png" | "webp" => "image",
        "mp4" | "3gp" => "video",
        "ogg" | "mp3" | "amr" | "aac" | "m4a" => "audio",
        _ => "document",
    }
}
