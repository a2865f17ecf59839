//! The REST side: taking messages, the account, its senders, typing.
use std::{
    collections::HashMap,
    sync::{Arc, atomic::Ordering},
};

use axum::{
    Extension, Router,
    extract::{FromRequestParts, Path, State},
    http::{HeaderMap, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use serde_json::{Value, json};
use whatsapp_core::{
    ErrorKind, Secret,
    testing::{Accepted, Fault, Hangup},
};

use super::{
    check::{Refusal, Wanted},
    content, file, message,
    state::{Message, Shared},
};
use crate::wire::{Form, bare};

pub(super) type Fake = State<Arc<Shared>>;

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/2010-04-01/Accounts/{account}/Messages.json", post(create).get(message::list))
        .route(
            "/2010-04-01/Accounts/{account}/Messages/{file}",
            get(message::fetch).post(message::change).delete(message::delete),
        )
        .route("/2010-04-01/Accounts/{account}/Messages/{message}/Media.json", get(file::list))
        .route("/2010-04-01/Accounts/{account}/Messages/{message}/Media/{file}", get(file::lead).delete(file::delete))
        .route("/bytes/{file}", get(file::bytes))
        .route("/2010-04-01/Accounts/{file}", get(account))
        .route("/v2/Channels/Senders", get(senders))
        .route("/v2/Indicators/Typing.json", post(typing))
        .merge(content::router())
        .fallback(async |uri: Uri| no_such(uri.path()))
        .with_state(shared)
}

async fn create(
    State(shared): Fake,
    Path(account): Path<String>,
    Extension(hangup): Extension<Hangup>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    shared.requests.fetch_add(1, Ordering::AcqRel);
    let accept = || match shared.authorise(&account, &headers, true).and_then(|()| shared.take(&headers, &body)) {
        Ok(message) => (StatusCode::CREATED, json_body(&shared.rendered(&message))).into_response(),
        Err(refusal) => refusal.into_response(),
    };
    shared.faults.serve(&hangup, accept, refused).await
}

async fn account(State(shared): Fake, Path(file): Path<String>, headers: HeaderMap, uri: Uri) -> Response {
    let Some(account) = file.strip_suffix(".json") else { return no_such(uri.path()) };
    if let Err(refusal) = shared.authorise(account, &headers, false) {
        return refusal.into_response();
    }
    json_body(&json!({
        "sid": account, "owner_account_sid": account, "friendly_name": "Fake studio", "status": "active",
        "type": "Full", "auth_token": "[Redacted]", "subresource_uris": {}, "uri": uri.path(),
    }))
    .into_response()
}

async fn senders(_: Admitted, State(shared): Fake) -> Response {
    let callback = shared.inbound_address();
    let sender = |line: &String| {
        json!({
            "sid": format!("XE{}", line.trim_start_matches("whatsapp:+")), "sender_id": line, "status": "ONLINE",
            "webhook": {"callback_url": callback, "callback_method": "POST"}, "profile": {"name": "Fake studio"},
        })
    };
    let senders: Vec<_> = shared.config.lines.iter().map(sender).collect();
    json_body(&json!({"senders": senders, "meta": {"page": 0, "page_size": 1000, "next_page_url": null}}))
        .into_response()
}

/// Typing is shown for a message that a contact sent.
async fn typing(_: Admitted, State(shared): Fake, body: Bytes) -> Response {
    let form = Form::parse(&body);
    let mut state = shared.lock();
    let message = form.sole("messageId").filter(|sid| state.received.iter().any(|received| received.sid == *sid));
    match (message, form.sole("channel")) {
        (Some(sid), Some("whatsapp")) => {
            state.typed.push(sid.to_owned());
            json_body(&json!({"success": true})).into_response()
        }
        _ => Refusal::because(400, 20422, "Invalid Parameter").into_response(),
    }
}

pub(super) fn json_body(value: &Value) -> impl IntoResponse + use<> {
    ([(header::CONTENT_TYPE, "application/json;charset=utf-8")], value.to_string())
}

pub(super) fn no_such(path: &str) -> Response {
    Refusal(404, 20404, format!("The requested resource {path} was not found")).into_response()
}

/// The refusal of a scripted fault, in Twilio's words.
fn refused(fault: Fault) -> Response {
    let Fault::Reject { kind } = fault else {
        let mut answer = Refusal::because(429, 20429, "Too Many Requests").into_response();
        if let Fault::RateLimit { retry_after: Some(seconds) } = fault {
            answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        return answer;
    };
    let refusal = match kind {
        ErrorKind::Unauthenticated => Refusal::unauthenticated(),
        ErrorKind::PermissionDenied => Refusal::because(403, 20403, "Forbidden"),
        ErrorKind::InvalidRecipient => Refusal::because(400, 21211, "Invalid 'To' Phone Number"),
        ErrorKind::WindowClosed => Refusal::because(400, 63016, "Outside the allowed window"),
        ErrorKind::TemplateRejected => Refusal::because(400, 21655, "The ContentSid is Invalid"),
        ErrorKind::RateLimited => Refusal::because(429, 20429, "Too Many Requests"),
        ErrorKind::Unavailable => Refusal::because(503, 20503, "Service unavailable"),
        ErrorKind::Config => Refusal::because(400, 63007, "Twilio could not find a Channel with the specified From"),
        _ => Refusal::because(400, 20001, "Bad request"),
    };
    refusal.into_response()
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self(status, code, message) = self;
        let more = format!("https://www.twilio.com/docs/errors/{code}");
        let body = json!({"code": code, "message": message, "more_info": more, "status": status});
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
        let mut answer = (status, json_body(&body)).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let realm = header::HeaderValue::from_static("Basic realm=\"Twilio API\"");
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, realm);
        }
        answer
    }
}

