//! Sends what the lines of this node have to send: in order per lane, within the rate of the line.
use std::{
    collections::{HashMap, HashSet},
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait},
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use whatsapp_core::{CorrelationId, Error, ErrorKind, MessageId, OutboundMessage, Receipt, Retry, Status};

use super::{
    Doorbell, Leases, Line, LineBook, OutboxState, TURN, Tuning,
    heads::due_heads,
    lookup, reroute,
    settle::{self, Outcome},
    waiters::Waiters,
};
use crate::{
    domain::{LineRef, MessageRef},
    store::{
        Store, StoreError,
        entity::{job, outbox, whatsapp_message},
        repo,
    },
};

/// Most calls to providers at once.
const CALLS: usize = 1024;
/// Most calls of one line at once.
const CALLS_OF_LINE: usize = 32;
/// Longest try at storing an outcome.
const SETTLE: Duration = Duration::from_secs(5);
/// How long it is remembered since when a message is looked for; longer than patience lasts.
const FORGOTTEN: Duration = Duration::from_hours(24);
/// Statuses may wait this long to be applied before proof counts as late.
const LAG_SECS: i64 = 5;

/// What a sender needs. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Sending {
    pub(crate) store: Store,
    pub(crate) leases: Leases,
    pub(crate) book: LineBook,
    pub(crate) doorbell: Doorbell,
    pub(crate) waiters: Waiters,
    pub(crate) tuning: Tuning,
    pub(crate) default_provider: String,
    in_flight: Arc<Mutex<HashMap<Uuid, LineRef>>>,
    /// Since when this process looks for messages of unknown fate.
    doubts: Arc<Mutex<HashMap<Uuid, Instant>>>,
    /// Lines whose success was noted.
    linked: Arc<Mutex<HashSet<LineRef>>>,
}

impl Sending {
    pub(crate) fn new(
        store: Store,
        leases: Leases,
        book: LineBook,
        doorbell: Doorbell,
        waiters: Waiters,
        tuning: Tuning,
        default_provider: String,
    ) -> Self {
        Self {
            store,
            leases,
            book,
            doorbell,
            waiters,
            tuning,
            default_provider,
            in_flight: Arc::default(),
            doubts: Arc::default(),
            linked: Arc::default(),
        }
    }

    /// Whether the line may have one more call under way: a provider that hangs must not take all places.
    fn has_room(&self, line: &Line) -> bool {
        self.in_flight().values().filter(|busy| **busy == line.id).count() < CALLS_OF_LINE
    }

    fn is_first_success(&self, line: LineRef) -> bool {
        self.linked.lock().unwrap_or_else(PoisonError::into_inner).insert(line)
    }

    fn in_flight(&self) -> MutexGuard<'_, HashMap<Uuid, LineRef>> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn doubts(&self) -> MutexGuard<'_, HashMap<Uuid, Instant>> {
        let mut doubts = self.doubts.lock().unwrap_or_else(PoisonError::into_inner);
        doubts.retain(|_, since| since.elapsed() < FORGOTTEN);
        doubts
    }

    /// How many calls to providers are under way.
    pub(crate) fn calls(&self) -> usize {
        self.in_flight().len()
    }
}

