//! Who a webhook is from: the shared secret, the Standard Webhooks signature, or both.
use whatsapp_core::{Rejection, Secret, Verified, Verifier, WebhookRequest};

use crate::BaileysWebhook;

/// The shared secret, as the bridge sends and expects it.
pub(crate) const SECRET: &str = "x-internal-secret";
/// Standard Webhooks 1.0.0: id of the delivery, the same on every try.
pub(crate) const WEBHOOK_ID: &str = "webhook-id";
/// Standard Webhooks 1.0.0: Unix seconds of this try.
pub(crate) const WEBHOOK_TIMESTAMP: &str = "webhook-timestamp";
/// Standard Webhooks 1.0.0: `v1,` and base64 of the HMAC-SHA256.
pub(crate) const WEBHOOK_SIGNATURE: &str = "webhook-signature";

/// Accepts `X-Internal-Secret` alone, a Standard Webhooks signature alone, or both; whatever is there must hold.
/// One of the three signature headers calls for the other two.
impl Verifier for BaileysWebhook {
    fn verify<'r>(&self, request: WebhookRequest<'r>) -> Result<Verified<'r>, Rejection> {
        let has = |name: &str| request.headers.contains_key(name);
        let signed = [WEBHOOK_ID, WEBHOOK_TIMESTAMP, WEBHOOK_SIGNATURE].into_iter().any(has);
        if signed || self.require_signature {
            self.check_signature(&request)?;
        }
        if !signed || has(SECRET) {
            self.check_secret(&request)?;
        }
        Ok(vouch(request))
    }
}

impl BaileysWebhook {
    fn check_secret(&self, request: &WebhookRequest<'_>) -> Result<(), Rejection> {
        let given = Secret::from(request.header(SECRET).ok_or(Rejection::Missing)?);
        // All are looked at, in a time that tells nothing about which one fits.
        let fits = self.secrets.iter().filter(|secret| **secret == given).count();
        if fits > 0 { Ok(()) } else { Err(Rejection::Mismatch) }
    }

    fn check_signature(&self, request: &WebhookRequest<'_>) -> Result<(), Rejection> {
        let header = |name| request.header(name).ok_or(Rejection::Missing);
        let (id, at, signature) = (header(WEBHOOK_ID)?, header(WEBHOOK_TIMESTAMP)?, header(WEBHOOK_SIGNATURE)?);
        if id.is_empty() {
            return Err(Rejection::Malformed);
        }
        let now = (self.clock)();
        let mut outcome = Err(Rejection::Mismatch);
        for signer in &self.signers {
            let this = signer.verify(id, at, signature, request.body, now);
            outcome = if outcome.is_ok() { outcome } else { this };
        }
        outcome
    }
}

#[expect(clippy::disallowed_methods, reason = "called once, after the checks above")]
const fn vouch(request: WebhookRequest<'_>) -> Verified<'_> {
    Verified::vouch(request)
}
