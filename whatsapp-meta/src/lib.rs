#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod builder;
mod contact;
#[cfg(feature = "client")]
mod encode;
#[cfg(feature = "client")]
mod error;
#[cfg(feature = "fake")]
pub mod fake;
mod inbound;
mod media;
#[cfg(feature = "client")]
mod provider;
mod signature;
mod webhook;
mod wire;

use whatsapp_core::ProviderId;

pub use self::{
    builder::{MetaBuilder, MetaConfigKey},
    webhook::MetaWebhook,
};
#[cfg(feature = "client")]
pub use self::{
    encode::encode,
    provider::{Meta, connect, decode},
};

/// Name of this provider in a registry, in storage and in dedupe keys.
pub const ID: ProviderId = ProviderId::new("meta");
