use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;
use whatsapp_core::{Status, Timeline};

use super::event_log::{self, NewEvent};
use crate::{
    domain::{ContactId, ConversationId, LineRef, MessageRef},
    store::{
        StoreError, TenantStore,
        entity::{conversation, customer, whatsapp_message},
    },
};

/// A message, as the API shows it.
#[derive(Clone, Debug, Serialize)]
pub struct MessageView {
    /// Its id.
    pub id: MessageRef,
    /// Where it shows.
    pub conversation_id: ConversationId,
    /// With whom.
    pub contact_id: ContactId,
    /// By which line; `None` for a link.
    pub line_id: Option<LineRef>,
    /// `in` or `out`.
    pub direction: String,
    /// `meta`, `twilio`, `baileys`, `wa_link`.
    pub provider: String,
    /// The provider's id.
    pub provider_message_id: Option<String>,
    /// The contact's number, E.164.
    pub phone_number: Option<String>,
    /// `text`, `image` …
    #[serde(rename = "type")]
    pub kind: String,
    /// Text, caption, emoji.
    pub body: Option<String>,
    /// Address of the file.
    pub media_url: Option<String>,
    /// MIME type of the file.
    pub media_type: Option<String>,
    /// How far it has come.
    pub status: String,
    /// Why it waits.
    pub reason: Option<String>,
    /// Why it failed.
    pub error: Option<Value>,
    /// Read from the provider's list afterwards, because no webhook told of it; not for a machine to answer.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub recovered: bool,
    /// The provider's time.
    pub timestamp: DateTime<Utc>,
    /// When it was stored.
    pub created_at: DateTime<Utc>,
    /// First tick.
    pub sent_at: Option<DateTime<Utc>>,
    /// Second tick.
    pub delivered_at: Option<DateTime<Utc>>,
    /// Inbound: when an agent read it; outbound: when the contact did.
    pub read_at: Option<DateTime<Utc>>,
    /// When the contact played the voice note.
    pub played_at: Option<DateTime<Utc>>,
    /// When it failed.
    pub failed_at: Option<DateTime<Utc>>,
}

impl From<whatsapp_message::Model> for MessageView {
    fn from(row: whatsapp_message::Model) -> Self {
        let error = row
            .error_code
            .map(|code| json!({ "code": code, "kind": row.error_kind, "message": row.error_message, "advice": row.error_advice }));
        Self {
            id: MessageRef(row.id),
            conversation_id: ConversationId(row.conversation_id),
            contact_id: ContactId(row.customer_id),
            line_id: row.line_id.map(LineRef),
            direction: row.direction,
            provider: row.provider,
            provider_message_id: row.provider_message_id,
            phone_number: row.phone_number,
            kind: row.kind,
            body: row.body,
            media_url: row.media_url,
            media_type: row.media_type,
            status: row.status,
            reason: row.reason,
            error,
            recovered: row.recovered,
            timestamp: row.timestamp,
            created_at: row.created_at,
            sent_at: row.sent_at,
            delivered_at: row.delivered_at,
            read_at: row.read_at,
            played_at: row.played_at,
            failed_at: row.failed_at,
        }
    }
}

/// Which part of a list.
#[derive(Clone, Debug, Default)]
pub struct PageRequest {
    /// Most items.
    pub limit: u64,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Items to skip; slow beyond thousands, cursors are not.
    pub offset: u64,
}

/// Part of a list, newest first.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page begins; `None` at the end.
    pub next_cursor: Option<String>,
}

/// A cursor is the time and id of the last item.
pub(super) fn cursor(at: DateTime<Utc>, id: Uuid) -> String {
    format!("{}_{}", at.timestamp_micros(), id.simple())
}

/// Whether `text` is a cursor that a page gave.
pub(crate) fn is_cursor(text: &str) -> bool {
    read_cursor(text).is_some()
}

pub(super) fn read_cursor(text: &str) -> Option<(DateTime<Utc>, Uuid)> {
    let (micros, id) = text.split_once('_')?;
    Some((DateTime::from_timestamp_micros(micros.parse().ok()?)?, Uuid::try_parse(id).ok()?))
}

