//! The bridge's HTTP face.
use std::sync::{Arc, atomic::Ordering};

use axum::{
    Extension, Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::{Value, json};
use whatsapp_core::{
    ErrorKind, LinkPhase, PhoneNumber, Secret,
    testing::{Fault, Hangup},
};

use super::{BaileysFake, Inner, accept, post};
use crate::{power::PHASES, signature, wire::is_tenant};

/// One black pixel: an image of the right type. Nobody can scan it; [`BaileysFake::scan`] does.
const QR_IMAGE: &str = "data:image/png;base64,\
    iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==";

pub(super) fn router(inner: Arc<Inner>) -> Router {
    let health = || async { "ok" };
    Router::new().route("/healthz", get(health)).route("/health", get(health)).fallback(dispatch).with_state(inner)
}

async fn dispatch(
    State(inner): State<Arc<Inner>>,
    Extension(hangup): Extension<Hangup>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let given = headers.get(signature::SECRET).and_then(|value| value.to_str().ok()).map(Secret::from);
    if given.as_ref() != Some(&inner.secret) {
        return respond(Err(Refusal::new(StatusCode::UNAUTHORIZED, "unauthorized")));
    }
    let mut path = uri.path().strip_prefix("/whatsapp/").unwrap_or_default().splitn(2, '/');
    let (Some(tenant), Some(operation)) = (path.next().filter(|name| is_tenant(name)), path.next()) else {
        return respond(Err(Refusal::new(StatusCode::NOT_FOUND, "not found")));
    };
    if (method.as_str(), operation) == ("POST", "send") {
        inner.requests.fetch_add(1, Ordering::Relaxed);
        let accept = || respond(accept::send(&inner, tenant, &body));
        return inner.faults.serve(&hangup, accept, refuse_as).await;
    }
    respond(match (method.as_str(), operation) {
        ("POST", "start") => Ok(start(&inner, tenant)),
        ("GET", "status") => Ok(status(&inner, tenant)),
        ("GET", "qr") => qr(&inner, tenant),
        ("POST", "pair-code") => pair_code(&inner, tenant, &body),
        ("POST", "logout") => {
            inner.change(tenant, LinkPhase::None, Some(""));
            Ok(json!({"ok": true}))
        }
        ("POST", "read") => accept::read(&inner, tenant, &body),
        ("POST", "presence") => accept::presence(&inner, tenant, &body),
        _ => Err(Refusal::new(StatusCode::NOT_FOUND, "not found")),
    })
}

/// The JSON of an answer, or a refusal.
pub(super) type Answer = Result<Value, Refusal>;

/// Why the bridge does not do it.
pub(super) struct Refusal {
    status: StatusCode,
    words: String,
    code: Option<i64>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, words: impl Into<String>) -> Self {
        Self { status, words: words.into(), code: None }
    }

    /// What the bridge says about a field that breaks the contract.
    pub(super) fn bad(problem: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, problem)
    }

    /// Adds WhatsApp's code.
    pub(super) fn with_code(self, code: Option<i64>) -> Self {
        Self { code, ..self }
    }
}

