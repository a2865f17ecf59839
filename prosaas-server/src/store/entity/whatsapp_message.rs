//! A message, in or out.
use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "whatsapp_message")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose.
    pub business_id: Uuid,
    /// Where it shows.
    pub conversation_id: Uuid,
    /// With whom.
    pub customer_id: Uuid,
    /// By which line; null for a link.
    pub line_id: Option<Uuid>,
    /// `in` or `out`.
    pub direction: String,
    /// `meta`, `twilio`, `baileys`, `wa_link`.
    pub provider: String,
    /// The provider's id; unique per line.
    pub provider_message_id: Option<String>,
    /// The contact's number, E.164.
    pub phone_number: Option<String>,
    /// `text`, `image` …; JSON calls it `type`.
    pub kind: String,
    /// Text, caption, emoji.
    pub body: Option<String>,
    /// Address of the file.
    pub media_url: Option<String>,
    /// MIME type of the file.
    pub media_type: Option<String>,
    /// Everything, as the contract spells it.
    pub content: Json,
    /// Provider's id of the quoted message.
    pub reply_to: Option<String>,
    /// State, see `Status`; `intent` for a link.
    pub status: String,
    /// Why it waits.
    pub reason: Option<String>,
    /// What kind of failure it is, see `ErrorKind`.
    pub error_kind: Option<String>,
    /// The provider's code, or ours.
    pub error_code: Option<String>,
    /// In words.
    pub error_message: Option<String>,
    /// What to do.
    pub error_advice: Option<String>,
    /// Read from the provider's list afterwards, because no webhook told of it.
    pub recovered: bool,
    /// The provider's time.
    pub timestamp: DateTimeUtc,
    /// When it was stored.
    pub created_at: DateTimeUtc,
    /// First tick.
    pub sent_at: Option<DateTimeUtc>,
    /// Second tick.
    pub delivered_at: Option<DateTimeUtc>,
    /// Inbound: an agent read it. Outbound: the contact did.
    pub read_at: Option<DateTimeUtc>,
    /// Voice note played.
    pub played_at: Option<DateTimeUtc>,
    /// When it failed.
    pub failed_at: Option<DateTimeUtc>,
}

/// No joins are declared; repositories write them out.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
