//! The conformance suite on the provider in memory, whose failures are made as a transport would make them.
#![expect(clippy::unwrap_used, reason = "test code")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use whatsapp_core::{
    Action, Content, Error, ErrorKind, Event, Identity, InboundContent, InboundMedia, InboundMessage, LineId,
    MediaSource, Memory, MessageId, OutboundMessage, Parser, PhoneNumber, Provider, ProviderId, Receipt, Rejection,
    Result, Retry, Secret, Sender, Settings, StatusUpdate, Verified, Verifier, WebhookRequest, conformance,
    testing::{Accepted, Fault, FaultQueue, Harness, Inbound, Key, SignedRequest},
};

/// Memory behind a transport that fails on demand.
#[derive(Clone, Debug)]
struct Wired {
    memory: Memory,
    wire: Wire,
    reachable: bool,
}

#[derive(Clone, Debug, Default)]
struct Wire {
    faults: FaultQueue,
    requests: Arc<AtomicUsize>,
}

fn failure(kind: ErrorKind, retry: Retry) -> Error {
    Error::new(Memory::ID, kind, "as scripted").with_retry(retry)
}

#[async_trait]
impl Sender for Wired {
    fn id(&self) -> ProviderId {
        self.memory.id()
    }
    fn line(&self) -> &LineId {
        self.memory.line()
    }
    fn capabilities(&self) -> whatsapp_core::Capabilities {
        self.memory.capabilities()
    }
    fn assigned_id(&self, correlation: whatsapp_core::CorrelationId) -> Option<MessageId> {
        self.memory.assigned_id(correlation)
    }
    async fn send(&self, message: &OutboundMessage) -> Result<Receipt> {
        self.capabilities().check(&self.id(), message)?;
        if !self.reachable {
            return Err(failure(ErrorKind::Unavailable, Retry::Backoff));
        }
        self.wire.requests.fetch_add(1, Ordering::Relaxed);
        let Some(fault) = self.wire.faults.next_of_requests() else {
            return self.memory.send(message).await;
        };
        if matches!(
            fault,
            Fault::ErrorAfterAccept
                | Fault::HangAfterAccept
                | Fault::DropAfterAccept
                | Fault::Garbage
                | Fault::HugeAnswer
        ) {
            self.memory.send(message).await?;
        }
        Err(match fault {
            Fault::RateLimit { retry_after: Some(seconds) } => {
                failure(ErrorKind::RateLimited, Retry::After(Duration::from_secs(seconds)))
            }
            Fault::HangBeforeAccept => std::future::pending().await,
            Fault::RateLimit { retry_after: None } => failure(ErrorKind::RateLimited, Retry::Backoff),
            Fault::Reject { kind } => failure(kind, Retry::Never),
            Fault::Garbage | Fault::HugeAnswer => failure(ErrorKind::Protocol, Retry::Ambiguous),
            Fault::Redirect => failure(ErrorKind::Protocol, Retry::Never),
            _ => failure(ErrorKind::Unavailable, Retry::Ambiguous),
        })
    }
}

impl Verifier for Wired {
    fn verify<'r>(&self, request: WebhookRequest<'r>) -> Result<Verified<'r>, Rejection> {
        self.memory.verify(request)
    }
}

impl Parser for Wired {
    fn parse(&self, request: &Verified<'_>) -> Result<Vec<whatsapp_core::Envelope>> {
        self.memory.parse(request)
    }
}

impl Provider for Wired {}

struct MemoryHarness {
    memory: Memory,
    wire: Wire,
}

const SECRET: &str = "current-secret-of-memory";
const PREVIOUS: &str = "previous-secret-of-memory";

fn text_of(content: &Content) -> (Option<String>, Option<String>, Vec<String>) {
    match content {
        Content::Text(text) => (Some(text.body.clone()), None, vec![]),
        Content::Media(file) => {
            let source = match &file.source {
                MediaSource::Link(url) => Some(url.to_string()),
                MediaSource::Id(id) => Some(id.clone()),
                _ => None,
            };
            (file.caption.clone(), source, vec![])
        }
        Content::Interactive(ask) => {
            let titles = match &ask.action {
                Action::Buttons(buttons) => buttons.iter().map(|button| button.title.clone()).collect(),
                Action::List(list) => list.rows().map(|row| row.title.clone()).collect(),
                _ => vec![],
            };
            (ask.body.clone(), None, titles)
        }
        Content::Contacts(cards) => (cards.contacts.first().map(|card| card.name.formatted_name.clone()), None, vec![]),
        Content::Template(template) => {
            (Some(template.name.clone()), None, template.parameters.iter().map(|(_, value)| value.to_owned()).collect())
        }
        Content::Location(place) => (Some(format!("{},{}", place.latitude, place.longitude)), None, vec![]),
        Content::Reaction(reaction) => (reaction.emoji.clone(), None, vec![]),
        _ => (None, None, vec![]),
    }
}

