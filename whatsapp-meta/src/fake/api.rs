//! The Graph API's side: paths, credentials, answers. Source: Meta, Graph API error handling; Cloud API reference.
use std::sync::{Arc, atomic::Ordering};

use axum::{
    Extension, Router,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bytes::Bytes;
use serde_json::{Map, Value, json};
use whatsapp_core::{
    ErrorKind, MessageId,
    testing::{Accepted, Fault, Hangup},
};

use super::{MetaFakeLine, Shared, check};
use crate::encode::object;

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/{version}/{number}/messages", post(messages))
        .route("/{version}/{number}", get(number))
        .fallback(no_path)
        .method_not_allowed_fallback(no_path)
        .with_state(shared)
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

async fn number(
    State(shared): State<Arc<Shared>>,
    Path((version, number)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let line = match authorised(&shared, &version, &number, &headers) {
        Ok(line) => line,
        Err(refusal) => return *refusal,
    };
    let known = json!({
        "verified_name": line.verified_name, "display_phone_number": format!("+{}", line.phone),
        "quality_rating": "GREEN", "status": "CONNECTED", "code_verification_status": "VERIFIED",
        "name_status": "APPROVED", "platform_type": "CLOUD_API", "throughput": {"level": "STANDARD"},
        "webhook_configuration": {"application": line.webhook_path},
    });
    let query = query.unwrap_or_default();
    let fields = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "fields");
    let fields = fields.map_or_else(|| "verified_name,display_phone_number,quality_rating".into(), |(_, value)| value);
    let mut body = Map::from_iter([("id".to_owned(), line.phone_number_id.as_str().into())]);
    for field in fields.split(',').filter(|field| *field != "id") {
        let Some(value) = known.get(field) else {
            let title = format!("(#100) Tried accessing nonexisting field ({field})");
            return error(StatusCode::BAD_REQUEST, 100, &title, None);
        };
        body.insert(field.to_owned(), value.clone());
    }
    answer(StatusCode::OK, &body.into())
}

async fn no_path(uri: Uri) -> Response {
    let title = format!("Unknown path components: {}", uri.path());
    error(StatusCode::NOT_FOUND, 2500, &title, None)
}

/// The line of the path, if the version exists and the token is this line's.
fn authorised<'s>(
    shared: &'s Shared,
    version: &str,
    number: &str,
    headers: &HeaderMap,
) -> Result<&'s MetaFakeLine, Box<Response>> {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts = version.strip_prefix('v').and_then(|version| version.split_once('.'));
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let owns = |line: &&MetaFakeLine| token == Some(line.access_token.expose());
    Err(Box::new(if !parts.is_some_and(|(major, minor)| digits(major) && digits(minor)) {
        error(StatusCode::NOT_FOUND, 2500, "Unknown path components", None)
    } else if token.is_none() {
        error(StatusCode::UNAUTHORIZED, 104, "An access token is required to request this resource.", None)
    } else if !shared.lines.iter().any(|line| owns(&line)) {
        error(StatusCode::UNAUTHORIZED, 190, "Invalid OAuth access token - Cannot parse access token", None)
    } else if let Some(line) = shared.line(number).filter(owns) {
        return Ok(line);
    } else {
        no_object(number)
    }))
}

fn no_object(id: &str) -> Response {
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

fn error(status: StatusCode, code: i64, message: &str, details: Option<&str>) -> Response {
    let error = object([
        ("message", Some(message.into())),
        ("type", Some("OAuthException".into())),
        ("code", Some(code.into())),
        ("error_data", details.map(|details| json!({"messaging_product": "whatsapp", "details": details}))),
        ("fbtrace_id", Some(trace_id().into())),
    ]);
    answer(status, &json!({"error": error}))
}

fn answer(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json; charset=UTF-8")], body.to_string()).into_response()
}

fn trace_id() -> String {
    format!("A{:022x}", fastrand::u128(..) >> 40)
}
