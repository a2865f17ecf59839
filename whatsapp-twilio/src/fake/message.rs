//! The Messages resource beside sending: lists, lookups, changes.
use axum::{
    extract::{Path, State},
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use whatsapp_core::testing::Accepted;

use super::{
    api::{Admitted, Fake, json_body, no_such},
    check::Refusal,
    state::{Message, Received, Shared},
};
use crate::wire::Form;

/// Messages on a page if the caller says nothing, and at most.
const PAGE: (usize, usize) = (50, 1000);

pub(super) async fn list(_: Admitted, State(shared): Fake, uri: Uri) -> Response {
    let query = Form::parse(uri.query().unwrap_or_default().as_bytes());
    let number = |key| query.sole(key).and_then(|text| text.parse::<usize>().ok());
    let size = number("PageSize").unwrap_or(PAGE.0).clamp(1, PAGE.1);
    let page = number("Page").unwrap_or_default();
    let all: Vec<_> = shared.entries().into_iter().filter(|entry| entry.fits(&query)).collect();
    let shown: Vec<&Value> = all.iter().skip(page * size).take(size).map(|entry| &entry.shown).collect();
    let pairs: Vec<_> = query.pairs().filter(|(key, _)| !matches!(*key, "Page" | "PageToken")).collect();
    let address = |page: usize| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&pairs).append_pair("Page", &page.to_string());
        format!("{}?{}", uri.path(), query.finish())
    };
    let next = (all.len() > (page + 1) * size).then(|| format!("{}&PageToken=PA{page}", address(page + 1)));
    json_body(&json!({
        "messages": shown, "page": page, "page_size": size, "start": page * size,
        "end": (page * size + shown.len()).saturating_sub(1), "uri": address(page), "first_page_uri": address(0),
        "next_page_uri": next, "previous_page_uri": page.checked_sub(1).map(address),
    }))
    .into_response()
}

pub(super) async fn fetch(
    _: Admitted,
    State(shared): Fake,
    Path((_, file)): Path<(String, String)>,
    uri: Uri,
) -> Response {
    shared.entry(&file).map_or_else(|| no_such(uri.path()), |entry| json_body(&entry.shown).into_response())
}

/// An empty `Body` makes the words forgotten, `Status=canceled` takes a scheduled message back.
pub(super) async fn change(
    _: Admitted,
    State(shared): Fake,
    Path((_, file)): Path<(String, String)>,
    uri: Uri,
    body: Bytes,
) -> Response {
    let form = Form::parse(&body);
    let sid = file.strip_suffix(".json").unwrap_or_default();
    let changed = match (form.sole("Body"), form.sole("Status")) {
        (Some(""), None) => shared.redact(sid),
        (None, Some("canceled")) => shared.cancel(sid),
        _ => return Refusal::because(400, 20001, "Body can only be emptied, Status only be canceled").into_response(),
    };
    match changed {
        Ok(true) => shared.entry(&file).map_or_else(|| no_such(uri.path()), |it| json_body(&it.shown).into_response()),
        Ok(false) => no_such(uri.path()),
        Err(refusal) => refusal.into_response(),
    }
}

pub(super) async fn delete(
    _: Admitted,
    State(shared): Fake,
    Path((_, file)): Path<(String, String)>,
    uri: Uri,
) -> Response {
    if shared.entry(&file).is_none() {
        return no_such(uri.path());
    }
    let sid = file.trim_end_matches(".json").to_owned();
    shared.lock().deleted.push(sid);
    StatusCode::NO_CONTENT.into_response()
}

/// A message in the list, either way.
struct Entry {
    at: DateTime<Utc>,
    shown: Value,
}

impl Entry {
    fn fits(&self, query: &Form<'_>) -> bool {
        let is = |key: &str, field: &str| {
            query.sole(key).is_none_or(|wanted| self.shown.get(field).and_then(Value::as_str) == Some(wanted))
        };
        // A message that waits was not sent at any time.
        let sent = self.shown.get("date_sent").is_some_and(Value::is_string).then_some(self.at.timestamp());
        let within = |key: &str, test: fn(i64, i64) -> bool| {
            query.sole(key).is_none_or(|text| {
                let time = DateTime::parse_from_rfc3339(text).map(|time| time.timestamp());
                time.ok().zip(sent).is_some_and(|(time, sent)| test(sent, time))
            })
        };
        is("To", "to")
            && is("From", "from")
            && within("DateSent>", |sent, from| sent >= from)
            && within("DateSent<", |sent, to| sent <= to)
    }
}

