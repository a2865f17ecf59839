use std::sync::Arc;

use sea_orm::{ConnectOptions, ConnectionTrait, Database as Connect, DatabaseConnection};
use tempfile::TempDir;

/// A database of one test's own. Clones share it; the last one to go removes it.
#[derive(Clone, Debug)]
pub struct Database {
    pub url: String,
    /// The server's data folder.
    pub folder: Arc<TempDir>,
    _drop: Option<Arc<DropDatabase>>,
}

#[derive(Debug)]
struct DropDatabase {
    admin: String,
    name: String,
}

impl Database {
    pub fn sqlite() -> Self {
        let folder = Arc::new(TempDir::new().unwrap());
        Self { url: format!("sqlite:{}", folder.path().join("test.db").display()), folder, _drop: None }
    }

    pub async fn postgres(admin: &str) -> Self {
        let name = format!("it_{}", hex::encode(prosaas_server::clock::random::<8>().unwrap()));
        let server = Connect::connect(admin).await.expect("TEST_POSTGRES_URL answers");
        server.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
        let mut url = url::Url::parse(admin).unwrap();
        url.set_path(&name);
        let removed = DropDatabase { admin: admin.to_owned(), name };
        Self { url: url.to_string(), folder: Arc::new(TempDir::new().unwrap()), _drop: Some(Arc::new(removed)) }
    }

    pub fn is_postgres(&self) -> bool {
        self.url.starts_with("postgres")
    }

    /// One connection of the test's own, to look at rows or to hold locks.
    pub async fn connect(&self) -> DatabaseConnection {
        let url = self.url.replacen("sqlite:", "sqlite://", 1);
        let mut options = ConnectOptions::new(url);
        options.max_connections(1).sqlx_logging(false);
        Connect::connect(options).await.unwrap()
    }
}

impl Drop for DropDatabase {
    fn drop(&mut self) {
        let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let admin = self.admin.clone();
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { Connect::connect(admin).await.unwrap().execute_unprepared(&sql).await.unwrap() });
        });
        let _ = dropped.join();
    }
}

/// SQLite, and Postgres if `TEST_POSTGRES_URL` says where one answers.
pub async fn databases() -> Vec<Database> {
    let mut all = vec![Database::sqlite()];
    #[expect(clippy::disallowed_methods, reason = "where the tests find Postgres")]
    if let Ok(admin) = std::env::var("TEST_POSTGRES_URL") {
        all.push(Database::postgres(&admin).await);
    }
    all
}
