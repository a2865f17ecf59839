//! Every sample of an answer is read by the operation that it answers, every sample of a failure is told as what it
//! is, and every sample of a template is written as it was read.
use std::{
    fs,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use http::Method;
use serde_json::Value;
use whatsapp_core::{ErrorKind, MediaKind, Result, testing::extra_fixtures};
use whatsapp_meta::{
    MediaUpload, Meta, UploadSession,
    template::{Category, Component, TemplateDefinition, TemplateQuery},
};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use super::line_at;

/// Samples that are no request or answer of an operation here, by the beginning of their name, with the reason.
const OTHERS: [(&str, &str); 27] = [
    ("response-access-token", "signing businesses up: `request_raw`"),
    ("response-oauth-access-token", "signing businesses up: `request_raw`"),
    ("response-block-users", "the block list: `request_raw`"),
    ("response-call", "calls: `request_raw`"),
    ("response-commerce-settings", "the shop: `request_raw`"),
    ("response-flow-endpoint", "answers of the business's own endpoint"),
    ("response-qr-code", "QR codes: `request_raw`"),
    ("response-smb-app-data", "coexistence: `request_raw`"),
    ("response-template-migrat", "moving templates between accounts: `request_raw`"),
    ("response-template-quality", "one field of a template alone: `request_raw`; `template` asks for all"),
    ("response-display-name", "display names: `request_raw`"),
    ("response-number-name", "display names: `request_raw`"),
    ("request-block-users", "the block list: `request_raw`"),
    ("request-business-profile", "writing the profile: `request_raw`"),
    ("request-call", "calls: `request_raw`"),
    ("request-conversational-automation", "commands and prompts: `request_raw`"),
    ("request-flow-endpoint", "requests to the business's own endpoint"),
    ("request-number-webhook", "a callback of one number: `request_raw`"),
    ("request-qr-code", "QR codes: `request_raw`"),
    ("request-register", "registering numbers: `request_raw`"),
    ("request-request-code", "verifying numbers: `request_raw`"),
    ("request-verify-code", "verifying numbers: `request_raw`"),
    ("request-settings", "settings of numbers: `request_raw`"),
    ("request-smb-app-data", "coexistence: `request_raw`"),
    ("request-two-step-pin", "settings of numbers: `request_raw`"),
    ("request-template-migrate", "moving templates between accounts: `request_raw`"),
    ("request-template-archive", "a list of ids: asserted in `templates`"),
];

fn other(name: &str) -> Option<&'static str> {
    OTHERS.iter().find(|(begins, _)| name.starts_with(begins)).map(|(_, reason)| *reason)
}

fn folders() -> Vec<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    std::iter::once(own).chain(extra_fixtures("meta")).collect()
}

/// Name and content of the JSON files whose name begins with `prefix`.
fn samples(prefix: &str) -> Vec<(String, Value)> {
    let entries = folders().into_iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let files = files.into_iter().filter(|file| file.extension().is_some_and(|kind| kind == "json"));
    let named = files.map(|file| (file.file_stem().unwrap().to_str().unwrap().to_owned(), file));
    let meant = named.filter(|(name, _)| name.starts_with(prefix));
    meant.map(|(name, file)| (name, serde_json::from_slice(&fs::read(file).unwrap()).unwrap())).collect()
}

/// Reads the answer of a line's server by the operation that `name` says. A list may name more pages, of which the
/// server answers the same again and again.
async fn read(line: &Meta, name: &str) -> Result<()> {
    let is = |begin: &str| name.strip_prefix("response-").unwrap().starts_with(begin);
    let text = || MediaUpload::new(MediaKind::Document, "text/plain", "x");
    let plain = || {
        TemplateDefinition::new("plain", "he", Category::Utility).with_component(Component::body("שלום וברוכים הבאים"))
    };
    if is("send-") || is("marketing-message") {
        let body =
            serde_json::json!({"messaging_product": "whatsapp", "to": "1", "type": "text", "text": {"body": "x"}});
        line.send_raw(&body).await.map(drop)
    } else if is("media-upload") {
        line.upload_media(&text()).await.map(drop)
    } else if is("media-url") {
        line.media_info("1").await.map(drop)
    } else if is("media-delete") || is("success") {
        line.delete_media("1").await
    } else if is("numbers") || is("phone-numbers") {
        line.account_numbers().await.map(drop)
    } else if is("number") || is("phone-number") || is("phone-webhook") {
        line.number_info(&["id"]).await.map(drop)
    } else if is("waba") || is("template-namespace") {
        line.account_info(&["id"]).await.map(drop)
    } else if is("business-profile") {
        line.business_profile().await.map(drop)
    } else if is("debug-token") {
        line.token_info(None).await.map(drop)
    } else if is("health") {
        line.health().await.map(drop)
    } else if is("subscribed-apps") || is("empty-list") {
        line.subscribed_apps().await.map(drop)
    } else if is("template-list") {
        line.list_templates(&TemplateQuery::default()).await.map(drop)
    } else if is("template-create") {
        line.create_template(&plain()).await.map(drop)
    } else if is("template-edit") {
        line.edit_template("1", &plain()).await
    } else if is("template-archive") {
        line.archive_templates(&["1"]).await.map(drop)
    } else if is("template-unarchive") {
        line.unarchive_templates(&["1"]).await.map(drop)
    } else if is("template-unpause") {
        line.unpause_template("1").await
    } else if is("template-upsert") {
        line.request_raw(Method::POST, "1/upsert_message_templates", &[], None).await.map(drop)
    } else if is("upload-session") {
        line.begin_upload("1", "a.jpg", "image/jpeg", 1).await.map(drop)
    } else if is("upload-offset") {
        line.upload_offset(&UploadSession::from_id("upload:MTphc2Rm")?).await.map(drop)
    } else if is("upload-handle") {
        line.upload_rest(&UploadSession::from_id("upload:MTphc2Rm")?, 0, Bytes::from_static(b"x")).await.map(drop)
    } else {
        panic!("{name} is read by no operation");
    }
}

