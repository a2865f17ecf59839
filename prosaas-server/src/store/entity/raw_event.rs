//! A webhook as it arrived, sealed.
use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "raw_event")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose, if all its events are one's.
    pub business_id: Option<Uuid>,
    /// Who sent it.
    pub provider: String,
    /// `accepted`, `unparsed` or `orphan`.
    pub outcome: String,
    /// Sealed body.
    pub body: Vec<u8>,
    /// When.
    pub received_at: DateTimeUtc,
}

/// No joins are declared; repositories write them out.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
