use std::{
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};

use axum::http::StatusCode;
use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};

use super::ApiError;
use crate::domain::{BusinessId, KeyId};

/// Requests per minute and API key, sends included.
const REQUESTS_PER_MINUTE: u32 = 6000;
/// Failed sign-ins or signatures per minute and address; what verifies is never limited.
const FAILURES_PER_MINUTE: u32 = 60;
/// Sends per minute of a business are this many times those of one key.
const BUSINESS_FACTOR: u32 = 5;

/// Rate limits of this node. Clones share them.
#[derive(Clone, Debug)]
pub struct Limits {
    requests: Arc<DefaultKeyedRateLimiter<KeyId>>,
    sends: Arc<DefaultKeyedRateLimiter<KeyId>>,
    business_sends: Arc<DefaultKeyedRateLimiter<BusinessId>>,
    failures: Arc<DefaultKeyedRateLimiter<IpAddr>>,
}

fn per_minute<K: std::hash::Hash + Eq + Clone>(count: u32) -> Arc<DefaultKeyedRateLimiter<K>> {
    Arc::new(RateLimiter::keyed(Quota::per_minute(NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN))))
}

impl Limits {
    /// Limits with this many sends per minute and key.
    #[must_use]
    pub fn new(sends_per_minute: u32) -> Self {
        Self {
            requests: per_minute(REQUESTS_PER_MINUTE),
            sends: per_minute(sends_per_minute),
            business_sends: per_minute(sends_per_minute.saturating_mul(BUSINESS_FACTOR)),
            failures: per_minute(FAILURES_PER_MINUTE),
        }
    }

    /// Counts a request of this key.
    ///
    /// # Errors
    /// 429 when there were too many.
    pub fn request(&self, key: KeyId) -> Result<(), ApiError> {
        self.requests.check_key(&key).map_err(|wait| too_many(wait.wait_time_from(DefaultClock::default().now())))
    }

    /// Counts a send of this key and business.
    ///
    /// # Errors
    /// 429 when there were too many.
    pub fn send(&self, key: KeyId, business: BusinessId) -> Result<(), ApiError> {
        let now = DefaultClock::default().now();
        self.sends.check_key(&key).map_err(|wait| too_many(wait.wait_time_from(now)))?;
        self.business_sends.check_key(&business).map_err(|wait| too_many(wait.wait_time_from(now)))
    }

    /// Forgets who has been quiet: memory must not grow with every address that ever failed.
    pub fn forget_quiet(&self) {
        self.requests.retain_recent();
        self.sends.retain_recent();
        self.business_sends.retain_recent();
        self.failures.retain_recent();
    }

    /// Counts a failure to prove who one is; `false` when there were too many from this address.
    #[must_use]
    pub fn failure(&self, from: IpAddr) -> bool {
        self.failures.check_key(&whose(from)).is_ok()
    }
}

/// Whoever has one IPv6 address has the 2^64 beside it.
fn whose(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).into(),
    }
}

fn too_many(wait: Duration) -> ApiError {
    ApiError::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "too many requests; come back later")
        .with_retry_after(wait)
}
