#![doc = include_str!("../README.md")]
#![doc = include_str!("docs.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod builder;
mod callback;
#[cfg(feature = "client")]
mod encode;
#[cfg(feature = "client")]
mod error;
#[cfg(feature = "fake")]
mod fake;
mod media;
#[cfg(feature = "client")]
mod provider;
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
#[cfg(feature = "client")]
pub use self::provider::Twilio;
pub use self::{
    builder::{TwilioBuilder, TwilioConfigKey},
    webhook::{TwilioWebhook, account_hint},
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
