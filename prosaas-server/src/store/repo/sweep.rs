use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::OnConflict,
};

use super::statement::{SHORT, filled};
use crate::{
    domain::LineRef,
    store::{
        Store, StoreError,
        entity::{line, line_sweep, whatsapp_message},
    },
};

/// How far a line was compared with its provider's list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SweepMark {
    /// When the line was made; what came before is not its own.
    pub made: DateTime<Utc>,
    /// What came before this is stored; `None` if the line was never compared.
    pub swept_until: Option<DateTime<Utc>>,
}

impl Store {
    /// How far this line was compared; `None` if there is no such line.
    pub(crate) async fn sweep_mark(&self, id: LineRef) -> Result<Option<SweepMark>, StoreError> {
        let Some(line) = line::Entity::find_by_id(id.0).one(self.reader()).await? else { return Ok(None) };
        let swept = line_sweep::Entity::find_by_id(id.0).one(self.reader()).await?;
        Ok(Some(SweepMark { made: line.created_at, swept_until: swept.map(|swept| swept.swept_until) }))
    }

    /// Which of these provider ids the line's stored messages have.
    pub(crate) async fn stored_messages(&self, line: LineRef, ids: &[&str]) -> Result<HashSet<String>, StoreError> {
        let mut stored = HashSet::new();
        for some in ids.chunks(SHORT) {
            let known: Vec<Option<String>> = whatsapp_message::Entity::find()
                .select_only()
                .column(whatsapp_message::Column::ProviderMessageId)
                .filter(whatsapp_message::Column::LineId.eq(line.0))
                .filter(whatsapp_message::Column::ProviderMessageId.is_in(filled(some.iter().copied())))
                .into_tuple()
                .all(self.reader())
                .await?;
            stored.extend(known.into_iter().flatten());
        }
        Ok(stored)
    }
}

/// Notes that everything before `until` is stored.
pub(crate) async fn note_swept(tx: &impl ConnectionTrait, id: LineRef, until: DateTime<Utc>) -> Result<(), StoreError> {
    let row = line_sweep::ActiveModel { line_id: Set(id.0), swept_until: Set(until) };
    let mut known = OnConflict::column(line_sweep::Column::LineId);
    known.update_column(line_sweep::Column::SweptUntil);
    line_sweep::Entity::insert(row).on_conflict(known).exec_without_returning(tx).await?;
    Ok(())
}
