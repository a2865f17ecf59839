#![cfg_attr(feature = "client", doc = include_str!("../README.md"))]
#![cfg_attr(
    not(feature = "client"),
    doc = "WhatsApp over Twilio, without the feature `client`: verify signatures and read webhooks."
)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod builder;
mod callback;
#[cfg(feature = "client")]
pub mod content;
#[cfg(feature = "client")]
mod encode;
#[cfg(feature = "client")]
mod endpoint;
mod error;
#[cfg(feature = "fake")]
mod fake;
#[cfg(feature = "client")]
mod hosts;
mod inbound;
#[cfg(feature = "client")]
mod ledger;
#[cfg(feature = "client")]
mod media;
#[cfg(feature = "client")]
mod message;
#[cfg(feature = "client")]
mod presence;
#[cfg(feature = "client")]
mod probe;
#[cfg(feature = "client")]
mod provider;
#[cfg(feature = "client")]
mod raw;
#[cfg(feature = "client")]
mod read;
mod signature;
mod webhook;
mod wire;

use whatsapp_core::ProviderId;
#[cfg(feature = "client")]
use {
    std::sync::Arc,
    whatsapp_core::{Provider, Result, Settings},
};

#[cfg(feature = "fake")]
pub use self::fake::{TwilioFake, TwilioFakeConfig};
pub use self::{
    builder::{TwilioBuilder, TwilioConfigKey},
    webhook::{EMPTY_TWIML, TwilioWebhook, account_hint},
};
#[cfg(feature = "client")]
pub use self::{
    hosts::Product,
    message::{Direction, MediaRecord, MessagePage, MessageQuery, MessageRecord, SendOptions},
    provider::Twilio,
    raw::{RawAnswer, RawBody},
};

/// The provider's name in a registry.
pub const ID: ProviderId = ProviderId::new("twilio");

/// Builds a line from its settings, as a [`Registry`](whatsapp_core::Registry) wants it.
///
/// # Errors
/// [`ErrorKind::Config`](whatsapp_core::ErrorKind::Config) for a key that is unknown, missing or unusable.
#[cfg(feature = "client")]
pub fn connect(settings: &Settings) -> Result<Arc<dyn Provider>> {
    Ok(Arc::new(TwilioBuilder::from_settings(settings)?.build()?))
}
