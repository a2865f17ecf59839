//! A SQLite file has one server: the second one does not start.
use std::{fs::File, path::PathBuf};

use anyhow::{Context, bail};

use crate::store::DatabaseUrl;

/// [`hold`], once the folder is there.
///
/// # Errors
/// As there.
pub(crate) fn hold_for(config: &crate::config::Config) -> anyhow::Result<Option<File>> {
    if let Some(folder) = config.database.path().and_then(std::path::Path::parent) {
        std::fs::create_dir_all(folder).context("DATABASE_URL: the file's folder cannot be made")?;
    }
    hold(&config.database)
}

/// Holds the file as long as the process lives; the operating system lets go when it ends, however it ends.
///
/// # Errors
/// If another process holds it.
pub(crate) fn hold(database: &DatabaseUrl) -> anyhow::Result<Option<File>> {
    let Some(path) = database.path() else { return Ok(None) };
    let lock = PathBuf::from(format!("{}.lock", path.display()));
    let file = File::create(&lock).with_context(|| format!("{} cannot be written", lock.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(std::fs::TryLockError::WouldBlock) => {
            bail!("another server runs on {database}; SQLite serves one process, use Postgres for more")
        }
        Err(std::fs::TryLockError::Error(error)) => Err(error).context("the database file cannot be locked"),
    }
}
