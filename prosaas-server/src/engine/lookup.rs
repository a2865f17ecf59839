//! Settles sends of unknown fate by the provider's own list.
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ConnectionTrait;
use whatsapp_core::{CorrelationId, Envelope, Event, Ledger, OutboundMessage, Receipt, StatusUpdate};

use super::{
    Line, OutboxState, TURN, Tuning,
    send::message,
    settle::{self, Outcome},
    status::{self, Told},
};
use crate::store::{
    Store, StoreError,
    entity::outbox,
    repo::{self, event_log},
};

/// How long after the end of a try the list may still lack what it will show.
const SETTLED: Duration = Duration::from_secs(5);
/// How far the provider's clock and ours may be apart. An entry that is overlooked is a message sent twice; one too many is
/// known as another message's, or was sent elsewhere at nearly the same time.
const SKEW: TimeDelta = TimeDelta::seconds(60);
/// Longest pause between two looks into a list that cannot be read.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);
/// A list that cannot be read is asked for this many times the grace.
const PATIENCE: u32 = 5;

/// When to look again at a message that was tried `since` ago and may have been sent: where the provider has a list, when
/// that shows it for sure; else when a webhook would have proved it.
pub(super) fn doubt(tuning: &Tuning, line: Option<&Line>, since: Duration) -> Duration {
    match line.and_then(|line| line.provider.ledger()) {
        Some(_) => first_look(tuning.unknown_lookup, since),
        None => tuning.unknown_grace,
    }
}

/// From the end of a try that began `since` ago to the look at its list.
fn first_look(after: Duration, since: Duration) -> Duration {
    after.saturating_sub(since).max(after.min(SETTLED))
}

/// How long ago the last try began.
pub(super) fn age(row: &outbox::Model, now_ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(now_ms - tried_at(row).timestamp_millis()).unwrap_or_default())
}

/// When the last try began. One that an older version made does not say; it began after the message was made.
fn tried_at(row: &outbox::Model) -> DateTime<Utc> {
    row.tried_at_ms.and_then(DateTime::from_timestamp_millis).unwrap_or(row.created_at)
}

/// Asks the list, and settles the message by what it says. Missing webhooks alone are no reason to send again: while the
/// list cannot be read the message waits, and in the end a person decides.
pub(super) async fn look_up(
    store: &Store,
    tuning: &Tuning,
    row: &outbox::Model,
    line: &Line,
    waited: Duration,
) -> Result<(), StoreError> {
    let Some(ledger) = line.provider.ledger() else { return Ok(()) };
    let Ok(message) = message(row) else {
        tracing::error!(line = %line.id, outbox = %row.id, "a message of unknown fate cannot be read any more");
        return settle::give_up(store, row, OutboxState::Unknown, OutboxState::Failed, "unknown_outcome").await;
    };
    match ask(ledger, &message, row, tuning).await {
        Ok(found) => store.within(TURN, decide(store, row, &found)).await,
        Err(why) => {
            tracing::warn!(line = %line.id, outbox = %row.id, why, "a send may have been made, and the provider's list does not tell");
            store.within(TURN, unread(store, tuning, row, waited)).await
        }
    }
}

async fn ask(
    ledger: &dyn Ledger,
    message: &OutboundMessage,
    row: &outbox::Model,
    tuning: &Tuning,
) -> Result<Vec<Envelope>, String> {
    let tried = tried_at(row);
    let longest = TimeDelta::from_std(tuning.send_timeout).unwrap_or(SKEW);
    match tokio::time::timeout(TURN, ledger.sent(message, tried - SKEW..tried + longest + SKEW)).await {
        Ok(answer) => answer.map_err(|error| error.to_string()),
        Err(_) => Err("no answer in time".to_owned()),
    }
}

async fn decide(store: &Store, row: &outbox::Model, found: &[Envelope]) -> Result<(), StoreError> {
    if prove(store, row, found).await? { Ok(()) } else { settle::grace_over(store, row, true).await }
}

/// The list cannot be read: later again, or after `waited` for long in this process a person decides.
async fn unread(store: &Store, tuning: &Tuning, row: &outbox::Model, waited: Duration) -> Result<(), StoreError> {
    if waited >= tuning.unknown_grace * PATIENCE {
        return settle::give_up(store, row, OutboxState::Unknown, OutboxState::Failed, "unknown_outcome").await;
    }
    let pause = waited.clamp(tuning.unknown_lookup.min(LONGEST_PAUSE), LONGEST_PAUSE);
    settle::move_to(store, row, OutboxState::Unknown, OutboxState::Unknown, pause).await
}

/// Settles the message by the entry that is its own; `false` if the list has none.
///
/// Entries of other messages are left out. Of several that remain the oldest is taken: a lane has one message in doubt at
/// a time, and the next is not tried before this one's id is stored, so equal words find their entries in the order in
/// which they were sent, and none is used twice.
async fn prove(store: &Store, row: &outbox::Model, found: &[Envelope]) -> Result<bool, StoreError> {
    let told: Vec<(&Envelope, &StatusUpdate)> = found.iter().filter_map(|one| Some((one, update(one)?))).collect();
    let tx = store.begin().await?;
    let locked = repo::outbox::of_messages(&tx, &[row.message_id]).await?;
    if locked.iter().any(|row| row.state != OutboxState::Unknown.as_str()) {
        // A webhook was faster.
        return Ok(true);
    }
    let ids: Vec<&str> = told.iter().map(|(_, update)| update.id.as_str()).collect();
    let others = repo::outbox::others(&tx, row.line_id, row.message_id, &ids).await?;
    let Some((envelope, update)) = told.into_iter().find(|(_, update)| !others.contains(update.id.as_str())) else {
        return Ok(false);
    };
    tracing::info!(outbox = %row.id, "the provider's list shows a message that it never confirmed");
    settled(&tx, store, row, envelope, update).await?;
    tx.commit().await?;
    Ok(true)
}

/// As if the provider had answered, and then told what became of it.
async fn settled(
    tx: &impl ConnectionTrait,
    store: &Store,
    row: &outbox::Model,
    envelope: &Envelope,
    update: &StatusUpdate,
) -> Result<(), StoreError> {
    settle::write(tx, store, row, &Outcome::taken(Receipt::new(update.id.clone(), envelope.provider.clone()))).await?;
    let update = update.clone().with_correlation(Some(CorrelationId::from_bytes(*row.id.as_bytes())));
    let now = store.clock().now();
    let told = Told { line: row.line_id, at: envelope.at.unwrap_or(now), update: &update };
    let events = status::join(tx, store, &[told]).await?;
    event_log::append(tx, events, now).await
}

const fn update(envelope: &Envelope) -> Option<&StatusUpdate> {
    match &envelope.event {
        Event::Status(update) => Some(update),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_asked_a_minute_after_the_try_began_and_not_right_after_it_ended() {
        let (after, seconds) = (Duration::from_mins(1), Duration::from_secs);
        for (since, pause) in [(0, 60), (15, 45), (54, 6), (57, 5), (60, 5), (3600, 5)] {
            assert_eq!(first_look(after, seconds(since)), seconds(pause), "{since}");
        }
        assert_eq!(first_look(seconds(1), seconds(2)), seconds(1), "a test is in more of a hurry");
    }
}