/// The caller's credentials are those of the account that the path names, if it names one.
pub(super) struct Admitted;

impl FromRequestParts<Arc<Shared>> for Admitted {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Refusal> {
        let named = Path::<HashMap<String, String>>::from_request_parts(parts, shared).await.ok();
        let named = named.as_ref().and_then(|Path(named)| named.get("account"));
        shared.authorise(named.unwrap_or(&shared.config.account_sid), &parts.headers, true)?;
        Ok(Self)
    }
}

impl Shared {
    pub(super) fn authorise(&self, account: &str, headers: &HeaderMap, api_key_may: bool) -> Result<(), Refusal> {
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Basic "));
        let given = given.and_then(|encoded| String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok());
        let (user, password) = given.as_deref().and_then(|pair| pair.split_once(':')).unwrap_or_default();
        let password = Secret::from(password);
        let config = &self.config;
        let by_token = user == config.account_sid
            && [&config.auth_token, &config.secondary_auth_token].into_iter().any(|token| *token == password);
        let by_key = config.api_key.as_ref().is_some_and(|(sid, secret)| sid == user && *secret == password);
        if by_token || (by_key && api_key_may) {
            let is_own = account == config.account_sid;
            return if is_own { Ok(()) } else { Err(Refusal::because(403, 20003, "Permission Denied")) };
        }
        Err(Refusal::unauthenticated())
    }

    /// Keeps a message and lets its statuses follow.
    fn take(&self, headers: &HeaderMap, body: &[u8]) -> Result<Message, Refusal> {
        let mut wanted = Wanted::read(headers, body, &self.config.lines)?;
        let mut state = self.lock();
        state.contents.fill(&mut wanted)?;
        let prefix = if wanted.kind == "text" || wanted.kind == "location" { "SM" } else { "MM" };
        let id = format!("{prefix}{}", state.issue());
        let accepted = Accepted {
            id: id.into(),
            to: bare(&wanted.to).trim_start_matches('+').to_owned(),
            kind: wanted.kind,
            text: wanted.text,
            link: wanted.link,
            parameters: wanted.parameters,
            reply_to: None,
            correlation: wanted.correlation,
            line: wanted.line.into(),
        };
        let (messaging_service, status_callback) = (wanted.messaging_service, wanted.status_callback);
        let at = state.now();
        let status = if wanted.is_scheduled { "scheduled" } else { "queued" };
        let message = Message { accepted, body: wanted.body, messaging_service, status_callback, status, at };
        state.messages.push(message.clone());
        let statuses = state.statuses.clone();
        drop(state);
        self.follow(&message, &statuses);
        Ok(message)
    }
}
