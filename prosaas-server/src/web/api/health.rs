use axum::{extract::State, http::StatusCode};
use serde_json::{Value, json};

use super::super::{ApiError, extract::Json};
use crate::app::App;

/// The process runs. Never asks the database: a database that is away must not restart every node.
pub(super) async fn alive() -> &'static str {
    "ok"
}

/// The node can take requests: it is not stopping, and its database answers.
pub(super) async fn ready(State(app): State<App>) -> Result<&'static str, ApiError> {
    if app.stop.is_cancelled() {
        return Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "stopping", "this node is stopping"));
    }
    app.store.ping().await?;
    Ok("ready")
}

pub(super) async fn version(State(app): State<App>) -> Json<Value> {
    let (deploy, sha) = (&app.config.deploy_id, &app.config.git_sha);
    Json(json!({ "deploy": deploy, "sha": sha, "version": env!("CARGO_PKG_VERSION") }))
}
