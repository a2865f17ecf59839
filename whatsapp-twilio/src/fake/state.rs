//! What the fake remembers.
use std::{
    hash::{BuildHasher, RandomState},
    sync::{Mutex, MutexGuard, PoisonError, atomic::AtomicUsize},
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use whatsapp_core::{
    Status,
    testing::{Accepted, Courier, FaultQueue},
};

use super::{TwilioFakeConfig, content::Contents};

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
    /// The fake's own origin.
    pub(super) url: String,
    pub(super) statuses: Vec<Status>,
    /// What it took, oldest first.
    pub(super) messages: Vec<Message>,
    pub(super) contents: Contents,
    /// What contacts sent, oldest first.
    pub(super) received: Vec<Received>,
    /// Messages of contacts that typing was shown for.
    pub(super) typed: Vec<String>,
    /// Messages that were deleted.
    pub(super) deleted: Vec<String>,
    /// Differs from start to start: a database that outlives the fake must not see an id twice.
    seed: u64,
    issued: u64,
    newest: DateTime<Utc>,
}

/// A message that was taken.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) accepted: Accepted,
    pub(super) body: String,
    pub(super) messaging_service: Option<String>,
    pub(super) status_callback: Option<String>,
    pub(super) status: &'static str,
    pub(super) at: DateTime<Utc>,
}

/// A contact's message.
#[derive(Clone, Debug)]
pub(super) struct Received {
    pub(super) sid: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) body: String,
    pub(super) files: Vec<File>,
    pub(super) at: DateTime<Utc>,
}

/// A file of a contact's message.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub(super) sid: String,
    pub(super) mime_type: String,
    pub(super) bytes: Bytes,
}

impl Shared {
    pub(super) fn new(config: TwilioFakeConfig, faults: FaultQueue, courier: Courier) -> Self {
        let target = config.webhook_target.as_deref().unwrap_or_default().trim_end_matches('/').to_owned();
        let seed = RandomState::new().hash_one(&config.account_sid);
        let state = State {
            target,
            url: String::new(),
            statuses: Vec::new(),
            messages: Vec::new(),
            contents: Contents::default(),
            received: Vec::new(),
            typed: Vec::new(),
            deleted: Vec::new(),
            seed,
            issued: 0,
            newest: DateTime::UNIX_EPOCH,
        };
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

    /// The time, never the same twice: lists are ordered by it.
    pub(super) fn now(&mut self) -> DateTime<Utc> {
        self.newest = now().max(self.newest + TimeDelta::microseconds(1));
        self.newest
    }

    pub(super) fn message(&self, sid: &str) -> Option<&Message> {
        self.messages.iter().find(|message| message.accepted.id.as_str() == sid)
    }
}

#[expect(clippy::disallowed_methods, reason = "the fake's clock is the machine's, as Twilio's is its own")]
fn now() -> DateTime<Utc> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(since.as_secs()).unwrap_or_default();
    DateTime::from_timestamp(seconds, since.subsec_nanos()).unwrap_or_default()
}
