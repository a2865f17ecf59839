//! Behind a reverse proxy: nginx ends TLS on another port, and what providers sign is its address, not ours.
use std::net::{IpAddr, Ipv4Addr};

use serde_json::json;
use whatsapp_core::{
    Status,
    testing::{Inbound, Key, SignedRequest},
};

use crate::support::{Nginx, Town, by_bridge, by_meta, by_twilio, databases, post_from};

const INBOUND: &str = "/webhook/whatsapp/inbound";
const CONTACT: &str = "972541234567";

fn from(last: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(127, 0, 0, last))
}

/// Restarts the server with these variables.
async fn restart(town: &mut Town, environment: &[(&str, &str)]) {
    town.server.stop().await;
    for (name, value) in environment {
        town.server.set(name, *value);
    }
    town.server.start().await;
}

/// A text to Twilio's line, signed for this address.
fn text(town: &Town, url: &str, id: &str) -> SignedRequest {
    let (line, token) = (&town.twilio().line, town.twilio().line.settings.get("auth_token").unwrap());
    let account = line.settings.get("account_sid").unwrap();
    let fields = [
        ("AccountSid", account.expose()),
        ("MessageSid", id),
        ("From", "whatsapp:+972541234567"),
        ("To", line.line.as_str()),
        ("Body", id),
        ("NumMedia", "0"),
        ("MessageType", "text"),
        ("WaId", CONTACT),
    ];
    by_twilio(url, token, &fields)
}

/// Posts it; the status.
async fn post(webhook: &SignedRequest) -> u16 {
    post_from(from(1), webhook).await.0
}

