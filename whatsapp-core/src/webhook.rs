//! A request from outside: hinted at, verified, and only then parsed.
use bytes::Bytes;
use http::{HeaderMap, Method};

/// A request as it arrived. Nothing is decoded: signatures cover raw bytes.
#[derive(Clone, Copy, Debug)]
pub struct WebhookRequest<'r> {
    /// HTTP method.
    pub method: &'r Method,
    /// The public address that the provider called, byte for byte: configured origin + path + query.
    pub url: &'r str,
    /// All headers.
    pub headers: &'r HeaderMap,
    /// The raw body.
    pub body: &'r Bytes,
}

impl<'r> WebhookRequest<'r> {
    /// The header `name` as text, if it is there once and is ASCII. A repeated header is no header: two
    /// parties could each read another one.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'r str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next()?;
        if values.next().is_some() { None } else { value.to_str().ok() }
    }

    /// The raw query of the address, without `?`; empty if there is none.
    #[must_use]
    pub fn query(&self) -> &'r str {
        self.url.split_once('?').map_or("", |(_, query)| query)
    }
}

/// Proof that a request is authentic. Parsers take nothing else, so unverified bytes cannot reach one.
#[derive(Clone, Copy, Debug)]
pub struct Verified<'r>(WebhookRequest<'r>);

impl<'r> Verified<'r> {
    /// States that `request` is authentic. For a verifier, after its check; every other use is a hole, and
    /// `clippy.toml` of this workspace forbids it.
    #[must_use]
    pub const fn vouch(request: WebhookRequest<'r>) -> Self {
        Self(request)
    }

    /// The authentic body.
    #[must_use]
    pub const fn body(&self) -> &'r Bytes {
        self.0.body
    }

    /// The request.
    #[must_use]
    pub const fn request(&self) -> WebhookRequest<'r> {
        self.0
    }
}

/// An account that an unverified request claims to come from. Good for looking up the secret to verify with,
/// and for nothing else: no parser takes it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Hint(Box<str>);

impl Hint {
    /// The claimed account.
    #[must_use]
    pub fn claimed(account: impl Into<Box<str>>) -> Self {
        Self(account.into())
    }

    /// The claim, to look up a secret.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a request is not authentic. Says nothing about what would have been right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// No signature, or more than one.
    #[error("the signature is missing")]
    Missing,
    /// The signature cannot be one.
    #[error("the signature is malformed")]
    Malformed,
    /// The signature is of another body, address or secret.
    #[error("the signature does not match")]
    Mismatch,
    /// The request is too old or from the future.
    #[error("the request's timestamp is out of tolerance")]
    Stale,
}

/// The answer to a subscription check: send it back as `text/plain`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge(String);

impl Challenge {
    /// Accepts `[0-9A-Za-z_-]{1,128}` only, so that an echo can never be a script.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let ok = (1..=128).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
        ok.then(|| Self(text.to_owned()))
    }

    /// What to answer.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
