//! One line at Meta: a thin HTTP shell around encode and decode.
use std::sync::Arc;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};
use whatsapp_core::{
    Capabilities, Challenge, Envelope, LineId, Media, MessageId, OutboundMessage, Parser, Presence, Probe, Provider,
    ProviderId, Receipt, Recipient, Rejection, Result, Secret, Sender, Settings, Templates, Verified, Verifier,
    WebhookRequest, client::Answer, config,
};

use crate::{
    ID, MetaBuilder, MetaConfigKey, MetaWebhook,
    encode::{self, CAPABILITIES},
    endpoint::{Endpoint, done},
    error::{self, Effect},
};

#[doc = include_str!("docs.md")]
#[derive(Debug)]
pub struct Meta {
    endpoint: Endpoint,
    line: LineId,
    waba_id: Option<String>,
    app_secret: Secret,
    webhook: MetaWebhook,
}

impl Meta {
    pub(crate) fn new(endpoint: Endpoint, waba_id: Option<String>, app_secret: Secret, webhook: MetaWebhook) -> Self {
        Self { line: endpoint.number.as_str().into(), endpoint, waba_id, app_secret, webhook }
    }

    /// Where its calls go.
    pub(crate) const fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The secret of the app that signs its webhooks.
    pub(crate) const fn app_secret(&self) -> &Secret {
        &self.app_secret
    }

    /// The account's id, for a call that cannot do without.
    pub(crate) fn account(&self) -> Result<&str> {
        self.waba_id().ok_or_else(|| config::missing_key(ID, MetaConfigKey::WabaId.as_str()))
    }

    /// The WhatsApp Business Account's id, if it was configured.
    #[must_use]
    pub fn waba_id(&self) -> Option<&str> {
        self.waba_id.as_deref()
    }

    /// The part that verifies and reads webhooks.
    #[must_use]
    pub const fn webhook(&self) -> &MetaWebhook {
        &self.webhook
    }
}

/// Builds a line of `settings`, as a [`Registry`](whatsapp_core::Registry) wants it.
///
/// # Errors
/// [`ErrorKind::Config`](whatsapp_core::ErrorKind::Config) for an unknown or missing key or an unusable value.
pub fn connect(settings: &Settings) -> Result<Arc<dyn Provider>> {
    Ok(Arc::new(MetaBuilder::from_settings(settings)?.build()?))
}

/// Reads the answer to a send. An accepted message may still fail: its statuses tell.
///
/// # Errors
/// What Meta's code says; [`ErrorKind::Protocol`](whatsapp_core::ErrorKind::Protocol) for a success that cannot be
/// read, which is ambiguous.
pub fn decode(answer: &Answer) -> Result<Receipt> {
    #[derive(Deserialize)]
    struct Accepted {
        messages: Vec<Message>,
    }
    #[derive(Deserialize)]
    struct Message {
        id: String,
    }
    if !answer.status.is_success() {
        return Err(error::read(answer));
    }
    let accepted: Option<Accepted> = serde_json::from_slice(&answer.body).ok();
    let message = accepted.and_then(|accepted| accepted.messages.into_iter().next());
    let message = message.filter(|message| !message.id.is_empty()).ok_or_else(|| error::read(answer))?;
    Ok(Receipt::new(message.id.into(), ID))
}

#[async_trait]
impl Sender for Meta {
    fn id(&self) -> ProviderId {
        ID
    }

    fn line(&self) -> &LineId {
        &self.line
    }

    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    async fn send(&self, message: &OutboundMessage) -> Result<Receipt> {
        let body = encode::encode(message)?;
        decode(&self.endpoint.post(&self.endpoint.of_number("messages"), &body, Effect::Once).await?)
    }
}

impl Verifier for Meta {
    fn verify<'r>(&self, request: WebhookRequest<'r>) -> Result<Verified<'r>, Rejection> {
        self.webhook.verify(request)
    }

    fn challenge(&self, request: &WebhookRequest<'_>) -> Option<Result<Challenge, Rejection>> {
        self.webhook.challenge(request)
    }
}

impl Parser for Meta {
    fn parse(&self, request: &Verified<'_>) -> Result<Vec<Envelope>> {
        self.webhook.parse(request)
    }
}

impl Provider for Meta {
    fn media(&self) -> Option<&dyn Media> {
        Some(self)
    }

    fn templates(&self) -> Option<&dyn Templates> {
        Some(self)
    }

    fn probe(&self) -> Option<&dyn Probe> {
        Some(self)
    }

    fn presence(&self) -> Option<&dyn Presence> {
        Some(self)
    }
}

#[async_trait]
impl Presence for Meta {
    /// Marks `message` and everything before it as read; Meta needs no sender. Source: Meta, mark messages as read.
    async fn mark_read(&self, _: &Recipient, message: &MessageId) -> Result<()> {
        self.read(&encode::mark_read(message)).await
    }

    /// Marks `message` as read and shows typing for up to 25 seconds; Meta has the one only with the other. Source:
    /// Meta, typing indicators.
    async fn typing(&self, _: &Recipient, message: &MessageId) -> Result<()> {
        let mut body = encode::mark_read(message);
        if let Some(body) = body.as_object_mut() {
            body.insert("typing_indicator".to_owned(), json!({"type": "text"}));
        }
        self.read(&body).await
    }
}

impl Meta {
    async fn read(&self, body: &Value) -> Result<()> {
        let answer = self.endpoint.post(&self.endpoint.of_number("messages"), body, Effect::Repeatable).await?;
        done(&answer, Effect::Repeatable)
    }
}
