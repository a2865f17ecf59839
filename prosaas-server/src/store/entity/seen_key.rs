//! A dedupe key, kept for good.
use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "seen_key")]
pub struct Model {
    /// SHA-256 of the event id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: Vec<u8>,
    /// When.
    pub created_at: DateTimeUtc,
}

/// No joins are declared; repositories write them out.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
