//! Who may call, case by case.
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use whatsapp_core::{Challenge, HmacSha1, Rejection, Secret, Verifier, WebhookRequest};
use whatsapp_meta::{MetaBuilder, MetaConfigKey};

use super::{PREVIOUS, SECRET, VERIFY_TOKEN, mac, webhook};

const HEADER: &str = "x-hub-signature-256";
const BODY: &[u8] =
    br#"{"object":"whatsapp_business_account","entry":[{"id":"1","text":"\u05e9\u05dc\u05d5\u05dd \/"}]}"#;

type Verdict = Result<(), Rejection>;
type BodyCase = (&'static str, Vec<u8>, String, Verdict);
type HeaderCase<'h> = (&'static str, Vec<(&'static str, &'h [u8])>, Verdict);

fn verify(body: &[u8], headers: &[(&str, &[u8])]) -> Verdict {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_bytes(value).unwrap());
    }
    let body = Bytes::copy_from_slice(body);
    let request = WebhookRequest { method: &Method::POST, url: "https://shop.example/h", headers: &map, body: &body };
    webhook().verify(request).map(drop)
}

#[test]
fn bodies_and_secrets() {
    let changed = |from: &str, to: &str| String::from_utf8(BODY.to_vec()).unwrap().replace(from, to).into_bytes();
    let (bad, good) = (Err(Rejection::Mismatch), Ok(()));
    let cases: Vec<BodyCase> = vec![
        ("current secret", BODY.to_vec(), mac(SECRET, BODY), good),
        ("previous secret", BODY.to_vec(), mac(PREVIOUS, BODY), good),
        ("empty body", vec![], mac(SECRET, b""), good),
        ("binary body", vec![0, 255, 10], mac(SECRET, &[0, 255, 10]), good),
        ("large body", vec![b'x'; 3_000_000], mac(SECRET, &vec![b'x'; 3_000_000]), good),
        ("other secret", BODY.to_vec(), mac("another secret", BODY), bad),
        ("secret in another case", BODY.to_vec(), mac(&SECRET.to_uppercase(), BODY), bad),
        ("verify token as secret", BODY.to_vec(), mac(VERIFY_TOKEN, BODY), bad),
        ("secret with a newline", BODY.to_vec(), mac(&format!("{SECRET}\n"), BODY), bad),
        ("half a secret", BODY.to_vec(), mac("wire app", BODY), bad),
        ("both secrets joined", BODY.to_vec(), mac(&format!("{SECRET}{PREVIOUS}"), BODY), bad),
        ("one byte more", [BODY, b" "].concat(), mac(SECRET, BODY), bad),
        ("newline at the end", [BODY, b"\n"].concat(), mac(SECRET, BODY), bad),
        ("byte order mark", [b"\xef\xbb\xbf".as_slice(), BODY].concat(), mac(SECRET, BODY), bad),
        ("one byte less", BODY[..BODY.len() - 1].to_vec(), mac(SECRET, BODY), bad),
        ("first byte flipped", [b"[", &BODY[1..]].concat(), mac(SECRET, BODY), bad),
        ("no body", vec![], mac(SECRET, BODY), bad),
        ("body twice", [BODY, BODY].concat(), mac(SECRET, BODY), bad),
        ("Hebrew written out", changed(r"\u05e9\u05dc\u05d5\u05dd", "שלום"), mac(SECRET, BODY), bad),
        ("upper-case escapes", changed("05e9", "05E9"), mac(SECRET, BODY), bad),
        ("slash written out", changed(r"\/", "/"), mac(SECRET, BODY), bad),
        ("spaces between", changed(":", ": "), mac(SECRET, BODY), bad),
        ("code of nothing", BODY.to_vec(), mac(SECRET, b""), bad),
        ("zeros", BODY.to_vec(), "0".repeat(64), bad),
    ];
    for (name, body, mac, expected) in cases {
        assert_eq!(verify(&body, &[(HEADER, format!("sha256={mac}").as_bytes())]), expected, "{name}");
    }
}

