//! The composition root: the only file that knows every part.
use std::{fs::File, sync::Arc, time::Duration};

use anyhow::Context;
use axum::Router;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;
use whatsapp_core::{
    Challenge, Envelope, Hint, Parser, ProviderId, Registry, Rejection, Settings, Verified, Verifier, WebhookRequest,
};

use crate::{
    clock::Clock,
    config::Config,
    data_lock,
    domain::{BusinessId, LineRef},
    engine::{
        Doorbell, Ingest, Leases, Line, LineBook, SecretPrint, Sending, Sweeper, TURN, Waiters, run_holder, run_sender,
        run_sweeper, secret_print,
    },
    key_file,
    service::{Connections, Gateway},
    store::{
        Store, StoreError,
        repo::line::{LineSet, Origin},
    },
    web::{self, Limits},
};

/// How often lines are compared with the database.
const REFRESH: Duration = Duration::from_secs(1);
/// Longest wait at the end for sends that are under way.
const SENDS_END: Duration = Duration::from_secs(10);

/// The providers of this server. A fourth needs one line here.
#[must_use]
pub fn registry() -> Registry {
    Registry::default()
        .with(whatsapp_meta::ID, whatsapp_meta::connect)
        .with(whatsapp_twilio::ID, whatsapp_twilio::connect)
        .with(whatsapp_baileys::ID, whatsapp_baileys::connect)
}

/// Verifies and reads webhooks.
pub trait Gate: Verifier + Parser {}
impl<T: Verifier + Parser + ?Sized> Gate for T {}

/// A line's own secret as a gate.
#[derive(Clone, Debug)]
pub struct LineGate(pub Arc<Line>);

#[deny(clippy::missing_trait_methods)]
impl Verifier for LineGate {
    fn hint(&self, request: &WebhookRequest<'_>) -> Option<Hint> {
        self.0.provider.hint(request)
    }

    fn verify<'r>(&self, request: WebhookRequest<'r>) -> Result<Verified<'r>, Rejection> {
        self.0.provider.verify(request)
    }

    fn challenge(&self, request: &WebhookRequest<'_>) -> Option<Result<Challenge, Rejection>> {
        self.0.provider.challenge(request)
    }
}

impl Parser for LineGate {
    fn parse(&self, request: &Verified<'_>) -> whatsapp_core::Result<Vec<Envelope>> {
        self.0.provider.parse(request)
    }
}

/// The installation's own secret for a provider's fixed webhook addresses.
#[derive(Clone, Debug)]
pub struct InstallationGate {
    /// Verifies and reads.
    pub gate: Arc<dyn Gate>,
    /// Names the secret; lines with the same one may be meant.
    pub secret: SecretPrint,
}

/// What handlers share. Clones are cheap.
#[derive(Clone, Debug)]
pub struct App {
    /// Configuration.
    pub config: Arc<Config>,
    /// The database.
    pub store: Store,
    /// All lines.
    pub book: LineBook,
    /// Commits webhooks.
    pub ingest: Ingest,
    /// Sends.
    pub gateway: Gateway,
    /// Rate limits.
    pub limits: Limits,
    /// This node's leases.
    pub leases: Leases,
    /// Meta's fixed addresses.
    pub meta: Option<InstallationGate>,
    /// The bridge's fixed address.
    pub baileys: Option<InstallationGate>,
    /// Ends everything.
    pub stop: CancellationToken,
    sending: Sending,
    applied: Doorbell,
    environment_settled: bool,
    _alone: Option<Arc<File>>,
}

