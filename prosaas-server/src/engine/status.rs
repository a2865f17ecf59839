//! How far our messages came.
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;
use whatsapp_core::{Status, StatusUpdate};

use super::settle;
use crate::{
    domain::MessageRef,
    store::{
        Store, StoreError,
        entity::{outbox, whatsapp_message},
        repo::{event_log::NewEvent, message, statement::filled},
    },
};

/// What a provider told of a message of ours.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told<'t> {
    pub(super) line: Uuid,
    pub(super) at: DateTime<Utc>,
    pub(super) update: &'t StatusUpdate,
}

/// Joins what was told into the messages, and settles the sends that it proves; what is to be logged of it.
pub(super) async fn join(
    tx: &impl ConnectionTrait,
    store: &Store,
    told: &[Told<'_>],
) -> Result<Vec<NewEvent>, StoreError> {
    if told.is_empty() {
        return Ok(Vec::new());
    }
    let mut ours = Ours::load(tx, told).await?;
    let mut changed: Vec<Uuid> = Vec::new();
    for one in told {
        let Some(id) = ours.find(one) else {
            tracing::debug!(line = %one.line, "a status of a message that was not sent from here");
            continue;
        };
        if ours.advance(tx, store, id, one).await? && !changed.contains(&id) {
            changed.push(id);
        }
    }
    let mut events = Vec::with_capacity(changed.len());
    for id in changed {
        if let Some(row) = ours.messages.get(&id) {
            row.clone().into_active_model().reset_all().update(tx).await?;
            events.push(NewEvent { business: row.business_id, kind: "message.status", data: message::summary(row) });
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
    async fn load(tx: &impl ConnectionTrait, told: &[Told<'_>]) -> Result<Self, StoreError> {
        let lines: HashSet<Uuid> = told.iter().map(|one| one.line).collect();
        let ids: HashSet<&str> = told.iter().map(|one| one.update.id.as_str()).collect();
        let correlations: HashSet<Uuid> =
            told.iter().filter_map(|one| Some(Uuid::from_bytes(*one.update.correlation?.as_bytes()))).collect();
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

    fn find(&self, told: &Told<'_>) -> Option<Uuid> {
        let by_id = self.by_provider_id.get(&(told.line, told.update.id.to_string())).copied();
        by_id.or_else(|| {
            let correlation = Uuid::from_bytes(*told.update.correlation?.as_bytes());
            let row = self.outbox.get(&correlation).filter(|row| row.line_id == told.line)?;
            Some(row.message_id)
        })
    }

    /// Joins a status into its message, and settles the send that it proves; `true` if anything changed.
    async fn advance(
        &mut self,
        tx: &impl ConnectionTrait,
        store: &Store,
        id: Uuid,
        told: &Told<'_>,
    ) -> Result<bool, StoreError> {
        let update = told.update;
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
        timeline.reach(update.status, told.at);
        message::set_timeline(row, &timeline);
        if let (Status::Failed, Some(error)) = (update.status, &update.error)
            && row.status == Status::Failed.as_str()
        {
            row.error_code = Some(error.code.map_or_else(|| "failed".to_owned(), |code| code.to_string()));
            row.error_message = Some(error.message.clone());
            row.error_kind = error.kind.map(|kind| kind.as_str().to_owned());
            row.error_advice = error.advice().map(str::to_owned);
        }
        if let Some(sent) = self.outbox.values_mut().find(|sent| sent.message_id == id) {
            settle::by_proof(tx, store, sent, update).await?;
        }
        Ok(*row != before)
    }
}
