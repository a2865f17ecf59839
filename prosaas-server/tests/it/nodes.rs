//! Two servers on one Postgres.
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use serde_json::json;
use whatsapp_core::testing::{Inbound, Key};

use crate::support::{Client, Server, Town, databases, eventually, free_port};

/// Node of each held line.
async fn holders(connection: &DatabaseConnection) -> Vec<String> {
    let sql = "SELECT node_id::text AS node FROM line_lease JOIN node ON node.id = node_id \
               WHERE until_ms > extract(epoch FROM clock_timestamp()) * 1000 ORDER BY line_id";
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await.unwrap();
    rows.into_iter().map(|row| row.try_get("", "node").unwrap()).collect()
}

/// Both receive, one holds each line, and a holder that dies is replaced within 35 s (with the default lease of 30 s).
#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_share_the_work_and_survive_each_other() {
    let Some(database) = databases().await.into_iter().find(crate::support::Database::is_postgres) else {
        println!("skipped: TEST_POSTGRES_URL names no Postgres");
        return;
    };
    let mut town = Town::start_with(database, &[]).await;
    let mut second = Server::new(&town.database, free_port());
    for (variable, value) in Town::providers(&town.world) {
        second.set(variable, value);
    }
    second.set("PUBLIC_BASE_URL", town.server.origin.clone());
    second.start().await;

    let connection = town.database.connect().await;
    let held = holders(&connection).await;
    assert_eq!(held.len(), 3, "every line has one holder");

    // Both receive: a webhook that reaches the second node is applied by the holder of its line.
    for business in &town.businesses {
        let item = Inbound::text("via-second", "972501234567", "הגיע לשרת השני");
        let mut webhook = town.fake(business).webhooks(&business.line.line, &[item], Key::Current).remove(0);
        webhook.url = webhook.url.replacen(&town.server.origin, &second.origin, 1);
        assert_eq!(business.client.deliver(&webhook).await, Some(200));
        eventually("the message that came by the second node", Duration::from_secs(5), || async {
            business.client.inbound_bodies().await.contains(&"הגיע לשרת השני".to_owned()).then_some(())
        })
        .await;
    }

    // A graceful stop hands over at once.
    let business = town.businesses[0].clone();
    let on_second = business.client.at(&second.origin);
    let began = Instant::now();
    town.server.stop().await;
    takes_over(&connection, &held).await;
    println!("after a graceful stop the lines moved in {:?}", began.elapsed());
    assert!(began.elapsed() < Duration::from_secs(9)); // 3 s, times the factor that a busy machine may have
    sends(&town, &on_second, "אחרי עצירה").await;

    // A killed holder is replaced when its lease is over.
    town.server.start().await;
    let held = holders(&connection).await;
    second.kill().await;
    let began = Instant::now();
    takes_over(&connection, &held).await;
    println!("after kill -9 the lines moved in {:?}", began.elapsed());
    assert!(began.elapsed() < Duration::from_secs(35));
    sends(&town, &business.client, "אחרי הריגה").await;
}

async fn takes_over(connection: &DatabaseConnection, before: &[String]) {
    eventually("another node to hold every line", Duration::from_secs(40), || async {
        let now = holders(connection).await;
        (now.len() == before.len() && now.iter().all(|node| !before.contains(node))).then_some(())
    })
    .await;
}

async fn sends(town: &Town, client: &Client, text: &str) {
    let (status, answer) =
        client.post("/api/whatsapp/send?wait=10", &json!({ "to": "972501234567", "text": text })).await;
    assert_eq!((status, answer["status"].as_str()), (200, Some("sent")), "{answer}");
    let taken = town.fake(&town.businesses[0]).accepted();
    assert_eq!(taken.iter().filter(|one| one.text.as_deref() == Some(text)).count(), 1);
}
