//! Configuration: flags and environment, and nothing else. `--help` documents each.
use std::{fmt, net::IpAddr, path::PathBuf, time::Duration};

use clap::Args;
use http::HeaderValue;
use url::Url;
use whatsapp_core::{ProviderId, Secret, Settings};

use crate::{
    crypto::KeyRing,
    engine::{Inherited, Tuning},
    store::DatabaseUrl,
};

macro_rules! environment {
    ($($(#[$meta:meta])* $name:ident: $variable:literal $(= $default:literal)? $([$secret:ident])?,)*) => {
        /// Flags and environment as written; [`Config::read`] makes sense of them.
        #[derive(Args, Clone, Default)]
        pub struct Environment { $(
            $(#[$meta])*
            #[arg(long, env = $variable, value_name = "VALUE", $(default_value = $default,)? $(hide_env_values = environment!(@$secret))?)]
            pub $name: Option<String>,
        )* }
    };
    (@secret) => { true };
}

environment! {
    /// `sqlite:file` or `postgres://…`; also SQLAlchemy spellings [default: prosaas.db in the data folder]
    database_url: "DATABASE_URL" [secret],
    /// Public https origin: what Twilio signs and Meta calls
    public_base_url: "PUBLIC_BASE_URL",
    /// Alias of --public-base-url
    public_host: "PUBLIC_HOST",
    /// Origins that browsers may call from, comma list [default: the same origin only]
    cors_origins: "CORS_ORIGINS",
    /// Provider of a business that never chose: meta, twilio or baileys
    whatsapp_provider: "WHATSAPP_PROVIDER" = "baileys",
    /// Id or domain of the only business that may use the lines configured here [default: the only one there is]
    default_business: "DEFAULT_BUSINESS",
    /// Meta: access token of the default business's line
    meta_wa_access_token: "META_WA_ACCESS_TOKEN" [secret],
    /// Meta: phone number id of that line
    meta_wa_phone_number_id: "META_WA_PHONE_NUMBER_ID",
    /// Meta: WhatsApp Business account of that line
    meta_wa_waba_id: "META_WA_WABA_ID",
    /// Meta: token of the subscription check, also for the fixed webhook addresses
    meta_wa_verify_token: "META_WA_VERIFY_TOKEN" [secret],
    /// Meta: app secret, also for the fixed webhook addresses
    meta_wa_app_secret: "META_WA_APP_SECRET" [secret],
    /// Alias of --meta-wa-app-secret
    whatsapp_webhook_secret: "WHATSAPP_WEBHOOK_SECRET" [secret],
    /// Meta: Graph API version
    meta_api_version: "META_API_VERSION" = "v25.0",
    /// Twilio: account of the default business's line
    twilio_account_sid: "TWILIO_ACCOUNT_SID",
    /// Twilio: auth token; sends and verifies
    twilio_auth_token: "TWILIO_AUTH_TOKEN" [secret],
    /// Twilio: sender, `whatsapp:+…`
    twilio_wa_from: "TWILIO_WA_FROM",
    /// Twilio: signs our id in the status callback [default: derived from the auth token]
    twilio_status_callback_secret: "TWILIO_STATUS_CALLBACK_SECRET" [secret],
    /// WhatsApp Web: secret between server and bridge, both ways
    internal_secret: "INTERNAL_SECRET" [secret],
    /// Alias of --internal-secret
    baileys_webhook_secret: "BAILEYS_WEBHOOK_SECRET" [secret],
    /// WhatsApp Web: where the bridge listens
    baileys_base_url: "BAILEYS_BASE_URL" = "http://localhost:3001",
    /// Alias of --baileys-base-url, which it overrides
    baileys_outbound_url: "BAILEYS_OUTBOUND_URL",
    /// WhatsApp Web: 1 = the bridge's webhooks must be signed, the secret alone is not enough
    baileys_require_signature: "BAILEYS_REQUIRE_SIGNATURE",
    /// Keys for stored secrets, `id:base64 of 32 bytes`, comma list, the first seals [default: made in the data folder]
    whatsapp_encryption_key: "WHATSAPP_ENCRYPTION_KEY" [secret],
    /// Meta: origin of the Graph API, for proxies and fakes
    meta_graph_base_url: "META_GRAPH_BASE_URL",
    /// Twilio: origin of the API, for regions, proxies and fakes
    twilio_api_base_url: "TWILIO_API_BASE_URL",
    /// 1 = bring the schema up to date at start
    run_migrations_on_start: "RUN_MIGRATIONS_ON_START" = "1",
    /// Name of this deployment, shown by /version
    deploy_id: "DEPLOY_ID" = "local",
    /// Commit of this build, shown by /version
    git_sha: "GIT_SHA" = "dev",
    /// Address to listen on
    host: "HOST" = "127.0.0.1",
    /// Port to listen on
    port: "PORT" = "5000",
    /// Folder for the database, keys and files
    data_dir: "DATA_DIR" = "./data",
    /// Sends per minute and API key
    send_rate_per_minute: "SEND_RATE_PER_MINUTE" = "600",
    /// Seconds after which a silent node loses its lines
    lease_seconds: "LEASE_SECONDS" = "30",
    /// Seconds to wait for proof before a message that may have been sent is sent again
    unknown_grace_seconds: "UNKNOWN_GRACE_SECONDS" = "90",
    /// Seconds to wait for a provider's answer; at most half of --lease-seconds
    send_timeout_seconds: "SEND_TIMEOUT_SECONDS" = "15",
    /// What to log: error, warn, info, debug, or `target=level`, comma list
    log: "LOG" = "info",
    /// How to log: pretty or json
    log_format: "LOG_FORMAT" = "pretty",
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment(…)")
    }
}

/// Configuration, understood and checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address to listen on.
    pub host: IpAddr,
    /// Port to listen on; 0 = any.
    pub port: u16,
    /// Folder for the database, keys and files.
    pub data_dir: PathBuf,
    /// Where the data is.
    pub database: DatabaseUrl,
    /// Keys for stored secrets; `None` = those in the data folder.
    pub keys: Option<KeyRing>,
    /// A legacy key was given, which deserves a warning.
    pub legacy_key: bool,
    /// Public origin without a trailing slash.
    pub public_base_url: Option<String>,
    /// Origins that browsers may call from.
    pub cors_origins: Vec<HeaderValue>,
    /// Provider of a business that never chose.
    pub default_provider: ProviderId,
    /// Id or domain of the business that may use the lines of the environment.
    pub default_business: Option<String>,
    /// Lines of the environment, per provider.
    pub lines: Vec<(ProviderId, Settings)>,
    /// What a line takes from the installation if it has no value of its own.
    pub inherited: Inherited,
    /// Whether to bring the schema up to date at start.
    pub migrate: bool,
    /// Name of this deployment.
    pub deploy_id: String,
    /// Commit of this build.
    pub git_sha: String,
    /// Sends per minute and API key.
    pub send_rate_per_minute: u32,
    /// Times of the engine.
    pub tuning: Tuning,
    /// What to log.
    pub log: String,
    /// Log as JSON.
    pub log_json: bool,
    /// Things to warn about once the log is open.
    pub warnings: Vec<String>,
}

/// Everything that is wrong with the configuration, one line each.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the configuration cannot be used:\n{}", .0.iter().map(|line| format!("  - {line}")).collect::<Vec<_>>().join("\n"))]
pub struct Problems(pub Vec<String>);

/// Collects problems instead of stopping at the first.
#[derive(Default)]
struct Reader {
    problems: Vec<String>,
    warnings: Vec<String>,
}

impl Reader {
    fn parsed<T>(
        &mut self,
        name: &str,
        text: Option<&str>,
        expected: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = text.map(str::trim).filter(|text| !text.is_empty())?;
        let value = read(text);
        if value.is_none() {
            self.problems.push(format!("{name}: {expected}"));
        }
        value
    }

    fn seconds(&mut self, name: &str, text: Option<&str>, default: Duration) -> Duration {
        let read = |text: &str| text.parse::<f64>().ok().filter(|s| (0.05..=86_400.0).contains(s));
        self.parsed(name, text, "seconds expected, 0.05 to 86400", read).map_or(default, Duration::from_secs_f64)
    }
}

fn flag(text: Option<&str>) -> Option<bool> {
    match text?.trim() {
        "1" | "true" | "yes" | "on" => Some(true),
        "0" | "false" | "no" | "off" | "" => Some(false),
        _ => None,
    }
}

/// An http(s) origin; a bare host means https.
fn origin(text: &str) -> Option<String> {
    let text = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let plain = url.host_str().is_some() && url.query().is_none() && url.username().is_empty();
    plain.then(|| text.trim_end_matches('/').to_owned())
}

const ORIGIN: &str = "an http(s) origin expected, as https://example.com";

impl Config {
    /// Makes sense of flags and environment.
    ///
    /// # Errors
    /// [`Problems`] lists everything that is wrong, not the first thing only.
    pub fn read(env: &Environment) -> Result<Self, Problems> {
        let mut reader = Reader::default();
        let text = |value: &Option<String>| value.clone().filter(|value| !value.trim().is_empty());
        let data_dir = PathBuf::from(text(&env.data_dir).unwrap_or_else(|| "./data".to_owned()));
        let database = reader
            .parsed(
                "DATABASE_URL",
                env.database_url.as_deref(),
                "`sqlite:path/to/file.db` or `postgres://user:password@host/database` expected",
                |text| text.parse().ok(),
            )
            .unwrap_or_else(|| DatabaseUrl::file(&data_dir.join("prosaas.db")));
        let keys = reader.parsed("WHATSAPP_ENCRYPTION_KEY", env.whatsapp_encryption_key.as_deref(), "a comma list of `id:base64 of 32 bytes` expected; a plain 32-character value only reads, so another key must stand before it (make one with `openssl rand -base64 32`)", |text| KeyRing::parse(text).ok());
        let legacy_key = env
            .whatsapp_encryption_key
            .as_deref()
            .is_some_and(|text| text.split(',').map(str::trim).any(KeyRing::is_legacy));
        let public = env.public_base_url.as_deref().or(env.public_host.as_deref());
        let public_base_url = reader.parsed("PUBLIC_BASE_URL", public, ORIGIN, origin);
        if public_base_url.is_none() && reader.problems.is_empty() {
            reader.warnings.push("PUBLIC_BASE_URL is not set: Twilio signatures are checked against the Host header and no status callbacks are asked for".to_owned());
        }
        let default_provider = reader
            .parsed("WHATSAPP_PROVIDER", env.whatsapp_provider.as_deref(), "meta, twilio or baileys expected", |text| {
                ["meta", "twilio", "baileys"].contains(&text).then(|| ProviderId::from(text.to_owned()))
            })
            .unwrap_or(ProviderId::new("baileys"));
        let lease = reader.seconds("LEASE_SECONDS", env.lease_seconds.as_deref(), Tuning::default().lease);
        let tuning = Tuning {
            lease,
            unknown_grace: reader.seconds(
                "UNKNOWN_GRACE_SECONDS",
                env.unknown_grace_seconds.as_deref(),
                Tuning::default().unknown_grace,
            ),
            send_timeout: reader
                .seconds("SEND_TIMEOUT_SECONDS", env.send_timeout_seconds.as_deref(), Tuning::default().send_timeout)
                .min(lease / 2),
        };
        let host =
            reader.parsed("HOST", env.host.as_deref(), "an IP address expected, as 127.0.0.1 or 0.0.0.0", |text| {
                text.parse().ok()
            });
        let port =
            reader.parsed("PORT", env.port.as_deref(), "a port from 0 to 65535 expected", |text| text.parse().ok());
        let migrate = reader.parsed(
            "RUN_MIGRATIONS_ON_START",
            env.run_migrations_on_start.as_deref(),
            "1 or 0 expected",
            |text| flag(Some(text)),
        );
        let rate = reader.parsed(
            "SEND_RATE_PER_MINUTE",
            env.send_rate_per_minute.as_deref(),
            "a whole number above 0 expected",
            |text| text.parse().ok().filter(|rate| *rate > 0),
        );
        let log_json =
            reader.parsed("LOG_FORMAT", env.log_format.as_deref(), "pretty or json expected", |text| match text {
                "pretty" => Some(false),
                "json" => Some(true),
                _ => None,
            });
        let cors_origins = reader.parsed(
            "CORS_ORIGINS",
            env.cors_origins.as_deref(),
            "a comma list of origins expected, as https://app.example.com",
            origins,
        );
        let inherited = inherited(&mut reader, env, public_base_url.as_deref());
        let lines = lines(&mut reader, env);
        if !reader.problems.is_empty() {
            return Err(Problems(reader.problems));
        }
        Ok(Self {
            host: host.unwrap_or(IpAddr::from([127, 0, 0, 1])),
            port: port.unwrap_or(5000),
            data_dir,
            database,
            keys,
            legacy_key,
            public_base_url,
            cors_origins: cors_origins.unwrap_or_default(),
            default_provider,
            default_business: text(&env.default_business),
            lines,
            inherited,
            migrate: migrate.unwrap_or(true),
            deploy_id: text(&env.deploy_id).unwrap_or_else(|| "local".to_owned()),
            git_sha: text(&env.git_sha).unwrap_or_else(|| "dev".to_owned()),
            send_rate_per_minute: rate.unwrap_or(600),
            tuning,
            log: text(&env.log).unwrap_or_else(|| "info".to_owned()),
            log_json: log_json.unwrap_or(false),
            warnings: reader.warnings,
        })
    }
}

fn origins(text: &str) -> Option<Vec<HeaderValue>> {
    text.split(',')
        .map(str::trim)
        .filter(|one| !one.is_empty())
        .map(|one| HeaderValue::from_str(&origin(one)?).ok())
        .collect()
}

fn settings(pairs: &[(&str, Option<&String>)]) -> Settings {
    let given = pairs.iter().filter_map(|(key, value)| Some((*key, value.filter(|value| !value.trim().is_empty())?)));
    given.map(|(key, value)| (key, Secret::from(value.trim()))).collect()
}

/// What every line of a provider takes from the installation.
fn inherited(reader: &mut Reader, env: &Environment, public_base_url: Option<&str>) -> Inherited {
    let mut origin_of = |name, value: Option<&String>| reader.parsed(name, value.map(String::as_str), ORIGIN, origin);
    let graph = origin_of("META_GRAPH_BASE_URL", env.meta_graph_base_url.as_ref());
    let twilio = origin_of("TWILIO_API_BASE_URL", env.twilio_api_base_url.as_ref());
    let bridge = origin_of("BAILEYS_BASE_URL", env.baileys_outbound_url.as_ref().or(env.baileys_base_url.as_ref()));
    let public = public_base_url.map(str::to_owned);
    let app_secret = env.meta_wa_app_secret.as_ref().or(env.whatsapp_webhook_secret.as_ref());
    let bridge_secret = env.internal_secret.as_ref().or(env.baileys_webhook_secret.as_ref());
    let per_provider = [
        (
            "meta",
            settings(&[
                ("app_secret", app_secret),
                ("verify_token", env.meta_wa_verify_token.as_ref()),
                ("api_version", env.meta_api_version.as_ref()),
                ("base_url", graph.as_ref()),
            ]),
        ),
        (
            "twilio",
            settings(&[
                ("public_base_url", public.as_ref()),
                ("status_callback_secret", env.twilio_status_callback_secret.as_ref()),
                ("base_url", twilio.as_ref()),
            ]),
        ),
        (
            "baileys",
            settings(&[
                ("secret", bridge_secret),
                ("base_url", bridge.as_ref()),
                ("require_signature", env.baileys_require_signature.as_ref()),
            ]),
        ),
    ];
    Inherited(per_provider.into_iter().map(|(name, settings)| (ProviderId::new(name), settings)).collect())
}

/// The lines of the environment. A half-set one is left out with a word: it must not stop the server.
fn lines(reader: &mut Reader, env: &Environment) -> Vec<(ProviderId, Settings)> {
    let meta = [
        ("access_token", env.meta_wa_access_token.as_ref()),
        ("phone_number_id", env.meta_wa_phone_number_id.as_ref()),
    ];
    let twilio = [
        ("account_sid", env.twilio_account_sid.as_ref()),
        ("auth_token", env.twilio_auth_token.as_ref()),
        ("from", env.twilio_wa_from.as_ref()),
    ];
    let mut found = Vec::new();
    for (name, needed) in [("meta", meta.as_slice()), ("twilio", twilio.as_slice())] {
        let mut given = settings(needed);
        let missing: Vec<_> = needed.iter().map(|(key, _)| *key).filter(|key| given.get(key).is_none()).collect();
        if missing.is_empty() {
            if let ("meta", Some(waba)) = (name, &env.meta_wa_waba_id) {
                given.set("waba_id", waba.as_str());
            }
            found.push((ProviderId::new(name), given));
        } else if missing.len() < needed.len() {
            reader.warnings.push(format!("the environment's {name} line is left out: {} missing", missing.join(", ")));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_every_problem_at_once() {
        let env = Environment {
            database_url: Some("mysql://x".into()),
            port: Some("99999".into()),
            whatsapp_provider: Some("smoke".into()),
            public_base_url: Some("ftp://x".into()),
            ..Environment::default()
        };
        let problems = Config::read(&env).unwrap_err();
        for name in ["DATABASE_URL", "PORT", "WHATSAPP_PROVIDER", "PUBLIC_BASE_URL"] {
            assert!(problems.0.iter().any(|line| line.starts_with(name)), "{name} in {problems}");
        }
    }

    #[test]
    fn a_half_set_line_is_left_out_with_a_word() {
        let env = Environment { twilio_account_sid: Some("AC1".into()), ..Environment::default() };
        let config = Config::read(&env).unwrap();
        assert!(config.lines.is_empty());
        assert!(config.warnings.iter().any(|warning| warning.contains("auth_token")), "{:?}", config.warnings);
    }

    #[test]
    fn aliases_and_bare_hosts() {
        let env = Environment {
            public_host: Some("wa.example.com/".into()),
            whatsapp_webhook_secret: Some("s".into()),
            ..Environment::default()
        };
        let config = Config::read(&env).unwrap();
        assert_eq!(config.public_base_url.as_deref(), Some("https://wa.example.com"));
        let meta = config.inherited.0.get(&ProviderId::new("meta")).unwrap();
        assert_eq!(meta.get("app_secret"), Some(&Secret::from("s")));
        assert!(!format!("{config:?}").contains("app_secret\": \"s"));
    }
}
