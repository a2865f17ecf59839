//! A person who signs in.
use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "user")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose; null for a system administrator.
    pub business_id: Option<Uuid>,
    /// Unique, lower case.
    pub email: String,
    /// Display name.
    pub name: String,
    /// `system_admin`, `owner`, `admin`, `agent`.
    pub role: String,
    /// Argon2id; null until the invitation is taken.
    pub password_hash: Option<String>,
    /// Whether they may sign in.
    pub active: bool,
    /// When they were invited.
    pub created_at: DateTimeUtc,
}

/// No joins are declared; repositories write them out.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
