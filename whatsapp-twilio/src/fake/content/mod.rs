//! The Content API: contents and their approval.
mod check;
mod kept;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

pub(super) use self::kept::Contents;
use self::{check::read, kept::Kept};
use super::{
    TwilioFake,
    api::{Fake, json_body},
    check::Refusal,
    state::Shared,
};

pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/v1/Content", post(create).get(list))
        .route("/v1/Content/{sid}", get(fetch).put(update).delete(delete))
        .route("/v1/Content/{sid}/ApprovalRequests", get(approval))
        .route("/v1/Content/{sid}/ApprovalRequests/whatsapp", post(approve))
        .route("/v1/ContentAndApprovals", get(list))
        .route("/v2/Content", get(list))
}

async fn create(State(shared): Fake, headers: HeaderMap, body: Bytes) -> Response {
    answer(&shared, &headers, || {
        let draft = read(&headers, &body)?;
        let mut state = shared.lock();
        let sid = format!("HX{}", state.issue());
        let content = state.contents.put(sid, draft);
        Ok((StatusCode::CREATED, shared.content_shown(&content, &headers)))
    })
}

async fn fetch(State(shared): Fake, Path(sid): Path<String>, headers: HeaderMap, uri: Uri) -> Response {
    answer(&shared, &headers, || {
        let content = shared.lock().contents.get(&sid).cloned().ok_or_else(|| missing(&uri))?;
        Ok((StatusCode::OK, shared.content_shown(&content, &headers)))
    })
}

async fn update(State(shared): Fake, Path(sid): Path<String>, headers: HeaderMap, uri: Uri, body: Bytes) -> Response {
    answer(&shared, &headers, || {
        let draft = read(&headers, &body)?;
        let mut state = shared.lock();
        state.contents.changes += 1;
        let updated = state.contents.changes;
        let content = state.contents.get(&sid).ok_or_else(|| missing(&uri))?;
        if content.approval.is_some() {
            return Err(Refusal::because(400, 20001, "Content submitted for approval cannot be edited"));
        }
        (content.draft, content.updated) = (draft, updated);
        Ok((StatusCode::OK, shared.content_shown(content, &headers)))
    })
}

async fn delete(State(shared): Fake, Path(sid): Path<String>, headers: HeaderMap, uri: Uri) -> Response {
    answer(&shared, &headers, || {
        let mut state = shared.lock();
        state.contents.get(&sid).ok_or_else(|| missing(&uri))?;
        state.contents.kept.retain(|content| content.sid != sid);
        state.contents.deleted.insert(sid.clone());
        Ok((StatusCode::NO_CONTENT, Value::Null))
    })
}

/// Which part of the list is wanted.
#[derive(Debug, Deserialize)]
#[serde(default)]
struct Part {
    #[serde(rename = "PageSize")]
    size: usize,
    #[serde(rename = "Page")]
    number: usize,
    #[serde(rename = "ContentName")]
    name: String,
}

impl Default for Part {
    fn default() -> Self {
        Self { size: 50, number: 0, name: String::new() }
    }
}

/// The real one takes `ContentName` for a pattern; the fake looks for the words.
async fn list(State(shared): Fake, Query(wanted): Query<Part>, headers: HeaderMap, uri: Uri) -> Response {
    answer(&shared, &headers, || {
        let named = |content: &&Kept| {
            let name = content.draft.get("friendly_name").and_then(Value::as_str).unwrap_or_default();
            name.contains(&wanted.name)
        };
        let with_approvals = uri.path().ends_with("ContentAndApprovals");
        let state = shared.lock();
        let size = wanted.size.clamp(1, 1000);
        let mut found = state.contents.kept.iter().filter(named).skip(size * wanted.number);
        let shown = |content: &Kept| {
            let mut fields = content.rendered(&shared.config.account_sid);
            if with_approvals {
                fields.insert("approval_requests".to_owned(), approval_of(content));
            }
            Value::Object(fields)
        };
        let contents: Vec<_> = found.by_ref().take(size).map(shown).collect();
        let url = |page: usize| {
            let name = if wanted.name.is_empty() { "" } else { &*format!("&ContentName={}", wanted.name) };
            format!("{}{}?PageSize={size}&Page={page}{name}", origin(&headers), uri.path())
        };
        let next = found.next().map(|_| url(wanted.number + 1));
        let meta = json!({
            "page": wanted.number, "page_size": size, "first_page_url": url(0), "previous_page_url": null,
            "url": url(wanted.number), "next_page_url": next, "key": "contents",
        });
        Ok((StatusCode::OK, json!({"contents": contents, "meta": meta})))
    })
}

