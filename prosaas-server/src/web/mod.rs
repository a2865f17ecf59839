//! The HTTP interface.
mod api;
mod error;
mod extract;
mod hook;
mod limit;
mod proxy;
mod request_id;
mod serve;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::{HeaderName, HeaderValue, Method, header},
    middleware::Next,
    response::Response,
};
use tower_http::{
    catch_panic::CatchPanicLayer,
    cors::{AllowOrigin, CorsLayer},
    request_id::{PropagateRequestIdLayer, SetRequestIdLayer},
    set_header::SetResponseHeaderLayer,
    trace::TraceLayer,
};
use tracing::Instrument;

pub(crate) use self::extract::Json;
pub use self::{
    error::ApiError,
    limit::Limits,
    proxy::{InvalidNetwork, TrustedProxies},
    serve::serve,
};
use crate::app::App;

/// Every route of the server.
pub fn router(app: App) -> Router {
    let origins = app.config.cors_origins.clone();
    let ids = request_id::Ids(app.store.clock().clone());
    Router::new()
        .merge(api::routes())
        .merge(hook::routes())
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::method_not_allowed)
        .with_state(app)
        .layer(axum::middleware::from_fn(to_the_end))
        // Handlers read bodies themselves, each with its own limit: the default of 2 MiB refuses a legal Meta batch.
        .layer(DefaultBodyLimit::disable())
        .layer(CatchPanicLayer::custom(error::panicked))
        .layer(cors(origins))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .layer(SetResponseHeaderLayer::if_not_present(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")))
        .layer(TraceLayer::new_for_http().make_span_with(request_id::span))
        .layer(axum::middleware::from_fn(request_id::scope))
        .layer(PropagateRequestIdLayer::new(request_id::HEADER))
        .layer(SetRequestIdLayer::new(request_id::HEADER, ids))
        .layer(axum::middleware::from_fn(request_id::only_readable))
}

/// A caller who hangs up must not end a handler in the middle of a transaction.
async fn to_the_end(request: Request, next: Next) -> Response {
    let id = request_id::current();
    let handler = tokio::spawn(request_id::with(id, next.run(request)).in_current_span());
    handler
        .await
        .unwrap_or_else(|failed| error::panicked(failed.try_into_panic().unwrap_or_else(|_| Box::new("stopped"))))
}

fn cors(origins: Vec<HeaderValue>) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE, HeaderName::from_static("idempotency-key")])
        .expose_headers([request_id::HEADER])
}
