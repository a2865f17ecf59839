//! What a batch of events changes, in one transaction and few statements.
use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;
use whatsapp_core::{Envelope, Event, Identity, InboundContent, InboundMessage, Status, StatusUpdate, Unknown};

use super::{correction, settle};
use crate::{
    domain::MessageRef,
    store::{
        Store, StoreError,
        entity::{job, outbox, whatsapp_message},
        repo::{
            contact::{self, Known},
            conversation::{self, Received},
            event_log::{self, NewEvent},
            insert_rows, message,
            statement::{SHORT, filled},
        },
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
    if row.direction != "in" || row.kind != UNREAD {
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
        timestamp: envelope.at.unwrap_or(job.created_at),
        created_at: now,
        sent_at: None,
        delivered_at: None,
        read_at: None,
        played_at: None,
        failed_at: None,
    };
    if let Event::Message(message) = &envelope.event {
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
    let updates: Vec<(&job::Model, &Envelope, &StatusUpdate)> = envelopes
        .iter()
        .filter_map(|(job, envelope)| match &envelope.event {
            Event::Status(update) => Some((*job, envelope, update)),
            _ => None,
        })
        .collect();
    if updates.is_empty() {
        return Ok(Vec::new());
    }
    let mut ours = Ours::load(tx, &updates).await?;
    let mut changed: Vec<Uuid> = Vec::new();
    for (job, envelope, update) in updates {
        let Some(id) = ours.find(job, update) else {
            tracing::debug!(line = %job.line_id, "a status of a message that was not sent from here");
            continue;
        };
        let at = envelope.at.unwrap_or(job.created_at);
        if ours.advance(tx, store, id, update, at).await? && !changed.contains(&id) {
            changed.push(id);
        }
    }
    let mut events = Vec::with_capacity(changed.len());
    for id in changed {
        if let Some(row) = ours.messages.get(&id) {
            row.clone().into_active_model().reset_all().update(tx).await?;
            events.push(event("message.status", row));
        }
    }
    Ok(events)
}

/// Our messages that a batch of statuses may be about.
struct Ours {
    messages: HashMap<Uuid, whatsapp_message::Model>,
    by_provider_id: HashMap<(Uuid, String), Uuid>,
    outbox: HashMap<Uuid, outbox::Model>,
}

impl Ours {
    async fn load(
        tx: &impl ConnectionTrait,
        updates: &[(&job::Model, &Envelope, &StatusUpdate)],
    ) -> Result<Self, StoreError> {
        let lines: HashSet<Uuid> = updates.iter().map(|(job, ..)| job.line_id).collect();
        let ids: HashSet<&str> = updates.iter().map(|(.., update)| update.id.as_str()).collect();
        let correlations: HashSet<Uuid> =
            updates.iter().filter_map(|(.., update)| Some(Uuid::from_bytes(*update.correlation?.as_bytes()))).collect();
        let by_correlation = outbox::Entity::find()
            .filter(outbox::Column::Id.is_in(filled(correlations)))
            .filter(outbox::Column::LineId.is_in(filled(lines.iter().copied())))
            .all(tx)
            .await?;
        let named: HashSet<Uuid> = by_correlation.iter().map(|row| row.message_id).collect();
        let by_id = Condition::all()
            .add(whatsapp_message::Column::ProviderMessageId.is_in(filled(ids)))
            .add(whatsapp_message::Column::LineId.is_in(filled(lines)));
        let meant: Vec<Uuid> = whatsapp_message::Entity::find()
            .select_only()
            .column(whatsapp_message::Column::Id)
            .filter(whatsapp_message::Column::Direction.eq("out"))
            .filter(Condition::any().add(by_id).add(whatsapp_message::Column::Id.is_in(filled(named))))
            .into_tuple()
            .all(tx)
            .await?;
        // The answer to a send writes the same rows at the same time: locked in its order, then read.
        let outbox = crate::store::repo::outbox::of_messages(tx, &meant).await?;
        let rows = whatsapp_message::Entity::find()
            .filter(whatsapp_message::Column::Id.is_in(meant))
            .order_by_asc(whatsapp_message::Column::Id)
            .lock_exclusive()
            .all(tx)
            .await?;
        Ok(Self {
            by_provider_id: rows
                .iter()
                .filter_map(|row| Some(((row.line_id?, row.provider_message_id.clone()?), row.id)))
                .collect(),
            messages: rows.into_iter().map(|row| (row.id, row)).collect(),
            outbox: outbox.into_iter().map(|row| (row.id, row)).collect(),
        })
    }

    fn find(&self, job: &job::Model, update: &StatusUpdate) -> Option<Uuid> {
        let by_id = self.by_provider_id.get(&(job.line_id, update.id.to_string())).copied();
        by_id.or_else(|| {
            let correlation = Uuid::from_bytes(*update.correlation?.as_bytes());
            let row = self.outbox.get(&correlation).filter(|row| row.line_id == job.line_id)?;
            Some(row.message_id)
        })
    }

    /// Joins a status into its message, and settles the send that it proves; `true` if anything changed.
    async fn advance(
        &mut self,
        tx: &impl ConnectionTrait,
        store: &Store,
        id: Uuid,
        update: &StatusUpdate,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let Some(row) = self.messages.get_mut(&id) else { return Ok(false) };
        let before = row.clone();
        if row.status == "intent" {
            return Ok(false);
        }
        if row.provider_message_id.is_none() {
            row.provider_message_id = Some(update.id.to_string());
        } else if row.provider_message_id.as_deref() != Some(update.id.as_str()) {
            tracing::warn!(message = %MessageRef(id), "a message reached the provider twice");
        }
        let mut timeline = message::timeline(row);
        timeline.reach(update.status, at);
        message::set_timeline(row, &timeline);
        if let (Status::Failed, Some(error)) = (update.status, &update.error)
            && row.status == Status::Failed.as_str()
        {
            row.error_code = Some(error.code.map_or_else(|| "failed".to_owned(), |code| code.to_string()));
            row.error_message = Some(error.message.clone());
        }
        if let Some(sent) = self.outbox.values_mut().find(|sent| sent.message_id == id) {
            settle::by_proof(tx, store, sent, update).await?;
        }
        Ok(*row != before)
    }
}
