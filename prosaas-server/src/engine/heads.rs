//! What may be sent next.
use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement},
};
use uuid::Uuid;

use super::OutboxState;
use crate::{
    clock::random,
    domain::LineRef,
    store::{
        Store, StoreError,
        entity::outbox::{Column, Entity, Model},
        repo::statement::filled,
    },
};

/// The due heads of the lanes of these lines, at most `share` of each line and about `most` in all: a line that has much
/// to send, or whose provider hangs, must not hide the others. `in_flight` is what this process is sending.
pub(super) async fn due_heads(
    store: &Store,
    held: impl Iterator<Item = LineRef>,
    in_flight: &HashMap<Uuid, LineRef>,
    share: u64,
    most: usize,
) -> Result<Vec<Model>, StoreError> {
    let due = || {
        Condition::any()
            .add(Column::State.eq(OutboxState::Sending.as_str()))
            .add(Condition::all().add(Column::State.is_in(OutboxState::open_names())).add(is_due(store)))
    };
    let mut lines: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::LineId)
        .distinct()
        .filter(Column::LineId.is_in(filled(held.map(|line| line.0))))
        .filter(due())
        .into_tuple()
        .all(store.reader())
        .await?;
    // Begins elsewhere each time: no line is always the last.
    let [turn] = random().unwrap_or([0]);
    let count = lines.len();
    lines.rotate_left(usize::from(turn).checked_rem(count).unwrap_or_default());
    let mut heads = Vec::new();
    for line in lines {
        let busy = in_flight.iter().filter(|(_, of)| of.0 == line).map(|(id, _)| *id);
        let of_line = Entity::find()
            .filter(Column::LineId.eq(line))
            .filter(Column::Id.is_not_in(filled(busy)))
            .filter(due())
            .filter(Condition::all().not().add(Expr::exists(before())))
            .order_by_asc(Column::Seq)
            .limit(share);
        heads.extend(of_line.all(store.reader()).await?);
        if heads.len() >= most {
            break;
        }
    }
    Ok(heads)
}

fn is_due(store: &Store) -> Expr {
    Expr::col((Entity, Column::RunAtMs)).lte(store.now_ms())
}

/// An open row of the same lane that comes before.
fn before() -> SelectStatement {
    let earlier = Alias::new("earlier");
    let of = |column: Column| Expr::col((earlier.clone(), column));
    Query::select()
        .expr(Expr::val(1))
        .from_as(Entity, earlier.clone())
        .and_where(of(Column::LineId).equals((Entity, Column::LineId)))
        .and_where(of(Column::Lane).equals((Entity, Column::Lane)))
        .and_where(of(Column::State).is_in(OutboxState::open_names()))
        .and_where(of(Column::Seq).lt(Expr::col((Entity, Column::Seq))))
        .take()
}
