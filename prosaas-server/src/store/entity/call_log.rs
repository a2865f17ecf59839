//! A phone call.
use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "call_log")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose.
    pub business_id: Uuid,
    /// With whom, if known.
    pub customer_id: Option<Uuid>,
    /// Twilio's id, unique.
    pub call_sid: String,
    /// E.164.
    pub from_number: String,
    /// E.164.
    pub to_number: String,
    /// `in` or `out`.
    pub direction: String,
    /// Twilio's word.
    pub status: String,
    /// Where the recording is.
    pub recording_url: Option<String>,
    /// What was said.
    pub transcription: Option<String>,
    /// When it began.
    pub started_at: DateTimeUtc,
    /// When it ended.
    pub ended_at: Option<DateTimeUtc>,
}

/// No joins are declared; repositories write them out.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
