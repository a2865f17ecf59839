//! From a webhook's body to events. Every entry, change and item is read on its own, so that a damaged one costs
//! its neighbours nothing; whatever yields nothing becomes one unknown event with its bytes.
use std::borrow::Cow;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use whatsapp_core::{
    DeliveryError, Envelope, Error, ErrorKind, Event, InboundContent, InboundMessage, InboundText, LineId, Location,
    MediaKind, MessageId, Reaction, Result, Status, StatusUpdate, Unknown,
};

use crate::{
    ID,
    contact::{Contacts, Person},
    media,
    wire::{self, Scalar},
};

const OBJECT: &str = "whatsapp_business_account";
/// The field whose items are messages and statuses. In others, `history` or `calls`, the same keys mean
/// something else.
const MESSAGES: &str = "messages";
/// Longest text of a failure that is kept, in characters.
const FAILURE_CHARS: usize = 300;

/// Every item of `body`, in order.
///
/// # Errors
/// [`ErrorKind::Protocol`] if it is no JSON object.
pub(crate) fn read(body: &Bytes) -> Result<Vec<Envelope>> {
    let text = std::str::from_utf8(body).ok();
    let Some((text, parsed)) = text.and_then(|text| Some((text, wire::object::<wire::Body<'_>>(text)?))) else {
        return Err(Error::new(ID, ErrorKind::Protocol, "the body is not a JSON object"));
    };
    let mut reader = Reader { body, events: Vec::with_capacity(parsed.entry.list.len()) };
    let object = parsed.object.text();
    if object.as_deref() == Some(OBJECT) {
        for entry in &parsed.entry.list {
            reader.entry(entry.get());
        }
    }
    if reader.events.is_empty() {
        reader.unknown(&account(None), None, Unknown::new(named("object", object.as_deref())), text);
    }
    Ok(reader.events)
}

/// Where an item stands.
struct Place<'a> {
    line: LineId,
    field: Cow<'a, str>,
    contacts: Contacts<'a>,
}

impl Place<'_> {
    /// An item's kind: `message.order`, `status.warning`; in other fields `calls.RINGING`.
    fn kind(&self, item: &str, name: Option<&str>) -> String {
        named(if self.field == MESSAGES { item } else { &self.field }, name)
    }
}

struct Reader<'b> {
    body: &'b Bytes,
    events: Vec<Envelope>,
}

