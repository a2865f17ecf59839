//! Which webhooks are the bridge's: the secret header, the Standard Webhooks signature, and both.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use whatsapp_baileys::{BaileysBuilder, BaileysConfigKey as Key};
use whatsapp_core::{
    ErrorKind, HmacSha1, HmacSha256,
    Rejection::{self, Malformed, Mismatch, Missing, Stale},
    Secret, StandardWebhook, Verifier, WebhookRequest,
};

const CURRENT: &str = "the-current-secret";
const PREVIOUS: &str = "the-previous-secret";
const ENCODED: &str = "whsec_c29tZSByYXcga2V5IG9mIHRoaXJ0eSBieXRlcw==";
const NOW: i64 = 1_791_000_000;
const BODY: &str = r#"{"tenantId":"studio_17","payload":{"messages":[],"type":"notify"}}"#;
const URL: &str = "https://example.com/webhook/whatsapp/incoming";

/// A webhook, as somebody might have sent it.
#[derive(Clone)]
struct Post(HeaderMap, String);

impl Post {
    fn bare() -> Self {
        Self(HeaderMap::new(), BODY.to_owned())
    }

    fn with(mut self, name: &'static str, value: impl AsRef<[u8]>) -> Self {
        self.0.insert(HeaderName::from_static(name), HeaderValue::from_bytes(value.as_ref()).unwrap());
        self
    }

    fn again(mut self, name: &'static str) -> Self {
        let value = self.0[name].clone();
        self.0.append(name, value);
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.0.remove(name);
        self
    }

    fn body(self, body: &str) -> Self {
        Self(self.0, body.to_owned())
    }

    fn secret(self, secret: &str) -> Self {
        self.with("x-internal-secret", secret)
    }

    /// Signed by `secret` at `at`, over what it holds now.
    fn signed(self, secret: &str, at: i64) -> Self {
        let signature = StandardWebhook::new(&Secret::from(secret)).unwrap().sign("evt_1", at, self.1.as_bytes());
        self.with("webhook-id", "evt_1").with("webhook-timestamp", at.to_string()).with("webhook-signature", signature)
    }

    fn signature(&self) -> String {
        self.0["webhook-signature"].to_str().unwrap().to_owned()
    }

    /// With its signature changed.
    fn resigned(self, change: impl FnOnce(&str) -> String) -> Self {
        let changed = change(&self.signature());
        self.with("webhook-signature", changed)
    }
}

fn outcome(post: &Post, require: bool) -> Result<(), Rejection> {
    let builder = BaileysBuilder::new().with_config(Key::Secret, CURRENT).with_config(Key::PreviousSecret, PREVIOUS);
    let builder = builder.with_config(Key::RequireSignature, if require { "1" } else { "0" });
    let webhook = builder.build_webhook().unwrap().with_clock(|| NOW);
    let body = Bytes::copy_from_slice(post.1.as_bytes());
    let request = WebhookRequest { method: &Method::POST, url: URL, headers: &post.0, body: &body };
    webhook.verify(request).map(|_| ())
}

#[test]
fn secret_alone() {
    let cases = [
        ("current", Post::bare().secret(CURRENT), Ok(())),
        ("previous", Post::bare().secret(PREVIOUS), Ok(())),
        ("any body", Post::bare().secret(CURRENT).body("not even JSON"), Ok(())),
        ("none", Post::bare(), Err(Missing)),
        ("empty", Post::bare().secret(""), Err(Mismatch)),
        ("another", Post::bare().secret("another-secret"), Err(Mismatch)),
        ("truncated", Post::bare().secret("the-current-secre"), Err(Mismatch)),
        ("longer", Post::bare().secret("the-current-secret1"), Err(Mismatch)),
        ("upper case", Post::bare().secret("THE-CURRENT-SECRET"), Err(Mismatch)),
        ("first byte", Post::bare().secret("The-current-secret"), Err(Mismatch)),
        ("outer spaces", Post::bare().secret(" the-current-secret "), Err(Mismatch)),
        ("quoted", Post::bare().secret("\"the-current-secret\""), Err(Mismatch)),
        ("with a scheme", Post::bare().secret("Bearer the-current-secret"), Err(Mismatch)),
        ("both joined", Post::bare().secret("the-current-secret,the-previous-secret"), Err(Mismatch)),
        ("repeated", Post::bare().secret(CURRENT).again("x-internal-secret"), Err(Missing)),
        ("not ASCII", Post::bare().with("x-internal-secret", "סוד"), Err(Missing)),
        ("by another header", Post::bare().with("authorization", CURRENT), Err(Missing)),
    ];
    for (name, post, expected) in cases {
        assert_eq!(outcome(&post, false), expected, "{name}");
        assert_eq!(outcome(&post, true), Err(Missing), "{name}: the signature is required");
    }
}

