use std::str::FromStr;

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Request},
    http::{StatusCode, request::Parts},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{super::ApiError, read_body};
use crate::app::App;

/// Most bytes of an API request.
const LIMIT: usize = 1024 * 1024;

/// A JSON body, in; or a JSON answer, out. A field that does not fit is named.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

/// A JSON body and the bytes it was written in, for `Idempotency-Key`.
#[derive(Debug)]
pub(crate) struct JsonBytes<T>(pub(crate) T, pub(crate) Bytes);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for JsonBytes<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let bytes = read_body(&parts.headers, body, LIMIT).await?;
        Ok(Self(read(&bytes)?, bytes))
    }
}

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &S) -> Result<Self, ApiError> {
        JsonBytes::from_request(request, app).await.map(|JsonBytes(value, _)| Self(value))
    }
}

/// Reads a JSON body.
///
/// # Errors
/// 400 if it is no JSON, 422 with the name of the field that does not fit.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    refuse_nul(bytes)?;
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let (path, inner) = (error.path().to_string(), error.into_inner());
        if inner.is_data() {
            let missing = inner.to_string();
            let field = missing.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
            ApiError::field(field.unwrap_or(&path), inner.to_string())
        } else {
            ApiError::new(StatusCode::BAD_REQUEST, "invalid_json", format!("the body is not JSON: {inner}"))
        }
    })?;
    reader.end().map_err(|error| {
        ApiError::new(StatusCode::BAD_REQUEST, "invalid_json", format!("the body is not JSON: {error}"))
    })?;
    Ok(value)
}

/// U+0000, which a database may have no place for. JSON spells it in one way only.
fn refuse_nul(bytes: &[u8]) -> Result<(), ApiError> {
    if !bytes.windows(6).any(|window| window == br"\u0000") {
        return Ok(());
    }
    let Ok(fields) = serde_json::from_slice::<serde_json::Map<String, Value>>(bytes) else { return Ok(()) };
    let holder = fields.iter().find(|(name, value)| name.contains('\0') || holds_nul(value));
    holder.map_or(Ok(()), |(name, _)| Err(ApiError::field(name, "U+0000 is no text")))
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || holds_nul(value)),
        _ => false,
    }
}

impl<T: Serialize> axum::response::IntoResponse for Json<T> {
    fn into_response(self) -> axum::response::Response {
        axum::Json(self.0).into_response()
    }
}

/// A query. A parameter that does not fit is named.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<App> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let axum::extract::Query(value) =
            axum::extract::Query::from_request_parts(parts, app).await.map_err(|rejection| {
                ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_query", rejection.body_text())
            })?;
        Ok(Self(value))
    }
}

/// An id in the path. What cannot be an id is not there.
#[derive(Debug)]
pub(crate) struct PathId<T>(pub(crate) T);

impl<T: FromStr + Send> FromRequestParts<App> for PathId<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let path = Path::<String>::from_request_parts(parts, app).await;
        let Path(text) = path.map_err(|_| ApiError::not_found("address"))?;
        text.parse().map(Self).map_err(|_| ApiError::not_found("thing"))
    }
}
