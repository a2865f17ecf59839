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

use std::{borrow::Cow, cell::OnceCell};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use whatsapp_core::{
    AccountUpdate, Envelope, Error, ErrorKind, Event, History, LineId, MessageId, Result, Unknown,
    limits::{self, Limit},
};

pub(crate) use self::contact::{Contacts, Person};
use crate::{
    ID, field,
    wire::{self, Document, Json, Refused},
};

const OBJECT: &str = "whatsapp_business_account";
/// What [`Reader::messages`] reads of a value.
const MESSAGES: &[&str] = &[
    "messaging_product",
    "metadata",
    "contacts",
    "messages",
    "statuses",
    "errors",
    "user_actions",
    "conversation_context",
];
/// Most messages of the history in one webhook. A part of the history is one item to Meta, however much is in it.
const PAST: usize = 20_000;
/// Longest id of a message, in bytes: nobody writes longer ones, and databases refuse them.
const ID_BYTES: usize = 512;

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
    let mut reader = Reader { body, events: Vec::new(), past: 0 };
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
    /// The number that the line shows, and its digits once somebody asks.
    display_phone: Json<'a>,
    own_digits: OnceCell<Option<String>>,
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
        let own = self.own_digits.get_or_init(|| digits(self.display_phone));
        digits(phone).is_some_and(|phone| !phone.is_empty() && Some(phone) == *own)
    }
}

/// An event of an item, and its time.
type Timed = (Event, Option<DateTime<Utc>>);

struct Reader<'b> {
    body: &'b Bytes,
    events: Vec<Envelope>,
    /// How many of the events are messages of the history.
    past: usize,
}

impl Reader<'_> {
    fn push(&mut self, line: &str, event: Timed, raw: &str) {
        self.push_occurrence(line, event, raw, None);
    }

    fn push_occurrence(&mut self, line: &str, (event, at): Timed, raw: &str, occurrence: Option<&str>) {
        self.past += usize::from(matches!(event, Event::History(History::Message(_))));
        // One too many is told as such; more of them would only cost memory.
        if self.events.len() - self.past.min(self.events.len()) > limits::ITEMS || self.past > PAST + 1 {
            return;
        }
        let raw = self.body.slice_ref(raw.as_bytes());
        let envelope = Envelope::new(ID, line.into(), event, raw).with_time(at);
        self.events.push(if occurrence.is_some() { envelope.with_occurrence(occurrence) } else { envelope });
    }

    /// Refuses more items than anybody sends.
    fn check(&self) -> Result<()> {
        if self.past > PAST {
            let problem = format!("the body exceeds a limit: more than {PAST} messages of the history");
            return Err(Error::new(ID, ErrorKind::Protocol, problem));
        }
        limits::check_items(self.events.len() - self.past.min(self.events.len())).map_err(exceeds)
    }

    fn unknown(&mut self, line: &str, at: Option<DateTime<Utc>>, unknown: Unknown, raw: &str) {
        self.push(line, (Event::Unknown(unknown), at), raw);
    }

    fn entry(&mut self, json: Json<'_>) -> Result<()> {
        let entry: wire::Entry<'_> = wire::object(json).unwrap_or_default();
        let before = self.events.len();
        for change in entry.changes.items() {
            self.change(change, &entry)?;
            self.check()?;
        }
        if self.events.len() == before {
            self.unknown(&account(entry.id), time(entry.time), Unknown::new("entry"), json.raw());
        }
        self.check()
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
            own_digits: OnceCell::new(),
            standby: false,
        };
        let before = self.events.len();
        let odd = match &*place.field {
            "messages" => more | self.messages(&value, &place, json),
            "standby" => {
                let (inner, more) = wire::value(change.value.get("standby")).unwrap_or_default();
                limits::check_items(inner.contacts.items().count()).map_err(exceeds)?;
                (place.standby, place.contacts) = (true, Contacts::new(inner.contacts.items()));
                let echoes = change.value.get("standby").get("message_echoes");
                self.items(echoes, &place, coexistence::echo);
                self.messages(&inner, &place, json)
                    | (more && has_more(change.value.get("standby"), &[MESSAGES, &["message_echoes"]]))
            }
            "smb_message_echoes" | "message_echoes" => {
                let echoes = change.value.get("message_echoes");
                self.items(echoes, &place, coexistence::echo);
                let odd = echoes.is_no_list() || has_more(change.value, &[MESSAGES, &["message_echoes"]]);
                self.messages(&value, &place, json) | odd
            }
            "history" => {
                let parts = change.value.get("history");
                let mut odd = parts.is_no_list() || value.messages.is_no_list();
                for part in parts.items() {
                    odd |= coexistence::history(part, &place, |event, raw| self.push(&place.line, event, raw));
                }
                self.items(value.messages, &place, coexistence::late_file);
                odd || has_more(change.value, &[&["messaging_product", "metadata", "contacts", "messages", "history"]])
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
    fn messages(&mut self, value: &wire::Value<'_>, place: &Place<'_>, change: Json<'_>) -> bool {
        self.events.reserve(value.messages.items().count().max(1));
        self.items(value.messages, place, message::read);
        self.items(value.statuses, place, status::read);
        for (kind, items, event) in
            [("error", value.errors, "code"), ("user_actions", value.user_actions, "action_type")]
        {
            for (at, item) in items.items().enumerate() {
                let update = AccountUpdate::new(kind, item.get(event).string());
                let update = (Event::Account(update), time(item.get("timestamp")));
                // The same failure comes again and again in the same words: what it stands beside tells which it is.
                let occurrence = format!("{}-{at}", digest(change.raw()));
                self.push_occurrence(&place.line, update, item.raw(), Some(&occurrence));
            }
        }
        let summary = value.conversation_context;
        if summary.is_given() {
            let update = AccountUpdate::new("conversation_context", summary.get("type").string());
            let occurrence = digest(change.raw());
            self.push_occurrence(&place.line, (Event::Account(update), None), summary.raw(), Some(&occurrence));
        }
        [value.messages, value.statuses, value.errors, value.user_actions].into_iter().any(Json::is_no_list)
    }

    fn items<'a>(&mut self, list: Json<'a>, place: &Place<'a>, read: fn(Json<'a>, &Place<'a>) -> Timed) {
        for item in list.items() {
            let event = read(item, place);
            let occurrence = occurrence(&event.0, item.raw());
            self.push_occurrence(&place.line, event, item.raw(), occurrence.as_deref());
        }
    }

    /// What [`field`] found.
    fn found(&mut self, items: Vec<field::Item<'_>>, line: &str, entry_time: Json<'_>, change: Json<'_>) {
        for item in items {
            let event = (item.event, item.at.or_else(|| time(entry_time)));
            if let Some(raw) = item.raw {
                let occurrence = occurrence(&event.0, raw);
                self.push_occurrence(line, event, raw, occurrence.as_deref());
            } else {
                self.push_change(line, event, entry_time, change);
            }
        }
    }

    /// An event of a whole change. A template that is approved, paused and approved again is written in the same bytes
    /// twice: only the entry's time tells the two apart, and it stands outside the change.
    fn push_change(&mut self, line: &str, event: Timed, entry_time: Json<'_>, change: Json<'_>) {
        self.push_occurrence(line, event, change.raw(), entry_time.text().as_deref());
    }
}

