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
mod tests {
    use std::sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    };

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    /// Counts who connects on loopback.
    struct Canary {
        port: u16,
        hits: Arc<AtomicUsize>,
    }

    impl Canary {
        async fn open() -> Self {
            let v4 = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let port = v4.local_addr().unwrap().port();
            let hits = Arc::new(AtomicUsize::new(0));
            // A machine without IPv6 has no loopback to protect there.
            let v6 = TcpListener::bind(("::1", port)).await.ok();
            for listener in [Some(v4), v6].into_iter().flatten() {
                let hits = Arc::clone(&hits);
                tokio::spawn(async move {
                    while let Ok((mut socket, _)) = listener.accept().await {
                        hits.fetch_add(1, Ordering::SeqCst);
                        let _ = socket.read(&mut [0; 1024]).await;
                        let _ = socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await;
                    }
                });
            }
            Self { port, hits }
        }

        fn hits(&self) -> usize {
            self.hits.load(Ordering::SeqCst)
        }

        /// A fetcher that refuses neither http nor the canary's port: only addresses are left to refuse.
        fn lenient(&self, url: &Url, names: Arc<dyn Resolve>) -> Fetcher {
            let limits = FetchLimits {
                timeout: Duration::from_secs(2),
                http_hosts: url.host_str().map(str::to_owned).into_iter().collect(),
                ..FetchLimits::default()
            };
            Fetcher::with_resolver(limits, names, &[443, 80, self.port]).unwrap()
        }
    }

    /// Answers each question with the next of its answers.
    struct Scripted(Mutex<Vec<Vec<&'static str>>>);

    impl Resolve for Scripted {
        fn resolve(&self, _: Name) -> Resolving {
            let answer = self.0.lock().unwrap().remove(0);
            let found: Vec<_> = answer.into_iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 4)).collect();
            Box::pin(async move { Ok(Box::new(found.into_iter()) as Addrs) })
        }
    }

    /// What a filter in the resolver alone lets through: the first eleven are the classic ways to write loopback.
    const LOOPBACK: [&str; 24] = [
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "[::ffff:127.0.0.1]",
        "１２７.０.０.１",
        "user@127.0.0.1",
        "localhost",
        "[::1]",
        "0.0.0.0",
        "0x7f000001",
        "017700000001",
        "127.0.1",
        "127.255.255.254",
        "127.0.0.1.",
        "localhost.",
        "LOCALHOST",
        "ⓛocalhost",
        "127。0。0。1",
        "[::127.0.0.1]",
        "[0:0:0:0:0:ffff:7f00:1]",
        "[::]",
        "user:password@[::1]",
    ];

    /// Not public, each for a reason of its own.
    const PRIVATE: [&str; 44] = [
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "012.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "0xc0a80101",
        "169.254.169.254",
        "2852039166",
        "0xa9.0xfe.0xa9.0xfe",
        "100.64.0.1",
        "100.127.255.255",
        "100.100.100.200",
        "192.0.0.1",
        "192.0.2.1",
        "198.51.100.1",
        "203.0.113.1",
        "198.18.0.1",
        "198.19.255.255",
        "192.88.99.1",
        "168.63.129.16",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "[fe80::1]",
        "[fec0::1]",
        "[fc00::1]",
        "[fd00:ec2::254]",
        "[ff02::1]",
        "[100::1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b::8.8.8.8]",
        "[64:ff9b:1::a00:1]",
        "[::ffff:169.254.169.254]",
        "[::ffff:0:127.0.0.1]",
        "[2002:7f00:1::]",
        "[2002:a9fe:a9fe::1]",
        "[2001:0:7f00:1::1]",
        "[2001:2::1]",
        "[2001:db8::1]",
        "[3fff::1]",
        "[2600::5efe:7f00:1]",
    ];

    #[tokio::test]
    async fn nothing_reaches_loopback() {
        let canary = Canary::open().await;
        for host in LOOPBACK.iter().chain(&PRIVATE) {
            let url: Url = format!("http://{host}:{}/secret?token=s3cret", canary.port).parse().unwrap();
            let fetcher = canary.lenient(&url, Arc::new(SystemResolver));
            let error = fetcher.get(&url, 1000).await.unwrap_err();
            let fits = match (host.contains('@'), url.host()) {
                (true, _) => matches!(error, FetchError::Userinfo),
                // Not every machine's resolver knows every spelling of a name.
                (_, Some(Host::Domain(_))) => matches!(error, FetchError::NotPublic | FetchError::Unreachable(_)),
                _ => matches!(error, FetchError::NotPublic),
            };
            assert!(fits, "{host}: {error:?}");
            assert!(fetcher.post(&url, HeaderMap::new(), Bytes::new()).await.is_err(), "{host}");
            assert!(!format!("{error:?} {error}").contains("s3cret"), "{host}");
        }
        assert_eq!(canary.hits(), 0);
    }

    #[tokio::test]
    async fn the_canary_hears_a_client_that_only_filters_names() {
        let canary = Canary::open().await;
        let client = reqwest::Client::builder().no_proxy().dns_resolver(PublicOnly(Arc::new(SystemResolver)));
        let client = client.timeout(Duration::from_secs(2)).build().unwrap();
        for host in LOOPBACK.iter().take(11) {
            let _ = client.get(format!("http://{host}:{}/", canary.port)).send().await;
        }
        assert!(canary.hits() >= 8, "{}", canary.hits());
    }

    #[tokio::test]
    async fn a_name_that_changes_its_mind_does_not_get_in() {
        let canary = Canary::open().await;
        let answers = vec![vec!["93.184.215.14"], vec!["127.0.0.1"], vec!["::1", "10.0.0.1"], vec![]];
        let names = Arc::new(Scripted(Mutex::new(answers)));
        let asked = PublicOnly(Arc::clone(&names) as Arc<dyn Resolve>);
        let first = asked.resolve("rebind.example".parse().unwrap()).await.unwrap();
        assert_eq!(first.collect::<Vec<_>>(), ["93.184.215.14:0".parse().unwrap()], "without the answer's own port");
        let url: Url = format!("http://rebind.example:{}/", canary.port).parse().unwrap();
        let fetcher = canary.lenient(&url, Arc::clone(&names) as Arc<dyn Resolve>);
        for _ in 0..3 {
            assert!(matches!(fetcher.get(&url, 1000).await, Err(FetchError::NotPublic)));
        }
        assert!(names.0.lock().unwrap().is_empty(), "asked once per request: nothing looks the name up again");
        assert_eq!(canary.hits(), 0);
    }

    #[tokio::test]
    async fn of_a_mixed_answer_only_what_is_public_is_left() {
        let names = Scripted(Mutex::new(vec![vec!["127.0.0.1", "8.8.8.8", "::1", "2606:4700::1111", "10.1.2.3"]]));
        let left = PublicOnly(Arc::new(names)).resolve("mixed.example".parse().unwrap()).await.unwrap();
        let left: Vec<_> = left.map(|found| found.ip().to_string()).collect();
        assert_eq!(left, ["8.8.8.8", "2606:4700::1111"]);
    }

    #[test]
    fn refuses_by_scheme_port_and_userinfo() {
        let limits = FetchLimits { http_hosts: ["files.example".to_owned()].into(), ..FetchLimits::default() };
        let fetcher = Fetcher::new(limits).unwrap();
        let told = |url: &str| fetcher.check(&url.parse().unwrap()).map_err(|error| format!("{error:?}"));
        for good in ["https://a.example/x?y", "https://8.8.8.8/", "https://[2606:4700::1111]/", "http://files.example/"]
        {
            assert_eq!(told(good), Ok(()), "{good}");
        }
        for (url, expected) in [
            ("http://a.example/", "Scheme"),
            ("ftp://a.example/", "Scheme"),
            ("ws://a.example/", "Scheme"),
            ("gopher://a.example:70/_x", "Scheme"),
            ("file:///etc/passwd", "Host"),
            ("data:text/plain,x", "Host"),
            ("https://a.example:22/", "Port"),
            ("https://a.example:8443/", "Port"),
            ("http://files.example:6379/", "Port"),
            ("https://u@a.example/", "Userinfo"),
            ("https://:p@a.example/", "Userinfo"),
            ("https://a.example@10.0.0.1/", "Userinfo"),
        ] {
            assert_eq!(told(url), Err(expected.to_owned()), "{url}");
        }
    }

    #[tokio::test]
    async fn credentials_are_not_the_callers_to_send() {
        let fetcher = Fetcher::new(FetchLimits::default()).unwrap();
        for name in REFUSED_HEADERS {
            let headers = HeaderMap::from_iter([(name.clone(), "x".parse().unwrap())]);
            let refused = fetcher.post(&"https://a.example/".parse().unwrap(), headers, Bytes::new()).await;
            assert!(matches!(refused, Err(FetchError::Header(told)) if told == name));
        }
    }

    #[test]
    fn public_addresses_are_public() {
        for ip in [
            "1.1.1.1",
            "8.8.8.8",
            "172.15.0.1",
            "172.32.0.1",
            "100.63.0.1",
            "100.128.0.1",
            "192.0.1.1",
            "223.255.255.255",
        ] {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
        for ip in ["2606:4700::1111", "2a00:1450:4001::200e", "2001:4860:4860::8888", "2001:200::1", "3ffe::1"] {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
    }
}
