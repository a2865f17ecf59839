//! The webhook's side: who may call, and what a call says.
use http::Method;
use whatsapp_core::{
    Challenge, Envelope, HmacSha256, Parser, Rejection, Result, Secret, Verified, Verifier, WebhookRequest,
};

use crate::{inbound, signature};

/// Verifies and reads the webhooks of one Meta app, whichever lines they are about.
///
/// Built by [`MetaBuilder::build_webhook`](crate::MetaBuilder::build_webhook).
#[derive(Clone, Debug)]
pub struct MetaWebhook {
    keys: HmacSha256,
    verify_token: Option<Secret>,
}

impl MetaWebhook {
    /// `None` if there is no secret or one is empty.
    pub(crate) fn new(secrets: impl IntoIterator<Item = Secret>, verify_token: Option<Secret>) -> Option<Self> {
        Some(Self { keys: HmacSha256::new(secrets)?, verify_token })
    }

    /// Reads the query of a subscription check; a repeated parameter counts as none.
    fn answer(&self, query: &str) -> Result<Challenge, Rejection> {
        let one = |name: &str| {
            let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name);
            let (_, value) = values.next()?;
            values.next().is_none().then_some(value)
        };
        if one("hub.mode").as_deref() != Some("subscribe") {
            return Err(Rejection::Malformed);
        }
        let token = one("hub.verify_token").ok_or(Rejection::Missing)?;
        // `Secret` compares in constant time.
        if self.verify_token.as_ref() != Some(&Secret::from(&*token)) {
            return Err(Rejection::Mismatch);
        }
        one("hub.challenge").and_then(|text| Challenge::new(&text)).ok_or(Rejection::Malformed)
    }
}

impl Verifier for MetaWebhook {
    fn verify<'r>(&self, request: WebhookRequest<'r>) -> Result<Verified<'r>, Rejection> {
        signature::check(&self.keys, request)
    }

    /// Answers a GET with `hub.` parameters. Source: Meta, Webhooks, verification requests.
    fn challenge(&self, request: &WebhookRequest<'_>) -> Option<Result<Challenge, Rejection>> {
        let query = request.query();
        let asked = request.method == Method::GET
            && form_urlencoded::parse(query.as_bytes()).any(|(key, _)| key.starts_with("hub."));
        asked.then(|| self.answer(query))
    }
}

impl Parser for MetaWebhook {
    fn parse(&self, request: &Verified<'_>) -> Result<Vec<Envelope>> {
        inbound::read(request.body())
    }
}
