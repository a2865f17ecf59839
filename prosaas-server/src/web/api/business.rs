use axum::extract::State;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::super::{
    ApiError,
    extract::{Can, Configure, Json, Read},
};
use crate::{
    app::App,
    store::repo::{BusinessSettings, ProviderChange, SettingsChange},
};

/// Fields that are absent stay as they are; `whatsapp_provider: null` goes back to the default.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    whatsapp_provider: ProviderChange,
    whatsapp_enabled: Option<bool>,
}

/// Tells an explicit null from an absent field.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ProviderChange, D::Error> {
    let provider: Option<String> = Option::deserialize(deserializer)?;
    Ok(provider.map_or(ProviderChange::Default, ProviderChange::To))
}

pub(super) async fn show(State(app): State<App>, who: Can<Read>) -> Result<Json<Value>, ApiError> {
    let settings = settings(&app, &who).await?;
    Ok(Json(view(&app, &settings)))
}

pub(super) async fn change(
    State(app): State<App>,
    who: Can<Configure>,
    Json(change): Json<Change>,
) -> Result<Json<Value>, ApiError> {
    if let ProviderChange::To(provider) = &change.whatsapp_provider {
        let mut known = app.book.providers().map(ToString::to_string);
        if !known.any(|id| id == *provider) {
            let known: Vec<_> = app.book.providers().map(ToString::to_string).collect();
            return Err(ApiError::field("whatsapp_provider", format!("one of {} expected", known.join(", "))));
        }
    }
    if change.name.as_ref().is_some_and(|name| name.trim().is_empty() || name.chars().count() > 200) {
        return Err(ApiError::field("name", "1 to 200 characters expected"));
    }
    let change = SettingsChange {
        name: change.name,
        provider: change.whatsapp_provider,
        whatsapp_enabled: change.whatsapp_enabled,
    };
    let settings = who.tenant(&app).change_settings(change).await?.ok_or_else(|| ApiError::not_found("business"))?;
    Ok(Json(view(&app, &settings)))
}

/// The caller's business.
pub(super) async fn settings<P>(app: &App, who: &Can<P>) -> Result<BusinessSettings, ApiError> {
    who.tenant(app).settings().await?.ok_or_else(|| ApiError::not_found("business"))
}

fn view(app: &App, settings: &BusinessSettings) -> Value {
    json!({
        "id": settings.id,
        "name": settings.name,
        "domain": settings.domain,
        "whatsapp_provider": app.gateway.effective_provider(settings),
        "whatsapp_provider_chosen": settings.chosen_provider.is_some(),
        "whatsapp_enabled": settings.whatsapp_enabled,
    })
}
