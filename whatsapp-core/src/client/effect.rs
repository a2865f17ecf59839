use http::Method;

use crate::{Error, ErrorKind, Retry};

/// What making a call twice does.
///
/// ```
/// use whatsapp_core::{Error, ErrorKind, ProviderId, Retry, client::Effect};
/// let lost = || Error::new(ProviderId::new("acme"), ErrorKind::Unavailable, "no answer").with_retry(Retry::Ambiguous);
/// assert_eq!(Effect::Once.of(lost()).retry(), Retry::Ambiguous);
/// assert_eq!(Effect::Repeatable.of(lost()).retry(), Retry::Backoff);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Something twice: a failure whose fate is unknown is ambiguous.
    Once,
    /// Nothing more than once: a failure whose fate is unknown may be tried again.
    Repeatable,
}

impl Effect {
    /// What calling `method` twice does, as far as HTTP promises it.
    #[must_use]
    pub fn of_method(method: &Method) -> Self {
        match *method {
            Method::GET | Method::DELETE | Method::HEAD => Self::Repeatable,
            _ => Self::Once,
        }
    }

    /// `error` as it stands for a call of this effect.
    #[must_use]
    pub fn of(self, error: Error) -> Error {
        match (self, error.retry(), error.kind()) {
            (Self::Repeatable, Retry::Ambiguous, ErrorKind::Protocol) => error.with_retry(Retry::Never),
            (Self::Repeatable, Retry::Ambiguous, _) => error.with_retry(Retry::Backoff),
            _ => error,
        }
    }
}
