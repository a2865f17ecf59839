//! What contacts wrote while nobody listened is found in the provider's own list, where it has one: Twilio.
use std::time::Duration;

use prosaas_server::sandbox::World;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use serde_json::{Value, json};
use whatsapp_core::{
    MediaKind, Status,
    testing::{Inbound, Key},
};

use crate::support::{Business, Database, Server, Town, databases, eventually, free_port};

const DANA: &str = "972501234567";
const AMIR: &str = "972521234567";
const PATIENCE: Duration = Duration::from_secs(20);

/// A town that sweeps every second, where Twilio gives up after two tries.
async fn town(database: Database) -> Town {
    let port = free_port();
    let world = World::open_with(&format!("http://127.0.0.1:{port}"), 2).await.unwrap();
    let often = [("SWEEP_SECONDS", "1"), ("SWEEP_MARGIN_SECONDS", "1")];
    Town::start_in(world, port, database, &[Town::SHORT.as_slice(), &often].concat()).await
}

/// The business's inbound messages, oldest first.
async fn heard(business: &Business) -> Vec<Value> {
    let mut messages = business.client.messages().await;
    messages.retain(|message| message["direction"] == "in");
    messages.reverse();
    messages
}

async fn hears(business: &Business, count: usize) -> Vec<Value> {
    eventually(&format!("{count} messages"), PATIENCE, async || {
        Some(heard(business).await).filter(|messages| messages.len() >= count)
    })
    .await
}

fn ids(messages: &[Value]) -> Vec<&str> {
    messages.iter().map(|message| message["provider_message_id"].as_str().unwrap()).collect()
}

/// Until the line's mark has moved on twice: everything before was looked for again.
async fn swept_again(connection: &DatabaseConnection, line: &str) {
    let mark = async || -> Option<String> {
        let sql = format!(
            "SELECT CAST(swept_until AS TEXT) FROM line_sweep JOIN line ON line.id = line_id WHERE external_id = '{line}'"
        );
        let statement = Statement::from_string(connection.get_database_backend(), sql);
        connection.query_one_raw(statement).await.unwrap().map(|row| row.try_get_by_index(0).unwrap())
    };
    for _ in 0..2 {
        let before = mark().await;
        eventually("the next sweep", PATIENCE, async || mark().await.filter(|now| Some(now) != before.as_ref())).await;
    }
}

