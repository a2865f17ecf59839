//! The error body: `{error, code, request_id, fields?, advice?, link?}`.
use std::{any::Any, collections::BTreeMap, time::Duration};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use whatsapp_core::{Error, ErrorKind, Retry};

use super::request_id;
use crate::{engine::IngestError, service::GatewayError, store::StoreError};

/// An answer of 4xx or 5xx. Internals never leave: what a caller cannot mend is logged and called `internal`.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    body: Box<Body>,
    retry_after: Option<Duration>,
}

#[derive(Debug, Serialize)]
struct Body {
    error: String,
    code: String,
    request_id: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    fields: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
}

impl ApiError {
    /// An error with a stable code.
    #[must_use]
    pub fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        let body = Body {
            error: message.into(),
            code: code.to_owned(),
            request_id: request_id::current(),
            fields: BTreeMap::new(),
            advice: None,
            link: None,
            id: None,
        };
        Self { status, body: Box::new(body), retry_after: None }
    }

    /// 422: `field` cannot be used.
    #[must_use]
    pub fn field(field: &str, problem: impl Into<String>) -> Self {
        let problem = problem.into();
        let mut error = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_field", format!("`{field}`: {problem}"));
        error.body.fields.insert(field.to_owned(), problem);
        error
    }

    /// 404: there is no such thing, or it is another business's.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("there is no such {what}"))
    }

    /// What a person can do about it.
    #[must_use]
    pub fn with_advice(mut self, advice: impl Into<String>) -> Self {
        self.body.advice = Some(advice.into());
        self
    }

    fn with_link(mut self, link: Option<String>) -> Self {
        self.body.link = link;
        self
    }

    /// When to come again.
    #[must_use]
    pub const fn with_retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, axum_json(&self.body)).into_response();
        if let Some(wait) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
        response
    }
}

fn axum_json<T: Serialize>(body: &T) -> impl IntoResponse {
    axum::Json(serde_json::to_value(body).unwrap_or_default())
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the database did not do what was asked");
        match error {
            StoreError::Database(_) | StoreError::Timeout | StoreError::Fenced => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "the database does not answer; try again")
                    .with_retry_after(Duration::from_secs(5))
            }
            StoreError::Crypto(_) | StoreError::Document(_) => {
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "something went wrong here; it was logged")
            }
        }
    }
}

impl From<IngestError> for ApiError {
    fn from(error: IngestError) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", error.to_string())
            .with_retry_after(Duration::from_secs(5))
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        let api =
            Self::new(status_of(error.kind()), error.kind().as_str(), error.message()).with_advice(error.advice());
        match error.retry() {
            Retry::After(wait) => api.with_retry_after(wait),
            _ => api,
        }
    }
}

fn status_of(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::Config | ErrorKind::InvalidRecipient | ErrorKind::InvalidMessage | ErrorKind::Unsupported => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        ErrorKind::Unauthenticated | ErrorKind::PermissionDenied => StatusCode::FAILED_DEPENDENCY,
        ErrorKind::WindowClosed | ErrorKind::TemplateRejected | ErrorKind::Disconnected => StatusCode::CONFLICT,
        ErrorKind::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::BAD_GATEWAY,
    }
}

impl From<GatewayError> for ApiError {
    fn from(error: GatewayError) -> Self {
        let message = error.to_string();
        match error {
            GatewayError::Disabled => Self::new(StatusCode::CONFLICT, "whatsapp_disabled", message)
                .with_advice("Switch WhatsApp on in the business's settings."),
            GatewayError::NotConfigured { link, .. } => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "provider_not_configured", message)
                    .with_advice("Configure the provider's line, or choose another provider.")
                    .with_link(link)
            }
            GatewayError::NotConnected(_) => Self::new(StatusCode::CONFLICT, "not_connected", message)
                .with_advice("Link the phone again by QR code."),
            GatewayError::InvalidRecipient(_) => {
                let mut error = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_recipient", message.clone());
                error.body.fields.insert("to".to_owned(), message);
                error
            }
            GatewayError::WindowClosed(_) => Self::new(StatusCode::CONFLICT, "window_closed", message)
                .with_advice("Send an approved template; free text needs a message from the contact first."),
            GatewayError::KeyReused => Self::new(StatusCode::CONFLICT, "idempotency_key_reused", message)
                .with_advice("Use a new Idempotency-Key for a new request."),
            GatewayError::Provider(error) => error.into(),
            GatewayError::Refused(stored) => refused(&stored, message),
            GatewayError::Store(error) => error.into(),
        }
    }
}

/// The provider's refusal of a message that is stored as failed: its words, its code, and the message's id.
fn refused(stored: &crate::store::repo::MessageView, message: String) -> ApiError {
    let told = stored.error.as_ref();
    let text = |key: &str| told.and_then(|error| error[key].as_str()).map(str::to_owned);
    let code = text("kind").or_else(|| text("code")).unwrap_or_else(|| "refused".to_owned());
    let mut error = ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, &code, message);
    error.body.advice = text("advice");
    error.body.id = Some(stored.id.to_string());
    error
}

pub(super) async fn not_found() -> ApiError {
    ApiError::not_found("address")
}

pub(super) async fn method_not_allowed() -> ApiError {
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this address does not take this method")
}

#[expect(clippy::needless_pass_by_value, reason = "the layer's signature")]
pub(super) fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let message = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let message = message.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    tracing::error!(message, "a handler panicked");
    ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "something went wrong here; it was logged")
        .into_response()
}
