//! `/_sandbox`: what `simulate` asks of the outside world. There only in demo mode, behind the demo's own token.
use axum::{
    Router,
    extract::{Request, State},
    http::StatusCode,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use whatsapp_core::{
    LineId, LinkPhase, ProviderId, Secret, Status,
    testing::{Fake, Fault, Inbound},
};

use super::World;
use crate::{
    clock::random,
    web::{ApiError, Json},
};

#[derive(Clone)]
struct Sandbox {
    world: World,
    token: Secret,
}

/// The routes of the outside world.
pub(super) fn router(world: World, token: String) -> Router {
    let sandbox = Sandbox { world, token: token.into() };
    Router::new()
        .route("/_sandbox/inbound", post(inbound))
        .route("/_sandbox/status", post(status))
        .route("/_sandbox/fault", post(fault))
        .route("/_sandbox/link", post(link))
        .route("/_sandbox/sent/{provider}", get(sent))
        .layer(middleware::from_fn_with_state(sandbox.clone(), guard))
        .with_state(sandbox)
}

async fn guard(State(sandbox): State<Sandbox>, request: Request, next: Next) -> Response {
    let given = request.headers().get("x-sandbox-token").and_then(|token| token.to_str().ok()).unwrap_or_default();
    if Secret::from(given) == sandbox.token {
        next.run(request).await
    } else {
        ApiError::new(StatusCode::UNAUTHORIZED, "unauthenticated", "the token of demo.json is needed").into_response()
    }
}

/// A contact writes.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct NewInbound {
    pub(super) provider: String,
    pub(super) line: String,
    pub(super) from: String,
    pub(super) name: Option<String>,
    pub(super) text: String,
}

/// A message of ours comes further.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct NewStatus {
    pub(super) provider: String,
    pub(super) line: String,
    /// The provider's id; the last message sent if absent.
    pub(super) id: Option<String>,
    pub(super) state: Status,
}

/// The provider does something wrong next.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct NewFault {
    pub(super) provider: String,
    #[serde(flatten)]
    pub(super) fault: Fault,
}

/// A phone is linked or unlinked.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct NewPhase {
    pub(super) tenant: String,
    pub(super) phase: LinkPhase,
}

/// An id as this provider would make it.
pub(super) fn message_id(provider: &ProviderId) -> String {
    let id = hex::encode(random::<16>().unwrap_or_default());
    match provider.as_str() {
        "meta" => format!("wamid.{id}"),
        "twilio" => format!("SM{id}"),
        _ => id.to_uppercase(),
    }
}

fn find<'a>(world: &'a World, provider: &str) -> Result<&'a std::sync::Arc<dyn Fake>, ApiError> {
    let fake = world.fake(&ProviderId::from(provider.to_owned()));
    fake.ok_or_else(|| ApiError::field("provider", "meta, twilio or baileys expected"))
}

async fn inbound(State(sandbox): State<Sandbox>, Json(new): Json<NewInbound>) -> Result<Json<Value>, ApiError> {
    let fake = find(&sandbox.world, &new.provider)?;
    let id = message_id(&ProviderId::from(new.provider));
    let item = Inbound::Text { id: id.clone(), from: new.from, name: new.name, body: new.text };
    fake.deliver(&LineId::from(new.line), &[item]);
    Ok(Json(json!({ "ok": true, "id": id })))
}

async fn status(State(sandbox): State<Sandbox>, Json(new): Json<NewStatus>) -> Result<Json<Value>, ApiError> {
    let fake = find(&sandbox.world, &new.provider)?;
    let accepted = fake.accepted();
    let message = match &new.id {
        Some(id) => accepted.iter().find(|message| message.id.as_str() == id),
        None => accepted.iter().rev().find(|message| message.line.as_str() == new.line),
    };
    let message = message.ok_or_else(|| ApiError::not_found("message that was sent"))?;
    fake.deliver(&message.line, &[Inbound::status(message.id.as_str(), &message.to, new.state)]);
    Ok(Json(json!({ "ok": true, "id": message.id })))
}

async fn fault(State(sandbox): State<Sandbox>, Json(new): Json<NewFault>) -> Result<Json<Value>, ApiError> {
    find(&sandbox.world, &new.provider)?.faults().push(new.fault);
    Ok(Json(json!({ "ok": true })))
}

async fn link(State(sandbox): State<Sandbox>, Json(new): Json<NewPhase>) -> Json<Value> {
    sandbox.world.bridge.set_phase(&new.tenant, new.phase);
    Json(json!({ "ok": true }))
}

async fn sent(
    State(sandbox): State<Sandbox>,
    axum::extract::Path(provider): axum::extract::Path<String>,
) -> Result<Json<Value>, ApiError> {
    let sent = find(&sandbox.world, &provider)?.accepted().into_iter().map(|message| {
        json!({ "id": message.id, "line": message.line, "to": message.to, "kind": message.kind, "text": message.text })
    });
    Ok(Json(json!({ "sent": sent.collect::<Vec<_>>() })))
}
