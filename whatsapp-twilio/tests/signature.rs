//! Signatures: a table of requests and what becomes of them.
//!
//! `fixtures/signature_vectors.json` was signed by another implementation (Python's `hmac`): the address as Twilio calls
//! it, then for a form `key + value` of `sorted(set(parse_qsl(body)))`.
#![expect(clippy::unwrap_used, reason = "test code")]

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderName};
use serde::Deserialize;
use whatsapp_core::{HmacSha1, HmacSha256, Rejection, Secret, Verifier, WebhookRequest};
use whatsapp_twilio::{TwilioWebhook, account_hint};

#[derive(Deserialize)]
struct Vector {
    name: String,
    expect: String,
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: String,
    tokens: Vec<Secret>,
    shared: Vec<(Option<String>, Secret)>,
}

fn headers(pairs: &[(String, String)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in pairs {
        map.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
    }
    map
}

#[test]
fn table() {
    let vectors: Vec<Vector> = serde_json::from_str(include_str!("../fixtures/signature_vectors.json")).unwrap();
    assert!(vectors.len() == 167);
    for vector in vectors {
        let mut webhook = TwilioWebhook::new(vector.tokens).unwrap();
        for (id, key) in vector.shared {
            webhook = webhook.with_shared_key(id.as_deref(), key).unwrap();
        }
        let (method, headers, body) =
            (vector.method.parse().unwrap(), headers(&vector.headers), Bytes::from(vector.body));
        let request = WebhookRequest { method: &method, url: &vector.url, headers: &headers, body: &body };
        let found = match webhook.verify(request) {
            Ok(verified) => {
                assert_eq!(verified.body(), &body);
                "ok"
            }
            Err(Rejection::Missing) => "missing",
            Err(Rejection::Malformed) => "malformed",
            Err(Rejection::Mismatch) => "mismatch",
            Err(other) => panic!("{other:?}"),
        };
        assert_eq!(found, vector.expect, "{}", vector.name);
    }
}

#[test]
fn every_flipped_bit_of_address_and_signature_is_noticed() {
    let vectors: Vec<Vector> = serde_json::from_str(include_str!("../fixtures/signature_vectors.json")).unwrap();
    let vector = vectors.into_iter().find(|vector| vector.name == "query and form").unwrap();
    let webhook = TwilioWebhook::new(vector.tokens).unwrap();
    let (method, good, body) = (vector.method.parse().unwrap(), headers(&vector.headers), Bytes::from(vector.body));
    let accepts = |url: &str, headers: &HeaderMap| {
        webhook.verify(WebhookRequest { method: &method, url, headers, body: &body }).is_ok()
    };
    assert!(accepts(&vector.url, &good));
    let flips = |text: &str| -> Vec<String> {
        let flipped = (0..text.len() * 7).filter_map(|bit| {
            let mut bytes = text.as_bytes().to_vec();
            bytes[bit / 7] ^= 1 << (bit % 7);
            String::from_utf8(bytes).ok()
        });
        flipped.collect()
    };
    for url in flips(&vector.url) {
        assert!(!accepts(&url, &good), "{url}");
    }
    for signature in flips(good["x-twilio-signature"].to_str().unwrap()) {
        let mut headers = good.clone();
        let Ok(value) = signature.parse() else { continue };
        headers.insert("x-twilio-signature", value);
        assert!(!accepts(&vector.url, &headers), "{signature}");
    }
}

#[test]
fn without_a_secret_there_is_no_verifier() {
    for tokens in [vec![], vec![""], vec!["good", ""]] {
        let error = TwilioWebhook::new(tokens.into_iter().map(Secret::from)).unwrap_err();
        assert!(error.to_string().contains("auth_token"), "{error}");
    }
    let webhook = || TwilioWebhook::new(["token".into()]).unwrap();
    assert!(webhook().with_shared_key(None, "".into()).is_err());
    assert!(webhook().with_status_callback_secret("".into()).is_err());
    assert_eq!(webhook().with_account_sid("AC1").account_sid(), Some("AC1"));
}

#[test]
fn the_account_is_hinted_at_before_anything_is_verified() {
    let form = [("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
    let json = [("content-type".to_owned(), "application/json".to_owned())];
    for (method, url, given, body, hinted) in [
        ("POST", "https://a.example/", &form, "Body=x&AccountSid=AC1", Some("AC1")),
        ("POST", "https://a.example/", &form, "Account%53id=AC%31", Some("AC1")),
        ("GET", "https://a.example/?AccountSid=AC2", &form, "", Some("AC2")),
        ("GET", "https://a.example/?AccountSid=AC2", &form, "AccountSid=AC1", Some("AC2")),
        ("POST", "https://a.example/?AccountSid=AC2", &form, "Body=x", None),
        ("POST", "https://a.example/", &form, "AccountSid=AC1&AccountSid=AC1", None),
        ("POST", "https://a.example/", &form, "AccountSid=AC1&AccountSid=AC2", None),
        ("POST", "https://a.example/", &form, "AccountSid=", None),
        ("POST", "https://a.example/", &form, "accountsid=AC1", None),
        ("POST", "https://a.example/", &form, "", None),
        ("POST", "https://a.example/", &json, "AccountSid=AC1", None),
    ] {
        let (method, headers, body) = (method.parse().unwrap(), headers(given), Bytes::from(body));
        let request = WebhookRequest { method: &method, url, headers: &headers, body: &body };
        assert_eq!(account_hint(&request).as_ref().map(whatsapp_core::Hint::as_str), hinted, "{url} {body:?}");
        assert_eq!(TwilioWebhook::new(["t".into()]).unwrap().hint(&request), account_hint(&request));
    }
}

#[derive(Deserialize)]
struct Extra {
    name: String,
    group: String,
    algorithm: String,
    secret: Secret,
    method: String,
    url: String,
    raw_form: Option<String>,
    body: Option<String>,
    signature: String,
    valid: bool,
}

/// Runs the vectors of the folder that `EXTRA_FIXTURES` names, if it names one.
#[test]
fn extra_vectors() {
    let Some(folder) = whatsapp_core::testing::extra_fixtures("twilio") else { return };
    let text = std::fs::read_to_string(std::path::Path::new(&folder).join("signature_vectors.json")).unwrap();
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let vectors: Vec<Extra> = serde_json::from_value(file["vectors"].clone()).unwrap();
    for vector in vectors {
        let is_shared = vector.algorithm != "HMAC_SHA1";
        let content_type =
            if vector.raw_form.is_some() { "application/x-www-form-urlencoded" } else { "application/json" };
        let mut given = vec![
            ("content-type".to_owned(), content_type.to_owned()),
            ("x-twilio-signature".to_owned(), vector.signature),
        ];
        if is_shared {
            let settings = format!("key=webhooks_sharedkey_01abc,algorithm={}", vector.algorithm);
            given.push(("x-twilio-webhooks-signature-settings".to_owned(), settings));
        }
        let webhook = if is_shared {
            TwilioWebhook::new(["another".into()]).and_then(|webhook| webhook.with_shared_key(None, vector.secret))
        } else {
            TwilioWebhook::new([vector.secret])
        };
        let (method, headers) = (vector.method.parse().unwrap(), headers(&given));
        let body = Bytes::from(vector.raw_form.or(vector.body).unwrap());
        let request = WebhookRequest { method: &method, url: &vector.url, headers: &headers, body: &body };
        let accepted = webhook.is_ok_and(|webhook| webhook.verify(request).is_ok());
        if matches!(vector.group.as_str(), "core" | "robustness") {
            assert_eq!(accepted, vector.valid, "{}", vector.name);
        } else {
            println!(
                "{} ({}): {}",
                vector.name,
                vector.group,
                if accepted == vector.valid { "passes" } else { "differs" }
            );
        }
    }
}

/// Runs the settings headers of the folder that `EXTRA_FIXTURES` names, if it names one.
#[test]
fn extra_settings_headers() {
    let Some(folder) = whatsapp_core::testing::extra_fixtures("twilio") else { return };
    let text = std::fs::read_to_string(std::path::Path::new(&folder).join("signature_settings_header.json")).unwrap();
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let (url, body, method) = ("https://a.example/", Bytes::new(), http::Method::GET);
    for case in file["cases"].as_array().unwrap() {
        let (sha1, sha256) = (HmacSha1::new(["t".into()]).unwrap(), HmacSha256::new(["s".into()]).unwrap());
        let webhook = TwilioWebhook::new(["t".into()]).unwrap().with_shared_key(None, "s".into()).unwrap();
        for (algorithm, mac) in
            [("HMAC_SHA1", sha1.sign(&[url.as_bytes()])), ("HMAC_SHA256", sha256.sign(&[url.as_bytes()]))]
        {
            let mut given = vec![("x-twilio-signature".to_owned(), BASE64_STANDARD.encode(mac))];
            if let Some(settings) = case["header"].as_str() {
                given.push(("x-twilio-webhooks-signature-settings".to_owned(), settings.to_owned()));
            }
            let headers = headers(&given);
            let accepted =
                webhook.verify(WebhookRequest { method: &method, url, headers: &headers, body: &body }).is_ok();
            assert_eq!(accepted, case["algorithm"] == algorithm, "{case}");
        }
    }
}
