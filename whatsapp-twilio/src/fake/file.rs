//! The Media resource: a list, an address that leads on to the bytes, and the bytes, for which nobody asks who is there.
use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{
    api::{Admitted, Fake, json_body, no_such},
    state::{File, Shared},
};

pub(super) async fn list(
    _: Admitted,
    State(shared): Fake,
    Path((account, message)): Path<(String, String)>,
    uri: Uri,
) -> Response {
    let state = shared.lock();
    let Some(received) = state.received.iter().find(|received| received.sid == message) else {
        return no_such(uri.path());
    };
    let shown = |file: &File| -> Value {
        json!({
            "sid": file.sid, "account_sid": account, "parent_sid": message, "content_type": file.mime_type,
            "date_created": received.at.to_rfc2822(), "date_updated": received.at.to_rfc2822(),
            "uri": format!("/2010-04-01/Accounts/{account}/Messages/{message}/Media/{}.json", file.sid),
        })
    };
    let files: Vec<_> = received.files.iter().map(shown).collect();
    json_body(&json!({"media_list": files, "page": 0, "page_size": 50, "next_page_uri": null})).into_response()
}

/// Without `.json` the address leads on to the bytes, on another host at the real one.
pub(super) async fn lead(
    _: Admitted,
    State(shared): Fake,
    Path((_, message, file)): Path<(String, String, String)>,
    uri: Uri,
) -> Response {
    if shared.file(&message, &file).is_none() {
        return no_such(uri.path());
    }
    let bytes = format!("{}/bytes/{file}", shared.lock().url);
    (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, bytes)]).into_response()
}

/// Credentials have no business here.
pub(super) async fn bytes(State(shared): Fake, Path(file): Path<String>, headers: HeaderMap) -> Response {
    if headers.contains_key(header::AUTHORIZATION) {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let state = shared.lock();
    let found = state.received.iter().flat_map(|message| &message.files).find(|known| known.sid == file);
    match found {
        Some(file) => ([(header::CONTENT_TYPE, file.mime_type.clone())], file.bytes.clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

pub(super) async fn delete(
    _: Admitted,
    State(shared): Fake,
    Path((_, message, file)): Path<(String, String, String)>,
    uri: Uri,
) -> Response {
    let sid = file.strip_suffix(".json").unwrap_or_default();
    if shared.file(&message, sid).is_none() {
        return no_such(uri.path());
    }
    for received in &mut shared.lock().received {
        received.files.retain(|known| known.sid != sid);
    }
    StatusCode::NO_CONTENT.into_response()
}

impl Shared {
    fn file(&self, message: &str, file: &str) -> Option<File> {
        let state = self.lock();
        let received = state.received.iter().find(|received| received.sid == message)?;
        received.files.iter().find(|known| known.sid == file).cloned()
    }
}
