//! Answers that are worth keeping: each is fetched once for all who want it at the same time.
use std::{fmt::Debug, hash::Hash, sync::Arc, time::Duration};

use moka::future::Cache;
use whatsapp_core::{Error, Result};

/// Answers by key, of which failures are not kept.
#[derive(Clone, Debug)]
pub(super) struct Remembered<K, V>(Cache<K, V>)
where
    K: Debug + Hash + Eq + Send + Sync + 'static,
    V: Clone + Debug + Send + Sync + 'static;

impl<K, V> Remembered<K, V>
where
    K: Clone + Debug + Hash + Eq + Send + Sync + 'static,
    V: Clone + Debug + Send + Sync + 'static,
{
    /// Keeps up to `most` answers.
    pub(super) fn up_to(most: u64) -> Self {
        Self(Cache::new(most))
    }

    /// Keeps one answer per key for `time`.
    pub(super) fn during(time: Duration) -> Self {
        Self(Cache::builder().time_to_live(time).build())
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
}

/// The failure as each of those who waited gets it.
fn own(shared: Arc<Error>) -> Error {
    Arc::try_unwrap(shared).unwrap_or_else(|shared| {
        let error = Error::new(shared.provider().clone(), shared.kind(), shared.message().to_owned())
            .with_retry(shared.retry())
            .with_advice(shared.advice().to_owned());
        let error = shared.code().into_iter().fold(error, Error::with_code);
        let error = shared.status().into_iter().fold(error, Error::with_status);
        let error = shared.trace_id().into_iter().fold(error, Error::with_trace_id);
        error.with_source(shared)
    })
}
