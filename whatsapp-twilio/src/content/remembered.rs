//! Answers that are worth keeping: each is fetched once for all who want it at the same time.
use std::{error, fmt, hash::Hash, sync::Arc, time::Duration};

use moka::future::Cache;
use whatsapp_core::{Error, Result};

/// Answers by key, of which failures are not kept.
#[derive(Clone)]
pub(super) struct Remembered<K, V>(Cache<K, V>)
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static;

impl<K, V> Remembered<K, V>
where
    K: Clone + Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Keeps up to `most` answers, each for `time`.
    pub(super) fn new(most: u64, time: Duration) -> Self {
        Self(Cache::builder().max_capacity(most).time_to_live(time).build())
    }

    /// The answer for `key`; `fetch` brings it if it is not there.
    pub(super) async fn get(&self, key: K, fetch: impl Future<Output = Result<V>> + Send) -> Result<V> {
        self.0.try_get_with(key, fetch).await.map_err(own)
    }

    /// Forgets the answer for `key` if it is still the one that `is_stale` knows.
    pub(super) async fn forget_if(&self, key: &K, is_stale: impl Fn(&V) -> bool) {
        if self.0.get(key).await.is_some_and(|value| is_stale(&value)) {
            self.0.invalidate(key).await;
        }
    }

    /// Forgets every answer that `is_stale` knows.
    pub(super) async fn forget_all(&self, is_stale: impl Fn(&V) -> bool) {
        for (key, _) in self.0.iter().filter(|(_, value)| is_stale(value)) {
            self.0.invalidate(key.as_ref()).await;
        }
    }
}

/// What is remembered is the account's, and may be much: it is not shown.
impl<K, V> fmt::Debug for Remembered<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remembered").finish_non_exhaustive()
    }
}

/// The failure as each of those who waited gets it.
fn own(shared: Arc<Error>) -> Error {
    let shared = match Arc::try_unwrap(shared) {
        Ok(error) => return error,
        Err(shared) => shared,
    };
    let error = Error::new(shared.provider().clone(), shared.kind(), shared.message().to_owned())
        .with_retry(shared.retry())
        .with_advice(shared.advice().to_owned());
    let error = shared.code().into_iter().fold(error, Error::with_code);
    let error = shared.status().into_iter().fold(error, Error::with_status);
    let error = shared.trace_id().into_iter().fold(error, Error::with_trace_id);
    if error::Error::source(&*shared).is_some() { error.with_source(Cause(shared)) } else { error }
}

/// What is behind a shared failure, so that its own words are not said twice.
#[derive(Debug)]
struct Cause(Arc<Error>);

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        error::Error::source(&*self.0).map_or(Ok(()), |cause| fmt::Display::fmt(cause, f))
    }
}

impl error::Error for Cause {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        error::Error::source(&*self.0)?.source()
    }
}
