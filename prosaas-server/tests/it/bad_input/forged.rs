//! Requests that are not from who they say: refused, and nothing of them is kept.
use std::net::{IpAddr, Ipv4Addr};

use bytes::Bytes;
use http::{HeaderValue, Method};
use whatsapp_core::testing::{Inbound, Key, SignedRequest};

use super::{Kept, text};
use crate::support::{Business, Town, in_every_town, post_from, post_from_afar};

type Case = (String, SignedRequest);

/// Cases made from `valid` by one change each.
struct Cases<'v> {
    valid: &'v SignedRequest,
    made: Vec<Case>,
}

impl<'v> Cases<'v> {
    fn new(valid: &'v SignedRequest) -> Self {
        Self { valid, made: Vec::new() }
    }

    fn add(&mut self, what: impl Into<String>, change: impl FnOnce(&mut SignedRequest)) {
        let mut request = self.valid.clone();
        change(&mut request);
        self.made.push((what.into(), request));
    }

    fn header(&mut self, name: &'static str, value: impl AsRef<[u8]>) {
        let value = HeaderValue::from_bytes(value.as_ref()).unwrap();
        self.add(format!("{name}: {value:?}"), |request| drop(request.headers.insert(name, value)));
    }

    fn without(&mut self, names: &[&str]) {
        self.add(format!("without {names:?}"), |request| {
            for name in names {
                request.headers.remove(*name);
            }
        });
    }

    fn body(&mut self, what: impl Into<String>, body: impl Into<Bytes>) {
        self.add(what, |request| request.body = body.into());
    }

    /// One bit of each of some bytes of the body.
    fn body_bits(&mut self) {
        let length = self.valid.body.len();
        for part in 0..10 {
            let at = part * (length - 1) / 9;
            let mut body = self.valid.body.to_vec();
            body[at] ^= 1;
            self.body(format!("bit at byte {at}"), body);
        }
    }

    /// Ends and beginnings of the body.
    fn body_edges(&mut self) {
        let body = self.valid.body.clone();
        self.body("empty", "");
        self.body("a byte less", body.slice(..body.len() - 1));
        self.body("half", body.slice(..body.len() / 2));
        self.body("first byte gone", body.slice(1..));
        self.body("twice", [body.as_ref(), body.as_ref()].concat());
        self.body("a blank more", [body.as_ref(), b" "].concat());
        self.body("a zero byte more", [body.as_ref(), b"\0"].concat());
        self.body("byte order mark", [b"\xef\xbb\xbf", body.as_ref()].concat());
    }

    /// Every character of the signature in turn, and odd spellings.
    fn signature(&mut self, name: &'static str, prefix: &str) {
        let value = self.valid.headers[name].to_str().unwrap().to_owned();
        let mac = value.strip_prefix(prefix).unwrap();
        for at in (0..mac.len()).step_by(mac.len() / 8) {
            let other = if mac.as_bytes()[at] == b'7' { "8" } else { "7" };
            let mut wrong = value.clone();
            wrong.replace_range(prefix.len() + at..=prefix.len() + at, other);
            self.header(name, wrong);
        }
        self.without(&[name]);
        let wrong = [
            String::new(),
            prefix.to_owned(),
            format!("{prefix}{}", &mac[..mac.len() - 1]),
            format!("{prefix}{}", &mac[..2]),
            format!("{prefix}{mac}{mac}"),
            format!("{prefix}{}", "0".repeat(mac.len())),
            format!("{prefix}0x{mac}"),
            format!("{prefix}{mac}\u{e9}"),
            mac.chars().rev().collect(),
        ];
        for wrong in wrong {
            self.header(name, wrong);
        }
        self.add(format!("{name} twice"), |request| {
            request.headers.insert(name, HeaderValue::from_static("x"));
            request.headers.append(name, value.parse().unwrap());
        });
    }

    fn methods(&mut self) {
        for method in [Method::PUT, Method::PATCH, Method::DELETE, Method::GET] {
            self.add(method.to_string(), |request| request.method = method.clone());
        }
    }

