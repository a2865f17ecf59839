//! What the fake remembers.
use std::{
    hash::{BuildHasher, RandomState},
    sync::{Mutex, MutexGuard, PoisonError, atomic::AtomicUsize},
};

use sha2::{Digest, Sha256};
use whatsapp_core::{
    Status,
    testing::{Accepted, Courier, FaultQueue},
};

use super::TwilioFakeConfig;

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) config: TwilioFakeConfig,
    pub(super) faults: FaultQueue,
    pub(super) courier: Courier,
    pub(super) requests: AtomicUsize,
    state: Mutex<State>,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) target: String,
    pub(super) statuses: Vec<Status>,
    pub(super) messages: Vec<Message>,
    /// Differs from start to start: a database that outlives the fake must not see an id twice.
    seed: u64,
    issued: u64,
}

/// A message that was taken.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) accepted: Accepted,
    pub(super) body: String,
    pub(super) messaging_service: Option<String>,
    pub(super) status_callback: Option<String>,
}

impl Shared {
    pub(super) fn new(config: TwilioFakeConfig, faults: FaultQueue, courier: Courier) -> Self {
        let target = config.webhook_target.as_deref().unwrap_or_default().trim_end_matches('/').to_owned();
        let seed = RandomState::new().hash_one(&config.account_sid);
        let state = State { target, statuses: Vec::new(), messages: Vec::new(), seed, issued: 0 };
        Self { config, faults, courier, requests: AtomicUsize::new(0), state: Mutex::new(state) }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Thirty-two hexadecimal digits that were never issued before.
    pub(super) fn issue(&mut self) -> String {
        self.issued += 1;
        let mut digest = hex::encode(Sha256::digest([self.seed, self.issued].map(u64::to_be_bytes).concat()));
        digest.truncate(32);
        digest
    }

    pub(super) fn message(&self, sid: &str) -> Option<&Message> {
        self.messages.iter().find(|message| message.accepted.id.as_str() == sid)
    }
}
