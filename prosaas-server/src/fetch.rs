//! The one client for addresses that others choose: files of contacts, webhooks of customers.
//!
//! A business, a contact or a provider may name any URL; a server that fetched it blindly would be a door into its own
//! network. So a URL must be https on its usual port, without user and password; an address written as a number must be
//! public; and names resolve to public addresses only, in the resolver itself, so that the connection goes to the very
//! address that was looked at. Redirects are not followed, proxies not asked, cookies and credentials not sent.
use std::{
    collections::HashSet,
    error::Error as StdError,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, Method, StatusCode, header};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Ports that may be asked.
const PORTS: [u16; 2] = [443, 80];
/// Most bytes of an answer to [`Fetcher::post`]; what a customer's webhook answers is only for a log.
const POST_ANSWER_BYTES: usize = 64 * 1024;
/// What a caller may not set: credentials, and what frames the request.
const REFUSED_HEADERS: [HeaderName; 7] = [
    header::AUTHORIZATION,
    header::PROXY_AUTHORIZATION,
    header::COOKIE,
    header::HOST,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
];

/// What a [`Fetcher`] takes upon itself.
#[derive(Clone, Debug)]
pub struct FetchLimits {
    /// Longest wait for a whole answer, from looking up the name to the last byte.
    pub timeout: Duration,
    /// Longest wait for a connection.
    pub connect_timeout: Duration,
    /// Hosts that may be asked over plain http, in lower case. Their addresses must be public all the same.
    pub http_hosts: HashSet<String>,
}

impl Default for FetchLimits {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(30), connect_timeout: Duration::from_secs(5), http_hosts: HashSet::new() }
    }
}

/// An answer, whole. Redirects are answers too.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// HTTP status.
    pub status: StatusCode,
    /// `Content-Type`, as the other side claims it.
    pub content_type: Option<String>,
    /// The body as it came over the wire, at most as long as the caller allowed.
    pub body: Bytes,
}

