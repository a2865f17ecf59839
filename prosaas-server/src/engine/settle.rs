//! Ends what was begun: what the provider's answer, or a webhook in its place, makes of a send.
use std::time::Duration;

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect, sea_query::Expr,
};
use whatsapp_core::{Error, ErrorKind, Receipt, Retry, Status, StatusUpdate};

use super::{OutboxState, retry::send_pause};
use crate::{
    domain::LineRef,
    store::{
        Store, StoreError,
        entity::{outbox, whatsapp_message},
        repo::{
            event_log::{self, NewEvent},
            message,
        },
    },
};

/// How long a line whose credentials are refused rests before it is tried again.
const SUSPENDED_PAUSE: Duration = Duration::from_mins(5);
/// Longest pause that a provider may ask for.
const LONGEST_PAUSE: Duration = Duration::from_hours(24);
/// Times that a message of unknown fate is sent again.
const UNKNOWN_ATTEMPTS: i32 = 3;

/// What a try at sending comes to.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) state: OutboxState,
    /// When to look again.
    pub(super) wait: Option<Duration>,
    /// The provider's id, if it took the message.
    pub(super) receipt: Option<Receipt>,
    pub(super) error: Option<Error>,
}

impl Outcome {
    fn waiting(state: OutboxState, wait: Duration, error: Error) -> Self {
        Self { state, wait: Some(wait), receipt: None, error: Some(error) }
    }

    /// The provider took it.
    pub(super) const fn taken(receipt: Receipt) -> Self {
        Self { state: OutboxState::Sent, wait: None, receipt: Some(receipt), error: None }
    }

    /// Reads the provider's answer. `idempotent` = the same message sent twice arrives once; `doubt` = when to look
    /// again at one that may have been sent.
    pub(super) fn of(answer: Result<Receipt, Error>, attempts: i32, idempotent: bool, doubt: Duration) -> Self {
        let error = match answer {
            Ok(receipt) => return Self::taken(receipt),
            Err(error) => error,
        };
        match error.retry() {
            Retry::After(wait) => Self::waiting(OutboxState::Throttled, wait.min(LONGEST_PAUSE), error),
            Retry::Backoff => Self::waiting(OutboxState::Throttled, send_pause(attempts), error),
            Retry::Ambiguous if idempotent => Self::waiting(OutboxState::Throttled, send_pause(attempts), error),
            Retry::Ambiguous => Self::waiting(OutboxState::Unknown, doubt, error),
            Retry::Never if error.kind() == ErrorKind::Unauthenticated => {
                Self::waiting(OutboxState::Suspended, SUSPENDED_PAUSE, error)
            }
            Retry::Never => Self { state: OutboxState::Failed, wait: None, receipt: None, error: Some(error) },
        }
    }
}

/// Writes the outcome of a try, unless a webhook or another holder was faster.
pub(super) async fn by_answer(store: &Store, row: &outbox::Model, outcome: &Outcome) -> Result<(), StoreError> {
    let tx = store.begin().await?;
    if write(&tx, store, row, outcome).await? {
        tx.commit().await?;
    }
    Ok(())
}

/// As [`by_answer`], within a transaction; `false` if there was nothing to write.
pub(super) async fn write(
    tx: &impl ConnectionTrait,
    store: &Store,
    row: &outbox::Model,
    outcome: &Outcome,
) -> Result<bool, StoreError> {
    let wait_ms = outcome.wait.map_or(0, |wait| i64::try_from(wait.as_millis()).unwrap_or(i64::MAX));
    let mut update = outbox::Entity::update_many()
        .col_expr(outbox::Column::State, Expr::value(outcome.state.as_str()))
        .col_expr(outbox::Column::RunAtMs, store.after_ms(wait_ms))
        .filter(outbox::Column::Id.eq(row.id));
    update = if let Some(receipt) = &outcome.receipt {
        // A receipt is proof, whoever holds the row by now.
        update
            .col_expr(outbox::Column::ProviderMessageId, Expr::value(Some(receipt.id.as_str())))
            .filter(outbox::Column::State.is_in(OutboxState::open_names()))
    } else {
        update
            .filter(outbox::Column::State.eq(OutboxState::Sending.as_str()))
            .filter(outbox::Column::Fence.eq(row.fence))
    };
    let mine = update.exec(tx).await?.rows_affected == 1;
    // The provider's id is worth keeping even if a webhook came first.
    let written = mine || outcome.receipt.is_some();
    if written {
        note(tx, store, row, outcome).await?;
    }
    Ok(written)
}

async fn note(
    tx: &impl ConnectionTrait,
    store: &Store,
    row: &outbox::Model,
    outcome: &Outcome,
) -> Result<(), StoreError> {
    // Statuses of the same message may be applied at the same time; whoever is second sees what the first wrote.
    let shown = whatsapp_message::Entity::find_by_id(row.message_id).lock_exclusive().one(tx).await?;
    let Some(mut shown) = shown else { return Ok(()) };
    let before = shown.clone();
    let now = store.clock().now();
    let mut timeline = message::timeline(&shown);
    match outcome.state {
        OutboxState::Sent => timeline.reach(Status::Sent, now),
        OutboxState::Failed | OutboxState::Expired | OutboxState::Cancelled => timeline.reach(Status::Failed, now),
        _ => timeline.reach(Status::Sending, now),
    }
    message::set_timeline(&mut shown, &timeline);
    if let Some(receipt) = &outcome.receipt
        && shown.provider_message_id.is_none()
    {
        shown.provider_message_id = Some(receipt.id.to_string());
    }
    if shown.status == Status::Sending.as_str() {
        shown.reason = reason(outcome);
    }
    if let Some(error) = &outcome.error
        && shown.status == Status::Failed.as_str()
    {
        shown.error_kind = Some(error.kind().as_str().to_owned());
        shown.error_code = Some(error.code().map_or_else(|| error.kind().as_str().to_owned(), |code| code.to_string()));
        shown.error_message = Some(error.message().to_owned());
        shown.error_advice = Some(error.advice().to_owned());
    }
    if shown != before {
        let event = NewEvent { business: shown.business_id, kind: "message.status", data: message::summary(&shown) };
        shown.into_active_model().reset_all().update(tx).await?;
        event_log::append(tx, vec![event], now).await?;
    }
    Ok(())
}

