//! From a webhook's body to events. Every entry, change and item is read on its own, so that a damaged one costs
//! its neighbours nothing; whatever yields nothing becomes one unknown event with its bytes.
mod address_card;
mod coexistence;
mod contact;
mod content;
pub(crate) mod failure;
mod message;
mod reply;
mod status;

use std::borrow::Cow;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use whatsapp_core::{
    AccountUpdate, Envelope, Error, ErrorKind, Event, LineId, MessageId, Result, Unknown,
    limits::{self, Limit},
};

pub(crate) use self::contact::{Contacts, Person};
use crate::{
    ID, field,
    wire::{self, Document, Json, Refused},
};

const OBJECT: &str = "whatsapp_business_account";
/// Every item of `body`, in order.
///
/// # Errors
/// [`ErrorKind::Protocol`] if it is no JSON object, or exceeds one of the [`limits`].
pub(crate) fn read(body: &Bytes) -> Result<Vec<Envelope>> {
    let no_object = || Error::new(ID, ErrorKind::Protocol, "the body is not a JSON object");
    let text = std::str::from_utf8(body).map_err(|_| no_object())?;
    let document = Document::read(text).map_err(|refused| match refused {
        Refused::Syntax => no_object(),
        Refused::Limit(limit) => exceeds(limit),
    })?;
    let webhook: wire::Body<'_> = wire::object(document.root()).ok_or_else(no_object)?;
    let mut reader = Reader { body, events: Vec::new() };
    let object = webhook.object.text();
    if object.as_deref() == Some(OBJECT) {
        for entry in webhook.entry.items() {
            reader.entry(entry)?;
        }
    }
    if reader.events.is_empty() {
        let kind = named("object", object.as_deref());
        reader.unknown(&account(Json::default()), None, Unknown::new(kind), text);
    }
    Ok(reader.events)
}

fn exceeds(limit: Limit) -> Error {
    Error::new(ID, ErrorKind::Protocol, format!("the body exceeds a limit: {limit}"))
}

/// Where an item stands.
struct Place<'a> {
    line: Cow<'a, str>,
    field: Cow<'a, str>,
    contacts: Contacts<'a>,
    /// The number that the line shows.
    display_phone: Json<'a>,
    /// Whether another application answers here.
    standby: bool,
}

impl Place<'_> {
    /// An item's kind: `message.hologram`, `status.warning`; in other fields `history.hologram`.
    fn kind(&self, item: &str, name: Option<&str>) -> String {
        named(if matches!(&*self.field, "messages" | "standby") { item } else { &self.field }, name)
    }

    /// Whether `phone` is the line's own number, however the two are written.
    fn is_ours(&self, phone: Json<'_>) -> bool {
        let digits = |json: Json<'_>| Some(json.text()?.chars().filter(char::is_ascii_digit).collect::<String>());
        digits(phone).is_some_and(|phone| !phone.is_empty() && Some(phone) == digits(self.display_phone))
    }
}

/// An event of an item, and its time.
type Timed = (Event, Option<DateTime<Utc>>);

struct Reader<'b> {
    body: &'b Bytes,
    events: Vec<Envelope>,
}

