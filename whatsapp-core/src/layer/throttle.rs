use std::{num::NonZeroU32, sync::Arc, time::Duration};

use async_trait::async_trait;
use governor::{
    DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};

use crate::{
    Capabilities, CorrelationId, Error, ErrorKind, LineId, MessageId, OutboundMessage, ProviderId, Receipt, Recipient,
    Result, Retry, Sender,
};

/// After so many sends the people who were not written to of late are forgotten.
const TIDY_EVERY: usize = 1024;
/// Longest wait and longest interval: as good as for ever, and short enough to be counted in nanoseconds.
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// Longest time in which a burst is paid off.
const CENTURY: Duration = YEAR.saturating_mul(100);

/// How much a line may send. The default is what Meta grants: 80 messages a second, and to one person one in six
/// seconds, 45 of them at once. Source: Meta, Cloud API, throughput and pair rate limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ThrottlePolicy {
    /// Messages a second of the whole line.
    pub per_second: NonZeroU32,
    /// Time between two messages to the same person, in the long run; a year at most.
    pub pair_interval: Duration,
    /// How many may go to the same person at once; each is paid for with one interval afterwards. As many as are
    /// paid off within a century, at most.
    pub pair_burst: NonZeroU32,
    /// Longest wait for a turn; a longer one is refused with the time it would take. A year at most.
    pub max_wait: Duration,
}

impl Default for ThrottlePolicy {
    fn default() -> Self {
        Self {
            per_second: const { NonZeroU32::new(80).unwrap() },
            pair_interval: Duration::from_secs(6),
            pair_burst: const { NonZeroU32::new(45).unwrap() },
            max_wait: Duration::from_secs(10),
        }
    }
}

impl ThrottlePolicy {
    /// Messages a second of the whole line: 20 for a number shared with the WhatsApp Business app, 1,000 at most.
    #[must_use]
    pub const fn with_rate(mut self, per_second: NonZeroU32) -> Self {
        self.per_second = per_second;
        self
    }

    /// How often one person may be written to, and how many times at once.
    #[must_use]
    pub const fn with_pair(mut self, interval: Duration, burst: NonZeroU32) -> Self {
        self.pair_interval = interval;
        self.pair_burst = burst;
        self
    }

    /// Longest wait for a turn.
    #[must_use]
    pub const fn with_max_wait(mut self, wait: Duration) -> Self {
        self.max_wait = wait;
        self
    }
}

/// Keeps to the provider's rates by waiting, so that the provider need not refuse. Clones share their counts.
#[derive(Clone, Debug)]
pub struct Throttled<S> {
    inner: S,
    limits: Arc<Limits>,
}

#[derive(Debug)]
struct Limits {
    line: DefaultDirectRateLimiter,
    pairs: Option<DefaultKeyedRateLimiter<Recipient>>,
    clock: DefaultClock,
    max_wait: Duration,
    sends: std::sync::atomic::AtomicUsize,
}

impl<S> Throttled<S> {
    /// Wraps `inner`. An interval of zero leaves out the limit per person.
    pub fn new(inner: S, policy: ThrottlePolicy) -> Self {
        let interval = policy.pair_interval.min(YEAR);
        let pair = Quota::with_period(interval).map(|quota| quota.allow_burst(burst(interval, policy.pair_burst)));
        let limits = Limits {
            line: RateLimiter::direct(Quota::per_second(policy.per_second)),
            pairs: pair.map(RateLimiter::keyed),
            clock: DefaultClock::default(),
            max_wait: policy.max_wait.min(YEAR),
            sends: std::sync::atomic::AtomicUsize::new(0),
        };
        Self { inner, limits: Arc::new(limits) }
    }
}

/// As much of `burst` as can be counted: the limiter holds burst times interval in nanoseconds.
fn burst(interval: Duration, burst: NonZeroU32) -> NonZeroU32 {
    let most = CENTURY.as_nanos().checked_div(interval.as_nanos()).and_then(|most| u32::try_from(most).ok());
    most.and_then(NonZeroU32::new).map_or(burst, |most| burst.min(most))
}

impl Limits {
    /// Waits for a turn with `to`, first the line's, then the person's. `Err` holds how long the wait would be.
    ///
    /// A turn with a person is dear, so it is taken last and only for a message that goes out at once. Whoever is
    /// refused or gives up while waiting has lost a turn of the line at most, and the next comes soon.
    async fn turn(&self, to: &Recipient) -> Result<(), Duration> {
        self.tidy();
        let deadline = tokio::time::Instant::now() + self.max_wait;
        while let Err(busy) = self.line.check() {
            wait(busy.wait_time_from(self.clock.now()), deadline).await?;
        }
        if let Some(pairs) = &self.pairs {
            while let Err(busy) = pairs.check_key(to) {
                wait(busy.wait_time_from(self.clock.now()), deadline).await?;
            }
        }
        Ok(())
    }

    fn tidy(&self) {
        let sends = self.sends.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        if let (Some(pairs), true) = (&self.pairs, sends.is_multiple_of(TIDY_EVERY)) {
            pairs.retain_recent();
        }
    }
}

async fn wait(time: Duration, deadline: tokio::time::Instant) -> Result<(), Duration> {
    if tokio::time::Instant::now() + time > deadline {
        return Err(time);
    }
    tokio::time::sleep(time).await;
    Ok(())
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<S: Sender> Sender for Throttled<S> {
    fn id(&self) -> ProviderId {
        self.inner.id()
    }

    fn line(&self) -> &LineId {
        self.inner.line()
    }

    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn assigned_id(&self, correlation: CorrelationId) -> Option<MessageId> {
        self.inner.assigned_id(correlation)
    }

    fn check(&self, message: &OutboundMessage) -> Result<()> {
        self.inner.check(message)
    }

    fn max_wait(&self) -> Duration {
        self.limits.max_wait.saturating_add(self.inner.max_wait())
    }

    async fn send(&self, message: &OutboundMessage) -> Result<Receipt> {
        // What will be refused anyway takes nobody's turn.
        self.inner.check(message)?;
        self.limits.turn(&message.to).await.map_err(|wait| {
            let error = Error::new(self.id(), ErrorKind::RateLimited, "the line's own rate limit, before any request");
            error.with_retry(Retry::After(wait))
        })?;
        self.inner.send(message).await
    }
}