fn reason(outcome: &Outcome) -> Option<String> {
    match outcome.state {
        OutboxState::Unknown => Some("unknown".to_owned()),
        OutboxState::Suspended => Some("suspended".to_owned()),
        OutboxState::Throttled => outcome.error.as_ref().map(|error| error.kind().as_str().to_owned()),
        _ => None,
    }
}

/// A status proves that the provider took the message, whatever became of the answer.
pub(super) async fn by_proof(
    tx: &impl ConnectionTrait,
    store: &Store,
    row: &mut outbox::Model,
    update: &StatusUpdate,
) -> Result<(), StoreError> {
    let open = OutboxState::open_names().contains(&row.state.as_str());
    // Before `sent` only our own id proves that the provider has the message; a bridge says `pending` of its own accord.
    if !open || (update.status < Status::Sent && update.correlation.is_none()) {
        return Ok(());
    }
    OutboxState::Sent.as_str().clone_into(&mut row.state);
    row.provider_message_id = Some(update.id.to_string());
    let mut change = outbox::ActiveModel { id: Set(row.id), ..Default::default() };
    change.state = Set(row.state.clone());
    change.provider_message_id = Set(row.provider_message_id.clone());
    change.update(tx).await?;
    tracing::debug!(outbox = %row.id, at = %store.clock().now(), "settled by a status");
    Ok(())
}

/// What a new holder finds in `sending` was begun by somebody who is gone: perhaps sent. `doubt` = when to look again.
pub(super) async fn found_sending(
    store: &Store,
    row: &outbox::Model,
    idempotent: bool,
    doubt: Duration,
) -> Result<(), StoreError> {
    let (state, wait) = if idempotent { (OutboxState::Queued, Duration::ZERO) } else { (OutboxState::Unknown, doubt) };
    tracing::info!(outbox = %row.id, line = %LineRef(row.line_id), state = state.as_str(), "found a send that nobody finished");
    move_to(store, row, OutboxState::Sending, state, wait).await
}

/// Grace is over and no proof came, or the provider's list does not name it: it was not accepted, so it is sent again; a few times. Where proof cannot come,
/// its absence says nothing, and only a person can decide.
pub(super) async fn grace_over(store: &Store, row: &outbox::Model, proof_can_come: bool) -> Result<(), StoreError> {
    if !proof_can_come || row.attempts >= UNKNOWN_ATTEMPTS {
        return give_up(store, row, OutboxState::Unknown, OutboxState::Failed, "unknown_outcome").await;
    }
    tracing::info!(outbox = %row.id, "it was not taken; sending again");
    move_to(store, row, OutboxState::Unknown, OutboxState::Queued, Duration::ZERO).await
}

/// Moves a row on, unless something else did.
pub(super) async fn move_to(
    store: &Store,
    row: &outbox::Model,
    from: OutboxState,
    to: OutboxState,
    wait: Duration,
) -> Result<(), StoreError> {
    let tx = store.begin().await?;
    outbox::Entity::update_many()
        .col_expr(outbox::Column::State, Expr::value(to.as_str()))
        .col_expr(outbox::Column::RunAtMs, store.after_ms(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)))
        .filter(outbox::Column::Id.eq(row.id))
        .filter(outbox::Column::State.eq(from.as_str()))
        .filter(outbox::Column::Fence.eq(row.fence))
        .exec(&tx)
        .await?;
    Ok(tx.commit().await?)
}

/// Fails a message without the provider's word; `code` says why.
pub(super) async fn give_up(
    store: &Store,
    row: &outbox::Model,
    from: OutboxState,
    to: OutboxState,
    code: &'static str,
) -> Result<(), StoreError> {
    let tx = store.begin().await?;
    let changed = outbox::Entity::update_many()
        .col_expr(outbox::Column::State, Expr::value(to.as_str()))
        .filter(outbox::Column::Id.eq(row.id))
        .filter(outbox::Column::State.eq(from.as_str()))
        .exec(&tx)
        .await?;
    if changed.rows_affected == 1 {
        let outcome = Outcome { state: to, wait: None, receipt: None, error: None };
        note(&tx, store, row, &outcome).await?;
        let (text, advice) = words(code);
        whatsapp_message::Entity::update_many()
            .col_expr(whatsapp_message::Column::ErrorCode, Expr::value(Some(code)))
            .col_expr(whatsapp_message::Column::ErrorMessage, Expr::value(Some(text)))
            .col_expr(whatsapp_message::Column::ErrorAdvice, Expr::value(Some(advice)))
            .filter(whatsapp_message::Column::Id.eq(row.message_id))
            .filter(whatsapp_message::Column::Status.eq(Status::Failed.as_str()))
            .exec(&tx)
            .await?;
    }
    Ok(tx.commit().await?)
}

fn words(code: &str) -> (&'static str, &'static str) {
    match code {
        "expired" => ("it waited longer than a day", "Send it again if it still matters."),
        "line_removed" => ("the line it was queued for is gone", "Send it again by another line."),
        _ => ("the provider never said whether it took the message", "Ask the contact before sending it again."),
    }
}
