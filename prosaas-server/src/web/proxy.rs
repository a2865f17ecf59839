//! Whom to believe about a request that came through others.
use std::{net::IpAddr, str::FromStr};

use http::{HeaderMap, HeaderName, uri::Authority};
use ipnet::{IpNet, Ipv4Net};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The proxies in front of this server. What anybody else says of the address that was called, or of whom a request
/// came from, is a claim and counts for nothing.
///
/// ```
/// use http::{HeaderMap, HeaderValue};
/// use prosaas_server::web::TrustedProxies;
///
/// let proxies: TrustedProxies = "127.0.0.1, 10.0.0.0/8".parse().unwrap();
/// let mut headers = HeaderMap::new();
/// headers.insert("host", HeaderValue::from_static("wa.internal:5000"));
/// headers.insert("x-forwarded-proto", HeaderValue::from_static("https"));
/// headers.insert("x-forwarded-host", HeaderValue::from_static("wa.example.com"));
/// assert_eq!(proxies.origin([10, 1, 2, 3].into(), &headers), "https://wa.example.com");
/// assert_eq!(proxies.origin([203, 0, 113, 7].into(), &headers), "http://wa.internal:5000");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

/// Neither an address nor a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an IP address or a network as 10.0.0.0/8 expected")]
pub struct InvalidNetwork;

impl FromStr for TrustedProxies {
    type Err = InvalidNetwork;

    /// A comma list of addresses and networks.
    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let network = |part: &str| part.parse().or_else(|_| part.parse::<IpAddr>().map(IpNet::from)).map(canonical);
        let networks = parts.map(network);
        networks.collect::<Result<_, _>>().map(Self).map_err(|_| InvalidNetwork)
    }
}

impl TrustedProxies {
    /// Whether the word of `peer`, the other end of a connection, counts.
    #[must_use]
    pub fn trusts(&self, peer: IpAddr) -> bool {
        // A socket of both kinds shows IPv4 peers as ::ffff:…
        let peer = peer.to_canonical();
        self.0.iter().any(|network| network.contains(&peer))
    }

    /// The origin that was called: scheme, host and port, as far as `peer` may say it; else `http` and the `Host` header.
    ///
    /// Where a header was written more than once the last one counts: it is the trusted proxy's own.
    #[must_use]
    pub fn origin(&self, peer: IpAddr, headers: &HeaderMap) -> String {
        let host = || headers.get(http::header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        if !self.trusts(peer) {
            return format!("http://{}", host());
        }
        let scheme = match last(headers, &FORWARDED_PROTO) {
            Some(scheme) if scheme.eq_ignore_ascii_case("https") => "https",
            _ => "http",
        };
        let host = last(headers, &FORWARDED_HOST).filter(|host| is_host(host)).unwrap_or_else(host);
        let port = last(headers, &FORWARDED_PORT).and_then(|port| port.parse::<u16>().ok());
        let usual = if scheme == "https" { 443 } else { 80 };
        match port.filter(|port| *port != usual && !names_port(host)) {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        }
    }

    /// Whom the request came from: the last one in `X-Forwarded-For` who is no proxy of ours. What stands before was
    /// written by that one, and may be invented.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        for hop in each(headers, &FORWARDED_FOR).rev() {
            if !self.trusts(client) {
                break;
            }
            let Some(address) = address(hop) else { break };
            client = address;
        }
        client
    }
}

/// A network of IPv4 addresses written as IPv6 ones, as the former.
fn canonical(network: IpNet) -> IpNet {
    let IpNet::V6(v6) = network else { return network };
    let v4 = v6.addr().to_ipv4_mapped().zip(v6.prefix_len().checked_sub(96));
    v4.and_then(|(address, length)| Ipv4Net::new(address, length).ok()).map_or(network, IpNet::V4)
}

/// The values of a header that lists with commas or repeats itself, in order.
fn each<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl DoubleEndedIterator<Item = &'h str> {
    let lines: Vec<_> = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or_default()).collect();
    lines.into_iter().flat_map(|line| line.split(',')).map(str::trim)
}

fn last<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    each(headers, name).next_back().filter(|value| !value.is_empty())
}

/// Whether it is a host, with or without a port, and nothing else.
fn is_host(text: &str) -> bool {
    text.parse::<Authority>().is_ok_and(|host| !host.host().is_empty()) && !text.contains('@')
}

fn names_port(host: &str) -> bool {
    host.parse::<Authority>().is_ok_and(|host| host.port().is_some())
}

