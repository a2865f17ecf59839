//! Webhooks: verified, then read. One form is one message or one status.
use bytes::Bytes;
use whatsapp_core::{
    Alias, AliasKind, Envelope, Error, ErrorKind, Event, Hint, Identity, InboundContent, InboundMessage, LineId,
    Location, MessageId, Parser, PhoneNumber, Rejection, Result, Secret, Status, StatusUpdate, Unknown, UserId,
    Verified, Verifier, WebhookRequest,
};

use crate::{
    ID,
    callback::Callback,
    error::delivery_error,
    media::attachments,
    signature::Keys,
    wire::{Form, address, bare, is_whatsapp},
};

/// The account that a webhook claims to come from: its one `AccountSid`, of the form or for GET of the query.
///
/// Nothing is verified yet. Look up the account's tokens with it, and nothing else.
#[must_use]
pub fn account_hint(request: &WebhookRequest<'_>) -> Option<Hint> {
    let form = Form::of(request)?;
    form.sole("AccountSid").filter(|sid| !sid.is_empty()).map(Hint::claimed)
}

/// Verifies and parses the webhooks of one account; needs its secrets only.
///
/// Events name the line that the form names, whichever account or line this was built for: a form signed by this
/// account may speak of any line. Whoever applies events checks that the line belongs to the account. A form that
/// names no line gives the empty line id.
///
/// Inbound, the line is `To`; for a status it is `From`. Twilio gives no times, so [`Envelope::at`] is `None`.
#[derive(Clone, Debug)]
pub struct TwilioWebhook {
    keys: Keys,
    pub(crate) callback: Callback,
    account_sid: Option<Box<str>>,
}

impl TwilioWebhook {
    /// Verifies with any of `auth_tokens`; the first is the one in use.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if there is none or one is empty.
    pub fn new(auth_tokens: impl IntoIterator<Item = Secret>) -> Result<Self> {
        let tokens: Vec<_> = auth_tokens.into_iter().collect();
        let callback = Callback::derived(&tokens);
        let (keys, callback) = Keys::new(tokens).zip(callback).ok_or_else(|| no_secret("auth_token"))?;
        Ok(Self { keys, callback, account_sid: None })
    }

    /// Also verifies with a shared key (HMAC-SHA256), for requests that name `id`, or any key if `id` is `None`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if the key is empty.
    pub fn with_shared_key(mut self, id: Option<&str>, key: Secret) -> Result<Self> {
        self.keys = self.keys.with_shared(id, key).ok_or_else(|| no_secret("shared_key"))?;
        Ok(self)
    }

    /// Signs correlation ids with `secret` instead of a key derived from the auth token.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if it is empty.
    pub fn with_status_callback_secret(mut self, secret: Secret) -> Result<Self> {
        self.callback = self.callback.with_secret(secret).ok_or_else(|| no_secret("status_callback_secret"))?;
        Ok(self)
    }

    /// Notes the account that the secrets belong to, for the caller's own check.
    #[must_use]
    pub fn with_account_sid(mut self, account_sid: &str) -> Self {
        self.account_sid = Some(account_sid.into());
        self
    }

    /// The account that the secrets belong to, if it was noted.
    #[must_use]
    pub fn account_sid(&self) -> Option<&str> {
        self.account_sid.as_deref()
    }

    fn read(&self, form: &Form<'_>, query: &str) -> (&'static str, Vec<Event>) {
        let status = ["MessageStatus", "SmsStatus"].into_iter().find_map(|key| form.get(key));
        // An inbound message has a status, too: that it is here.
        if let Some(name) = status.filter(|name| !matches!(&**name, "received" | "receiving")) {
            return ("From", vec![status_of(form, &name, self.callback.read(query))]);
        }
        if ["Body", "NumMedia", "MessageType", "SmsStatus"].into_iter().any(|key| form.has(key)) {
            return ("To", message_of(form));
        }
        let id = form.message_sid().map(|id| MessageId::from(&*id));
        ("To", vec![Event::Unknown(Unknown::new("form").with_id(id))])
    }
}

fn no_secret(key: &str) -> Error {
    whatsapp_core::config::missing_key(ID, key)
}

impl Verifier for TwilioWebhook {
    fn hint(&self, request: &WebhookRequest<'_>) -> Option<Hint> {
        account_hint(request)
    }

    fn verify<'r>(&self, request: WebhookRequest<'r>) -> Result<Verified<'r>, Rejection> {
        self.keys.verify(request)
    }
}

