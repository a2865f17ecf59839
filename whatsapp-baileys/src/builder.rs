//! Configuration, checked before anything is built.
#[cfg(feature = "client")]
use std::time::Duration;
use std::{fmt, str::FromStr};

use whatsapp_core::{
    Error, Result, Secret, Settings, StandardWebhook,
    config::{invalid_value, missing_key, unknown_key},
};

#[cfg(feature = "client")]
use crate::Baileys;
use crate::{BaileysWebhook, ID};

/// A key of the configuration.
///
/// ```
/// use whatsapp_baileys::BaileysConfigKey;
/// let key: BaileysConfigKey = "base_url".parse().unwrap();
/// assert_eq!(key.env(), ["BAILEYS_BASE_URL", "BAILEYS_OUTBOUND_URL"]);
/// assert!("baseurl".parse::<BaileysConfigKey>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BaileysConfigKey {
    /// Name of the line at the bridge, `^[A-Za-z0-9_-]{1,64}$`. Required for sending.
    Tenant,
    /// Origin of the bridge, perhaps with a path; `http://localhost:3001` if not set.
    BaseUrl,
    /// The secret shared with the bridge, used both ways. Required.
    Secret,
    /// The secret before it: still accepted on webhooks, never sent.
    PreviousSecret,
    /// `1` or `true`: webhooks must carry the Standard Webhooks signature.
    RequireSignature,
    /// Longest wait for the bridge's answer in seconds, decimals allowed; 30 if not set.
    TimeoutSeconds,
}

impl BaileysConfigKey {
    /// Every key.
    pub const ALL: [Self; 6] =
        [Self::Tenant, Self::BaseUrl, Self::Secret, Self::PreviousSecret, Self::RequireSignature, Self::TimeoutSeconds];

    /// The key as settings spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::BaseUrl => "base_url",
            Self::Secret => "secret",
            Self::PreviousSecret => "previous_secret",
            Self::RequireSignature => "require_signature",
            Self::TimeoutSeconds => "timeout_seconds",
        }
    }

    /// The environment variables that hold it; the first one that is set wins.
    #[must_use]
    pub const fn env(self) -> &'static [&'static str] {
        match self {
            Self::Tenant => &["BAILEYS_TENANT"],
            Self::BaseUrl => &["BAILEYS_BASE_URL", "BAILEYS_OUTBOUND_URL"],
            Self::Secret => &["INTERNAL_SECRET", "BAILEYS_WEBHOOK_SECRET"],
            Self::PreviousSecret => &["INTERNAL_SECRET_PREVIOUS"],
            Self::RequireSignature => &["BAILEYS_REQUIRE_SIGNATURE"],
            Self::TimeoutSeconds => &["BAILEYS_TIMEOUT_SECONDS"],
        }
    }
}

impl AsRef<str> for BaileysConfigKey {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for BaileysConfigKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for BaileysConfigKey {
    type Err = Error;

    fn from_str(key: &str) -> Result<Self> {
        let known = Self::ALL.into_iter().find(|known| known.as_str() == key);
        known.ok_or_else(|| unknown_key(ID, key, &Self::ALL.map(Self::as_str)))
    }
}

/// Builds a [`BaileysWebhook`], or with feature `client` a `Baileys`.
///
/// ```
/// use whatsapp_baileys::{BaileysBuilder, BaileysConfigKey::Secret};
/// let webhook = BaileysBuilder::new().with_config(Secret, "shared with the bridge").build_webhook().unwrap();
/// assert!(BaileysBuilder::new().build_webhook().is_err(), "no secret, no webhooks");
/// # let _ = webhook;
/// ```
#[derive(Clone, Debug, Default)]
pub struct BaileysBuilder(Settings);

impl BaileysBuilder {
    /// Nothing configured yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the environment; see [`BaileysConfigKey::env`].
    #[must_use]
    pub fn from_env() -> Self {
        Self(Settings::from_env(&BaileysConfigKey::ALL.map(|key| (key.as_str(), key.env()))))
    }

    /// Takes `settings` over.
    ///
    /// # Errors
    /// [`Config`](whatsapp_core::ErrorKind::Config) for a key that is not one of [`BaileysConfigKey`].
    pub fn from_settings(settings: &Settings) -> Result<Self> {
        for (key, _) in settings.iter() {
            key.parse::<BaileysConfigKey>()?;
        }
        Ok(Self(settings.clone()))
    }

