//! From `DATABASE_URL` to connections.
use std::{fmt, path::Path, str::FromStr, time::Duration};

use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr};
use url::Url;

/// Where the data is: a SQLite file or a Postgres server. `Debug` and `Display` hide user and password.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite:` and a path.
    Sqlite(String),
    /// `postgres://…`
    Postgres(String),
}

/// The text is neither a SQLite nor a Postgres address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`sqlite:path/to/file.db` or `postgres://user:password@host/database` expected")]
pub struct InvalidDatabaseUrl;

impl DatabaseUrl {
    /// A SQLite file.
    #[must_use]
    pub fn file(path: &Path) -> Self {
        Self::Sqlite(path.display().to_string())
    }

    /// The SQLite file, if it is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(path) => Some(Path::new(path)),
            Self::Postgres(_) => None,
        }
    }
}

impl FromStr for DatabaseUrl {
    type Err = InvalidDatabaseUrl;

    /// Also reads SQLAlchemy's spellings: `sqlite:///./file.db`, `postgresql+psycopg2://`.
    fn from_str(text: &str) -> Result<Self, InvalidDatabaseUrl> {
        let (scheme, rest) = text.trim().split_once(':').ok_or(InvalidDatabaseUrl)?;
        match scheme.split('+').next().unwrap_or_default() {
            "sqlite" => {
                // SQLAlchemy: three slashes before a relative path, four before an absolute one.
                let path = rest.strip_prefix("///").or_else(|| rest.strip_prefix("//")).unwrap_or(rest);
                let path = path.split('?').next().unwrap_or_default();
                if path.is_empty() || path == ":memory:" {
                    return Err(InvalidDatabaseUrl);
                }
                Ok(Self::Sqlite(path.to_owned()))
            }
            "postgres" | "postgresql" => {
                let address = format!("postgres:{rest}");
                let url = Url::parse(&address).map_err(|_| InvalidDatabaseUrl)?;
                if url.host_str().is_none() { Err(InvalidDatabaseUrl) } else { Ok(Self::Postgres(address)) }
            }
            _ => Err(InvalidDatabaseUrl),
        }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{path}"),
            Self::Postgres(address) => {
                let url = Url::parse(address).ok();
                let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
                write!(f, "postgres://{host}{}", url.as_ref().map_or("", Url::path))
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Longest wait for a connection: a webhook must be answered with 503 within 2 seconds.
const ACQUIRE: Duration = Duration::from_millis(1500);

/// Prepared statements kept per connection: more than there are shapes.
const STATEMENTS: usize = 500;

pub(super) async fn open(url: &DatabaseUrl) -> Result<(DatabaseConnection, DatabaseConnection), DbErr> {
    match url {
        DatabaseUrl::Sqlite(path) => {
            let address = format!("sqlite://{path}?mode=rwc");
            let writer = Database::connect(sqlite(&address, 1)).await?;
            Ok((writer, Database::connect(sqlite(&address, 4)).await?))
        }
        DatabaseUrl::Postgres(address) => {
            let mut options = ConnectOptions::new(address);
            options.max_connections(20).acquire_timeout(ACQUIRE).connect_timeout(ACQUIRE).sqlx_logging(false);
            options.map_sqlx_postgres_opts(|options| options.statement_cache_capacity(STATEMENTS));
            let pool = Database::connect(options).await?;
            Ok((pool.clone(), pool))
        }
    }
}

fn sqlite(address: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(address);
    options.max_connections(connections).acquire_timeout(ACQUIRE).sqlx_logging(false);
    options.map_sqlx_sqlite_opts(|options| {
        options
            .pragma("journal_mode", "WAL")
            // An acknowledged webhook survives a power cut.
            .pragma("synchronous", "FULL")
            .busy_timeout(ACQUIRE)
            .statement_cache_capacity(STATEMENTS)
    });
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_spelling() {
        let sqlite = |path: &str| DatabaseUrl::Sqlite(path.to_owned());
        for (text, expected) in [
            ("sqlite:data/a.db", sqlite("data/a.db")),
            ("sqlite://data/a.db", sqlite("data/a.db")),
            ("sqlite:///./a.db", sqlite("./a.db")),
            ("sqlite:////var/a.db", sqlite("/var/a.db")),
        ] {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
        for text in ["postgres://u:pw@h/d", "postgresql://u:pw@h/d", "postgresql+psycopg2://u:pw@h/d"] {
            let url: DatabaseUrl = text.parse().unwrap();
            assert_eq!(url, DatabaseUrl::Postgres("postgres://u:pw@h/d".to_owned()));
            assert_eq!(format!("{url:?}"), "postgres://h/d");
        }
        for text in ["", "mysql://h/d", "sqlite:", "sqlite::memory:", "postgres:", "a.db"] {
            assert!(text.parse::<DatabaseUrl>().is_err(), "{text}");
        }
    }
}
