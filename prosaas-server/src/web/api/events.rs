use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::{
    ApiError,
    extract::{Can, Json, Query, Read},
};
use crate::app::App;

/// Most events at once.
const MOST: u64 = 500;

#[derive(Deserialize)]
pub(super) struct After {
    #[serde(default)]
    after: i64,
    limit: Option<u64>,
}

/// Events after a number that the caller has seen, oldest first. Numbers have no gaps: what is missing is not there.
pub(super) async fn list(
    State(app): State<App>,
    who: Can<Read>,
    Query(query): Query<After>,
) -> Result<Json<Value>, ApiError> {
    let limit = query.limit.unwrap_or(100).clamp(1, MOST);
    let events = who.tenant(&app).events_after(query.after, limit).await?;
    let last = events.last().map_or(query.after, |event| event.seq);
    Ok(Json(json!({ "events": events, "last": last })))
}
