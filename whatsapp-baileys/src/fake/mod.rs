//! The bridge and WhatsApp behind it, on loopback: tenants with a link each, sends kept, webhooks signed and
//! delivered again until they are answered with 2xx.
mod accept;
mod bridge;
mod post;

use std::{
    collections::BTreeMap,
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde_json::Value;
use whatsapp_core::{
    LineId, LinkPhase, MessageId, Secret, Status,
    testing::{Accepted, Courier, Fake, FaultQueue, Inbound, Key, Redelivery, SignedRequest, Stage},
};

/// How a [`BaileysFake`] begins.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BaileysFakeConfig {
    /// The secret shared with the server, used both ways.
    pub secret: Secret,
    /// The secret before it, for webhooks of a rotation.
    pub previous_secret: Option<Secret>,
    /// Origin of the server that takes the webhooks; see [`BaileysFake::set_webhook_target`].
    pub webhook_target: Option<String>,
    /// Tenants that are linked from the start.
    pub linked: Vec<String>,
}

impl BaileysFakeConfig {
    /// A bridge without tenants.
    #[must_use]
    pub fn new(secret: impl Into<Secret>) -> Self {
        Self { secret: secret.into(), previous_secret: None, webhook_target: None, linked: Vec::new() }
    }

    /// Adds the secret before.
    #[must_use]
    pub fn with_previous_secret(mut self, secret: impl Into<Secret>) -> Self {
        self.previous_secret = Some(secret.into());
        self
    }

    /// Sets the origin of the server that takes the webhooks.
    #[must_use]
    pub fn with_webhook_target(mut self, origin: impl Into<String>) -> Self {
        self.webhook_target = Some(origin.into());
        self
    }

    /// Adds a tenant that is linked already.
    #[must_use]
    pub fn with_linked(mut self, tenant: impl Into<String>) -> Self {
        self.linked.push(tenant.into());
        self
    }
}

/// A stand-in of the bridge and of WhatsApp.
#[derive(Debug)]
pub struct BaileysFake {
    inner: Arc<Inner>,
    stage: Stage,
}

#[derive(Debug)]
struct Inner {
    secret: Secret,
    previous_secret: Option<Secret>,
    faults: FaultQueue,
    courier: Courier,
    requests: AtomicUsize,
    counter: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    target: Option<String>,
    follow: Vec<Status>,
    tenants: BTreeMap<String, Tenant>,
    accepted: Vec<Accepted>,
}

#[derive(Debug)]
struct Tenant {
    phase: LinkPhase,
    push_name: String,
    since: DateTime<Utc>,
    read: Vec<MessageId>,
}

impl BaileysFake {
    /// The number of every linked phone.
    pub const PHONE: &str = "972541112222";

    /// Opens the bridge's port.
    ///
    /// # Errors
    /// If no port can be opened.
    pub async fn start(config: BaileysFakeConfig) -> io::Result<Self> {
        let redelivery = Redelivery {
            first: Duration::from_millis(200),
            longest: Duration::from_secs(2),
            tries: 400,
            timeout: Duration::from_secs(5),
        };
        let faults = FaultQueue::default();
        let inner = Arc::new(Inner {
            courier: Courier::new(redelivery, faults.clone()).map_err(io::Error::other)?,
            secret: config.secret,
            previous_secret: config.previous_secret,
            faults,
            requests: AtomicUsize::new(0),
            counter: AtomicU64::new(0),
            state: Mutex::new(State { target: config.webhook_target, ..State::default() }),
        });
        for tenant in config.linked {
            inner.change(&tenant, LinkPhase::Open, Some(&tenant));
        }
        let stage = Stage::open(bridge::router(Arc::clone(&inner))).await?;
        Ok(Self { inner, stage })
    }

    /// Posts webhooks to this origin from now on. Without one they are lost.
    pub fn set_webhook_target(&self, origin: impl Into<String>) {
        self.inner.state().target = Some(origin.into());
    }

    /// Scans the QR code of `tenant`: its link is open, under the name `push_name`.
    pub fn scan(&self, tenant: &str, push_name: &str) {
        self.change(tenant, LinkPhase::Open, Some(push_name));
    }

    /// Puts the link of `tenant` into `phase`, and tells the server by webhook.
    pub fn set_phase(&self, tenant: &str, phase: LinkPhase) {
        self.change(tenant, phase, None);
    }

    /// Messages of contacts that `tenant` marked as read, oldest first.
    #[must_use]
    pub fn marked_read(&self, tenant: &str) -> Vec<MessageId> {
        self.inner.state().tenants.get(tenant).map(|tenant| tenant.read.clone()).unwrap_or_default()
    }

    /// A webhook of any Baileys event, signed.
    #[must_use]
    pub fn event(&self, tenant: &str, event: &str, payload: &Value, key: Key) -> SignedRequest {
        self.inner.event(tenant, event, payload, key)
    }

    /// A webhook with any body, signed.
    #[must_use]
    pub fn sign(&self, body: Bytes, key: Key) -> SignedRequest {
        self.inner.sign(&self.inner.next_event_id(), body, key)
    }

    fn change(&self, tenant: &str, phase: LinkPhase, push_name: Option<&str>) {
        self.inner.change(tenant, phase, push_name);
        self.inner.post_connection(tenant, phase);
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self) -> u64 {
        self.counter.fetch_add(1, Ordering::Relaxed)
    }

    fn change(&self, tenant: &str, phase: LinkPhase, push_name: Option<&str>) {
        let since = post::now();
        let mut state = self.state();
        let tenant = state.tenants.entry(tenant.to_owned()).or_insert_with(|| Tenant {
            phase,
            push_name: String::new(),
            since,
            read: Vec::new(),
        });
        (tenant.phase, tenant.since) = (phase, since);
        if let Some(name) = push_name {
            name.clone_into(&mut tenant.push_name);
        }
    }
}

impl Fake for BaileysFake {
    fn url(&self) -> String {
        self.stage.url()
    }

    fn faults(&self) -> &FaultQueue {
        &self.inner.faults
    }

    fn courier(&self) -> &Courier {
        &self.inner.courier
    }

    fn accepted(&self) -> Vec<Accepted> {
        self.inner.state().accepted.clone()
    }

    fn requests(&self) -> usize {
        self.inner.requests.load(Ordering::Relaxed)
    }

    fn follow_with(&self, statuses: Vec<Status>) {
        self.inner.state().follow = statuses;
    }

    fn webhooks(&self, line: &LineId, items: &[Inbound], key: Key) -> Vec<SignedRequest> {
        self.inner.webhooks(line.as_str(), items, key)
    }

    fn deliver(&self, line: &LineId, items: &[Inbound]) {
        self.inner.deliver(line.as_str(), items);
    }
}
