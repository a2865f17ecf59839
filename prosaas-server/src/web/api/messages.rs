use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::{
    ApiError,
    extract::{Can, Json, PathId, Query, Read, Send},
};
use crate::{
    app::App,
    domain::{ContactId, MessageRef, read_phone},
    store::repo::{PageRequest, message::is_cursor},
};

/// Most items on a page.
const MOST: u64 = 200;

#[derive(Deserialize)]
pub(super) struct Paging {
    limit: Option<u64>,
    offset: Option<u64>,
    cursor: Option<String>,
}

impl Paging {
    pub(super) fn page(self) -> Result<PageRequest, ApiError> {
        // Taken for the beginning, a broken cursor would lead a caller in a circle.
        if self.cursor.as_deref().is_some_and(|cursor| !is_cursor(cursor)) {
            return Err(ApiError::field("cursor", "the `next_cursor` of a page expected"));
        }
        let limit = self.limit.unwrap_or(50).clamp(1, MOST);
        Ok(PageRequest { limit, offset: self.offset.unwrap_or(0), cursor: self.cursor })
    }
}

#[derive(Deserialize)]
pub(super) struct Filter {
    #[serde(rename = "contactId")]
    contact: Option<ContactId>,
    #[serde(rename = "phoneNumber")]
    phone: Option<String>,
    limit: Option<u64>,
    offset: Option<u64>,
    cursor: Option<String>,
}

pub(super) async fn list(
    State(app): State<App>,
    who: Can<Read>,
    Query(filter): Query<Filter>,
) -> Result<Json<Value>, ApiError> {
    let tenant = who.tenant(&app);
    let mut contact = filter.contact;
    if let Some(written) = &filter.phone {
        let phone = read_phone(written).ok_or_else(|| ApiError::field("phoneNumber", "not a phone number"))?;
        contact = tenant.contact_by_phone(&phone).await?;
        if contact.is_none() {
            return Ok(Json(json!({ "messages": [], "next_cursor": null })));
        }
    }
    let paging = Paging { limit: filter.limit, offset: filter.offset, cursor: filter.cursor };
    let page = tenant.messages(contact, None, &paging.page()?).await?;
    Ok(Json(json!({ "messages": page.items, "next_cursor": page.next_cursor })))
}

pub(super) async fn status(
    State(app): State<App>,
    who: Can<Read>,
    PathId(id): PathId<MessageRef>,
) -> Result<Json<Value>, ApiError> {
    let message = who.tenant(&app).message(id).await?.ok_or_else(|| ApiError::not_found("message"))?;
    Ok(Json(serde_json::to_value(message).unwrap_or_default()))
}

/// Marks the message, and what came before it in its conversation, as read by an agent. The contact sees it where the
/// provider can tell them; that it cannot is no error.
pub(super) async fn read(
    State(app): State<App>,
    who: Can<Send>,
    PathId(id): PathId<MessageRef>,
) -> Result<Json<Value>, ApiError> {
    let tenant = who.tenant(&app);
    let message = tenant.message(id).await?.ok_or_else(|| ApiError::not_found("message"))?;
    if message.direction != "in" {
        return Err(ApiError::field("id", "only a contact's message can be marked as read"));
    }
    let changed = tenant.mark_read(message.conversation_id, Some(message.timestamp)).await?;
    let line = message.line_id.and_then(|line| app.book.by_id(line));
    if let (Some(line), Some(sid), false) = (line, message.provider_message_id, changed.is_empty())
        && let Some(to) = tenant.recipient_of(message.contact_id, &message.provider).await?
    {
        tokio::spawn(async move {
            let can = line.provider.capabilities().read_receipts;
            let Some(presence) = line.provider.presence().filter(|_| can) else { return };
            if let Err(error) = presence.mark_read(&to, &sid.into()).await {
                tracing::info!(%error, "the contact was not told that the message was read");
            }
        });
    }
    Ok(Json(json!({ "ok": true, "changed": changed.len() })))
}

pub(super) async fn unread_count(State(app): State<App>, who: Can<Read>) -> Result<Json<Value>, ApiError> {
    Ok(Json(json!({ "count": who.tenant(&app).unread_count().await? })))
}
