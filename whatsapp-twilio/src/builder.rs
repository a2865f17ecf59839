//! Configuration: keys as data, checked once.
use std::str::FromStr;

use whatsapp_core::{
    Error, Result, Secret, Settings,
    config::{missing_key, unknown_key},
};
#[cfg(feature = "client")]
use {
    crate::{
        content::{Names, Sessions},
        endpoint::{Credentials, Endpoint},
        hosts::Hosts,
        provider::Twilio,
        wire::{address, bare},
    },
    reqwest::Url,
    std::time::Duration,
    whatsapp_core::{LineId, PhoneNumber, client::HttpClient, config::invalid_value},
};

use crate::{ID, TwilioWebhook};

macro_rules! config_keys {
    ($($(#[$meta:meta])* $variant:ident = $key:literal, [$($variable:literal),*];)*) => {
        /// Keys of a line's settings.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum TwilioConfigKey {
            $($(#[$meta])* $variant,)*
        }

        impl TwilioConfigKey {
            /// Every key.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its name in settings.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $key,)*
                }
            }

            /// The environment variables it is read from; the first that is set wins.
            #[must_use]
            pub const fn variables(self) -> &'static [&'static str] {
                match self {
                    $(Self::$variant => &[$($variable),*],)*
                }
            }
        }
    };
}

config_keys! {
    /// The account, `AC…`; required for sending.
    AccountSid = "account_sid", ["TWILIO_ACCOUNT_SID"];
    /// The account's primary auth token; required, because it signs webhooks.
    AuthToken = "auth_token", ["TWILIO_AUTH_TOKEN"];
    /// The account's other auth token, valid at the same time while tokens are rotated.
    SecondaryAuthToken = "secondary_auth_token", ["TWILIO_SECONDARY_AUTH_TOKEN"];
    /// An API key, `SK…`; used for sending instead of the auth token if its secret is there, too.
    ApiKeySid = "api_key_sid", ["TWILIO_API_KEY_SID"];
    /// The API key's secret.
    ApiKeySecret = "api_key_secret", ["TWILIO_API_KEY_SECRET"];
    /// The line: the sender's number, `whatsapp:+…` or `+…`; required for sending.
    From = "from", ["TWILIO_WA_FROM"];
    /// A messaging service, `MG…`, that is named instead of the number. Choose one whose only WhatsApp sender is
    /// this line's number: statuses name the sender that it picked.
    MessagingServiceSid = "messaging_service_sid", ["TWILIO_MESSAGING_SERVICE_SID"];
    /// Signs correlation ids; derived from the auth token if missing.
    StatusCallbackSecret = "status_callback_secret", ["TWILIO_STATUS_CALLBACK_SECRET"];
    /// Our public origin, where statuses come back to; without it none are asked for. `https://` if no scheme.
    PublicBaseUrl = "public_base_url", ["PUBLIC_BASE_URL", "PUBLIC_HOST"];
    /// Twilio's region, `ie1`, `au1` …; `us1` if missing. Credentials belong to one region.
    Region = "region", ["TWILIO_REGION"];
    /// The edge that calls enter Twilio by, `dublin`, `sydney` …
    Edge = "edge", ["TWILIO_EDGE"];
    /// Twilio's origin, for proxies and fakes; takes the place of region and edge. Other products than messages are
    /// looked for at the same origin, unless it is Twilio's own.
    BaseUrl = "base_url", ["TWILIO_API_BASE_URL"];
    /// A shared key's secret, for webhooks signed with HMAC-SHA256.
    SharedKey = "shared_key", ["TWILIO_SHARED_KEY"];
    /// The shared key's id, `webhooks_sharedkey_…`; any if missing.
    SharedKeyId = "shared_key_id", ["TWILIO_SHARED_KEY_ID"];
    /// Longest wait for an answer in seconds, decimals allowed; 30 if missing.
    TimeoutSeconds = "timeout_seconds", ["TWILIO_TIMEOUT_SECONDS"];
}

impl AsRef<str> for TwilioConfigKey {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl FromStr for TwilioConfigKey {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL.iter().copied().find(|key| key.as_str() == name).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|key| key.as_str()).collect();
            unknown_key(ID, name, &known)
        })
    }
}

/// Collects a line's settings, then builds it.
///
/// ```
/// use whatsapp_twilio::{TwilioBuilder, TwilioConfigKey};
/// let webhook = TwilioBuilder::new().with_config(TwilioConfigKey::AuthToken, "t0ken").build_webhook().unwrap();
/// assert!(!format!("{webhook:?}").contains("t0ken"));
/// assert!(TwilioBuilder::new().build_webhook().is_err(), "nothing verifies without a secret");
/// ```
#[derive(Clone, Debug, Default)]
pub struct TwilioBuilder(Settings);

impl TwilioBuilder {
    /// Nothing set yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the environment; see [`TwilioConfigKey::variables`].
    #[must_use]
    pub fn from_env() -> Self {
        let table: Vec<_> = TwilioConfigKey::ALL.iter().map(|key| (key.as_str(), key.variables())).collect();
        Self(Settings::from_env(&table))
    }

    /// Takes settings as they are stored.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](whatsapp_core::ErrorKind::Config) for an unknown key.
    pub fn from_settings(settings: &Settings) -> Result<Self> {
        for (key, _) in settings.iter() {
            key.parse::<TwilioConfigKey>()?;
        }
        Ok(Self(settings.clone()))
    }

