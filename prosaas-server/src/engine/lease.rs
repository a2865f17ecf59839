//! Which node works for which line: one lease per line, valid while its node is.
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};
use tokio::time::Instant;
use uuid::Uuid;

use super::Tuning;
use crate::{
    domain::LineRef,
    store::{
        Store, StoreError,
        entity::{line, line_lease, node},
    },
};

/// How long a node that ended is remembered.
const FORGOTTEN_MS: i64 = 24 * 3600 * 1000;

/// This node's leases. Clones share them.
#[derive(Clone, Debug)]
pub struct Leases {
    store: Store,
    tuning: Tuning,
    node: Uuid,
    held: Arc<Mutex<Held>>,
}

#[derive(Debug, Default)]
struct Held {
    fences: HashMap<LineRef, i64>,
    /// By this process's own clock: after it, nothing may be sent.
    until: Option<Instant>,
}

impl Leases {
    /// A node that holds nothing yet.
    #[must_use]
    pub fn new(store: Store, tuning: Tuning) -> Self {
        let node = store.clock().id();
        Self { store, tuning, node, held: Arc::default() }
    }

    /// This node's id.
    #[must_use]
    pub const fn node(&self) -> Uuid {
        self.node
    }

    /// Says that this node is alive, then takes the lines that nobody alive holds. The lines that are new to it come
    /// back.
    ///
    /// # Errors
    /// If the database does not answer; then the node stops by itself when its time is over.
    pub async fn renew(&self) -> Result<Vec<LineRef>, StoreError> {
        // Counted from before the call, so that this process gives up before the database does.
        let began = Instant::now();
        let mut tx = self.store.begin().await?;
        let ttl = i64::try_from(self.tuning.lease.as_millis()).unwrap_or(i64::MAX);
        let renewed = node::Entity::update_many()
            .col_expr(node::Column::UntilMs, self.store.after_ms(ttl))
            .filter(node::Column::Id.eq(self.node))
            .exec(&tx)
            .await?;
        if renewed.rows_affected == 0 {
            let until_ms = self.store.read_clock(&tx).await? + ttl;
            let row = node::Model { id: self.node, until_ms, started_at: self.store.clock().now() };
            node::Entity::insert(row.into_active_model()).exec_without_returning(&tx).await?;
            // Nodes that ended long ago; their lines were taken over.
            node::Entity::delete_many().filter(node::Column::UntilMs.lt(until_ms - FORGOTTEN_MS)).exec(&tx).await?;
            // Seen by the others before a line is taken, or a node that waits for the same row takes it right away.
            tx.commit().await?;
            tx = self.store.begin().await?;
        }
        let taken = self.take(&tx).await?;
        let mine = line_lease::Entity::find().filter(line_lease::Column::NodeId.eq(self.node)).all(&tx).await?;
        tx.commit().await?;
        let mut held = self.lock();
        held.until = Some(began + self.tuning.lease);
        held.fences = mine.into_iter().map(|row| (LineRef(row.line_id), row.fence)).collect();
        Ok(taken)
    }

    async fn take(&self, tx: &impl ConnectionTrait) -> Result<Vec<LineRef>, StoreError> {
        let mut alive = Query::select();
        alive.column(node::Column::Id).from(node::Entity);
        // A second process on the same SQLite file does not start, so whoever held a line before is gone.
        if self.store.is_embedded() {
            alive.and_where(node::Column::Id.eq(self.node));
        } else {
            alive.and_where(Expr::col(node::Column::UntilMs).gt(self.store.now_ms()));
        }
        let free = Condition::any()
            .add(line_lease::Column::NodeId.is_null())
            .add(line_lease::Column::NodeId.not_in_subquery(alive));
        let taken = line_lease::Entity::update_many()
            .col_expr(line_lease::Column::NodeId, Expr::value(Some(self.node)))
            .col_expr(line_lease::Column::Fence, Expr::col(line_lease::Column::Fence).add(1))
            .filter(free)
            .filter(Condition::any().add(line_lease::Column::LineId.in_subquery(lines_in_use())).add(has_work()))
            .exec_with_returning(tx)
            .await?;
        Ok(taken.into_iter().map(|row| LineRef(row.line_id)).collect())
    }

    /// Whether a line in use was handed back by a node that stopped, and waits for another.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn any_free(&self) -> Result<bool, StoreError> {
        let free = line_lease::Entity::find()
            .filter(line_lease::Column::NodeId.is_null())
            .filter(line_lease::Column::LineId.in_subquery(lines_in_use()));
        Ok(free.one(self.store.reader()).await?.is_some())
    }

    /// Gives all lines back, so that another node takes them at once.
    ///
    /// # Errors
    /// If the database does not answer; then they are free when the lease ends.
    pub async fn release(&self) -> Result<(), StoreError> {
        *self.lock() = Held::default();
        let tx = self.store.begin().await?;
        line_lease::Entity::update_many()
            .col_expr(line_lease::Column::NodeId, Expr::value(None::<Uuid>))
            .filter(line_lease::Column::NodeId.eq(self.node))
            .exec(&tx)
            .await?;
        node::Entity::delete_by_id(self.node).exec(&tx).await?;
        Ok(tx.commit().await?)
    }

    /// The lines held now, with their fences; none once the time is over.
    #[must_use]
    pub fn held(&self) -> HashMap<LineRef, i64> {
        let held = self.lock();
        if held.until.is_some_and(|until| Instant::now() < until) { held.fences.clone() } else { HashMap::new() }
    }

    /// How long the leases surely last.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        self.lock().until.map(|until| until.saturating_duration_since(Instant::now())).unwrap_or_default()
    }

    /// Makes sure, inside a transaction, that the lines are still this node's.
    pub(crate) async fn check(
        &self,
        tx: &impl ConnectionTrait,
        fences: &HashMap<LineRef, i64>,
    ) -> Result<(), StoreError> {
        let rows = line_lease::Entity::find().filter(line_lease::Column::LineId.is_in(fences.keys().map(|id| id.0)));
        let rows = if self.store.is_embedded() { rows } else { lock_shared(rows) };
        let rows = rows.all(tx).await?;
        let mine = |row: &line_lease::Model| {
            row.node_id == Some(self.node) && fences.get(&LineRef(row.line_id)) == Some(&row.fence)
        };
        if rows.len() == fences.len() && rows.iter().all(mine) {
            return Ok(());
        }
        let mut held = self.lock();
        for row in rows.iter().filter(|row| !mine(row)) {
            held.fences.remove(&LineRef(row.line_id));
        }
        Err(StoreError::Fenced)
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn lines_in_use() -> SelectStatement {
    Query::select().column(line::Column::Id).from(line::Entity).and_where(line::Column::RemovedAt.is_null()).take()
}

/// A removed line is still worked for while something waits.
fn has_work() -> Condition {
    use crate::{
        engine::OutboxState,
        store::entity::{job, outbox},
    };
    let jobs =
        Query::select().column(job::Column::LineId).from(job::Entity).and_where(job::Column::State.eq("ready")).take();
    let open = outbox::Column::State.is_in(OutboxState::open_names());
    let sends = Query::select().column(outbox::Column::LineId).from(outbox::Entity).and_where(open).take();
    Condition::any()
        .add(line_lease::Column::LineId.in_subquery(jobs))
        .add(line_lease::Column::LineId.in_subquery(sends))
}

fn lock_shared<Q: QuerySelect>(query: Q) -> Q {
    query.lock(sea_orm::sea_query::LockType::Share)
}
