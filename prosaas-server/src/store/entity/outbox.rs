//! A message to be sent; its id is the correlation.
use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose.
    pub business_id: Uuid,
    /// By which line.
    pub line_id: Uuid,
    /// Which message.
    pub message_id: Uuid,
    /// Which peer of the line.
    pub lane: String,
    /// Order within the line.
    pub seq: i64,
    /// See `OutboxState`.
    pub state: String,
    /// To whom.
    pub recipient: Json,
    /// What.
    pub content: Json,
    /// Provider's id of the quoted message.
    pub reply_to: Option<String>,
    /// How often it was handed over.
    pub attempts: i32,
    /// Fence of the holder that last tried.
    pub fence: i64,
    /// Not before, database clock.
    pub run_at_ms: i64,
    /// Given up then, database clock.
    pub expires_at_ms: i64,
    /// When the last try began, database clock; null before the first.
    pub tried_at_ms: Option<i64>,
    /// The provider's id, once known or chosen.
    pub provider_message_id: Option<String>,
    /// When.
    pub created_at: DateTimeUtc,
}

/// No joins are declared; repositories write them out.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
