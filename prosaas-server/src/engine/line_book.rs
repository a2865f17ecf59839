//! All lines of all businesses, built and ready, by the names that webhooks and senders know them by.
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use sha2::{Digest, Sha256};
use tokio::time::Instant;
use whatsapp_core::{Error, LineId, Provider, ProviderId, Registry, Settings};

use crate::{
    domain::{BusinessId, LineRef},
    store::{Store, StoreError, repo::LineRow},
};

/// One line, ready for use.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its id.
    pub id: LineRef,
    /// Whose.
    pub business: BusinessId,
    /// Random name of its own webhook address.
    pub hook_id: String,
    /// Whether it comes from the environment.
    pub from_environment: bool,
    /// Names the secret that verifies its webhooks: lines with the same one may share a webhook.
    pub secret: SecretPrint,
    /// Names all secrets that verify its webhooks, former ones too.
    secrets: SecretPrint,
    /// Account that the provider's webhooks claim to come from, where they do.
    pub account: Option<String>,
    /// Which settings it has a value of its own for.
    pub keys: Vec<String>,
    /// The provider.
    pub provider: Arc<dyn Provider>,
}

/// Names a webhook secret without telling it: SHA-256 of provider and secret.
pub type SecretPrint = [u8; 32];

/// Settings that installation and provider share: what a line without a value of its own takes.
#[derive(Clone, Debug, Default)]
pub struct Inherited(pub HashMap<ProviderId, Settings>);

impl Inherited {
    /// Whether a line of these settings is verified by the installation's secret.
    #[must_use]
    pub fn lends_secret(&self, provider: &ProviderId, settings: &Settings) -> bool {
        let secret = secret_key(provider.as_str());
        settings.get(secret).is_none() && self.0.get(provider).is_some_and(|shared| shared.get(secret).is_some())
    }

    /// `settings` and what they lack.
    #[must_use]
    pub fn complete(&self, provider: &ProviderId, settings: &Settings) -> Settings {
        let shared = self.0.get(provider);
        // Verified by the installation's secret, a line must not add one of its own beside it: whoever knows that one
        // would speak for every line of the installation.
        let is_shared = self.lends_secret(provider, settings);
        let kept = settings.iter().filter(|(key, _)| !(is_shared && FORMER_SECRETS.contains(key)));
        let mut complete: Settings = kept.map(|(key, value)| (key, value.clone())).collect();
        for (key, value) in shared.into_iter().flat_map(Settings::iter) {
            if complete.get(key).is_none() {
                complete.set(key, value.clone());
            }
        }
        complete
    }
}

/// The setting that verifies a provider's webhooks.
fn secret_key(provider: &str) -> &'static str {
    match provider {
        "meta" => "app_secret",
        "twilio" => "auth_token",
        _ => "secret",
    }
}

/// Settings that verify beside it while secrets are rotated.
const FORMER_SECRETS: [&str; 3] = ["previous_app_secret", "previous_secret", "secondary_auth_token"];

/// The print of all secrets in these settings.
fn secrets_print(provider: &ProviderId, settings: &Settings) -> SecretPrint {
    let secrets = std::iter::once(secret_key(provider.as_str())).chain(FORMER_SECRETS);
    let mut digest = Sha256::new_with_prefix(provider.as_str());
    for secret in secrets {
        digest.update([0]);
        digest.update(settings.get(secret).map_or("", |secret| secret.expose()));
    }
    digest.finalize().into()
}

/// The print of the secret in these settings.
#[must_use]
pub fn secret_print(provider: &ProviderId, settings: &Settings) -> SecretPrint {
    let secret = settings.get(secret_key(provider.as_str())).map(|secret| secret.expose().to_owned());
    Sha256::digest(format!("{provider}\0{}", secret.unwrap_or_default())).into()
}

#[derive(Debug, Default)]
struct Book {
    version: Option<i64>,
    by_id: HashMap<LineRef, Arc<Line>>,
    by_external: HashMap<(ProviderId, LineId), Arc<Line>>,
    by_hook: HashMap<String, Arc<Line>>,
    by_account: HashMap<(ProviderId, String), Vec<Arc<Line>>>,
    by_business: HashMap<BusinessId, Vec<Arc<Line>>>,
    broken: HashMap<LineRef, String>,
}

/// The lines as last read. Clones share them.
#[derive(Clone, Debug)]
pub struct LineBook {
    store: Store,
    registry: Registry,
    inherited: Arc<Inherited>,
    book: Arc<RwLock<Arc<Book>>>,
    looked: Arc<RwLock<Option<Instant>>>,
}

impl LineBook {
    /// How often a miss may ask the database.
    const MISS: Duration = Duration::from_secs(1);

    /// An empty book.
    #[must_use]
    pub fn new(store: Store, registry: Registry, inherited: Inherited) -> Self {
        Self { store, registry, inherited: Arc::new(inherited), book: Arc::default(), looked: Arc::default() }
    }

