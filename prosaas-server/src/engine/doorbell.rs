use std::{sync::Arc, time::Duration};

use tokio::sync::Notify;

/// Tells a loop of this process that there is work. It may ring in vain, and polling finds what it misses: another
/// node's work, or a ring lost in a crash.
#[derive(Clone, Debug, Default)]
pub struct Doorbell(Arc<Notify>);

impl Doorbell {
    /// How long work may lie when no bell rang.
    pub const POLL: Duration = Duration::from_millis(250);

    /// There is work.
    pub fn ring(&self) {
        self.0.notify_one();
    }

    /// Waits for a ring, or for the next poll.
    pub async fn wait(&self) {
        // A poll in time is as good as a ring.
        let _ = tokio::time::timeout(Self::POLL, self.0.notified()).await;
    }
}
