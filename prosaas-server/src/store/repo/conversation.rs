use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use serde::Serialize;
use std::collections::HashMap;
use uuid::Uuid;

use super::{
    ContactView,
    message::{Page, PageRequest, cursor, read_cursor},
    statement::parts,
};
use crate::{
    domain::{ContactId, ConversationId},
    store::{
        StoreError, TenantStore,
        entity::{conversation, customer},
    },
};

/// A conversation, as the list shows it.
#[derive(Clone, Debug, Serialize)]
pub struct ConversationView {
    /// Its id.
    pub id: ConversationId,
    /// With whom.
    pub contact: Option<ContactView>,
    /// `open` …
    pub status: String,
    /// Last text.
    pub last_text: Option<String>,
    /// Time of the last message.
    pub last_message_at: DateTime<Utc>,
    /// When the contact last wrote.
    pub last_inbound_at: Option<DateTime<Utc>>,
    /// Messages that no agent read.
    pub unread_count: i32,
}

impl TenantStore<'_> {
    /// Conversations, the latest first.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn conversations(&self, page: &PageRequest) -> Result<Page<ConversationView>, StoreError> {
        use conversation::Column;
        let mut query = conversation::Entity::find().filter(Column::BusinessId.eq(self.id()));
        if let Some((at, id)) = page.cursor.as_deref().and_then(read_cursor) {
            let older = Condition::any()
                .add(Column::LastMessageAt.lt(at))
                .add(Condition::all().add(Column::LastMessageAt.eq(at)).add(Column::Id.lt(id)));
            query = query.filter(older);
        }
        let query = query.order_by_desc(Column::LastMessageAt).order_by_desc(Column::Id);
        let rows = query.offset(page.offset).limit(page.limit).all(self.reader()).await?;
        let full = rows.len() as u64 == page.limit;
        let next_cursor = rows.last().filter(|_| full).map(|row| cursor(row.last_message_at, row.id));
        let with = customer::Entity::find()
            .filter(customer::Column::BusinessId.eq(self.id()))
            .filter(customer::Column::Id.is_in(rows.iter().map(|row| row.customer_id)));
        let mut contacts: HashMap<Uuid, customer::Model> =
            with.all(self.reader()).await?.into_iter().map(|row| (row.id, row)).collect();
        let view = |row: conversation::Model| ConversationView {
            id: ConversationId(row.id),
            contact: contacts.remove(&row.customer_id).map(Into::into),
            status: row.status,
            last_text: row.last_text,
            last_message_at: row.last_message_at,
            last_inbound_at: row.last_inbound_at,
            unread_count: row.unread_count,
        };
        Ok(Page { items: rows.into_iter().map(view).collect(), next_cursor })
    }

    /// Whether there is such a conversation.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn has_conversation(&self, id: ConversationId) -> Result<bool, StoreError> {
        let row = conversation::Entity::find_by_id(id.0).filter(conversation::Column::BusinessId.eq(self.id()));
        Ok(row.one(self.reader()).await?.is_some())
    }

    /// Ids of the conversations with something unread.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn unread_conversations(&self) -> Result<Vec<ConversationId>, StoreError> {
        let rows = conversation::Entity::find()
            .filter(conversation::Column::BusinessId.eq(self.id()))
            .filter(conversation::Column::UnreadCount.gt(0));
        Ok(rows.all(self.reader()).await?.into_iter().map(|row| ConversationId(row.id)).collect())
    }

    /// Messages that no agent read.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn unread_count(&self) -> Result<i64, StoreError> {
        let sum = Expr::col(conversation::Column::UnreadCount).sum();
        let total: Option<Option<i64>> = conversation::Entity::find()
            .select_only()
            .column_as(sum, "total")
            .filter(conversation::Column::BusinessId.eq(self.id()))
            .filter(conversation::Column::UnreadCount.gt(0))
            .into_tuple()
            .one(self.reader())
            .await?;
        Ok(total.flatten().unwrap_or_default())
    }

    /// When the contact last wrote; opens the window for free text.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn last_inbound(&self, contact: ContactId) -> Result<Option<DateTime<Utc>>, StoreError> {
        let row = conversation::Entity::find()
            .filter(conversation::Column::BusinessId.eq(self.id()))
            .filter(conversation::Column::CustomerId.eq(contact.0));
        Ok(row.one(self.reader()).await?.and_then(|row| row.last_inbound_at))
    }
}

/// New messages of a contact.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub conversation: Uuid,
    pub count: i32,
    /// Time of the latest.
    pub at: DateTime<Utc>,
    /// Text of the latest.
    pub text: Option<String>,
}

/// Counts new messages in their conversations, and shows the latest.
pub(crate) async fn receive(tx: &impl ConnectionTrait, received: &[Received]) -> Result<(), StoreError> {
    use conversation::Column;
    let stored = |column: Column| Expr::col((conversation::Entity, column));
    let new = |column: Column| Expr::col(("excluded", column));
    let later = |column: Column| Expr::case(stored(column).gt(new(column)), stored(column)).finally(new(column));
    // A conversation that was just made bears our time, which is later than the provider's; it shows nothing yet.
    let is_new = stored(Column::LastInboundAt).is_null().and(stored(Column::LastText).is_null());
    let is_shown = Condition::any().add(is_new).add(stored(Column::LastMessageAt).lte(new(Column::LastMessageAt)));
    let shown = |column: Column| Expr::case(is_shown.clone(), new(column)).finally(stored(column));
    let mut change = OnConflict::column(Column::Id);
    change
        .value(Column::UnreadCount, stored(Column::UnreadCount).add(new(Column::UnreadCount)))
        .value(Column::LastText, shown(Column::LastText))
        .value(Column::LastMessageAt, shown(Column::LastMessageAt))
        .value(Column::LastInboundAt, later(Column::LastInboundAt));
    for part in parts(received, tx.get_database_backend()) {
        // All of them exist: the row to insert only carries what is new, many in one statement.
        let rows = part.iter().map(|received| conversation::Model {
            id: received.conversation,
            business_id: Uuid::nil(),
            customer_id: received.conversation,
            status: String::new(),
            last_text: received.text.clone(),
            last_message_at: received.at,
            last_inbound_at: Some(received.at),
            unread_count: received.count,
            created_at: received.at,
        });
        let rows = rows.map(IntoActiveModel::into_active_model);
        conversation::Entity::insert_many(rows).on_conflict(change.clone()).exec_without_returning(tx).await?;
    }
    Ok(())
}
