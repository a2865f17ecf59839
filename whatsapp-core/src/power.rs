//! What the side powers of a provider answer.
use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Envelope, PhoneNumber};

/// How far the link of a WhatsApp Web line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LinkPhase {
    /// Never linked, or nobody started it.
    None,
    /// On its way.
    Connecting,
    /// A QR code waits to be scanned.
    Qr,
    /// Nobody scanned in time.
    QrExpired,
    /// Linked and up.
    Open,
    /// Lost the connection, comes back by itself.
    Reconnecting,
    /// Unlinked on the phone.
    LoggedOut,
    /// The same link is used elsewhere.
    Replaced,
    /// WhatsApp locked the account or the device.
    Banned,
    /// WhatsApp refuses this client version.
    Outdated,
}

/// How a link stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LinkState {
    /// How far it is.
    pub phase: LinkPhase,
    /// The linked account's name.
    pub push_name: Option<String>,
    /// The linked account's number.
    pub phone: Option<PhoneNumber>,
    /// The provider's code for the last change.
    pub code: Option<i64>,
    /// When it last changed.
    pub since: Option<DateTime<Utc>>,
}

impl LinkState {
    /// A link in `phase`.
    #[must_use]
    pub const fn new(phase: LinkPhase) -> Self {
        Self { phase, push_name: None, phone: None, code: None, since: None }
    }

    /// Whether messages can be sent now.
    #[must_use]
    pub const fn is_connected(&self) -> bool {
        matches!(self.phase, LinkPhase::Open)
    }
}

/// A QR code to scan with the phone. Whoever scans it owns the line: show it to owners only, store it nowhere.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct QrCode {
    /// The text in it.
    pub text: Option<String>,
    /// It as a `data:image/png;base64,` address.
    pub data_url: String,
    /// When it dies.
    pub expires_at: Option<DateTime<Utc>>,
}

impl QrCode {
    /// A QR code as an image address.
    #[must_use]
    pub const fn new(data_url: String) -> Self {
        Self { text: None, data_url, expires_at: None }
    }
}

impl std::fmt::Debug for QrCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QrCode").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// Eight characters to type on the phone.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PairCode {
    /// The code.
    pub code: String,
    /// When it dies.
    pub expires_at: Option<DateTime<Utc>>,
}

impl PairCode {
    /// A code to type.
    #[must_use]
    pub const fn new(code: String) -> Self {
        Self { code, expires_at: None }
    }
}

impl std::fmt::Debug for PairCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PairCode").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// What a connection test found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProbeReport {
    /// One row per thing looked at, in the order of looking.
    pub checks: Vec<ProbeCheck>,
    /// The name that contacts see.
    pub display_name: Option<String>,
    /// The number, formatted as the provider likes it.
    pub display_phone: Option<String>,
}

impl ProbeReport {
    /// Whether every check passed; what could not be checked does not count.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.checks.iter().all(|check| check.passed)
    }

    /// Adds a row.
    #[must_use]
    pub fn with_check(mut self, name: &str, passed: bool, detail: impl Into<String>) -> Self {
        self.checks.push(ProbeCheck { name: name.to_owned(), passed, checked: true, detail: detail.into() });
        self
    }

    /// Adds a row that could not be checked; `detail` says what is missing for it.
    ///
    /// ```
    /// use whatsapp_core::ProbeReport;
    /// let report = ProbeReport::default().with_unchecked("webhook", "no account id is configured");
    /// assert!(report.passed() && !report.checks[0].checked);
    /// ```
    #[must_use]
    pub fn with_unchecked(mut self, name: &str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        self.checks.push(ProbeCheck { name: name.to_owned(), passed: true, checked: false, detail });
        self
    }
}

/// One row of a connection test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProbeCheck {
    /// What was looked at: `token`, `number` …
    pub name: String,
    /// Whether nothing bad was found; also true of what was not checked.
    pub passed: bool,
    /// Whether it was looked at: the provider may not tell, or the configuration lacks what the question needs.
    #[serde(default = "looked_at")]
    pub checked: bool,
    /// What was seen, or what to do.
    pub detail: String,
}

const fn looked_at() -> bool {
    true
}

/// A page of what a [`Ledger`](crate::Ledger) tells.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct LedgerPage {
    /// The provider's answer; the events' [`raw`](Envelope::raw) are ranges of it.
    pub body: Bytes,
    /// What it tells, one event per message and file.
    pub events: Vec<Envelope>,
    /// Where the next page begins; `None` after the last.
    pub next: Option<String>,
}

impl LedgerPage {
    /// A page of `events`, read from `body`.
    #[must_use]
    pub const fn new(body: Bytes, events: Vec<Envelope>, next: Option<String>) -> Self {
        Self { body, events, next }
    }
}

/// Shows the body's size, not what people wrote.
impl std::fmt::Debug for LedgerPage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("LedgerPage");
        shown.field("bytes", &self.body.len()).field("events", &self.events.len()).field("more", &self.next.is_some());
        shown.finish()
    }
}
