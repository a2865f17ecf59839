//! What a batch of events changes, in one transaction and few statements.
use std::collections::{BTreeMap, HashMap, HashSet};

use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;
use whatsapp_core::{Envelope, Event, Identity, InboundContent, InboundMessage, Status, Unknown};

use super::{
    correction,
    status::{self, Told},
};
use crate::store::{
    Store, StoreError,
    entity::{job, whatsapp_message},
    repo::{
        contact::{self, Known},
        conversation::{self, Received},
        event_log::{self, NewEvent},
        insert_rows, message,
        statement::{SHORT, filled},
    },
};

/// Kind of a message that this version does not read.
pub(super) const UNREAD: &str = "unsupported";

/// Applies the jobs in order. Changes nothing outside `tx`.
pub(super) async fn apply(tx: &impl ConnectionTrait, store: &Store, jobs: &[job::Model]) -> Result<(), StoreError> {
    let mut envelopes = Vec::with_capacity(jobs.len());
    for job in jobs {
        let envelope: Envelope = serde_json::from_value(job.payload.clone())?;
        envelopes.push((job, envelope));
    }
    let mut events = messages(tx, store, &envelopes).await?;
    events.extend(statuses(tx, store, &envelopes).await?);
    event_log::append(tx, events, store.clock().now()).await
}

/// The contact's side: new messages.
async fn messages(
    tx: &impl ConnectionTrait,
    store: &Store,
    envelopes: &[(&job::Model, Envelope)],
) -> Result<Vec<NewEvent>, StoreError> {
    let written: Vec<(&job::Model, &Envelope, &Identity)> =
        envelopes.iter().filter_map(|(job, envelope)| Some((*job, envelope, writer(envelope)?))).collect();
    if written.is_empty() {
        return Ok(Vec::new());
    }
    let people: Vec<_> = written.iter().map(|(job, _, person)| (job.business_id, *person)).collect();
    let known = contact::resolve(tx, store.clock(), &people).await?;
    let mut there = already_there(tx, &written).await?;
    let (mut rows, mut changed) = (Vec::<whatsapp_message::Model>::new(), HashSet::new());
    for ((job, envelope, _), known) in written.iter().zip(&known) {
        let mut row = inbound_row(store, job, envelope, known)?;
        if let Some(original) = correction::original(envelope) {
            let key = (job.line_id, Some(original.to_string()));
            let new = rows.iter_mut().find(|new| (new.line_id, &new.provider_message_id) == (Some(key.0), &key.1));
            match (new, there.get_mut(&key)) {
                (Some(new), _) if new.customer_id == known.customer => {
                    correction::apply(new, envelope)?;
                    continue;
                }
                (_, Some(stored)) if stored.customer_id == known.customer => {
                    if correction::apply(stored, envelope)? {
                        changed.insert(key);
                    }
                    continue;
                }
                (None, None) => correction::stand_in(&mut row, original, envelope),
                // Somebody else's message is nobody's to correct; what was asked is kept under its own id.
                _ => {}
            }
        }
        let key = (job.line_id, row.provider_message_id.clone());
        if let Some(stored) = there.get_mut(&key) {
            if make_readable(stored, envelope)? {
                changed.insert(key);
            }
        } else if let Some(new) =
            rows.iter_mut().find(|new| (new.line_id, &new.provider_message_id) == (Some(key.0), &key.1))
        {
            make_readable(new, envelope)?;
        } else {
            rows.push(row);
        }
    }
    insert_rows!(whatsapp_message::Entity, rows, tx);
    touch_conversations(tx, &rows).await?;
    let mut events: Vec<_> = rows.iter().map(|row| event("message.received", row)).collect();
    for row in changed.iter().filter_map(|key| there.remove(key)) {
        events.push(event("message.updated", &row));
        row.into_active_model().reset_all().update(tx).await?;
    }
    Ok(events)
}

fn event(kind: &'static str, row: &whatsapp_message::Model) -> NewEvent {
    NewEvent { business: row.business_id, kind, data: message::summary(row) }
}

/// What could not be read at first (`WhatsApp` Web decrypts some messages only when they come again) is read now.
fn make_readable(row: &mut whatsapp_message::Model, envelope: &Envelope) -> Result<bool, StoreError> {
    let Event::Message(message) = &envelope.event else { return Ok(false) };
    // What a webhook told, though unread, is more than what a list tells.
    if row.direction != "in" || row.kind != UNREAD || message.recovered {
        return Ok(false);
    }
    describe(row, message);
    row.content = serde_json::to_value(&envelope.event)?;
    Ok(true)
}

/// Who wrote: a message, or an item from one person that this version does not read.
fn writer(envelope: &Envelope) -> Option<&Identity> {
    match &envelope.event {
        // What is written in a group is nobody's conversation with the business.
        Event::Message(message) => message.group.is_none().then_some(&message.from),
        Event::Unknown(Unknown { from: Some(person), id: Some(_), kind, .. }) if kind.starts_with("message.") => {
            Some(person)
        }
        _ => None,
    }
}

type MessageKey = (Uuid, Option<String>);

