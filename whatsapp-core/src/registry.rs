//! Builds a provider from its name and settings, so that adding one is one line.
use std::{collections::BTreeMap, sync::Arc};

use crate::{Error, ErrorKind, Provider, ProviderId, Result, Settings};

/// Makes a provider of one line.
pub type Factory = fn(&Settings) -> Result<Arc<dyn Provider>>;

/// Providers by name.
///
/// ```
/// use whatsapp_core::{Memory, Registry, Settings};
/// let registry = Registry::default().with(Memory::ID, Memory::connect);
/// let provider = registry.build(&Memory::ID, &Settings::from_iter([("line", "demo"), ("secret", "s")])).unwrap();
/// assert_eq!(provider.line().as_str(), "demo");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Registry(BTreeMap<ProviderId, Factory>);

impl Registry {
    /// Adds a provider; a second one of the same name replaces the first.
    #[must_use]
    pub fn with(mut self, id: ProviderId, factory: Factory) -> Self {
        self.0.insert(id, factory);
        self
    }

    /// Builds a provider of `settings`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if nobody registered `id`, or what its factory finds wrong.
    pub fn build(&self, id: &ProviderId, settings: &Settings) -> Result<Arc<dyn Provider>> {
        let factory = self.0.get(id).ok_or_else(|| {
            let known: Vec<_> = self.0.keys().map(ProviderId::as_str).collect();
            Error::new(id.clone(), ErrorKind::Config, format!("no such provider; known are {}", known.join(", ")))
        })?;
        factory(settings)
    }

    /// The names, in order.
    pub fn ids(&self) -> impl Iterator<Item = &ProviderId> {
        self.0.keys()
    }
}