    /// Sets `key`; an empty value counts as absent.
    #[must_use]
    pub fn with_config(mut self, key: TwilioConfigKey, value: impl Into<Secret>) -> Self {
        self.0.set(key.as_str(), value);
        self
    }

    /// Builds what verifies and parses webhooks.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](whatsapp_core::ErrorKind::Config) if the auth token is missing.
    pub fn build_webhook(&self) -> Result<TwilioWebhook> {
        use TwilioConfigKey as Key;
        let tokens = [Some(self.auth_token()?), self.secret(Key::SecondaryAuthToken)];
        let mut webhook = TwilioWebhook::new(tokens.into_iter().flatten())?;
        if let Some(key) = self.secret(Key::SharedKey) {
            webhook = webhook.with_shared_key(self.text(Key::SharedKeyId), key)?;
        }
        if let Some(secret) = self.secret(Key::StatusCallbackSecret) {
            webhook = webhook.with_status_callback_secret(secret)?;
        }
        Ok(match self.text(Key::AccountSid) {
            Some(sid) => webhook.with_account_sid(sid),
            None => webhook,
        })
    }

    /// Builds the line.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](whatsapp_core::ErrorKind::Config) for a key that is missing or unusable.
    #[cfg(feature = "client")]
    pub fn build(&self) -> Result<Twilio> {
        use TwilioConfigKey as Key;
        let account_sid = self.sid(Key::AccountSid, "AC")?.ok_or_else(|| missing_key(ID, Key::AccountSid.as_str()))?;
        let webhook = self.build_webhook()?;
        let line = self.line()?;
        let api_key = self.text(Key::ApiKeySid).zip(self.secret(Key::ApiKeySecret));
        let credentials = match api_key {
            Some((sid, secret)) => Credentials::api_key(sid, secret),
            None => Credentials::token(account_sid, self.auth_token()?),
        };
        let base = self.origin(Key::BaseUrl)?;
        if base.as_deref().is_some_and(|base| base.contains('@')) {
            return Err(invalid_value(ID, Key::BaseUrl.as_str(), "an origin without name and password expected"));
        }
        let hosts = match base {
            Some(base) => Hosts::beside(&base),
            None => Hosts::of_twilio(self.text(Key::Edge), self.text(Key::Region))?,
        };
        let http = HttpClient::new(ID, self.timeout()?)?;
        Ok(Twilio {
            endpoint: Endpoint { http, hosts, account_sid: account_sid.into(), credentials },
            webhook,
            line,
            messaging_service: self.sid(Key::MessagingServiceSid, "MG")?.map(Into::into),
            public_base_url: self.origin(Key::PublicBaseUrl)?.map(Into::into),
            names: Names::default(),
            sessions: Sessions::default(),
        })
    }

    fn auth_token(&self) -> Result<Secret> {
        let key = TwilioConfigKey::AuthToken;
        self.secret(key).ok_or_else(|| missing_key(ID, key.as_str()))
    }

    /// A secret without the line break at the end of the file that it was read from.
    fn secret(&self, key: TwilioConfigKey) -> Option<Secret> {
        self.text(key).map(Secret::from)
    }

    fn text(&self, key: TwilioConfigKey) -> Option<&str> {
        self.0.get(key.as_str()).map(|value| value.expose().trim()).filter(|value| !value.is_empty())
    }
}

#[cfg(feature = "client")]
impl TwilioBuilder {
    /// An id goes into paths and forms, so it is letters and digits after its prefix.
    fn sid(&self, key: TwilioConfigKey, prefix: &str) -> Result<Option<&str>> {
        let Some(sid) = self.text(key) else { return Ok(None) };
        let rest = sid.strip_prefix(prefix).unwrap_or_default();
        if rest.is_empty() || !rest.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(invalid_value(ID, key.as_str(), &format!("`{prefix}` and 32 hexadecimal digits expected")));
        }
        Ok(Some(sid))
    }

    fn line(&self) -> Result<LineId> {
        let key = TwilioConfigKey::From;
        let from = self.text(key).ok_or_else(|| missing_key(ID, key.as_str()))?;
        let number: PhoneNumber = bare(from)
            .parse()
            .map_err(|_| invalid_value(ID, key.as_str(), "a number as in whatsapp:+14155550100 expected"))?;
        Ok(address(number.as_str()).into())
    }

    fn origin(&self, key: TwilioConfigKey) -> Result<Option<String>> {
        let Some(text) = self.text(key).map(|text| text.trim_end_matches('/')) else { return Ok(None) };
        let url = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let is_web = |url: &Url| matches!(url.scheme(), "http" | "https") && url.host().is_some();
        let plain = |url: &Url| url.query().is_none() && url.fragment().is_none();
        // What is not written as it is read would not be the address that Twilio signs.
        let whole = !url.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\');
        if !whole || !Url::parse(&url).is_ok_and(|url| is_web(&url) && plain(&url)) {
            return Err(invalid_value(ID, key.as_str(), "an http(s) origin as in https://shop.example expected"));
        }
        Ok(Some(url))
    }

    fn timeout(&self) -> Result<Duration> {
        let key = TwilioConfigKey::TimeoutSeconds;
        let Some(text) = self.text(key) else { return Ok(HttpClient::TIMEOUT) };
        let seconds = text.parse().ok().filter(|seconds| *seconds > 0.0);
        seconds
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            .ok_or_else(|| invalid_value(ID, key.as_str(), "a positive number of seconds expected"))
    }
}
