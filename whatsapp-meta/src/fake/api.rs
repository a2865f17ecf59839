//! The Graph API's side: paths, credentials, answers. Source: Meta, Graph API error handling; Cloud API reference.
use std::sync::{Arc, atomic::Ordering};

use axum::{
    Extension, Router,
    extract::{DefaultBodyLimit, FromRequestParts, Path, State},
    http::{HeaderMap, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bytes::Bytes;
use serde_json::{Value, json};
use whatsapp_core::{
    ErrorKind, MessageId,
    testing::{Accepted, Fault, Hangup},
};

use super::{MetaFakeLine, Shared, account, check, file, template};
use crate::encode::object;

/// The largest file that Meta takes, and its form.
const MAX_UPLOAD_BYTES: usize = 101 * 1024 * 1024;

pub(super) fn router(shared: Arc<Shared>) -> Router {
    let subscriptions = get(account::subscribed_apps).post(account::subscribe).delete(account::unsubscribe);
    let templates = get(template::list).post(template::create).delete(template::delete);
    Router::new()
        .route("/{version}/{id}/messages", post(messages))
        .route("/{version}/{id}/media", post(file::upload).layer(DefaultBodyLimit::max(MAX_UPLOAD_BYTES)))
        .route("/{version}/{id}/message_templates", templates)
        .route("/{version}/{id}/subscribed_apps", subscriptions)
        .route("/{version}/{id}/phone_numbers", get(account::numbers))
        .route("/{version}/{id}", get(by_id).delete(file::delete).post(template::edit))
        .route("/{version}/debug_token", get(account::debug_token))
        .route(file::DOWNLOAD_ROUTE, get(file::download))
        .fallback(no_path)
        .method_not_allowed_fallback(no_path)
        .with_state(shared)
}

/// The object of an id: a number, an account, a file or a template.
async fn by_id(
    State(shared): State<Arc<Shared>>,
    Path((version, id)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let lines = match caller(&shared, &version, &headers) {
        Ok(lines) => lines,
        Err(refusal) => return *refusal,
    };
    let query = Query::of(&uri);
    lines
        .iter()
        .find(|line| line.phone_number_id == id)
        .map(|line| account::number(line, &query))
        .or_else(|| account::account(&lines, &id, &query))
        .or_else(|| file::info(&shared, &lines, &id, &query, &headers))
        .or_else(|| template::one(&shared, &lines, &id))
        .unwrap_or_else(|| no_object(&id))
}

/// The pairs of a query.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn of(uri: &Uri) -> Self {
        let pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        Self(pairs.into_owned().collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

async fn messages(
    State(shared): State<Arc<Shared>>,
    Path((version, number)): Path<(String, String)>,
    Extension(hangup): Extension<Hangup>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body: Option<Value> = serde_json::from_slice(&body).ok();
    let read = body.as_ref().is_some_and(|body| body.get("status").is_some_and(|status| status == "read"));
    if !read {
        shared.requests.fetch_add(1, Ordering::AcqRel);
    }
    let line = match authorised(&shared, &version, &number, &headers) {
        Ok(line) => line,
        Err(refusal) => return *refusal,
    };
    let json = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    let Some(body) = body.filter(|_| json) else {
        return error(StatusCode::BAD_REQUEST, 100, "(#100) The body is not JSON", None);
    };
    if read {
        return mark_read(&shared, line, &body);
    }
    let message = match check::read(line, &body) {
        Ok(message) => message,
        Err(problem) => {
            let title = format!("(#{}) {}", problem.code, problem.title);
            return error(StatusCode::BAD_REQUEST, problem.code, &title, Some(&problem.details));
        }
    };
    let accept = || accepted(&shared, line, message);
    shared.faults.serve(&hangup, accept, refused).await
}

fn accepted(shared: &Shared, line: &MetaFakeLine, message: Accepted) -> Response {
    let (to, template) = (message.to.clone(), message.kind == "template");
    let contact = if to.contains('.') {
        json!({"input": to, "user_id": to})
    } else {
        json!({"input": format!("+{to}"), "wa_id": to})
    };
    let id = shared.accept(line, message);
    let status = template.then(|| "accepted".into());
    let sent = object([("id", Some(id.as_str().into())), ("message_status", status)]);
    answer(StatusCode::OK, &json!({"messaging_product": "whatsapp", "contacts": [contact], "messages": [sent]}))
}

fn mark_read(shared: &Shared, line: &MetaFakeLine, body: &Value) -> Response {
    let id = body.get("message_id").and_then(Value::as_str).unwrap_or_default();
    let mut book = shared.book();
    if !book.received.contains(&(line.phone_number_id.clone(), id.to_owned())) {
        let title = "(#131009) Parameter value is not valid";
        return error(StatusCode::BAD_REQUEST, 131_009, title, Some("Message ID is invalid."));
    }
    book.read.push(MessageId::from(id));
    answer(StatusCode::OK, &json!({"success": true}))
}

async fn no_path(uri: Uri) -> Response {
    let title = format!("Unknown path components: {}", uri.path());
    error(StatusCode::NOT_FOUND, 2500, &title, None)
}

/// The lines that the token may use, if the version exists.
pub(super) fn caller<'s>(
    shared: &'s Shared,
    version: &str,
    headers: &HeaderMap,
) -> Result<Vec<&'s MetaFakeLine>, Box<Response>> {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts = version.strip_prefix('v').and_then(|version| version.split_once('.'));
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let lines: Vec<_> = shared.lines.iter().filter(|line| token == Some(line.access_token.expose())).collect();
    Err(Box::new(if !parts.is_some_and(|(major, minor)| digits(major) && digits(minor)) {
        error(StatusCode::NOT_FOUND, 2500, "Unknown path components", None)
    } else if token.is_none() {
        error(StatusCode::UNAUTHORIZED, 104, "An access token is required to request this resource.", None)
    } else if lines.is_empty() {
        error(StatusCode::UNAUTHORIZED, 190, "Invalid OAuth access token - Cannot parse access token", None)
    } else {
        return Ok(lines);
    }))
}

/// The line of the path, if the version exists and the token is this line's.
pub(super) fn authorised<'s>(
    shared: &'s Shared,
    version: &str,
    number: &str,
    headers: &HeaderMap,
) -> Result<&'s MetaFakeLine, Box<Response>> {
    let lines = caller(shared, version, headers)?;
    lines.into_iter().find(|line| line.phone_number_id == number).ok_or_else(|| Box::new(no_object(number)))
}

