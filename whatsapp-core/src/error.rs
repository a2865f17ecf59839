//! What went wrong, and what to do about it.
use std::{borrow::Cow, fmt, time::Duration};

use serde::{Deserialize, Serialize};

use crate::ProviderId;

/// What kind of failure it is; see [`Error::retry`] for whether trying again makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// The configuration lacks a key or holds a bad value.
    Config,
    /// The provider does not accept the credentials.
    Unauthenticated,
    /// The credentials may not do this, or the account is restricted.
    PermissionDenied,
    /// This person cannot be reached by this provider.
    InvalidRecipient,
    /// The message breaks a limit or a rule.
    InvalidMessage,
    /// More than 24 hours since the person wrote: only a template may be sent.
    WindowClosed,
    /// The template is missing, paused, not approved, or its parameters do not fit.
    TemplateRejected,
    /// The provider cannot do this at all.
    Unsupported,
    /// Too much in too little time.
    RateLimited,
    /// The WhatsApp Web link is down.
    Disconnected,
    /// The provider did not answer, or answered that it cannot now.
    Unavailable,
    /// The provider answered what nobody can read.
    Protocol,
}

impl ErrorKind {
    /// Stable name, as JSON spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Unauthenticated => "unauthenticated",
            Self::PermissionDenied => "permission_denied",
            Self::InvalidRecipient => "invalid_recipient",
            Self::InvalidMessage => "invalid_message",
            Self::WindowClosed => "window_closed",
            Self::TemplateRejected => "template_rejected",
            Self::Unsupported => "unsupported",
            Self::RateLimited => "rate_limited",
            Self::Disconnected => "not_connected",
            Self::Unavailable => "unavailable",
            Self::Protocol => "protocol",
        }
    }

    /// What to do about such a failure.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Config => "Complete the provider's configuration.",
            Self::Unauthenticated => "Renew the provider's credentials.",
            Self::PermissionDenied => "Check the permissions and the standing of the account at the provider.",
            Self::InvalidRecipient => "Check the number; the person may not use WhatsApp.",
            Self::InvalidMessage => "Correct the field that the message names.",
            Self::WindowClosed => {
                "Send an approved template; free text needs a message from the person in the last 24 hours."
            }
            Self::TemplateRejected => "Check the template's name, language, approval and parameters.",
            Self::Unsupported => "Choose another kind of message or another provider.",
            Self::RateLimited => "Send more slowly; the message may be tried again later.",
            Self::Disconnected => "Link the phone again.",
            Self::Unavailable => "Try again later, unless the message may already have been sent.",
            Self::Protocol => "Report the answer with its trace id; the provider may have changed.",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether, and when, the same call may be made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Retry {
    /// Not as it is.
    Never,
    /// Surely not accepted; not before this time has passed.
    After(Duration),
    /// Surely not accepted; with growing pauses.
    Backoff,
    /// The message **may have been sent**. Ask by correlation before trying again, unless
    /// [`Capabilities::idempotent_send`](crate::Capabilities) holds.
    Ambiguous,
}

type Source = Box<dyn std::error::Error + Send + Sync>;

/// A failed call: one pointer wide, free of secrets, and clear about what may be done next.
///
/// ```
/// use whatsapp_core::{Error, ErrorKind, ProviderId, Retry};
/// let error = Error::new(ProviderId::new("acme"), ErrorKind::RateLimited, "slow down").with_retry(Retry::Backoff);
/// assert_eq!(error.to_string(), "acme: slow down");
/// assert_eq!(size_of::<Error>(), 8);
/// ```
pub struct Error(Box<Inner>);

#[derive(Debug, thiserror::Error)]
#[error("{provider}: {message}")]
struct Inner {
    kind: ErrorKind,
    provider: ProviderId,
    message: Cow<'static, str>,
    code: Option<i64>,
    status: Option<u16>,
    trace_id: Option<Box<str>>,
    advice: Option<Cow<'static, str>>,
    retry: Retry,
    #[source]
    source: Option<Source>,
}

impl Error {
    /// A failure that must not be retried unless [`with_retry`](Self::with_retry) says otherwise. `message`
    /// must be free of secrets and of personal data.
    #[must_use]
    pub fn new(provider: ProviderId, kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            provider,
            message: message.into(),
            code: None,
            status: None,
            trace_id: None,
            advice: None,
            retry: Retry::Never,
            source: None,
        }))
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Source>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Adds the provider's own code, as `131047` or `63016`.
    #[must_use]
    pub fn with_code(mut self, code: i64) -> Self {
        self.0.code = Some(code);
        self
    }

    /// Adds the HTTP status of the provider's answer.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    /// Adds the provider's trace id, which its support asks for.
    #[must_use]
    pub fn with_trace_id(mut self, id: impl Into<Box<str>>) -> Self {
        self.0.trace_id = Some(id.into());
        self
    }

    /// Replaces the general advice of the kind.
    #[must_use]
    pub fn with_advice(mut self, advice: impl Into<Cow<'static, str>>) -> Self {
        self.0.advice = Some(advice.into());
        self
    }

    /// Says whether the call may be made again.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.0.retry = retry;
        self
    }

    /// The kind of failure.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the call may be made again.
    #[must_use]
    pub fn retry(&self) -> Retry {
        self.0.retry
    }

    /// Who failed.
    #[must_use]
    pub fn provider(&self) -> &ProviderId {
        &self.0.provider
    }

    /// The message without the provider's name.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The provider's own code.
    #[must_use]
    pub fn code(&self) -> Option<i64> {
        self.0.code
    }

    /// HTTP status of the provider's answer, if there was one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The provider's trace id (Meta `fbtrace_id`, Twilio request id).
    #[must_use]
    pub fn trace_id(&self) -> Option<&str> {
        self.0.trace_id.as_deref()
    }

    /// What a person can do about it, in one sentence.
    #[must_use]
    pub fn advice(&self) -> &str {
        self.0.advice.as_deref().unwrap_or(self.0.kind.advice())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&*self.0)
    }
}

/// Result of a call to a provider.
pub type Result<T, E = Error> = std::result::Result<T, E>;
