//! A server process, its outside world, and its database.
mod client;
mod database;
mod nginx;
mod relay;
mod server;
mod town;
mod webhook;

pub use self::{
    client::Client,
    database::{Database, databases},
    nginx::Nginx,
    relay::Relay,
    server::{Server, free_port},
    town::{Business, Town},
    webhook::{by_bridge, by_meta, by_twilio, post_from, post_from_afar},
};

use std::time::{Duration, Instant};

/// Asks until the answer is there, or fails after `limit`, saying what for.
pub async fn eventually<T, F: Future<Output = Option<T>>>(
    what: &str,
    limit: Duration,
    mut ask: impl FnMut() -> F,
) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(began.elapsed() < limit, "waited {limit:?} for {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Runs `test` in a town of its own on every database.
pub async fn in_every_town(test: impl AsyncFn(&Town)) {
    for database in databases().await {
        println!("on {}", if database.is_postgres() { "PostgreSQL" } else { "SQLite" });
        let town = Town::start(database).await;
        test(&town).await;
    }
}
