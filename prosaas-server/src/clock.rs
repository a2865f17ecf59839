//! Time, ids and randomness, in one place that tests and the demo can move.
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicI64, Ordering},
};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use uuid::{ContextV7, Timestamp, Uuid};

/// The clock of business rules: windows, expiry, what people see. Leases and backoff use the database's.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    offset_ms: Arc<AtomicI64>,
    ids: Arc<Mutex<Ids>>,
}

#[derive(Debug)]
struct Ids(ContextV7);

impl Default for Ids {
    fn default() -> Self {
        Self(ContextV7::new())
    }
}

impl Clock {
    /// The time now, UTC.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        // Microseconds, which is what both databases keep.
        (wall() + TimeDelta::milliseconds(self.offset_ms.load(Ordering::Relaxed))).trunc_subsecs(6)
    }

    /// Moves the clock; for demo mode and tests.
    pub fn advance(&self, by: TimeDelta) {
        self.offset_ms.fetch_add(by.num_milliseconds(), Ordering::Relaxed);
    }

    /// A new id. Ids of one process sort in the order they were made.
    #[must_use]
    pub fn id(&self) -> Uuid {
        let now = wall();
        let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
        let ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        Uuid::new_v7(Timestamp::from_unix(&ids.0, seconds, now.timestamp_subsec_nanos()))
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
fn wall() -> DateTime<Utc> {
    Utc::now()
}

/// Random bytes from the operating system.
///
/// # Errors
/// If the operating system gives none.
pub fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
