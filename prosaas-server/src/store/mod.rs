//! The database: one code for SQLite and Postgres.
mod connect;
pub mod entity;
mod migration;
pub mod repo;
mod tenant;

use std::time::Duration;

use sea_orm::{
    ConnectionTrait, DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr, RuntimeErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};
use sea_orm_migration::MigratorTrait;

pub use self::{connect::DatabaseUrl, migration::Migrator, tenant::TenantStore};
use crate::{
    clock::Clock,
    crypto::{CryptoError, KeyRing},
    domain::BusinessId,
};

/// The database did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It is down, too slow, or refused.
    #[error("database: {0}")]
    Database(#[from] DbErr),
    /// A sealed value does not open.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// A stored document cannot be read.
    #[error("stored document: {0}")]
    Document(#[from] serde_json::Error),
    /// It did not answer in time; what was under way is undone.
    #[error("the database did not answer in time")]
    Timeout,
    /// Another node holds the line now; whatever was under way was undone.
    #[error("the line has another holder")]
    Fenced,
}

impl StoreError {
    /// Whether the database is away, full or busy, rather than refusing what it was given: trying again is right, and
    /// what was tried is not to blame.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Timeout | Self::Database(DbErr::Conn(_) | DbErr::ConnectionAcquire(_)) => true,
            Self::Database(DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) => {
                error.as_database_error().is_none_or(|error| error.code().is_some_and(|code| is_outage_code(&code)))
            }
            _ => false,
        }
    }
}

/// Postgres: connection, rolled back, resources, intervention, system, read-only. SQLite: busy, locked, read-only, I/O,
/// full.
fn is_outage_code(code: &str) -> bool {
    let postgres = ["08", "40", "53", "57", "58", "25006"];
    let sqlite = code.parse::<i32>().ok().filter(|_| code.len() < 5).map(|code| code & 0xff);
    postgres.iter().any(|class| code.len() == 5 && code.starts_with(class))
        || matches!(sqlite, Some(5 | 6 | 8 | 10 | 13))
}

/// A handle to the database. Clones share connections.
#[derive(Clone, Debug)]
pub struct Store {
    /// SQLite: exactly one connection, because it has one writer. Postgres: the pool.
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    keys: KeyRing,
    clock: Clock,
}

impl Store {
    /// Connects.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn open(url: &DatabaseUrl, keys: KeyRing, clock: Clock) -> Result<Self, StoreError> {
        let (writer, reader) = connect::open(url).await?;
        Ok(Self { writer, reader, keys, clock })
    }

    /// Brings the schema up to date.
    ///
    /// # Errors
    /// If a migration fails; what it did is undone where the database can.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        Ok(Migrator::up(&self.writer, None).await?)
    }

    /// Whether the schema is up to date.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn is_current(&self) -> Result<bool, StoreError> {
        Ok(Migrator::get_pending_migrations(&self.writer).await?.is_empty())
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// If it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.reader.ping().await?)
    }

    /// All queries of one business start here.
    #[must_use]
    pub fn tenant(&self, business: BusinessId) -> TenantStore<'_> {
        TenantStore::new(self, business)
    }

    /// Gives up on a database that hangs; what was under way is undone. SQLite does not hang, it is busy for a while and
    /// says so, and its driver may keep half of a transaction whose caller left: there the work always ends by itself.
    pub(crate) async fn within<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        if self.is_embedded() {
            return work.await;
        }
        tokio::time::timeout(limit, work).await.unwrap_or(Err(StoreError::Timeout))
    }

    /// Begins a transaction that writes.
    pub(crate) async fn begin(&self) -> Result<DatabaseTransaction, StoreError> {
        // On SQLite a transaction that begins by reading could not wait for another process's writer.
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        Ok(self.writer.begin_with_options(options).await?)
    }

    /// For reading outside a transaction.
    pub(crate) fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    pub(crate) fn keys(&self) -> &KeyRing {
        &self.keys
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Whether this process is the only one that can use the database.
    pub(crate) fn is_embedded(&self) -> bool {
        self.writer.get_database_backend() == DatabaseBackend::Sqlite
    }

    /// The database's clock in Unix milliseconds, to use inside a statement.
    pub(crate) fn now_ms(&self) -> SimpleExpr {
        Expr::cust(self.now_sql())
    }

    fn now_sql(&self) -> &'static str {
        if self.is_embedded() {
            "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
        } else {
            "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)"
        }
    }

    /// The database's clock in Unix milliseconds, `plus_ms` from now, to use inside a statement.
    pub(crate) fn after_ms(&self, plus_ms: i64) -> SimpleExpr {
        self.now_ms().add(plus_ms)
    }

    /// Reads the database's clock, in Unix milliseconds.
    pub(crate) async fn read_clock(&self, db: &impl ConnectionTrait) -> Result<i64, StoreError> {
        let sql = format!("SELECT {} AS now", self.now_sql());
        let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
        let row = row.ok_or_else(|| DbErr::RecordNotFound("the clock".to_owned()))?;
        Ok(row.try_get("", "now")?)
    }
}
