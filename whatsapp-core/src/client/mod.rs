//! The HTTP shell around pure encode and decode: bounded in time and size, no redirects, no secrets in errors.
use std::{fmt, time::Duration};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode};

use crate::{Error, ErrorKind, ProviderId, Retry};

/// Largest answer that is read, in bytes. Providers answer a few hundred.
pub const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// An HTTP client for one provider. Clones share connections.
#[derive(Clone)]
pub struct HttpClient {
    provider: ProviderId,
    inner: reqwest::Client,
}

/// A provider's answer, whole.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body, at most [`MAX_ANSWER_BYTES`].
    pub body: Bytes,
}

impl Answer {
    /// An answer, as a test or another transport makes it.
    #[must_use]
    pub const fn new(status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        Self { status, headers, body }
    }

    /// `Retry-After` in seconds, if the provider gave one. A date is not read.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        let seconds = self.headers.get(http::header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
        Some(Duration::from_secs(seconds))
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient").field("provider", &self.provider).finish_non_exhaustive()
    }
}

impl HttpClient {
    /// Longest wait for a connection.
    pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
    /// Longest wait for a whole answer, unless the provider's settings say otherwise.
    pub const TIMEOUT: Duration = Duration::from_secs(30);

    /// A client that gives up after `timeout`, follows no redirect and sends no cookies.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] if TLS cannot be set up on this machine.
    pub fn new(provider: ProviderId, timeout: Duration) -> Result<Self, Error> {
        let inner = reqwest::Client::builder()
            .user_agent(concat!("whatsapp-core/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Self::CONNECT_TIMEOUT.min(timeout))
            .timeout(timeout)
            .build()
            .map_err(|error| {
                Error::new(provider.clone(), ErrorKind::Config, "the HTTP client cannot start").with_source(error)
            })?;
        Ok(Self { provider, inner })
    }

    /// Begins a request to `url`.
    pub fn request(&self, method: http::Method, url: &str) -> reqwest::RequestBuilder {
        self.inner.request(method, url)
    }

    /// Sends a request that has an effect, and reads the answer whole.
    ///
    /// # Errors
    /// [`Retry::Backoff`] only if the connection was never made; otherwise [`Retry::Ambiguous`]. Never holds the
    /// address, which may carry credentials.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Result<Answer, Error> {
        let mut response = request.send().await.map_err(|error| self.failed(error))?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.failed(error))? {
            if body.len() + chunk.len() > MAX_ANSWER_BYTES {
                let error = Error::new(self.provider.clone(), ErrorKind::Protocol, "the answer is larger than 1 MiB");
                return Err(error.with_status(status.as_u16()).with_retry(Retry::Ambiguous));
            }
            body.extend_from_slice(&chunk);
        }
        if status.is_redirection() {
            let error = Error::new(
                self.provider.clone(),
                ErrorKind::Protocol,
                "the provider answered with a redirect, which is not followed",
            );
            return Err(error.with_status(status.as_u16()));
        }
        Ok(Answer { status, headers, body: body.freeze() })
    }

    fn failed(&self, error: reqwest::Error) -> Error {
        let (message, retry) = if error.is_connect() {
            ("no connection to the provider", Retry::Backoff)
        } else if error.is_builder() {
            ("the request cannot be built", Retry::Never)
        } else if error.is_timeout() {
            ("no answer in time", Retry::Ambiguous)
        } else {
            ("the connection broke before the answer", Retry::Ambiguous)
        };
        let kind = if error.is_builder() { ErrorKind::Config } else { ErrorKind::Unavailable };
        Error::new(self.provider.clone(), kind, message).with_retry(retry).with_source(error.without_url())
    }
}
