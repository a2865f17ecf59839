//! Which addresses of files are Meta's, so that the token may go along. Source: Meta, Cloud API reference, media.
use url::{Host, Url};
use whatsapp_core::Result;

use crate::endpoint::invalid;

/// Hosts of Meta's that hold files; a dot in front stands for every host beneath.
const FILE_HOSTS: [&str; 3] = ["lookaside.fbsbx.com", ".fbsbx.com", ".fbcdn.net"];

/// The address in `text`, if it is one of Meta's: the origin of `base`, or a host of files over https.
pub(super) fn vetted(text: &str, base: &str) -> Result<Url> {
    let refused = || invalid("media.url: not an address of Meta's, so the token does not go there");
    let url = Url::parse(text).map_err(|_| refused())?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused());
    }
    let own = Url::parse(base).is_ok_and(|base| base.origin() == url.origin());
    let of_files = url.scheme() == "https"
        && url.port().is_none()
        && matches!(url.host(), Some(Host::Domain(host)) if FILE_HOSTS.iter().any(|known| is_of(host, known)));
    if own || of_files { Ok(url) } else { Err(refused()) }
}

fn is_of(host: &str, known: &str) -> bool {
    if known.starts_with('.') { host.ends_with(known) } else { host == known }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_metas_hosts_get_the_token() {
        for (base, good) in [
            ("https://graph.facebook.com", "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&ext=2"),
            ("https://graph.facebook.com", "https://scontent-tlv1-1.xx.fbcdn.net/v/a.jpg"),
            ("https://graph.facebook.com", "https://cdn.fbsbx.com:443/a"),
            ("https://graph.facebook.com", "https://graph.facebook.com/v25.0/a"),
            ("http://127.0.0.1:4000", "http://127.0.0.1:4000/file"),
            ("https://proxy.example/graph", "https://proxy.example/elsewhere"),
        ] {
            assert!(vetted(good, base).is_ok(), "{good}");
        }
        for bad in [
            "http://lookaside.fbsbx.com/a",
            "https://lookaside.fbsbx.com:8443/a",
            "https://user@lookaside.fbsbx.com/a",
            "https://lookaside.fbsbx.com@evil.example/a",
            "https://evil.example/lookaside.fbsbx.com",
            "https://lookaside.fbsbx.com.evil.example/a",
            "https://evilfbsbx.com/a",
            "https://fbcdn.net.evil.example/a",
            "https://fbcdn.net/a",
            "http://graph.facebook.com/a",
            "https://169.254.169.254/latest",
            "https://lookaside.fbsbx.com.\\@evil.example/",
            "file:///etc/passwd",
            "//lookaside.fbsbx.com/a",
            "not an address",
            "",
        ] {
            let error = vetted(bad, "https://graph.facebook.com").unwrap_err();
            assert!(!error.to_string().contains("evil"), "the address is not repeated: {error}");
        }
    }
}
