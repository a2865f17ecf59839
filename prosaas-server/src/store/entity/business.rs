//! A tenant.
use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "business")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// Its domain, unique.
    pub domain: Option<String>,
    /// Whether it may be used at all.
    pub active: bool,
    /// The provider it chose; null = never chose.
    pub whatsapp_provider: Option<String>,
    /// Off: inbound is kept, nothing is sent.
    pub whatsapp_enabled: bool,
    /// Last number given in its event log.
    pub event_seq: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
}

/// No joins are declared; repositories write them out.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