async fn approve(State(shared): Fake, Path(sid): Path<String>, headers: HeaderMap, uri: Uri, body: Bytes) -> Response {
    answer(&shared, &headers, || {
        let request: Value = serde_json::from_slice(&body).map_err(|_| bad("the body is not JSON"))?;
        let text = |name: &str| request.get(name).and_then(Value::as_str).unwrap_or_default();
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if text("name").is_empty() || !text("name").bytes().all(plain) {
            return Err(bad("name: lower-case letters, digits and underscores only"));
        }
        if !["UTILITY", "MARKETING", "AUTHENTICATION"].contains(&text("category")) {
            return Err(bad("category is not valid"));
        }
        let mut state = shared.lock();
        let content = state.contents.get(&sid).ok_or_else(|| missing(&uri))?;
        let types = content.draft.get("types").and_then(Value::as_object);
        let kind = types.and_then(|types| types.keys().next()).cloned();
        let mut approval = json!({
            "name": text("name"), "category": text("category"), "content_type": kind, "status": "approved",
            "rejection_reason": "", "allow_category_change": request.get("allow_category_change") != Some(&json!(false)),
        });
        content.approval = Some(approval.clone());
        // Decided by the time that somebody asks.
        if let Some(status) = approval.get_mut("status") {
            *status = "received".into();
        }
        Ok((StatusCode::CREATED, approval))
    })
}

async fn approval(State(shared): Fake, Path(sid): Path<String>, headers: HeaderMap, uri: Uri) -> Response {
    answer(&shared, &headers, || {
        let content = shared.lock().contents.get(&sid).cloned().ok_or_else(|| missing(&uri))?;
        let url = format!("{}{}", origin(&headers), uri.path());
        let account = &shared.config.account_sid;
        let whatsapp = approval_of(&content);
        Ok((StatusCode::OK, json!({"sid": sid, "account_sid": account, "whatsapp": whatsapp, "url": url})))
    })
}

fn approval_of(content: &Kept) -> Value {
    let never = || {
        json!({
            "name": "", "category": "", "content_type": "", "status": "unsubmitted", "rejection_reason": "",
            "allow_category_change": true,
        })
    };
    content.approval.clone().unwrap_or_else(never)
}

fn bad(problem: &str) -> Refusal {
    Refusal::because(400, 20001, problem)
}

fn missing(uri: &Uri) -> Refusal {
    Refusal(404, 20404, format!("The requested resource {} was not found", uri.path()))
}

fn origin(headers: &HeaderMap) -> String {
    format!("http://{}", headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default())
}

/// Answers who may ask.
fn answer(
    shared: &Shared,
    headers: &HeaderMap,
    act: impl FnOnce() -> Result<(StatusCode, Value), Refusal>,
) -> Response {
    match shared.authorise(&shared.config.account_sid, headers, true).and_then(|()| act()) {
        Ok((StatusCode::NO_CONTENT, _)) => StatusCode::NO_CONTENT.into_response(),
        Ok((status, body)) => (status, json_body(&body)).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

impl Shared {
    fn content_shown(&self, content: &Kept, headers: &HeaderMap) -> Value {
        let mut fields = content.rendered(&self.config.account_sid);
        let url = format!("{}/v1/Content/{}", origin(headers), content.sid);
        let links = json!({
            "approval_create": format!("{url}/ApprovalRequests/whatsapp"),
            "approval_fetch": format!("{url}/ApprovalRequests"),
        });
        fields.insert("url".to_owned(), url.into());
        fields.insert("links".to_owned(), links);
        Value::Object(fields)
    }
}

impl TwilioFake {
    /// Adds an approved template of words, and returns its content's id.
    ///
    /// ```
    /// use whatsapp_core::{PhoneNumber, SenderExt, Template, testing::Fake};
    /// use whatsapp_twilio::{TwilioFake, TwilioFakeConfig, connect};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let fake = TwilioFake::start(TwilioFakeConfig::default()).await?;
    /// fake.add_template("reminder", "he", "היי {{1}}, נתראה מחר!");
    /// let dana: PhoneNumber = "+972501234567".parse()?;
    /// let reminder = Template::new("reminder", "he").with_parameters(["דנה"]);
    /// connect(&fake.settings("+14155550100"))?.send_template(dana, reminder).await?;
    /// assert_eq!(fake.accepted()[0].text.as_deref(), Some("reminder"));
    /// # Ok(())
    /// # }
    /// ```
    #[expect(clippy::must_use_candidate, reason = "the name may be all that a test needs")]
    pub fn add_template(&self, friendly_name: &str, language: &str, body: &str) -> String {
        let draft = json!({
            "friendly_name": friendly_name, "language": language, "types": {"twilio/text": {"body": body}},
        });
        let mut state = self.shared.lock();
        let sid = format!("HX{}", state.issue());
        state.contents.put(sid.clone(), draft);
        drop(state);
        self.set_approval(&sid, "approved");
        sid
    }

    /// Says how a content stands with WhatsApp from now on: `approved`, `rejected`, `paused` … Approval that was asked for
    /// is given at once unless this says otherwise.
    pub fn set_approval(&self, content_sid: &str, status: &str) {
        let mut state = self.shared.lock();
        let Some(content) = state.contents.get(content_sid) else { return };
        let types = content.draft.get("types").and_then(Value::as_object);
        let kind = types.and_then(|types| types.keys().next()).cloned();
        let reason = if status == "rejected" { "INVALID_FORMAT" } else { "" };
        content.approval = Some(json!({
            "name": content.draft.get("friendly_name"), "category": "UTILITY", "content_type": kind, "status": status,
            "rejection_reason": reason, "allow_category_change": true,
        }));
    }

    /// The ids of the contents that are there, oldest first.
    #[must_use]
    pub fn contents(&self) -> Vec<String> {
        self.shared.lock().contents.kept.iter().map(|content| content.sid.clone()).collect()
    }
}
