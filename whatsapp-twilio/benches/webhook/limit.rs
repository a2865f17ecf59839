//! What it takes at least: HMAC-SHA1 with a key prepared once, over the fields that `form_urlencoded` decodes into pairs
//! of their own, sorted. Nothing is compared, and no event is made.
use hmac::{Hmac, KeyInit, Mac, digest::InvalidLength};
use sha1::Sha1;

pub(crate) struct Limit(Hmac<Sha1>);

impl Limit {
    pub(crate) fn new(token: &str) -> Result<Self, InvalidLength> {
        Hmac::new_from_slice(token.as_bytes()).map(Self)
    }

    pub(crate) fn code(&self, url: &str, form: &[u8]) -> [u8; 20] {
        let mut pairs: Vec<(String, String)> = form_urlencoded::parse(form).into_owned().collect();
        pairs.sort();
        let mut mac = self.0.clone();
        mac.update(url.as_bytes());
        for (key, value) in &pairs {
            mac.update(key.as_bytes());
            mac.update(value.as_bytes());
        }
        mac.finalize().into_bytes().into()
    }
}