#[async_trait]
impl Harness for MemoryHarness {
    async fn start() -> Self {
        Self { memory: Memory::new("line-1", Secret::from(SECRET)), wire: Wire::default() }
    }

    fn settings(&self) -> Settings {
        Settings::from_iter([("line", "line-1"), ("secret", SECRET), ("previous_secret", PREVIOUS)])
    }

    fn settings_unreachable(&self) -> Settings {
        Settings::from_iter([("line", "unreachable"), ("secret", SECRET), ("previous_secret", PREVIOUS)])
    }

    fn required_keys(&self) -> &'static [&'static str] {
        &["line", "secret"]
    }

    fn build(&self, settings: &Settings) -> Result<Arc<dyn Provider>> {
        let built = Memory::from_settings(settings)?;
        let reachable = built.line().as_str() != "unreachable";
        // Verifies by its own settings; sends into the harness's memory.
        let memory = built.sharing_state_of(&self.memory);
        Ok(Arc::new(Wired { memory, wire: self.wire.clone(), reachable }))
    }

    fn script(&self, fault: Fault) {
        self.wire.faults.push(fault);
    }

    fn accepted(&self) -> Vec<Accepted> {
        let accepted = self.memory.sent().into_iter().map(|(id, message)| {
            let (text, link, parameters) = text_of(&message.content);
            Accepted {
                id,
                to: message.to.phone().map(|phone| phone.digits().to_owned()).unwrap_or_default(),
                kind: message.content.kind().to_owned(),
                text,
                link,
                parameters,
                reply_to: message.reply_to.map(|id| id.to_string()),
                correlation: message.correlation,
                line: self.memory.line().clone(),
            }
        });
        accepted.collect()
    }

    fn requests(&self) -> usize {
        self.wire.requests.load(Ordering::Relaxed)
    }

    fn webhooks(&self, items: &[Inbound], key: Key) -> Vec<SignedRequest> {
        let person = |digits: &str| Identity::from(PhoneNumber::from_digits(digits).unwrap());
        let events: Vec<_> = items
            .iter()
            .map(|item| match item {
                Inbound::Text { id, from, body, .. } => serde_json::to_value(Event::Message(InboundMessage::new(
                    id.as_str().into(),
                    person(from),
                    InboundContent::text(body),
                ))),
                Inbound::File { id, from, kind, mime_type, caption } => {
                    let mut media = InboundMedia::new(*kind);
                    (media.mime_type, media.caption) = (Some(mime_type.clone()), caption.clone());
                    let content = InboundContent::Media(media);
                    serde_json::to_value(Event::Message(InboundMessage::new(id.as_str().into(), person(from), content)))
                }
                Inbound::Status { id, to, status } => {
                    let failed = *status == whatsapp_core::Status::Failed;
                    let error = failed.then(|| whatsapp_core::DeliveryError::new(Some(1), "as scripted"));
                    serde_json::to_value(Event::Status(
                        StatusUpdate::new(id.as_str().into(), *status)
                            .with_recipient(Some(person(to)))
                            .with_error(error),
                    ))
                }
                Inbound::Odd { id } => Ok(serde_json::json!({"event": "hologram", "data": {"id": id}})),
            })
            .collect::<Result<_, _>>()
            .unwrap();
        let secret = match key {
            Key::Current => SECRET,
            Key::Previous => PREVIOUS,
            Key::Other => "somebody else's",
        };
        vec![sign(secret, serde_json::to_vec(&events).unwrap().into())]
    }

    fn webhook_of(&self, body: Bytes) -> SignedRequest {
        sign(SECRET, body)
    }

    fn signature_header(&self) -> &'static str {
        "x-memory-signature"
    }

    fn secrets(&self) -> Vec<String> {
        vec![SECRET.to_owned(), PREVIOUS.to_owned()]
    }
}

fn sign(secret: &str, body: Bytes) -> SignedRequest {
    let webhook = Memory::new("line-1", Secret::from(secret)).sign(body);
    let request = webhook.as_request();
    SignedRequest {
        method: request.method.clone(),
        url: request.url.to_owned(),
        headers: request.headers.clone(),
        body: request.body.clone(),
    }
}

conformance!(MemoryHarness);
