//! Where a line's calls go: the address, the credentials, and what every call has in common.
use http::{
    Method,
    header::{ACCEPT, CONTENT_TYPE},
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use whatsapp_core::{
    Error, ErrorKind, Result, Secret,
    client::{Answer, HttpClient, MAX_ANSWER_BYTES, RequestBuilder},
};

use crate::{
    ID,
    error::{self, Effect},
};

/// Largest answer to a question, in bytes: a page of a hundred templates with their cards.
pub(crate) const MAX_PAGE_BYTES: usize = 8 * 1024 * 1024;
/// Longest reason of Meta's that is passed on, in characters.
const REASON_CHARS: usize = 300;

/// Where a line's calls go.
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(crate) http: HttpClient,
    /// Origin of the Graph API, with the path of a proxy before it, without a slash at the end.
    pub(crate) base: String,
    /// As `v25.0`.
    pub(crate) version: String,
    /// The phone number's id, digits.
    pub(crate) number: String,
    pub(crate) token: Secret,
}

impl Endpoint {
    /// The address of `path`, which is relative to the version.
    pub(crate) fn address(&self, path: &str, query: &[(&str, &str)]) -> String {
        with_query(format!("{}/{}/{path}", self.base, self.version), query)
    }

    /// The path of `edge` beneath the phone number.
    pub(crate) fn of_number(&self, edge: &str) -> String {
        format!("{}/{edge}", self.number)
    }

    /// A request with this line's token.
    pub(crate) fn request(&self, method: Method, address: &str) -> RequestBuilder {
        self.http.request(method, address).header(ACCEPT, "application/json").bearer_auth(self.token.expose())
    }

    /// Makes the call and takes the token out of the answer.
    pub(crate) async fn run(&self, request: RequestBuilder, effect: Effect) -> Result<Answer> {
        let answer = match effect {
            Effect::Once => self.http.send(request).await?,
            Effect::Repeatable => self.http.fetch(request, MAX_ANSWER_BYTES).await?,
        };
        Ok(self.without_token(answer))
    }

    /// Graph quotes a malformed token in its message, and messages are logged.
    pub(crate) fn without_token(&self, mut answer: Answer) -> Answer {
        if let Ok(text) = std::str::from_utf8(&answer.body)
            && text.contains(self.token.expose())
        {
            answer.body = text.replace(self.token.expose(), "…").into();
        }
        answer
    }

    /// Asks.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<T> {
        let request = self.request(Method::GET, &self.address(path, query));
        let answer = self.without_token(self.http.fetch(request, MAX_PAGE_BYTES).await?);
        typed(&answer, Effect::Repeatable)
    }

    /// Posts JSON.
    pub(crate) async fn post(&self, path: &str, body: &Value, effect: Effect) -> Result<Answer> {
        self.run(json(self.request(Method::POST, &self.address(path, &[])), body), effect).await
    }

    /// Deletes; what is gone already is the provider's to refuse.
    pub(crate) async fn delete(&self, path: &str, query: &[(&str, &str)]) -> Result<()> {
        let request = self.request(Method::DELETE, &self.address(path, query));
        done(&self.run(request, Effect::Repeatable).await?, Effect::Repeatable)
    }
}

/// Adds a JSON body.
pub(crate) fn json(request: RequestBuilder, body: &Value) -> RequestBuilder {
    request.header(CONTENT_TYPE, "application/json").body(body.to_string())
}

/// Adds a query; commas stay, as Meta's own examples have them.
pub(crate) fn with_query(mut address: String, query: &[(&str, &str)]) -> String {
    for (at, (key, value)) in query.iter().enumerate() {
        let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        address.push(if at == 0 { '?' } else { '&' });
        address.push_str(&encode(key));
        address.push('=');
        address.push_str(&encode(value).replace("%2C", ","));
    }
    address
}

/// `id` as one segment of a path.
pub(crate) fn segment(id: &str) -> Result<String> {
    if id.is_empty() || id.bytes().all(|byte| byte == b'.') {
        return Err(invalid("an id is empty"));
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let encode = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    Ok(id.bytes().map(encode).collect())
}

/// Reads a success.
pub(crate) fn typed<T: DeserializeOwned>(answer: &Answer, effect: Effect) -> Result<T> {
    // Derived readers take lists as objects without names.
    let object = answer.status.is_success() && answer.body.trim_ascii_start().starts_with(b"{");
    let read = || serde_json::from_slice(&answer.body).ok();
    object.then(read).flatten().ok_or_else(|| effect.of(error::read(answer)))
}

/// Checks a bare yes; a no may bring its reason.
pub(crate) fn done(answer: &Answer, effect: Effect) -> Result<()> {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let told = |key: &str| body.get(key);
    // Some answers write the yes as a text.
    let said = |yes: bool| told("success").is_some_and(|said| *said == yes || said.as_str() == Some(&yes.to_string()));
    if answer.status.is_success() && said(true) {
        return Ok(());
    }
    let reason = told("reason").and_then(Value::as_str).filter(|reason| !reason.is_empty());
    match reason {
        Some(reason) if answer.status.is_success() && said(false) && told("error").is_none() => {
            let reason: String = reason.chars().take(REASON_CHARS).collect();
            Err(invalid(reason).with_status(answer.status.as_u16()).with_advice("Mend what Meta's reason names."))
        }
        _ => Err(effect.of(error::read(answer))),
    }
}

/// The error for what Meta would refuse.
pub(crate) fn invalid(problem: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ID, ErrorKind::InvalidMessage, problem)
}