/// An address as proxies write it, some with the port.
fn address(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or(hop, |(inside, _)| inside);
    let with_port = || hop.parse::<std::net::SocketAddr>().ok().map(|socket| socket.ip());
    bare.parse().ok().or_else(with_port).map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
            .collect()
    }

    /// Appends, as `collect` into a map would not.
    fn appended(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn lists() {
        let proxies: TrustedProxies = " 127.0.0.1 ,10.0.0.0/8,, ::1,2001:db8::/32 ".parse().unwrap();
        for (peer, trusted) in [
            ("127.0.0.1", true),
            ("127.0.0.2", false),
            ("10.255.0.1", true),
            ("11.0.0.1", false),
            ("::ffff:10.0.0.1", true),
            ("::1", true),
            ("2001:db8:1::5", true),
            ("2001:db9::5", false),
        ] {
            assert_eq!(proxies.trusts(ip(peer)), trusted, "{peer}");
        }
        for bad in ["localhost", "10.0.0.0/33", "10.0.0.1:80", "*", "127.0.0.1 10.0.0.1"] {
            assert_eq!(bad.parse::<TrustedProxies>(), Err(InvalidNetwork), "{bad}");
        }
        for mapped in ["::ffff:127.0.0.1", "::ffff:127.0.0.0/104"] {
            let proxies: TrustedProxies = mapped.parse().unwrap();
            assert!(proxies.trusts(ip("127.0.0.1")) && !proxies.trusts(ip("128.0.0.1")), "{mapped}");
        }
        assert!(!TrustedProxies::default().trusts(ip("127.0.0.1")));
    }

    #[test]
    fn origins() {
        let proxies: TrustedProxies = "127.0.0.1".parse().unwrap();
        let told = |more: &[(&'static str, &str)]| {
            let all: Vec<_> = std::iter::once(&("host", "inner:5000")).chain(more).copied().collect();
            let headers = appended(&all);
            assert_eq!(proxies.origin(ip("127.0.0.9"), &headers), "http://inner:5000", "a stranger's word: {more:?}");
            proxies.origin(ip("127.0.0.1"), &headers)
        };
        let (proto, host, port) = ("x-forwarded-proto", "x-forwarded-host", "x-forwarded-port");
        assert_eq!(told(&[]), "http://inner:5000");
        assert_eq!(told(&[(proto, "https")]), "https://inner:5000");
        assert_eq!(told(&[(proto, "HTTPS"), (host, "wa.example")]), "https://wa.example");
        assert_eq!(told(&[(proto, "https"), (host, "wa.example"), (port, "443")]), "https://wa.example");
        assert_eq!(told(&[(proto, "http"), (host, "wa.example"), (port, "443")]), "http://wa.example:443");
        assert_eq!(told(&[(proto, "https"), (host, "wa.example"), (port, "8443")]), "https://wa.example:8443");
        assert_eq!(told(&[(proto, "https"), (host, "wa.example:9"), (port, "8443")]), "https://wa.example:9");
        assert_eq!(told(&[(proto, "https"), (host, "[2001:db8::1]"), (port, "8443")]), "https://[2001:db8::1]:8443");
        // What the client wrote stands before what the proxy wrote.
        assert_eq!(told(&[(proto, "http, https"), (host, "evil, wa.example")]), "https://wa.example");
        assert_eq!(
            told(&[(proto, "http"), (proto, "https"), (host, "evil"), (host, "wa.example")]),
            "https://wa.example"
        );
        for odd in ["a/b", "user@wa.example", "a b", "", "wa.example,"] {
            assert_eq!(told(&[(proto, "ftp"), (host, odd), (port, "x")]), "http://inner:5000", "{odd}");
        }
    }

    #[test]
    fn clients() {
        let proxies: TrustedProxies = "127.0.0.1,10.0.0.0/8".parse().unwrap();
        for (peer, hops, expected) in [
            ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
            ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("::ffff:127.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("127.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.7", "198.51.100.1"),
            ("127.0.0.1", "1.1.1.1, 198.51.100.1:4711", "198.51.100.1"),
            ("127.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"),
            ("127.0.0.1", "2001:db8::1", "2001:db8::1"),
            ("127.0.0.1", "10.0.0.1, 10.0.0.2", "10.0.0.1"),
            // Who is not named is not guessed: the nearest one that is known answers for it.
            ("127.0.0.1", "1.1.1.1, unknown, 10.0.0.2", "10.0.0.2"),
            ("127.0.0.1", "", "127.0.0.1"),
        ] {
            let headers = headers(&[("x-forwarded-for", hops)]);
            assert_eq!(proxies.client(ip(peer), &headers), ip(expected), "{peer} for {hops}");
        }
        let twice = appended(&[("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "198.51.100.1")]);
        assert_eq!(proxies.client(ip("127.0.0.1"), &twice), ip("198.51.100.1"));
    }
}