/// Runs until `stop`; calls under way go on.
pub(crate) async fn run(sending: Sending, stop: CancellationToken) {
    let mut buckets = HashMap::new();
    while !stop.is_cancelled() {
        match sending.store.within(TURN, turn(&sending, &mut buckets)).await {
            Ok(true) => {}
            Ok(false) => sending.doorbell.wait().await,
            Err(StoreError::Fenced) => tracing::info!("lost a line; another node goes on"),
            Err(error) => {
                tracing::error!(%error, "messages cannot be sent now");
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }
    }
}

type Buckets = HashMap<LineRef, DefaultDirectRateLimiter>;

/// Looks at the head of every lane; `false` if nothing moved.
async fn turn(sending: &Sending, buckets: &mut Buckets) -> Result<bool, StoreError> {
    let held = sending.leases.held();
    let room = CALLS.saturating_sub(sending.in_flight().len());
    if held.is_empty() || room == 0 {
        return Ok(false);
    }
    let in_flight = sending.in_flight().clone();
    let heads = due_heads(&sending.store, held.keys().copied(), &in_flight, CALLS_OF_LINE as u64, room).await?;
    if heads.is_empty() {
        return Ok(false);
    }
    let now_ms = sending.store.read_clock(sending.store.reader()).await?;
    let (mut ready, mut moved) = (Vec::new(), false);
    for row in heads {
        let Some(state) = OutboxState::open_from(&row.state) else { continue };
        let line = sending.book.by_id(LineRef(row.line_id));
        let can = line.as_ref().map(|line| line.provider.capabilities()).unwrap_or_default();
        match (state, line) {
            (OutboxState::Sending, line) => {
                let doubt = lookup::doubt(&sending.tuning, line.as_deref(), lookup::age(&row, now_ms));
                settle::found_sending(&sending.store, &row, can.idempotent_send, doubt).await?;
                moved = true;
            }
            (OutboxState::Unknown, Some(line)) if line.provider.ledger().is_some() => {
                moved |= look_up(sending, row, line).await?;
            }
            (OutboxState::Unknown, _) => moved |= end_grace(sending, &row, can.echoes_correlation).await?,
            _ if row.expires_at_ms <= now_ms => {
                settle::give_up(&sending.store, &row, state, OutboxState::Expired, "expired").await?;
                moved = true;
            }
            (_, Some(line)) if ready.len() < room && sending.has_room(&line) && in_rate(buckets, &line) => {
                ready.push((row, line));
            }
            (_, None) if !sending.book.knows(LineRef(row.line_id)) => moved |= reroute::reroute(sending, &row).await?,
            _ => {}
        }
    }
    let began = begin_sends(sending, &held, ready).await?;
    moved |= !began.is_empty();
    for (row, line) in began {
        tokio::spawn(call(sending.clone(), row, line));
    }
    Ok(moved)
}

/// Whether the line may send one more now. Fixed rates: what each provider takes by default.
fn in_rate(buckets: &mut Buckets, line: &Line) -> bool {
    let bucket = buckets.entry(line.id).or_insert_with(|| {
        let (per_second, burst) = if line.provider.id().as_str() == "baileys" { (1, 5) } else { (80, 80) };
        let count = |number: u32| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        RateLimiter::direct(Quota::per_second(count(per_second)).allow_burst(count(burst)))
    });
    bucket.check().is_ok()
}

/// Commits `sending` for all rows at once; whatever happens later, a row in this state was perhaps sent.
async fn begin_sends(
    sending: &Sending,
    held: &HashMap<LineRef, i64>,
    rows: Vec<(outbox::Model, Arc<Line>)>,
) -> Result<Vec<(outbox::Model, Arc<Line>)>, StoreError> {
    if rows.is_empty() {
        return Ok(rows);
    }
    let fences: HashMap<_, _> =
        rows.iter().filter_map(|(_, line)| held.get(&line.id).map(|fence| (line.id, *fence))).collect();
    let tx = sending.store.begin().await?;
    sending.leases.check(&tx, &fences).await?;
    let mut began = Vec::with_capacity(rows.len());
    for (mut row, line) in rows {
        let Some(fence) = fences.get(&line.id) else { continue };
        let assigned = line.provider.assigned_id(CorrelationId::from_bytes(*row.id.as_bytes()));
        let taken = outbox::Entity::update_many()
            .col_expr(outbox::Column::State, Expr::value(OutboxState::Sending.as_str()))
            .col_expr(outbox::Column::Attempts, Expr::col(outbox::Column::Attempts).add(1))
            .col_expr(outbox::Column::Fence, Expr::value(*fence))
            .col_expr(outbox::Column::TriedAtMs, sending.store.now_ms())
            .filter(outbox::Column::Id.eq(row.id))
            .filter(outbox::Column::State.eq(row.state.as_str()))
            .exec(&tx)
            .await?;
        if taken.rows_affected == 0 {
            continue;
        }
        let mut shown = whatsapp_message::Entity::update_many()
            .col_expr(whatsapp_message::Column::Status, Expr::value(Status::Sending.as_str()))
            .filter(whatsapp_message::Column::Id.eq(row.message_id))
            .filter(whatsapp_message::Column::Status.is_in([Status::Queued.as_str(), Status::Sending.as_str()]));
        if let Some(id) = &assigned {
            shown = shown.col_expr(whatsapp_message::Column::ProviderMessageId, Expr::value(Some(id.as_str())));
        }
        shown.exec(&tx).await?;
        row.attempts += 1;
        row.fence = *fence;
        began.push((row, line));
    }
    tx.commit().await?;
    sending.in_flight().extend(began.iter().map(|(row, line)| (row.id, line.id)));
    Ok(began)
}

async fn call(sending: Sending, row: outbox::Model, line: Arc<Line>) {
    let began = Instant::now();
    let answer = ask(&sending, &row, &line).await;
    if answer.is_ok() && sending.is_first_success(line.id) {
        // Only tells that the line works; another send will tell it again.
        let _ = sending.store.within(SETTLE, sending.store.line_linked(line.id)).await;
    }
    let idempotent = line.provider.capabilities().idempotent_send;
    let doubt = lookup::doubt(&sending.tuning, Some(&*line), began.elapsed());
    let outcome = Outcome::of(answer, row.attempts, idempotent, doubt);
    if let Some(error) = &outcome.error {
        tracing::warn!(line = %line.id, message = %MessageRef(row.message_id), state = outcome.state.as_str(), %error, "a send did not succeed");
    }
    settle(&sending, &row, &outcome).await;
    ended(&sending, &row);
}

fn ended(sending: &Sending, row: &outbox::Model) {
    sending.in_flight().remove(&row.id);
    sending.waiters.settled(MessageRef(row.message_id));
    sending.doorbell.ring();
}

/// Stores the outcome, again and again while the database is away: what the provider said is known nowhere else. If the
/// process ends before, the row is found in `sending`: perhaps sent.
async fn settle(sending: &Sending, row: &outbox::Model, outcome: &Outcome) {
    let mut pause = Duration::from_millis(100);
    while let Err(error) = sending.store.within(SETTLE, settle::by_answer(&sending.store, row, outcome)).await {
        tracing::error!(%error, "the outcome of a send could not be stored; trying again");
        if outcome.receipt.is_none() && sending.leases.remaining().is_zero() {
            return;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(SETTLE);
    }
}

async fn ask(sending: &Sending, row: &outbox::Model, line: &Line) -> Result<Receipt, Error> {
    let refuse = |kind, message: &'static str, retry| Error::new(line.provider.id(), kind, message).with_retry(retry);
    let message =
        message(row).map_err(|_| refuse(ErrorKind::Protocol, "the stored message cannot be read", Retry::Never))?;
    // The last look at the clock before the provider hears of it: a node that was paused must not send.
    if sending.leases.remaining() < sending.tuning.send_timeout {
        return Err(refuse(ErrorKind::Unavailable, "the lease is about to end", Retry::Backoff));
    }
    match tokio::time::timeout(sending.tuning.send_timeout, line.provider.send(&message)).await {
        Ok(answer) => answer,
        Err(_) => Err(refuse(ErrorKind::Unavailable, "no answer in time", Retry::Ambiguous)),
    }
}

/// The message as it is handed to the provider.
pub(super) fn message(row: &outbox::Model) -> Result<OutboundMessage, StoreError> {
    let (to, content) = repo::outbox::opened(row)?;
    let mut message = OutboundMessage::new(to, content).with_correlation(CorrelationId::from_bytes(*row.id.as_bytes()));
    message.reply_to = row.reply_to.as_deref().map(MessageId::from);
    Ok(message)
}

/// Begins to ask the provider's list for a message of unknown fate; `false` if it is too early to.
async fn look_up(sending: &Sending, row: outbox::Model, line: Arc<Line>) -> Result<bool, StoreError> {
    if !sending.has_room(&line) || statuses_lag(&sending.store, row.line_id).await? {
        return Ok(false);
    }
    sending.in_flight().insert(row.id, line.id);
    let sending = sending.clone();
    tokio::spawn(async move {
        // Since this process first looked: while it was away, nobody asked.
        let waited = sending.doubts().entry(row.id).or_insert_with(Instant::now).elapsed();
        let looked = lookup::look_up(&sending.store, &sending.tuning, &row, &line, waited).await;
        if let Err(error) = looked {
            tracing::error!(%error, "a message of unknown fate could not be settled; trying again");
            // Not at once: what failed would fail again.
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        ended(&sending, &row);
    });
    Ok(true)
}

/// Decides on a message of unknown fate; `false` if it is too early to.
async fn end_grace(sending: &Sending, row: &outbox::Model, proof_can_come: bool) -> Result<bool, StoreError> {
    if statuses_lag(&sending.store, row.line_id).await? {
        return Ok(false);
    }
    settle::grace_over(&sending.store, row, proof_can_come).await?;
    Ok(true)
}

/// While statuses wait to be applied, missing proof proves nothing.
async fn statuses_lag(store: &Store, line: Uuid) -> Result<bool, StoreError> {
    let before = store.clock().now() - chrono::TimeDelta::seconds(LAG_SECS);
    let waiting = job::Entity::find()
        .filter(job::Column::LineId.eq(line))
        .filter(job::Column::State.eq("ready"))
        .filter(job::Column::CreatedAt.lt(before));
    Ok(waiting.one(store.reader()).await?.is_some())
}