    fn paths(&mut self, origin: &str, paths: &[&str]) {
        for path in paths {
            self.add(format!("to {path}"), |request| request.url = format!("{origin}{path}"));
        }
    }
}

/// Delivers all; none may pass, and nothing may be kept.
async fn none_passes(town: &Town, cases: Vec<Case>, wrong: u16) {
    assert!(cases.len() >= 40, "{} cases", cases.len());
    let before = Kept::of(town).await;
    for (what, request) in &cases {
        let (status, text) = post_from_afar(request).await;
        let other_place = request.method != Method::POST || what.starts_with("to ");
        let refused = if other_place { matches!(status, 401 | 403 | 404 | 405) } else { status == wrong };
        assert!(refused, "{what}: {status} {text}");
    }
    assert_eq!(Kept::of(town).await, before);
}

async fn passes(town: &Town, business: &Business, valid: &SignedRequest, body: &str) {
    let (status, text) = post_from_afar(valid).await;
    assert!(matches!(status, 200 | 204), "unchanged it passes: {status} {text}");
    business.client.hears(body).await;
    assert_eq!(Kept::of(town).await.messages, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn meta() {
    in_every_town(async |town| {
        let valid = text(town, town.meta(), "wamid.valid");
        let mut cases = Cases::new(&valid);
        cases.signature("x-hub-signature-256", "sha256=");
        cases.body_bits();
        cases.body_edges();
        cases.methods();
        cases.paths(
            &town.server.origin,
            &[
                "/webhook/whatsapp/inbound",
                "/webhook/whatsapp/status",
                "/webhook/whatsapp/incoming",
                "/api/whatsapp/webhook/meta/0",
            ],
        );
        let mac = valid.headers["x-hub-signature-256"].to_str().unwrap().to_owned();
        for odd in
            [mac.to_uppercase(), mac.replace("sha256=", "sha1="), mac.replace('=', ":"), format!(" {mac}, {mac}")]
        {
            cases.header("x-hub-signature-256", odd);
        }
        // The older scheme alone proves nothing.
        cases.without(&["x-hub-signature-256"]);
        cases.add("sha1 in place of sha256", |request| {
            let weak = request.headers["x-hub-signature"].clone();
            request.headers.insert("x-hub-signature-256", weak);
        });
        let stranger = town.fake(town.meta()).webhooks(
            &town.meta().line.line,
            &[Inbound::text("o", "972570000001", "o")],
            Key::Other,
        );
        cases.made.push(("somebody else's app".to_owned(), stranger[0].clone()));
        let former = town.fake(town.meta()).webhooks(
            &town.meta().line.line,
            &[Inbound::text("p", "972570000001", "p")],
            Key::Previous,
        );
        cases.made.push(("a secret that was never ours".to_owned(), former[0].clone()));
        let status = text(town, town.meta(), "wamid.other").headers["x-hub-signature-256"].clone();
        cases.header("x-hub-signature-256", status.as_bytes());
        none_passes(town, cases.made, 401).await;
        passes(town, town.meta(), &valid, "הודעה wamid.valid 🙂").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twilio() {
    in_every_town(async |town| {
        let valid = text(town, town.twilio(), "SMvalid");
        let mut cases = Cases::new(&valid);
        cases.signature("x-twilio-signature", "");
        cases.body_edges();
        cases.methods();
        let form = String::from_utf8(valid.body.to_vec()).unwrap();
        for (key, value) in [
            ("Body", "x"),
            ("From", "whatsapp%3A%2B1"),
            ("MessageSid", "SMother"),
            ("To", "x"),
            ("New", "1"),
            ("NumMedia", "1"),
        ] {
            cases.body(format!("{key} added"), format!("{form}&{key}={value}"));
            cases.body(format!("{key} before"), format!("{key}={value}&{form}"));
        }
        for key in ["Body", "From", "MessageSid", "WaId"] {
            let kept: Vec<_> = form.split('&').filter(|pair| !pair.starts_with(&format!("{key}="))).collect();
            cases.body(format!("{key} left out"), kept.join("&"));
        }
        let account = town.twilio().line.settings.get("account_sid").unwrap().expose().to_owned();
        cases.body("another account", form.replace(&account, &account.replace("AC", "AD")));
        cases.body("JSON", "{}");
        for kind in ["application/json", "text/plain", "multipart/form-data; boundary=x", ""] {
            cases.header("content-type", kind);
        }
        cases.without(&["content-type"]);
        let origin = &town.server.origin;
        cases.paths(origin, &["/webhook/whatsapp/status", "/webhook/whatsapp/incoming", "/api/whatsapp/webhook/meta"]);
        for tail in ["?", "?x=1", "/", "?bodySHA256=0", "?c=00000000000000000000000000000000.0"] {
            cases.paths(origin, &[&format!("/webhook/whatsapp/inbound{tail}")]);
        }
        for settings in ["algorithm=HMAC_SHA256", "key=x,algorithm=HMAC_SHA256", "algorithm=none", "nonsense"] {
            cases.header("x-twilio-webhooks-signature-settings", settings);
        }
        for key in [Key::Other, Key::Previous] {
            let items = [Inbound::text("SMo", "972570000001", "o")];
            let other = town.fake(town.twilio()).webhooks(&town.twilio().line.line, &items, key);
            cases.made.push((format!("{key:?} token"), other[0].clone()));
        }
        none_passes(town, cases.made, 403).await;
        passes(town, town.twilio(), &valid, "הודעה SMvalid 🙂").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bridge() {
    in_every_town(async |town| {
        let valid = text(town, town.baileys(), "3EB0VALID");
        let mut cases = Cases::new(&valid);
        cases.signature("webhook-signature", "v1,");
        cases.body_bits();
        cases.body_edges();
        cases.methods();
        cases.header("x-internal-secret", "wrong");
        cases.header("x-internal-secret", "");
        cases.header("webhook-id", "evt_other");
        cases.header("webhook-id", "");
        for at in ["0", "-1", "x", "", "99999999999", "1.7e9", "18446744073709551616"] {
            cases.header("webhook-timestamp", at);
        }
        let all = ["webhook-id", "webhook-timestamp", "webhook-signature"];
        for name in all {
            cases.without(&[name]);
            cases.without(&[name, "x-internal-secret"]);
        }
        cases.without(&[all.as_slice(), &["x-internal-secret"]].concat());
        cases.add("neither signature nor the right secret", |request| {
            for name in all {
                request.headers.remove(name);
            }
            request.headers.insert("x-internal-secret", HeaderValue::from_static("guessed"));
        });
        let origin = &town.server.origin;
        cases.paths(origin, &["/webhook/whatsapp/inbound", "/webhook/whatsapp/status", "/api/whatsapp/webhook/meta"]);
        let items = [Inbound::text("3EB0OTHER", "972570000001", "o")];
        let other = town.fake(town.baileys()).webhooks(&town.baileys().line.line, &items, Key::Other);
        cases.made.push(("another bridge".to_owned(), other[0].clone()));
        none_passes(town, cases.made, 401).await;
        // The link of the phone was told before, by webhook.
        passes(town, town.baileys(), &valid, "הודעה 3EB0VALID 🙂").await;
    })
    .await;
}

/// Who fails too often is put off; what verifies never is, wherever it comes from.
#[tokio::test(flavor = "multi_thread")]
async fn many_failures_meet_a_limit() {
    in_every_town(async |town| {
        let address = IpAddr::V4(Ipv4Addr::new(127, 66, 0, 1));
        let mut forged = text(town, town.meta(), "wamid.f");
        forged.headers.insert("x-hub-signature-256", HeaderValue::from_static("sha256=00"));
        let mut refused = 0;
        for _ in 0..90 {
            match post_from(address, &forged).await.0 {
                401 => refused += 1,
                429 => break,
                other => panic!("{other}"),
            }
        }
        assert!((50..90).contains(&refused), "{refused}");
        let valid = text(town, town.meta(), "wamid.v");
        assert_eq!(post_from(address, &valid).await.0, 200);
        town.meta().client.hears("הודעה wamid.v 🙂").await;
    })
    .await;
}
