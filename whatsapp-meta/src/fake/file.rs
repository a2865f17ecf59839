//! Files: taken, told of, handed out and deleted. Source: Meta, Cloud API reference, media.
use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    Book, MetaFakeLine, Shared,
    api::{Query, answer, authorised, caller, error, no_object},
    form,
};

/// Where files are handed out.
pub(super) const DOWNLOAD_ROUTE: &str = "/whatsapp_business/attachments/{id}";

/// Types that Meta takes, but for documents, which may be anything known to it.
const TYPES: [&str; 16] = [
    "audio/aac",
    "audio/amr",
    "audio/mpeg",
    "audio/mp4",
    "audio/ogg",
    "image/jpeg",
    "image/png",
    "image/webp",
    "video/mp4",
    "video/3gpp",
    "text/plain",
    "application/pdf",
    "application/msword",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/octet-stream",
];

/// A file that the fake has.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) bytes: Bytes,
    mime_type: String,
    /// The number it belongs to.
    line: String,
}

impl Stored {
    pub(super) fn new(line: &MetaFakeLine, mime_type: &str, bytes: Bytes) -> Self {
        Self { bytes, mime_type: mime_type.to_owned(), line: line.phone_number_id.clone() }
    }
}

pub(super) fn keep(book: &mut Book, line: &MetaFakeLine, mime_type: &str, bytes: Bytes) -> String {
    let id = book.new_id();
    book.files.insert(id.clone(), Stored::new(line, mime_type, bytes));
    id
}

pub(super) async fn upload(
    State(shared): State<Arc<Shared>>,
    Path((version, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let line = match authorised(&shared, &version, &id, &headers) {
        Ok(line) => line,
        Err(refusal) => return *refusal,
    };
    let bad = |title: &str| error(StatusCode::BAD_REQUEST, 100, &format!("(#100) {title}"), None);
    let Some(parts) = form::parts(&headers, &body) else { return bad("The body is no form of several parts") };
    let part = |name: &str| parts.iter().find(|part| part.name == name);
    if part("messaging_product").is_none_or(|part| part.body != "whatsapp") {
        return bad("The parameter messaging_product is required.");
    }
    let Some(file) = part("file").filter(|file| file.file_name.is_some()) else {
        return bad("The parameter file is required.");
    };
    let mime = file.mime_type.as_deref().unwrap_or("application/octet-stream");
    if !TYPES.contains(&mime.split(';').next().unwrap_or_default().trim()) {
        return bad(&format!("Param file must be a file with one of the following types: {}.", TYPES.join(", ")));
    }
    let id = keep(&mut shared.book(), line, mime, file.body.clone());
    answer(StatusCode::OK, &json!({"id": id}))
}

/// What is told of file `id`; `None` if the fake has none for these lines.
pub(super) fn info(
    shared: &Shared,
    lines: &[&MetaFakeLine],
    id: &str,
    query: &Query,
    headers: &HeaderMap,
) -> Option<Response> {
    let book = shared.book();
    let file = book.files.get(id).filter(|file| lines.iter().any(|line| line.phone_number_id == file.line))?;
    if query.get("phone_number_id").is_some_and(|number| number != file.line) {
        return Some(no_object(id));
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let url = format!("http://{host}{}", DOWNLOAD_ROUTE.replace("{id}", id));
    let body = json!({
        "messaging_product": "whatsapp", "url": url, "mime_type": file.mime_type, "id": id,
        "sha256": hex::encode(Sha256::digest(&file.bytes)), "file_size": file.bytes.len(),
    });
    Some(answer(StatusCode::OK, &body))
}

pub(super) async fn download(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let lines = match caller(&shared, "v0.0", &headers) {
        Ok(lines) => lines,
        Err(refusal) => return *refusal,
    };
    let book = shared.book();
    match book.files.get(&id).filter(|file| lines.iter().any(|line| line.phone_number_id == file.line)) {
        Some(file) => ([(header::CONTENT_TYPE, file.mime_type.clone())], file.bytes.clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

pub(super) async fn delete(
    State(shared): State<Arc<Shared>>,
    Path((version, id)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let lines = match caller(&shared, &version, &headers) {
        Ok(lines) => lines,
        Err(refusal) => return *refusal,
    };
    let number = Query::of(&uri).get("phone_number_id").map(str::to_owned);
    let mut book = shared.book();
    let owned = book.files.get(&id).is_some_and(|file| {
        lines.iter().any(|line| line.phone_number_id == file.line) && number.is_none_or(|number| number == file.line)
    });
    if !owned {
        return no_object(&id);
    }
    book.files.remove(&id);
    answer(StatusCode::OK, &json!({"success": true}))
}
