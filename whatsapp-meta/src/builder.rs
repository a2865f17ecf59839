//! Configuration: keys, their environment variables, and what is checked before anything is built.
use std::{fmt, str::FromStr};

use whatsapp_core::{Error, Result, Secret, Settings, config};

use crate::{ID, MetaWebhook};

/// A configuration key of this provider.
///
/// ```
/// use whatsapp_meta::MetaConfigKey;
/// assert_eq!("app_secret".parse::<MetaConfigKey>().unwrap(), MetaConfigKey::AppSecret);
/// assert_eq!(MetaConfigKey::AppSecret.env(), ["META_WA_APP_SECRET", "WHATSAPP_WEBHOOK_SECRET"]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MetaConfigKey {
    /// Token that may send for the number.
    AccessToken,
    /// The number's id at Meta, digits; it names the line.
    PhoneNumberId,
    /// The WhatsApp Business Account's id, digits. Optional.
    WabaId,
    /// Answers Meta's subscription check. Optional: without it every check is refused.
    VerifyToken,
    /// The Meta app's secret, which signs its webhooks.
    AppSecret,
    /// The app's secret before the last rotation. Optional.
    PreviousAppSecret,
    /// Graph API version: `v25.0` or `25.0`, the default being `v25.0`.
    ApiVersion,
    /// Origin of the Graph API, the default being `https://graph.facebook.com`.
    BaseUrl,
    /// Longest wait for an answer, in seconds, decimals allowed; 30 by default.
    TimeoutSeconds,
}

impl MetaConfigKey {
    /// Every key.
    pub const ALL: [Self; 9] = [
        Self::AccessToken,
        Self::PhoneNumberId,
        Self::WabaId,
        Self::VerifyToken,
        Self::AppSecret,
        Self::PreviousAppSecret,
        Self::ApiVersion,
        Self::BaseUrl,
        Self::TimeoutSeconds,
    ];

    /// The key as settings spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.row().0
    }

    /// The environment variables it is read from, the first that is set counting.
    #[must_use]
    pub const fn env(self) -> &'static [&'static str] {
        self.row().1
    }

    const fn row(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::AccessToken => ("access_token", &["META_WA_ACCESS_TOKEN"]),
            Self::PhoneNumberId => ("phone_number_id", &["META_WA_PHONE_NUMBER_ID"]),
            Self::WabaId => ("waba_id", &["META_WA_WABA_ID"]),
            Self::VerifyToken => ("verify_token", &["META_WA_VERIFY_TOKEN"]),
            Self::AppSecret => ("app_secret", &["META_WA_APP_SECRET", "WHATSAPP_WEBHOOK_SECRET"]),
            Self::PreviousAppSecret => ("previous_app_secret", &["META_WA_PREVIOUS_APP_SECRET"]),
            Self::ApiVersion => ("api_version", &["META_API_VERSION"]),
            Self::BaseUrl => ("base_url", &["META_GRAPH_BASE_URL"]),
            Self::TimeoutSeconds => ("timeout_seconds", &[]),
        }
    }
}

impl AsRef<str> for MetaConfigKey {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for MetaConfigKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for MetaConfigKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let known = Self::ALL.map(Self::as_str);
        Self::ALL.into_iter().find(|key| key.as_str() == text).ok_or_else(|| config::unknown_key(ID, text, &known))
    }
}

/// Collects the configuration of one line, then builds what it is good for.
///
/// ```
/// use whatsapp_meta::{MetaBuilder, MetaConfigKey};
/// let webhook = MetaBuilder::new().with_config(MetaConfigKey::AppSecret, "the app's secret").build_webhook();
/// assert!(webhook.is_ok());
/// assert!(MetaBuilder::new().build_webhook().is_err(), "nothing is accepted unverified");
/// ```
#[derive(Clone, Debug, Default)]
pub struct MetaBuilder(Settings);

impl MetaBuilder {
    /// An empty configuration.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the environment variables of every [`MetaConfigKey`].
    #[must_use]
    pub fn from_env() -> Self {
        Self(Settings::from_env(&MetaConfigKey::ALL.map(|key| (key.as_str(), key.env()))))
    }

    /// Takes `settings` whose keys are spelled as [`MetaConfigKey`] does.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](whatsapp_core::ErrorKind::Config) for a key that is none of them.
    pub fn from_settings(settings: &Settings) -> Result<Self> {
        settings.iter().try_for_each(|(key, _)| key.parse::<MetaConfigKey>().map(drop))?;
        Ok(Self(settings.clone()))
    }

    /// Sets one key.
    #[must_use]
    pub fn with_config(mut self, key: MetaConfigKey, value: impl Into<Secret>) -> Self {
        self.0.set(key.as_str(), value);
        self
    }