    /// Reads the lines again if any changed.
    ///
    /// # Errors
    /// If the database does not answer; the old lines stay.
    pub async fn refresh(&self) -> Result<(), StoreError> {
        let version = self.store.lines_version().await?;
        if self.current().version == Some(version) {
            return Ok(());
        }
        let mut book = Book { version: Some(version), ..Book::default() };
        for (id, row) in self.store.lines().await? {
            match row {
                Ok(row) => self.enter(&mut book, row),
                Err(error) => {
                    tracing::error!(line = %id, %error, "a line does not open; its messages wait");
                    book.broken.insert(id, error.to_string());
                }
            }
        }
        *self.book.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(book);
        Ok(())
    }

    fn enter(&self, book: &mut Book, row: LineRow) {
        let id = ProviderId::from(row.provider.clone());
        let settings = self.inherited.complete(&id, &row.settings);
        match self.registry.build(&id, &settings) {
            Ok(provider) => {
                let line = Arc::new(Line {
                    id: row.id,
                    business: row.business,
                    hook_id: row.hook_id.clone(),
                    from_environment: row.from_environment,
                    secret: secret_print(&id, &settings),
                    secrets: secrets_print(&id, &settings),
                    account: settings.get("account_sid").map(|account| account.expose().to_owned()),
                    keys: row.settings.iter().map(|(key, _)| key.to_owned()).collect(),
                    provider,
                });
                book.by_id.insert(row.id, Arc::clone(&line));
                book.by_business.entry(line.business).or_default().push(Arc::clone(&line));
                if let Some(account) = &line.account {
                    let of_account = book.by_account.entry((id.clone(), account.clone())).or_default();
                    if of_account.iter().all(|other| other.secrets != line.secrets) {
                        of_account.push(Arc::clone(&line));
                    }
                }
                book.by_external.insert((id, LineId::from(row.external_id)), Arc::clone(&line));
                book.by_hook.insert(row.hook_id, line);
            }
            Err(error) => {
                tracing::warn!(line = %row.id, %error, "a line cannot be built; its messages wait");
                book.broken.insert(row.id, error.message().to_owned());
            }
        }
    }

    /// Builds a provider to see whether its settings are good.
    ///
    /// # Errors
    /// What the provider's builder finds wrong.
    pub fn try_build(&self, provider: &ProviderId, settings: &Settings) -> Result<Arc<dyn Provider>, Error> {
        self.registry.build(provider, &self.inherited.complete(provider, settings))
    }

    /// Whether a line of these settings would be verified by the installation's secret.
    #[must_use]
    pub fn lends_secret(&self, provider: &ProviderId, settings: &Settings) -> bool {
        self.inherited.lends_secret(provider, settings)
    }

    /// Names of all providers.
    pub fn providers(&self) -> impl Iterator<Item = &ProviderId> {
        self.registry.ids()
    }

    fn current(&self) -> Arc<Book> {
        Arc::clone(&self.book.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The line with this id.
    #[must_use]
    pub fn by_id(&self, id: LineRef) -> Option<Arc<Line>> {
        self.current().by_id.get(&id).cloned()
    }

    /// The line that a webhook names. A line made on another node a moment ago is looked up once a second.
    pub async fn by_external(&self, provider: &ProviderId, line: &LineId) -> Option<Arc<Line>> {
        let key = (provider.clone(), line.clone());
        let found = self.current().by_external.get(&key).cloned();
        if found.is_none() && self.may_look() {
            self.refresh().await.ok()?;
            return self.current().by_external.get(&key).cloned();
        }
        found
    }

    /// The line with this webhook address.
    pub async fn by_hook(&self, hook_id: &str) -> Option<Arc<Line>> {
        let found = self.current().by_hook.get(hook_id).cloned();
        if found.is_none() && self.may_look() {
            self.refresh().await.ok()?;
            return self.current().by_hook.get(hook_id).cloned();
        }
        found
    }

    /// The lines whose webhooks claim to come from this account, one per secret.
    #[must_use]
    pub fn by_account(&self, provider: &ProviderId, account: &str) -> Vec<Arc<Line>> {
        self.current().by_account.get(&(provider.clone(), account.to_owned())).cloned().unwrap_or_default()
    }

    /// The lines of a business, one per provider.
    #[must_use]
    pub fn of(&self, business: BusinessId) -> Vec<Arc<Line>> {
        self.current().by_business.get(&business).cloned().unwrap_or_default()
    }

    /// The line of a business at this provider.
    #[must_use]
    pub fn of_business(&self, business: BusinessId, provider: &str) -> Option<Arc<Line>> {
        self.of(business).into_iter().find(|line| line.provider.id().as_str() == provider)
    }

    /// Whether the line exists, also if it cannot be built.
    pub(crate) fn knows(&self, id: LineRef) -> bool {
        let book = self.current();
        book.by_id.contains_key(&id) || book.broken.contains_key(&id)
    }

    fn may_look(&self) -> bool {
        let mut looked = self.looked.write().unwrap_or_else(PoisonError::into_inner);
        let due = looked.is_none_or(|at| at.elapsed() >= Self::MISS);
        if due {
            *looked = Some(Instant::now());
        }
        due
    }
}
