//! Verified, but not what anybody expects: answered with 200 and kept, so that it is not asked for again.
use std::time::Duration;

use bytes::Bytes;
use serde_json::json;

use super::{Kept, token};
use crate::support::{Town, by_bridge, by_meta, by_twilio, eventually, in_every_town, post_from_afar};

async fn keeps(town: &Town, what: &str, webhook: &whatsapp_core::testing::SignedRequest, unparsed: i64, orphans: i64) {
    let before = Kept::of(town).await;
    let (status, text) = post_from_afar(webhook).await;
    assert!(matches!(status, 200 | 204), "{what}: {status} {text}");
    let after = Kept::of(town).await;
    let expected = Kept {
        bodies: before.bodies + i64::from(unparsed + orphans > 0),
        unparsed: before.unparsed + unparsed,
        orphans: before.orphans + orphans,
        seen: before.seen + orphans,
        messages: before.messages,
    };
    assert_eq!(after, expected, "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_kept() {
    in_every_town(async |town| {
        let (meta, bridge) = (town.url("/api/whatsapp/webhook/meta"), town.url("/webhook/whatsapp/incoming"));
        let deep = "[".repeat(100_000);
        let bodies: [&[u8]; 6] = [b"", b"not JSON", b"{", b"[]", b"\xff\xfe\0", deep.as_bytes()];
        for body in bodies {
            let what = String::from_utf8_lossy(&body[..body.len().min(20)]).into_owned();
            let body = Bytes::copy_from_slice(body);
            keeps(town, &what, &by_meta(&meta, &town.world.app_secret, body.clone()), 1, 0).await;
            keeps(town, &what, &by_bridge(&bridge, &town.world.internal_secret, body), 1, 0).await;
        }
        keeps(town, "of no kind", &by_meta(&meta, &town.world.app_secret, r#"{"object":5}"#), 0, 1).await;
        keeps(town, "of no tenant", &by_bridge(&bridge, &town.world.internal_secret, "{}"), 1, 0).await;
        let stranger = json!({ "tenantId": "nobody", "event": "messages.upsert", "payload": { "messages": [{}] } });
        let webhook = by_bridge(&bridge, &town.world.internal_secret, stranger.to_string());
        keeps(town, "unknown tenant", &webhook, 0, 1).await;
        let stranger = json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": [{
            "field": "messages", "value": { "messaging_product": "whatsapp",
                "metadata": { "display_phone_number": "1", "phone_number_id": "404" },
                "messages": [{ "from": "972570000001", "id": "wamid.4", "timestamp": "1", "type": "text", "text": { "body": "x" } }] },
        }] }] });
        keeps(town, "unknown number", &by_meta(&meta, &town.world.app_secret, stranger.to_string()), 0, 1).await;
        let account = town.twilio().line.settings.get("account_sid").unwrap().expose().to_owned();
        let inbound = town.url("/webhook/whatsapp/inbound");
        let fields = [("AccountSid", account.as_str()), ("MessageSid", "SM404"), ("To", "whatsapp:+19999999999"), ("From", "whatsapp:+972570000001"), ("Body", "x")];
        keeps(town, "unknown sender", &by_twilio(&inbound, &token(town.twilio()), &fields), 0, 1).await;
        let fields = [("AccountSid", account.as_str()), ("Strange", "1")];
        keeps(town, "a form of no kind", &by_twilio(&inbound, &token(town.twilio()), &fields), 0, 1).await;
        // The same again is known.
        keeps(town, "a form of no kind, again", &by_twilio(&inbound, &token(town.twilio()), &fields), 0, 0).await;
    })
    .await;
}

