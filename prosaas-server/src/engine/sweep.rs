//! Finds what no webhook told, contacts' messages and how far ours are: compares each line with its provider's own list,
//! where it has one.
use std::{
    collections::{HashMap, HashSet},
    ops::Range,
    sync::Arc,
    time::Duration,
};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use tokio::{task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;
use whatsapp_core::{Envelope, Error, Event, Ledger, LedgerPage};

use super::{
    Ingest, IngestError, Leases, Line, LineBook, Post, TURN, Tuning,
    retry::{jitter, sweep_pause},
};
use crate::{
    domain::LineRef,
    store::{
        Store, StoreError,
        repo::sweep::{SweepMark, note_swept},
    },
};

/// How often to look which lines are due.
const LOOK: Duration = Duration::from_millis(500);
/// Most lines at once.
const AT_ONCE: usize = 16;
/// Most events in one commit.
const PIECE: usize = 100;
/// How far one step goes; the mark moves after each, so that a long way back is not begun anew.
const STEP: TimeDelta = TimeDelta::days(1);
/// How far before the mark a sweep begins: a list may be behind.
const OVERLAP: TimeDelta = TimeDelta::minutes(10);
/// How far back a sweep goes at most.
const FARTHEST: TimeDelta = TimeDelta::days(7);
/// How much earlier a message of ours may have been sent than its status was missed.
const DELIVERY: TimeDelta = TimeDelta::days(1);
/// Longest wait for a page. Behind it may be one question for each message with files.
const PAGE: Duration = Duration::from_mins(5);

/// What a sweep needs. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Sweeper {
    pub(crate) store: Store,
    pub(crate) leases: Leases,
    pub(crate) book: LineBook,
    pub(crate) ingest: Ingest,
    pub(crate) tuning: Tuning,
    pub(crate) stop: CancellationToken,
}