fn inbound() -> Vec<Inbound> {
    let file = |id: &str, from, kind, mime, words: Option<&str>| match Inbound::file(id, from, kind, mime) {
        Inbound::File { id, from, kind, mime_type, .. } => {
            Inbound::File { id, from, kind, mime_type, caption: words.map(str::to_owned) }
        }
        other => other,
    };
    vec![
        Inbound::text("SM00000000000000000000000000000a01", DANA, "יש מישהו? 🙂"),
        file("MM00000000000000000000000000000a02", DANA, MediaKind::Image, "image/jpeg", Some("כך זה נראה")),
        Inbound::text("SM00000000000000000000000000000a03", AMIR, "שלום, כמה עולה?"),
        file("MM00000000000000000000000000000a04", AMIR, MediaKind::Document, "application/pdf", None),
        Inbound::text("SM00000000000000000000000000000a05", DANA, "אחכה לתשובה"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_webhook_told_is_found_once() {
    for database in databases().await {
        let mut town = town(database).await;
        let business = town.twilio().clone();
        let connection = town.database.connect().await;
        town.writes(&business, "SM00000000000000000000000000000a00", DANA, "לפני");
        let before = business.client.hears("לפני").await;
        assert!(before.get("recovered").is_none(), "told by its webhook: {before}");
        swept_again(&connection, business.line.line.as_str()).await;

        // Nobody listens until Twilio gives up.
        town.server.stop().await;
        let fake = town.fake(&business);
        let webhooks = fake.webhooks(&business.line.line, &inbound(), Key::Current);
        for webhook in &webhooks {
            fake.courier().deliver(webhook.clone());
        }
        eventually("Twilio to give up", PATIENCE, async || (fake.courier().under_way() == 0).then_some(())).await;
        town.server.start().await;

        let found = hears(&business, 6).await;
        let expected = ["a00", "a01", "a02", "a03", "a04", "a05"];
        assert!(ids(&found).iter().zip(expected).all(|(id, end)| id.contains(end)), "in order: {:?}", ids(&found));
        for message in &found[1..] {
            assert_eq!(message["recovered"], json!(true), "{message}");
        }
        assert_eq!((&found[1]["body"], &found[1]["type"]), (&json!("יש מישהו? 🙂"), &json!("text")));
        assert_eq!((&found[2]["body"], &found[2]["type"]), (&json!("כך זה נראה"), &json!("image")));
        assert_eq!((&found[4]["media_type"], &found[4]["type"]), (&json!("application/pdf"), &json!("document")));
        assert!(found[2]["media_url"].is_string() && found[4]["media_url"].is_string());
        assert_eq!(found[3]["phone_number"], format!("+{AMIR}"));

        // Neither a further sweep nor a webhook that comes after all adds anything.
        swept_again(&connection, business.line.line.as_str()).await;
        for webhook in &webhooks {
            assert_eq!(business.client.deliver(webhook).await, Some(200));
        }
        tokio::time::sleep(Duration::from_millis(700)).await;
        assert_eq!(ids(&heard(&business).await), ids(&found));
        let (_, listed) = business.client.get("/api/conversations").await;
        let unread =
            listed["conversations"].as_array().unwrap().iter().map(|one| one["unread_count"].as_i64().unwrap());
        assert_eq!(unread.sum::<i64>(), 6, "{listed}");
        let (_, log) = business.client.get("/api/events?limit=500").await;
        let received = log["events"].as_array().unwrap().iter().filter(|event| event["kind"] == "message.received");
        let marked: Vec<_> = received.map(|event| event["data"]["recovered"] == json!(true)).collect();
        assert_eq!(marked, [false, true, true, true, true, true], "{log}");
    }
}

/// A mark that a wrong clock made does not end the looking.
#[tokio::test(flavor = "multi_thread")]
async fn a_mark_in_the_future_is_not_believed() {
    for database in databases().await {
        let town = town(database).await;
        let (business, fake) = (town.twilio(), &town.world.twilio_fake);
        let connection = town.database.connect().await;
        swept_again(&connection, business.line.line.as_str()).await;
        let future = "UPDATE line_sweep SET swept_until = '2090-01-01T00:00:00+00:00'";
        let statement = Statement::from_string(connection.get_database_backend(), future);
        assert_eq!(connection.execute_raw(statement).await.unwrap().rows_affected(), 1);
        let item = Inbound::text("SM00000000000000000000000000000e01", DANA, "איפה אני");
        fake.receive_untold(&business.line.line, &[item]);
        assert_eq!(hears(business, 1).await[0]["body"], "איפה אני");
    }
}

/// What is found later stands where its time puts it.
#[tokio::test(flavor = "multi_thread")]
async fn an_older_message_does_not_hide_a_newer_one_of_ours() {
    for database in databases().await {
        let port = free_port();
        let world = World::open_with(&format!("http://127.0.0.1:{port}"), 2).await.unwrap();
        let often = [("SWEEP_SECONDS", "1"), ("SWEEP_MARGIN_SECONDS", "4")];
        let town = Town::start_in(world, port, database, &[Town::SHORT.as_slice(), &often].concat()).await;
        let (business, fake) = (town.twilio(), &town.world.twilio_fake);
        let item = Inbound::text("SM00000000000000000000000000000e21", DANA, "ישן");
        fake.receive_untold(&business.line.line, &[item]);
        tokio::time::sleep(Duration::from_millis(1500)).await;
        business.client.send(DANA, "חדש יותר").await;
        business.client.hears("ישן").await;
        let (_, listed) = business.client.get("/api/conversations").await;
        assert_eq!(listed["conversations"][0]["last_text"], "חדש יותר", "{listed}");
    }
}

/// How far our messages came while no webhook said so, and what to do about one that failed.
#[tokio::test(flavor = "multi_thread")]
async fn statuses_that_nobody_told_are_found() {
    for database in databases().await {
        let town = town(database).await;
        let (business, fake) = (town.twilio(), &town.world.twilio_fake);
        let (seen, lost) = (business.client.send(DANA, "נקרא").await, business.client.send(AMIR, "אבד").await);
        let reached = |sent: &Value, to, status| Inbound::status(sent["sid"].as_str().unwrap(), to, status);
        let items = [reached(&seen, DANA, Status::Read), reached(&lost, AMIR, Status::Failed)];
        fake.receive_untold(&business.line.line, &items);
        business.client.reaches(seen["id"].as_str().unwrap(), "read").await;
        let failed = business.client.reaches(lost["id"].as_str().unwrap(), "failed").await;
        assert_eq!(failed["error"]["code"], "63024", "{failed}");
        assert!(failed["error"]["advice"].as_str().is_some_and(|advice| advice.contains("number")), "{failed}");
    }
}

/// More than a page and more than a commit; what was written before the line was there is not the line's.
#[tokio::test(flavor = "multi_thread")]
async fn many_pages_from_the_first_day_of_the_line_on() {
    for database in databases().await {
        let town = town(database).await;
        let (line, fake) = (town.twilio().line.clone(), &town.world.twilio_fake);
        town.twilio().client.delete("/api/whatsapp/config?provider=twilio").await;
        // Somebody else's from now on; the list tells whole seconds.
        fake.receive_untold(&line.line, &[Inbound::text("SM00000000000000000000000000000b00", DANA, "לקודמים")]);
        tokio::time::sleep(Duration::from_millis(1100)).await;
        let (_, client) = town.bare_business("הבאים").await;
        Town::set_line(&client, &line).await;
        let next = Business { client, ..town.twilio().clone() };
        tokio::time::sleep(Duration::from_millis(1100)).await;
        let text = |number: usize| {
            let (id, from) = (format!("SM{number:032x}"), format!("9725400{:05}", number % 7));
            Inbound::text(&id, &from, &format!("מספר {number}"))
        };
        let items: Vec<_> = (1000..1450).map(text).collect();
        fake.receive_untold(&line.line, &items);
        hears(&next, 450).await;
        swept_again(&town.database.connect().await, line.line.as_str()).await;
        let found = heard(&next).await;
        assert_eq!(found.len(), 450);
        let mut bodies: Vec<_> = found.iter().map(|message| message["body"].as_str().unwrap().to_owned()).collect();
        bodies.sort();
        bodies.dedup();
        assert_eq!(bodies.len(), 450);
    }
}

/// A list that cannot be read is read later, from where it was left; and the other lines do not wait for it.
#[tokio::test(flavor = "multi_thread")]
async fn trouble_is_waited_for_and_is_nobody_elses() {
    for database in databases().await {
        let mut town = town(database).await;
        let relay = town.relay_twilio().await;
        let (business, fake) = (town.twilio(), &town.world.twilio_fake);
        // A line whose token is refused, beside it.
        let (_, client) = town.bare_business("טוקן ישן").await;
        let account = business.line.settings.get("account_sid").unwrap().expose();
        let settings = json!({ "account_sid": account, "auth_token": "expired", "from": "whatsapp:+14155550123" });
        let (status, answer) =
            client.post("/api/whatsapp/config", &json!({ "provider": "twilio", "settings": settings })).await;
        assert_eq!(status, 200, "{answer}");
        relay.close(true);
        let looks = relay.looks();
        fake.receive_untold(
            &business.line.line,
            &[Inbound::text("SM00000000000000000000000000000c01", DANA, "אחרי התקלה")],
        );
        eventually("some looks in vain", PATIENCE, async || (relay.looks() > looks + 3).then_some(())).await;
        assert!(heard(business).await.is_empty());
        relay.close(false);
        let found = hears(business, 1).await;
        assert_eq!((&found[0]["body"], &found[0]["recovered"]), (&json!("אחרי התקלה"), &json!(true)));
    }
}

/// Whoever takes a line over sweeps it; two nodes find everything once.
#[tokio::test(flavor = "multi_thread")]
async fn the_next_holder_goes_on() {
    let Some(database) = databases().await.into_iter().find(Database::is_postgres) else {
        println!("skipped: TEST_POSTGRES_URL names no Postgres");
        return;
    };
    let mut town = town(database).await;
    let mut second = Server::new(&town.database, free_port());
    for (name, value) in Town::providers(&town.world) {
        second.set(name, value);
    }
    for (name, value) in Town::SHORT.into_iter().chain([("SWEEP_SECONDS", "1"), ("SWEEP_MARGIN_SECONDS", "1")]) {
        second.set(name, value);
    }
    second.set("PUBLIC_BASE_URL", town.server.origin.clone());
    second.start().await;
    let business = town.twilio().clone();
    let here = Business { client: business.client.at(&second.origin), ..business };
    town.server.kill().await;
    let item = Inbound::text("SM00000000000000000000000000000d01", AMIR, "לשרת השני");
    town.world.twilio_fake.receive_untold(&here.line.line, &[item]);
    let found = hears(&here, 1).await;
    assert_eq!((&found[0]["body"], &found[0]["recovered"]), (&json!("לשרת השני"), &json!(true)));
    town.server.start().await;
    swept_again(&town.database.connect().await, here.line.line.as_str()).await;
    assert_eq!(heard(&here).await.len(), 1);
}