#[test]
fn signature_alone() {
    let good = || Post::bare().signed(CURRENT, NOW);
    let own = |secret: &str| HmacSha256::new([Secret::from(secret)]).unwrap();
    let content = format!("evt_1.{NOW}.{BODY}");
    let mac = own(CURRENT).sign(&[content.as_bytes()]);
    let sha1 = HmacSha1::new([Secret::from(CURRENT)]).unwrap().sign(&[content.as_bytes()]);
    let with = |signature: String| good().resigned(|_| signature);
    let other = Post::bare().signed("another-secret", NOW).signature();
    let cases = [
        ("current", good(), Ok(())),
        ("previous", Post::bare().signed(PREVIOUS, NOW), Ok(())),
        ("another secret", Post::bare().signed("another-secret", NOW), Err(Mismatch)),
        ("five minutes old", Post::bare().signed(CURRENT, NOW - 300), Ok(())),
        ("five minutes ahead", Post::bare().signed(CURRENT, NOW + 300), Ok(())),
        ("older", Post::bare().signed(CURRENT, NOW - 301), Err(Stale)),
        ("further ahead", Post::bare().signed(CURRENT, NOW + 301), Err(Stale)),
        ("of 1970", Post::bare().signed(CURRENT, 0), Err(Stale)),
        ("before time", Post::bare().signed(CURRENT, i64::MIN), Err(Stale)),
        ("in milliseconds", Post::bare().signed(CURRENT, NOW * 1000), Err(Stale)),
        ("another body", good().body("{}"), Err(Mismatch)),
        ("empty body", good().body(""), Err(Mismatch)),
        ("a space after the body", good().body(&format!("{BODY} ")), Err(Mismatch)),
        ("the body in upper case", good().body(&BODY.to_uppercase()), Err(Mismatch)),
        ("another id", good().with("webhook-id", "evt_2"), Err(Mismatch)),
        ("empty id", good().with("webhook-id", ""), Err(Malformed)),
        ("another time", good().with("webhook-timestamp", (NOW - 1).to_string()), Err(Mismatch)),
        ("time with a zero", good().with("webhook-timestamp", format!("0{NOW}")), Err(Mismatch)),
        ("time with decimals", good().with("webhook-timestamp", format!("{NOW}.0")), Err(Malformed)),
        ("time as a date", good().with("webhook-timestamp", "2026-10-03T04:00:00Z"), Err(Malformed)),
        ("empty time", good().with("webhook-timestamp", ""), Err(Malformed)),
        ("time with a space inside", good().with("webhook-timestamp", format!("{NOW} 1")), Err(Malformed)),
        ("no id", good().without("webhook-id"), Err(Missing)),
        ("no time", good().without("webhook-timestamp"), Err(Missing)),
        ("no signature", good().without("webhook-signature"), Err(Missing)),
        ("id twice", good().again("webhook-id"), Err(Missing)),
        ("time twice", good().again("webhook-timestamp"), Err(Missing)),
        ("signature twice", good().again("webhook-signature"), Err(Missing)),
        ("empty signature", with(String::new()), Err(Mismatch)),
        ("prefix only", with("v1,".to_owned()), Err(Mismatch)),
        ("no prefix", with(BASE64_STANDARD.encode(&mac)), Err(Mismatch)),
        ("another version", good().resigned(|s| s.replace("v1,", "v2,")), Err(Mismatch)),
        ("public-key version", good().resigned(|s| s.replace("v1,", "v1a,")), Err(Mismatch)),
        ("upper-case version", good().resigned(|s| s.replace("v1,", "V1,")), Err(Mismatch)),
        ("`=` for the comma", good().resigned(|s| s.replace("v1,", "v1=")), Err(Mismatch)),
        ("GitHub's prefix", with(format!("sha256={}", hex::encode(&mac))), Err(Mismatch)),
        ("hexadecimal", with(format!("v1,{}", hex::encode(&mac))), Err(Mismatch)),
        ("upper-case hexadecimal", with(format!("v1,{}", hex::encode_upper(&mac))), Err(Mismatch)),
        ("no padding", with(format!("v1,{}", BASE64_STANDARD_NO_PAD.encode(&mac))), Err(Mismatch)),
        ("truncated", with(format!("v1,{}", BASE64_STANDARD.encode(&mac[..31]))), Err(Mismatch)),
        ("half of it", with(format!("v1,{}", BASE64_STANDARD.encode(&mac[..16]))), Err(Mismatch)),
        ("longer", with(format!("v1,{}", BASE64_STANDARD.encode([&mac[..], &[0]].concat()))), Err(Mismatch)),
        ("SHA-1", with(format!("v1,{}", BASE64_STANDARD.encode(sha1))), Err(Mismatch)),
        (
            "reversed",
            with(format!("v1,{}", BASE64_STANDARD.encode(mac.iter().rev().copied().collect::<Vec<_>>()))),
            Err(Mismatch),
        ),
        ("lower case", good().resigned(str::to_lowercase), Err(Mismatch)),
        (
            "of the body alone",
            with(format!("v1,{}", BASE64_STANDARD.encode(own(CURRENT).sign(&[BODY.as_bytes()])))),
            Err(Mismatch),
        ),
        ("the secret itself", with(format!("v1,{}", BASE64_STANDARD.encode(CURRENT))), Err(Mismatch)),
        ("several, one good", good().resigned(|s| format!("v1a,xyz {other} {s}")), Ok(())),
        ("several, none good", with(format!("{other} v1a,xyz")), Err(Mismatch)),
        ("several by comma", good().resigned(|s| format!("{other},{s}")), Err(Mismatch)),
        ("a space before", good().resigned(|s| format!(" {s}")), Ok(())),
        ("a space inside", good().resigned(|s| s.replace("v1,", "v1, ")), Err(Mismatch)),
        ("not ASCII", good().with("webhook-signature", "חתימה"), Err(Missing)),
        (
            "headers swapped",
            good().with("webhook-id", NOW.to_string()).with("webhook-timestamp", "evt_1"),
            Err(Malformed),
        ),
    ];
    for (name, post, expected) in cases {
        assert_eq!(outcome(&post, false), expected, "{name}");
        assert_eq!(outcome(&post, true), expected, "{name}: required");
        // The secret beside it mends nothing.
        assert_eq!(outcome(&post.secret(CURRENT), false), expected, "{name}: with the secret");
    }
    // `+` and `/` are needed in the code for this to be another text.
    let bodies = (0..64).map(|n| Post::bare().body(&format!("{{\"n\":{n}}}")).signed(CURRENT, NOW));
    let post = bodies.into_iter().find(|post| post.signature().contains(['+', '/'])).unwrap();
    let raw = BASE64_STANDARD.decode(post.signature().trim_start_matches("v1,")).unwrap();
    let url_safe = post.resigned(|_| format!("v1,{}", BASE64_URL_SAFE.encode(raw)));
    assert_eq!(outcome(&url_safe, false), Err(Mismatch), "base64 for addresses");
}

