use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use whatsapp_core::{Hint, LineId};

use super::{
    super::{
        ApiError,
        extract::{Json, RawRequest},
    },
    Candidate, as_request, public_url, rejected, take,
};
use crate::app::{App, LineGate};

const LIMIT: usize = 4 * 1024 * 1024;

/// The bridge's webhooks: by the installation's secret, or by that of the line they claim to come from.
pub(super) async fn receive(State(app): State<App>, mut request: RawRequest) -> Result<Json<Value>, ApiError> {
    let body = request.body(LIMIT).await?;
    let url = public_url(&app, &request);
    let own = match claimed_tenant(&body) {
        Some(hint) => app.book.by_external(&whatsapp_baileys::ID, &LineId::from(hint.as_str())).await,
        None => None,
    };
    let own = own.map(LineGate);
    let installation = app.baileys.as_ref().map(|bridge| Candidate { gate: &*bridge.gate, secret: bridge.secret });
    let own = own.as_ref().map(|gate| Candidate { gate, secret: gate.0.secret });
    let candidates: Vec<_> = own.into_iter().chain(installation).collect();
    match take(&app, whatsapp_baileys::ID, as_request(&request, &url, &body), &candidates).await? {
        Ok(()) => Ok(Json(json!({ "ok": true }))),
        Err(why) => Err(rejected(&app, &request, "baileys", StatusCode::UNAUTHORIZED, why, &url)),
    }
}

/// Claimed, not proved: it only says which secret to try.
fn claimed_tenant(body: &[u8]) -> Option<Hint> {
    #[derive(Deserialize)]
    struct Claim<'b> {
        #[serde(rename = "tenantId", borrow)]
        tenant: std::borrow::Cow<'b, str>,
    }
    let claim: Claim<'_> = serde_json::from_slice(body).ok()?;
    Some(Hint::claimed(claim.tenant))
}
