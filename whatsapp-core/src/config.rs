//! Configuration as `{key: value}` pairs, checked when a provider is built.
use std::{collections::BTreeMap, fmt};

use serde::Deserialize;

use crate::{Error, ErrorKind, ProviderId, Secret};

/// Settings of one line: keys of its provider and their values, all treated as secrets.
///
/// ```
/// use whatsapp_core::Settings;
/// let settings = Settings::from_iter([("access_token", "s3cr3t")]);
/// assert_eq!(format!("{settings:?}"), r#"Settings({"access_token"})"#);
/// ```
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Settings(BTreeMap<String, Secret>);

impl Settings {
    /// The value of `key`; an empty value counts as absent.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Secret> {
        self.0.get(key).filter(|value| !value.is_empty())
    }

    /// Sets `key`.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<Secret>) {
        self.0.insert(key.into(), value.into());
    }

    /// All pairs with a value, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Secret)> {
        self.0.iter().filter(|(_, value)| !value.is_empty()).map(|(key, value)| (key.as_str(), value))
    }

    /// Whether no key has a value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// Reads the environment: for each `(key, variables)` the first variable that is set and not empty.
    #[must_use]
    pub fn from_env(table: &[(&str, &[&str])]) -> Self {
        let mut settings = Self::default();
        for (key, variables) in table {
            if let Some(value) = variables.iter().find_map(|name| env(name)) {
                settings.set(*key, value);
            }
        }
        settings
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place of the library crates that reads the environment")]
fn env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

impl<K: Into<String>, V: Into<Secret>> FromIterator<(K, V)> for Settings {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}

/// Shows which keys are there, never a value.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: std::collections::BTreeSet<_> = self.iter().map(|(key, _)| key).collect();
        f.debug_tuple("Settings").field(&keys).finish()
    }
}

/// The error for a key that `provider` does not know; it lists those that it does.
#[must_use]
pub fn unknown_key(provider: ProviderId, key: &str, known: &[&str]) -> Error {
    let message = format!("unknown configuration key `{key}`; known are {}", known.join(", "));
    Error::new(provider, ErrorKind::Config, message)
}

/// The error for a key that `provider` cannot do without.
#[must_use]
pub fn missing_key(provider: ProviderId, key: &str) -> Error {
    Error::new(provider, ErrorKind::Config, format!("configuration key `{key}` is missing or empty"))
}

/// The error for a value that cannot be used. `problem` names the shape expected, never the value.
#[must_use]
pub fn invalid_value(provider: ProviderId, key: &str, problem: &str) -> Error {
    Error::new(provider, ErrorKind::Config, format!("configuration key `{key}`: {problem}"))
}