#[test]
fn signature_and_secret() {
    let signed = |secret: &str| Post::bare().signed(secret, NOW);
    let cases = [
        ("both", signed(CURRENT).secret(CURRENT), Ok(())),
        ("in the middle of a rotation", signed(PREVIOUS).secret(CURRENT), Ok(())),
        ("wrong secret", signed(CURRENT).secret("another-secret"), Err(Mismatch)),
        ("empty secret", signed(CURRENT).secret(""), Err(Mismatch)),
        ("secret twice", signed(CURRENT).secret(CURRENT).again("x-internal-secret"), Err(Missing)),
        ("wrong signature", signed("another-secret").secret(CURRENT), Err(Mismatch)),
        ("an id alone", Post::bare().secret(CURRENT).with("webhook-id", "evt_1"), Err(Missing)),
        ("a time alone", Post::bare().secret(CURRENT).with("webhook-timestamp", NOW.to_string()), Err(Missing)),
        (
            "a signature alone",
            Post::bare().secret(CURRENT).with("webhook-signature", signed(CURRENT).signature()),
            Err(Missing),
        ),
    ];
    for (name, post, expected) in cases {
        assert_eq!(outcome(&post, false), expected, "{name}");
        assert_eq!(outcome(&post, true), expected, "{name}: required");
    }
}

#[test]
fn an_encoded_secret_signs_with_what_it_encodes() {
    let webhook = BaileysBuilder::new().with_config(Key::Secret, ENCODED).build_webhook().unwrap().with_clock(|| NOW);
    let verify = |post: &Post| {
        let body = Bytes::copy_from_slice(post.1.as_bytes());
        webhook.verify(WebhookRequest { method: &Method::POST, url: URL, headers: &post.0, body: &body }).map(|_| ())
    };
    assert_eq!(verify(&Post::bare().signed("some raw key of thirty bytes", NOW)), Ok(()));
    assert_eq!(verify(&Post::bare().secret(ENCODED)), Ok(()));
    assert_eq!(verify(&Post::bare().secret("some raw key of thirty bytes")), Err(Mismatch));
}

#[test]
fn without_a_usable_secret_nothing_is_built() {
    let cases = [
        ("", "missing"),
        (" padded", "printable"),
        ("שלום", "printable"),
        ("a\nb", "printable"),
        ("whsec_!", "base64"),
    ];
    for (secret, problem) in cases {
        let error = BaileysBuilder::new().with_config(Key::Secret, secret).build_webhook().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("`secret`") && error.to_string().contains(problem), "{error}");
        assert!(secret.is_empty() || !error.to_string().contains(secret), "{error}");
    }
    let builder = BaileysBuilder::new().with_config(Key::Secret, CURRENT);
    for (key, value) in [(Key::PreviousSecret, "whsec_!"), (Key::RequireSignature, "yes")] {
        let error = builder.clone().with_config(key, value).build_webhook().unwrap_err();
        assert!(error.to_string().contains(key.as_str()), "{error}");
    }
}

#[test]
fn the_real_clock_is_the_default() {
    let webhook = BaileysBuilder::new().with_config(Key::Secret, CURRENT).build_webhook().unwrap();
    let body = Bytes::from_static(BODY.as_bytes());
    let old = Post::bare().signed(CURRENT, 1_000_000_000);
    let request = WebhookRequest { method: &Method::POST, url: URL, headers: &old.0, body: &body };
    assert_eq!(webhook.verify(request).unwrap_err(), Stale);
}