#[tokio::test]
async fn answers_are_read_by_what_they_answer() {
    let mut count = 0;
    for (name, mut body) in samples("response-") {
        if other(&name).is_some() {
            continue;
        }
        // The next page would be this one again.
        if let Some(paging) = body.get_mut("paging").and_then(Value::as_object_mut) {
            paging.remove("next");
        }
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(ResponseTemplate::new(200).set_body_json(&body)).mount(&server).await;
        let read = read(&line_at(&server.uri()), &name).await;
        let refused = body.get("success") == Some(&Value::Bool(false)) || body.get("error").is_some();
        assert_eq!(read.is_err(), refused, "{name}: {read:?}");
        count += 1;
    }
    assert!(count >= 40, "{count} answers");
}

#[tokio::test]
async fn failures_keep_code_words_and_trace() {
    let mut count = 0;
    for (name, body) in samples("error-") {
        let Some(code) = body["error"]["code"].as_i64() else { continue };
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(ResponseTemplate::new(400).set_body_json(&body)).mount(&server).await;
        let message = serde_json::json!({"type": "text"});
        let error = line_at(&server.uri()).send_raw(&message).await.unwrap_err();
        assert_eq!(error.code(), Some(code), "{name}");
        assert_ne!(error.kind(), ErrorKind::Protocol, "{name}");
        assert!(!error.message().is_empty() && !error.advice().is_empty(), "{name}");
        assert_eq!(error.trace_id(), body["error"]["fbtrace_id"].as_str(), "{name}");
        count += 1;
    }
    assert!(count >= 50, "{count} failures");
}

/// Takes out what may be spelled in two ways.
fn plain(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(plain),
        Value::Object(map) => {
            for key in ["type", "format", "category", "otp_type", "parameter_format", "flow_action"] {
                if let Some(word) = map.get(key).and_then(Value::as_str).map(str::to_uppercase) {
                    map.insert(key.to_owned(), word.into());
                }
            }
            // One example may stand without its two lists.
            if let Some(Value::String(only)) = map.get("body_text").cloned() {
                map.insert("body_text".to_owned(), serde_json::json!([[only]]));
            }
            if let Some(seconds) = map.get("message_send_ttl_seconds").and_then(Value::as_str) {
                let seconds: i64 = seconds.parse().unwrap();
                map.insert("message_send_ttl_seconds".to_owned(), seconds.into());
            }
            // What holds without being said, and what Meta has ignored since April 2025.
            map.retain(|key, value| !(key == "parameter_format" && value == "POSITIONAL"));
            map.remove("allow_category_change");
            map.values_mut().for_each(plain);
        }
        _ => {}
    }
}

#[test]
fn templates_are_written_as_they_were_read() {
    let mut count = 0;
    for (name, body) in samples("request-template-create-").into_iter().chain(samples("template-create-")) {
        if body.get("library_template_name").is_some() {
            println!("{name}: made by `create_library_template`, asserted in `templates`");
            continue;
        }
        let read: TemplateDefinition = serde_json::from_value(body.clone()).unwrap();
        let (mut written, mut expected) = (serde_json::to_value(&read).unwrap(), body);
        plain(&mut written);
        plain(&mut expected);
        assert_eq!(written, expected, "{name}");
        count += 1;
    }
    assert!(count >= 28, "{count} templates");
}

#[test]
fn every_request_is_somebodys() {
    for (name, _) in samples("request-") {
        let ours = [
            "request-template-create-",
            "request-template-edit-",
            "request-template-upsert",
            "request-subscribed-apps",
        ];
        assert!(other(&name).is_some() || ours.iter().any(|begin| name.starts_with(begin)), "{name}");
    }
    for (begins, reason) in OTHERS {
        println!("{begins}…: {reason}");
    }
}