impl Parser for TwilioWebhook {
    fn parse(&self, verified: &Verified<'_>) -> Result<Vec<Envelope>> {
        let request = verified.request();
        let nothing = || Error::new(ID, ErrorKind::Protocol, "the request has no fields");
        let Some(form) = Form::of(&request) else {
            if request.body.is_empty() {
                return Err(nothing());
            }
            let event = Event::Unknown(Unknown::new("body"));
            return Ok(vec![Envelope::new(ID, LineId::from(""), event, request.body.clone())]);
        };
        if form.is_empty() {
            return Err(nothing());
        }
        // A GET has its fields in the address, which is not part of the shared body.
        let raw = if request.body.is_empty() {
            Bytes::copy_from_slice(request.query().as_bytes())
        } else {
            request.body.clone()
        };
        let (line_key, events) = self.read(&form, request.query());
        let line = LineId::from(form.get(line_key).map(|line| address(&line)).unwrap_or_default());
        Ok(events.into_iter().map(|event| Envelope::new(ID, line.clone(), event, raw.clone())).collect())
    }
}

/// What Twilio's word for a state means. Source: Twilio, Messages resource, "Message status values".
pub(crate) fn status_named(name: &str) -> Option<Status> {
    match name {
        "accepted" | "scheduled" | "queued" => Some(Status::Queued),
        "sending" => Some(Status::Sending),
        "sent" => Some(Status::Sent),
        "delivered" => Some(Status::Delivered),
        "read" => Some(Status::Read),
        "failed" | "undelivered" | "canceled" => Some(Status::Failed),
        _ => None,
    }
}

fn status_of(form: &Form<'_>, name: &str, correlation: Option<whatsapp_core::CorrelationId>) -> Event {
    let status = status_named(name);
    let id = form.message_sid().map(|id| MessageId::from(&*id));
    let (Some(status), Some(id)) = (status, id.clone()) else {
        return Event::Unknown(Unknown::new(kind("status", name)).with_id(id));
    };
    let error = (status == Status::Failed).then(|| {
        let words = ["ErrorMessage", "ChannelStatusMessage"].into_iter().find_map(|key| form.get(key));
        let code = form.get("ErrorCode").and_then(|code| code.trim().parse().ok());
        delivery_error(code, words.as_deref().unwrap_or(name))
    });
    let update = StatusUpdate::new(id, status).with_recipient(person(form, "To")).with_correlation(correlation);
    Event::Status(update.with_error(error))
}

/// What an inbound form is, apart from its files.
enum Reading {
    Content(InboundContent),
    Files,
    Other(String),
}

/// Source: Twilio, WhatsApp inbound webhook parameters. What is there counts; `MessageType` is newer and may lack.
fn reading(form: &Form<'_>, claimed: &str) -> Reading {
    let other = |name: &str| Reading::Other(name.to_owned());
    if is_sms(form) {
        return other("sms");
    }
    if let Some((latitude, longitude)) = form.get("Latitude").zip(form.get("Longitude")) {
        let degrees = latitude.trim().parse().ok().zip(longitude.trim().parse().ok());
        let place = degrees.map(|(latitude, longitude)| Location::new(latitude, longitude));
        return place.filter(Location::is_valid).map_or_else(
            || other("location"),
            |mut place| {
                place.name = form.get("Label").map(Into::into);
                place.address = form.get("Address").map(Into::into);
                Reading::Content(InboundContent::Location(place))
            },
        );
    }
    for (key, name) in [("ListId", "list"), ("ButtonText", "button"), ("ButtonPayload", "button"), ("FlowData", "flow")]
    {
        if form.get(key).is_some() {
            return other(name);
        }
    }
    if !attachments(form).is_empty() {
        return Reading::Files;
    }
    match (claimed, form.get("Body")) {
        ("" | "text", Some(body)) => Reading::Content(InboundContent::text(body)),
        ("text", None) => Reading::Content(InboundContent::Unsupported(whatsapp_core::Unsupported::default())),
        ("", None) => other("unknown"),
        _ => other(claimed),
    }
}

/// A number can take SMS by the same webhook; such a form has no mark of WhatsApp at all.
fn is_sms(form: &Form<'_>) -> bool {
    let marked = ["WaId", "MessageType", "ChannelMetadata", "ExternalUserId"].into_iter().any(|key| form.has(key));
    let addressed = ["From", "To"].into_iter().filter_map(|key| form.get(key)).any(|a| is_whatsapp(&a));
    !marked && !addressed && form.has("From")
}

