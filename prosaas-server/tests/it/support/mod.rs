//! A server process, its outside world, and its database.
mod client;
mod database;
mod server;
mod town;

pub use self::{
    client::Client,
    database::{Database, databases},
    server::Server,
    town::{Business, Town},
};

use std::time::{Duration, Instant};

/// Asks until the answer is there, or fails after `limit`, saying what for.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, limit: Duration, mut ask: impl FnMut() -> F) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(began.elapsed() < limit, "waited {limit:?} for {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
