//! Who may call what: every route of the API with every kind of key.
use serde_json::{Value, json};

use crate::support::in_every_town;

/// The routes as the server lists them; a new one must be entered below.
const ROUTES: &str = include_str!("../../src/web/api/mod.rs");

/// Routes that need no key, as they tell nothing of anybody.
const OPEN: [&str; 5] = ["/", "/healthz", "/health", "/readyz", "/version"];

/// Method, path, body, and the scope it needs.
fn calls() -> Vec<(&'static str, &'static str, Value, &'static str)> {
    let to = json!({ "to": "0501234567", "text": "x", "media_url": "https://a.example/a.png", "template": "HXabc" });
    let nobody = Value::Null;
    vec![
        ("GET", "/api/whatsapp/provider", nobody.clone(), "read"),
        ("GET", "/api/whatsapp/provider-info", nobody.clone(), "read"),
        ("GET", "/api/whatsapp/status", nobody.clone(), "read"),
        ("POST", "/api/whatsapp/send", to.clone(), "send"),
        ("POST", "/api/whatsapp/send_media", to.clone(), "send"),
        ("POST", "/api/whatsapp/send_template", to.clone(), "send"),
        ("POST", "/api/whatsapp/test", to, "send"),
        ("GET", "/api/whatsapp/config", nobody.clone(), "read"),
        ("POST", "/api/whatsapp/config", json!({ "provider": "meta" }), "configure"),
        ("DELETE", "/api/whatsapp/config", nobody.clone(), "configure"),
        ("GET", "/api/whatsapp/messages", nobody.clone(), "read"),
        ("GET", "/api/whatsapp/messages/{id}/status", nobody.clone(), "read"),
        ("POST", "/api/whatsapp/messages/{id}/read", json!({}), "send"),
        ("GET", "/api/whatsapp/unread-count", nobody.clone(), "read"),
        ("GET", "/api/business/settings", nobody.clone(), "read"),
        ("PATCH", "/api/business/settings", json!({}), "configure"),
        ("GET", "/api/conversations", nobody.clone(), "read"),
        ("POST", "/api/conversations/read-all", json!({}), "send"),
        ("GET", "/api/conversations/{id}/messages", nobody.clone(), "read"),
        ("POST", "/api/conversations/{id}/read", json!({}), "send"),
        ("GET", "/api/events", nobody, "read"),
    ]
}

/// Method and path of every route of the server.
fn routes() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for route in ROUTES.split(".route(").skip(1) {
        let mut parts = route.splitn(3, '"');
        let (path, handlers) = (parts.nth(1).unwrap(), parts.next().unwrap());
        let handlers = handlers.split('\n').next().unwrap();
        for method in ["get", "post", "patch", "put", "delete"] {
            let at_start = handlers.trim_start_matches([',', ' ']).starts_with(&format!("{method}("));
            if at_start || handlers.contains(&format!(").{method}(")) {
                found.push((method.to_uppercase(), path.to_owned()));
            }
        }
    }
    found
}

#[test]
fn the_table_is_complete() {
    let known: Vec<_> = calls().into_iter().map(|(method, path, ..)| (method.to_owned(), path.to_owned())).collect();
    let routes = routes();
    assert!(routes.len() > 20, "{routes:?}");
    for (method, path) in &routes {
        let listed = OPEN.contains(&path.as_str()) || known.contains(&(method.clone(), path.clone()));
        assert!(listed, "{method} {path}: say here who may call it");
    }
    for call in &known {
        assert!(routes.contains(call), "{call:?} is no route any more");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_with_every_key() {
    in_every_town(async |town| {
        // A business without a line: nothing that a key may do goes out.
        let (id, _) = town.bare_business("Keys").await;
        let stranger = town.meta().client.stranger();
        let mut keys = vec![("", stranger.clone())];
        for scope in ["read", "send", "configure"] {
            keys.push((scope, town.key(&id, scope).await));
        }
        let missing = "00000000000000000000000000000000";
        for (method, path, body, needs) in calls() {
            let kind = if path.contains("conversations") { "conv" } else { "msg" };
            let address = path.replace("{id}", &format!("{kind}_{missing}"));
            let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
            for (scope, client) in &keys {
                let (status, text) = client.raw(method, &address, &[], body.clone()).await;
                let right = match *scope {
                    "" => status == 401,
                    scope if scope == needs => matches!(status, 200 | 404 | 409 | 422),
                    _ => status == 403,
                };
                assert!(right, "{method} {path} with the scope `{scope}`: {status} {text}");
                if matches!(status, 401 | 403) {
                    let error: Value = serde_json::from_str(&text).unwrap();
                    let code = if status == 401 { "unauthenticated" } else { "forbidden" };
                    assert_eq!(error["code"], code, "{error}");
                }
            }
        }
        for path in OPEN {
            assert_eq!(stranger.get(path).await.0, 200, "{path}");
        }
        for (method, path) in [("GET", "/api/whatsapp/send"), ("DELETE", "/api/events"), ("PUT", "/healthz")] {
            assert_eq!(stranger.raw(method, path, &[], Vec::new()).await.0, 405, "{method} {path}");
        }
        for path in ["/api/nothing", "/api", "/webhook", "/api/conversations/../events", "//api/events"] {
            assert_eq!(stranger.get(path).await.0, if path.contains("..") { 401 } else { 404 }, "{path}");
        }
    })
    .await;
}