/// Why a sweep did not come to its end. The mark stays, so the next one begins at the same place.
#[derive(Debug, thiserror::Error)]
enum SweepError {
    #[error(transparent)]
    Provider(#[from] Error),
    #[error("the provider did not answer in time")]
    Slow,
    #[error(transparent)]
    Ingest(#[from] IngestError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the server stops")]
    Stopped,
}

/// What is looked for.
#[derive(Clone, Copy, Debug)]
enum Sought {
    /// What contacts wrote.
    Messages,
    /// How far our messages are.
    Statuses,
}

/// When a line is to be swept. A line that is lost and taken again has another fence, and begins anew.
#[derive(Clone, Copy, Debug)]
struct Plan {
    fence: i64,
    due: Instant,
    /// Sweeps that reached their end since the line was taken.
    swept: u32,
    /// Sweeps that failed since the last one that did not.
    failures: u32,
}

impl Plan {
    fn new(fence: i64) -> Self {
        Self { fence, due: Instant::now(), swept: 0, failures: 0 }
    }

    /// The first sweep leaves out what a webhook may still tell, so the second follows as soon as that is over.
    fn after(self, ended: bool, tuning: &Tuning) -> Self {
        let (swept, failures) = if ended { (self.swept + 1, 0) } else { (self.swept, self.failures + 1) };
        let pause = match (ended, swept) {
            (false, _) => sweep_pause(failures, tuning.sweep),
            (true, 1) => tuning.sweep_margin.min(tuning.sweep),
            (true, _) => jitter(tuning.sweep),
        };
        Self { due: Instant::now() + pause, swept, failures, ..self }
    }
}

/// Runs until `stop`.
pub(crate) async fn run(sweeper: Sweeper) {
    let mut plans: HashMap<LineRef, Plan> = HashMap::new();
    let (mut under_way, mut busy) = (JoinSet::new(), HashSet::new());
    while sweeper.stop.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_some() {
        while let Some(done) = under_way.try_join_next() {
            match done {
                Ok((line, plan)) => drop((busy.remove(&line), plans.insert(line, plan))),
                // Which line it was is not known; one that is swept twice at once gains nothing and loses nothing.
                Err(error) => {
                    tracing::error!(%error, "a sweep broke off");
                    busy.clear();
                }
            }
        }
        let held = sweeper.leases.held();
        plans.retain(|line, _| held.contains_key(line));
        for (line, fence) in held {
            let plan = plans.get(&line).copied().filter(|plan| plan.fence == fence).unwrap_or_else(|| Plan::new(fence));
            plans.insert(line, plan);
            let Some(line) = sweeper.book.by_id(line).filter(|line| line.provider.ledger().is_some()) else { continue };
            if under_way.len() < AT_ONCE && plan.due <= Instant::now() && busy.insert(line.id) {
                under_way.spawn(sweep(sweeper.clone(), line, plan));
            }
        }
    }
    // They see `stop` themselves: what they commit is not broken off.
    while under_way.join_next().await.is_some() {}
}

/// Sweeps a line, says in the log what came of it, and plans the next.
async fn sweep(sweeper: Sweeper, line: Arc<Line>, plan: Plan) -> (LineRef, Plan) {
    let mut found = 0;
    let ended = sweeper.catch_up(&line, plan.fence, &mut found).await;
    if found > 0 {
        tracing::info!(line = %line.id, found, "recovered messages and statuses that no webhook had told of");
    }
    match &ended {
        Ok(()) | Err(SweepError::Stopped | SweepError::Store(StoreError::Fenced)) => {}
        Err(why) => tracing::warn!(line = %line.id, %why, "the provider's list was not read to its end; trying again"),
    }
    (line.id, plan.after(ended.is_ok(), &sweeper.tuning))
}

impl Sweeper {
    /// Brings the line up to now, less the margin; counts in `found` what was new.
    async fn catch_up(&self, line: &Arc<Line>, fence: i64, found: &mut usize) -> Result<(), SweepError> {
        let Some(mark) = self.store.within(TURN, self.store.sweep_mark(line.id)).await? else { return Ok(()) };
        // The provider's clock is a real one, which the clock of business rules need not be.
        let now_ms = self.store.within(TURN, self.store.read_clock(self.store.reader())).await?;
        let now = DateTime::from_timestamp_millis(now_ms).unwrap_or_default();
        let (span, given_up) = span(mark, now, self.tuning.sweep_margin);
        if let Some(since) = given_up {
            tracing::warn!(line = %line.id, %since, "not swept for more than seven days; what is older is not looked for");
        }
        let (mut from, until) = (span.start, span.end);
        // What went out before may have come further since.
        let since = from - DELIVERY;
        while from < until {
            let end = until.min(from + STEP);
            self.read(line, fence, Sought::Messages, from..end, found).await?;
            self.store.within(TURN, self.note(line.id, fence, end)).await?;
            from = end;
        }
        self.read(line, fence, Sought::Statuses, since..until, found).await
    }

    /// Stores what was sent within `span`, page by page.
    async fn read(
        &self,
        line: &Arc<Line>,
        fence: i64,
        sought: Sought,
        span: Range<DateTime<Utc>>,
        found: &mut usize,
    ) -> Result<(), SweepError> {
        let Some(ledger) = line.provider.ledger().filter(|_| !span.is_empty()) else { return Ok(()) };
        let mut next: Option<String> = None;
        loop {
            let page = self.page(ledger, sought, span.clone(), next.as_deref()).await?;
            if self.leases.held().get(&line.id) != Some(&fence) {
                return Err(StoreError::Fenced.into());
            }
            next.clone_from(&page.next);
            for events in own(line, page).chunks(PIECE) {
                *found += self.keep(line, events).await?;
            }
            if next.is_none() {
                return Ok(());
            }
        }
    }

    async fn page(
        &self,
        ledger: &dyn Ledger,
        sought: Sought,
        span: Range<DateTime<Utc>>,
        page: Option<&str>,
    ) -> Result<LedgerPage, SweepError> {
        let asking = match sought {
            Sought::Messages => ledger.received(span, page),
            Sought::Statuses => ledger.statuses(span, page),
        };
        let asked = tokio::time::timeout(PAGE, asking);
        let answer = self.stop.run_until_cancelled(asked).await.ok_or(SweepError::Stopped)?;
        Ok(answer.map_err(|_| SweepError::Slow)??)
    }

    /// Commits messages that are not stored yet, and statuses of those that are; how many nobody had told of.
    async fn keep(&self, line: &Arc<Line>, events: &[Envelope]) -> Result<usize, SweepError> {
        let ids: Vec<&str> = events.iter().filter_map(message_id).collect();
        let stored = self.store.within(TURN, self.store.stored_messages(line.id, &ids)).await?;
        let is_new = |event: &&Envelope| {
            let is_stored = message_id(event).is_some_and(|id| stored.contains(id));
            // A status of a message that went out elsewhere is nobody's here.
            is_stored == matches!(event.event, Event::Status(_))
        };
        let new: Vec<&Envelope> = events.iter().filter(is_new).collect();
        if new.is_empty() {
            return Ok(0);
        }
        let post = Post {
            provider: line.provider.id(),
            body: body(&new).into(),
            events: new.into_iter().map(|event| (event.clone(), Some(Arc::clone(line)))).collect(),
            unparsed: false,
        };
        Ok(self.ingest.accept(post).await?)
    }

    /// Moves the mark, if the line is still this node's.
    async fn note(&self, line: LineRef, fence: i64, until: DateTime<Utc>) -> Result<(), StoreError> {
        let tx = self.store.begin().await?;
        self.leases.check(&tx, &HashMap::from([(line, fence)])).await?;
        note_swept(&tx, line, until).await?;
        Ok(tx.commit().await?)
    }
}

/// What is to be looked through; and since when, if that is too far back to begin there.
fn span(mark: SweepMark, now: DateTime<Utc>, margin: Duration) -> (Range<DateTime<Utc>>, Option<DateTime<Utc>>) {
    let until = now - TimeDelta::from_std(margin).unwrap_or(TimeDelta::MAX);
    // Lists tell whole seconds.
    let made = mark.made.trunc_subsecs(0);
    // A mark that is ahead was made by a wrong clock, and must not stop the looking.
    let swept = mark.swept_until.map(|swept| swept.min(until));
    let wanted = swept.map_or(made, |swept| made.max(swept - OVERLAP));
    let farthest = now - FARTHEST;
    (wanted.max(farthest)..until, Some(wanted).filter(|wanted| *wanted < farthest))
}

/// The line's own events of a page, oldest first.
fn own(line: &Line, page: LedgerPage) -> Vec<Envelope> {
    let (provider, named) = (line.provider.id(), line.provider.line());
    let own = page.events.into_iter().filter(|event| event.provider == provider && event.line == *named);
    let mut own: Vec<Envelope> = own.map(late).collect();
    own.sort_by_key(|event| event.at);
    own
}

fn message_id(event: &Envelope) -> Option<&str> {
    match &event.event {
        Event::Message(message) => Some(message.id.as_str()),
        Event::Status(update) => Some(update.id.as_str()),
        _ => None,
    }
}

/// What comes this way is late: shown, but never answered by a machine.
fn late(mut event: Envelope) -> Envelope {
    if let Event::Message(message) = &mut event.event {
        message.recovered = true;
        message.replayed = true;
    }
    event
}

/// What the events are made of, one item per line; several events may be made of one.
fn body(events: &[&Envelope]) -> Vec<u8> {
    let mut items: Vec<&[u8]> = events.iter().map(|event| event.raw.as_ref()).collect();
    items.dedup();
    items.join(b"\n".as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans() {
        let at = |hours: i64| DateTime::<Utc>::UNIX_EPOCH + TimeDelta::hours(hours);
        let (now, margin) = (at(1000), Duration::from_mins(2));
        let until = now - TimeDelta::minutes(2);
        let of = |made, swept_until| span(SweepMark { made, swept_until }, now, margin);
        assert_eq!(of(at(990), None), (at(990)..until, None), "never before: since the line was made");
        assert_eq!(of(at(900), Some(at(999))), (at(999) - OVERLAP..until, None));
        assert_eq!(of(at(999), Some(at(999))), (at(999)..until, None), "never before the line was made");
        assert_eq!(of(at(1), Some(at(800))), (at(832)..until, Some(at(800) - OVERLAP)), "seven days at most");
        assert_eq!(of(at(1), None), (at(832)..until, Some(at(1))));
        assert_eq!(of(at(990) + TimeDelta::milliseconds(999), None).0.start, at(990), "lists tell whole seconds");
        assert!(of(now, None).0.is_empty(), "a new line has nothing to look for yet");
        assert_eq!(of(at(1), Some(at(5000))), (until - OVERLAP..until, None), "a mark of a wrong clock");
    }

    #[test]
    fn the_second_sweep_follows_the_margin_and_failures_wait_longer_and_longer() {
        let tuning = Tuning::default();
        let pause = |plan: Plan| plan.due.saturating_duration_since(Instant::now());
        let near = |pause: Duration, usual: Duration| pause > usual.mul_f64(0.79) && pause < usual.mul_f64(1.21);
        let first = Plan::new(1);
        assert!(pause(first).is_zero());
        let second = first.after(true, &tuning);
        assert!(near(pause(second), tuning.sweep_margin), "{second:?}");
        let third = second.after(true, &tuning);
        assert!(near(pause(third), tuning.sweep), "{third:?}");
        let mut failed = third;
        for minutes in [1, 2, 4, 8, 16, 32, 60, 60] {
            failed = failed.after(false, &tuning);
            assert!(near(pause(failed), Duration::from_mins(minutes)), "{minutes}: {failed:?}");
        }
        let mended = failed.after(true, &tuning);
        assert_eq!((mended.failures, mended.fence), (0, 1));
    }
}