fn respond(answer: Answer) -> Response {
    let (status, body) = match answer {
        Ok(body) => (StatusCode::OK, body),
        Err(Refusal { status, words, code: None }) => (status, json!({"error": words})),
        Err(Refusal { status, words, code }) => (status, json!({"error": words, "code": code})),
    };
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// The bridge's words for a failure that a test asked for.
fn refuse_as(fault: Fault) -> Response {
    let kind = match fault {
        Fault::RateLimit { .. } => ErrorKind::RateLimited,
        Fault::Reject { kind } => kind,
        _ => ErrorKind::InvalidMessage,
    };
    let (status, words, code) = match kind {
        ErrorKind::Unauthenticated => (StatusCode::UNAUTHORIZED, "unauthorized", None),
        ErrorKind::PermissionDenied => (StatusCode::FORBIDDEN, "reach-out timelock", Some(463)),
        ErrorKind::Disconnected => (StatusCode::CONFLICT, "not connected", Some(428)),
        ErrorKind::InvalidRecipient => (StatusCode::UNPROCESSABLE_ENTITY, "not on WhatsApp", None),
        ErrorKind::RateLimited => (StatusCode::TOO_MANY_REQUESTS, "throttled", None),
        ErrorKind::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "shutting down", None),
        _ => (StatusCode::BAD_REQUEST, "message: cannot be sent", None),
    };
    let mut response = respond(Err(Refusal::new(status, words).with_code(code)));
    if let Fault::RateLimit { retry_after: Some(seconds) } = fault {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn start(inner: &Inner, tenant: &str) -> Value {
    let phase = inner.state().tenants.get(tenant).map(|tenant| tenant.phase);
    if phase == Some(LinkPhase::Open) {
        return json!({"ok": true, "status": "open"});
    }
    if phase != Some(LinkPhase::Qr) {
        inner.change(tenant, LinkPhase::Qr, None);
        inner.post_connection(tenant, LinkPhase::Qr);
    }
    json!({"ok": true, "status": "qr"})
}

fn status(inner: &Inner, tenant: &str) -> Value {
    let state = inner.state();
    let Some(tenant) = state.tenants.get(tenant) else {
        return json!({"connected": false, "pushName": "", "hasQR": false, "status": "none"});
    };
    let open = tenant.phase == LinkPhase::Open;
    let me = open.then(|| json!({"id": format!("{}:7@s.whatsapp.net", BaileysFake::PHONE)}));
    json!({
        "connected": open,
        "pushName": if open { tenant.push_name.as_str() } else { "" },
        "hasQR": tenant.phase == LinkPhase::Qr,
        "status": word(tenant.phase),
        "code": code(tenant.phase),
        "me": me,
        "since": tenant.since,
    })
}

fn qr(inner: &Inner, tenant: &str) -> Answer {
    if inner.state().tenants.get(tenant).is_none_or(|tenant| tenant.phase != LinkPhase::Qr) {
        return Err(Refusal::new(StatusCode::NOT_FOUND, "no qr"));
    }
    let text = format!("https://wa.me/settings/linked_devices#2@fake-{},noise,identity,adv,1", inner.count());
    Ok(json!({"dataUrl": QR_IMAGE, "qr": text, "expiresAt": post::now() + TimeDelta::seconds(20)}))
}

fn pair_code(inner: &Inner, tenant: &str, body: &[u8]) -> Answer {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Asked {
        phone: String,
    }
    let Asked { phone } = accept::parse(body)?;
    if PhoneNumber::from_digits(&phone).is_err() {
        return Err(Refusal::bad("phone: 7 to 15 digits expected"));
    }
    if inner.state().tenants.get(tenant).is_some_and(|tenant| tenant.phase == LinkPhase::Open) {
        return Err(Refusal::bad("already linked"));
    }
    inner.change(tenant, LinkPhase::Qr, None);
    let code = format!("{:08X}", 0xA1B2_0000_u64 + inner.count());
    Ok(json!({"code": code, "expiresAt": post::now() + TimeDelta::seconds(180)}))
}

pub(super) fn word(phase: LinkPhase) -> &'static str {
    PHASES.iter().find(|(_, known)| *known == phase).map_or("none", |(word, _)| word)
}

/// The code with which WhatsApp closed the connection.
pub(super) const fn code(phase: LinkPhase) -> Option<i64> {
    Some(match phase {
        LinkPhase::QrExpired => 408,
        LinkPhase::Reconnecting => 428,
        LinkPhase::LoggedOut => 401,
        LinkPhase::Replaced => 440,
        LinkPhase::Banned => 403,
        LinkPhase::Outdated => 405,
        _ => return None,
    })
}
