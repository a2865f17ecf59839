use std::time::Duration;

use axum::{
    body::{Body, BodyDataStream, Bytes, HttpBody},
    extract::{FromRequest, Request},
    http::{HeaderMap, Method, StatusCode, Uri, header},
};
use futures_util::StreamExt;

use super::{super::ApiError, Peer};
use crate::app::App;

/// A body must be there this fast.
const DEADLINE: Duration = Duration::from_secs(15);
/// How long a body that is too large is still read, to be dropped.
const DRAIN: Duration = Duration::from_secs(2);

/// Reads a body of at most `limit` bytes.
///
/// # Errors
/// 413 if it is larger, 408 if it takes longer than 15 s, 415 if it is compressed.
pub(crate) async fn read_body(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, ApiError> {
    if headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding.as_bytes() != b"identity") {
        return Err(ApiError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_encoding",
            "send the body uncompressed",
        ));
    }
    let too_large = || {
        let text = format!("the body is larger than {limit} bytes");
        ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", text)
    };
    let announced = body.size_hint().lower();
    let mut chunks = body.into_data_stream();
    if announced > limit as u64 {
        drain(&mut chunks, limit).await;
        return Err(too_large());
    }
    let mut read = Vec::with_capacity(usize::try_from(announced).unwrap_or_default());
    let all = async {
        while let Some(chunk) = chunks.next().await {
            let chunk =
                chunk.map_err(|_| ApiError::new(StatusCode::BAD_REQUEST, "body_broken", "the body broke off"))?;
            if read.len() + chunk.len() > limit {
                drain(&mut chunks, limit).await;
                return Err(too_large());
            }
            read.extend_from_slice(&chunk);
        }
        Ok(Bytes::from(read))
    };
    tokio::time::timeout(DEADLINE, all).await.unwrap_or_else(|_| {
        Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, "body_too_slow", "the body took longer than 15 seconds"))
    })
}

/// Reads on for a while: a client that is still writing when the connection closes never hears why.
async fn drain(chunks: &mut BodyDataStream, most: usize) {
    let mut dropped = 0;
    let some = async {
        while let Some(Ok(chunk)) = chunks.next().await
            && dropped <= most
        {
            dropped += chunk.len();
        }
    };
    // Who sends more, or slower, is cut off.
    let _ = tokio::time::timeout(DRAIN, some).await;
}

/// A request as a webhook handler needs it: nothing decoded.
pub(crate) struct RawRequest {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    /// The other end of the connection.
    pub(crate) peer: Peer,
    body: Body,
}

impl RawRequest {
    /// Reads the body.
    pub(crate) async fn body(&mut self, limit: usize) -> Result<Bytes, ApiError> {
        read_body(&self.headers, std::mem::take(&mut self.body), limit).await
    }
}

impl FromRequest<App> for RawRequest {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &App) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let peer = Peer::of(&parts.extensions);
        Ok(Self { method: parts.method, uri: parts.uri, headers: parts.headers, peer, body })
    }
}
