//! A line at Twilio: the HTTP shell around encode, decode and the webhook.
use std::{fmt, time::Duration};

use async_trait::async_trait;
use whatsapp_core::{
    Capabilities, Envelope, Error, Hint, InteractiveKind, InteractiveKinds, Ledger, LineId, Media, MediaKind,
    OutboundMessage, Parser, Presence, Probe, Provider, ProviderId, Receipt, Rejection, Result, Sender, Templates,
    Verified, Verifier, WebhookRequest,
};

use crate::{
    ID, SendOptions, TwilioWebhook,
    content::{Filled, Names, PATIENCE, Sessions},
    encode::{self, Route},
    endpoint::{Endpoint, MAX_PAGE_BYTES},
};

/// What can be asked without WhatsApp's approval. A carousel needs one; a whole catalog needs the catalog's id, which the
/// message does not name; buttons that call are a private beta, which most accounts lack; there is no content for the
/// rest. Source: Twilio, Content API, "Content types overview" and `twilio/call-to-action`.
const INTERACTIVE: InteractiveKinds = InteractiveKinds::of(&[
    InteractiveKind::Buttons,
    InteractiveKind::List,
    InteractiveKind::Url,
    InteractiveKind::Flow,
    InteractiveKind::Product,
    InteractiveKind::Products,
]);

/// Source: Twilio, "Sending WhatsApp messages" and "WhatsApp media". Stickers have no kind of their own there.
const CAPABILITIES: Capabilities = Capabilities::none()
    .with_text(1600)
    .with_media(&[MediaKind::Image, MediaKind::Video, MediaKind::Audio, MediaKind::Document], 1600)
    .with_templates()
    .with_interactive(INTERACTIVE, 3, 10)
    .with_locations()
    .with_presence(true, false)
    .with_window(Duration::from_secs(24 * 60 * 60));

#[doc = include_str!("docs.md")]
#[derive(Clone)]
pub struct Twilio {
    pub(crate) endpoint: Endpoint,
    pub(crate) webhook: TwilioWebhook,
    pub(crate) line: LineId,
    pub(crate) messaging_service: Option<Box<str>>,
    pub(crate) public_base_url: Option<Box<str>>,
    pub(crate) names: Names,
    pub(crate) sessions: Sessions,
}

/// Leaves the public address out: Twilio lets name and password stand in it.
impl fmt::Debug for Twilio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Twilio");
        shown.field("line", &self.line).field("messaging_service", &self.messaging_service);
        shown.field("endpoint", &self.endpoint).field("webhook", &self.webhook).finish_non_exhaustive()
    }
}

/// The code of a content that Twilio does not have. Source: Twilio, Error and warning dictionary.
const NO_SUCH_CONTENT: i64 = 21655;

impl Twilio {
    /// Sends `message`. A content that we looked up and Twilio no longer has is looked up once more: the refusal says
    /// that nothing was sent. If it is the same again, so would be the refusal.
    pub(crate) async fn deliver(&self, message: &OutboundMessage, options: &SendOptions) -> Result<Receipt> {
        self.check(message)?;
        let more = options.pairs(self.messaging_service.is_some())?;
        let filled = self.filled(&message.content, None).await?;
        let sent = self.create(self.form_of(message, filled.as_ref(), &more)?).await;
        match (filled, sent) {
            (Some(old), Err(refusal)) if old.is_looked_up && is_gone(&refusal) => {
                let filled = self.filled(&message.content, Some(&old.sid)).await?;
                if filled.as_ref().is_some_and(|new| new.sid == old.sid) {
                    return Err(refusal);
                }
                self.create(self.form_of(message, filled.as_ref(), &more)?).await
            }
            (_, sent) => sent,
        }
    }

    /// The form that sends `message`, by the content in `filled` if it needs one.
    fn form_of(&self, message: &OutboundMessage, filled: Option<&Filled>, more: &[(&str, String)]) -> Result<String> {
        let callback = |base: &str| self.webhook.callback.url(base, message.correlation);
        let route = Route {
            from: self.line.as_str(),
            messaging_service: self.messaging_service.as_deref(),
            status_callback: self.public_base_url.as_deref().map(callback),
        };
        encode::body(message, filled, route, more)
    }
}

/// Whether the request was refused because its content is not there.
fn is_gone(error: &Error) -> bool {
    error.code() == Some(NO_SUCH_CONTENT) && error.status().is_some_and(|status| (400..500).contains(&status))
}

#[async_trait]
impl Sender for Twilio {
    fn id(&self) -> ProviderId {
        ID
    }

    fn line(&self) -> &LineId {
        &self.line
    }

    /// Without a public address there is no status callback, and nothing brings the correlation back. Buttons that call
    /// are not among them: at Twilio they are a private beta. Buttons below a header or above a footer are, though an
    /// account may have to get that content ([`whatsapp/card`](crate::content::WhatsappCard)) approved.
    fn capabilities(&self) -> Capabilities {
        if self.public_base_url.is_some() { CAPABILITIES.with_correlation_echo() } else { CAPABILITIES }
    }

    /// Beside the capabilities' limits those of Twilio's contents, which name the field that has no place there.
    fn check(&self, message: &OutboundMessage) -> Result<()> {
        self.capabilities().check(&ID, message)?;
        encode::check(message)
    }

    /// The time for finding the content that carries a message: two requests, or one and what came before it of a long
    /// list.
    fn max_wait(&self) -> Duration {
        let request = self.endpoint.http.time_for(MAX_PAGE_BYTES.try_into().unwrap_or(u64::MAX));
        request.saturating_add(request.max(PATIENCE))
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

    fn templates(&self) -> Option<&dyn Templates> {
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
