//! A server process.
use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "node")]
pub struct Model {
    /// Its id, new at every start.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Alive until, database clock.
    pub until_ms: i64,
    /// When it started.
    pub started_at: DateTimeUtc,
}

/// No joins are declared; repositories write them out.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
