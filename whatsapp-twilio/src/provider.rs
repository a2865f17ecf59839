//! A line at Twilio: the HTTP shell around encode, decode and the webhook.
use std::time::Duration;

use async_trait::async_trait;
use http::{Method, StatusCode, header::CONTENT_TYPE};
use serde_json::Value;
use whatsapp_core::{
    Capabilities, Envelope, ErrorKind, Hint, LineId, MediaKind, OutboundMessage, Parser, Probe, ProbeReport, Provider,
    ProviderId, Receipt, Rejection, Result, Retry, Secret, Sender, Verified, Verifier, WebhookRequest,
    client::{Answer, HttpClient},
};

use crate::{
    ID, TwilioWebhook,
    encode::{self, Route},
    error,
    wire::{FORM, bare},
};

/// Source: Twilio, "Sending WhatsApp messages" and "WhatsApp media". Stickers have no kind of their own there.
const CAPABILITIES: Capabilities = Capabilities::none()
    .with_text(1600)
    .with_media(&[MediaKind::Image, MediaKind::Video, MediaKind::Audio, MediaKind::Document], 1600)
    .with_templates()
    .with_locations()
    .with_window(Duration::from_secs(24 * 60 * 60));

/// Name and password of HTTP Basic. The account stays in the path either way.
#[derive(Clone, Debug)]
pub(crate) struct Credentials {
    user: Box<str>,
    password: Secret,
    is_api_key: bool,
}

impl Credentials {
    pub(crate) fn token(account_sid: &str, token: Secret) -> Self {
        Self { user: account_sid.into(), password: token, is_api_key: false }
    }

    pub(crate) fn api_key(sid: &str, secret: Secret) -> Self {
        Self { user: sid.into(), password: secret, is_api_key: true }
    }
}

/// A WhatsApp sender at Twilio. [`TwilioBuilder`](crate::TwilioBuilder) makes one.
#[derive(Clone, Debug)]
pub struct Twilio {
    pub(crate) webhook: TwilioWebhook,
    pub(crate) http: HttpClient,
    pub(crate) line: LineId,
    pub(crate) account_url: String,
    pub(crate) credentials: Credentials,
    pub(crate) messaging_service: Option<Box<str>>,
    pub(crate) public_base_url: Option<Box<str>>,
}

impl Twilio {
    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let Credentials { user, password, .. } = &self.credentials;
        self.http.request(method, &format!("{}{path}", self.account_url)).basic_auth(user, Some(password.expose()))
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
        CAPABILITIES.check(&ID, message)?;
        let callback = |base: &str| self.webhook.callback.url(base, message.correlation);
        let route = Route {
            from: self.line.as_str(),
            messaging_service: self.messaging_service.as_deref(),
            status_callback: self.public_base_url.as_deref().map(callback),
        };
        let body = encode::body(message, route)?;
        let request = self.request(Method::POST, "/Messages.json").header(CONTENT_TYPE, FORM).body(body);
        error::receipt(&self.http.send(request).await?)
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
    fn probe(&self) -> Option<&dyn Probe> {
        Some(self)
    }
}

#[async_trait]
impl Probe for Twilio {
    /// Reads the account. A standard API key may not do that, so with one the list of messages is read instead, and
    /// the account's standing stays unknown.
    async fn probe(&self) -> Result<ProbeReport> {
        let path = if self.credentials.is_api_key { "/Messages.json?PageSize=1" } else { ".json" };
        let answer = self.http.send(self.request(Method::GET, path)).await?;
        let mut report = read_probe(&answer)?;
        report.display_phone = Some(bare(self.line.as_str()).to_owned());
        Ok(report)
    }
}

fn read_probe(answer: &Answer) -> Result<ProbeReport> {
    let report = ProbeReport::default();
    if answer.status == StatusCode::OK {
        let account: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let text = |key| account.get(key).and_then(Value::as_str);
        let mut report = report.with_check("credentials", true, "Twilio accepts them");
        report.display_name = text("friendly_name").map(str::to_owned);
        return Ok(match text("status") {
            Some("active") => report.with_check("account", true, "active"),
            Some(other) => report.with_check("account", false, format!("the account is {other}")),
            None => report,
        });
    }
    let error = error::refusal(answer);
    match error.kind() {
        ErrorKind::Unauthenticated | ErrorKind::PermissionDenied => {
            Ok(report.with_check("credentials", false, format!("{}. {}", error.message(), error.advice())))
        }
        ErrorKind::Config => {
            Ok(report.with_check("account", false, format!("{}. {}", error.message(), error.advice())))
        }
        // Reading has no effect, so it may always be tried again.
        _ if error.retry() == Retry::Ambiguous => Err(error.with_retry(Retry::Backoff)),
        _ => Err(error),
    }
}
