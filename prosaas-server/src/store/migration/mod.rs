//! Migrations, append-only: a file that has shipped never changes.
mod m0001_start;
mod m0002_provider_lists;

use sea_orm_migration::{MigrationTrait, MigratorTrait, async_trait};

/// All migrations, oldest first.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m0001_start::Migration), Box::new(m0002_provider_lists::Migration)]
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectionTrait, Database, Statement};

    use super::*;

    const MESSAGE: &str = "INSERT INTO whatsapp_message \
        (id, business_id, conversation_id, customer_id, direction, provider, kind, content, status, timestamp, created_at) \
        VALUES (x'01', x'02', x'03', x'04', 'in', 'twilio', 'text', '{}', 'received', '2026-01-01', '2026-01-01')";

    /// What an older version stored is still there, and reads as what it was.
    #[tokio::test]
    async fn rows_of_the_first_version_go_along() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("old.db").display());
        let db = Database::connect(url).await.unwrap();
        let recovered = async || {
            let sql = Statement::from_string(db.get_database_backend(), "SELECT recovered FROM whatsapp_message");
            db.query_one_raw(sql).await.ok()??.try_get_by_index::<bool>(0).ok()
        };
        Migrator::up(&db, Some(1)).await.unwrap();
        db.execute_unprepared(MESSAGE).await.unwrap();
        assert_eq!(recovered().await, None, "the first version did not know of it");
        Migrator::up(&db, None).await.unwrap();
        assert_eq!(recovered().await, Some(false));
        Migrator::down(&db, Some(1)).await.unwrap();
        assert_eq!(recovered().await, None);
        Migrator::up(&db, None).await.unwrap();
        assert_eq!(recovered().await, Some(false));
    }
}
