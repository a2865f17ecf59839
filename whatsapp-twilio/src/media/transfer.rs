//! Fetching the files of contacts. Source: Twilio, Media resource; "HTTP Basic Auth for media".
use async_trait::async_trait;
use bytes::Bytes;
use http::{
    Method, StatusCode,
    header::{ACCEPT, LOCATION},
};
use reqwest::Url;
use whatsapp_core::{
    Error, ErrorKind, InboundMedia, Media, Result, Retry,
    client::{Answer, RequestBuilder},
};

use crate::{
    ID, Twilio,
    endpoint::{done, invalid},
    error::Effect,
    hosts::Product,
};

/// Redirects from the API to the bytes.
const HOPS: usize = 3;

/// Files of contacts. The address must be one of this account, at Twilio or at the configured origin; only there the
/// credentials go along.
/// Twilio leads on to where the bytes are, which must be a host of Twilio's files over https; nothing of ours goes there.
///
/// In the first seconds after a message its file may not be there yet, so a missing one may be asked for again.
///
/// ```no_run
/// # async fn example(line: whatsapp_twilio::Twilio, media: whatsapp_core::InboundMedia) -> whatsapp_core::Result<()> {
/// use whatsapp_core::Media;
/// let bytes = line.download(&media, 16 * 1024 * 1024).await?;
/// # Ok(())
/// # }
/// ```
#[async_trait]
impl Media for Twilio {
    async fn download(&self, media: &InboundMedia, max_bytes: usize) -> Result<Bytes> {
        let url = media.url.as_deref().ok_or_else(|| invalid("media.url: the file has no address"))?;
        let path = self.own_file(url).ok_or_else(not_ours)?;
        let request = self.endpoint.request(Method::GET, Product::Api, path).header(ACCEPT, "*/*");
        let mut answer = self.hop(request, max_bytes).await?;
        for _ in 0..HOPS {
            if !answer.status.is_redirection() {
                break;
            }
            let next = self.next_hop(&answer).ok_or_else(not_ours)?;
            let request = self.endpoint.http.request(Method::GET, next.as_str()).header(ACCEPT, "*/*");
            answer = self.hop(request, max_bytes).await?;
        }
        if answer.status == StatusCode::NOT_FOUND {
            let error = invalid("the file is not there").with_status(404).with_retry(Retry::Backoff);
            return Err(
                error.with_advice("Try again within seconds: it may not be there yet, or was deleted at Twilio.")
            );
        }
        if answer.status.is_redirection() {
            return Err(Error::new(ID, ErrorKind::Protocol, "Twilio leads from one address of the file to the next"));
        }
        done(&answer, Effect::Repeatable)?;
        Ok(answer.body)
    }
}

impl Twilio {
    async fn hop(&self, request: RequestBuilder, max_bytes: usize) -> Result<Answer> {
        self.endpoint.http.hop(request, max_bytes).await
    }

    /// The path of a file of this account, at the configured origin or at Twilio itself; `None` for every other address.
    /// Wherever it stands, the credentials go to the configured origin.
    fn own_file<'u>(&self, url: &'u str) -> Option<&'u str> {
        let path = url.strip_prefix(self.endpoint.hosts.origin(Product::Api)).or_else(|| Product::Api.path_of(url))?;
        let ours = path.strip_prefix(&self.endpoint.of_account("/Messages/"))?;
        let [message, "Media", file] = ours.split('/').collect::<Vec<_>>()[..] else { return None };
        let word =
            |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        (word(message) && word(file)).then_some(path)
    }

    /// Where a redirect leads, if that is a host of Twilio's files, or the configured origin itself.
    fn next_hop(&self, answer: &Answer) -> Option<Url> {
        let base = Url::parse(self.endpoint.hosts.origin(Product::Api)).ok()?;
        let next = base.join(answer.headers.get(LOCATION)?.to_str().ok()?).ok()?;
        let host = next.host_str().unwrap_or_default();
        let files = host.ends_with(".twiliocdn.com") || host.ends_with(".twilio.com");
        let ok = next.origin() == base.origin() || next.scheme() == "https" && next.port().is_none() && files;
        (ok && next.username().is_empty() && next.password().is_none()).then_some(next)
    }
}

fn not_ours() -> Error {
    let error = invalid("media.url: it is no address of a file of this account at Twilio");
    error.with_advice("Fetch files with the line that they came in on.")
}
