//! What contacts can do beside writing: tap, order, edit, take back, change their number, write in a group.
use serde_json::{Value, json};

use super::reading::count;
use crate::support::{Client, Town, by_meta, in_every_town, post_from_afar};

const DANA: &str = "972541110001";

/// One message of Dana's, as Meta writes it.
async fn comes(town: &Town, message: Value) {
    comes_from(town, DANA, message).await;
}

async fn comes_from(town: &Town, from: &str, mut message: Value) {
    message["from"] = from.into();
    message["timestamp"] = "1790000000".into();
    let value = json!({
        "messaging_product": "whatsapp", "metadata": {"phone_number_id": town.meta().line.line},
        "contacts": [{"wa_id": from, "profile": {"name": "דנה"}}], "messages": [message],
    });
    let body = json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]});
    let hook = town.url("/api/whatsapp/webhook/meta");
    let webhook = by_meta(&hook, &town.world.app_secret, body.to_string().into_bytes());
    assert_eq!(post_from_afar(&webhook).await.0, 200);
}

async fn kind_of(client: &Client, body: &str) -> Value {
    client.hears(body).await["type"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_shows_as_what_it_is() {
    in_every_town(async |town| {
        let client = &town.meta().client;
        let tap = json!({"type": "button_reply", "button_reply": {"id": "yes", "title": "כן, מתאים"}});
        comes(town, json!({"id": "k1", "type": "interactive", "interactive": tap})).await;
        assert_eq!(kind_of(client, "כן, מתאים").await, "interactive");
        comes(town, json!({"id": "k2", "type": "button", "button": {"payload": "p", "text": "לאישור"}})).await;
        assert_eq!(kind_of(client, "לאישור").await, "interactive");
        let items = json!([{"product_retailer_id": "sku", "quantity": 2, "item_price": 10.5, "currency": "ILS"}]);
        comes(town, json!({"id": "k3", "type": "order", "order": {"catalog_id": "c", "text": "להזמין", "product_items": items}}))
            .await;
        assert_eq!(kind_of(client, "להזמין").await, "order");
        let card = json!([{"name": {"formatted_name": "נועה לוי"}, "phones": [{"phone": "+972541112233"}]}]);
        comes(town, json!({"id": "k4", "type": "contacts", "contacts": card})).await;
        assert_eq!(kind_of(client, "נועה לוי").await, "contacts");
        let unread = client.get("/api/whatsapp/unread-count").await.1["count"].clone();
        let notice = json!({"type": "user_changed_number", "wa_id": "972541119999", "body": "המספר הוחלף"});
        comes(town, json!({"id": "k5", "type": "system", "system": notice})).await;
        assert_eq!(kind_of(client, "המספר הוחלף").await, "system");
        assert_eq!(client.get("/api/whatsapp/unread-count").await.1["count"], unread, "nobody wrote");
        comes(town, json!({"id": "k6", "group_id": "Y2FwaQ", "type": "text", "text": {"body": "בקבוצה"}})).await;
        comes(town, json!({"id": "k7", "type": "text", "text": {"body": "אחרי הקבוצה"}})).await;
        client.hears("אחרי הקבוצה").await;
        assert!(client.messages().await.iter().all(|message| message["body"] != "בקבוצה"), "nobody's conversation");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_edited_or_taken_back_changes_where_it_stands() {
    in_every_town(async |town| {
        let client = &town.meta().client;
        comes(town, json!({"id": "e1", "type": "text", "text": {"body": "מחר בעשר"}})).await;
        let first = client.hears("מחר בעשר").await;
        let edit = |original: &str, body: &str| json!({"original_message_id": original, "message": {"type": "text", "text": {"body": body}}});
        comes(town, json!({"id": "e2", "type": "edit", "edit": edit("e1", "מחר באחת עשרה")})).await;
        let edited = client.hears("מחר באחת עשרה").await;
        assert_eq!((&edited["id"], &edited["provider_message_id"]), (&first["id"], &json!("e1")));
        assert!(client.messages().await.iter().all(|message| message["body"] != "מחר בעשר"));
        comes(town, json!({"id": "e3", "type": "revoke", "revoke": {"original_message_id": "e1"}})).await;
        let id = first["id"].as_str().unwrap();
        client.reaches(id, "deleted").await;
        comes(town, json!({"id": "e4", "type": "edit", "edit": edit("e1", "אחרי המחיקה")})).await;
        comes(town, json!({"id": "e5", "type": "edit", "edit": edit("later", "תיקון שהקדים")})).await;
        assert_eq!(kind_of(client, "תיקון שהקדים").await, "text");
        comes(town, json!({"id": "later", "type": "text", "text": {"body": "לפני התיקון"}})).await;
        let unread = client.get("/api/whatsapp/unread-count").await.1["count"].clone();
        comes(town, json!({"id": "e6", "type": "revoke", "revoke": {"original_message_id": "gone"}})).await;
        comes(town, json!({"id": "gone", "type": "text", "text": {"body": "נמחקה לפני שהגיעה"}})).await;
        let gone = client.hears("נמחקה לפני שהגיעה").await;
        assert_eq!((&gone["status"], &gone["type"]), (&json!("deleted"), &json!("text")));
        assert_eq!(client.get("/api/whatsapp/unread-count").await.1["count"], unread, "nothing to read is left");
        assert!(client.messages().await.iter().all(|message| message["body"] != "לפני התיקון"));
        let stored = client.message(id).await;
        assert_eq!((&stored["status"], &stored["body"]), (&json!("deleted"), &json!("מחר באחת עשרה")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_corrects_what_another_wrote() {
    in_every_town(async |town| {
        let client = &town.meta().client;
        // One that was not read yet, which would be filled in, and one that was.
        comes(town, json!({"id": "s1", "type": "hologram", "hologram": {}})).await;
        comes(town, json!({"id": "s2", "type": "text", "text": {"body": "של דנה"}})).await;
        client.hears("של דנה").await;
        for (id, original) in [("x1", "s1"), ("x2", "s2")] {
            let message = json!({"type": "text", "text": {"body": format!("במקום {original}")}});
            let edit = json!({"original_message_id": original, "message": message});
            comes_from(town, "972541110002", json!({"id": id, "type": "edit", "edit": edit})).await;
            let kept = client.hears(&format!("במקום {original}")).await;
            assert_eq!((&kept["provider_message_id"], &kept["phone_number"]), (&json!(id), &json!("+972541110002")));
        }
        let revoke = json!({"id": "x3", "type": "revoke", "revoke": {"original_message_id": "s2"}});
        comes_from(town, "972541110002", revoke).await;
        comes(town, json!({"id": "s3", "type": "text", "text": {"body": "אחרי הכול"}})).await;
        client.hears("אחרי הכול").await;
        let of = |messages: &[Value], id: &str| messages.iter().find(|one| one["provider_message_id"] == id).cloned();
        let messages = client.messages().await;
        let (unread, text) = (of(&messages, "s1").unwrap(), of(&messages, "s2").unwrap());
        assert_eq!((&unread["type"], &unread["body"]), (&json!("unsupported"), &Value::Null));
        assert_eq!((&text["status"], &text["body"]), (&json!("received"), &json!("של דנה")));
    })
    .await;
}

/// Meta hands the chats of half a year over in parts of up to 3 MB.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_part_of_the_history_holds_nobody_up_for_long() {
    in_every_town(async |town| {
        let past = |n: usize| {
            json!({"id": format!("h{n}"), "from": DANA, "timestamp": "1780000000", "type": "text",
                   "text": {"body": "מה שנכתב פעם"}, "history_context": {"status": "READ"}})
        };
        let messages: Vec<_> = (0..10_000).map(past).collect();
        let value = json!({
            "metadata": {"phone_number_id": town.meta().line.line},
            "history": [{"metadata": {"phase": 1, "chunk_order": 1, "progress": 50},
                         "threads": [{"id": DANA, "messages": messages}]}],
        });
        let body = json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "history", "value": value}]}]});
        let hook = town.url("/api/whatsapp/webhook/meta");
        let webhook = by_meta(&hook, &town.world.app_secret, body.to_string().into_bytes());
        let begun = std::time::Instant::now();
        let (status, _) = post_from_afar(&webhook).await;
        let taken = begun.elapsed();
        assert_eq!(post_from_afar(&webhook).await.0, 200, "a redelivery is known");
        comes(town, json!({"id": "now", "type": "text", "text": {"body": "ומה עכשיו?"}})).await;
        town.meta().client.hears("ומה עכשיו?").await;
        println!("{} bytes of history: {status} after {taken:?}, the next message shown after {:?}", webhook.body.len(), begun.elapsed());
        assert_eq!(status, 200);
        assert_eq!(count(town, "SELECT COUNT(*) FROM raw_event WHERE provider = 'meta'").await, 2, "the history, once, and the message");
        assert_eq!(town.meta().client.messages().await.len(), 1, "the past opens no conversation");
        assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
    })
    .await;
}
