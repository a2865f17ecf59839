//! Which line a message goes by, and what happens where there is none.
use std::time::Duration;

use serde_json::{Value, json};
use whatsapp_core::{LinkPhase, testing::Fault};

use crate::support::{Client, Town, databases, eventually, in_every_town};

const TO: &str = "0521234567";

#[tokio::test(flavor = "multi_thread")]
async fn who_never_chose_has_the_default() {
    for database in databases().await {
        let town = Town::start_with(database, &[("WHATSAPP_PROVIDER", "twilio")]).await;
        let (_, client) = town.bare_business("Undecided").await;
        for chosen in [false, true, false] {
            let change = json!({ "whatsapp_provider": if chosen { json!("meta") } else { Value::Null } });
            if chosen {
                client.choose("meta").await;
            } else {
                assert_eq!(client.patch("/api/business/settings", &change).await.0, 200);
            }
            let effective = json!(if chosen { "meta" } else { "twilio" });
            assert_eq!(client.get("/api/whatsapp/provider").await, (200, json!({ "provider": effective })));
            let (_, settings) = client.get("/api/business/settings").await;
            assert_eq!(
                (&settings["whatsapp_provider"], &settings["whatsapp_provider_chosen"]),
                (&effective, &json!(chosen))
            );
        }
        // A change changes what it names and nothing else.
        client.choose("meta").await;
        assert_eq!(client.patch("/api/business/settings", &json!({ "name": "שם חדש" })).await.0, 200);
        let (_, settings) = client.get("/api/business/settings").await;
        assert_eq!(settings["whatsapp_provider"], "meta");
        assert_eq!((&settings["name"], &settings["whatsapp_enabled"]), (&json!("שם חדש"), &json!(true)));
        for bad in [json!({ "whatsapp_provider": "smoke" }), json!({ "name": " " }), json!({ "nonsense": 1 })] {
            assert_eq!(client.patch("/api/business/settings", &bad).await.0, 422, "{bad}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chosen_provider_without_line_is_said_so() {
    in_every_town(async |town| {
        let (_, client) = town.bare_business("Chose").await;
        for provider in ["meta", "twilio", "baileys"] {
            client.choose(provider).await;
            let (status, error) = client.post("/api/whatsapp/send", &json!({ "to": TO, "text": "שלום" })).await;
            assert_eq!((status, &error["code"]), (422, &json!("provider_not_configured")), "{error}");
            let link = error["link"].as_str().unwrap();
            assert!(link.starts_with("https://wa.me/972521234567?text=%D7%A9"), "{link}");
            assert!(error["advice"].is_string() && error["request_id"].is_string());
            let (status, state) = client.get("/api/whatsapp/status").await;
            assert_eq!((status, &state["connected"]), (200, &json!(false)));
            assert_eq!(client.get("/api/whatsapp/provider-info").await.1["configured"], false);
        }
        assert!(client.messages().await.is_empty(), "nothing is stored");
        // Nobody else is affected.
        for business in &town.businesses {
            assert_eq!(business.client.send(TO, "still here").await["status"], "sent");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_never_had_a_line_gets_a_link() {
    in_every_town(async |town| {
        let (_, client) = town.bare_business("New").await;
        let sent = client.send(TO, "שלום & תודה").await;
        assert_eq!((&sent["provider"], &sent["status"]), (&json!("wa_link"), &json!("intent")), "{sent}");
        let link = sent["link"].as_str().unwrap();
        assert!(link.starts_with("https://wa.me/972521234567?text=") && !link.contains("& "), "{link}");
        let [message] = &client.messages().await[..] else { panic!("one message expected") };
        assert_eq!((&message["id"], &message["status"]), (&sent["id"], &json!("intent")));
        assert_eq!((&message["body"], &message["line_id"]), (&json!("שלום & תודה"), &Value::Null));
        // Once a line worked, its absence is told.
        Town::set_line(&client, &town.world.link_phone(&own_id(&client).await, "Late phone")).await;
        assert_eq!(client.send(TO, "by line").await["status"], "sent");
        assert_eq!(client.delete("/api/whatsapp/config").await.0, 200);
        let (status, error) = client.post("/api/whatsapp/send", &json!({ "to": TO, "text": "x" })).await;
        assert_eq!((status, &error["code"]), (422, &json!("provider_not_configured")), "{error}");
        assert_eq!(client.message(sent["id"].as_str().unwrap()).await["status"], "intent");
    })
    .await;
}

async fn own_id(client: &Client) -> String {
    client.get("/api/business/settings").await.1["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unlinked_phone_is_not_connected() {
    in_every_town(async |town| {
        let unlinked = town.baileys();
        assert_eq!(unlinked.client.send(TO, "linked").await["status"], "sent");
        for phase in [LinkPhase::LoggedOut, LinkPhase::Qr] {
            town.world.bridge.set_phase(&unlinked.id, phase);
            eventually("the phase to be told", Duration::from_secs(5), async || {
                let (status, state) = unlinked.client.get("/api/whatsapp/status").await;
                assert_eq!(status, 200);
                let told = state["connected"] == false && state["hasQR"] == json!(phase == LinkPhase::Qr);
                told.then_some(())
            })
            .await;
            let (status, error) = unlinked.client.post("/api/whatsapp/send", &json!({ "to": TO, "text": "x" })).await;
            assert_eq!((status, &error["code"]), (409, &json!("not_connected")), "{error}");
            assert!(error["advice"].is_string(), "{error}");
        }
        for business in [town.meta(), town.twilio()] {
            assert_eq!(business.client.send(TO, "others").await["status"], "sent");
            let (_, state) = business.client.get("/api/whatsapp/status").await;
            assert_eq!((&state["connected"], &state["provider"]), (&json!(true), &json!(business.provider)), "{state}");
        }
        town.world.bridge.scan(&unlinked.id, "דנה");
        let state = eventually("the link", Duration::from_secs(5), async || {
            let state = unlinked.client.get("/api/whatsapp/status").await.1;
            (state["connected"] == true).then_some(state)
        })
        .await;
        assert_eq!(state["pushName"], "דנה");
        assert_eq!(unlinked.client.send(TO, "linked again").await["status"], "sent");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn switched_off_means_no_sending_but_all_reading() {
    in_every_town(async |town| {
        for business in &town.businesses {
            let client = &business.client;
            assert_eq!(client.patch("/api/business/settings", &json!({ "whatsapp_enabled": false })).await.0, 200);
            town.writes(business, "off-1", "972521234567", "מישהו שם?");
            client.hears("מישהו שם?").await;
            for (path, body) in [
                ("/api/whatsapp/send", json!({ "to": TO, "text": "x" })),
                ("/api/whatsapp/send_media", json!({ "to": TO, "media_url": "https://a.example/x.png" })),
                ("/api/whatsapp/send_template", json!({ "to": TO, "template": "HXabc" })),
                ("/api/whatsapp/test", json!({ "to": TO })),
            ] {
                let (status, error) = client.post(path, &body).await;
                assert_eq!((status, &error["code"]), (409, &json!("whatsapp_disabled")), "{path}: {error}");
            }
            assert!(town.fake(business).accepted().is_empty());
            assert_eq!(client.patch("/api/business/settings", &json!({ "whatsapp_enabled": true })).await.0, 200);
            assert_eq!(client.send(TO, "on again").await["status"], "sent");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queued_message_keeps_its_line() {
    in_every_town(async |town| {
        for business in [town.meta(), town.twilio()] {
            let client = &business.client;
            Town::set_line(client, &town.world.link_phone(&business.id, "Second")).await;
            // Both are asked once more after seconds, whatever the provider says about when.
            town.fake(business).faults().push(Fault::RateLimit { retry_after: Some(2) });
            let waiting = client.send(TO, "by the old line").await;
            assert_eq!(
                (&waiting["status"], &waiting["reason"]),
                (&json!("sending"), &json!("rate_limited")),
                "{waiting}"
            );
            client.choose("baileys").await;
            let direct = client.send(TO, "by the new line").await;
            assert_eq!((&direct["provider"], &direct["status"]), (&json!("baileys"), &json!("sent")), "{direct}");
            let sent = client.reaches(waiting["id"].as_str().unwrap(), "sent").await;
            assert_eq!(sent["provider"], business.provider.as_str());
            let texts: Vec<_> = town.fake(business).accepted().into_iter().filter_map(|taken| taken.text).collect();
            assert_eq!(texts, ["by the old line"]);
            let other = client.message(direct["id"].as_str().unwrap()).await;
            assert_eq!(other["conversation_id"], sent["conversation_id"]);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queued_message_whose_line_is_gone_goes_by_another() {
    in_every_town(async |town| {
        let business = town.twilio();
        let client = &business.client;
        Town::set_line(client, &town.world.link_phone(&business.id, "Second")).await;
        town.fake(business).faults().push(Fault::RateLimit { retry_after: Some(2) });
        let waiting = client.send(TO, "whose line goes").await;
        assert_eq!(waiting["status"], "sending", "{waiting}");
        client.choose("baileys").await;
        assert_eq!(client.delete("/api/whatsapp/config?provider=twilio").await.0, 200);
        let sent = client.reaches(waiting["id"].as_str().unwrap(), "sent").await;
        assert_eq!(sent["provider"], "baileys");
        assert!(town.fake(business).accepted().is_empty());
    })
    .await;
}

/// The environment's line is the default business's, until the business sets up its own; a start changes nothing of it.
#[tokio::test(flavor = "multi_thread")]
async fn the_line_of_the_environment() {
    for database in databases().await {
        let mut town = Town::start(database).await;
        let (id, client) = town.bare_business("Default").await;
        let environment = [
            ("DEFAULT_BUSINESS", id.as_str()),
            ("META_WA_ACCESS_TOKEN", "token"),
            ("META_WA_PHONE_NUMBER_ID", "20000000000"),
            ("WHATSAPP_PROVIDER", "meta"),
        ];
        for (name, value) in environment {
            town.server.set(name, value);
        }
        town.server.stop().await;
        town.server.start().await;
        let lines = async || client.get("/api/whatsapp/config").await.1["lines"].clone();
        let external = |lines: &Value| lines[0]["external_id"].as_str().unwrap_or_default().to_owned();
        assert_eq!(external(&lines().await), "20000000000");

        let own = json!({ "provider": "meta", "settings": { "access_token": "own", "phone_number_id": "30000000000", "app_secret": "own" } });
        assert_eq!(client.post("/api/whatsapp/config", &own).await.0, 200);
        town.server.stop().await;
        town.server.start().await;
        let lines = lines().await;
        assert_eq!((lines.as_array().map(Vec::len), external(&lines).as_str()), (Some(1), "30000000000"));
    }
}