    /// Builds the part that verifies and reads webhooks. It needs the app secret only.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](whatsapp_core::ErrorKind::Config) if the app secret is missing or empty.
    pub fn build_webhook(&self) -> Result<MetaWebhook> {
        let current = self.required(MetaConfigKey::AppSecret)?;
        let secrets = [Some(current), self.value(MetaConfigKey::PreviousAppSecret)];
        MetaWebhook::new(secrets.into_iter().flatten(), self.value(MetaConfigKey::VerifyToken))
            .ok_or_else(|| config::missing_key(ID, MetaConfigKey::AppSecret.as_str()))
    }

    /// The value of `key` without blanks around it: they come from files and consoles, never from Meta.
    fn value(&self, key: MetaConfigKey) -> Option<Secret> {
        let text = self.0.get(key.as_str())?.expose().trim();
        (!text.is_empty()).then(|| Secret::from(text))
    }

    fn required(&self, key: MetaConfigKey) -> Result<Secret> {
        self.value(key).ok_or_else(|| config::missing_key(ID, key.as_str()))
    }
}

#[cfg(feature = "client")]
mod line {
    use std::time::Duration;

    use http::Uri;
    use whatsapp_core::{Error, Result, Secret, client::HttpClient, config};

    use super::{MetaBuilder, MetaConfigKey};
    use crate::{ID, Meta, endpoint::Endpoint};

    impl MetaBuilder {
        /// Builds the whole line.
        ///
        /// # Errors
        /// [`ErrorKind::Config`](whatsapp_core::ErrorKind::Config) for a missing key or an unusable value; it names
        /// the key, never the value.
        pub fn build(&self) -> Result<Meta> {
            let token = self.required(MetaConfigKey::AccessToken)?;
            if !token.expose().bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(invalid(MetaConfigKey::AccessToken, "visible ASCII characters expected"));
            }
            let number = digits(MetaConfigKey::PhoneNumberId, &self.required(MetaConfigKey::PhoneNumberId)?)?;
            let waba_id = self.value(MetaConfigKey::WabaId);
            let waba_id = waba_id.map(|id| digits(MetaConfigKey::WabaId, &id)).transpose()?;
            let webhook = self.build_webhook()?;
            let app_secret = self.required(MetaConfigKey::AppSecret)?;
            let (base, version) = (self.base_url()?, self.api_version()?);
            let http = HttpClient::new(ID, self.timeout()?)?;
            Ok(Meta::new(Endpoint { http, base, version, number, token }, waba_id, app_secret, webhook))
        }

        fn api_version(&self) -> Result<String> {
            let Some(value) = self.value(MetaConfigKey::ApiVersion) else { return Ok("v25.0".to_owned()) };
            let number = value.expose().trim_start_matches(['v', 'V']);
            let digits = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
            match number.split_once('.').unwrap_or((number, "0")) {
                (major, minor) if digits(major) && digits(minor) => Ok(format!("v{major}.{minor}")),
                _ => Err(invalid(MetaConfigKey::ApiVersion, "a version such as v25.0 expected")),
            }
        }

        fn base_url(&self) -> Result<String> {
            let Some(value) = self.value(MetaConfigKey::BaseUrl) else {
                return Ok("https://graph.facebook.com".to_owned());
            };
            let text = value.expose().trim_end_matches('/');
            let usable = text.parse::<Uri>().is_ok_and(|uri| {
                matches!(uri.scheme_str(), Some("http" | "https"))
                    && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'))
                    && uri.query().is_none()
            });
            let problem = "an http or https address expected, without user and query";
            if usable { Ok(text.to_owned()) } else { Err(invalid(MetaConfigKey::BaseUrl, problem)) }
        }

        fn timeout(&self) -> Result<Duration> {
            let Some(value) = self.value(MetaConfigKey::TimeoutSeconds) else { return Ok(HttpClient::TIMEOUT) };
            let seconds = value.expose().parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
            seconds
                .filter(|timeout| !timeout.is_zero())
                .ok_or_else(|| invalid(MetaConfigKey::TimeoutSeconds, "a number of seconds above 0 expected"))
        }
    }

    /// Ids are path segments, so nothing but digits may pass.
    fn digits(key: MetaConfigKey, value: &Secret) -> Result<String> {
        let text = value.expose();
        let ok = text.len() <= 32 && text.bytes().all(|byte| byte.is_ascii_digit());
        ok.then(|| text.to_owned()).ok_or_else(|| invalid(key, "digits expected, as the App Dashboard shows them"))
    }

    fn invalid(key: MetaConfigKey, problem: &str) -> Error {
        config::invalid_value(ID, key.as_str(), problem)
    }
}