/// The same request, sent to another address than the one it is signed for, with further headers.
fn sent_to(mut webhook: SignedRequest, url: String, headers: &[(&'static str, &str)]) -> SignedRequest {
    webhook.url = url;
    for (name, value) in headers {
        webhook.headers.insert(*name, value.parse().unwrap());
    }
    webhook
}

async fn in_every_proxied_town(test: impl AsyncFn(&mut Town, &Nginx)) {
    for database in databases().await {
        let mut town = Town::start(database).await;
        let port = town.server.origin.rsplit(':').next().unwrap().parse().unwrap();
        let Some(nginx) = Nginx::start(port).await else { return };
        test(&mut town, &nginx).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_address_is_what_the_operator_says() {
    in_every_proxied_town(async |town, nginx| {
        let public = nginx.origin.as_str();
        restart(town, &[("PUBLIC_BASE_URL", public)]).await;
        every_provider(town, public).await;
        // Path and query count byte for byte, whatever they mean.
        for query in ["?x=%d7%90&X=%D7%90", "?a+b=%20&&c", "?", "?bodySHA=%2f%2F"] {
            assert_eq!(post(&text(town, &format!("{public}{INBOUND}{query}"), "SMquery")).await, 200, "{query}");
        }
        // What a proxy says of it does not matter any more, be it ours.
        let headers = [("x-forwarded-host", "other.example"), ("x-forwarded-proto", "https")];
        let other = text(town, &format!("https://other.example{INBOUND}"), "SMother");
        assert_eq!(post(&sent_to(other, town.url(INBOUND), &headers)).await, 403);
        restart(town, &[("TRUSTED_PROXIES", "127.0.0.1")]).await;
        let other = text(town, &format!("https://other.example{INBOUND}"), "SMother");
        assert_eq!(post(&sent_to(other, town.url(INBOUND), &headers)).await, 403);
        assert_eq!(post(&text(town, &town.url(INBOUND), "SMinner")).await, 403, "signed for the inner address");
    })
    .await;
}

/// In and out, by every provider, by way of nginx.
async fn every_provider(town: &Town, public: &str) {
    town.world.twilio_fake.set_webhook_target(public);
    let twilio = town.twilio();
    let fake = town.fake(twilio);
    let item = Inbound::text("SMthrough", CONTACT, "דרך השער");
    for webhook in fake.webhooks(&twilio.line.line, &[item], Key::Current) {
        assert!(webhook.url.starts_with(public), "{}", webhook.url);
        assert_eq!(post_from(from(1), &webhook).await.0, 200);
    }
    twilio.client.hears("דרך השער").await;
    // The address for statuses, which Twilio signs too, is the public one.
    let sent = twilio.client.send(CONTACT, "החוצה").await;
    let item = Inbound::status(sent["sid"].as_str().unwrap(), CONTACT, Status::Read);
    for webhook in fake.webhooks(&twilio.line.line, &[item], Key::Current) {
        assert!(webhook.url.starts_with(&format!("{public}/webhook/whatsapp/status?")), "{}", webhook.url);
        assert_eq!(post(&webhook).await, 204);
    }
    twilio.client.reaches(sent["id"].as_str().unwrap(), "read").await;

    let meta = json!({ "object": "whatsapp_business_account", "entry": [] }).to_string();
    let meta = by_meta(&format!("{public}/api/whatsapp/webhook/meta"), &town.world.app_secret, meta);
    assert_eq!(post(&meta).await, 200);
    let items = [Inbound::text("3EB0THROUGH", CONTACT, "מהגשר")];
    let bridge = town.fake(town.baileys()).webhooks(&town.baileys().line.line, &items, Key::Current).remove(0);
    let bridge = by_bridge(&format!("{public}/webhook/whatsapp/incoming"), &town.world.internal_secret, bridge.body);
    assert_eq!(post(&bridge).await, 200);
    town.baileys().client.hears("מהגשר").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_proxy_says_the_public_address() {
    in_every_proxied_town(async |town, nginx| {
        let public = format!("{}{INBOUND}", nginx.origin);
        restart(town, &[("PUBLIC_BASE_URL", "")]).await;
        assert_eq!(post(&text(town, &public, "SMnobody")).await, 403, "nobody is trusted unless it is said");
        restart(town, &[("TRUSTED_PROXIES", "10.0.0.0/8, 127.0.0.1")]).await;
        assert_eq!(post(&text(town, &public, "SMtrusted")).await, 200);
        assert_eq!(post(&text(town, &format!("{public}?a=%d7%90+b"), "SMquery")).await, 200);
        // Whoever is no proxy of ours has no say, whatever the headers claim.
        let host = nginx.origin.strip_prefix("https://").unwrap();
        let claims = [("x-forwarded-host", host), ("x-forwarded-proto", "https"), ("x-forwarded-for", "127.0.0.1")];
        let claimed = |id: &str| sent_to(text(town, &public, id), town.url(INBOUND), &claims);
        assert_eq!(post_from(from(9), &claimed("SMforged")).await.0, 403);
        assert_eq!(post_from(from(1), &claimed("SMproxy")).await.0, 200, "the same by a proxy");
        let own = text(town, &town.url(INBOUND), "SMdirect");
        assert_eq!(post_from(from(9), &own).await.0, 200, "past the proxies the Host header counts");
        let bodies = town.twilio().client.inbound_bodies();
        assert!(!bodies.await.iter().any(|body| body == "SMforged" || body == "SMnobody"));
        everyone_has_a_limit_of_their_own(town, nginx).await;
    })
    .await;
}

/// Failures are counted by the address in front of the proxy, which nobody can make up.
async fn everyone_has_a_limit_of_their_own(town: &Town, nginx: &Nginx) {
    let wrong = text(town, "https://elsewhere.example/", "SMwrong");
    let url = format!("{}{INBOUND}", nginx.origin);
    let mut answers = Vec::new();
    for at in 0..70 {
        let invented = format!("198.51.100.{at}");
        let request = sent_to(wrong.clone(), url.clone(), &[("x-forwarded-for", &invented)]);
        answers.push(post_from(from(21), &request).await.0);
    }
    assert_eq!((answers.first(), answers.last()), (Some(&403), Some(&429)), "{answers:?}");
    assert_eq!(post_from(from(22), &sent_to(wrong, url, &[])).await.0, 403, "somebody else");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_in_front_of_ours_is_part_of_the_public_address() {
    in_every_proxied_town(async |town, nginx| {
        let public = format!("{}/wa", nginx.origin);
        restart(town, &[("PUBLIC_BASE_URL", &public)]).await;
        every_provider(town, &public).await;
        let without = text(town, &format!("{}{INBOUND}", nginx.origin), "SMwithout");
        assert_eq!(post(&sent_to(without, format!("{public}{INBOUND}"), &[])).await, 403, "signed without it");
        let (_, info) = town.twilio().client.get("/api/whatsapp/provider-info").await;
        assert_eq!(info["webhook_url"], json!(format!("{public}{INBOUND}")));
    })
    .await;
}
