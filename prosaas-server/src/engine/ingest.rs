//! From a verified webhook to rows, many webhooks in one commit.
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr,
    sea_query::{OnConflict, Query},
};
use sha2::{Digest, Sha256};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;
use whatsapp_core::{Envelope, ProviderId};

use super::{Doorbell, Line, plain};
use crate::{
    crypto::Place,
    store::{
        Store, StoreError,
        entity::{job, orphan, raw_event, seen_key},
        repo::{insert_rows, line::take_numbers, outbox::lane, statement::parts},
    },
};

/// Webhooks that may wait to be committed; beyond, the provider is asked to come again.
const QUEUE: usize = 4096;
/// Most webhooks in one commit.
const BATCH: usize = 64;
/// How long a commit waits for company.
const GATHER: Duration = Duration::from_millis(2);
/// A provider must hear 503 within two seconds if the database is down.
const DEADLINE: Duration = Duration::from_millis(1900);

/// A verified webhook.
#[derive(Debug)]
pub struct Post {
    /// Who sent it.
    pub provider: ProviderId,
    /// The body as it came.
    pub body: Bytes,
    /// Its events, each with the line it belongs to; `None` = no line that the verifying secret belongs to.
    pub events: Vec<(Envelope, Option<Arc<Line>>)>,
    /// The body could not be read; kept for a person to look at.
    pub unparsed: bool,
}

/// The webhook is not stored, so it must not be acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IngestError {
    /// Too many wait.
    #[error("too many webhooks wait to be stored")]
    Full,
    /// The database did not commit in time.
    #[error("the database did not commit in time")]
    Unavailable,
}

type Waiting = (Post, oneshot::Sender<Result<usize, IngestError>>);

/// Commits webhooks. Clones share the queue.
#[derive(Clone, Debug)]
pub struct Ingest(mpsc::Sender<Waiting>);

impl Ingest {
    /// Starts the committer; it ends when the last clone is dropped.
    #[must_use]
    pub fn start(store: Store, doorbell: Doorbell) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE);
        tokio::spawn(commit_all(store, doorbell, receiver));
        Self(sender)
    }

    /// Commits the webhook whole or not at all; how many of its events nobody had seen before.
    ///
    /// # Errors
    /// [`IngestError`]: answer 503.
    pub async fn accept(&self, post: Post) -> Result<usize, IngestError> {
        let (done, outcome) = oneshot::channel();
        self.0.try_send((post, done)).map_err(|_| IngestError::Full)?;
        match tokio::time::timeout(DEADLINE, outcome).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) | Err(_) => Err(IngestError::Unavailable),
        }
    }
}

async fn commit_all(store: Store, doorbell: Doorbell, mut receiver: mpsc::Receiver<Waiting>) {
    let mut batch = Vec::with_capacity(BATCH);
    while receiver.recv_many(&mut batch, BATCH).await > 0 {
        // Under load the queue fills by itself; a lone webhook waits two milliseconds for company only if there was some.
        if batch.len() > 1 && batch.len() < BATCH {
            let more = async { while batch.len() < BATCH && receiver.recv_many(&mut batch, BATCH).await > 0 {} };
            // Whoever came in time is in the batch.
            let _ = tokio::time::timeout(GATHER, more).await;
        }
        // A caller who gave up answered 503 and will come again.
        batch.retain(|(_, done)| !done.is_closed());
        let posts: Vec<&Post> = batch.iter().map(|(post, _)| post).collect();
        let together = store.within(DEADLINE, commit(&store, &posts)).await;
        let alone = batch.len() == 1;
        for (at, (post, done)) in batch.drain(..).enumerate() {
            let outcome = match &together {
                Ok(fresh) => Ok(fresh.get(at).copied().unwrap_or_default()),
                Err(error) if alone => Err(refused(error)),
                // Whoever gave up meanwhile need not be tried: if the database is down, all do.
                Err(_) if done.is_closed() => Err(IngestError::Unavailable),
                Err(_) => {
                    let one = store.within(DEADLINE, commit(&store, &[&post])).await;
                    one.map(|fresh| fresh.iter().sum()).map_err(|error| refused(&error))
                }
            };
            // If nobody waits any more, the provider comes again and is told that it is known.
            let _ = done.send(outcome);
        }
        doorbell.ring();
    }
}

fn refused(error: &StoreError) -> IngestError {
    tracing::error!(%error, "a webhook could not be stored; the provider is asked to come again");
    IngestError::Unavailable
}

/// What one event becomes, if nobody has seen it.
struct Candidate<'p> {
    key: [u8; 32],
    post: usize,
    envelope: &'p Envelope,
    line: Option<&'p Arc<Line>>,
}

/// How many events of each were new.
async fn commit(store: &Store, posts: &[&Post]) -> Result<Vec<usize>, StoreError> {
    let mut met = HashSet::new();
    let candidates: Vec<Candidate<'_>> = posts
        .iter()
        .enumerate()
        .flat_map(|(at, post)| post.events.iter().map(move |(envelope, line)| (at, envelope, line)))
        .map(|(post, envelope, line)| Candidate {
            key: dedupe_key(envelope, line.as_ref()),
            post,
            envelope,
            line: line.as_ref(),
        })
        .filter(|candidate| met.insert(candidate.key))
        .collect();
    let tx = store.begin().await?;
    let fresh = fresh_keys(store, &tx, &candidates).await?;
    let new: Vec<&Candidate<'_>> = candidates.iter().filter(|candidate| fresh.contains(&candidate.key)).collect();
    let raw = store_bodies(store, &tx, posts, &new).await?;
    store_jobs(store, &tx, &new, &raw).await?;
    store_orphans(store, &tx, &new, &raw).await?;
    tx.commit().await?;
    let new_of = |post| new.iter().filter(|candidate| candidate.post == post).count();
    Ok((0..posts.len()).map(new_of).collect())
}

