use std::collections::BTreeMap;

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use whatsapp_core::{Provider, ProviderId, Secret, Settings};

use super::{
    super::{
        ApiError,
        extract::{Can, Configure, Json, Query, Read},
    },
    business::settings,
    provider::webhook_url,
};
use crate::{
    app::App,
    engine::Line,
    store::repo::line::{LineSet, Origin},
};

/// What a business may set of its own line. Addresses are the installation's: a tenant must not aim its requests.
fn own_keys(provider: &str) -> &'static [&'static str] {
    match provider {
        "meta" => &["access_token", "phone_number_id", "waba_id", "verify_token", "app_secret", "previous_app_secret"],
        "twilio" => &[
            "account_sid",
            "auth_token",
            "secondary_auth_token",
            "api_key_sid",
            "api_key_secret",
            "from",
            "messaging_service_sid",
            // Words within the names of Twilio's own hosts.
            "region",
            "edge",
        ],
        _ => &[],
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewLine {
    provider: String,
    #[serde(default)]
    settings: BTreeMap<String, Secret>,
}

#[derive(Deserialize)]
pub(super) struct Which {
    provider: Option<String>,
}

/// The business's lines. Of secrets only their names are told.
pub(super) async fn show(State(app): State<App>, who: Can<Read>) -> Result<Json<Value>, ApiError> {
    let lines: Vec<_> = app.book.of(who.0.business).iter().map(|line| view(&app, line)).collect();
    Ok(Json(json!({ "lines": lines })))
}

pub(super) async fn set(
    State(app): State<App>,
    who: Can<Configure>,
    Json(new): Json<NewLine>,
) -> Result<Json<Value>, ApiError> {
    let settings = checked(&app, &who, new.settings, &new.provider)?;
    let provider = ProviderId::from(new.provider);
    let built = app.book.try_build(&provider, &settings)?;
    if app.book.lends_secret(&provider, &settings) && provider != whatsapp_baileys::ID {
        prove_ownership(&*built).await?;
    }
    let external = built.line().as_str();
    let set = who.tenant(&app).set_line(provider.as_str(), external, &settings, Origin::Config).await?;
    let LineSet::Done(id) = set else {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            "number_taken",
            "this number is configured by another business",
        ));
    };
    app.book.refresh().await?;
    app.leases.renew().await?;
    app.gateway.connections.forget(id).await;
    let line = app.book.by_id(id).ok_or_else(|| ApiError::not_found("line"))?;
    Ok(Json(json!({ "ok": true, "line": view(&app, &line) })))
}

/// A line that the installation's secret verifies hears all that the provider says of its number, so whoever claims the
/// number must be able to use it.
async fn prove_ownership(line: &dyn Provider) -> Result<(), ApiError> {
    let Some(probe) = line.probe() else { return Ok(()) };
    let report = probe.probe().await?;
    let Some(failed) = report.checks.iter().find(|check| !check.passed) else { return Ok(()) };
    let problem = format!("the provider does not confirm this line: {}: {}", failed.name, failed.detail);
    Err(ApiError::field("settings", problem)
        .with_advice("Check token and number, or give the app secret of your own app."))
}

pub(super) async fn remove(
    State(app): State<App>,
    who: Can<Configure>,
    Query(which): Query<Which>,
) -> Result<Json<Value>, ApiError> {
    let effective = app.gateway.effective_provider(&settings(&app, &who).await?);
    let provider = which.provider.unwrap_or_else(|| effective.to_string());
    let known = app.book.providers().any(|id| id.as_str() == provider);
    if !known || !who.tenant(&app).remove_line(&provider).await? {
        return Err(ApiError::not_found("line of the business's own at this provider"));
    }
    app.book.refresh().await?;
    Ok(Json(json!({ "ok": true })))
}

fn checked(
    app: &App,
    who: &Can<Configure>,
    given: BTreeMap<String, Secret>,
    provider: &str,
) -> Result<Settings, ApiError> {
    if !app.book.providers().any(|id| id.as_str() == provider) {
        let known: Vec<_> = app.book.providers().map(ToString::to_string).collect();
        return Err(ApiError::field("provider", format!("one of {} expected", known.join(", "))));
    }
    let known = own_keys(provider);
    if let Some(key) = given.keys().find(|key| !known.contains(&key.as_str())) {
        let field = format!("settings.{key}");
        return Err(ApiError::field(&field, format!("unknown; known are {}", known.join(", "))));
    }
    // Pasted values bring blanks along, which no provider's value has at its ends.
    let mut settings: Settings =
        given.into_iter().map(|(key, value)| (key, Secret::from(value.expose().trim()))).collect();
    if provider == "baileys" {
        // One bridge serves all: a business links its own tenant there and no other.
        settings.set("tenant", who.0.business.to_string());
    }
    Ok(settings)
}

fn view(app: &App, line: &Line) -> Value {
    json!({
        "id": line.id,
        "provider": line.provider.id(),
        "external_id": line.provider.line(),
        "from_environment": line.from_environment,
        "configured_keys": line.keys,
        "webhook_url": webhook_url(app, line),
    })
}
