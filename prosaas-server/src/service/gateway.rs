//! The one way out: whoever sends, an agent, a script or a machine, goes through here.
use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use tokio::time::Instant;
use whatsapp_core::{
    Alias, AliasKind, Content, Error, ErrorKind, Identity, MessageId, OutboundMessage, PhoneNumber, ProviderId,
    Recipient, Status, wa_me,
};

use super::Connections;
use crate::{
    domain::{ContactId, MessageRef, read_phone},
    engine::{Doorbell, Line, LineBook, Waiters},
    store::{
        Store, StoreError, TenantStore,
        repo::{
            BusinessSettings, MessageView,
            outbox::{Enqueued, NewOutbound},
        },
    },
};

/// To whom, as a caller says it.
#[derive(Clone, Debug)]
pub enum Addressee {
    /// A number as people write it, or a business-scoped user id.
    Written(String),
    /// A known contact.
    Contact(ContactId),
}

/// What a caller wants sent.
#[derive(Clone, Debug)]
pub struct SendRequest {
    /// To whom.
    pub to: Addressee,
    /// What.
    pub content: Content,
    /// The provider's id of the quoted message.
    pub reply_to: Option<MessageId>,
    /// `Idempotency-Key` and the request it came with.
    pub idempotency: Option<(String, Vec<u8>)>,
}

/// What became of it.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The message.
    pub message: MessageView,
    /// A link that a person can tap instead, where nothing can be sent.
    pub link: Option<String>,
}

