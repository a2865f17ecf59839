//! `X-Twilio-Signature`: the only place that calls a request authentic.
//!
//! The signed text is the address as Twilio was given it, then key and value of every field of a form, with nothing
//! between, keys in byte order, the values of one key in byte order and each once. Any other body is covered by
//! `bodySHA256` in the address. Source: Twilio, Webhooks security, "Validating signatures from Twilio".
//!
//! The address is tried in four spellings at most: as it came, without its port or with the default one, and both with
//! the quotes of the query written the other way (`'`, `%27`). Nothing else of it is touched. A request of Twilio's fits
//! the first nearly always, and then it costs one code for each token.
use base64::{Engine, prelude::BASE64_STANDARD};
use http::Method;
use http::header::CONTENT_TYPE;
use sha2::{Digest, Sha256};
use whatsapp_core::{HmacSha1, HmacSha256, Rejection, Secret, Verified, WebhookRequest};

use crate::wire::{self, is_form};

pub(crate) const SIGNATURE: &str = "x-twilio-signature";
const SETTINGS: &str = "x-twilio-webhooks-signature-settings";

/// What an account signs with.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    tokens: HmacSha1,
    shared: Vec<SharedKey>,
}

/// A key of the scheme of 2026, in which the request names key and algorithm.
#[derive(Clone, Debug)]
struct SharedKey {
    id: Option<Box<str>>,
    key: HmacSha256,
}

impl Keys {
    /// `None` if there is no token or one is empty.
    pub(crate) fn new(tokens: impl IntoIterator<Item = Secret>) -> Option<Self> {
        Some(Self { tokens: HmacSha1::new(tokens)?, shared: Vec::new() })
    }

    /// Adds a shared key, for requests that name `id` or any if there is none; `None` if it is empty.
    pub(crate) fn with_shared(mut self, id: Option<&str>, secret: Secret) -> Option<Self> {
        self.shared.push(SharedKey { id: id.map(Into::into), key: HmacSha256::new([secret])? });
        Some(self)
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that has checked the signature")]
    pub(crate) fn verify<'r>(&self, request: WebhookRequest<'r>) -> Result<Verified<'r>, Rejection> {
        let header = request.header(SIGNATURE).ok_or(Rejection::Missing)?;
        let mac = BASE64_STANDARD.decode(header).map_err(|_| Rejection::Malformed)?;
        let scheme = Scheme::of(&request)?;
        if mac.len() != scheme.mac_len() {
            return Err(Rejection::Malformed);
        }
        let fields = signed_fields(&request)?;
        // Which spelling fits is no secret, so the first one that does ends it; every key is tried on each.
        let fits = |url: &str| {
            Address::split(url).spellings().any(|url| {
                let [head, port, tail] = url.map(str::as_bytes);
                self.matches(&scheme, &[head, port, tail, &fields], &mac)
            })
        };
        if fits(request.url) || other_quotes(request.url).is_some_and(|url| fits(&url)) {
            Ok(Verified::vouch(request))
        } else {
            Err(Rejection::Mismatch)
        }
    }

    fn matches(&self, scheme: &Scheme<'_>, parts: &[&[u8]], mac: &[u8]) -> bool {
        match scheme {
            Scheme::Token => self.tokens.matches(parts, mac),
            Scheme::Shared(named) => self
                .shared
                .iter()
                .filter(|shared| named.is_none_or(|named| shared.id.as_deref().is_none_or(|id| id == named)))
                .fold(false, |found, shared| found | shared.key.matches(parts, mac)),
        }
    }
}

/// How the request says that it is signed. An algorithm decides the kind of key, so one kind of signature never
/// passes for the other.
enum Scheme<'r> {
    /// HMAC-SHA1 with the account's auth token.
    Token,
    /// HMAC-SHA256 with a shared key, perhaps named.
    Shared(Option<&'r str>),
}

impl<'r> Scheme<'r> {
    /// Reads `key=…,algorithm=…`. Whatever cannot be read is refused, never taken for the old scheme.
    fn of(request: &WebhookRequest<'r>) -> Result<Self, Rejection> {
        if !request.headers.contains_key(SETTINGS) {
            return Ok(Self::Token);
        }
        let header = request.header(SETTINGS).ok_or(Rejection::Malformed)?;
        let (mut key, mut algorithm) = (None, None);
        for item in header.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            let (name, value) = item.split_once('=').ok_or(Rejection::Malformed)?;
            let slot = match name.trim() {
                "key" => &mut key,
                "algorithm" => &mut algorithm,
                _ => continue,
            };
            if slot.replace(value.trim()).is_some() {
                return Err(Rejection::Malformed);
            }
        }
        match algorithm {
            None | Some("" | "HMAC_SHA1") => Ok(Self::Token),
            Some("HMAC_SHA256") => Ok(Self::Shared(key.filter(|key| !key.is_empty()))),
            Some(_) => Err(Rejection::Malformed),
        }
    }

    const fn mac_len(&self) -> usize {
        match self {
            Self::Token => 20,
            Self::Shared(_) => 32,
        }
    }
}

