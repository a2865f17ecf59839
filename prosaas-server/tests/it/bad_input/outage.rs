//! The database goes away for a moment: nothing is acknowledged that is not stored, and nothing is lost.
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, DatabaseConnection};

use super::text;
use crate::support::{Client, Database, Town, eventually, in_every_town};

/// A database that takes nothing, until [`Shut::open`].
struct Shut {
    connection: DatabaseConnection,
    reopen: Option<String>,
}

impl Shut {
    async fn shut(database: &Database) -> Self {
        if !database.is_postgres() {
            // SQLite is never away, but somebody may hold it: a backup, a person with a shell.
            let connection = database.connect().await;
            connection.execute_unprepared("BEGIN IMMEDIATE").await.unwrap();
            return Self { connection, reopen: None };
        }
        let mut admin = url::Url::parse(&database.url).unwrap();
        let name = admin.path().trim_start_matches('/').to_owned();
        admin.set_path("/postgres");
        let connection = sea_orm::Database::connect(admin.as_str()).await.unwrap();
        for sql in [
            format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"),
            format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"),
        ] {
            connection.execute_unprepared(&sql).await.unwrap();
        }
        Self { connection, reopen: Some(format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")) }
    }

    async fn open(self) {
        self.connection.execute_unprepared(self.reopen.as_deref().unwrap_or("ROLLBACK")).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_acknowledged_meanwhile() {
    in_every_town(async |town| {
        for business in &town.businesses {
            town.writes(business, "before", "972590000001", "לפני");
            business.client.hears("לפני").await;
        }
        let shut = Shut::shut(&town.database).await;
        let ask = |at: usize| async move {
            let business = &town.businesses[at];
            let began = Instant::now();
            let status = business.client.deliver(&text(town, business, "meanwhile")).await;
            (business.provider.clone(), status, began.elapsed())
        };
        for _ in 0..2 {
            let answers: [_; 3] = tokio::join!(ask(0), ask(1), ask(2)).into();
            for (provider, status, took) in answers {
                println!("{provider}: {status:?} after {took:?}");
                assert_eq!(status, Some(503), "{provider}");
                assert!(took < Duration::from_secs(3), "{provider}: {took:?}");
            }
        }
        assert_eq!(town.meta().client.stranger().get("/healthz").await.0, 200, "the process lives");
        shut.open().await;
        for business in &town.businesses {
            let webhook = text(town, business, "meanwhile");
            eventually("the webhook to be taken", Duration::from_secs(10), async || {
                business.client.deliver(&webhook).await.filter(|status| (200..300).contains(status))
            })
            .await;
            once(&business.client, "הודעה meanwhile 🙂").await;
            assert_eq!(sends(town, &business.client).await, "sent");
        }
    })
    .await;
}

async fn once(client: &Client, body: &str) {
    client.hears(body).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(client.inbound_bodies().await.iter().filter(|known| *known == body).count(), 1);
}

async fn sends(town: &Town, client: &Client) -> String {
    assert_eq!(town.meta().client.stranger().get("/readyz").await.0, 200);
    let answer = client.send("0590000001", "אחרי").await;
    client.reaches(answer["id"].as_str().unwrap(), "sent").await["status"].as_str().unwrap().to_owned()
}
