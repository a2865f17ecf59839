//! A fourth provider: it sends by printing, and its webhooks are a text, signed with HMAC-SHA256. A real one is held
//! by `whatsapp_core::conformance!` to the cases that the other three meet.
#![expect(clippy::print_stdout, reason = "an example talks to a person")]

use std::{error::Error, sync::Arc};

use async_trait::async_trait;
use axum::{body::Bytes, http::HeaderMap, http::Method};
use whatsapp_core::{
    Alias, AliasKind, Capabilities, Envelope, Event, HmacSha256, Identity, InboundContent, InboundMessage, LineId,
    OutboundMessage, Parser, PhoneNumber, Provider, ProviderId, Receipt, Registry, Rejection, Result, Secret, Sender,
    SenderExt, Settings, Verified, Verifier, WebhookExt, WebhookRequest, config::missing_key,
};

const ID: ProviderId = ProviderId::new("terminal");

#[derive(Debug)]
struct Terminal {
    line: LineId,
    keys: HmacSha256,
}

fn connect(settings: &Settings) -> Result<Arc<dyn Provider>> {
    let required = |key| settings.get(key).cloned().ok_or_else(|| missing_key(ID, key));
    let keys = HmacSha256::new([required("secret")?]).ok_or_else(|| missing_key(ID, "secret"))?;
    Ok(Arc::new(Terminal { line: required("line")?.expose().into(), keys }))
}

#[async_trait]
impl Sender for Terminal {
    fn id(&self) -> ProviderId {
        ID
    }
    fn line(&self) -> &LineId {
        &self.line
    }
    fn capabilities(&self) -> Capabilities {
        Capabilities::none().with_text(160)
    }
    async fn send(&self, message: &OutboundMessage) -> Result<Receipt> {
        self.capabilities().check(&ID, message)?;
        println!("{} prints: {:?}", self.line, message.content);
        Ok(Receipt::new("terminal-1".into(), ID))
    }
}

impl Verifier for Terminal {
    #[expect(clippy::disallowed_methods, reason = "a verifier, after its check: what `vouch` is for")]
    fn verify<'r>(&self, request: WebhookRequest<'r>) -> Result<Verified<'r>, Rejection> {
        let mac = request.header("x-terminal-mac").and_then(|mac| hex::decode(mac).ok()).ok_or(Rejection::Missing)?;
        if self.keys.matches(&[request.body], &mac) { Ok(Verified::vouch(request)) } else { Err(Rejection::Mismatch) }
    }
}

impl Parser for Terminal {
    fn parse(&self, request: &Verified<'_>) -> Result<Vec<Envelope>> {
        let from = Identity::new(Alias::new(AliasKind::Phone, "972501234567"));
        let text = InboundContent::text(String::from_utf8_lossy(request.body()));
        let event = Event::Message(InboundMessage::new("in-1".into(), from, text));
        Ok(vec![Envelope::new(ID, self.line.clone(), event, request.body().clone())])
    }
}

impl Provider for Terminal {}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let registry = Registry::default().with(ID, connect);
    let line = registry.build(&ID, &Settings::from_iter([("line", "tty1"), ("secret", "s3cr3t")]))?;
    line.send_text("+972501234567".parse::<PhoneNumber>()?, "שלום!").await?;
    let body = Bytes::from("היי");
    let mac = HmacSha256::new([Secret::from("s3cr3t")]).ok_or("no secret")?.sign(&[&body]);
    let mut headers = HeaderMap::new();
    headers.insert("x-terminal-mac", hex::encode(mac).try_into()?);
    for headers in [&headers, &HeaderMap::new()] {
        let hook = WebhookRequest { method: &Method::POST, url: "https://tty.example/hook", headers, body: &body };
        println!("{:?}", line.receive(hook));
    }
    Ok(())
}
