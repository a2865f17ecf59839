//! All between a business and one contact.
use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "conversation")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose.
    pub business_id: Uuid,
    /// With whom; one conversation each.
    pub customer_id: Uuid,
    /// `open` …
    pub status: String,
    /// Last text, for the list.
    pub last_text: Option<String>,
    /// Time of the last message.
    pub last_message_at: DateTimeUtc,
    /// When the contact last wrote; opens the window.
    pub last_inbound_at: Option<DateTimeUtc>,
    /// Messages that no agent read.
    pub unread_count: i32,
    /// When it began.
    pub created_at: DateTimeUtc,
}

/// No joins are declared; repositories write them out.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
