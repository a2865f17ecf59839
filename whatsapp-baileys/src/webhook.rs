//! What the bridge tells: one envelope per message, update and receipt.
use std::{
    borrow::Cow,
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde_json::value::RawValue;
use whatsapp_core::{
    Envelope, Error, ErrorKind, Event, InboundMessage, LineId, MessageId, Parser, Result, Secret, StandardWebhook,
    Status, StatusUpdate, Unknown, Verified,
};

use crate::{
    ID,
    content::{self, Found},
    jid::{Chat, Jid, Key},
    wire::{self, Change, MemberReceipt, Post, Upsert, WebMessage},
};

/// Verifies and parses the bridge's webhooks, of all its tenants. Does no I/O.
///
/// Built by [`BaileysBuilder::build_webhook`](crate::BaileysBuilder::build_webhook).
#[derive(Clone, Debug)]
pub struct BaileysWebhook {
    pub(crate) secrets: Vec<Secret>,
    pub(crate) signers: Vec<StandardWebhook>,
    pub(crate) require_signature: bool,
    pub(crate) clock: fn() -> i64,
}

impl BaileysWebhook {
    pub(crate) const fn new(secrets: Vec<Secret>, signers: Vec<StandardWebhook>, require_signature: bool) -> Self {
        Self { secrets, signers, require_signature, clock: system_clock }
    }

    /// Takes the time from `clock`, in Unix seconds, to tell stale signatures.
    #[must_use]
    pub fn with_clock(mut self, clock: fn() -> i64) -> Self {
        self.clock = clock;
        self
    }
}

/// Before 1970 it says 0, by which every signature is stale.
#[expect(clippy::disallowed_methods, reason = "the default of `with_clock`; a signature's age needs the real time")]
pub(crate) fn system_clock() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_secs().try_into().unwrap_or(i64::MAX)
}

/// An edit, a deletion and a reaction are emitted twice by Baileys. The one in `messages.upsert` is told; its twin in
/// `messages.update` or `messages.reaction` becomes an [`Unknown`] of that name.
impl Parser for BaileysWebhook {
    fn parse(&self, request: &Verified<'_>) -> Result<Vec<Envelope>> {
        let body = request.body();
        let post: Post<'_> = serde_json::from_slice(body).map_err(|error| {
            // Not as the source: its words may quote the body.
            unreadable(format!("the body is not a JSON object (line {}, column {})", error.line(), error.column()))
        })?;
        let tenant = post.tenant_id.as_deref().filter(|tenant| wire::is_tenant(tenant));
        let tenant = tenant.ok_or_else(|| unreadable("`tenantId` is missing or not a tenant's name"))?;
        let reader = Reader { body, line: tenant.into(), event_id: post.event_id.as_deref() };
        let event = match post.event {
            None => Cow::Borrowed("messages.upsert"),
            Some(raw) => wire::text(raw).unwrap_or(Cow::Borrowed("unreadable")),
        };
        Ok(reader.events(&event, post.payload))
    }
}

fn unreadable(message: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ID, ErrorKind::Protocol, message)
}

type Read = (Event, Option<DateTime<Utc>>);

struct Reader<'a> {
    body: &'a Bytes,
    line: LineId,
    event_id: Option<&'a str>,
}

impl Reader<'_> {
    fn events(&self, event: &str, payload: Option<&RawValue>) -> Vec<Envelope> {
        let Some(payload) = payload else {
            return vec![self.envelope(None, self.body.clone(), unlisted(event))];
        };
        if event == "messages.upsert"
            && let Ok(upsert) = serde_json::from_str::<Upsert<'_>>(payload.get())
        {
            // "append" is what arrived while the bridge was away, "notify" is now.
            let replayed = upsert.kind.is_some_and(|kind| kind != "notify");
            return self.each(&upsert.messages, |item| message(item, replayed));
        }
        let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(payload.get()) else {
            return vec![self.envelope(None, self.range(payload), unlisted(event))];
        };
        self.each(&items, |item| {
            let read = match event {
                "messages.update" => update(item),
                "message-receipt.update" => member_receipt(item),
                _ => None,
            };
            read.unwrap_or_else(|| unlisted(event))
        })
    }

    fn each(&self, items: &[&RawValue], read: impl Fn(&RawValue) -> Read) -> Vec<Envelope> {
        let envelopes = items.iter().enumerate();
        envelopes.map(|(at, item)| self.envelope(Some(at), self.range(item), read(item))).collect()
    }

    /// An item without an id takes that of the bridge's event: the bytes of two events, such as a reconnect today
    /// and one tomorrow, may be the same.
    fn envelope(&self, index: Option<usize>, raw: Bytes, (mut event, at): Read) -> Envelope {
        if let (Event::Unknown(unknown), Some(event_id)) = (&mut event, self.event_id)
            && unknown.id.is_none()
        {
            let suffix = index.map(|index| format!("/{index}")).unwrap_or_default();
            unknown.id = Some(format!("{event_id}{suffix}").into());
        }
        Envelope::new(ID, self.line.clone(), event, raw).with_time(at)
    }

    fn range(&self, item: &RawValue) -> Bytes {
        self.body.slice_ref(item.get().as_bytes())
    }
}

