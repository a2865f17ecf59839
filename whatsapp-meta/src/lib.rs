#![cfg_attr(feature = "client", doc = include_str!("../README.md"))]
#![cfg_attr(
    not(feature = "client"),
    doc = "WhatsApp over Meta's Cloud API, without the client: verifies and reads webhooks."
)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "client")]
pub mod account;
pub mod account_change;
mod builder;
#[cfg(feature = "client")]
mod encode;
#[cfg(feature = "client")]
mod endpoint;
mod error;
#[cfg(feature = "fake")]
pub mod fake;
mod field;
mod inbound;
mod media;
#[cfg(feature = "client")]
mod page;
#[cfg(feature = "client")]
mod probe;
#[cfg(feature = "client")]
mod provider;
#[cfg(feature = "client")]
mod raw;
mod read;
mod signature;
pub mod template;
#[cfg(feature = "client")]
mod upload;
mod webhook;
mod wire;

use whatsapp_core::ProviderId;

pub use self::{
    account_change::AccountChange,
    builder::{MetaBuilder, MetaConfigKey},
    media::MediaUpload,
    webhook::MetaWebhook,
};
#[cfg(feature = "client")]
pub use self::{
    encode::encode,
    media::MediaInfo,
    provider::{Meta, connect, decode},
    raw::RawAnswer,
    upload::UploadSession,
};

/// Name of this provider in a registry, in storage and in dedupe keys.
pub const ID: ProviderId = ProviderId::new("meta");
