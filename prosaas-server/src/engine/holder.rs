//! Applies the events of the lines that this node holds, lane by lane in order.
use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Query},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    Doorbell, Leases, TURN, apply,
    retry::{APPLY_CRASHES, APPLY_FAILURES, apply_pause},
};
use crate::{
    domain::LineRef,
    store::{Store, StoreError, entity::job, repo::statement::filled},
};

/// Most events in one transaction.
const BATCH: u64 = 500;
/// Least events of a line in a transaction, if it has so many.
const SHARE: u64 = 20;

/// Runs until `stop`.
pub(crate) async fn run(store: Store, leases: Leases, doorbell: Doorbell, settled: Doorbell, stop: CancellationToken) {
    let mut claimed = Vec::new();
    while !stop.is_cancelled() {
        match store.within(TURN, turn(&store, &leases, &mut claimed)).await {
            Ok(true) => settled.ring(),
            Ok(false) => doorbell.wait().await,
            Err(StoreError::Fenced) => tracing::info!("lost a line; another node goes on"),
            Err(error) => {
                tracing::error!(%error, "events cannot be applied now");
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }
    }
}

/// Applies what is due; `false` if nothing was. `claimed` holds what a turn before began and could not end: as this
/// process is still there to tell, it was no crash.
async fn turn(store: &Store, leases: &Leases, claimed: &mut Vec<Uuid>) -> Result<bool, StoreError> {
    count_claims(store, claimed, -1).await?;
    claimed.clear();
    let held = leases.held();
    if held.is_empty() {
        return Ok(false);
    }
    let jobs = waiting(store, held.keys().map(|line| line.0)).await?;
    if jobs.is_empty() {
        return Ok(false);
    }
    // What failed or crashed before is tried alone, so that it cannot hurt its neighbours.
    let (fresh, tried): (Vec<_>, Vec<_>) = due(jobs).into_iter().partition(|job| job.claims == 0);
    if !fresh.is_empty() {
        claim(store, &fresh, claimed).await?;
        match apply_together(store, leases, &held, &fresh).await {
            Ok(()) => {}
            Err(error) if is_no_fault(&error) => return Err(error),
            Err(error) => {
                tracing::warn!(%error, count = fresh.len(), "events are applied one by one");
                one_by_one(store, leases, &held, &fresh).await?;
            }
        }
        claimed.clear();
    }
    for job in tried {
        if job.claims - job.failures >= APPLY_CRASHES {
            put_aside(store, &job, "the process stopped while applying it").await?;
            continue;
        }
        claim(store, std::slice::from_ref(&job), claimed).await?;
        one_by_one(store, leases, &held, std::slice::from_ref(&job)).await?;
        claimed.clear();
    }
    Ok(true)
}

/// Whether the events are not to blame for it.
fn is_no_fault(error: &StoreError) -> bool {
    matches!(error, StoreError::Fenced) || error.is_outage()
}

/// What waits, in order per line, and from every line its share: one that has much must not keep the others waiting.
async fn waiting(store: &Store, held: impl Iterator<Item = Uuid>) -> Result<Vec<job::Model>, StoreError> {
    let ready = || job::Entity::find().filter(job::Column::State.eq("ready"));
    let mut lines: Vec<Uuid> = ready()
        .select_only()
        .column(job::Column::LineId)
        .distinct()
        .filter(job::Column::LineId.is_in(held))
        .into_tuple()
        .all(store.reader())
        .await?;
    // A lane whose head was put off waits as a whole.
    let put_off = Query::select()
        .columns([job::Column::LineId, job::Column::Lane])
        .from(job::Entity)
        .and_where(job::Column::State.eq("ready"))
        .and_where(Expr::col(job::Column::RunAtMs).gt(store.now_ms()))
        .take();
    // Begins elsewhere each time: no line is always the last.
    let [turn] = crate::clock::random().unwrap_or([0]);
    let count = lines.len();
    lines.rotate_left(usize::from(turn).checked_rem(count).unwrap_or_default());
    let share = (BATCH / std::cmp::Ord::max(lines.len() as u64, 1)).clamp(SHARE, BATCH);
    let mut jobs = Vec::new();
    for line in lines {
        let lane = Expr::tuple([Expr::col(job::Column::LineId), Expr::col(job::Column::Lane)]);
        let of_line = ready()
            .filter(job::Column::LineId.eq(line))
            .filter(lane.not_in_subquery(put_off.clone()))
            .order_by_asc(job::Column::Seq)
            .limit(share);
        jobs.extend(of_line.all(store.reader()).await?);
        if jobs.len() as u64 >= BATCH {
            break;
        }
    }
    Ok(jobs)
}

/// A lane's later events wait for one that failed before, which is tried alone.
fn due(jobs: Vec<job::Model>) -> Vec<job::Model> {
    let mut blocked = HashSet::new();
    let mut due = Vec::with_capacity(jobs.len());
    for job in jobs {
        let lane = (job.line_id, job.lane.clone());
        if blocked.contains(&lane) {
            continue;
        }
        if job.claims > 0 {
            blocked.insert(lane);
        }
        due.push(job);
    }
    due
}

/// Counts the attempt before it is made, so that an event which kills the process is found out.
async fn claim(store: &Store, jobs: &[job::Model], claimed: &mut Vec<Uuid>) -> Result<(), StoreError> {
    let ids: Vec<Uuid> = jobs.iter().map(|job| job.id).collect();
    count_claims(store, &ids, 1).await?;
    *claimed = ids;
    Ok(())
}

async fn count_claims(store: &Store, jobs: &[Uuid], by: i32) -> Result<(), StoreError> {
    if jobs.is_empty() {
        return Ok(());
    }
    let tx = store.begin().await?;
    job::Entity::update_many()
        .col_expr(job::Column::Claims, Expr::col(job::Column::Claims).add(by))
        .filter(job::Column::Id.is_in(filled(jobs.iter().copied())))
        .exec(&tx)
        .await?;
    Ok(tx.commit().await?)
}

async fn apply_together(
    store: &Store,
    leases: &Leases,
    held: &HashMap<LineRef, i64>,
    jobs: &[job::Model],
) -> Result<(), StoreError> {
    let lines: HashSet<_> = jobs.iter().map(|job| LineRef(job.line_id)).collect();
    let fences = held.iter().filter(|(line, _)| lines.contains(line)).map(|(line, fence)| (*line, *fence)).collect();
    let tx = store.begin().await?;
    leases.check(&tx, &fences).await?;
    apply::apply(&tx, store, jobs).await?;
    job::Entity::delete_many().filter(job::Column::Id.is_in(filled(jobs.iter().map(|job| job.id)))).exec(&tx).await?;
    Ok(tx.commit().await?)
}

async fn one_by_one(
    store: &Store,
    leases: &Leases,
    held: &HashMap<LineRef, i64>,
    jobs: &[job::Model],
) -> Result<(), StoreError> {
    let mut failed = HashSet::new();
    for job in jobs {
        let lane = (job.line_id, job.lane.as_str());
        if failed.contains(&lane) {
            continue;
        }
        match apply_together(store, leases, held, std::slice::from_ref(job)).await {
            Ok(()) => {}
            Err(error) if is_no_fault(&error) => return Err(error),
            Err(error) if job.failures + 1 >= APPLY_FAILURES => put_aside(store, job, &error.to_string()).await?,
            Err(error) => {
                failed.insert(lane);
                postpone(store, job, &error.to_string()).await?;
            }
        }
    }
    Ok(())
}

async fn postpone(store: &Store, job: &job::Model, error: &str) -> Result<(), StoreError> {
    let pause = i64::try_from(apply_pause(job.failures + 1).as_millis()).unwrap_or(i64::MAX);
    let tx = store.begin().await?;
    job::Entity::update_many()
        .col_expr(job::Column::Failures, Expr::col(job::Column::Failures).add(1))
        .col_expr(job::Column::RunAtMs, store.after_ms(pause))
        .col_expr(job::Column::Error, Expr::value(Some(error)))
        .filter(job::Column::Id.eq(job.id))
        .exec(&tx)
        .await?;
    Ok(tx.commit().await?)
}

/// Puts an event where a person finds it, and lets its lane go on.
async fn put_aside(store: &Store, job: &job::Model, error: &str) -> Result<(), StoreError> {
    tracing::error!(job = %job.id, line = %LineRef(job.line_id), error, "an event is put aside; its lane goes on");
    let tx = store.begin().await?;
    job::Entity::update_many()
        .col_expr(job::Column::State, Expr::value("dead"))
        .col_expr(job::Column::Error, Expr::value(Some(error)))
        .filter(job::Column::Id.eq(job.id))
        .exec(&tx)
        .await?;
    Ok(tx.commit().await?)
}
