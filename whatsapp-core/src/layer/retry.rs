use std::time::Duration;

use async_trait::async_trait;

use crate::{
    Capabilities, CorrelationId, Error, ErrorKind, LineId, MessageId, OutboundMessage, ProviderId, Receipt, Result,
    Retry, Sender,
};

/// When to try again, and for how long to wait for one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// Most calls in all, the first included.
    pub attempts: u32,
    /// Pause before the second call; doubles each time, with full jitter.
    pub base: Duration,
    /// Longest pause. A provider's `Retry-After` beyond it ends the attempts.
    pub cap: Duration,
    /// Longest wait for one answer; then the outcome is ambiguous. The wait for a turn comes on top of it: a message
    /// that a throttle inside still holds back was surely not sent.
    pub timeout: Duration,
}

impl Default for RetryPolicy {
    /// Three calls, 500 ms doubling up to 30 s, 30 s for an answer.
    fn default() -> Self {
        Self {
            attempts: 3,
            base: Duration::from_millis(500),
            cap: Duration::from_secs(30),
            timeout: Duration::from_secs(30),
        }
    }
}

impl RetryPolicy {
    /// Most calls in all.
    #[must_use]
    pub const fn with_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// First and longest pause.
    #[must_use]
    pub const fn with_pauses(mut self, base: Duration, cap: Duration) -> Self {
        self.base = base;
        self.cap = cap;
        self
    }

    /// Longest wait for one answer, without the wait for a turn.
    #[must_use]
    pub const fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    fn pause(&self, error: &Error, calls: u32) -> Option<Duration> {
        if calls >= self.attempts {
            return None;
        }
        match error.retry() {
            Retry::After(wait) => (wait <= self.cap).then_some(wait),
            Retry::Backoff => {
                let most = self.base.saturating_mul(1 << (calls - 1).min(16)).min(self.cap);
                Some(most.mul_f64(fastrand::f64()))
            }
            Retry::Never | Retry::Ambiguous => None,
        }
    }
}

/// Tries again what was surely not sent; never what may have been.
#[derive(Clone, Debug)]
pub struct Retrying<S> {
    inner: S,
    policy: RetryPolicy,
}

impl<S> Retrying<S> {
    /// Wraps `inner`.
    pub const fn new(inner: S, policy: RetryPolicy) -> Self {
        Self { inner, policy }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<S: Sender> Sender for Retrying<S> {
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

    /// All tries and pauses but the last answer.
    fn max_wait(&self) -> Duration {
        let turn = self.inner.max_wait();
        let further = turn.saturating_add(self.policy.timeout).saturating_add(self.policy.cap);
        further.saturating_mul(self.policy.attempts.saturating_sub(1)).saturating_add(turn)
    }

    async fn send(&self, message: &OutboundMessage) -> Result<Receipt> {
        let mut calls = 0;
        let timeout = self.policy.timeout.saturating_add(self.inner.max_wait());
        loop {
            calls += 1;
            let answer = tokio::time::timeout(timeout, self.inner.send(message)).await;
            let error = match answer {
                Ok(Ok(receipt)) => return Ok(receipt),
                Ok(Err(error)) => error,
                Err(_) => {
                    Error::new(self.id(), ErrorKind::Unavailable, "no answer in time").with_retry(Retry::Ambiguous)
                }
            };
            let Some(pause) = self.policy.pause(&error, calls) else { return Err(error) };
            tokio::time::sleep(pause).await;
        }
    }
}
