//! What comes in, and how it is read: contacts, conversations, unread counts, pages, events.
use std::{collections::HashSet, time::Duration};

use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use whatsapp_core::{
    Status,
    testing::{Inbound, Key},
};

use crate::support::{Client, Town, eventually, in_every_town};

pub(super) async fn count(town: &Town, sql: &str) -> i64 {
    let connection = town.database.connect().await;
    let statement = Statement::from_string(connection.get_database_backend(), sql.to_owned());
    connection.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_one_contact_on_every_line() {
    in_every_town(async |town| {
        // One business with all three lines: the two others hand theirs over.
        let business = town.meta();
        let client = &business.client;
        assert_eq!(town.twilio().client.delete("/api/whatsapp/config").await.0, 200);
        Town::set_line(client, &town.world.twilio).await;
        let phone = town.world.link_phone(&business.id, "Phone");
        Town::set_line(client, &phone).await;
        // An agent was first, and wrote the number as people do.
        client.send("050-987-6543", "נעים מאוד").await;
        for line in [&town.world.meta, &town.world.twilio, &phone] {
            let fake = town.world.fake(&line.provider).unwrap();
            for at in 0..3 {
                let (id, body) = (format!("person-{at}"), format!("{} {at}", line.provider));
                fake.deliver(&line.line, &[Inbound::text(&id, "972509876543", &body)]);
                client.hears(&body).await;
            }
        }
        let messages = client.messages().await;
        assert_eq!(messages.len(), 10);
        for name in ["conversation_id", "contact_id", "phone_number"] {
            let values: HashSet<_> = messages.iter().map(|message| message[name].as_str()).collect();
            assert_eq!(values.len(), 1, "{name}: {values:?}");
        }
        let lines: HashSet<_> = messages.iter().map(|message| message["line_id"].as_str()).collect();
        assert_eq!(lines.len(), 3);
        for table in ["customer", "conversation", "lead"] {
            assert_eq!(count(town, &format!("SELECT COUNT(*) FROM {table}")).await, 1, "{table}");
        }
        for written in ["0509876543", "%2B972%2050-987-6543", "972509876543"] {
            let (_, page) = client.get(&format!("/api/whatsapp/messages?phoneNumber={written}")).await;
            assert_eq!(page["messages"].as_array().unwrap().len(), 10, "{written}");
        }
        let contact = messages[0]["contact_id"].as_str().unwrap();
        let (_, page) = client.get(&format!("/api/whatsapp/messages?contactId={contact}")).await;
        assert_eq!(page["messages"].as_array().unwrap().len(), 10);
        let (_, page) = client.get("/api/whatsapp/messages?phoneNumber=0500000009").await;
        assert_eq!(page["messages"], json!([]));
        assert_eq!(client.get("/api/whatsapp/messages?phoneNumber=x").await.0, 422);
    })
    .await;
}

async fn unread(client: &Client) -> i64 {
    client.get("/api/whatsapp/unread-count").await.1["count"].as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_and_what_is_left() {
    in_every_town(async |town| {
        for business in &town.businesses {
            let client = &business.client;
            for (at, from) in ["972520000001", "972520000001", "972520000002", "972520000003"].into_iter().enumerate() {
                town.writes(business, &format!("read-{at}"), from, &format!("קרא {at}"));
                client.hears(&format!("קרא {at}")).await;
            }
            assert_eq!(unread(client).await, 4);
            let message = client.hears("קרא 2").await;
            let read = format!("/api/whatsapp/messages/{}/read", message["id"].as_str().unwrap());
            assert_eq!(client.post(&read, &json!({})).await, (200, json!({ "ok": true, "changed": 1 })));
            assert_eq!(client.post(&read, &json!({})).await, (200, json!({ "ok": true, "changed": 0 })));
            assert!(client.message(message["id"].as_str().unwrap()).await["read_at"].is_string());
            assert_eq!(unread(client).await, 3);
            let first = client.hears("קרא 0").await;
            let read = format!("/api/conversations/{}/read", first["conversation_id"].as_str().unwrap());
            assert_eq!(client.post(&read, &json!({})).await.1["changed"], 2);
            assert_eq!(unread(client).await, 1);
            assert_eq!(client.post("/api/conversations/read-all", &json!({})).await.1["changed"], 1);
            assert_eq!(unread(client).await, 0);
            let (_, page) = client.get("/api/conversations").await;
            let conversations = page["conversations"].as_array().unwrap();
            assert_eq!(conversations.len(), 3);
            assert!(conversations.iter().all(|conversation| conversation["unread_count"] == 0), "{page}");
            // Only a contact's message can be read by an agent.
            let own = client.send("0520000001", "שלנו").await;
            let read = format!("/api/whatsapp/messages/{}/read", own["id"].as_str().unwrap());
            assert_eq!(client.post(&read, &json!({})).await.0, 422);
        }
        let marked = eventually("the contact to be told", std::time::Duration::from_secs(5), async || {
            let marked = town.world.bridge.marked_read(&town.baileys().id);
            (!marked.is_empty()).then_some(marked)
        })
        .await;
        assert_eq!(marked.len(), 1);
    })
    .await;
}

async fn pages(client: &Client, address: &str, name: &str) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let (status, page) = client.get(&format!("{address}?limit=3{cursor}")).await;
        assert_eq!(status, 200, "{page}");
        let items = page[name].as_array().unwrap();
        assert!(items.len() <= 3);
        all.extend(items.iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_hold_everything_once() {
    in_every_town(async |town| {
        for business in &town.businesses {
            let client = &business.client;
            let fake = town.fake(business);
            let items: Vec<_> =
                (0..9).map(|at| Inbound::text(&format!("page-{at}"), &format!("97253000000{at}"), "עמוד")).collect();
            fake.deliver(&business.line.line, &items);
            eventually("all", std::time::Duration::from_secs(10), async || (unread(client).await == 9).then_some(()))
                .await;
            for text in ["א", "ב", "ג"] {
                client.send("0530000000", text).await;
            }
            let messages = pages(client, "/api/whatsapp/messages", "messages").await;
            let ids: HashSet<_> = messages.iter().map(|message| message["id"].as_str().unwrap()).collect();
            assert_eq!((messages.len(), ids.len()), (12, 12));
            let at = |message: &Value| message["timestamp"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>();
            assert!(messages.is_sorted_by_key(|message| std::cmp::Reverse(at(message).unwrap())), "newest first");
            assert_eq!(pages(client, "/api/conversations", "conversations").await.len(), 9);
            let talk = messages.iter().find(|message| message["body"] == "ג").unwrap();
            let address = format!("/api/conversations/{}/messages", talk["conversation_id"].as_str().unwrap());
            let talk: Vec<_> = pages(client, &address, "messages").await;
            let bodies: Vec<_> = talk.iter().map(|message| message["body"].as_str().unwrap()).collect();
            assert_eq!(bodies, ["ג", "ב", "א", "עמוד"]);
            let (_, page) = client.get("/api/whatsapp/messages?limit=5&offset=10").await;
            assert_eq!(page["messages"].as_array().unwrap().len(), 2);
            for (query, expected) in [("limit=0", 200), ("limit=100000", 200), ("limit=x", 422), ("offset=-1", 422)] {
                assert_eq!(client.get(&format!("/api/whatsapp/messages?{query}")).await.0, expected, "{query}");
            }
            assert_eq!(client.get("/api/whatsapp/messages?cursor=broken").await.0, 422);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_have_no_gaps() {
    in_every_town(async |town| {
        for business in &town.businesses {
            let client = &business.client;
            town.fake(business).follow_with(vec![Status::Sent, Status::Delivered, Status::Read]);
            for at in 0..5 {
                town.writes(business, &format!("event-{at}"), &format!("97254000000{at}"), &format!("אירוע {at}"));
            }
            let mut sent = Vec::new();
            for at in 0..5 {
                sent.push(client.send(&format!("054000000{at}"), "תשובה").await);
            }
            for answer in &sent {
                client.reaches(answer["id"].as_str().unwrap(), "read").await;
            }
            for at in 0..5 {
                client.hears(&format!("אירוע {at}")).await;
            }
            client.post("/api/conversations/read-all", &json!({})).await;
            let (_, all) = client.get("/api/events?limit=500").await;
            let events = all["events"].as_array().unwrap();
            let numbers: Vec<_> = events.iter().map(|event| event["seq"].as_i64().unwrap()).collect();
            assert_eq!(numbers, (1..=i64::try_from(events.len()).unwrap()).collect::<Vec<_>>());
            let of = |kind: &str| events.iter().filter(|event| event["kind"] == kind).count();
            assert_eq!((of("message.received"), of("message.queued")), (5, 5), "{all}");
            assert!(of("message.status") >= 5 && of("conversation.read") == 5, "{all}");
            let (_, some) = client.get("/api/events?after=3&limit=4").await;
            let numbers: Vec<_> = some["events"].as_array().unwrap().iter().map(|event| &event["seq"]).collect();
            assert_eq!((numbers, &some["last"]), (vec![&json!(4), &json!(5), &json!(6), &json!(7)], &json!(7)));
            let (_, none) = client.get(&format!("/api/events?after={}", events.len())).await;
            assert_eq!((&none["events"], &none["last"]), (&json!([]), &json!(events.len())));
        }
    })
    .await;
}

/// `WhatsApp` Web decrypts some messages only when they come again: shown as unread first, and as what they say then.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_becomes_readable() {
    in_every_town(async |town| {
        let business = &town.businesses[2];
        let upsert = |message: Value| {
            let key = json!({ "remoteJid": "972501234567@s.whatsapp.net", "fromMe": false, "id": "3A0001", "participant": "" });
            let mut item = json!({ "key": key, "messageTimestamp": 1_795_000_000, "pushName": "דנה" });
            match message {
                Value::Null => item["messageStubType"] = json!(2),
                message => item["message"] = message,
            }
            let payload = json!({ "messages": [item], "type": "notify" });
            town.world.bridge.event(business.line.line.as_str(), "messages.upsert", &payload, Key::Current)
        };
        assert_eq!(business.client.deliver(&upsert(Value::Null)).await, Some(200));
        let shown = async || business.client.messages().await.first().cloned();
        let first = eventually("the unread message", Duration::from_secs(10), shown).await;
        assert_eq!(first["type"], "unsupported");
        let readable = upsert(json!({ "conversation": "עכשיו אפשר לקרוא" }));
        assert_eq!(business.client.deliver(&readable).await, Some(200));
        let last = eventually("the message that can be read", Duration::from_secs(10), || async {
            shown().await.filter(|message| message["type"] == "text")
        })
        .await;
        assert_eq!((&last["id"], &last["body"]), (&first["id"], &json!("עכשיו אפשר לקרוא")));
        assert_eq!(business.client.messages().await.len(), 1);
    })
    .await;
}