impl App {
    /// Connects everything; starts nothing but the committer of webhooks.
    ///
    /// # Errors
    /// If the database does not answer, its schema is old, or keys cannot be read.
    pub async fn build(config: Config) -> anyhow::Result<Self> {
        let alone = data_lock::hold_for(&config)?;
        let store = open_store(&config).await?;
        let book = LineBook::new(store.clone(), registry(), config.inherited.clone());
        let (applied, doorbell, waiters) = (Doorbell::default(), Doorbell::default(), Waiters::default());
        let leases = Leases::new(store.clone(), config.tuning);
        let gateway = Gateway {
            store: store.clone(),
            book: book.clone(),
            connections: Connections::default(),
            doorbell: doorbell.clone(),
            waiters: waiters.clone(),
            default_provider: config.default_provider.clone(),
        };
        let sending = Sending::new(
            store.clone(),
            leases.clone(),
            book.clone(),
            doorbell,
            waiters,
            config.tuning,
            config.default_provider.to_string(),
        );
        let mut app = Self {
            ingest: Ingest::start(store.clone(), applied.clone()),
            limits: Limits::new(config.send_rate_per_minute),
            meta: installation_gate(&config, &whatsapp_meta::ID, |settings| {
                Ok(Arc::new(whatsapp_meta::MetaBuilder::from_settings(settings)?.build_webhook()?))
            }),
            baileys: installation_gate(&config, &whatsapp_baileys::ID, |settings| {
                Ok(Arc::new(whatsapp_baileys::BaileysBuilder::from_settings(settings)?.build_webhook()?))
            }),
            config: Arc::new(config),
            stop: CancellationToken::new(),
            store,
            book,
            gateway,
            leases,
            sending,
            applied,
            environment_settled: false,
            _alone: alone.map(Arc::new),
        };
        app.environment_settled = app.settle_environment_lines().await?;
        if !app.environment_settled {
            tracing::warn!("the environment's lines wait for their business: make one, or set DEFAULT_BUSINESS");
        }
        app.book.refresh().await?;
        app.leases.renew().await?;
        Ok(app)
    }

    /// Makes the lines of the environment the default business's, and forgets those that are gone. `false` if there is
    /// no such business yet.
    async fn settle_environment_lines(&self) -> Result<bool, StoreError> {
        let Some(owner) = self.store.default_business(self.config.default_business.as_deref()).await? else {
            self.store.keep_environment_lines(&[]).await?;
            return Ok(self.config.lines.is_empty());
        };
        let mut kept = Vec::new();
        for (provider, settings) in &self.config.lines {
            kept.extend(self.settle_environment_line(owner, provider, settings).await?);
        }
        self.store.keep_environment_lines(&kept).await?;
        Ok(true)
    }

    /// A line that cannot be used is left out with a word; one that the business set up itself goes first.
    async fn settle_environment_line(
        &self,
        owner: BusinessId,
        provider: &ProviderId,
        settings: &Settings,
    ) -> Result<Option<LineRef>, StoreError> {
        let tenant = self.store.tenant(owner);
        if tenant.has_own_line(provider.as_str()).await? {
            return Ok(None);
        }
        let built = match self.book.try_build(provider, settings) {
            Ok(built) => built,
            Err(error) => {
                tracing::warn!(%error, "the environment's line is left out");
                return Ok(None);
            }
        };
        let external = built.line().as_str();
        match tenant.set_line(provider.as_str(), external, settings, Origin::Environment).await? {
            LineSet::Done(line) => Ok(Some(line)),
            LineSet::Taken => {
                tracing::warn!(%provider, "the environment's number belongs to another business");
                Ok(None)
            }
        }
    }

    fn sweeper(&self) -> Sweeper {
        Sweeper {
            store: self.store.clone(),
            leases: self.leases.clone(),
            book: self.book.clone(),
            ingest: self.ingest.clone(),
            tuning: self.config.tuning,
            stop: self.stop.clone(),
        }
    }

    /// Serves and works until `stop`, then hands its lines over.
    ///
    /// # Errors
    /// If the listener breaks.
    pub async fn run(self, listener: TcpListener) -> anyhow::Result<()> {
        let router = web::router(self.clone());
        self.serve(listener, router).await
    }