    /// Sets `key`.
    #[must_use]
    pub fn with_config(mut self, key: BaileysConfigKey, value: impl Into<Secret>) -> Self {
        self.0.set(key.as_str(), value);
        self
    }

    /// Verifies and parses webhooks of every tenant of the bridge.
    ///
    /// # Errors
    /// [`Config`](whatsapp_core::ErrorKind::Config) for a missing or unusable secret: without one nothing could be
    /// told from a forgery.
    pub fn build_webhook(&self) -> Result<BaileysWebhook> {
        let mut keys = vec![(self.secret(BaileysConfigKey::Secret)?)];
        if self.get(BaileysConfigKey::PreviousSecret).is_some() {
            keys.push(self.secret(BaileysConfigKey::PreviousSecret)?);
        }
        let (secrets, signers) = keys.into_iter().unzip();
        let key = BaileysConfigKey::RequireSignature;
        let require_signature = match self.get(key).map(Secret::expose) {
            Some("1" | "true") => true,
            None | Some("0" | "false") => false,
            Some(_) => return Err(invalid_value(ID, key.as_str(), "`1`, `true`, `0` or `false` expected")),
        };
        Ok(BaileysWebhook::new(secrets, signers, require_signature))
    }

    /// A line that sends, and verifies and parses webhooks.
    ///
    /// # Errors
    /// [`Config`](whatsapp_core::ErrorKind::Config) for a missing or unusable value.
    #[cfg(feature = "client")]
    pub fn build(&self) -> Result<Baileys> {
        let (secret, _) = self.secret(BaileysConfigKey::Secret)?;
        Baileys::new(self.build_webhook()?, self.tenant()?, &self.base_url()?, &secret, self.timeout()?)
    }

    fn get(&self, key: BaileysConfigKey) -> Option<&Secret> {
        self.0.get(key.as_str())
    }

    fn require(&self, key: BaileysConfigKey) -> Result<&Secret> {
        self.get(key).ok_or_else(|| missing_key(ID, key.as_str()))
    }

    fn secret(&self, key: BaileysConfigKey) -> Result<(Secret, StandardWebhook)> {
        let secret = self.require(key)?;
        let text = secret.expose();
        // It travels as a header, where anything else would be refused or trimmed on the way.
        if text.trim() != text || !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Err(invalid_value(ID, key.as_str(), "printable ASCII without outer spaces expected"));
        }
        let signer = StandardWebhook::new(secret)
            .ok_or_else(|| invalid_value(ID, key.as_str(), "base64 expected after `whsec_`"))?;
        Ok((secret.clone(), signer))
    }

    #[cfg(feature = "client")]
    fn tenant(&self) -> Result<&str> {
        let tenant = self.require(BaileysConfigKey::Tenant)?.expose();
        if crate::wire::is_tenant(tenant) {
            Ok(tenant)
        } else {
            let problem = "1 to 64 letters, digits, `_` or `-` expected";
            Err(invalid_value(ID, BaileysConfigKey::Tenant.as_str(), problem))
        }
    }

    #[cfg(feature = "client")]
    fn base_url(&self) -> Result<String> {
        let key = BaileysConfigKey::BaseUrl;
        let Some(value) = self.get(key) else { return Ok("http://localhost:3001".to_owned()) };
        let text = value.expose().trim_end_matches('/');
        let usable = text.parse::<http::Uri>().is_ok_and(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https"))
                && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'))
                && uri.query().is_none()
                && !text.contains('#')
        });
        if usable {
            Ok(text.to_owned())
        } else {
            Err(invalid_value(ID, key.as_str(), "an http(s) address without credentials and query expected"))
        }
    }

    #[cfg(feature = "client")]
    fn timeout(&self) -> Result<Duration> {
        let key = BaileysConfigKey::TimeoutSeconds;
        let Some(value) = self.get(key) else { return Ok(whatsapp_core::client::HttpClient::TIMEOUT) };
        match value.expose().parse::<f64>() {
            Ok(seconds) if (0.001..=600.0).contains(&seconds) => Ok(Duration::from_secs_f64(seconds)),
            _ => Err(invalid_value(ID, key.as_str(), "seconds from 0.001 to 600 expected")),
        }
    }
}
