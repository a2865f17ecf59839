//! One line at Meta: a thin HTTP shell around encode and decode.
use std::sync::Arc;

use async_trait::async_trait;
use http::{
    Method,
    header::{ACCEPT, CONTENT_TYPE},
};
use serde::Deserialize;
use serde_json::Value;
use whatsapp_core::{
    Capabilities, Challenge, Envelope, Error, ErrorKind, LineId, MessageId, OutboundMessage, Parser, Presence, Probe,
    ProbeReport, Provider, ProviderId, Receipt, Recipient, Rejection, Result, Secret, Sender, Settings, Verified,
    Verifier, WebhookRequest,
    client::{Answer, HttpClient},
};

use crate::{
    ID, MetaBuilder, MetaWebhook,
    encode::{self, CAPABILITIES},
    error,
};

/// What the probe asks of the number. Source: Meta, Graph API reference, WhatsApp Business phone number.
const NUMBER_FIELDS: &str = "verified_name,display_phone_number,quality_rating,status,code_verification_status,\
                             name_status,platform_type,throughput,webhook_configuration";

#[doc = include_str!("docs.md")]
#[derive(Debug)]
pub struct Meta {
    endpoint: Endpoint,
    line: LineId,
    waba_id: Option<String>,
    webhook: MetaWebhook,
}

/// Where a line's calls go.
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(crate) http: HttpClient,
    /// Address of the number: origin, version, id.
    pub(crate) root: String,
    pub(crate) token: Secret,
}

impl Endpoint {
    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Answer> {
        let request = self.http.request(method, &format!("{}{path}", self.root)).header(ACCEPT, "application/json");
        let mut request = request.bearer_auth(self.token.expose());
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        let mut answer = self.http.send(request).await?;
        // Graph quotes a malformed token in its message, and messages are logged.
        if let Ok(text) = std::str::from_utf8(&answer.body)
            && text.contains(self.token.expose())
        {
            answer.body = text.replace(self.token.expose(), "…").into();
        }
        Ok(answer)
    }
}

impl Meta {
    pub(crate) fn new(endpoint: Endpoint, number: String, waba_id: Option<String>, webhook: MetaWebhook) -> Self {
        Self { endpoint, line: number.into(), waba_id, webhook }
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
/// [`ErrorKind::Config`] for an unknown or missing key or an unusable value.
pub fn connect(settings: &Settings) -> Result<Arc<dyn Provider>> {
    Ok(Arc::new(MetaBuilder::from_settings(settings)?.build()?))
}

/// Reads the answer to a send. An accepted message may still fail: its statuses tell.
///
/// # Errors
/// What Meta's code says; [`ErrorKind::Protocol`] for a success that cannot be read, which is ambiguous.
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
        decode(&self.endpoint.call(Method::POST, "/messages", Some(&body)).await?)
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
        let answer = self.endpoint.call(Method::POST, "/messages", Some(&encode::mark_read(message))).await?;
        let body: Option<Value> = serde_json::from_slice(&answer.body).ok();
        // Some answers write the yes as a text.
        let yes = body.and_then(|mut body| body.get_mut("success").map(Value::take));
        let done = answer.status.is_success() && yes.is_some_and(|yes| yes == true || yes == "true");
        if done { Ok(()) } else { Err(error::read(&answer)) }
    }
}

#[async_trait]
impl Probe for Meta {
    async fn probe(&self) -> Result<ProbeReport> {
        let answer = self.endpoint.call(Method::GET, &format!("?fields={NUMBER_FIELDS}"), None).await?;
        let number = if answer.status.is_success() { serde_json::from_slice(&answer.body).ok() } else { None };
        match number {
            Some(number) => Ok(healthy(&number)),
            None => refused(error::read(&answer)),
        }
    }
}

/// What Meta tells of the number. Only what is surely bad fails.
#[derive(Deserialize)]
struct Number {
    verified_name: Option<String>,
    #[serde(rename = "display_phone_number")]
    display_phone: Option<String>,
    status: Option<String>,
    quality_rating: Option<String>,
}

fn healthy(number: &Number) -> ProbeReport {
    let told = |value: &Option<String>| value.clone().unwrap_or_else(|| "not told".to_owned());
    let (status, quality) = (told(&number.status), told(&number.quality_rating));
    let registered = !matches!(&*status, "PENDING" | "BANNED" | "DISCONNECTED" | "MIGRATED" | "UNVERIFIED");
    let good = quality != "RED";
    let mut report = ProbeReport::default()
        .with_check("token", true, "accepted")
        .with_check("permission", true, "granted")
        .with_check("number", true, told(&number.display_phone))
        .with_check("registered", registered, status)
        .with_check("quality", good, quality);
    report.display_name.clone_from(&number.verified_name);
    report.display_phone.clone_from(&number.display_phone);
    report
}

/// A refusal as a failed check, after the checks that it proves; a failure that tells nothing stays one.
fn refused(error: Error) -> Result<ProbeReport> {
    let failed = match (error.kind(), error.code()) {
        (ErrorKind::Unauthenticated, _) => "token",
        (_, Some(368 | 131_031)) => "account",
        (_, Some(131_042)) => "payment",
        (_, Some(133_010 | 131_045)) => "registered",
        (ErrorKind::PermissionDenied, _) => "permission",
        (ErrorKind::Config, _) => "number",
        _ => return Err(error),
    };
    let mut report = ProbeReport::default();
    if failed != "token" {
        report = report.with_check("token", true, "accepted");
    }
    Ok(report.with_check(failed, false, format!("{} ({})", error.advice(), error.message())))
}
