//! The address that statuses come back to, and the caller's own id in its query.
//!
//! `…?c=<id>&m=<code>`: Twilio calls the address back as given and signs it, but anyone who may send with the account
//! can choose one, so the id counts only with our own code beside it.
use subtle::ConstantTimeEq;
use whatsapp_core::{CorrelationId, HmacSha256, Secret};

use crate::wire::sole;

/// Makes and reads the query. The first key makes, all of them read: the others belong to messages under way.
#[derive(Clone, Debug)]
pub(crate) struct Callback(Vec<HmacSha256>);

impl Callback {
    #[cfg(any(feature = "client", test))]
    pub(crate) const PATH: &'static str = "/webhook/whatsapp/status";

    /// Keys derived from the auth tokens, for an account that has no key of its own for this; `None` if a token is
    /// empty.
    pub(crate) fn derived<'t>(tokens: impl IntoIterator<Item = &'t Secret>) -> Option<Self> {
        let derive = |token: &Secret| {
            let key = HmacSha256::new([token.clone()])?.sign(&[b"status callback"]);
            HmacSha256::from_bytes(&key)
        };
        tokens.into_iter().map(derive).collect::<Option<_>>().map(Self)
    }

    /// Makes with `secret` from now on; `None` if it is empty.
    pub(crate) fn with_secret(mut self, secret: Secret) -> Option<Self> {
        self.0.insert(0, HmacSha256::new([secret])?);
        Some(self)
    }

    #[cfg(any(feature = "client", test))]
    pub(crate) fn url(&self, public_base_url: &str, correlation: Option<CorrelationId>) -> String {
        let query = correlation.zip(self.0.first()).map(|(id, key)| format!("?c={id}&m={}", code(key, id)));
        format!("{public_base_url}{}{}", Self::PATH, query.unwrap_or_default())
    }

    pub(crate) fn read(&self, query: &str) -> Option<CorrelationId> {
        let id = sole(query.as_bytes(), "c")?.parse().ok()?;
        let given = sole(query.as_bytes(), "m")?;
        let given = given.as_bytes();
        let fits = self.0.iter().fold(false, |found, key| found | bool::from(code(key, id).as_bytes().ct_eq(given)));
        fits.then_some(id)
    }
}

fn code(key: &HmacSha256, id: CorrelationId) -> String {
    let mut code = hex::encode(key.sign(&[id.as_bytes()]));
    code.truncate(32);
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_any_of_its_keys_made() {
        let id = CorrelationId::from_bytes([0x5a; 16]);
        let (old, new) = (Secret::from("old token"), Secret::from("new token"));
        let before = Callback::derived([&old]).unwrap();
        let rotated = Callback::derived([&new, &old]).unwrap();
        let keyed = rotated.clone().with_secret("own".into()).unwrap();
        for (maker, readers) in [(&before, [&before, &rotated, &keyed]), (&keyed, [&keyed; 3])] {
            let url = maker.url("https://shop.example", Some(id));
            let (base, query) = url.split_once('?').unwrap();
            assert_eq!((base, query.len()), ("https://shop.example/webhook/whatsapp/status", 2 + 32 + 3 + 32));
            assert!(readers.iter().all(|reader| reader.read(query) == Some(id)));
        }
        assert_eq!(before.read(keyed.url("", Some(id)).split_once('?').unwrap().1), None);
        assert_eq!(keyed.url("https://shop.example", None), "https://shop.example/webhook/whatsapp/status");
    }

    #[test]
    fn reads_nothing_else() {
        let id = CorrelationId::from_bytes([0x5a; 16]);
        let callback = Callback::derived([&Secret::from("token")]).unwrap();
        let good = callback.url("", Some(id)).split_once('?').unwrap().1.to_owned();
        let (c, m) = good.split_once('&').unwrap();
        let (cut, upper) = (&good[..good.len() - 1], good.to_uppercase().replace("C=", "c=").replace("M=", "m="));
        let other = good.replacen("5a", "5b", 1);
        let empty = format!("{c}&m=");
        for bad in [c, m, cut, &upper, &other, &empty, &format!("{good}&{c}"), &format!("{good}0"), ""] {
            assert_eq!(callback.read(bad), None, "{bad}");
        }
        assert!(Callback::derived([&Secret::from("")]).is_none());
        assert!(callback.with_secret("".into()).is_none());
    }
}