impl Reader<'_> {
    fn push(&mut self, line: &str, (event, at): Timed, raw: &str) {
        // One too many is told as such; more of them would only cost memory.
        if self.events.len() > limits::ITEMS {
            return;
        }
        let raw = self.body.slice_ref(raw.as_bytes());
        self.events.push(Envelope::new(ID, line.into(), event, raw).with_time(at));
    }

    fn unknown(&mut self, line: &str, at: Option<DateTime<Utc>>, unknown: Unknown, raw: &str) {
        self.push(line, (Event::Unknown(unknown), at), raw);
    }

    fn entry(&mut self, json: Json<'_>) -> Result<()> {
        let entry: wire::Entry<'_> = wire::object(json).unwrap_or_default();
        let before = self.events.len();
        for change in entry.changes.items() {
            self.change(change, &entry)?;
            limits::check_items(self.events.len()).map_err(exceeds)?;
        }
        if self.events.len() == before {
            self.unknown(&account(entry.id), time(entry.time), Unknown::new("entry"), json.raw());
        }
        limits::check_items(self.events.len()).map_err(exceeds)
    }

    fn change(&mut self, json: Json<'_>, entry: &wire::Entry<'_>) -> Result<()> {
        let change: wire::Change<'_> = wire::object(json).unwrap_or_default();
        let (value, more) = wire::value(change.value).unwrap_or_default();
        limits::check_items(value.contacts.items().count()).map_err(exceeds)?;
        let metadata: wire::Metadata<'_> = wire::object(value.metadata).unwrap_or_default();
        let mut place = Place {
            line: metadata.phone_number_id.text().unwrap_or_else(|| account(entry.id).into()),
            field: change.field.text().unwrap_or(Cow::Borrowed("change")),
            contacts: Contacts::new(value.contacts.items()),
            display_phone: metadata.display_phone_number,
            standby: false,
        };
        let before = self.events.len();
        let odd = match &*place.field {
            "messages" => more | self.messages(&value, &place),
            "standby" => {
                let (inner, more) = wire::value(change.value.get("standby")).unwrap_or_default();
                limits::check_items(inner.contacts.items().count()).map_err(exceeds)?;
                (place.standby, place.contacts) = (true, Contacts::new(inner.contacts.items()));
                let echoes = change.value.get("standby").get("message_echoes");
                self.items(echoes, &place, coexistence::echo);
                self.messages(&inner, &place) | (more && !echoes.is_given())
            }
            "smb_message_echoes" | "message_echoes" => {
                let echoes = change.value.get("message_echoes");
                self.items(echoes, &place, coexistence::echo);
                self.messages(&value, &place) | echoes.is_no_list()
            }
            "history" => {
                let parts = change.value.get("history");
                for part in parts.items() {
                    coexistence::history(part, &place, |event, raw| self.push(&place.line, event, raw));
                }
                self.items(value.messages, &place, coexistence::late_file);
                parts.is_no_list() | value.messages.is_no_list()
            }
            field => {
                let line = field::line_of(field, change.value);
                let items = field::read(field, change.value, &place.contacts).unwrap_or_default();
                self.found(items, line.as_ref().map_or(&*place.line, LineId::as_str), entry.time, json);
                false
            }
        };
        if self.events.len() == before || odd {
            let event = (Event::Unknown(Unknown::new(&*place.field)), time(entry.time));
            self.push_change(&place.line, event, entry.time, json);
        }
        Ok(())
    }

    /// The lists of a value about messages. `true` if something in their place is none.
    fn messages(&mut self, value: &wire::Value<'_>, place: &Place<'_>) -> bool {
        self.events.reserve(value.messages.items().count().max(1));
        self.items(value.messages, place, message::read);
        self.items(value.statuses, place, status::read);
        for (kind, items, event) in
            [("error", value.errors, "code"), ("user_actions", value.user_actions, "action_type")]
        {
            for item in items.items() {
                let update = AccountUpdate::new(kind, item.get(event).string());
                self.push(&place.line, (Event::Account(update), time(item.get("timestamp"))), item.raw());
            }
        }
        if value.conversation_context.is_given() {
            let update = AccountUpdate::new("conversation_context", value.conversation_context.get("type").string());
            self.push(&place.line, (Event::Account(update), None), value.conversation_context.raw());
        }
        [value.messages, value.statuses, value.errors, value.user_actions].into_iter().any(Json::is_no_list)
    }

    fn items<'a>(&mut self, list: Json<'a>, place: &Place<'a>, read: fn(Json<'a>, &Place<'a>) -> Timed) {
        for item in list.items() {
            self.push(&place.line, read(item, place), item.raw());
        }
    }

    /// What [`field`] found.
    fn found(&mut self, items: Vec<field::Item<'_>>, line: &str, entry_time: Json<'_>, change: Json<'_>) {
        for item in items {
            let event = (item.event, item.at.or_else(|| time(entry_time)));
            match item.raw {
                Some(raw) => self.push(line, event, raw),
                None => self.push_change(line, event, entry_time, change),
            }
        }
    }

    /// An event of a whole change. A template that is approved, paused and approved again is written in the same bytes
    /// twice: only the entry's time tells the two apart, and it stands outside the change.
    fn push_change(&mut self, line: &str, event: Timed, entry_time: Json<'_>, change: Json<'_>) {
        self.push(line, event, change.raw());
        if let Some(envelope) = self.events.pop() {
            self.events.push(envelope.with_occurrence(entry_time.text()));
        }
    }
}

/// The line of what concerns a whole WhatsApp Business Account.
fn account(waba_id: Json<'_>) -> String {
    format!("waba:{}", waba_id.text().as_deref().unwrap_or("0"))
}

fn named(prefix: &str, name: Option<&str>) -> String {
    name.map_or_else(|| prefix.to_owned(), |name| format!("{prefix}.{name}"))
}

fn message_id(id: Json<'_>) -> Option<MessageId> {
    id.text().map(|id| MessageId::from(&*id))
}

/// Unix seconds, as text or number.
pub(crate) fn time(seconds: Json<'_>) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(seconds.number().filter(|seconds| *seconds > 0)?, 0)
}
