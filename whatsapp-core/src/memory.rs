//! A whole provider in memory: for docs, tests and trying things out.
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use serde_json::value::RawValue;

use crate::{
    Capabilities, CorrelationId, Envelope, Error, ErrorKind, Event, HmacSha256, InteractiveKinds, LineId, MediaKind,
    MessageId, OutboundMessage, Parser, Presence, Provider, ProviderId, Receipt, Recipient, Rejection, Result, Secret,
    Sender, Settings, Unknown, Verified, Verifier, WebhookRequest,
    config::{missing_key, unknown_key},
    signature,
};

/// A provider that keeps what it is asked to send, and signs webhooks of its own.
///
/// A webhook is a JSON list of [`Event`]s with the header `x-memory-signature`: HMAC-SHA256 of the body, hex.
/// Clones share their state.
///
/// ```
/// use whatsapp_core::{Event, InboundContent, InboundMessage, Memory, PhoneNumber, Secret, SenderExt, WebhookExt};
/// # fn block_on<F: Future>(f: F) -> F::Output { let mut f = std::pin::pin!(f); let mut c = std::task::Context::from_waker(std::task::Waker::noop()); loop { if let std::task::Poll::Ready(v) = f.as_mut().poll(&mut c) { return v; } } }
/// let memory = Memory::new("shop", Secret::from("s3cr3t"));
/// let dana: PhoneNumber = "+972501234567".parse().unwrap();
/// block_on(memory.send_text(dana.clone(), "שלום")).unwrap();
/// assert_eq!(memory.sent().len(), 1);
///
/// let hello = InboundMessage::new("m1".into(), dana.into(), InboundContent::text("היי"));
/// let request = memory.webhook(&[Event::Message(hello)]);
/// let events = memory.receive(request.as_request()).unwrap().unwrap();
/// assert_eq!(events.len(), 1);
/// ```
#[derive(Clone, Debug)]
pub struct Memory {
    line: LineId,
    keys: Option<HmacSha256>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    sent: Vec<(MessageId, OutboundMessage)>,
    read: Vec<MessageId>,
    failures: VecDeque<Error>,
}

/// A signed webhook of [`Memory`], owned.
#[derive(Clone, Debug)]
pub struct MemoryWebhook {
    method: Method,
    url: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl MemoryWebhook {
    /// As a request to verify.
    #[must_use]
    pub fn as_request(&self) -> WebhookRequest<'_> {
        WebhookRequest { method: &self.method, url: &self.url, headers: &self.headers, body: &self.body }
    }
}

impl Memory {
    /// Its name in a registry.
    pub const ID: ProviderId = ProviderId::new("memory");

    const CAPABILITIES: Capabilities = Capabilities::none()
        .with_text(4096)
        .with_media(
            &[MediaKind::Image, MediaKind::Video, MediaKind::Audio, MediaKind::Document, MediaKind::Sticker],
            1024,
        )
        .with_media_ids()
        .with_templates()
        .with_template_parts()
        .with_locations()
        .with_contacts()
        .with_reactions()
        .with_replies()
        .with_groups()
        .with_interactive(InteractiveKinds::ALL, 3, 10)
        .with_presence(false, true)
        .with_idempotent_send();

    /// A provider of `line` whose webhooks are signed with `secret`. An empty secret rejects every webhook.
    #[must_use]
    pub fn new(line: impl Into<LineId>, secret: Secret) -> Self {
        Self { line: line.into(), keys: HmacSha256::new([secret]), state: Arc::default() }
    }

    /// Builds one from settings: `line`, `secret`, and perhaps `previous_secret`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for a missing or unknown key.
    pub fn from_settings(settings: &Settings) -> Result<Self> {
        const KNOWN: [&str; 3] = ["line", "secret", "previous_secret"];
        if let Some((key, _)) = settings.iter().find(|(key, _)| !KNOWN.contains(key)) {
            return Err(unknown_key(Self::ID, key, &KNOWN));
        }
        let line = settings.get("line").ok_or_else(|| missing_key(Self::ID, "line"))?;
        let secret = settings.get("secret").ok_or_else(|| missing_key(Self::ID, "secret"))?;
        let secrets = [Some(secret), settings.get("previous_secret")].into_iter().flatten().cloned();
        Ok(Self { line: line.expose().into(), keys: HmacSha256::new(secrets), state: Arc::default() })
    }

