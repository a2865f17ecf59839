use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use bytes::Bytes;
use whatsapp_core::{Verifier, WebhookRequest};

use super::{
    super::{ApiError, extract::RawRequest},
    Candidate, as_request, public_url, rejected, take,
};
use crate::app::{App, LineGate};

/// Meta sends up to 3 MB.
const LIMIT: usize = 4 * 1024 * 1024;

/// The subscription check of the fixed addresses.
pub(super) async fn subscribe(State(app): State<App>, request: RawRequest) -> Result<String, ApiError> {
    let url = public_url(&app, &request);
    let verifier = app.meta.as_ref().map(|meta| &*meta.gate as &dyn Verifier);
    challenge(verifier, &as_request(&request, &url, &Bytes::new()))
}

/// The subscription check of a line's own address.
pub(super) async fn subscribe_own(
    State(app): State<App>,
    Path(hook_id): Path<String>,
    request: RawRequest,
) -> Result<String, ApiError> {
    let url = public_url(&app, &request);
    let line = app.book.by_hook(&hook_id).await;
    let verifier = line.as_ref().map(|line| &*line.provider as &dyn Verifier);
    challenge(verifier, &as_request(&request, &url, &Bytes::new()))
}

fn challenge(verifier: Option<&dyn Verifier>, request: &WebhookRequest<'_>) -> Result<String, ApiError> {
    match verifier.and_then(|verifier| verifier.challenge(request)) {
        Some(Ok(challenge)) => Ok(challenge.as_str().to_owned()),
        _ => Err(ApiError::new(StatusCode::FORBIDDEN, "invalid_token", "the verify token does not hold")),
    }
}

/// Webhooks of the installation's Meta app.
pub(super) async fn receive(State(app): State<App>, request: RawRequest) -> Result<&'static str, ApiError> {
    let installation = app.meta.clone();
    let candidates = installation.as_ref().map(|meta| Candidate { gate: &*meta.gate, secret: meta.secret });
    accept(&app, request, candidates.as_slice()).await
}

/// Webhooks of a business's own Meta app.
pub(super) async fn receive_own(
    State(app): State<App>,
    Path(hook_id): Path<String>,
    request: RawRequest,
) -> Result<&'static str, ApiError> {
    let line = app.book.by_hook(&hook_id).await.filter(|line| line.provider.id() == whatsapp_meta::ID);
    let gate = line.map(LineGate);
    let candidates = gate.as_ref().map(|gate| Candidate { gate, secret: gate.0.secret });
    accept(&app, request, candidates.as_slice()).await
}

async fn accept(app: &App, mut request: RawRequest, candidates: &[Candidate<'_>]) -> Result<&'static str, ApiError> {
    let body = request.body(LIMIT).await?;
    let url = public_url(app, &request);
    match take(app, whatsapp_meta::ID, as_request(&request, &url, &body), candidates).await? {
        Ok(()) => Ok("OK"),
        Err(why) => Err(rejected(app, &request, "meta", StatusCode::UNAUTHORIZED, why, &url)),
    }
}