/// Messages stored before under the same provider id, by another kind of event.
async fn already_there(
    tx: &impl ConnectionTrait,
    written: &[(&job::Model, &Envelope, &Identity)],
) -> Result<HashMap<MessageKey, whatsapp_message::Model>, StoreError> {
    let named = |envelope| [message_id(envelope), correction::original(envelope).map(whatsapp_core::MessageId::as_str)];
    let ids: HashSet<&str> = written.iter().flat_map(|(_, envelope, _)| named(envelope)).flatten().collect();
    let lines: HashSet<Uuid> = written.iter().map(|(job, ..)| job.line_id).collect();
    let (ids, lines): (Vec<&str>, _) = (ids.into_iter().collect(), filled(lines));
    let mut rows = Vec::new();
    for some in ids.chunks(SHORT * 2) {
        let known = whatsapp_message::Entity::find()
            .filter(whatsapp_message::Column::LineId.is_in(lines.iter().copied()))
            .filter(whatsapp_message::Column::ProviderMessageId.is_in(filled(some.iter().copied())));
        rows.extend(known.all(tx).await?);
    }
    Ok(rows.into_iter().filter_map(|row| Some(((row.line_id?, row.provider_message_id.clone()), row))).collect())
}

fn message_id(envelope: &Envelope) -> Option<&str> {
    match &envelope.event {
        Event::Message(message) => Some(message.id.as_str()),
        Event::Unknown(unknown) => unknown.id.as_ref().map(whatsapp_core::MessageId::as_str),
        _ => None,
    }
}

fn inbound_row(
    store: &Store,
    job: &job::Model,
    envelope: &Envelope,
    known: &Known,
) -> Result<whatsapp_message::Model, StoreError> {
    let now = store.clock().now();
    let mut row = whatsapp_message::Model {
        id: store.clock().id(),
        business_id: job.business_id,
        conversation_id: known.conversation,
        customer_id: known.customer,
        line_id: Some(job.line_id),
        direction: "in".to_owned(),
        provider: envelope.provider.to_string(),
        provider_message_id: message_id(envelope).map(str::to_owned),
        phone_number: envelope.peer().and_then(Identity::phone).map(String::from).or_else(|| known.phone.clone()),
        kind: UNREAD.to_owned(),
        body: None,
        media_url: None,
        media_type: None,
        content: serde_json::to_value(&envelope.event)?,
        reply_to: None,
        status: Status::Received.as_str().to_owned(),
        reason: None,
        error_kind: None,
        error_code: None,
        error_message: None,
        error_advice: None,
        recovered: false,
        timestamp: envelope.at.unwrap_or(job.created_at),
        created_at: now,
        sent_at: None,
        delivered_at: None,
        read_at: None,
        played_at: None,
        failed_at: None,
    };
    if let Event::Message(message) = &envelope.event {
        row.recovered = message.recovered;
        describe(&mut row, message);
    }
    Ok(row)
}

pub(super) fn describe(row: &mut whatsapp_message::Model, message: &InboundMessage) {
    message.content.kind().clone_into(&mut row.kind);
    row.reply_to = message.reply_to.as_ref().map(ToString::to_string);
    row.body = message.content.words().map(str::to_owned);
    match &message.content {
        InboundContent::Media(file) => {
            row.media_url.clone_from(&file.url);
            row.media_type.clone_from(&file.mime_type);
        }
        InboundContent::Reaction(reaction) => row.reply_to = Some(reaction.message.to_string()),
        _ => {}
    }
}

/// What new messages change in their conversations.
async fn touch_conversations(tx: &impl ConnectionTrait, rows: &[whatsapp_message::Model]) -> Result<(), StoreError> {
    // In order, so that two nodes which change the same conversations do not wait for each other in a circle.
    let mut by_conversation: BTreeMap<Uuid, Vec<&whatsapp_message::Model>> = BTreeMap::new();
    // News that the provider tells of a contact are not the contact's words: they open no window. Nor does what is gone.
    let gone = |row: &whatsapp_message::Model| row.status == Status::Deleted.as_str();
    for row in rows.iter().filter(|row| row.kind != "system" && !gone(row)) {
        by_conversation.entry(row.conversation_id).or_default().push(row);
    }
    let received = by_conversation.into_iter().filter_map(|(conversation, new)| {
        let latest = new.iter().max_by_key(|message| message.timestamp)?;
        Some(Received {
            conversation,
            count: i32::try_from(new.len()).unwrap_or(i32::MAX),
            at: latest.timestamp,
            text: latest.body.clone(),
        })
    });
    conversation::receive(tx, &received.collect::<Vec<_>>()).await
}

/// Our side: how far our messages came.
async fn statuses(
    tx: &impl ConnectionTrait,
    store: &Store,
    envelopes: &[(&job::Model, Envelope)],
) -> Result<Vec<NewEvent>, StoreError> {
    let told = envelopes.iter().filter_map(|(job, envelope)| match &envelope.event {
        Event::Status(update) => Some(Told { line: job.line_id, at: envelope.at.unwrap_or(job.created_at), update }),
        _ => None,
    });
    status::join(tx, store, &told.collect::<Vec<_>>()).await
}