    /// As [`run`](Self::run), with routes of the caller's choice.
    ///
    /// # Errors
    /// If the listener breaks.
    pub async fn serve(self, listener: TcpListener, router: Router) -> anyhow::Result<()> {
        let mut work = JoinSet::new();
        work.spawn(run_holder(
            self.store.clone(),
            self.leases.clone(),
            self.applied.clone(),
            self.sending.doorbell.clone(),
            self.stop.clone(),
        ));
        work.spawn(run_sender(self.sending.clone(), self.stop.clone()));
        work.spawn(run_sweeper(self.sweeper()));
        work.spawn(keep_leases(self.clone()));
        work.spawn(keep_lines(self.clone()));
        let served = web::serve(listener, router, self.stop.clone()).await;
        self.stop.cancel();
        // A database that hangs must not keep the process alive; the leases end by themselves.
        let work_ends = async { while work.join_next().await.is_some() {} };
        if tokio::time::timeout(SENDS_END, work_ends).await.is_err() {
            tracing::warn!("some work did not end in time");
        }
        let under_way = async {
            while self.sending.calls() > 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        if tokio::time::timeout(SENDS_END, under_way).await.is_err() {
            tracing::warn!("some sends did not end in time; the next node settles them");
        }
        if let Err(error) = self.store.within(SENDS_END, self.leases.release()).await {
            tracing::warn!(%error, "the lines could not be handed over; they are free when the lease ends");
        }
        Ok(served?)
    }
}

/// Opens the database of `config`, with its keys and, if asked, an up-to-date schema.
///
/// # Errors
/// If the database does not answer, its schema is old, or keys cannot be read.
pub async fn open_store(config: &Config) -> anyhow::Result<Store> {
    std::fs::create_dir_all(&config.data_dir)
        .with_context(|| format!("DATA_DIR: the folder {} cannot be made", config.data_dir.display()))?;
    let keys = match &config.keys {
        Some(keys) => keys.clone(),
        None => key_file::load_or_make(&config.data_dir)?,
    };
    if let Some(folder) = config.database.path().and_then(std::path::Path::parent) {
        std::fs::create_dir_all(folder).context("DATABASE_URL: the file's folder cannot be made")?;
    }
    let store = Store::open(&config.database, keys, Clock::default())
        .await
        .with_context(|| format!("DATABASE_URL: no connection to {}", config.database))?;
    if config.migrate {
        store.migrate().await.context("the schema could not be brought up to date")?;
    } else if !store.is_current().await? {
        anyhow::bail!("the schema is not up to date: run `prosaas-server migrate`, or set RUN_MIGRATIONS_ON_START=1");
    }
    Ok(store)
}

fn installation_gate(
    config: &Config,
    provider: &ProviderId,
    build: impl Fn(&Settings) -> whatsapp_core::Result<Arc<dyn Gate>>,
) -> Option<InstallationGate> {
    let settings = config.inherited.0.get(provider)?;
    match build(settings) {
        Ok(gate) => Some(InstallationGate { gate, secret: secret_print(provider, settings) }),
        Err(error) => {
            tracing::info!(%error, "the fixed webhook addresses of this provider are closed");
            None
        }
    }
}

async fn keep_leases(app: App) {
    while app.stop.run_until_cancelled(tokio::time::sleep(app.config.tuning.renewal())).await.is_some() {
        match app.store.within(app.config.tuning.renewal(), app.leases.renew()).await {
            Ok(taken) if taken.is_empty() => {}
            Ok(taken) => {
                tracing::info!(lines = taken.len(), "took over lines");
                app.applied.ring();
                app.sending.doorbell.ring();
            }
            Err(error) => tracing::error!(%error, "the leases could not be renewed"),
        }
    }
}

/// Sees lines that were made or changed on other nodes, and takes at once those that nobody holds: new ones, and those
/// of a node that stopped.
async fn keep_lines(app: App) {
    let mut settled = app.environment_settled;
    while app.stop.run_until_cancelled(tokio::time::sleep(REFRESH)).await.is_some() {
        if let Err(error) = app.store.within(TURN, look_for_lines(&app, &mut settled)).await {
            tracing::warn!(%error, "the lines could not be read");
        }
        app.limits.forget_quiet();
    }
}

async fn look_for_lines(app: &App, settled: &mut bool) -> Result<(), StoreError> {
    if !*settled {
        *settled = app.settle_environment_lines().await?;
    }
    app.book.refresh().await?;
    if app.leases.any_free().await? {
        app.leases.renew().await?;
        app.applied.ring();
        app.sending.doorbell.ring();
    }
    Ok(())
}
