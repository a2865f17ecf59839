//! Flags and environment as they are written.
use std::fmt;

use clap::Args;

macro_rules! environment {
    ($($(#[$meta:meta])* $name:ident: $variable:literal $(= $default:literal)? $([$secret:ident])?,)*) => {
        /// Flags and environment as written; [`Config::read`](super::Config::read) makes sense of them.
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
    /// Public https origin, with the path in front of ours if there is one: what Twilio signs and Meta calls
    public_base_url: "PUBLIC_BASE_URL",
    /// Alias of --public-base-url
    public_host: "PUBLIC_HOST",
    /// Proxies in front whose X-Forwarded-… headers count: addresses or networks, comma list [default: none]
    trusted_proxies: "TRUSTED_PROXIES",
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
    /// Seconds from a try of unknown outcome to the look into the provider's own list, where it has one
    unknown_lookup_seconds: "UNKNOWN_LOOKUP_SECONDS" = "60",
    /// Seconds between two looks for messages that no webhook told, where the provider has a list
    sweep_seconds: "SWEEP_SECONDS" = "3600",
    /// Seconds that a webhook has time to tell of a message before the list is asked for it
    sweep_margin_seconds: "SWEEP_MARGIN_SECONDS" = "120",
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
