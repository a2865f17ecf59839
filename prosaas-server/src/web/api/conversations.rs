use axum::extract::State;
use serde_json::{Value, json};

use super::{
    super::{
        ApiError,
        extract::{Can, Json, PathId, Query, Read, Send},
    },
    messages::Paging,
};
use crate::{app::App, domain::ConversationId};

pub(super) async fn list(
    State(app): State<App>,
    who: Can<Read>,
    Query(paging): Query<Paging>,
) -> Result<Json<Value>, ApiError> {
    let page = who.tenant(&app).conversations(&paging.page()?).await?;
    Ok(Json(json!({ "conversations": page.items, "next_cursor": page.next_cursor })))
}

pub(super) async fn messages(
    State(app): State<App>,
    who: Can<Read>,
    PathId(id): PathId<ConversationId>,
    Query(paging): Query<Paging>,
) -> Result<Json<Value>, ApiError> {
    let tenant = who.tenant(&app);
    if !tenant.has_conversation(id).await? {
        return Err(ApiError::not_found("conversation"));
    }
    let page = tenant.messages(None, Some(id), &paging.page()?).await?;
    Ok(Json(json!({ "messages": page.items, "next_cursor": page.next_cursor })))
}

pub(super) async fn read(
    State(app): State<App>,
    who: Can<Send>,
    PathId(id): PathId<ConversationId>,
) -> Result<Json<Value>, ApiError> {
    let tenant = who.tenant(&app);
    if !tenant.has_conversation(id).await? {
        return Err(ApiError::not_found("conversation"));
    }
    let changed = tenant.mark_read(id, None).await?;
    Ok(Json(json!({ "ok": true, "changed": changed.len() })))
}

pub(super) async fn read_all(State(app): State<App>, who: Can<Send>) -> Result<Json<Value>, ApiError> {
    let tenant = who.tenant(&app);
    let mut changed = 0;
    for conversation in tenant.unread_conversations().await? {
        changed += tenant.mark_read(conversation, None).await?.len();
    }
    Ok(Json(json!({ "ok": true, "changed": changed })))
}
