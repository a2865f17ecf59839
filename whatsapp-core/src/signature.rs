//! Message authentication codes: several secrets at once for rotation, keyed once, compared in constant time.
use std::fmt;

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;

use crate::{Rejection, Secret, Verified, WebhookRequest};

/// One or more keyed HMACs of the same algorithm, all valid at the same time.
///
/// Keys are prepared once. Every key is tried on every check, so the time tells nothing about which one fits.
///
/// ```
/// use whatsapp_core::{HmacSha256, Secret};
/// let keys = HmacSha256::new([Secret::from("new"), Secret::from("old")]).unwrap();
/// let mac = HmacSha256::new([Secret::from("old")]).unwrap().sign(&[b"body"]);
/// assert!(keys.matches(&[b"body"], &mac));
/// assert!(HmacSha256::new([Secret::from("")]).is_none(), "an empty secret verifies nothing");
/// ```
#[derive(Clone)]
pub struct MacKeys<M>(Vec<M>);

/// HMAC-SHA256 (Meta, Standard Webhooks, Twilio shared keys).
pub type HmacSha256 = MacKeys<Hmac<Sha256>>;
/// HMAC-SHA1 (Twilio auth tokens).
pub type HmacSha1 = MacKeys<Hmac<Sha1>>;

impl<M: Mac + KeyInit + Clone> MacKeys<M> {
    /// Keys made from `secrets`, the first of which signs; `None` if there is none or one is empty.
    #[must_use]
    pub fn new(secrets: impl IntoIterator<Item = Secret>) -> Option<Self> {
        let keys = secrets.into_iter().map(|secret| Self::key(secret.expose().as_bytes()));
        let keys = keys.collect::<Option<Vec<_>>>()?;
        (!keys.is_empty()).then_some(Self(keys))
    }

    /// A key of raw bytes; `None` if it is empty.
    #[must_use]
    pub fn from_bytes(key: &[u8]) -> Option<Self> {
        Some(Self(vec![Self::key(key)?]))
    }

    fn key(bytes: &[u8]) -> Option<M> {
        if bytes.is_empty() { None } else { <M as KeyInit>::new_from_slice(bytes).ok() }
    }

    /// Whether `mac` is the code of the joined `parts` under any key; in constant time.
    #[must_use]
    pub fn matches(&self, parts: &[&[u8]], mac: &[u8]) -> bool {
        self.0.iter().fold(false, |found, key| {
            let fits = keyed(key, parts).verify_slice(mac).is_ok();
            found | fits
        })
    }

    /// The code of the joined `parts` under the first key.
    #[must_use]
    pub fn sign(&self, parts: &[&[u8]]) -> Vec<u8> {
        self.0.first().map(|key| keyed(key, parts).finalize().into_bytes().to_vec()).unwrap_or_default()
    }
}

fn keyed<M: Mac + Clone>(key: &M, parts: &[&[u8]]) -> M {
    let mut mac = key.clone();
    for part in parts {
        mac.update(part);
    }
    mac
}

impl<M> fmt::Debug for MacKeys<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MacKeys({} secret)", self.0.len())
    }
}

/// Signs and checks the Standard Webhooks form: HMAC-SHA256 of `id.timestamp.body`, base64, prefixed `v1,`.
///
/// The key is the secret's bytes, or what follows `whsec_` decoded from base64.
/// Source: Standard Webhooks 1.0.0.
///
/// ```
/// use whatsapp_core::{Secret, StandardWebhook};
/// let hook = StandardWebhook::new(&Secret::from("a secret of enough length")).unwrap();
/// let signature = hook.sign("msg_1", 1_700_000_000, b"{}");
/// assert!(hook.verify("msg_1", "1700000000", &signature, b"{}", 1_700_000_100).is_ok());
/// assert!(hook.verify("msg_1", "1700000000", &signature, b"{}", 1_700_000_301).is_err());
/// ```
#[derive(Clone, Debug)]
pub struct StandardWebhook(HmacSha256);

impl StandardWebhook {
    /// How far a timestamp may be from now, in seconds.
    pub const TOLERANCE_SECS: i64 = 300;

    /// A signer and checker for `secret`; `None` if it is empty or its `whsec_` part is not base64.
    #[must_use]
    pub fn new(secret: &Secret) -> Option<Self> {
        let key = match secret.expose().strip_prefix("whsec_") {
            Some(encoded) => BASE64_STANDARD.decode(encoded).ok()?,
            None => secret.expose().as_bytes().to_vec(),
        };
        HmacSha256::from_bytes(&key).map(Self)
    }

    /// The value of `webhook-signature` for a body sent at `timestamp` (Unix seconds).
    #[must_use]
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let mac = self.0.sign(&[id.as_bytes(), b".", timestamp.to_string().as_bytes(), b".", body]);
        format!("v1,{}", BASE64_STANDARD.encode(mac))
    }

    /// Checks the three headers against `body` at `now` (Unix seconds). The signature header may hold several,
    /// separated by spaces.
    ///
    /// # Errors
    /// [`Rejection`] says which part does not hold.
    pub fn verify(&self, id: &str, timestamp: &str, signatures: &str, body: &[u8], now: i64) -> Result<(), Rejection> {
        let at: i64 = timestamp.parse().map_err(|_| Rejection::Malformed)?;
        if now.abs_diff(at) > Self::TOLERANCE_SECS.unsigned_abs() {
            return Err(Rejection::Stale);
        }
        let parts: [&[u8]; 5] = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body];
        let fits = signatures
            .split(' ')
            .filter_map(|one| BASE64_STANDARD.decode(one.strip_prefix("v1,")?).ok())
            .fold(false, |found, mac| found | self.0.matches(&parts, &mac));
        if fits { Ok(()) } else { Err(Rejection::Mismatch) }
    }
}

#[expect(clippy::disallowed_methods, reason = "called by Memory, after its check")]
pub(crate) const fn vouch(request: WebhookRequest<'_>) -> Verified<'_> {
    Verified::vouch(request)
}
