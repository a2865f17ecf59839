//! Templates: listed, made, changed and deleted. Source: Meta, Business Management API, message templates.
use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode, Uri},
    response::Response,
};
use bytes::Bytes;
use serde_json::{Value, json};

use super::{
    Book, MetaFakeLine, Shared,
    api::{OfAccount, Query, answer, caller, error, no_object},
};
use crate::template::TemplateDefinition;

/// Templates on a page unless the question says otherwise.
const PAGE: usize = 25;

/// A template that the fake has.
#[derive(Debug)]
pub(super) struct Stored {
    account: String,
    /// As Meta answers it.
    body: Value,
}

impl Stored {
    fn is(&self, key: &str, value: &str) -> bool {
        let own = self.body.get(key).and_then(Value::as_str);
        own.is_some_and(|own| own.eq_ignore_ascii_case(value))
    }
}

/// Keeps a template that can be sent at once.
pub(super) fn approve(book: &mut Book, account: &str, definition: &TemplateDefinition) -> Option<String> {
    let body = serde_json::to_value(definition).ok()?;
    Some(keep(book, account, body, "APPROVED"))
}

fn keep(book: &mut Book, account: &str, mut body: Value, status: &str) -> String {
    let id = book.new_id();
    if let Some(body) = body.as_object_mut() {
        body.insert("id".to_owned(), id.as_str().into());
        body.insert("status".to_owned(), status.into());
    }
    book.templates.push(Stored { account: account.to_owned(), body });
    id
}

/// The template of `id`; `None` if the fake has none for these lines.
pub(super) fn one(shared: &Shared, lines: &[&MetaFakeLine], id: &str) -> Option<Response> {
    let book = shared.book();
    let found = book
        .templates
        .iter()
        .find(|template| template.is("id", id) && lines.iter().any(|line| line.waba_id == template.account))?;
    Some(answer(StatusCode::OK, &found.body))
}

pub(super) async fn list(State(shared): State<Arc<Shared>>, OfAccount(id): OfAccount, uri: Uri) -> Response {
    let query = Query::of(&uri);
    let book = shared.book();
    let fits = |template: &&Stored| {
        template.account == id
            && ["name", "status", "category", "language"]
                .iter()
                .all(|key| query.get(key).is_none_or(|value| template.is(key, value)))
    };
    let all: Vec<_> = book.templates.iter().filter(fits).map(|template| &template.body).collect();
    let number = |key: &str| query.get(key).and_then(|value| value.parse::<usize>().ok());
    let (from, limit) = (number("after").unwrap_or(0), number("limit").unwrap_or(PAGE).clamp(1, 1000));
    let page: Vec<_> = all.iter().skip(from).take(limit).collect();
    let end = from + page.len();
    let mut paging = json!({"cursors": {"before": from.to_string(), "after": end.to_string()}});
    if end < all.len() {
        let next = format!("https://graph.facebook.com{}&after={end}", uri.path());
        paging
            .as_object_mut()
            .into_iter()
            .for_each(|paging| drop(paging.insert("next".to_owned(), next.clone().into())));
    }
    answer(StatusCode::OK, &json!({"data": page, "paging": paging}))
}

pub(super) async fn create(State(shared): State<Arc<Shared>>, OfAccount(id): OfAccount, body: Bytes) -> Response {
    let bad = |details: &str| error(StatusCode::BAD_REQUEST, 100, "(#100) Invalid parameter", Some(details));
    let Ok(body) = serde_json::from_slice::<Value>(&body) else { return bad("The body is not JSON.") };
    let Ok(definition) = serde_json::from_value::<TemplateDefinition>(body.clone()) else {
        return bad("name and language are required.");
    };
    let of_library = body.get("library_template_name").is_some();
    if let Err(problem) = definition.check().or_else(|problem| if of_library { Ok(()) } else { Err(problem) }) {
        return bad(problem.message());
    }
    let mut book = shared.book();
    let twin = |template: &Stored| {
        template.account == id && template.is("name", &definition.name) && template.is("language", &definition.language)
    };
    if book.templates.iter().any(twin) {
        let body = json!({"error": {
            "message": "Invalid parameter", "type": "OAuthException", "code": 100, "error_subcode": 2_388_024,
            "error_user_msg": "There is already content in this language.",
        }});
        return answer(StatusCode::BAD_REQUEST, &body);
    }
    let category = definition.category.as_str().to_ascii_uppercase();
    let status = if of_library { "APPROVED" } else { "PENDING" };
    let new = keep(&mut book, &id, body, status);
    answer(StatusCode::OK, &json!({"id": new, "status": status, "category": category}))
}

pub(super) async fn edit(
    State(shared): State<Arc<Shared>>,
    Path((version, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let lines = match caller(&shared, &version, &headers) {
        Ok(lines) => lines,
        Err(refusal) => return *refusal,
    };
    let change = serde_json::from_slice::<Value>(&body).ok();
    let mut book = shared.book();
    let own =
        |template: &&mut Stored| template.is("id", &id) && lines.iter().any(|line| line.waba_id == template.account);
    let Some(template) = book.templates.iter_mut().find(own) else { return no_object(&id) };
    let Some(change) = change.as_ref().and_then(Value::as_object) else {
        return error(StatusCode::BAD_REQUEST, 100, "(#100) The body is not JSON", None);
    };
    for (key, value) in change.iter().filter(|(key, _)| !matches!(&***key, "id" | "name" | "language" | "status")) {
        template.body.as_object_mut().into_iter().for_each(|body| drop(body.insert(key.clone(), value.clone())));
    }
    answer(StatusCode::OK, &json!({"success": true}))
}

pub(super) async fn delete(State(shared): State<Arc<Shared>>, OfAccount(id): OfAccount, uri: Uri) -> Response {
    let query = Query::of(&uri);
    let ids: Vec<String> = query.get("hsm_ids").and_then(|ids| serde_json::from_str(ids).ok()).unwrap_or_default();
    let named = |template: &Stored| {
        query.get("name").is_some_and(|name| template.is("name", name))
            && query.get("hsm_id").is_none_or(|one| template.is("id", one))
    };
    let mut book = shared.book();
    let before = book.templates.len();
    book.templates.retain(|template| {
        template.account != id || !(named(template) || ids.iter().any(|one| template.is("id", one)))
    });
    if book.templates.len() == before {
        return error(StatusCode::BAD_REQUEST, 100, "(#100) Message template not found", None);
    }
    answer(StatusCode::OK, &json!({"success": true}))
}