/// Orphans have keys of their own: when their line appears, the event itself is still new.
fn dedupe_key(envelope: &Envelope, line: Option<&Arc<Line>>) -> [u8; 32] {
    let prefix = if line.is_some() { "" } else { "orphan|" };
    Sha256::digest(format!("{prefix}{}", envelope.event_id())).into()
}

async fn fresh_keys(
    store: &Store,
    tx: &DatabaseTransaction,
    candidates: &[Candidate<'_>],
) -> Result<HashSet<[u8; 32]>, StoreError> {
    let now = store.clock().now();
    // In order, so that two nodes that store the same webhook do not wait for each other in a circle.
    let mut keys: Vec<[u8; 32]> = candidates.iter().map(|candidate| candidate.key).collect();
    keys.sort_unstable();
    let mut fresh = HashSet::with_capacity(keys.len());
    for chunk in parts(&keys, tx.get_database_backend()) {
        let mut insert = Query::insert();
        insert.into_table(seen_key::Entity).columns([seen_key::Column::Key, seen_key::Column::CreatedAt]);
        for key in chunk {
            insert.values([key.to_vec().into(), now.into()]).map_err(|error| DbErr::Custom(error.to_string()))?;
        }
        insert.on_conflict(OnConflict::column(seen_key::Column::Key).do_nothing().to_owned());
        insert.returning_col(seen_key::Column::Key);
        for row in tx.query_all(&insert).await? {
            let key: Vec<u8> = row.try_get("", "key")?;
            fresh.extend(<[u8; 32]>::try_from(key.as_slice()));
        }
    }
    Ok(fresh)
}

async fn store_bodies(
    store: &Store,
    tx: &DatabaseTransaction,
    posts: &[&Post],
    new: &[&Candidate<'_>],
) -> Result<HashMap<usize, Uuid>, StoreError> {
    let mut rows = Vec::new();
    let mut ids = HashMap::new();
    for (at, post) in posts.iter().enumerate() {
        let own: Vec<_> = new.iter().filter(|candidate| candidate.post == at).collect();
        if own.is_empty() && !post.unparsed {
            continue;
        }
        let owners: HashSet<_> = own.iter().map(|candidate| candidate.line.map(|line| line.business.0)).collect();
        let business_id = if owners.len() == 1 { owners.into_iter().next().flatten() } else { None };
        let orphaned = own.iter().any(|candidate| candidate.line.is_none());
        let id = store.clock().id();
        let place = Place { table: "raw_event", column: "body", tenant: business_id.unwrap_or_default(), row: id };
        let outcome = if post.unparsed {
            "unparsed"
        } else if orphaned {
            "orphan"
        } else {
            "accepted"
        };
        rows.push(raw_event::Model {
            id,
            business_id,
            provider: post.provider.to_string(),
            outcome: outcome.to_owned(),
            body: store.keys().seal(&place, &post.body)?,
            received_at: store.clock().now(),
        });
        ids.insert(at, id);
    }
    insert_rows!(raw_event::Entity, rows, tx);
    Ok(ids)
}

async fn store_jobs(
    store: &Store,
    tx: &DatabaseTransaction,
    new: &[&Candidate<'_>],
    raw: &HashMap<usize, Uuid>,
) -> Result<(), StoreError> {
    let mut by_line: BTreeMap<Uuid, Vec<(&Candidate<'_>, &Arc<Line>)>> = BTreeMap::new();
    for candidate in new {
        if let Some(line) = candidate.line {
            by_line.entry(line.id.0).or_default().push((candidate, line));
        }
    }
    let (now, mut rows) = (store.clock().now(), Vec::new());
    for (line_id, events) in by_line {
        let first = take_numbers(tx, line_id, events.len()).await?;
        for ((candidate, line), seq) in events.into_iter().zip(first..) {
            rows.push(job::Model {
                id: store.clock().id(),
                business_id: line.business.0,
                line_id,
                lane: plain::text(candidate.envelope.peer().map(lane).unwrap_or_default()),
                seq,
                raw_event_id: raw.get(&candidate.post).copied().unwrap_or_default(),
                payload: plain::json(serde_json::to_value(candidate.envelope)?),
                state: "ready".to_owned(),
                claims: 0,
                failures: 0,
                run_at_ms: 0,
                error: None,
                created_at: now,
            });
        }
    }
    insert_rows!(job::Entity, rows, tx);
    Ok(())
}

async fn store_orphans(
    store: &Store,
    tx: &DatabaseTransaction,
    new: &[&Candidate<'_>],
    raw: &HashMap<usize, Uuid>,
) -> Result<(), StoreError> {
    let orphans = new.iter().filter(|candidate| candidate.line.is_none());
    let rows: Vec<_> = orphans
        .map(|candidate| orphan::Model {
            id: store.clock().id(),
            raw_event_id: raw.get(&candidate.post).copied().unwrap_or_default(),
            provider: candidate.envelope.provider.to_string(),
            external_id: plain::text(candidate.envelope.line.to_string()),
            event_id: plain::text(candidate.envelope.event_id().to_string()),
            created_at: store.clock().now(),
        })
        .collect();
    if let Some(first) = rows.first() {
        tracing::warn!(
            provider = first.provider,
            count = rows.len(),
            "verified events of no line that their secret belongs to; kept as orphans"
        );
    }
    insert_rows!(orphan::Entity, rows, tx);
    Ok(())
}
