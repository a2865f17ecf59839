//! The 24 hours after a contact's last message, in which free text may be sent.
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;

use crate::support::{Business, Town, by_twilio, in_every_town};

const CONTACT: &str = "972541234567";

/// Makes it so that the contact last wrote this long ago.
async fn wrote(town: &Town, business: &Business, hours: i64, minutes: i64) {
    let connection = town.database.connect().await;
    let minutes = hours * 60 + minutes;
    let ago = if town.database.is_postgres() {
        format!("now() - interval '{minutes} minutes'")
    } else {
        // As the driver writes times.
        format!("strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now', '-{minutes} minutes')")
    };
    let raw = uuid::Uuid::parse_str(business.id.split_once('_').unwrap().1).unwrap();
    let owner = if town.database.is_postgres() { format!("'{raw}'") } else { format!("x'{}'", raw.simple()) };
    let sql = format!("UPDATE conversation SET last_inbound_at = {ago} WHERE business_id = {owner}");
    let changed = connection.execute_raw(Statement::from_string(connection.get_database_backend(), sql)).await.unwrap();
    assert_eq!(changed.rows_affected(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn outside_of_it_only_templates_go_out() {
    in_every_town(async |town| {
        for business in [town.meta(), town.twilio()] {
            let (client, fake) = (&business.client, town.fake(business));
            town.writes(business, "window-1", CONTACT, "פתוח");
            let contact = client.hears("פתוח").await;
            wrote(town, business, 23, 50).await;
            assert_eq!(client.send(CONTACT, "עוד מותר").await["status"], "sent");

            wrote(town, business, 24, 1).await;
            let (requests, messages) = (fake.requests(), client.messages().await);
            for (path, body) in [
                ("send", json!({ "to": "0541234567", "text": "מאוחר מדי" })),
                ("send", json!({ "contactId": contact["contact_id"], "text": "מאוחר מדי" })),
                ("send_media", json!({ "to": CONTACT, "media_url": "https://files.example/a.png" })),
            ] {
                let (status, error) = client.post(&format!("/api/whatsapp/{path}"), &body).await;
                assert_eq!((status, &error["code"]), (409, &json!("window_closed")), "{error}");
                assert!(error["advice"].as_str().unwrap().contains("template"), "{error}");
            }
            assert_eq!(fake.requests(), requests, "the provider heard nothing");
            assert_eq!(client.messages().await, messages, "nothing is stored");

            if business.provider == whatsapp_twilio::ID {
                sms(town, business).await;
                let (status, error) =
                    client.post("/api/whatsapp/send", &json!({ "to": CONTACT, "text": "מאוחר מדי" })).await;
                assert_eq!(status, 409, "an SMS opens no window of WhatsApp: {error}");
                assert_eq!(client.messages().await, messages, "and is no message of it");
            }

            template(town, business).await;
            // A new message of the contact opens it again.
            town.writes(business, "window-2", CONTACT, "שוב פתוח");
            client.hears("שוב פתוח").await;
            assert_eq!(client.send(CONTACT, "שוב מותר").await["status"], "sent");
        }
    })
    .await;
}

/// The contact writes by SMS to the same number.
async fn sms(town: &Town, business: &Business) {
    let setting = |key: &str| business.line.settings.get(key).unwrap().expose();
    let from = format!("+{CONTACT}");
    let fields = [
        ("AccountSid", setting("account_sid")),
        ("MessageSid", "SM00000000000000000000000000000f12"),
        ("From", from.as_str()),
        ("To", business.line.line.as_str().trim_start_matches("whatsapp:")),
        ("Body", "סמס"),
        ("NumMedia", "0"),
    ];
    let token = business.line.settings.get("auth_token").unwrap();
    let webhook = by_twilio(&town.url("/webhook/whatsapp/inbound"), token, &fields);
    assert_eq!(business.client.deliver(&webhook).await, Some(200));
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
}

async fn template(town: &Town, business: &Business) {
    let names = if business.provider == whatsapp_twilio::ID {
        // By the content's id, and by the name that the account gave it.
        town.world.twilio_fake.add_template("appointment_reminder", "he", "שלום {{1}}");
        vec!["HX0a1b2c3d4e5f60718293a4b5c6d7e8f9", "appointment_reminder"]
    } else {
        vec!["appointment_reminder"]
    };
    for name in names {
        let body = json!({ "to": CONTACT, "template": name, "variables": ["דנה"], "text": "שלום {{1}}" });
        let (status, answer) = business.client.post("/api/whatsapp/send_template", &body).await;
        assert_eq!((status, &answer["status"]), (200, &json!("sent")), "{name}: {answer}");
        let taken = town.fake(business).accepted().pop().unwrap();
        assert_eq!((taken.kind.as_str(), taken.text.as_deref()), ("template", Some(name)));
        assert_eq!(taken.parameters, ["דנה"]);
    }
}