impl Reader<'_> {
    fn push(&mut self, line: &LineId, at: Option<DateTime<Utc>>, event: Event, raw: &str) {
        let raw = self.body.slice_ref(raw.as_bytes());
        self.events.push(Envelope::new(ID, line.clone(), event, raw).with_time(at));
    }

    fn unknown(&mut self, line: &LineId, at: Option<DateTime<Utc>>, unknown: Unknown, raw: &str) {
        self.push(line, at, Event::Unknown(unknown), raw);
    }

    fn entry(&mut self, raw: &str) {
        let entry: wire::Entry<'_> = wire::object(raw).unwrap_or_default();
        let line = account(entry.id.text().as_deref());
        for change in &entry.changes.list {
            self.change(change.get(), &line, entry.time);
        }
        if entry.changes.list.is_empty() {
            self.unknown(&line, time(entry.time), Unknown::new("entry"), raw);
        }
    }

    fn change(&mut self, raw: &str, account: &LineId, entry_time: Scalar<'_>) {
        let change: wire::Change<'_> = wire::object(raw).unwrap_or_default();
        let value: wire::Value<'_> = change.value.and_then(|value| wire::object(value.get())).unwrap_or_default();
        let metadata = value.metadata.and_then(|metadata| wire::object::<wire::Metadata<'_>>(metadata.get()));
        let number = metadata.and_then(|metadata| metadata.phone_number_id.text());
        let place = Place {
            line: number.map_or_else(|| account.clone(), |id| LineId::from(&*id)),
            field: change.field.text().unwrap_or(Cow::Borrowed("change")),
            contacts: Contacts::new(&value.contacts),
        };
        let before = self.events.len();
        for item in &value.messages.list {
            self.message(item.get(), &place);
        }
        for item in &value.statuses.list {
            self.status(item.get(), &place);
        }
        for item in &value.errors.list {
            let code = wire::object::<wire::Failure<'_>>(item.get()).and_then(|failure| failure.code.text());
            let kind = place.kind("error", code.as_deref());
            self.unknown(&place.line, None, Unknown::new(kind), item.get());
        }
        let odd = value.messages.odd || value.statuses.odd || value.errors.odd;
        if self.events.len() == before || odd || value.more {
            let unknown = Unknown::new(&*place.field).with_id(change_id(entry_time, raw));
            self.unknown(&place.line, time(entry_time), unknown, raw);
        }
    }

    fn message(&mut self, raw: &str, place: &Place<'_>) {
        let message: wire::Message<'_> = wire::object(raw).unwrap_or_default();
        let (at, id) = (time(message.timestamp), message_id(message.id));
        let contents = message.contents();
        let kind = message.kind.text().or_else(|| only(&contents).map(Cow::Borrowed));
        if place.field != MESSAGES {
            let unknown = Unknown::new(place.kind("message", kind.as_deref())).with_id(id);
            return self.unknown(&place.line, at, unknown, raw);
        }
        // A damaged group id still says that the message is nobody's private one.
        if message.group_id.is_given() {
            return self.unknown(&place.line, at, Unknown::new("message.group").with_id(id), raw);
        }
        let person = Person::new(message.from, message.from_user_id, message.from_parent_user_id);
        let from = place.contacts.identity(&person);
        let content = kind.as_deref().and_then(|kind| {
            let (_, content) = contents.iter().find(|(name, _)| *name == kind)?;
            read_content(kind, content.as_ref()?.get())
        });
        let event = match (id, from, content) {
            (Some(id), Some(from), Some(content)) => {
                let quote = message.context.and_then(|quote| wire::object::<wire::Context<'_>>(quote.get()));
                let quoted = quote.and_then(|quote| message_id(quote.id));
                Event::Message(InboundMessage::new(id, from, content).with_reply_to(quoted))
            }
            (id, from, _) => {
                let kind = place.kind("message", kind.as_deref());
                Event::Unknown(Unknown::new(kind).with_id(id).with_from(from))
            }
        };
        self.push(&place.line, at, event, raw);
    }

    fn status(&mut self, raw: &str, place: &Place<'_>) {
        let status: wire::Status<'_> = wire::object(raw).unwrap_or_default();
        let (at, id, name) = (time(status.timestamp), message_id(status.id), status.reached.text());
        // A payment or call of the same id has states of its own, `failed` among them.
        let topic = status.kind.text().filter(|kind| kind != "message");
        let reached = name.as_deref().and_then(reached).filter(|_| topic.is_none() && place.field == MESSAGES);
        let (Some(id), Some(reached)) = (id.clone(), reached) else {
            let item = topic.map_or_else(|| "status".to_owned(), |topic| named("status", Some(&topic)));
            let unknown = Unknown::new(place.kind(&item, name.as_deref())).with_id(id);
            return self.unknown(&place.line, at, unknown, raw);
        };
        let mut update = StatusUpdate::new(id, reached);
        if status.recipient_type.text().as_deref() == Some("group") {
            update = update.with_participant(
                status.recipient_participant_id.string().or_else(|| status.recipient_participant_user_id.string()),
            );
        } else {
            let person = Person::new(status.recipient_id, status.recipient_user_id, status.recipient_parent_user_id);
            update = update.with_recipient(place.contacts.identity(&person));
        }
        let correlation = status.biz_opaque_callback_data.text().and_then(|text| text.parse().ok());
        let error = (reached == Status::Failed).then(|| failure(&status));
        let update = update.with_correlation(correlation).with_error(error);
        self.push(&place.line, at, Event::Status(update), raw);
    }
}

impl<'a> wire::Message<'a> {
    /// What it may hold, by the name of its type.
    fn contents(&self) -> [(&'static str, Option<&'a serde_json::value::RawValue>); 8] {
        [
            ("text", self.text),
            ("image", self.image),
            ("video", self.video),
            ("audio", self.audio),
            ("document", self.document),
            ("sticker", self.sticker),
            ("location", self.location),
            ("reaction", self.reaction),
        ]
    }
}

/// The one content that is there: some messages lack their type.
fn only<T>(contents: &[(&'static str, Option<T>)]) -> Option<&'static str> {
    let mut present = contents.iter().filter(|(_, content)| content.is_some());
    let (name, _) = present.next()?;
    present.next().is_none().then_some(name)
}

fn read_content(kind: &str, raw: &str) -> Option<InboundContent> {
    Some(match kind {
        "text" => {
            let text: wire::Text = wire::object(raw)?;
            InboundContent::Text(InboundText { body: text.body })
        }
        "location" => {
            let place: wire::Location<'_> = wire::object(raw)?;
            let mut location = Location::new(place.latitude.number()?, place.longitude.number()?);
            location.name = place.name.string();
            location.address = place.address.string();
            InboundContent::Location(Some(location).filter(Location::is_valid)?)
        }
        "reaction" => {
            let reaction: wire::Reaction<'_> = wire::object(raw)?;
            let emoji = reaction.emoji.text().unwrap_or_default();
            InboundContent::Reaction(Reaction::new(message_id(reaction.message_id)?, emoji))
        }
        _ => {
            let kind = match kind {
                "image" => MediaKind::Image,
                "video" => MediaKind::Video,
                "audio" => MediaKind::Audio,
                "document" => MediaKind::Document,
                "sticker" => MediaKind::Sticker,
                _ => return None,
            };
            InboundContent::Media(media::received(kind, &wire::object(raw)?))
        }
    })
}

fn reached(name: &str) -> Option<Status> {
    let known = [Status::Sent, Status::Delivered, Status::Read, Status::Played, Status::Failed, Status::Deleted];
    known.into_iter().find(|status| status.as_str() == name)
}

fn failure(status: &wire::Status<'_>) -> DeliveryError {
    let first = status.errors.list.first().and_then(|error| wire::object::<wire::Failure<'_>>(error.get()));
    let failure = first.unwrap_or_default();
    let data = failure.error_data.and_then(|data| wire::object::<wire::FailureData<'_>>(data.get()));
    let details = data.and_then(|data| data.details.text()).or_else(|| failure.details.text());
    let words = match (failure.title.text().or_else(|| failure.message.text()), details) {
        (Some(title), Some(details)) if title != details => format!("{title}: {details}"),
        (Some(words), _) | (None, Some(words)) => words.into_owned(),
        (None, None) => "failed, for a reason that Meta did not give".to_owned(),
    };
    DeliveryError::new(failure.code.number(), words.chars().take(FAILURE_CHARS).collect::<String>())
}

/// The line of what concerns a whole WhatsApp Business Account.
fn account(waba_id: Option<&str>) -> LineId {
    format!("waba:{}", waba_id.unwrap_or("0")).into()
}

fn named(prefix: &str, name: Option<&str>) -> String {
    name.map_or_else(|| prefix.to_owned(), |name| format!("{prefix}.{name}"))
}

fn message_id(id: Scalar<'_>) -> Option<MessageId> {
    id.text().map(|id| MessageId::from(&*id))
}

/// A template that is approved, paused and approved again is written in the same bytes twice: only the entry's
/// time tells the two apart, and it stands outside the change.
fn change_id(entry_time: Scalar<'_>, raw: &str) -> Option<MessageId> {
    let digest = hex::encode(Sha256::digest(raw));
    Some(format!("{}-{digest}", entry_time.text()?).into())
}

/// Unix seconds, as text or number.
fn time(seconds: Scalar<'_>) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(seconds.number().filter(|seconds| *seconds > 0)?, 0)
}
