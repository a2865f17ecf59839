//! What contacts can do beside writing: tap, order, edit, take back, change their number, write in a group.
use serde_json::{Value, json};

use crate::support::{Client, Town, by_meta, in_every_town, post_from_afar};

const DANA: &str = "972541110001";

/// One message of Dana's, as Meta writes it.
async fn comes(town: &Town, mut message: Value) {
    message["from"] = DANA.into();
    message["timestamp"] = "1790000000".into();
    let value = json!({
        "messaging_product": "whatsapp", "metadata": {"phone_number_id": town.meta().line.line},
        "contacts": [{"wa_id": DANA, "profile": {"name": "דנה"}}], "messages": [message],
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