/// Text may hold anything: what a database cannot hold must not hold up the line, nor be refused for ever.
#[tokio::test(flavor = "multi_thread")]
async fn odd_characters_do_no_harm() {
    in_every_town(async |town| {
        for business in &town.businesses {
            let odd = "a\u{0}b\u{1}\u{202e}ש\u{1F600}\u{FFFF}";
            town.writes(business, "odd-1", "972570000001", odd);
            town.writes(business, "odd-2", "972570000001", "אחרי המוזר");
            business.client.hears("אחרי המוזר").await;
            eventually("the odd text", Duration::from_secs(5), async || {
                business.client.inbound_bodies().await.iter().any(|body| body.starts_with('a')).then_some(())
            })
            .await;
            let body = json!({ "to": "0570000001", "text": odd });
            let (status, answer) = business.client.post("/api/whatsapp/send", &body).await;
            assert_eq!(status, 422, "{}: {answer}", business.provider);
            assert!(answer["fields"]["text"].is_string(), "{answer}");
            let escaped = r#"{"to":"0570000001","text":"\\u0000 is a spelling"}"#.as_bytes().to_vec();
            assert_eq!(business.client.raw("POST", "/api/whatsapp/send", &[], escaped).await.0, 200);
            assert_eq!(business.client.send("0570000001", "אחרי").await["status"], "sent");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_subscription_check() {
    in_every_town(async |town| {
        let client = town.meta().client.stranger();
        let check =
            async |query: &str| client.raw("GET", &format!("/api/whatsapp/webhook/meta{query}"), &[], Vec::new()).await;
        for address in ["/api/whatsapp/webhook", "/api/whatsapp/webhook/meta", "/api/whatsapp_meta/webhook"] {
            let query = "?hub.mode=subscribe&hub.verify_token=verify-me&hub.challenge=1158201444";
            let (status, text) = client.raw("GET", &format!("{address}{query}"), &[], Vec::new()).await;
            assert_eq!((status, text.as_str()), (200, "1158201444"));
        }
        for wrong in [
            "",
            "?hub.mode=subscribe&hub.challenge=1",
            "?hub.mode=subscribe&hub.verify_token=&hub.challenge=1",
            "?hub.mode=subscribe&hub.verify_token=verify-m&hub.challenge=1",
            "?hub.mode=subscribe&hub.verify_token=VERIFY-ME&hub.challenge=1",
            "?hub.mode=subscribe&hub.verify_token=verify-me",
            "?hub.mode=unsubscribe&hub.verify_token=verify-me&hub.challenge=1",
            "?hub.verify_token=verify-me&hub.challenge=1",
        ] {
            assert_eq!(check(wrong).await.0, 403, "{wrong}");
        }
        // A challenge that is markup is not given back as markup.
        let script = "?hub.mode=subscribe&hub.verify_token=verify-me&hub.challenge=%3Cscript%3Ealert(1)%3C/script%3E";
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = http.get(town.url(&format!("/api/whatsapp/webhook/meta{script}"))).send().await.unwrap();
        if answer.status().is_success() {
            assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/plain"));
            assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        } else {
            assert!(!answer.text().await.unwrap().contains("<script"));
        }
        assert_eq!(
            client
                .get("/api/whatsapp/webhook/meta/nobody?hub.mode=subscribe&hub.verify_token=verify-me&hub.challenge=1")
                .await
                .0,
            403
        );
        // A line's own address takes its own token.
        let body = json!({ "provider": "meta", "settings": {
            "access_token": "t", "phone_number_id": "888", "app_secret": "own-secret", "verify_token": "own-token",
        } });
        let (_, own) = town.bare_business("Own app").await;
        let (status, set) = own.post("/api/whatsapp/config", &body).await;
        assert_eq!(status, 200, "{set}");
        let hook = set["line"]["webhook_url"].as_str().unwrap().strip_prefix(&town.server.origin).unwrap().to_owned();
        for (token, expected) in [("own-token", 200), ("verify-me", 403)] {
            let query = format!("?hub.mode=subscribe&hub.verify_token={token}&hub.challenge=7");
            assert_eq!(client.raw("GET", &format!("{hook}{query}"), &[], Vec::new()).await.0, expected, "{token}");
        }
    })
    .await;
}
