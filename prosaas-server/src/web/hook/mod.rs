//! Webhooks: verify, parse, commit, answer. One file per provider.
mod baileys;
mod meta;
mod twilio;

use std::sync::Arc;

use axum::{
    Router,
    http::{StatusCode, Uri},
    routing::{get, post},
};
use bytes::Bytes;
use whatsapp_core::{Envelope, ProviderId, Rejection, Verified, WebhookRequest};

use super::{ApiError, extract::RawRequest};
use crate::{
    app::{App, Gate},
    engine::{Line, Post, SecretPrint, past},
};

pub(super) fn routes() -> Router<App> {
    let meta = || get(meta::subscribe).post(meta::receive);
    Router::new()
        .route("/api/whatsapp/webhook", meta())
        .route("/api/whatsapp/webhook/meta", meta())
        .route("/api/whatsapp_meta/webhook", meta())
        .route("/api/whatsapp/webhook/meta/{hook_id}", get(meta::subscribe_own).post(meta::receive_own))
        .route("/webhook/whatsapp/inbound", post(twilio::inbound))
        .route("/webhook/whatsapp/status", post(twilio::status))
        .route("/webhook/whatsapp/incoming", post(baileys::receive))
        .route("/whatsapp/baileys/webhook", post(baileys::receive))
}

/// A secret that may have signed the request.
struct Candidate<'a> {
    gate: &'a dyn Gate,
    secret: SecretPrint,
}

/// Verifies with each candidate, parses with one that fits, and commits.
async fn take(
    app: &App,
    provider: ProviderId,
    request: WebhookRequest<'_>,
    candidates: &[Candidate<'_>],
) -> Result<Result<(), Rejection>, ApiError> {
    let mut rejection = Rejection::Mismatch;
    // While secrets are rotated, the former one of a line may be the present one of another: all that fit count.
    let (mut verified, mut signers) = (None, Vec::new());
    for candidate in candidates {
        match candidate.gate.verify(request) {
            Ok(proof) => {
                signers.push(candidate.secret);
                verified.get_or_insert((proof, candidate.gate));
            }
            Err(why) => rejection = why,
        }
    }
    match verified {
        Some((proof, gate)) => commit(app, provider, &proof, gate, &signers).await.map(Ok),
        None => Ok(Err(rejection)),
    }
}

async fn commit(
    app: &App,
    provider: ProviderId,
    verified: &Verified<'_>,
    gate: &dyn Gate,
    signers: &[SecretPrint],
) -> Result<(), ApiError> {
    let (events, unparsed) = match gate.parse(verified) {
        Ok(events) => (past::fold(events, verified.body()), false),
        Err(error) => {
            // Our fault, not theirs: asking for it again would only bring the same bytes.
            tracing::warn!(%error, "a verified webhook could not be read; its bytes are kept");
            (Vec::new(), true)
        }
    };
    let mut assigned = Vec::with_capacity(events.len());
    for event in events {
        let line = line_of(app, &event, signers).await;
        assigned.push((event, line));
    }
    let post = Post { provider, body: verified.body().clone(), events: assigned, unparsed };
    app.ingest.accept(post).await?;
    Ok(())
}

/// The line that an event names, if a secret that signed the request is that line's.
async fn line_of(app: &App, event: &Envelope, signers: &[SecretPrint]) -> Option<Arc<Line>> {
    let line = app.book.by_external(&event.provider, &event.line).await?;
    signers.contains(&line.secret).then_some(line)
}

/// The public address of a request: what the provider called and signed. Path and query are as they came, byte for byte.
fn public_url(app: &App, request: &RawRequest) -> String {
    let path = path_and_query(&request.uri);
    match &app.config.public_base_url {
        Some(base) => format!("{base}{path}"),
        None => format!("{}{path}", app.config.trusted_proxies.origin(request.peer.0, &request.headers)),
    }
}

/// What mends a wrong address.
const HINT: &str =
    "if this is not the address that Twilio called: set PUBLIC_BASE_URL, or TRUSTED_PROXIES to the proxy in front";

fn path_and_query(uri: &Uri) -> &str {
    uri.path_and_query().map_or("/", |path| path.as_str())
}

fn as_request<'r>(request: &'r RawRequest, url: &'r str, body: &'r Bytes) -> WebhookRequest<'r> {
    WebhookRequest { method: &request.method, url, headers: &request.headers, body }
}

/// The answer to a request that proves nothing. Tells neither what was wrong nor what would have been right.
fn rejected(
    app: &App,
    request: &RawRequest,
    provider: &str,
    status: StatusCode,
    why: Rejection,
    url: &str,
) -> ApiError {
    if !app.limits.failure(request.peer.client(app, &request.headers)) {
        return ApiError::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "too many rejected webhooks");
    }
    // Twilio signs the address too, so a proxy that nobody told of is what a wrong signature most often comes from.
    let address = url.split('?').next().unwrap_or_default();
    let hint = (provider == "twilio").then_some(HINT);
    tracing::warn!(provider, reason = %why, address, hint, "a webhook was rejected");
    ApiError::new(status, "invalid_signature", "the signature does not hold")
}
