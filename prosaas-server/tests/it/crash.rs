//! kill -9 at the three moments that lose or double messages elsewhere. `CRASH_ROUNDS` repeats them.
use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection};
use serde_json::{Value, json};
use whatsapp_core::{
    Status,
    testing::{Fault, Inbound, Key},
};

use crate::support::{Business, Database, Town, databases, eventually};

const PATIENCE: Duration = Duration::from_secs(30);

fn rounds() -> usize {
    #[expect(clippy::disallowed_methods, reason = "how often to repeat")]
    std::env::var("CRASH_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(1)
}

fn name(database: &Database) -> &'static str {
    if database.is_postgres() { "Postgres" } else { "SQLite" }
}

/// Right after the 200: what was acknowledged is there, once, however often the provider repeats it.
#[tokio::test(flavor = "multi_thread")]
async fn crash_after_acknowledging_loses_nothing() {
    for database in databases().await {
        let on = name(&database);
        let mut town = Town::start(database).await;
        for round in 0..rounds() {
            for business in town.businesses.clone() {
                let body = format!("סיבוב {round} 🙂");
                let item = Inbound::text(&format!("in-{round}"), "972501234567", &body);
                let webhook = town.fake(&business).webhooks(&business.line.line, &[item], Key::Current).remove(0);
                assert_eq!(business.client.deliver(&webhook).await, Some(200));
                town.server.kill().await;
                town.server.start().await;
                // The provider may not have heard the 200.
                assert_eq!(business.client.deliver(&webhook).await, Some(200));
                let bodies = eventually("the message", PATIENCE, || async {
                    let bodies = business.client.inbound_bodies().await;
                    bodies.contains(&body).then_some(bodies)
                })
                .await;
                assert_eq!(bodies.iter().filter(|one| **one == body).count(), 1, "{on} {}", business.provider);
            }
        }
        println!("{on}: killed {} times right after a 200, nothing lost, nothing doubled", 3 * rounds());
    }
}

/// Between `sending` and the provider's answer: perhaps sent, so it is settled by proof, or sent again when none comes.
#[tokio::test(flavor = "multi_thread")]
async fn crash_before_the_answer_doubles_nothing() {
    for database in databases().await {
        let on = name(&database);
        let mut town = Town::start(database).await;
        for business in &town.businesses {
            town.fake(business).follow_with(vec![Status::Sent, Status::Delivered]);
        }
        for round in 0..rounds() {
            for (at, business) in town.businesses.clone().into_iter().enumerate() {
                // Every other time the provider took it.
                let taken = (round + at) % 2 == 0;
                let fault = if taken { Fault::HangAfterAccept } else { Fault::HangBeforeAccept };
                town.fake(&business).faults().push(fault);
                let before = town.fake(&business).requests();
                let text = format!("לפני התשובה {round}");
                let id = queue(&business, &text).await;
                eventually("the provider to be asked", PATIENCE, || async {
                    (town.fake(&business).requests() > before).then_some(())
                })
                .await;
                town.server.kill().await;
                town.server.start().await;
                settled(&town, &business, &id, &text, on).await;
            }
        }
        println!("{on}: killed {} times while the provider was asked, nothing lost, nothing sent twice", 3 * rounds());
    }
}

/// Between the answer and our commit: the database is held shut while the answer arrives, then the server is killed.
#[tokio::test(flavor = "multi_thread")]
async fn crash_before_the_commit_doubles_nothing() {
    for database in databases().await {
        let on = name(&database);
        let mut town = Town::start(database).await;
        for business in &town.businesses {
            town.fake(business).follow_with(vec![Status::Sent, Status::Delivered]);
        }
        let shutter = town.database.connect().await;
        for round in 0..rounds() {
            for business in town.businesses.clone() {
                let before = town.fake(&business).accepted().len();
                town.fake(&business).faults().push(Fault::SlowAnswer { millis: 400 });
                let text = format!("אחרי התשובה {round}");
                let id = queue(&business, &text).await;
                eventually("the provider to take it", PATIENCE, || async {
                    (town.fake(&business).accepted().len() > before).then_some(())
                })
                .await;
                shut(&shutter, &town.database).await;
                tokio::time::sleep(Duration::from_millis(700)).await;
                town.server.kill().await;
                shutter.execute_unprepared("ROLLBACK").await.unwrap();
                town.server.start().await;
                settled(&town, &business, &id, &text, on).await;
            }
        }
        println!("{on}: killed {} times between answer and commit, nothing lost, nothing sent twice", 3 * rounds());
    }
}

/// Lets nobody else write until `ROLLBACK`.
async fn shut(connection: &DatabaseConnection, database: &Database) {
    let sql = if database.is_postgres() {
        "BEGIN; LOCK TABLE outbox, whatsapp_message IN EXCLUSIVE MODE"
    } else {
        "BEGIN IMMEDIATE"
    };
    eventually("the database to be shut", PATIENCE, || async { connection.execute_unprepared(sql).await.ok() }).await;
}

/// Commits a message without waiting for the provider; its id.
async fn queue(business: &Business, text: &str) -> String {
    let body = json!({ "to": "972501234567", "text": text });
    let (status, answer) = business.client.post("/api/whatsapp/send?wait=0", &body).await;
    assert_eq!(status, 200, "{answer}");
    answer["id"].as_str().unwrap().to_owned()
}

/// The message comes to rest as delivered, and the provider took it exactly once.
async fn settled(town: &Town, business: &Business, id: &str, text: &str, on: &str) {
    let message = eventually("the message to be settled", PATIENCE, || async {
        let (_, message) = business.client.get(&format!("/api/whatsapp/messages/{id}/status")).await;
        (message["status"] == "delivered").then_some(message)
    })
    .await;
    let taken: Vec<_> =
        town.fake(business).accepted().into_iter().filter(|one| one.text.as_deref() == Some(text)).collect();
    assert_eq!(taken.len(), 1, "{on} {}: {text}", business.provider);
    assert_eq!(message["provider_message_id"], Value::from(taken[0].id.as_str()));
}