#[test]
fn header_forms() {
    let good = mac(SECRET, BODY);
    let raw = hex::decode(&good).unwrap();
    let sha1 = hex::encode(HmacSha1::new([Secret::from(SECRET)]).unwrap().sign(&[BODY]));
    let mut swapped: Vec<_> = good.chars().collect();
    let at = swapped.windows(2).position(|pair| pair[0] != pair[1]).unwrap();
    swapped.swap(at, at + 1);
    let flipped = if good.starts_with('a') { 'b' } else { 'a' };
    let cases: Vec<(&str, String, Rejection)> = vec![
        ("empty", String::new(), Rejection::Malformed),
        ("no prefix", good.clone(), Rejection::Malformed),
        ("prefix alone", "sha256=".into(), Rejection::Malformed),
        ("prefix in capitals", format!("SHA256={good}"), Rejection::Malformed),
        ("prefix with a dash", format!("sha-256={good}"), Rejection::Malformed),
        ("prefix twice", format!("sha256=sha256={good}"), Rejection::Malformed),
        ("colon", format!("sha256:{good}"), Rejection::Malformed),
        ("two equal signs", format!("sha256=={good}"), Rejection::Malformed),
        ("sha1 under the name of sha256", format!("sha256={sha1}"), Rejection::Malformed),
        ("sha1", format!("sha1={sha1}"), Rejection::Malformed),
        ("sha512 as algorithm", format!("sha512={good}"), Rejection::Malformed),
        ("no algorithm", format!("none={good}"), Rejection::Malformed),
        ("upper-case digits", format!("sha256={}", good.to_uppercase()), Rejection::Malformed),
        ("one digit less", format!("sha256={}", &good[..63]), Rejection::Malformed),
        ("two digits less", format!("sha256={}", &good[..62]), Rejection::Malformed),
        ("one digit more", format!("sha256={good}0"), Rejection::Malformed),
        ("twice in one", format!("sha256={good}{good}"), Rejection::Malformed),
        ("space inside", format!("sha256= {good}"), Rejection::Malformed),
        ("space before", format!(" sha256={good}"), Rejection::Malformed),
        ("space behind", format!("sha256={good} "), Rejection::Malformed),
        ("tab behind", format!("sha256={good}\t"), Rejection::Malformed),
        ("list", format!("sha256={good},sha256={good}"), Rejection::Malformed),
        ("quotes", format!("\"sha256={good}\""), Rejection::Malformed),
        ("0x", format!("sha256=0x{}", &good[2..]), Rejection::Malformed),
        ("not hexadecimal", format!("sha256={}", "g".repeat(64)), Rejection::Malformed),
        ("base64", format!("sha256={}", BASE64_STANDARD.encode(&raw)), Rejection::Malformed),
        ("base64 of the digits", format!("sha256={}", BASE64_STANDARD.encode(&good)), Rejection::Malformed),
        ("Standard Webhooks form", format!("v1,{}", BASE64_STANDARD.encode(&raw)), Rejection::Malformed),
        ("percent encoding", format!("sha256%3D{good}"), Rejection::Malformed),
        ("backwards", format!("sha256={}", good.chars().rev().collect::<String>()), Rejection::Mismatch),
        ("swapped digits", format!("sha256={}", swapped.iter().collect::<String>()), Rejection::Mismatch),
        ("first digit changed", format!("sha256={flipped}{}", &good[1..]), Rejection::Mismatch),
    ];
    for (name, header, expected) in cases {
        assert_eq!(verify(BODY, &[(HEADER, header.as_bytes())]), Err(expected), "{name}");
    }
}

#[test]
fn header_presence() {
    let good = format!("sha256={}", mac(SECRET, BODY));
    let good = good.as_bytes();
    let cases: Vec<HeaderCase<'_>> = vec![
        ("none", vec![], Err(Rejection::Missing)),
        ("repeated", vec![(HEADER, good), (HEADER, good)], Err(Rejection::Missing)),
        ("a bad one before", vec![(HEADER, b"sha256=00"), (HEADER, good)], Err(Rejection::Missing)),
        ("not ASCII", vec![(HEADER, b"sha256=\xff\xfe")], Err(Rejection::Missing)),
        ("the legacy header only", vec![("x-hub-signature", good)], Err(Rejection::Missing)),
        ("another name", vec![("x-hub-signature-512", good)], Err(Rejection::Missing)),
        ("name in capitals", vec![("X-HUB-SIGNATURE-256", good)], Ok(())),
        ("beside a wrong legacy header", vec![(HEADER, good), ("x-hub-signature", b"sha1=00")], Ok(())),
    ];
    for (name, headers, expected) in cases {
        assert_eq!(verify(BODY, &headers), expected, "{name}");
    }
}