impl TenantStore<'_> {
    /// Messages, newest first; of one contact or conversation if named.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn messages(
        &self,
        contact: Option<ContactId>,
        conversation: Option<ConversationId>,
        page: &PageRequest,
    ) -> Result<Page<MessageView>, StoreError> {
        use whatsapp_message::Column;
        let mut query = whatsapp_message::Entity::find().filter(Column::BusinessId.eq(self.id()));
        if let Some(contact) = contact {
            // By conversation, which the index knows; there is one per contact.
            let of_contact = conversation::Entity::find()
                .filter(conversation::Column::BusinessId.eq(self.id()))
                .filter(conversation::Column::CustomerId.eq(contact.0));
            let found = of_contact.one(self.reader()).await?;
            query = query.filter(Column::ConversationId.eq(found.map_or(Uuid::nil(), |row| row.id)));
        }
        if let Some(conversation) = conversation {
            query = query.filter(Column::ConversationId.eq(conversation.0));
        }
        if let Some((at, id)) = page.cursor.as_deref().and_then(read_cursor) {
            let older = Condition::any()
                .add(Column::Timestamp.lt(at))
                .add(Condition::all().add(Column::Timestamp.eq(at)).add(Column::Id.lt(id)));
            query = query.filter(older);
        }
        let query = query.order_by_desc(Column::Timestamp).order_by_desc(Column::Id);
        let rows = query.offset(page.offset).limit(page.limit).all(self.reader()).await?;
        let full = rows.len() as u64 == page.limit;
        let next_cursor = rows.last().filter(|_| full).map(|row| cursor(row.timestamp, row.id));
        Ok(Page { items: rows.into_iter().map(Into::into).collect(), next_cursor })
    }

    /// One message.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn message(&self, id: MessageRef) -> Result<Option<MessageView>, StoreError> {
        let row = whatsapp_message::Entity::find_by_id(id.0).filter(whatsapp_message::Column::BusinessId.eq(self.id()));
        Ok(row.one(self.reader()).await?.map(Into::into))
    }

    /// Marks the conversation's inbound messages up to this one as read by an agent; the ids that changed.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn mark_read(
        &self,
        conversation: ConversationId,
        until: Option<DateTime<Utc>>,
    ) -> Result<Vec<MessageRef>, StoreError> {
        use whatsapp_message::Column;
        let now = self.store().clock().now();
        let tx = self.store().begin().await?;
        let mut unread = whatsapp_message::Entity::update_many()
            .col_expr(Column::ReadAt, Expr::value(Some(now)))
            .filter(Column::BusinessId.eq(self.id()))
            .filter(Column::ConversationId.eq(conversation.0))
            .filter(Column::Direction.eq("in"))
            .filter(Column::ReadAt.is_null());
        if let Some(until) = until {
            unread = unread.filter(Column::Timestamp.lte(until));
        }
        let changed: Vec<_> =
            unread.exec_with_returning(&tx).await?.into_iter().map(|row| MessageRef(row.id)).collect();
        if changed.is_empty() {
            return Ok(changed);
        }
        let count = i32::try_from(changed.len()).unwrap_or(i32::MAX);
        conversation::Entity::update_many()
            .col_expr(conversation::Column::UnreadCount, Expr::col(conversation::Column::UnreadCount).sub(count))
            .filter(conversation::Column::BusinessId.eq(self.id()))
            .filter(conversation::Column::Id.eq(conversation.0))
            .exec(&tx)
            .await?;
        let event = NewEvent {
            business: self.id(),
            kind: "conversation.read",
            data: json!({ "conversation_id": conversation, "messages": changed }),
        };
        event_log::append(&tx, vec![event], now).await?;
        tx.commit().await?;
        Ok(changed)
    }

    /// Name and number of the contact of a message.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn contact(&self, id: ContactId) -> Result<Option<super::ContactView>, StoreError> {
        let row = customer::Entity::find_by_id(id.0).filter(customer::Column::BusinessId.eq(self.id()));
        Ok(row.one(self.reader()).await?.map(Into::into))
    }
}

/// The state and times of a message row, as the lattice sees them.
pub(crate) fn timeline(row: &whatsapp_message::Model) -> Timeline {
    let mut timeline = Timeline::default();
    let times = [
        (Status::Sent, row.sent_at),
        (Status::Delivered, row.delivered_at),
        (Status::Read, row.read_at),
        (Status::Played, row.played_at),
        (Status::Failed, row.failed_at),
    ];
    for (status, at) in times {
        if let Some(at) = at {
            timeline.reach(status, at);
        }
    }
    if let Ok(status) = row.status.parse::<Status>() {
        timeline.reach(status, timeline.at(status).unwrap_or(row.created_at));
    }
    timeline
}

/// Writes a joined timeline into the row; `true` if anything changed.
pub(crate) fn set_timeline(row: &mut whatsapp_message::Model, timeline: &Timeline) -> bool {
    let before = row.clone();
    row.sent_at = timeline.at(Status::Sent);
    row.delivered_at = timeline.at(Status::Delivered);
    row.read_at = timeline.at(Status::Read);
    row.played_at = timeline.at(Status::Played);
    row.failed_at = timeline.at(Status::Failed);
    if let Some(status) = timeline.status() {
        status.as_str().clone_into(&mut row.status);
        if status > Status::Sending {
            row.reason = None;
        }
        if status != Status::Failed {
            row.error_kind = None;
            row.error_code = None;
            row.error_message = None;
            row.error_advice = None;
        }
    }
    *row != before
}

/// What the event log says of a message.
pub(crate) fn summary(row: &whatsapp_message::Model) -> Value {
    let mut summary = json!({
        "message_id": MessageRef(row.id),
        "conversation_id": ConversationId(row.conversation_id),
        "contact_id": ContactId(row.customer_id),
        "line_id": row.line_id.map(LineRef),
        "direction": row.direction,
        "provider": row.provider,
        "type": row.kind,
        "status": row.status,
        "reason": row.reason,
        "error_code": row.error_code,
    });
    let mark = row.recovered.then(|| ("recovered".to_owned(), Value::Bool(true)));
    if let Value::Object(fields) = &mut summary {
        fields.extend(mark);
    }
    summary
}