/// An event that is not read, by its own name.
fn unlisted(event: &str) -> Read {
    (Event::Unknown(Unknown::new(event.chars().take(64).collect::<String>())), None)
}

/// An element of `messages.upsert`.
fn message(item: &RawValue, replayed: bool) -> Read {
    read_message(item, replayed).unwrap_or_else(|| (Event::Unknown(Unknown::new("message.unreadable")), None))
}

fn read_message(item: &RawValue, replayed: bool) -> Option<Read> {
    let web: WebMessage<'_> = serde_json::from_str(item.get()).ok()?;
    let key = Key::read(web.key)?;
    let id = MessageId::from(key.id.as_deref()?);
    let unknown = |kind: &str, id| Event::Unknown(Unknown::new(kind).with_id(Some(id)));
    let event = if key.is_ours() {
        match web.status.and_then(wire::status) {
            Some(status) => Event::Status(reached(id, status, &key, web.message_stub_parameters)),
            None => unknown("message.from_me", id),
        }
    } else {
        match key.chat() {
            Chat::Phone | Chat::Lid => inbound(&web, &key, id, replayed),
            Chat::Group => unknown("message.group", id),
            Chat::Broadcast => unknown("message.broadcast", id),
            Chat::Newsletter => unknown("message.newsletter", id),
            Chat::Other => unknown("message.unreadable", id),
        }
    };
    Some((event, wire::time(web.message_timestamp)))
}

/// A message of one person.
fn inbound(web: &WebMessage<'_>, key: &Key<'_>, id: MessageId, replayed: bool) -> Event {
    let Some(mut from) = key.sender() else {
        return Event::Unknown(Unknown::new("message.unreadable").with_id(Some(id)));
    };
    if let Some(name) = web.push_name.as_deref().map(str::trim).filter(|name| !name.is_empty()) {
        from = from.with_name(name);
    }
    let kind = match content::read(web.message, &id) {
        Found::Content(content, quoted) => {
            let message = InboundMessage::new(id, from, content).with_reply_to(quoted).with_replayed(replayed);
            return Event::Message(message);
        }
        Found::Other(kind) => kind,
        Found::Nothing => stub(web.message_stub_type),
    };
    Event::Unknown(Unknown::new(format!("message.{kind}")).with_id(Some(id)).with_from(Some(from)))
}

/// What stands in for a content: `messageStubType`, a number or a name. Without one, and with 2 or `CIPHERTEXT`, the
/// message could not be decrypted; it may come again, readable, and its kind then keeps the two apart.
fn stub(kind: Option<&RawValue>) -> String {
    match kind.map(|raw| (wire::integer(raw), wire::text(raw))) {
        Some((Some(number), _)) if !matches!(number, 0 | 2) => format!("stub_{number}"),
        Some((None, Some(name))) if !matches!(&*name, "UNKNOWN" | "CIPHERTEXT") => {
            name.chars().take(48).collect::<String>().to_ascii_lowercase()
        }
        _ => "undecryptable".to_owned(),
    }
}

fn reached(id: MessageId, status: Status, key: &Key<'_>, parameters: Option<&RawValue>) -> StatusUpdate {
    let error = (status == Status::Failed).then(|| wire::delivery_error(parameters));
    StatusUpdate::new(id, status).with_recipient(key.recipient()).with_error(error)
}

/// An element of `messages.update`: a status of ours, or `None`.
fn update(item: &RawValue) -> Option<Read> {
    let change: Change<'_> = serde_json::from_str(item.get()).ok()?;
    let key = Key::read(change.key).filter(Key::is_ours)?;
    let status = change.update.status.and_then(wire::status)?;
    let update = reached(key.id.as_deref()?.into(), status, &key, change.update.message_stub_parameters);
    Some((Event::Status(update), wire::time(change.update.message_timestamp)))
}

/// An element of `message-receipt.update`: how far our message is with one member of a group, or `None`.
fn member_receipt(item: &RawValue) -> Option<Read> {
    let MemberReceipt { key, receipt } = serde_json::from_str(item.get()).ok()?;
    let key = Key::read(key).filter(Key::is_ours)?;
    let times = [
        (Status::Played, receipt.played_timestamp),
        (Status::Read, receipt.read_timestamp),
        (Status::Delivered, receipt.receipt_timestamp),
    ];
    let (status, at) = times.into_iter().find_map(|(status, raw)| wire::time(raw).map(|at| (status, at)))?;
    let member = receipt.user_jid.as_deref().and_then(Jid::new).map(Jid::bare);
    let update = StatusUpdate::new(key.id.as_deref()?.into(), status).with_participant(member);
    Some((Event::Status(update), Some(at)))
}