#[test]
fn published_vector() {
    // HMAC-SHA256 of a body that only differs by spaces: other bytes, other code.
    let webhook = MetaBuilder::new().with_config(MetaConfigKey::AppSecret, "test_app_secret").build_webhook().unwrap();
    let vectors = [
        (
            "{\"object\":\"whatsapp_business_account\",\"entry\":[]}",
            "dec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c633756",
        ),
        (
            "{\"object\": \"whatsapp_business_account\", \"entry\": []}",
            "56cbbaf4961c6cfdae48b7f116c047e5eb513d2c931baae63a2bc1afd26f803a",
        ),
        ("", "517bc4c7d1d8d400868e0ad6f64b77098b818a2f2595004253a1922302a602c0"),
    ];
    for (body, mac) in vectors {
        let body = Bytes::from_static(body.as_bytes());
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, format!("sha256={mac}").parse().unwrap());
        let request =
            WebhookRequest { method: &Method::POST, url: "https://a.example/", headers: &headers, body: &body };
        assert!(webhook.verify(request).is_ok());
    }
}

fn challenge(method: &Method, query: &str) -> Option<Result<Challenge, Rejection>> {
    let (url, body) = (format!("https://shop.example/hook{query}"), Bytes::new());
    webhook().challenge(&WebhookRequest { method, url: &url, headers: &HeaderMap::new(), body: &body })
}

#[test]
fn challenges() {
    const TOKEN: &str = "wire+verify%20token%2B%2F%3D";
    let get = |query: &str| challenge(&Method::GET, query);
    let asked = |text: &str| get(&format!("?hub.mode=subscribe&hub.challenge={text}&hub.verify_token={TOKEN}"));
    for text in ["1158201444", "a-B_9", &"7".repeat(128), "%31%32"] {
        let answer = asked(text).unwrap().unwrap();
        assert_eq!(answer.as_str(), text.replace("%31%32", "12"));
    }
    for text in ["", "<script>", "%3Cscript%3E", "a b", "1%0A2", &"7".repeat(129), "%D7%A9"] {
        assert_eq!(asked(text), Some(Err(Rejection::Malformed)), "{text}");
    }
    let cases: [(String, Option<Rejection>); 10] = [
        (String::new(), None),
        ("?page=1".into(), None),
        (format!("?hub.challenge=1&hub.verify_token={TOKEN}"), Some(Rejection::Malformed)),
        (format!("?hub.mode=unsubscribe&hub.challenge=1&hub.verify_token={TOKEN}"), Some(Rejection::Malformed)),
        (
            format!("?hub.mode=subscribe&hub.mode=subscribe&hub.challenge=1&hub.verify_token={TOKEN}"),
            Some(Rejection::Malformed),
        ),
        (format!("?hub.mode=subscribe&hub.verify_token={TOKEN}"), Some(Rejection::Malformed)),
        ("?hub.mode=subscribe&hub.challenge=1".into(), Some(Rejection::Missing)),
        (
            format!("?hub.mode=subscribe&hub.challenge=1&hub.verify_token={TOKEN}&hub.verify_token={TOKEN}"),
            Some(Rejection::Missing),
        ),
        ("?hub.mode=subscribe&hub.challenge=1&hub.verify_token=".into(), Some(Rejection::Mismatch)),
        ("?hub.mode=subscribe&hub.challenge=1&hub.verify_token=wrong".into(), Some(Rejection::Mismatch)),
    ];
    for (query, expected) in cases {
        assert_eq!(get(&query), expected.map(Err), "{query}");
    }
    let good = format!("?hub.mode=subscribe&hub.challenge=1&hub.verify_token={TOKEN}");
    assert_eq!(challenge(&Method::POST, &good), None);
}

#[test]
fn without_a_verify_token_every_check_is_refused() {
    let webhook = MetaBuilder::new().with_config(MetaConfigKey::AppSecret, SECRET).build_webhook().unwrap();
    for token in ["", "None", SECRET] {
        let url = format!("https://shop.example/?hub.mode=subscribe&hub.challenge=1&hub.verify_token={token}");
        let (headers, body) = (HeaderMap::new(), Bytes::new());
        let request = WebhookRequest { method: &Method::GET, url: &url, headers: &headers, body: &body };
        assert_eq!(webhook.challenge(&request), Some(Err(Rejection::Mismatch)));
    }
}
