use axum::extract::State;
use serde_json::{Value, json};
use whatsapp_core::Capabilities;

use super::{
    super::{
        ApiError,
        extract::{Can, Json, Read},
    },
    business::settings,
};
use crate::{app::App, engine::Line};

pub(super) async fn name(State(app): State<App>, who: Can<Read>) -> Result<Json<Value>, ApiError> {
    let settings = settings(&app, &who).await?;
    Ok(Json(json!({ "provider": app.gateway.effective_provider(&settings) })))
}

pub(super) async fn info(State(app): State<App>, who: Can<Read>) -> Result<Json<Value>, ApiError> {
    let settings = settings(&app, &who).await?;
    let provider = app.gateway.effective_provider(&settings);
    let line = app.book.of_business(settings.id, provider.as_str());
    let can = line.as_ref().map_or(Capabilities::none(), |line| line.provider.capabilities());
    Ok(Json(json!({
        "provider": provider,
        "configured": line.is_some(),
        "capabilities": {
            "text_max_chars": can.text_max_chars,
            "media": can.media,
            "templates": can.templates,
            "reply_buttons": can.reply_buttons,
            "list_rows": can.list_rows,
            "reactions": can.reactions,
            "replies": can.replies,
            "typing": can.typing,
            "window_hours": can.window.map(|window| window.as_secs() / 3600),
        },
        "webhook_url": line.and_then(|line| webhook_url(&app, &line)),
    })))
}

/// Where the provider is to call, if the installation has a public address.
pub(super) fn webhook_url(app: &App, line: &Line) -> Option<String> {
    let base = app.config.public_base_url.as_deref()?;
    let path = match line.provider.id().as_str() {
        "meta" if app.meta.as_ref().is_none_or(|gate| gate.secret != line.secret) => {
            format!("/api/whatsapp/webhook/meta/{}", line.hook_id)
        }
        "meta" => "/api/whatsapp/webhook/meta".to_owned(),
        "twilio" => "/webhook/whatsapp/inbound".to_owned(),
        _ => "/webhook/whatsapp/incoming".to_owned(),
    };
    Some(format!("{base}{path}"))
}

/// Always 200: a line that is down is an answer, not an error.
pub(super) async fn status(State(app): State<App>, who: Can<Read>) -> Result<Json<Value>, ApiError> {
    let settings = settings(&app, &who).await?;
    let provider = app.gateway.effective_provider(&settings);
    let Some(line) = app.book.of_business(settings.id, provider.as_str()) else {
        return Ok(Json(json!({
            "connected": false, "pushName": null, "hasQR": false, "qr_available": false,
            "provider": provider, "state": "not_configured",
        })));
    };
    let now = app.gateway.connections.of(&line).await;
    Ok(Json(json!({
        "connected": now.connected,
        "pushName": now.push_name,
        "hasQR": now.has_qr,
        "qr_available": now.has_qr,
        "provider": provider,
        "state": now.state,
        "reason": now.reason,
        "since": now.since,
    })))
}