impl Shared {
    /// Every message, newest first.
    fn entries(&self) -> Vec<Entry> {
        let (messages, received, deleted) = {
            let state = self.lock();
            (state.messages.clone(), state.received.clone(), state.deleted.clone())
        };
        let sent = messages.iter().map(|message| Entry { at: message.at, shown: self.rendered(message) });
        let came = received.iter().map(|message| Entry { at: message.at, shown: self.rendered_inbound(message) });
        let there = |entry: &Entry| {
            let sid = entry.shown.get("sid").and_then(Value::as_str).unwrap_or_default();
            !deleted.iter().any(|gone| gone == sid)
        };
        let mut entries: Vec<_> = sent.chain(came).filter(there).collect();
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.at));
        entries
    }

    fn entry(&self, file: &str) -> Option<Entry> {
        let sid = file.strip_suffix(".json")?;
        self.entries().into_iter().find(|entry| entry.shown.get("sid").is_some_and(|shown| shown == sid))
    }

    fn redact(&self, sid: &str) -> Result<bool, Refusal> {
        let mut state = self.lock();
        if let Some(message) = state.messages.iter_mut().find(|message| message.accepted.id.as_str() == sid) {
            if message.status == "queued" {
                return Err(Refusal::because(400, 20009, "Cannot change this resource before it is complete"));
            }
            message.body.clear();
            return Ok(true);
        }
        let received = state.received.iter_mut().find(|message| message.sid == sid);
        Ok(received.map(|message| message.body.clear()).is_some())
    }

    fn cancel(&self, sid: &str) -> Result<bool, Refusal> {
        let mut state = self.lock();
        let Some(message) = state.messages.iter_mut().find(|message| message.accepted.id.as_str() == sid) else {
            return Ok(false);
        };
        if message.status != "scheduled" {
            return Err(Refusal::because(400, 30409, "Message is not in a cancelable state"));
        }
        message.status = "canceled";
        Ok(true)
    }

    /// A message that was taken, as the API shows it.
    pub(super) fn rendered(&self, message: &Message) -> Value {
        let Accepted { id, to, line, link, .. } = &message.accepted;
        let waits = matches!(message.status, "queued" | "accepted" | "scheduled" | "canceled");
        let by_service = message.messaging_service.is_some();
        let to = address_of(to);
        let mut shown = self.shown(id.as_str(), "outbound-api", message.at, usize::from(link.is_some()));
        let status = if by_service && message.status == "queued" { "accepted" } else { message.status };
        let failed = matches!(status, "failed" | "undelivered");
        merge(
            &mut shown,
            json!({
                "body": message.body, "to": to, "from": (!(by_service && waits)).then_some(line), "status": status,
                "messaging_service_sid": message.messaging_service,
                "date_sent": (!waits).then(|| message.at.to_rfc2822()),
                "error_code": failed.then_some(63024),
                "error_message": failed.then_some("Invalid message recipient"),
            }),
        );
        shown
    }

    fn rendered_inbound(&self, message: &Received) -> Value {
        let mut shown = self.shown(&message.sid, "inbound", message.at, message.files.len());
        merge(
            &mut shown,
            json!({
                "body": message.body, "to": message.to, "from": message.from, "status": "received",
                "messaging_service_sid": null, "date_sent": message.at.to_rfc2822(),
                "error_code": null, "error_message": null,
            }),
        );
        shown
    }

    fn shown(&self, sid: &str, direction: &str, at: DateTime<Utc>, files: usize) -> Value {
        let uri = format!("/2010-04-01/Accounts/{}/Messages/{sid}", self.config.account_sid);
        json!({
            "account_sid": self.config.account_sid, "api_version": "2010-04-01", "direction": direction, "sid": sid,
            "date_created": at.to_rfc2822(), "date_updated": at.to_rfc2822(), "num_media": files.to_string(),
            "num_segments": "1", "price": null, "price_unit": null, "uri": format!("{uri}.json"),
            "subresource_uris": {"media": format!("{uri}/Media.json")},
        })
    }
}

fn merge(into: &mut Value, more: Value) {
    if let (Value::Object(into), Value::Object(more)) = (into, more) {
        into.extend(more);
    }
}

/// Digits as a number, anything else as a user id.
fn address_of(to: &str) -> String {
    let plus = if to.bytes().all(|byte| byte.is_ascii_digit()) { "+" } else { "" };
    format!("whatsapp:{plus}{to}")
}