    /// [`from_settings`](Self::from_settings) as a registry wants it.
    ///
    /// # Errors
    /// As there.
    pub fn connect(settings: &Settings) -> Result<Arc<dyn Provider>> {
        Ok(Arc::new(Self::from_settings(settings)?))
    }

    /// The same line, keeping what it sends where `other` does; for tests that build a line twice.
    #[must_use]
    pub fn sharing_state_of(mut self, other: &Self) -> Self {
        self.state = Arc::clone(&other.state);
        self
    }

    /// What was sent, oldest first.
    #[must_use]
    pub fn sent(&self) -> Vec<(MessageId, OutboundMessage)> {
        self.state().sent.clone()
    }

    /// What was marked as read, oldest first.
    #[must_use]
    pub fn marked_read(&self) -> Vec<MessageId> {
        self.state().read.clone()
    }

    /// Makes the next send fail; called twice, the next two.
    pub fn fail_next(&self, error: Error) {
        self.state().failures.push_back(error);
    }

    /// A signed webhook that carries `events`.
    #[must_use]
    pub fn webhook(&self, events: &[Event]) -> MemoryWebhook {
        self.sign(serde_json::to_vec(events).unwrap_or_default().into())
    }

    /// A signed webhook with any body.
    #[must_use]
    pub fn sign(&self, body: Bytes) -> MemoryWebhook {
        let mut headers = HeaderMap::new();
        let mac = self.keys.as_ref().map(|keys| hex::encode(keys.sign(&[&body]))).unwrap_or_default();
        if let Ok(value) = HeaderValue::from_str(&mac) {
            headers.insert("x-memory-signature", value);
        }
        MemoryWebhook { method: Method::POST, url: "https://memory.invalid/webhook".to_owned(), headers, body }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Sender for Memory {
    fn id(&self) -> ProviderId {
        Self::ID
    }

    fn line(&self) -> &LineId {
        &self.line
    }

    fn capabilities(&self) -> Capabilities {
        Self::CAPABILITIES
    }

    fn assigned_id(&self, correlation: CorrelationId) -> Option<MessageId> {
        Some(format!("mem-{correlation}").into())
    }

    async fn send(&self, message: &OutboundMessage) -> Result<Receipt> {
        Self::CAPABILITIES.check(&Self::ID, message)?;
        let mut state = self.state();
        if let Some(error) = state.failures.pop_front() {
            return Err(error);
        }
        let id = match message.correlation.and_then(|id| self.assigned_id(id)) {
            Some(id) => id,
            None => format!("mem-{}", state.sent.len() + 1).into(),
        };
        if !state.sent.iter().any(|(known, _)| *known == id) {
            state.sent.push((id.clone(), message.clone()));
        }
        Ok(Receipt::new(id, Self::ID))
    }
}

impl Verifier for Memory {
    fn verify<'r>(&self, request: WebhookRequest<'r>) -> Result<Verified<'r>, Rejection> {
        let header = request.header("x-memory-signature").ok_or(Rejection::Missing)?;
        let mac = hex::decode(header).map_err(|_| Rejection::Malformed)?;
        if self.keys.as_ref().is_some_and(|keys| keys.matches(&[request.body], &mac)) {
            Ok(signature::vouch(request))
        } else {
            Err(Rejection::Mismatch)
        }
    }
}

impl Parser for Memory {
    fn parse(&self, request: &Verified<'_>) -> Result<Vec<Envelope>> {
        let body = request.body();
        let items: Vec<&RawValue> = serde_json::from_slice(body).map_err(|error| {
            Error::new(Self::ID, ErrorKind::Protocol, "the body is not a JSON list").with_source(error)
        })?;
        let read = |item: &RawValue| {
            let event = serde_json::from_str(item.get()).unwrap_or_else(|_| Event::Unknown(Unknown::new("item")));
            Envelope::new(Self::ID, self.line.clone(), event, body.slice_ref(item.get().as_bytes()))
        };
        Ok(items.into_iter().map(read).collect())
    }
}

impl Provider for Memory {
    fn presence(&self) -> Option<&dyn Presence> {
        Some(self)
    }
}

#[async_trait]
impl Presence for Memory {
    async fn mark_read(&self, _: &Recipient, message: &MessageId) -> Result<()> {
        self.state().read.push(message.clone());
        Ok(())
    }
}
