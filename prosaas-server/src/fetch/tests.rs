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
    for good in ["https://a.example/x?y", "https://8.8.8.8/", "https://[2606:4700::1111]/", "http://files.example/"] {
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
    for ip in
        ["1.1.1.1", "8.8.8.8", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1", "192.0.1.1", "223.255.255.255"]
    {
        assert!(is_public(ip.parse().unwrap()), "{ip}");
    }
    for ip in ["2606:4700::1111", "2a00:1450:4001::200e", "2001:4860:4860::8888", "2001:200::1", "3ffe::1"] {
        assert!(is_public(ip.parse().unwrap()), "{ip}");
    }
}
