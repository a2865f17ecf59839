//! Configuration: flags and environment, and nothing else. `--help` documents each.
mod environment;
mod lines;
mod reader;

use std::{net::IpAddr, path::PathBuf};

use http::HeaderValue;
use whatsapp_core::{ProviderId, Settings};

pub use self::environment::Environment;
use self::{
    lines::{first_set, inherited, lines},
    reader::{ORIGIN, Reader, flag, origin, origins},
};
use crate::{
    crypto::KeyRing,
    engine::{Inherited, Tuning},
    store::DatabaseUrl,
    web::TrustedProxies,
};

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
    /// Public origin, and the path in front of ours, without a trailing slash.
    pub public_base_url: Option<String>,
    /// Proxies whose word on the public address and the client counts.
    pub trusted_proxies: TrustedProxies,
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
        let public = first_set([&env.public_base_url, &env.public_host]).map(String::as_str);
        let public_base_url = reader.parsed("PUBLIC_BASE_URL", public, ORIGIN, origin);
        if public_base_url.is_none() && reader.problems.is_empty() {
            reader.warnings.push("PUBLIC_BASE_URL is not set: Twilio signatures are checked against the Host header, or what TRUSTED_PROXIES say, and no status callbacks are asked for".to_owned());
        }
        let trusted_proxies = reader.parsed(
            "TRUSTED_PROXIES",
            env.trusted_proxies.as_deref(),
            "a comma list of addresses and networks expected, as 127.0.0.1,10.0.0.0/8",
            |text| text.parse().ok(),
        );
        let default_provider = reader
            .parsed("WHATSAPP_PROVIDER", env.whatsapp_provider.as_deref(), "meta, twilio or baileys expected", |text| {
                ["meta", "twilio", "baileys"].contains(&text).then(|| ProviderId::from(text.to_owned()))
            })
            .unwrap_or(ProviderId::new("baileys"));
        let tuning = tuning(&mut reader, env);
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
            trusted_proxies: trusted_proxies.unwrap_or_default(),
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

fn tuning(reader: &mut Reader, env: &Environment) -> Tuning {
    let usual = Tuning::default();
    let mut seconds = |name, text: &Option<String>, usual| reader.seconds(name, text.as_deref(), usual);
    let lease = seconds("LEASE_SECONDS", &env.lease_seconds, usual.lease);
    Tuning {
        lease,
        unknown_grace: seconds("UNKNOWN_GRACE_SECONDS", &env.unknown_grace_seconds, usual.unknown_grace),
        unknown_lookup: seconds("UNKNOWN_LOOKUP_SECONDS", &env.unknown_lookup_seconds, usual.unknown_lookup),
        send_timeout: seconds("SEND_TIMEOUT_SECONDS", &env.send_timeout_seconds, usual.send_timeout).min(lease / 2),
        sweep: seconds("SWEEP_SECONDS", &env.sweep_seconds, usual.sweep),
        sweep_margin: seconds("SWEEP_MARGIN_SECONDS", &env.sweep_margin_seconds, usual.sweep_margin),
    }
}

#[cfg(test)]
mod tests {
    use whatsapp_core::Secret;

    use super::*;

    #[test]
    fn lists_every_problem_at_once() {
        let env = Environment {
            database_url: Some("mysql://x".into()),
            port: Some("99999".into()),
            whatsapp_provider: Some("smoke".into()),
            public_base_url: Some("ftp://x".into()),
            trusted_proxies: Some("10.0.0.0/8, the balancer".into()),
            ..Environment::default()
        };
        let problems = Config::read(&env).unwrap_err();
        for name in ["DATABASE_URL", "PORT", "WHATSAPP_PROVIDER", "PUBLIC_BASE_URL", "TRUSTED_PROXIES"] {
            assert!(problems.0.iter().any(|line| line.starts_with(name)), "{name} in {problems}");
        }
    }

    #[test]
    fn a_variable_set_to_nothing_hides_no_other_name_of_it() {
        let env = Environment {
            public_base_url: Some(String::new()),
            public_host: Some("wa.example.com".into()),
            meta_wa_app_secret: Some(" ".into()),
            whatsapp_webhook_secret: Some("s".into()),
            ..Environment::default()
        };
        let config = Config::read(&env).unwrap();
        assert_eq!(config.public_base_url.as_deref(), Some("https://wa.example.com"));
        assert!(config.inherited.0.values().any(|settings| settings.get("app_secret").is_some()));
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