/// What follows the address in the signed text; a body that is no form must fit its hash in the address instead.
fn signed_fields(request: &WebhookRequest<'_>) -> Result<Vec<u8>, Rejection> {
    let is_get = *request.method == Method::GET;
    if is_form(request) && !is_get {
        return Ok(joined_fields(request.body));
    }
    let is_bodiless = is_get || !request.headers.contains_key(CONTENT_TYPE);
    if is_bodiless && request.body.is_empty() {
        return Ok(Vec::new());
    }
    let claimed = wire::sole(request.query().as_bytes(), "bodySHA256").ok_or(Rejection::Malformed)?;
    if claimed == hex::encode(Sha256::digest(request.body)) { Ok(Vec::new()) } else { Err(Rejection::Mismatch) }
}

/// Key and value of every field, in the order of the signature.
fn joined_fields(form: &[u8]) -> Vec<u8> {
    let mut pairs = Vec::with_capacity(32);
    pairs.extend(wire::fields(form).map(|(key, value)| {
        let (key, value) = (key.decode(), value.decode());
        (beginning(key.as_bytes()), key, value)
    }));
    pairs.sort_unstable();
    pairs.dedup();
    let mut joined = Vec::with_capacity(form.len());
    for (_, key, value) in &pairs {
        joined.extend_from_slice(key.as_bytes());
        joined.extend_from_slice(value.as_bytes());
    }
    joined
}

/// The first bytes of a key as a number, which sorts as they do: few keys need to be compared any further.
fn beginning(key: &[u8]) -> u64 {
    let padded = || {
        let mut bytes = [0; 8];
        bytes.iter_mut().zip(key).for_each(|(byte, known)| *byte = *known);
        bytes
    };
    u64::from_be_bytes(key.first_chunk().copied().unwrap_or_else(padded))
}

/// The address with `'` in its query escaped, or else with `%27` not: the two mean the same, and some of Twilio's
/// systems have signed the one while they called the other. Source: twilio-node, which tries both.
fn other_quotes(url: &str) -> Option<String> {
    let (path, query) = url.split_once('?')?;
    let other = if query.contains('\'') { query.replace('\'', "%27") } else { query.replace("%27", "'") };
    (other != query).then(|| [path, "?", &other].concat())
}

/// The signature of a form posted to `url`.
#[cfg(feature = "fake")]
pub(crate) fn sign(token: Secret, url: &str, body: &[u8]) -> String {
    let mac = HmacSha1::new([token]).map(|key| key.sign(&[url.as_bytes(), &joined_fields(body)]));
    BASE64_STANDARD.encode(mac.unwrap_or_default())
}

/// An address around its port; otherwise not touched, as the signature covers every byte.
struct Address<'u> {
    head: &'u str,
    port: &'u str,
    tail: &'u str,
    default_port: &'static str,
}

impl<'u> Address<'u> {
    fn split(url: &'u str) -> Self {
        let whole = Self { head: url, port: "", tail: "", default_port: "" };
        let Some((scheme, rest)) = url.split_once("://") else { return whole };
        let default_port = match scheme.to_ascii_lowercase().as_str() {
            "https" | "wss" => ":443",
            "http" | "ws" => ":80",
            _ => "",
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        // A password may hold `@` and `:`, an IPv6 address holds `:` within brackets.
        let host = authority.rsplit('@').next().unwrap_or_default();
        let after_brackets = host.rsplit(']').next().unwrap_or_default();
        let port_len = after_brackets.find(':').map_or(0, |at| after_brackets.len() - at);
        let end = url.len() - (rest.len() - authority.len());
        let (Some(head), Some(port), Some(tail)) =
            (url.get(..end - port_len), url.get(end - port_len..end), url.get(end..))
        else {
            return whole;
        };
        Self { head, port, tail, default_port }
    }

    /// As it came, and with the port that Twilio or a proxy may have left out or put in.
    fn spellings(&self) -> impl Iterator<Item = [&'u str; 3]> {
        let other = if self.port.is_empty() { self.default_port } else { "" };
        [self.port, other].into_iter().map(|port| [self.head, port, self.tail])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_found_where_they_are() {
        for (url, spelled) in [
            ("https://a.example/x?y=1:2", ["https://a.example/x?y=1:2", "https://a.example:443/x?y=1:2"]),
            ("https://a.example:8443/x", ["https://a.example:8443/x", "https://a.example/x"]),
            ("http://u:p@ss@a.example/", ["http://u:p@ss@a.example/", "http://u:p@ss@a.example:80/"]),
            ("http://u:p@a.example:81?q", ["http://u:p@a.example:81?q", "http://u:p@a.example?q"]),
            ("wss://[2001:db8::1]/ws", ["wss://[2001:db8::1]/ws", "wss://[2001:db8::1]:443/ws"]),
            ("ws://[::1]:9/ws", ["ws://[::1]:9/ws", "ws://[::1]/ws"]),
            ("https://a.example", ["https://a.example", "https://a.example:443"]),
            ("ftp://a.example/", ["ftp://a.example/", "ftp://a.example/"]),
            ("no address", ["no address", "no address"]),
            ("https://", ["https://", "https://:443"]),
        ] {
            let found: Vec<_> = Address::split(url).spellings().map(|parts| parts.concat()).collect();
            assert_eq!(found, spelled);
        }
    }
}
