//! `X-Hub-Signature-256`: HMAC-SHA256 of the raw body under the app secret. Source: Meta, Webhooks, validating
//! payloads.
use whatsapp_core::{HmacSha256, Rejection, Verified, WebhookRequest};

const HEADER: &str = "x-hub-signature-256";

/// Vouches for `request` if its signature is of its very bytes under one of `keys`.
pub(crate) fn check<'r>(keys: &HmacSha256, request: WebhookRequest<'r>) -> Result<Verified<'r>, Rejection> {
    let header = request.header(HEADER).ok_or(Rejection::Missing)?;
    let mac = header.strip_prefix("sha256=").and_then(decode).ok_or(Rejection::Malformed)?;
    if keys.matches(&[request.body], &mac) { Ok(vouch(request)) } else { Err(Rejection::Mismatch) }
}

/// Reads 64 lower-case digits. Meta writes no others, and one spelling per signature leaves no room for games.
fn decode(digits: &str) -> Option<[u8; 32]> {
    let mut mac = [0; 32];
    let lower = !digits.bytes().any(|byte| byte.is_ascii_uppercase());
    (lower && hex::decode_to_slice(digits, &mut mac).is_ok()).then_some(mac)
}

#[expect(clippy::disallowed_methods, reason = "the one place of this crate that vouches, after the check above")]
const fn vouch(request: WebhookRequest<'_>) -> Verified<'_> {
    Verified::vouch(request)
}
