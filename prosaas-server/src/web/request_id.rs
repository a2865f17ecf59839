//! `X-Request-ID`, in and out, in every error body and on every log line.
use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use tower_http::request_id::{MakeRequestId, RequestId};

use crate::clock::Clock;

pub(super) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request that is being served.
pub(super) fn current() -> String {
    CURRENT.try_with(Clone::clone).unwrap_or_default()
}

pub(super) async fn scope(request: Request, next: Next) -> Response {
    let id = readable(request.headers());
    with(id, next.run(request)).await
}

/// Runs `work` as part of the request with this id.
pub(super) fn with<T>(id: String, work: impl Future<Output = T>) -> impl Future<Output = T> {
    CURRENT.scope(id, work)
}

/// Takes an id away that may not stand in a log, so that one is made in its place.
pub(super) async fn only_readable(mut request: Request, next: Next) -> Response {
    let given = request.headers().get(HEADER).map(HeaderValue::as_bytes);
    if given.is_some_and(|given| given != readable(request.headers()).as_bytes()) {
        request.headers_mut().remove(HEADER);
    }
    next.run(request).await
}

/// The caller's id, as far as it may stand in a log.
fn readable(headers: &HeaderMap) -> String {
    let id = headers.get(HEADER).and_then(|id| id.to_str().ok()).unwrap_or_default();
    id.chars().filter(char::is_ascii_graphic).take(64).collect()
}

/// The path without its query, which may hold tokens.
pub(super) fn span<B>(request: &axum::http::Request<B>) -> tracing::Span {
    let id = readable(request.headers());
    tracing::info_span!("request", method = %request.method(), path = request.uri().path(), request_id = id)
}

#[derive(Clone)]
pub(super) struct Ids(pub(super) Clock);

impl MakeRequestId for Ids {
    fn make_request_id<B>(&mut self, _: &axum::http::Request<B>) -> Option<RequestId> {
        HeaderValue::from_str(&self.0.id().simple().to_string()).ok().map(RequestId::new)
    }
}
