//! The HTTP shell around pure encode and decode: bounded in time and size, no redirects, no secrets in errors.
mod effect;
mod raw;

use std::{fmt, time::Duration};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode};
pub use reqwest::{RequestBuilder, multipart};

pub use self::{
    effect::Effect,
    raw::{RawAnswer, is_plain_path},
};
use crate::{Error, ErrorKind, ProviderId, Retry};

/// Largest answer that [`HttpClient::send`] reads, in bytes. Providers answer a few hundred.
pub const MAX_ANSWER_BYTES: usize = 1024 * 1024;
/// The slowest link that a file may take, in bytes per second: larger ones get more time.
const SLOWEST_LINK: u64 = 256 * 1024;
/// Longest time that a file gets beyond the usual, in seconds.
const LONGEST_FILE_SECONDS: u64 = 600;

/// An HTTP client for one provider. Clones share connections.
#[derive(Clone)]
pub struct HttpClient {
    provider: ProviderId,
    inner: reqwest::Client,
    timeout: Duration,
}

/// A provider's answer, whole.
#[derive(Clone)]
#[non_exhaustive]
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body, at most as long as the caller allowed.
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

/// Shows neither headers nor body: they may hold tokens and what people wrote.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("status", &self.status).field("bytes", &self.body.len()).finish_non_exhaustive()
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
        Ok(Self { provider, inner, timeout })
    }

    /// Begins a request to `url`.
    pub fn request(&self, method: http::Method, url: &str) -> RequestBuilder {
        self.inner.request(method, url)
    }

    /// How long a file of `bytes` may take, up or down: the usual time, and more for a large one.
    ///
    /// ```
    /// use std::time::Duration;
    /// use whatsapp_core::{ProviderId, client::HttpClient};
    /// let client = HttpClient::new(ProviderId::new("acme"), Duration::from_secs(30)).unwrap();
    /// assert_eq!(client.time_for(0), Duration::from_secs(30));
    /// assert_eq!(client.time_for(100 * 1024 * 1024), Duration::from_secs(430));
    /// ```
    #[must_use]
    pub fn time_for(&self, bytes: u64) -> Duration {
        self.timeout.saturating_add(Duration::from_secs((bytes / SLOWEST_LINK).min(LONGEST_FILE_SECONDS)))
    }

    /// Sends a request that has an effect, and reads the answer whole.
    ///
    /// # Errors
    /// [`Retry::Backoff`] only if the connection was never made; otherwise [`Retry::Ambiguous`]. Never holds the
    /// address, which may carry credentials.
    pub async fn send(&self, request: RequestBuilder) -> Result<Answer, Error> {
        let answer = self.exchange(request, MAX_ANSWER_BYTES, |_| {
            let error = Error::new(self.provider.clone(), ErrorKind::Protocol, "the answer is larger than 1 MiB");
            error.with_retry(Retry::Ambiguous)
        });
        answer.await.map_err(|error| match error.status() {
            Some(300..=306) => error.with_retry(Retry::Ambiguous),
            _ => error,
        })
    }

    /// Sends a request that may be made twice without harm (a lookup, a deletion), and reads at most `max_bytes` of
    /// the answer.
    ///
    /// # Errors
    /// [`Retry::Backoff`] for whatever the network does. Never holds the address.
    pub async fn fetch(&self, request: RequestBuilder, max_bytes: usize) -> Result<Answer, Error> {
        let large = |_| {
            let problem = format!("the answer is larger than {max_bytes} bytes");
            Error::new(self.provider.clone(), ErrorKind::Protocol, problem)
        };
        self.exchange(request, max_bytes, large).await.map_err(repeatable)
    }

    /// Fetches a file of at most `max_bytes`; it gets [`time_for`](Self::time_for) that many. Of a refusal up to
    /// [`MAX_ANSWER_BYTES`] are read.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidMessage`] for a larger file, as soon as it shows; [`Retry::Backoff`] for whatever the
    /// network does. Never holds the address.
    pub async fn download(&self, request: RequestBuilder, max_bytes: usize) -> Result<Answer, Error> {
        let answer = self.hop(request, max_bytes).await?;
        if answer.status.is_redirection() { Err(self.redirected(answer.status)) } else { Ok(answer) }
    }

    /// As [`download`](Self::download), but answers a redirect as it is, without its body: the caller looks where
    /// `Location` leads, and goes there or not, with the credentials that belong there.
    ///
    /// # Errors
    /// As [`download`](Self::download).
    pub async fn hop(&self, request: RequestBuilder, max_bytes: usize) -> Result<Answer, Error> {
        let request = request.timeout(self.time_for(u64::try_from(max_bytes).unwrap_or(u64::MAX)));
        let large = |status: StatusCode| {
            let problem = format!("the file is larger than {max_bytes} bytes");
            let kind = if status.is_success() { ErrorKind::InvalidMessage } else { ErrorKind::Protocol };
            Error::new(self.provider.clone(), kind, problem)
        };
        self.answer(request, max_bytes, large).await.map_err(repeatable)
    }

    async fn exchange(
        &self,
        request: RequestBuilder,
        max_bytes: usize,
        too_large: impl FnOnce(StatusCode) -> Error,
    ) -> Result<Answer, Error> {
        let answer = self.answer(request, max_bytes, too_large).await?;
        if answer.status.is_redirection() { Err(self.redirected(answer.status)) } else { Ok(answer) }
    }

    /// A redirect that is not followed. 307 and 308 say that the request is still to be made; what the others say has
    /// been done already is for [`send`](Self::send) to doubt.
    fn redirected(&self, status: StatusCode) -> Error {
        let problem = "the provider answered with a redirect, which is not followed";
        Error::new(self.provider.clone(), ErrorKind::Protocol, problem).with_status(status.as_u16())
    }

    async fn answer(
        &self,
        request: RequestBuilder,
        max_bytes: usize,
        too_large: impl FnOnce(StatusCode) -> Error,
    ) -> Result<Answer, Error> {
        let mut response = request.send().await.map_err(|error| self.failed(error))?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        if status.is_redirection() {
            return Ok(Answer { status, headers, body: Bytes::new() });
        }
        // A refusal is read even where the file may be tiny.
        let max_bytes = if status.is_success() { max_bytes } else { max_bytes.max(MAX_ANSWER_BYTES) };
        // Only a claim, but one that saves the reading.
        if response.content_length().is_some_and(|length| length > max_bytes as u64) {
            return Err(too_large(status).with_status(status.as_u16()));
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.failed(error))? {
            if body.len() + chunk.len() > max_bytes {
                return Err(too_large(status).with_status(status.as_u16()));
            }
            body.extend_from_slice(&chunk);
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

/// What may be made twice is never in doubt.
fn repeatable(error: Error) -> Error {
    match error.retry() {
        Retry::Ambiguous => error.with_retry(Retry::Backoff),
        _ => error,
    }
}