fn message_of(form: &Form<'_>) -> Vec<Event> {
    let claimed = form.get("MessageType").unwrap_or_default().to_ascii_lowercase();
    let from = person(form, "From").map(|from| match form.get("ProfileName") {
        Some(name) => from.with_name(name),
        None => from,
    });
    let sid = form.message_sid().map(|id| MessageId::from(&*id));
    let unknown =
        |name: &str, id| Event::Unknown(Unknown::new(kind("message", name)).with_id(id).with_from(from.clone()));
    let reading = reading(form, &claimed);
    let (Some(id), Some(from)) = (sid.clone(), from.clone()) else {
        let name = match &reading {
            Reading::Content(content) => content.kind(),
            Reading::Files => "media",
            Reading::Other(name) => name,
        };
        return vec![unknown(name, sid)];
    };
    let message = |id, content| {
        let reply_to = form.get("OriginalRepliedMessageSid").map(|id| MessageId::from(&*id));
        Event::Message(InboundMessage::new(id, from.clone(), content).with_reply_to(reply_to))
    };
    match reading {
        Reading::Content(content) => vec![message(id, content)],
        Reading::Other(name) => vec![unknown(&name, Some(id))],
        // The first file carries id, type and caption; each further one is a message of its own.
        Reading::Files => attachments(form)
            .into_iter()
            .enumerate()
            .map(|(at, file)| {
                let (id, claimed) = match at {
                    0 => (id.clone(), claimed.as_str()),
                    _ => (MessageId::from(format!("{id}/{}", file.number)), ""),
                };
                if claimed == "contacts" || (file.is_contact() && claimed != "document") {
                    return unknown("contacts", Some(id));
                }
                let mut media = file.read(claimed);
                media.caption = form.get("Body").filter(|_| at == 0).map(Into::into);
                message(id, InboundContent::Media(media))
            })
            .collect(),
    }
}

/// The person at the address in `key`. Someone who hides the number has an `ExternalUserId` only.
fn person(form: &Form<'_>, key: &str) -> Option<Identity> {
    let given = form.get(key);
    let bare_address = given.as_deref().map(address).map(|a| bare(&a).to_owned()).unwrap_or_default();
    let wa_id = form.get("WaId").and_then(|digits| PhoneNumber::from_digits(&digits).ok());
    let phone = bare_address.parse().ok().or_else(|| wa_id.clone());
    let user = |text: &str| text.parse::<UserId>().ok();
    let users = [form.get("ExternalUserId").and_then(|id| user(bare(&id))), user(&bare_address)];
    let user_alias = |id: UserId| {
        let shared = id.as_str().get(2..).is_some_and(|rest| rest.starts_with(".ENT."));
        Alias::new(if shared { AliasKind::ParentBsuid } else { AliasKind::Bsuid }, id.as_str())
    };
    let aliases = phone
        .map(|phone: PhoneNumber| Alias::new(AliasKind::Phone, phone.as_str()))
        .into_iter()
        .chain(wa_id.map(|phone| Alias::new(AliasKind::WaId, phone.digits())))
        .chain(users.into_iter().flatten().map(user_alias))
        .chain(given.map(|given| Alias::new(AliasKind::TwilioAddress, address(&given))))
        .chain(form.get("Username").map(|name| Alias::new(AliasKind::Username, name.trim_start_matches('@'))));
    Identity::from_aliases(aliases)
}

/// A short, plain name for something unread: it is stored and logged.
fn kind(group: &str, name: &str) -> String {
    let plain = name.len() <= 40 && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    format!("{group}.{}", if plain && !name.is_empty() { name } else { "unknown" })
}

/// The id of a file of message `sid`, which may have several: the first has the message's own.
pub(crate) fn file_id(sid: &str, at: usize) -> MessageId {
    if at == 0 { sid.into() } else { format!("{sid}/{at}").into() }
}

/// The person at a channel address.
pub(crate) fn person_at(given: &str) -> Option<Identity> {
    let bare_address = bare(&address(given)).to_owned();
    let phone: Option<PhoneNumber> = bare_address.parse().ok();
    let user: Option<UserId> = bare_address.parse().ok();
    Identity::from_aliases(
        phone
            .map(|phone| Alias::new(AliasKind::Phone, phone.as_str()))
            .into_iter()
            .chain(user.map(|id| Alias::new(AliasKind::Bsuid, id.as_str())))
            .chain([Alias::new(AliasKind::TwilioAddress, address(given))]),
    )
}

pub(crate) fn received_file(url: String, mime_type: Option<String>) -> whatsapp_core::InboundMedia {
    let mut media =
        whatsapp_core::InboundMedia::new(whatsapp_core::MediaKind::of_mime(mime_type.as_deref().unwrap_or_default()));
    media.url = Some(url);
    media.mime_type = mime_type;
    media
}
