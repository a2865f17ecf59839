use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{insert_rows, statement::SHORT};
use crate::store::{
    StoreError, TenantStore,
    entity::{business, event_log},
};

/// What happened, as the API shows it.
#[derive(Clone, Debug, Serialize)]
pub struct EventView {
    /// 1, 2, 3 … without a gap.
    pub seq: i64,
    /// `message.received`, `message.status` …
    pub kind: String,
    /// What.
    pub data: Value,
    /// When, UTC.
    pub at: DateTime<Utc>,
}

/// Something to be logged.
#[derive(Clone, Debug)]
pub(crate) struct NewEvent {
    pub business: Uuid,
    pub kind: &'static str,
    pub data: Value,
}

/// Appends events in the order given. The number is taken from the business's row, which stays locked until the
/// transaction ends: numbers are gapless and in commit order.
pub(crate) async fn append(
    tx: &impl ConnectionTrait,
    events: Vec<NewEvent>,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    // Businesses in order, so that two transactions never wait for each other.
    let mut by_business: BTreeMap<Uuid, Vec<NewEvent>> = BTreeMap::new();
    for event in events {
        by_business.entry(event.business).or_default().push(event);
    }
    let mut rows = Vec::new();
    for (owner, events) in by_business {
        let count = i64::try_from(events.len()).unwrap_or(i64::MAX);
        let taken = business::Entity::update_many()
            .col_expr(business::Column::EventSeq, Expr::col(business::Column::EventSeq).add(count))
            .filter(business::Column::Id.eq(owner))
            .exec_with_returning(tx)
            .await?;
        let last = taken.first().ok_or_else(|| DbErr::RecordNotFound("business".to_owned()))?.event_seq;
        rows.extend(events.into_iter().zip(last - count + 1..).map(|(event, seq)| event_log::Model {
            business_id: owner,
            seq,
            kind: event.kind.to_owned(),
            data: event.data,
            at,
        }));
    }
    for some in rows.chunks(SHORT) {
        insert_rows!(event_log::Entity, some, tx);
    }
    Ok(())
}

impl TenantStore<'_> {
    /// Events after `seq`, oldest first.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn events_after(&self, seq: i64, limit: u64) -> Result<Vec<EventView>, StoreError> {
        let rows = event_log::Entity::find()
            .filter(event_log::Column::BusinessId.eq(self.id()))
            .filter(event_log::Column::Seq.gt(seq))
            .order_by_asc(event_log::Column::Seq)
            .limit(limit)
            .all(self.reader())
            .await?;
        Ok(rows.into_iter().map(|row| EventView { seq: row.seq, kind: row.kind, data: row.data, at: row.at }).collect())
    }
}
