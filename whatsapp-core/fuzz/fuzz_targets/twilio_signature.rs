//! Any address, header and body: what is let in is what a plain reading of the rules signs, and nothing else.
#![no_main]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use arbitrary::Arbitrary;
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use libfuzzer_sys::fuzz_target;
use whatsapp_core::{HmacSha1, HmacSha256, Secret, Verifier, WebhookRequest};
use whatsapp_twilio::TwilioWebhook;

const TOKEN: &str = "fuzzed account's token";

static WEBHOOK: LazyLock<TwilioWebhook> = LazyLock::new(|| TwilioWebhook::new([TOKEN.into()]).unwrap());
static KEY: LazyLock<HmacSha1> = LazyLock::new(|| HmacSha1::new([Secret::from(TOKEN)]).unwrap());
static FOREIGN: LazyLock<HmacSha256> = LazyLock::new(|| HmacSha256::new([Secret::from(TOKEN)]).unwrap());

#[derive(Arbitrary, Debug)]
struct Attempt<'a> {
    header: &'a [u8],
    settings: Option<&'a [u8]>,
    /// Whether the address is any text, or one with this host and this rest.
    address: Result<&'a str, (bool, &'a str, &'a str)>,
    body: &'a [u8],
    /// The fields change after they were signed.
    behind: Option<&'a [u8]>,
    /// Bits of the right signature to turn.
    turned: Vec<u8>,
}

fn signature(url: &str, form: &[u8]) -> String {
    let mut fields: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (key, value) in form_urlencoded::parse(form).into_owned() {
        fields.entry(key).or_default().insert(value);
    }
    let mut text = url.to_owned();
    for (key, values) in &fields {
        values.iter().for_each(|value| text.extend([key.as_str(), value.as_str()]));
    }
    BASE64_STANDARD.encode(KEY.sign(&[text.as_bytes()]))
}

fn accepts(url: &str, body: &[u8], signature: &[u8], settings: Option<&[u8]>) -> bool {
    let body = Bytes::copy_from_slice(body);
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static("application/x-www-form-urlencoded"));
    for (name, value) in [("x-twilio-signature", Some(signature)), ("x-twilio-webhooks-signature-settings", settings)] {
        let Some(value) = value else { continue };
        let Ok(value) = HeaderValue::from_bytes(value) else { return false };
        headers.insert(name, value);
    }
    WEBHOOK.verify(WebhookRequest { method: &Method::POST, url, headers: &headers, body: &body }).is_ok()
}

fuzz_target!(|attempt: Attempt<'_>| {
    let url = match attempt.address {
        Ok(text) => text.to_owned(),
        Err((true, host, rest)) => format!("https://{host}{rest}"),
        Err((false, host, rest)) => format!("wss://{host}/{rest}"),
    };
    let right = signature(&url, attempt.body);
    assert!(accepts(&url, attempt.body, right.as_bytes(), None));
    // Without a shared key, whatever the settings say, its algorithm opens nothing.
    let foreign = BASE64_STANDARD.encode(FOREIGN.sign(&[url.as_bytes()]));
    assert!(!accepts(&url, b"", foreign.as_bytes(), attempt.settings));
    let mut near = right.clone().into_bytes();
    for place in &attempt.turned {
        let at = usize::from(*place) % near.len();
        near[at] ^= 1 << (place % 7);
    }
    for header in [attempt.header, &near] {
        if header != right.as_bytes() {
            // The code of another spelling of the address could only be met by chance.
            assert!(!accepts(&url, attempt.body, header, None));
        }
    }
    if let Some(behind) = attempt.behind {
        let changed = [attempt.body, b"&", behind].concat();
        let same = signature(&url, &changed) == right;
        assert_eq!(accepts(&url, &changed, right.as_bytes(), None), same);
    }
    if let (Some((head, tail)), false) = (url.split_once("://"), url.contains('\'') || url.contains("%27")) {
        let moved = format!("{head}://x{tail}");
        assert!(!accepts(&moved, attempt.body, right.as_bytes(), None), "another host");
    }
});
