//! One WhatsApp number of a business on one provider.
use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "line")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose.
    pub business_id: Uuid,
    /// `meta`, `twilio`, `baileys` …
    pub provider: String,
    /// The provider's id of it; unique per provider.
    pub external_id: String,
    /// Random name of its own webhook address.
    pub hook_id: String,
    /// Sealed settings, JSON.
    pub credentials: Vec<u8>,
    /// `config` = set by the business, `env` = from the environment.
    pub origin: String,
    /// When it was first seen working.
    pub linked_at: Option<DateTimeUtc>,
    /// Gone, but messages still name it.
    pub removed_at: Option<DateTimeUtc>,
    /// Grows with every change; nodes reload by the sum of all.
    pub revision: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

/// No joins are declared; repositories write them out.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
