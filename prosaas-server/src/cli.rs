//! The command line.
use std::io::Write;

use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand};
use serde_json::json;
use tokio::net::TcpListener;
use whatsapp_core::{ProviderId, Settings};

use crate::{
    app::{self, App, open_store},
    config::{Config, Environment},
    domain::{BusinessId, Permission},
    sandbox,
    store::{
        Store,
        repo::line::{LineSet, Origin},
    },
    telemetry,
};

/// Multi-tenant WhatsApp backend over Meta Cloud API, Twilio and WhatsApp Web.
#[derive(Debug, Parser)]
#[command(
    name = "prosaas-server",
    version,
    after_help = "Without a command the server starts. Every option can be set in the environment."
)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    environment: Environment,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the server
    Serve,
    /// Start with sample businesses on fake providers: no account, no network
    Demo(sandbox::DemoArgs),
    /// Play the outside world of a running demo: contacts who write, statuses, faults
    #[command(subcommand)]
    Simulate(sandbox::SimulateCommand),
    /// Bring the database's schema up to date
    Migrate,
    /// Businesses
    #[command(subcommand)]
    Business(BusinessCommand),
    /// API keys
    #[command(subcommand)]
    Key(KeyCommand),
    /// Lines, set by the operator
    #[command(subcommand)]
    Line(LineCommand),
}

#[derive(Debug, Subcommand)]
enum BusinessCommand {
    /// Make a business
    Create {
        /// What people call it
        #[arg(long)]
        name: String,
        /// Its domain, unique
        #[arg(long)]
        domain: Option<String>,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Debug, Subcommand)]
enum KeyCommand {
    /// Make an API key of a business; it is shown once
    Create {
        /// The business's id
        #[arg(long)]
        business: BusinessId,
        /// What the key may do, comma list of read, send, configure [default: all]
        #[arg(long, value_delimiter = ',')]
        scope: Vec<String>,
        /// What the key is for
        #[arg(long, default_value = "command line")]
        name: String,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Debug, Subcommand)]
enum LineCommand {
    /// Set a business's line; values come as key=value on standard input, one per line, so that no secret is seen in the process list
    Set {
        /// The business's id
        #[arg(long)]
        business: BusinessId,
        /// meta, twilio or baileys
        #[arg(long)]
        provider: String,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Args, Clone, Copy, Debug)]
struct Output {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Output {
    fn print(self, value: &serde_json::Value, plain: &str) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        let text = if self.json { value.to_string() } else { plain.to_owned() };
        Ok(writeln!(out, "{text}")?)
    }
}

/// Runs the command of this process.
///
/// # Errors
/// What the person at the keyboard should read.
pub async fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => Box::pin(serve(Config::read(&cli.environment)?)).await,
        Command::Demo(args) => sandbox::demo(args, &cli.environment).await,
        Command::Simulate(command) => sandbox::simulate(command).await,
        Command::Migrate => {
            let config = Config::read(&cli.environment)?;
            telemetry::init(&config.log, config.log_json)?;
            open_store(&Config { migrate: true, ..config }).await.map(drop)
        }
        Command::Business(BusinessCommand::Create { name, domain, output }) => {
            let id = store(&cli.environment).await?.create_business(&name, domain.as_deref()).await?;
            let id = id.context("--domain: another business has this domain")?;
            output.print(&json!({ "id": id }), &id.to_string())
        }
        Command::Key(KeyCommand::Create { business, scope, name, output }) => {
            let permissions = permissions(&scope)?;
            let made = store(&cli.environment).await?.create_key(business, &name, &permissions).await?;
            let made = made.context("--business: there is no such business")?;
            output.print(&json!({ "id": made.id, "key": made.key }), &made.key)
        }
        Command::Line(LineCommand::Set { business, provider, output }) => {
            let config = Config::read(&cli.environment)?;
            set_line(&config, business, ProviderId::from(provider), output).await
        }
    }
}

async fn store(environment: &Environment) -> anyhow::Result<Store> {
    open_store(&Config::read(environment)?).await
}

fn permissions(scope: &[String]) -> anyhow::Result<Vec<Permission>> {
    if scope.is_empty() {
        return Ok(Permission::ALL.to_vec());
    }
    let named = scope.iter().map(|name| {
        Permission::from_name(name).with_context(|| format!("--scope: `{name}` is none of read, send, configure"))
    });
    named.collect()
}

async fn set_line(config: &Config, business: BusinessId, provider: ProviderId, output: Output) -> anyhow::Result<()> {
    let mut settings = Settings::default();
    for line in std::io::stdin().lines() {
        let line = line?;
        if let Some((key, value)) = line.split_once('=') {
            settings.set(key.trim(), value.trim());
        } else if !line.trim().is_empty() {
            bail!("standard input: key=value expected, one per line");
        }
    }
    let built = app::registry().build(&provider, &config.inherited.complete(&provider, &settings))?;
    let store = open_store(config).await?;
    let tenant = store.tenant(business);
    tenant.settings().await?.context("--business: there is no such business")?;
    match tenant.set_line(provider.as_str(), built.line().as_str(), &settings, Origin::Config).await? {
        LineSet::Done(id) => output.print(&json!({ "id": id }), &id.to_string()),
        LineSet::Taken => bail!("another business has this number"),
    }
}

async fn serve(config: Config) -> anyhow::Result<()> {
    telemetry::init(&config.log, config.log_json)?;
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    if config.legacy_key {
        tracing::warn!(
            "WHATSAPP_ENCRYPTION_KEY holds a plain 32-character value; it only reads, replace it when nothing is sealed with it"
        );
    }
    let address = (config.host, config.port);
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("HOST, PORT: cannot listen on {}:{}", address.0, address.1))?;
    crate::run(config, listener).await
}

/// Stops the server on Ctrl-C or SIGTERM; the second signal ends the process at once.
pub(crate) async fn stop_on_signal(app: &App) -> anyhow::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    let stop = app.stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping");
        stop.cancel();
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        std::process::exit(130);
    });
    Ok(())
}
