//! The API, one file per resource.
mod business;
mod config;
mod conversations;
mod events;
mod health;
mod messages;
mod page;
mod provider;
mod send;

use axum::{
    Router,
    routing::{get, post},
};

use crate::app::App;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(page::show))
        .route("/healthz", get(health::alive))
        .route("/health", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/version", get(health::version))
        .route("/api/whatsapp/provider", get(provider::name))
        .route("/api/whatsapp/provider-info", get(provider::info))
        .route("/api/whatsapp/status", get(provider::status))
        .route("/api/whatsapp/send", post(send::text))
        .route("/api/whatsapp/send_media", post(send::media))
        .route("/api/whatsapp/send_template", post(send::template))
        .route("/api/whatsapp/test", post(send::test))
        .route("/api/whatsapp/config", get(config::show).post(config::set).delete(config::remove))
        .route("/api/whatsapp/messages", get(messages::list))
        .route("/api/whatsapp/messages/{id}/status", get(messages::status))
        .route("/api/whatsapp/messages/{id}/read", post(messages::read))
        .route("/api/whatsapp/unread-count", get(messages::unread_count))
        .route("/api/business/settings", get(business::show).patch(business::change))
        .route("/api/conversations", get(conversations::list))
        .route("/api/conversations/read-all", post(conversations::read_all))
        .route("/api/conversations/{id}/messages", get(conversations::messages))
        .route("/api/conversations/{id}/read", post(conversations::read))
        .route("/api/events", get(events::list))
}
