#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod builder;
mod content;
mod encode;
#[cfg(feature = "client")]
mod error;
#[cfg(feature = "fake")]
pub mod fake;
mod jid;
mod media;
#[cfg(feature = "client")]
mod power;
#[cfg(feature = "client")]
mod provider;
mod signature;
mod webhook;
mod wire;

use whatsapp_core::{Capabilities, MediaKind, ProviderId};

pub use self::{
    builder::{BaileysBuilder, BaileysConfigKey},
    encode::{assigned_id, encode},
    webhook::BaileysWebhook,
};
#[cfg(feature = "client")]
pub use self::{
    error::decode,
    provider::{Baileys, connect},
};

#[doc = include_str!("docs.md")]
pub mod contract {}

/// Its name in a registry, in storage and in dedupe keys.
pub const ID: ProviderId = ProviderId::new("baileys");

/// What a WhatsApp Web line can do.
///
/// WhatsApp itself takes 65,536 characters of text; the limits here are those of the Cloud API, so that a message
/// that fits one provider fits the next. Buttons and lists of unofficial clients are not shown reliably: none.
pub const CAPABILITIES: Capabilities = Capabilities::none()
    .with_text(4096)
    .with_media(&[MediaKind::Image, MediaKind::Video, MediaKind::Audio, MediaKind::Document, MediaKind::Sticker], 1024)
    .with_locations()
    .with_reactions()
    .with_replies()
    .with_groups()
    .with_presence(true, true)
    .with_idempotent_send();
