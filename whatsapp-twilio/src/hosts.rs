//! Which host each of Twilio's products answers at. Source: Twilio, global infrastructure, "edge locations" and
//! "regions".
use whatsapp_core::{Result, config::invalid_value};

use crate::{ID, TwilioConfigKey as Key};

/// A part of Twilio with a host of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Product {
    /// Messages, media, accounts: `api.twilio.com`.
    Api,
    /// Content templates: `content.twilio.com`.
    Content,
    /// Senders, typing: `messaging.twilio.com`.
    Messaging,
}

impl Product {
    /// What follows the origin in an address of this product at Twilio itself, in whichever region; `None` for any other.
    pub(crate) fn path_of(self, address: &str) -> Option<&str> {
        let place = address.strip_prefix("https://")?.strip_prefix(self.as_str())?.strip_prefix('.')?;
        let (place, path) = place.split_at(place.find('/')?);
        is_place(place).then_some(path)
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Content => "content",
            Self::Messaging => "messaging",
        }
    }
}

/// The origin of each product, without a slash at the end.
#[derive(Clone, Debug)]
pub(crate) struct Hosts {
    api: String,
    content: String,
    messaging: String,
}

impl Hosts {
    /// Twilio's own hosts: `product[.edge[.region]].twilio.com`. An edge alone stands before `us1`.
    pub(crate) fn of_twilio(edge: Option<&str>, region: Option<&str>) -> Result<Self> {
        for (key, value) in [(Key::Edge, edge), (Key::Region, region)] {
            let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            if value.is_some_and(|value| !plain(value)) {
                return Err(invalid_value(ID, key.as_str(), "one word as in `dublin` or `ie1` expected"));
            }
        }
        let region = region.or(edge.map(|_| "us1"));
        Ok(Self::each(|product| {
            let parts: Vec<_> = [Some(product.as_str()), edge, region].into_iter().flatten().collect();
            format!("https://{}.twilio.com", parts.join("."))
        }))
    }

    /// The hosts beside `base`, where the messages are: siblings if it is one of Twilio's own, else all the same one,
    /// as behind a proxy.
    pub(crate) fn beside(base: &str) -> Self {
        let place = base.to_ascii_lowercase();
        let place = place.strip_prefix("https://api.").map(|place| place.strip_suffix(":443").unwrap_or(place));
        Self::each(|product| match place.filter(|place| is_place(place)) {
            Some(place) => format!("https://{}.{place}", product.as_str()),
            None => base.to_owned(),
        })
    }

    fn each(origin: impl Fn(Product) -> String) -> Self {
        Self { api: origin(Product::Api), content: origin(Product::Content), messaging: origin(Product::Messaging) }
    }

    pub(crate) fn origin(&self, product: Product) -> &str {
        match product {
            Product::Api => &self.api,
            Product::Content => &self.content,
            Product::Messaging => &self.messaging,
        }
    }
}

/// `twilio.com`, with an edge and a region before it or without.
fn is_place(host: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let before = host.strip_suffix("twilio.com");
    before.is_some_and(|parts| parts.is_empty() || parts.strip_suffix('.').is_some_and(|it| it.split('.').all(plain)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_alone_implies_us1() {
        for (edge, region, host) in [
            (None, None, "https://api.twilio.com"),
            (None, Some("us1"), "https://api.us1.twilio.com"),
            (None, Some("ie1"), "https://api.ie1.twilio.com"),
            (Some("ashburn"), None, "https://api.ashburn.us1.twilio.com"),
            (Some("sydney"), Some("au1"), "https://api.sydney.au1.twilio.com"),
        ] {
            assert_eq!(Hosts::of_twilio(edge, region).unwrap().origin(Product::Api), host);
        }
        let dublin = Hosts::of_twilio(Some("dublin"), Some("ie1")).unwrap();
        assert_eq!(dublin.origin(Product::Messaging), "https://messaging.dublin.ie1.twilio.com");
        for bad in ["a.example/", "x y", "ie1."] {
            let error = Hosts::of_twilio(None, Some(bad)).unwrap_err();
            assert!(error.to_string().contains("region"), "{error}");
        }
    }

    #[test]
    fn addresses_of_twilio_itself_have_a_path() {
        for (address, path) in [
            ("https://content.twilio.com/v1/Content?Page=1", Some("/v1/Content?Page=1")),
            ("https://content.dublin.ie1.twilio.com/v1/Content", Some("/v1/Content")),
            ("https://content.eviltwilio.com/x", None),
            ("https://content.evil.example/.twilio.com/x", None),
            ("https://content.u:p@twilio.com/x", None),
            ("http://content.twilio.com/x", None),
            ("https://api.twilio.com/x", None),
            ("https://content.twilio.com", None),
        ] {
            assert_eq!(Product::Content.path_of(address), path, "{address}");
        }
    }

    #[test]
    fn an_origin_of_twilio_has_siblings_and_another_has_none() {
        let regional = Hosts::beside("https://api.dublin.ie1.twilio.com");
        assert_eq!(regional.origin(Product::Content), "https://content.dublin.ie1.twilio.com");
        for same in ["https://API.twilio.com", "https://api.twilio.com:443"] {
            assert_eq!(Hosts::beside(same).origin(Product::Content), "https://content.twilio.com");
        }
        for other in [
            "http://127.0.0.1:9",
            "https://api.twilio.com.evil.example",
            "http://api.twilio.com",
            "https://api.mytwilio.com",
            "https://api.gateway.example/twilio.com",
            "https://api.twilio.com/proxy",
            "https://api.evil.example?.twilio.com",
        ] {
            assert_eq!(Hosts::beside(other).origin(Product::Messaging), other);
        }
    }
}