/// Why there is no answer. Names no URL: its path and query may be secrets.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// Neither https nor http to a host that may be asked so.
    #[error("the URL must begin with https://")]
    Scheme,
    /// No host.
    #[error("the URL has no host")]
    Host,
    /// A port other than the usual one.
    #[error("the URL names a port other than 443 or 80")]
    Port,
    /// User or password.
    #[error("the URL has a user or password")]
    Userinfo,
    /// The host is, or resolves to, an address that is not public.
    #[error("the URL's host has no public address")]
    NotPublic,
    /// A header that is not the caller's to set.
    #[error("the header {0} cannot be set")]
    Header(HeaderName),
    /// The answer is longer than allowed.
    #[error("the answer is longer than {0} bytes")]
    TooLarge(usize),
    /// No whole answer in time.
    #[error("no answer in time")]
    Timeout,
    /// No connection, no TLS, or the answer broke off.
    #[error("the host could not be asked")]
    Unreachable(#[source] reqwest::Error),
    /// The client cannot start: TLS is not usable on this machine.
    #[error("the HTTP client cannot start")]
    Client(#[source] reqwest::Error),
}

impl FetchError {
    fn from_client(error: reqwest::Error) -> Self {
        let mut cause = error.source();
        while let Some(inner) = cause {
            if inner.is::<NotPublic>() {
                return Self::NotPublic;
            }
            cause = inner.source();
        }
        if error.is_timeout() { Self::Timeout } else { Self::Unreachable(error.without_url()) }
    }
}

/// The client. Clones share connections.
#[derive(Clone, Debug)]
pub struct Fetcher {
    client: reqwest::Client,
    http_hosts: Arc<HashSet<String>>,
    ports: Arc<[u16]>,
}

impl Fetcher {
    /// A client within these limits.
    ///
    /// # Errors
    /// [`FetchError::Client`] if TLS cannot be set up on this machine.
    pub fn new(limits: FetchLimits) -> Result<Self, FetchError> {
        Self::with_resolver(limits, Arc::new(SystemResolver), &PORTS)
    }

    fn with_resolver(limits: FetchLimits, names: Arc<dyn Resolve>, ports: &[u16]) -> Result<Self, FetchError> {
        let client = reqwest::Client::builder()
            .user_agent(concat!("prosaas-server/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(PublicOnly(names))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .connect_timeout(limits.connect_timeout.min(limits.timeout))
            .timeout(limits.timeout)
            .build()
            .map_err(FetchError::Client)?;
        Ok(Self { client, http_hosts: Arc::new(limits.http_hosts), ports: ports.into() })
    }

    /// Fetches `url`, whose answer may have at most `max_bytes`.
    ///
    /// # Errors
    /// [`FetchError`]. An HTTP error is an answer, not an error.
    pub async fn get(&self, url: &Url, max_bytes: usize) -> Result<Fetched, FetchError> {
        self.ask(Method::GET, url, HeaderMap::new(), Bytes::new(), max_bytes).await
    }

    /// Posts `body` to `url`. Of the answer at most 64 KiB are read; a longer one is an error.
    ///
    /// # Errors
    /// [`FetchError`]. An HTTP error is an answer, not an error.
    pub async fn post(&self, url: &Url, headers: HeaderMap, body: Bytes) -> Result<Fetched, FetchError> {
        if let Some(name) = REFUSED_HEADERS.iter().find(|name| headers.contains_key(*name)) {
            return Err(FetchError::Header(name.clone()));
        }
        self.ask(Method::POST, url, headers, body, POST_ANSWER_BYTES).await
    }

    /// Whether `url` may be asked, as far as it tells by itself: names are looked up when it is asked. For telling a
    /// person at once what is wrong with the address they typed.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self, url: &Url) -> Result<(), FetchError> {
        let host = url.host().ok_or(FetchError::Host)?;
        match url.scheme() {
            "https" => {}
            "http" if url.host_str().is_some_and(|host| self.http_hosts.contains(host)) => {}
            _ => return Err(FetchError::Scheme),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(FetchError::Userinfo);
        }
        if !url.port_or_known_default().is_some_and(|port| self.ports.contains(&port)) {
            return Err(FetchError::Port);
        }
        // The client connects to a literal address without asking its resolver, so it is looked at here.
        let public = match host {
            Host::Domain(_) => true,
            Host::Ipv4(ip) => is_public(ip.into()),
            Host::Ipv6(ip) => is_public(ip.into()),
        };
        if public { Ok(()) } else { Err(FetchError::NotPublic) }
    }

    async fn ask(
        &self,
        method: Method,
        url: &Url,
        headers: HeaderMap,
        body: Bytes,
        max_bytes: usize,
    ) -> Result<Fetched, FetchError> {
        self.check(url)?;
        let request = self.client.request(method, url.clone()).headers(headers).body(body);
        let mut answer = request.send().await.map_err(FetchError::from_client)?;
        // Only a claim, but one that saves the reading.
        if answer.content_length().is_some_and(|length| length > max_bytes as u64) {
            return Err(FetchError::TooLarge(max_bytes));
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(FetchError::from_client)? {
            if body.len() + chunk.len() > max_bytes {
                return Err(FetchError::TooLarge(max_bytes));
            }
            body.extend_from_slice(&chunk);
        }
        let content_type = answer.headers().get(header::CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok()).map(str::to_owned);
        Ok(Fetched { status: answer.status(), content_type, body: body.freeze() })
    }
}

/// Whether an address is on the public internet. What embeds another address, as NAT64 and 6to4 do, is not: the one
/// inside counts for who routes it.
#[must_use]
pub const fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

const fn is_public_v4(ip: Ipv4Addr) -> bool {
    !matches!(
        ip.octets(),
        // This network, private, loopback; multicast, class E, broadcast.
        [0 | 10 | 127 | 224..=255, ..] | [172, 16..=31, ..] | [192, 168, ..]
            // Link-local with the clouds' metadata service, carrier-grade NAT, benchmarks.
            | [169, 254, ..] | [100, 64..=127, ..] | [198, 18 | 19, ..]
            // Protocol assignments, documentation, 6to4 relays.
            | [192, 0, 0 | 2, _] | [198, 51, 100, _] | [203, 0, 113, _] | [192, 88, 99, _]
            // Azure's agent: a public number that only the machine itself reaches.
            | [168, 63, 129, 16]
    )
}

const fn is_public_v6(ip: Ipv6Addr) -> bool {
    !matches!(
        ip.segments(),
        // Global unicast is 2000::/3. Outside of it are loopback, unspecified, IPv4-mapped and -compatible, NAT64,
        // unique local, link-local, site-local, discard-only, multicast and what is not assigned; inside, 6to4.
        [0..=0x1fff | 0x2002 | 0x4000.., ..]
            // Protocol assignments with Teredo, benchmarks and ORCHID; documentation.
            | [0x2001, 0..=0x01ff | 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..]
            // ISATAP: an IPv4 address behind any prefix.
            | [_, _, _, _, 0 | 0x0200, 0x5efe, ..]
    )
}

/// No address of a name is public.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("no public address")]
struct NotPublic;

/// Passes on what is public of another resolver's answer.
struct PublicOnly(Arc<dyn Resolve>);

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let answer = self.0.resolve(name);
        Box::pin(async move {
            // Port 0 = the URL's: an answer must not bring a port of its own.
            let public = answer.await?.map(|found| found.ip()).filter(|ip| is_public(*ip));
            let public: Vec<_> = public.map(|ip| SocketAddr::new(ip, 0)).collect();
            if public.is_empty() {
                return Err(NotPublic.into());
            }
            let addresses: Addrs = Box::new(public.into_iter());
            Ok(addresses)
        })
    }
}

/// The operating system's resolver.
struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests;
