//! Where an account's calls go: the hosts, the credentials, and what every call has in common.
use http::{
    Method,
    header::{ACCEPT, CONTENT_TYPE},
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use whatsapp_core::{
    Error, ErrorKind, Result, Secret,
    client::{Answer, HttpClient, RequestBuilder, is_plain_path},
};

use crate::{
    ID,
    error::{self, Effect},
    hosts::{Hosts, Product},
    wire::FORM,
};

/// Largest answer to a question, in bytes: a page of two hundred messages of 1,600 escaped letters.
pub(crate) const MAX_PAGE_BYTES: usize = 8 * 1024 * 1024;

/// Name and password of HTTP Basic. The account stays in the path either way.
#[derive(Clone, Debug)]
pub(crate) struct Credentials {
    user: Box<str>,
    password: Secret,
    pub(crate) is_api_key: bool,
}

impl Credentials {
    pub(crate) fn token(account_sid: &str, token: Secret) -> Self {
        Self { user: account_sid.into(), password: token, is_api_key: false }
    }

    pub(crate) fn api_key(sid: &str, secret: Secret) -> Self {
        Self { user: sid.into(), password: secret, is_api_key: true }
    }
}

/// Where an account's calls go.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    pub(crate) http: HttpClient,
    pub(crate) hosts: Hosts,
    pub(crate) account_sid: Box<str>,
    pub(crate) credentials: Credentials,
}

impl Endpoint {
    /// The address of `path`, which begins with a slash, at `product`.
    pub(crate) fn address(&self, product: Product, path: &str) -> String {
        format!("{}{path}", self.hosts.origin(product))
    }

    /// The path of `edge` beneath the account: `/Messages.json`, or `.json` for the account itself.
    pub(crate) fn of_account(&self, edge: &str) -> String {
        format!("/2010-04-01/Accounts/{}{edge}", self.account_sid)
    }

    /// A request with the account's credentials.
    pub(crate) fn request(&self, method: Method, product: Product, path: &str) -> RequestBuilder {
        let Credentials { user, password, .. } = &self.credentials;
        let request = self.http.request(method, &self.address(product, path));
        request.header(ACCEPT, "application/json").basic_auth(user, Some(password.expose()))
    }

    /// Makes the call; reads a success whole.
    pub(crate) async fn run(&self, request: RequestBuilder, effect: Effect) -> Result<Answer> {
        match effect {
            Effect::Once => self.http.send(request).await,
            Effect::Repeatable => self.http.fetch(request, MAX_PAGE_BYTES).await,
        }
    }

    /// Asks.
    pub(crate) async fn get<T: DeserializeOwned>(&self, product: Product, path: &str) -> Result<T> {
        let answer = self.run(self.request(Method::GET, product, path), Effect::Repeatable).await?;
        typed(&answer, Effect::Repeatable)
    }

    /// Posts a form.
    pub(crate) async fn post_form(&self, product: Product, path: &str, form: String, effect: Effect) -> Result<Answer> {
        self.run(self.request(Method::POST, product, path).header(CONTENT_TYPE, FORM).body(form), effect).await
    }

    /// Sends JSON.
    pub(crate) async fn send_json(
        &self,
        method: Method,
        product: Product,
        path: &str,
        body: &Value,
        effect: Effect,
    ) -> Result<Answer> {
        let request = self.request(method, product, path).header(CONTENT_TYPE, "application/json");
        self.run(request.body(body.to_string()), effect).await
    }

    /// Deletes; what is gone already is Twilio's to refuse.
    pub(crate) async fn delete(&self, product: Product, path: &str) -> Result<()> {
        let answer = self.run(self.request(Method::DELETE, product, path), Effect::Repeatable).await?;
        done(&answer, Effect::Repeatable)
    }
}

/// Reads a success.
pub(crate) fn typed<T: DeserializeOwned>(answer: &Answer, effect: Effect) -> Result<T> {
    done(answer, effect)?;
    // Derived readers take lists as objects without names.
    let object = answer.body.trim_ascii_start().starts_with(b"{");
    let read = || serde_json::from_slice(&answer.body).ok();
    object.then(read).flatten().ok_or_else(|| effect.of(error::unreadable(answer)))
}

/// Whether it was done; the body does not matter.
pub(crate) fn done(answer: &Answer, effect: Effect) -> Result<()> {
    if answer.status.is_success() { Ok(()) } else { Err(effect.of(error::refusal(answer))) }
}

/// `path` with a query.
pub(crate) fn with_query<K: AsRef<str>, V: AsRef<str>>(path: &str, query: impl IntoIterator<Item = (K, V)>) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// A resource's id as one segment of a path: letters and digits after one of `prefixes`.
pub(crate) fn sid<'s>(text: &'s str, prefixes: &[&str]) -> Result<&'s str> {
    let rest = prefixes.iter().find_map(|prefix| text.strip_prefix(prefix)).unwrap_or_default();
    if !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Ok(text);
    }
    Err(invalid(format!(
        "an id that begins with {} and goes on with letters and digits expected",
        prefixes.join(" or ")
    )))
}

/// The path of the next page, as Twilio gives it: relative, or whole where the newer products do. The credentials go along,
/// so it is asked for at the configured origin, and only if it leads nowhere but where it shows.
pub(crate) fn next_page<'n>(endpoint: &Endpoint, product: Product, next: &'n str) -> Result<&'n str> {
    let page = next.strip_prefix(endpoint.hosts.origin(product)).or_else(|| product.path_of(next)).unwrap_or(next);
    let path = page.split_once('?').map_or(page, |(path, _)| path);
    if path.strip_prefix('/').is_some_and(is_plain_path) && !page.contains('#') {
        return Ok(page);
    }
    Err(Error::new(ID, ErrorKind::Protocol, "the next page of a list is somewhere else than the list"))
}

/// The error for what Twilio would refuse.
pub(crate) fn invalid(problem: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ID, ErrorKind::InvalidMessage, problem)
}
