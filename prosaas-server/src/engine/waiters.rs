use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{Notify, futures::Notified};

use crate::domain::MessageRef;

/// Callers that wait for one message to be settled by this process. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Waiters(Arc<Mutex<HashMap<MessageRef, Arc<Notify>>>>);

/// A place in the queue; leaving scope leaves it.
#[derive(Debug)]
pub struct Waiter {
    waiters: Waiters,
    message: MessageRef,
    notify: Arc<Notify>,
}

impl Waiters {
    /// Begins to wait for `message`.
    #[must_use]
    pub fn enter(&self, message: MessageRef) -> Waiter {
        let notify = Arc::clone(self.lock().entry(message).or_default());
        Waiter { waiters: self.clone(), message, notify }
    }

    /// `message` was settled, or put off.
    pub fn settled(&self, message: MessageRef) {
        if let Some(notify) = self.lock().get(&message) {
            notify.notify_waiters();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<MessageRef, Arc<Notify>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiter {
    /// Waits for what happens from now on, also before it is polled.
    pub fn wait(&self) -> Notified<'_> {
        self.notify.notified()
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let mut waiters = self.waiters.lock();
        // The map's own and this one: nobody else waits.
        if Arc::strong_count(&self.notify) <= 2 {
            waiters.remove(&self.message);
        }
    }
}