/// Why nothing was sent. Known before anything is stored, unless it says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The business switched WhatsApp off.
    #[error("WhatsApp is switched off for this business")]
    Disabled,
    /// The business chose a provider and never configured it.
    #[error("{provider} is chosen but has no line")]
    NotConfigured {
        /// The provider.
        provider: ProviderId,
        /// A link to tap instead.
        link: Option<String>,
    },
    /// The WhatsApp Web line is not linked or not connected.
    #[error("the WhatsApp Web line is not connected: {0}")]
    NotConnected(String),
    /// Nobody can be reached under this.
    #[error("{0}")]
    InvalidRecipient(String),
    /// The contact wrote too long ago.
    #[error("the contact last wrote more than {0} hours ago")]
    WindowClosed(i64),
    /// The key was used for another request.
    #[error("this Idempotency-Key was used for another request")]
    KeyReused,
    /// The provider cannot send this, or refused it; in the second case the message is stored as failed.
    #[error("{0}")]
    Provider(#[from] Error),
    /// The message is stored and was refused by the provider.
    #[error("{}", .0.error.as_ref().and_then(|error| error["message"].as_str()).unwrap_or("the provider refused the message"))]
    Refused(Box<MessageView>),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Sends. Clones share everything.
#[derive(Clone, Debug)]
pub struct Gateway {
    /// The database.
    pub store: Store,
    /// All lines.
    pub book: LineBook,
    /// How lines stand.
    pub connections: Connections,
    /// Wakes the sender.
    pub doorbell: Doorbell,
    /// Wakes who waits.
    pub waiters: Waiters,
    /// Provider of a business that never chose.
    pub default_provider: ProviderId,
}

impl Gateway {
    /// The provider that a business works with now.
    #[must_use]
    pub fn effective_provider(&self, settings: &BusinessSettings) -> ProviderId {
        settings.chosen_provider.clone().map_or_else(|| self.default_provider.clone(), ProviderId::from)
    }

    /// Commits the message, then waits up to `wait` for the provider.
    ///
    /// # Errors
    /// [`GatewayError`]; nothing is stored unless it is [`GatewayError::Refused`].
    pub async fn send(
        &self,
        tenant: TenantStore<'_>,
        settings: &BusinessSettings,
        request: SendRequest,
        wait: Duration,
    ) -> Result<Sent, GatewayError> {
        // A repeated request gets the answer of the first, whatever has changed since.
        if let Some((key, bytes)) = &request.idempotency
            && let Some(used) = tenant.used_key(key, bytes).await?
        {
            return self.answer(tenant, used, None, wait).await;
        }
        if !settings.whatsapp_enabled {
            return Err(GatewayError::Disabled);
        }
        let provider = self.effective_provider(settings);
        let recipient = self.recipient(tenant, &provider, &request.to).await?;
        let Some(line) = self.book.of_business(settings.id, provider.as_str()) else {
            return self.without_line(tenant, settings, provider, recipient, request).await;
        };
        self.guard(tenant, &line, &recipient, &request).await?;
        let new = NewOutbound {
            line: Some(line.id),
            provider: provider.to_string(),
            person: person(&recipient),
            recipient,
            content: request.content,
            reply_to: request.reply_to,
            idempotency: request.idempotency,
        };
        self.answer(tenant, tenant.enqueue(&new).await?, None, wait).await
    }

    async fn answer(
        &self,
        tenant: TenantStore<'_>,
        enqueued: Enqueued,
        link: Option<String>,
        wait: Duration,
    ) -> Result<Sent, GatewayError> {
        let (Enqueued::New(id) | Enqueued::Repeated(id)) = enqueued else { return Err(GatewayError::KeyReused) };
        let message = self.wait_for(tenant, id, wait).await?;
        if message.status == Status::Failed.as_str() {
            return Err(GatewayError::Refused(Box::new(message)));
        }
        let intent = || wa_me(&message.phone_number.as_deref()?.parse().ok()?, message.body.as_deref()).into();
        let link = link.or_else(|| if message.status == "intent" { intent() } else { None });
        Ok(Sent { message, link })
    }

    /// What is known before sending is told before anything is stored.
    async fn guard(
        &self,
        tenant: TenantStore<'_>,
        line: &Arc<Line>,
        recipient: &Recipient,
        request: &SendRequest,
    ) -> Result<(), GatewayError> {
        let can = line.provider.capabilities();
        let mut message = OutboundMessage::new(recipient.clone(), request.content.clone());
        message.reply_to.clone_from(&request.reply_to);
        can.check(&line.provider.id(), &message)?;
        if line.provider.linking().is_some() {
            let connection = self.connections.of(line).await;
            if !connection.connected {
                return Err(GatewayError::NotConnected(connection.reason.unwrap_or(connection.state)));
            }
        }
        // Only what is known to be closed is refused: a contact who never wrote to us may have written before us.
        if let (Some(window), false) = (can.window, matches!(request.content, Content::Template(_)))
            && let Some(contact) = self.known_contact(tenant, recipient, &request.to).await?
            && let Some(at) = tenant.last_inbound(contact).await?
        {
            let window = TimeDelta::from_std(window).unwrap_or(TimeDelta::MAX);
            if self.store.clock().now() - at > window {
                return Err(GatewayError::WindowClosed(window.num_hours()));
            }
        }
        Ok(())
    }

    async fn known_contact(
        &self,
        tenant: TenantStore<'_>,
        recipient: &Recipient,
        to: &Addressee,
    ) -> Result<Option<ContactId>, StoreError> {
        match (to, recipient.phone()) {
            (Addressee::Contact(contact), _) => Ok(Some(*contact)),
            (Addressee::Written(_), Some(phone)) => tenant.contact_by_phone(phone).await,
            (Addressee::Written(_), None) => Ok(None),
        }
    }

    async fn recipient(
        &self,
        tenant: TenantStore<'_>,
        provider: &ProviderId,
        to: &Addressee,
    ) -> Result<Recipient, GatewayError> {
        match to {
            Addressee::Written(text) => {
                let user = || text.trim().parse().ok().map(Recipient::User);
                read_phone(text).map(Recipient::Phone).or_else(user).ok_or_else(|| {
                    GatewayError::InvalidRecipient(
                        "`to` is no phone number; write it as +972501234567 or 050-123-4567".to_owned(),
                    )
                })
            }
            Addressee::Contact(contact) => {
                let found = tenant.recipient_of(*contact, provider.as_str()).await?;
                found.ok_or_else(|| {
                    GatewayError::InvalidRecipient(format!("`contactId` names nobody whom {provider} can reach"))
                })
            }
        }
    }

    /// A business that chose a provider hears that it is not configured; one that never had any line gets a link.
    async fn without_line(
        &self,
        tenant: TenantStore<'_>,
        settings: &BusinessSettings,
        provider: ProviderId,
        recipient: Recipient,
        request: SendRequest,
    ) -> Result<Sent, GatewayError> {
        let text = if let Content::Text(text) = &request.content { Some(text.body.as_str()) } else { None };
        let link = recipient.phone().map(|phone: &PhoneNumber| wa_me(phone, text));
        let never =
            settings.chosen_provider.is_none() && self.book.of(settings.id).is_empty() && !tenant.ever_linked().await?;
        let (true, Some(link)) = (never, link.clone()) else {
            return Err(GatewayError::NotConfigured { provider, link });
        };
        let new = NewOutbound {
            line: None,
            provider: "wa_link".to_owned(),
            person: person(&recipient),
            recipient,
            content: request.content,
            reply_to: None,
            idempotency: request.idempotency,
        };
        self.answer(tenant, tenant.enqueue(&new).await?, Some(link), Duration::ZERO).await
    }

    /// Waits until the message is neither queued nor on its way, or until the time is over.
    async fn wait_for(
        &self,
        tenant: TenantStore<'_>,
        id: MessageRef,
        wait: Duration,
    ) -> Result<MessageView, GatewayError> {
        let until = Instant::now() + wait;
        let waiter = self.waiters.enter(id);
        self.doorbell.ring();
        loop {
            let settled = waiter.wait();
            let message = self.view(tenant, id).await?;
            // A message that was put off will not be settled while the caller waits.
            let waits = matches!(message.status.as_str(), "queued" | "sending") && message.reason.is_none();
            let left = until.saturating_duration_since(Instant::now());
            if !waits || left.is_zero() {
                return Ok(message);
            }
            // Another node may be the sender: then only the database knows.
            let _ = tokio::time::timeout(left.min(Doorbell::POLL), settled).await;
        }
    }

    async fn view(&self, tenant: TenantStore<'_>, id: MessageRef) -> Result<MessageView, GatewayError> {
        let found = tenant.message(id).await?;
        found.ok_or_else(|| StoreError::from(sea_orm::DbErr::RecordNotFound("message".to_owned())).into())
    }
}

/// Names of the recipient, to find or make the contact by.
fn person(recipient: &Recipient) -> Identity {
    match recipient {
        Recipient::Phone(phone) => {
            Identity::from(phone.clone()).with_alias(Alias::new(AliasKind::WaId, phone.digits()))
        }
        Recipient::User(id) => Identity::new(Alias::new(AliasKind::Bsuid, id.as_str())),
        Recipient::Lid(lid) => Identity::new(Alias::new(AliasKind::Lid, lid.clone())),
        Recipient::Group(group) => Identity::new(Alias::new(AliasKind::WaId, group.as_str())),
        _ => Identity::new(Alias::new(AliasKind::WaId, "")),
    }
}

impl GatewayError {
    /// The kind of a provider's refusal, if it is one.
    #[must_use]
    pub fn kind(&self) -> Option<ErrorKind> {
        match self {
            Self::Provider(error) => Some(error.kind()),
            _ => None,
        }
    }
}
