//! A stateful stand-in of Meta on loopback: takes sends as the Graph API does, keeps them, and posts signed
//! webhooks. For tests and demos; not covered by semver.
mod account;
mod api;
mod check;
mod file;
mod form;
mod hook;
mod template;

use std::{
    collections::{HashMap, HashSet},
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use whatsapp_core::{
    LineId, MessageId, Secret, Settings, Status,
    testing::{Accepted, Courier, Fake, FaultQueue, Inbound, Key, Redelivery, SignedRequest, Stage},
};

use crate::{MetaConfigKey, template::TemplateDefinition};

/// How Meta repeats a webhook, with its days shortened to seconds.
const REDELIVERY: Redelivery = Redelivery {
    first: Duration::from_millis(200),
    longest: Duration::from_secs(2),
    tries: 400,
    timeout: Duration::from_secs(5),
};

/// What the fake starts with.
#[derive(Clone, Debug, Default)]
pub struct MetaFakeConfig {
    /// Origin of the server that takes the webhooks. Without it nothing is delivered, as with an app that
    /// subscribed to nothing.
    pub webhook_target: Option<String>,
    /// The numbers it knows.
    pub lines: Vec<MetaFakeLine>,
}

/// One number that the fake knows.
#[derive(Clone, Debug)]
pub struct MetaFakeLine {
    /// Names the line.
    pub phone_number_id: String,
    /// The account it belongs to.
    pub waba_id: String,
    /// The number itself, digits.
    pub phone: String,
    /// The name that contacts see.
    pub verified_name: String,
    /// The token that may send for it.
    pub access_token: Secret,
    /// Signs its webhooks.
    pub app_secret: Secret,
    /// Signed them before.
    pub previous_app_secret: Secret,
    /// Where its webhooks go: a path of the target, or a whole address.
    pub webhook_path: String,
}

impl MetaFakeLine {
    /// Where the webhooks of an installation's own Meta app go.
    pub const WEBHOOK_PATH: &'static str = "/api/whatsapp/webhook/meta";

    /// A number whose credentials are made from its id.
    #[must_use]
    pub fn new(phone_number_id: &str) -> Self {
        Self {
            phone_number_id: phone_number_id.to_owned(),
            waba_id: format!("9{phone_number_id}"),
            phone: "97235550100".to_owned(),
            verified_name: "סטודיו לדוגמה".to_owned(),
            access_token: format!("EAAfake{phone_number_id}token").into(),
            app_secret: format!("fake-app-secret-{phone_number_id}").into(),
            previous_app_secret: format!("fake-previous-app-secret-{phone_number_id}").into(),
            webhook_path: Self::WEBHOOK_PATH.to_owned(),
        }
    }

    /// Settings of this line at a Graph API of origin `base_url`.
    #[must_use]
    pub fn settings(&self, base_url: &str) -> Settings {
        let mut settings = Settings::default();
        settings.set(MetaConfigKey::AccessToken.as_str(), self.access_token.clone());
        settings.set(MetaConfigKey::AppSecret.as_str(), self.app_secret.clone());
        settings.set(MetaConfigKey::PreviousAppSecret.as_str(), self.previous_app_secret.clone());
        settings.set(MetaConfigKey::PhoneNumberId.as_str(), self.phone_number_id.as_str());
        settings.set(MetaConfigKey::WabaId.as_str(), self.waba_id.as_str());
        settings.set(MetaConfigKey::BaseUrl.as_str(), base_url);
        settings
    }
}

/// Meta, as far as this crate talks to it.
#[derive(Debug)]
pub struct MetaFake {
    stage: Stage,
    shared: Arc<Shared>,
}

/// What requests and the fake's owner share.
#[derive(Debug)]
struct Shared {
    lines: Vec<MetaFakeLine>,
    faults: FaultQueue,
    courier: Courier,
    requests: AtomicUsize,
    book: Mutex<Book>,
}

#[derive(Debug, Default)]
struct Book {
    webhook_target: Option<String>,
    accepted: Vec<Accepted>,
    by_id: HashMap<MessageId, usize>,
    follow: Vec<Status>,
    /// Contacts' messages, by line and id: only these can be marked as read.
    received: HashSet<(String, String)>,
    read: Vec<MessageId>,
    /// Uploaded files, and those of contacts, by id.
    files: HashMap<String, file::Stored>,
    templates: Vec<template::Stored>,
    /// Accounts whose webhooks the app does not get.
    unsubscribed: HashSet<String>,
    /// How many ids were given out.
    ids: u64,
}

impl Book {
    /// A new id of digits.
    fn new_id(&mut self) -> String {
        self.ids += 1;
        format!("77{:012}", self.ids)
    }
}

impl Shared {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn line(&self, phone_number_id: &str) -> Option<&MetaFakeLine> {
        self.lines.iter().find(|line| line.phone_number_id == phone_number_id)
    }

    /// Keeps a message and lets its statuses follow.
    fn accept(&self, line: &MetaFakeLine, mut message: Accepted) -> MessageId {
        let id = hook::message_id(&message.to);
        message.id = id.clone();
        let statuses: Vec<_> = {
            let mut book = self.book();
            let at = book.accepted.len();
            book.by_id.insert(id.clone(), at);
            let status = |status: &Status| Inbound::status(id.as_str(), &message.to, *status);
            let statuses = book.follow.iter().map(status).collect();
            book.accepted.push(message);
            statuses
        };
        for status in statuses {
            self.deliver(line, &[status]);
        }
        id
    }

    fn webhook(&self, line: &MetaFakeLine, items: &[Inbound], key: Key) -> SignedRequest {
        let mut book = self.book();
        for item in items {
            if let Inbound::Text { id, .. } | Inbound::File { id, .. } | Inbound::Odd { id } = item {
                book.received.insert((line.phone_number_id.clone(), id.clone()));
            }
            if let Inbound::File { id, mime_type, .. } = item {
                let file = file::Stored::new(line, mime_type, Inbound::bytes_of(id));
                book.files.insert(hook::file_of(id), file);
            }
        }
        let body = hook::body(line, items, |id| book.accepted.get(*book.by_id.get(&MessageId::from(id))?));
        hook::signed(line, book.webhook_target.as_deref(), body, key)
    }

    fn deliver(&self, line: &MetaFakeLine, items: &[Inbound]) {
        let subscribed = line.webhook_path.starts_with("http") || self.book().webhook_target.is_some();
        if subscribed && !items.is_empty() {
            self.courier.deliver(self.webhook(line, items, Key::Current));
        }
    }
}

impl MetaFake {
    /// Opens a port on loopback and serves.
    ///
    /// # Errors
    /// If no port can be opened.
    pub async fn start(config: MetaFakeConfig) -> io::Result<Self> {
        let faults = FaultQueue::default();
        let courier = Courier::new(REDELIVERY, faults.clone()).map_err(io::Error::other)?;
        let book = Book { webhook_target: config.webhook_target, ..Book::default() };
        let shared = Arc::new(Shared {
            lines: config.lines,
            faults,
            courier,
            requests: AtomicUsize::new(0),
            book: Mutex::new(book),
        });
        let stage = Stage::open(api::router(Arc::clone(&shared))).await?;
        Ok(Self { stage, shared })
    }

    /// Says where webhooks go from now on: the origin of the server that takes them.
    pub fn set_webhook_target(&self, url: impl Into<String>) {
        self.shared.book().webhook_target = Some(url.into());
    }

    /// Settings of `line` at this fake; `None` for a line that it does not know.
    #[must_use]
    pub fn settings(&self, line: &LineId) -> Option<Settings> {
        Some(self.shared.line(line.as_str())?.settings(&self.url()))
    }

    /// A correctly signed webhook of `line` with any body; `None` for a line that it does not know.
    #[must_use]
    pub fn webhook_of(&self, line: &LineId, body: Bytes, key: Key) -> Option<SignedRequest> {
        let target = self.shared.book().webhook_target.clone();
        Some(hook::signed(self.shared.line(line.as_str())?, target.as_deref(), body, key))
    }

    /// Keeps a file as a contact of `line` would have sent it, and answers its id. `None` for a line that it does not
    /// know.
    #[must_use]
    pub fn keep_file(&self, line: &LineId, mime_type: &str, bytes: impl Into<Bytes>) -> Option<String> {
        let line = self.shared.line(line.as_str())?;
        Some(file::keep(&mut self.shared.book(), line, mime_type, bytes.into()))
    }

    /// The bytes of the file `id`, if it is not deleted.
    #[must_use]
    pub fn file(&self, id: &str) -> Option<Bytes> {
        self.shared.book().files.get(id).map(|file| file.bytes.clone())
    }

    /// Puts an approved template into the account of `line`. `None` for a line that it does not know.
    #[must_use]
    pub fn approve_template(&self, line: &LineId, definition: &TemplateDefinition) -> Option<String> {
        let line = self.shared.line(line.as_str())?;
        template::approve(&mut self.shared.book(), &line.waba_id, definition)
    }

    /// Messages that were marked as read, oldest first.
    #[must_use]
    pub fn marked_read(&self) -> Vec<MessageId> {
        self.shared.book().read.clone()
    }
}

impl Fake for MetaFake {
    fn url(&self) -> String {
        self.stage.url()
    }

    fn faults(&self) -> &FaultQueue {
        &self.shared.faults
    }

    fn courier(&self) -> &Courier {
        &self.shared.courier
    }

    fn accepted(&self) -> Vec<Accepted> {
        self.shared.book().accepted.clone()
    }

    fn requests(&self) -> usize {
        self.shared.requests.load(Ordering::Acquire)
    }

    fn follow_with(&self, statuses: Vec<Status>) {
        self.shared.book().follow = statuses;
    }

    fn webhooks(&self, line: &LineId, items: &[Inbound], key: Key) -> Vec<SignedRequest> {
        let line = self.shared.line(line.as_str()).filter(|_| !items.is_empty());
        line.map(|line| self.shared.webhook(line, items, key)).into_iter().collect()
    }

    fn deliver(&self, line: &LineId, items: &[Inbound]) {
        if let Some(line) = self.shared.line(line.as_str()) {
            self.shared.deliver(line, items);
        }
    }
}