/// The account of the path, if the version exists and the token may use it.
pub(super) struct OfAccount(pub(super) String);

impl FromRequestParts<Arc<Shared>> for OfAccount {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Response> {
        let path = Path::<(String, String)>::from_request_parts(parts, shared).await;
        let Path((version, account)) = path.map_err(IntoResponse::into_response)?;
        let lines = caller(shared, &version, &parts.headers).map_err(|refusal| *refusal)?;
        let used = lines.iter().any(|line| line.waba_id == account);
        used.then_some(()).ok_or_else(|| no_object(&account))?;
        Ok(Self(account))
    }
}

pub(super) fn no_object(id: &str) -> Response {
    let message = format!(
        "Unsupported post request. Object with ID '{id}' does not exist, cannot be loaded due to missing permissions, \
         or does not support this operation"
    );
    let body = json!({"error": {
        "message": message, "type": "GraphMethodException", "code": 100, "error_subcode": 33, "fbtrace_id": trace_id(),
    }});
    answer(StatusCode::BAD_REQUEST, &body)
}

fn refused(fault: Fault) -> Response {
    let kind = match fault {
        Fault::Reject { kind } => kind,
        _ => ErrorKind::RateLimited,
    };
    let (status, code, title, details) = match kind {
        ErrorKind::RateLimited => {
            (429, 130_429, "Rate limit hit", Some("Cloud API message throughput has been reached."))
        }
        ErrorKind::Unauthenticated => (401, 190, "Error validating access token: the session has expired", None),
        ErrorKind::PermissionDenied => (403, 10, "Application does not have permission for this action", None),
        ErrorKind::InvalidRecipient => (400, 131_026, "Message undeliverable", Some("Message Undeliverable.")),
        ErrorKind::InvalidMessage | ErrorKind::Unsupported => {
            (400, 131_009, "Parameter value is not valid", Some("As the test asked for."))
        }
        ErrorKind::WindowClosed => {
            let details =
                "Message failed to send because more than 24 hours have passed since the customer last replied.";
            (400, 131_047, "Re-engagement message", Some(details))
        }
        ErrorKind::TemplateRejected => (
            404,
            132_001,
            "Template name does not exist in the translation",
            Some("No such template in this language."),
        ),
        ErrorKind::Config => (400, 133_010, "Phone number not registered", Some("The number is not registered.")),
        ErrorKind::Unavailable => (503, 133_004, "Server temporarily unavailable", None),
        _ => (500, 131_000, "Something went wrong", Some("Message failed to send due to an unknown error.")),
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = error(status, code, &format!("(#{code}) {title}"), details);
    if let Fault::RateLimit { retry_after: Some(seconds) } = fault {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

pub(super) fn error(status: StatusCode, code: i64, message: &str, details: Option<&str>) -> Response {
    let error = object([
        ("message", Some(message.into())),
        ("type", Some("OAuthException".into())),
        ("code", Some(code.into())),
        ("error_data", details.map(|details| json!({"messaging_product": "whatsapp", "details": details}))),
        ("fbtrace_id", Some(trace_id().into())),
    ]);
    answer(status, &json!({"error": error}))
}

pub(super) fn answer(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json; charset=UTF-8")], body.to_string()).into_response()
}

fn trace_id() -> String {
    format!("A{:022x}", fastrand::u128(..) >> 40)
}
