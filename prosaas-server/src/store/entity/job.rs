//! An event to be applied.
use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "job")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose.
    pub business_id: Uuid,
    /// Which line.
    pub line_id: Uuid,
    /// Which peer of the line.
    pub lane: String,
    /// Order within the line.
    pub seq: i64,
    /// Where its bytes are.
    pub raw_event_id: Uuid,
    /// The event.
    pub payload: Json,
    /// `ready` or `dead`.
    pub state: String,
    /// How often it was begun.
    pub claims: i32,
    /// How often it failed and said so.
    pub failures: i32,
    /// Not before, database clock.
    pub run_at_ms: i64,
    /// Last failure.
    pub error: Option<String>,
    /// When.
    pub created_at: DateTimeUtc,
}

/// No joins are declared; repositories write them out.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