/// What tells events of the same id apart that are more than one: of a call other than how far it came, and of what
/// is not read.
fn occurrence(event: &Event, raw: &str) -> Option<String> {
    let several = match event {
        Event::Call(update) => !matches!(&*update.event, "connect" | "terminate" | "ringing" | "accepted" | "rejected"),
        Event::Unknown(unknown) => unknown.id.is_some() && !unknown.kind.starts_with("message."),
        _ => false,
    };
    several.then(|| digest(raw))
}

/// The first 16 digits of the SHA-256 of `raw`.
fn digest(raw: &str) -> String {
    let mut digest = hex::encode(Sha256::digest(raw));
    digest.truncate(16);
    digest
}

/// Whether an object holds more than what `known` names.
fn has_more(json: Json<'_>, known: &[&[&str]]) -> bool {
    let mut entries = json.entries().into_iter().flatten();
    entries.any(|(key, value)| {
        !value.is_null() && key.str().is_none_or(|key| !known.iter().any(|names| names.contains(&&*key)))
    })
}

/// The line of what concerns a whole WhatsApp Business Account.
fn account(waba_id: Json<'_>) -> String {
    format!("waba:{}", waba_id.text().as_deref().unwrap_or("0"))
}

fn named(prefix: &str, name: Option<&str>) -> String {
    name.map_or_else(|| prefix.to_owned(), |name| format!("{prefix}.{name}"))
}

fn message_id(id: Json<'_>) -> Option<MessageId> {
    id.text().filter(|id| id.len() <= ID_BYTES).map(|id| MessageId::from(&*id))
}

/// Unix seconds, as text or number.
pub(crate) fn time(seconds: Json<'_>) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(seconds.number().filter(|seconds| *seconds > 0)?, 0)
}
