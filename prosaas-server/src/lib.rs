//! The `ProSaaS` backend: WhatsApp for small businesses over Meta Cloud API, Twilio and WhatsApp Web.
//!
//! A program embeds it with [`Config::read`] and [`run`], or takes the [`router`] of an [`App`].
pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod crypto;
mod data_lock;
pub mod domain;
pub mod engine;
pub mod fetch;
mod key_file;
pub mod sandbox;
pub mod service;
pub mod store;
pub mod telemetry;
pub mod web;

use tokio::net::TcpListener;

pub use self::{
    app::App,
    config::{Config, Environment},
    web::router,
};

/// Serves on `listener` until Ctrl-C or SIGTERM, then hands its lines over and ends.
///
/// # Errors
/// If the database does not answer at start, its schema is old, or the listener breaks.
pub async fn run(config: Config, listener: TcpListener) -> anyhow::Result<()> {
    let app = App::build(config).await?;
    cli::stop_on_signal(&app).await?;
    tracing::info!(address = %listener.local_addr()?, database = %app.config.database, node = %app.leases.node(), "ready");
    app.run(listener).await
}

/// The code of the project's README, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
