//! A line at Twilio: the HTTP shell around encode, decode and the webhook.
use std::time::Duration;

use async_trait::async_trait;
use whatsapp_core::{
    Capabilities, Envelope, Hint, Ledger, LineId, Media, MediaKind, OutboundMessage, Parser, Presence, Probe, Provider,
    ProviderId, Receipt, Rejection, Result, Sender, Verified, Verifier, WebhookRequest,
};

use crate::{
    ID, SendOptions, TwilioWebhook,
    encode::{self, Route},
    endpoint::Endpoint,
};

/// Source: Twilio, "Sending WhatsApp messages" and "WhatsApp media". Stickers have no kind of their own there.
const CAPABILITIES: Capabilities = Capabilities::none()
    .with_text(1600)
    .with_media(&[MediaKind::Image, MediaKind::Video, MediaKind::Audio, MediaKind::Document], 1600)
    .with_templates()
    .with_locations()
    .with_presence(true, false)
    .with_window(Duration::from_secs(24 * 60 * 60));

#[doc = include_str!("docs.md")]
#[derive(Clone, Debug)]
pub struct Twilio {
    pub(crate) endpoint: Endpoint,
    pub(crate) webhook: TwilioWebhook,
    pub(crate) line: LineId,
    pub(crate) messaging_service: Option<Box<str>>,
    pub(crate) public_base_url: Option<Box<str>>,
}

impl Twilio {
    /// The form that sends `message`; asks Twilio for the content that it names, if it names one.
    pub(crate) async fn form_of(&self, message: &OutboundMessage, options: &SendOptions) -> Result<String> {
        self.check(message)?;
        let callback = |base: &str| self.webhook.callback.url(base, message.correlation);
        let route = Route {
            from: self.line.as_str(),
            messaging_service: self.messaging_service.as_deref(),
            status_callback: self.public_base_url.as_deref().map(callback),
        };
        let more = options.pairs(route.messaging_service.is_some())?;
        encode::body(message, route, &more)
    }
}

#[async_trait]
impl Sender for Twilio {
    fn id(&self) -> ProviderId {
        ID
    }

    fn line(&self) -> &LineId {
        &self.line
    }

    /// Without a public address there is no status callback, and nothing brings the correlation back.
    fn capabilities(&self) -> Capabilities {
        if self.public_base_url.is_some() { CAPABILITIES.with_correlation_echo() } else { CAPABILITIES }
    }

    async fn send(&self, message: &OutboundMessage) -> Result<Receipt> {
        self.send_with(message, &SendOptions::default()).await
    }
}

impl Verifier for Twilio {
    fn hint(&self, request: &WebhookRequest<'_>) -> Option<Hint> {
        self.webhook.hint(request)
    }

    fn verify<'r>(&self, request: WebhookRequest<'r>) -> Result<Verified<'r>, Rejection> {
        self.webhook.verify(request)
    }
}

impl Parser for Twilio {
    fn parse(&self, request: &Verified<'_>) -> Result<Vec<Envelope>> {
        self.webhook.parse(request)
    }
}

impl Provider for Twilio {
    fn media(&self) -> Option<&dyn Media> {
        Some(self)
    }

    fn probe(&self) -> Option<&dyn Probe> {
        Some(self)
    }

    fn presence(&self) -> Option<&dyn Presence> {
        Some(self)
    }

    fn ledger(&self) -> Option<&dyn Ledger> {
        Some(self)
    }
}
