//! One line of the bridge: a thin HTTP shell around encode and decode.
use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use http::{HeaderValue, Method, header};
use whatsapp_core::{
    Capabilities, CorrelationId, Envelope, Error, ErrorKind, LineId, Linking, MessageId, OutboundMessage, Parser,
    Presence, Probe, Provider, ProviderId, Receipt, Rejection, Result, Secret, Sender, Settings, Verified, Verifier,
    WebhookRequest,
    client::{Answer, HttpClient},
};

use crate::{BaileysBuilder, BaileysWebhook, CAPABILITIES, ID, assigned_id, decode, encode, signature};

/// A WhatsApp Web line, reached through a bridge process.
///
/// Built by [`BaileysBuilder::build`]. Clones share connections.
#[derive(Clone)]
pub struct Baileys {
    webhook: BaileysWebhook,
    line: LineId,
    base_url: Box<str>,
    secret: HeaderValue,
    client: HttpClient,
}

/// Builds a line from settings, as a [`Registry`](whatsapp_core::Registry) wants it.
///
/// # Errors
/// [`ErrorKind::Config`] for a missing, unknown or unusable key.
pub fn connect(settings: &Settings) -> Result<Arc<dyn Provider>> {
    Ok(Arc::new(BaileysBuilder::from_settings(settings)?.build()?))
}

impl Baileys {
    pub(crate) fn new(
        webhook: BaileysWebhook,
        tenant: &str,
        base_url: &str,
        secret: &Secret,
        timeout: Duration,
    ) -> Result<Self> {
        let mut secret = HeaderValue::from_str(secret.expose())
            .map_err(|_| Error::new(ID, ErrorKind::Config, "the secret cannot be a header"))?;
        secret.set_sensitive(true);
        let client = HttpClient::new(ID, timeout)?;
        Ok(Self { webhook, line: tenant.into(), base_url: base_url.into(), secret, client })
    }

    /// The part that verifies and parses.
    #[must_use]
    pub const fn webhook(&self) -> &BaileysWebhook {
        &self.webhook
    }

    /// Asks the bridge for `operation` of this tenant.
    pub(crate) async fn ask(&self, method: Method, operation: &str, body: Vec<u8>) -> Result<Answer> {
        let url = format!("{}/whatsapp/{}/{operation}", self.base_url, self.line);
        let mut request = self.client.request(method, &url).header(signature::SECRET, self.secret.clone());
        if !body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/json").body(body);
        }
        self.client.send(request).await
    }

    /// Asks the bridge whether it runs; needs no secret.
    pub(crate) async fn health(&self) -> Result<Answer> {
        self.client.send(self.client.request(Method::GET, &format!("{}/healthz", self.base_url))).await
    }
}

impl fmt::Debug for Baileys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Baileys").field("line", &self.line).field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

#[async_trait]
impl Sender for Baileys {
    fn id(&self) -> ProviderId {
        ID
    }

    fn line(&self) -> &LineId {
        &self.line
    }

    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    fn assigned_id(&self, correlation: CorrelationId) -> Option<MessageId> {
        Some(assigned_id(correlation))
    }

    async fn send(&self, message: &OutboundMessage) -> Result<Receipt> {
        decode(&self.ask(Method::POST, "send", encode(message)?).await?)
    }
}

impl Verifier for Baileys {
    fn verify<'r>(&self, request: WebhookRequest<'r>) -> Result<Verified<'r>, Rejection> {
        self.webhook.verify(request)
    }
}

impl Parser for Baileys {
    fn parse(&self, request: &Verified<'_>) -> Result<Vec<Envelope>> {
        self.webhook.parse(request)
    }
}

impl Provider for Baileys {
    fn linking(&self) -> Option<&dyn Linking> {
        Some(self)
    }

    fn probe(&self) -> Option<&dyn Probe> {
        Some(self)
    }

    fn presence(&self) -> Option<&dyn Presence> {
        Some(self)
    }
}
