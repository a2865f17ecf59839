//! What holds for every request, and the configuration of lines.
use serde_json::json;

use crate::support::{Town, databases, in_every_town};

#[tokio::test(flavor = "multi_thread")]
async fn health_ids_and_origins() {
    for database in databases().await {
        let environment = [
            ("CORS_ORIGINS", "https://app.example.com, https://other.example.com"),
            ("GIT_SHA", "abc123"),
            ("DEPLOY_ID", "blue"),
        ];
        let town = Town::start_with(database, &environment).await;
        let stranger = town.meta().client.stranger();
        for path in ["/healthz", "/health"] {
            assert_eq!(stranger.get(path).await, (200, json!("ok")));
        }
        assert_eq!(stranger.get("/readyz").await.0, 200);
        let (_, version) = stranger.get("/version").await;
        assert_eq!((&version["deploy"], &version["sha"]), (&json!("blue"), &json!("abc123")));
        assert!(version["version"].is_string());
        request_ids(&town).await;
        origins(&town).await;
    }
}

fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

async fn request_ids(town: &Town) {
    for (given, path) in
        [(Some("abc-123"), "/healthz"), (Some("abc-124"), "/api/events"), (None, "/nowhere"), (Some("x"), "/nowhere")]
    {
        let mut request = http().get(town.url(path));
        if let Some(id) = given {
            request = request.header("x-request-id", id);
        }
        let answer = request.send().await.unwrap();
        let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
        assert!(!id.is_empty() && given.is_none_or(|given| given == id), "{id}");
        if !answer.status().is_success() {
            let error: serde_json::Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
            assert_eq!(error["request_id"], json!(id), "{error}");
            assert!(error["error"].is_string() && error["code"].is_string(), "{error}");
        }
    }
    // What could break a log line or a header is not taken over.
    let odd = "א b\tc".as_bytes();
    let answer = http().get(town.url("/nowhere")).header("x-request-id", odd).send().await.unwrap();
    let out = answer.headers().get("x-request-id").map(|id| id.as_bytes().to_vec());
    let error: serde_json::Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(out.as_deref(), error["request_id"].as_str().map(str::as_bytes), "{error}");
}

async fn origins(town: &Town) {
    for (origin, allowed) in [
        ("https://app.example.com", true),
        ("https://other.example.com", true),
        ("https://app.example.com.evil.example", false),
        ("https://evil.example", false),
        ("http://app.example.com", false),
        ("null", false),
    ] {
        let asked = http().request(http::Method::OPTIONS, town.url("/api/whatsapp/send")).header("origin", origin);
        let asked = asked
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization,content-type,idempotency-key");
        let called = http().get(town.url("/healthz")).header("origin", origin);
        for answer in [asked.send().await.unwrap(), called.send().await.unwrap()] {
            let granted = answer.headers().get("access-control-allow-origin").and_then(|value| value.to_str().ok());
            assert_eq!(granted, allowed.then_some(origin), "{origin}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_go_in_and_never_come_out() {
    in_every_town(async |town| {
        for business in &town.businesses {
            let client = &business.client;
            let mut settings = json!({});
            let known: &[&str] = match business.provider.as_str() {
                "meta" => &["access_token", "phone_number_id", "app_secret", "verify_token"],
                "twilio" => &["account_sid", "auth_token", "from"],
                _ => &[],
            };
            for name in known {
                let value = business.line.settings.get(name).map(|value| value.expose().to_owned());
                settings[*name] = value.unwrap_or_else(|| format!("own-secret-{name}")).into();
            }
            let body = json!({ "provider": business.provider, "settings": settings });
            let (status, set) = client.post("/api/whatsapp/config", &body).await;
            assert_eq!(status, 200, "{set}");
            let (status, shown) = client.get("/api/whatsapp/config").await;
            assert_eq!((status, &shown["lines"][0]), (200, &set["line"]));
            let text = format!("{set}{shown}");
            let public = ["phone_number_id", "from"];
            let own = settings.as_object().unwrap().iter().filter(|(name, _)| !public.contains(&name.as_str()));
            let own = own.map(|(_, value)| value.as_str().unwrap());
            let installation = [town.world.app_secret.expose(), town.world.internal_secret.expose()];
            for secret in own.chain(installation) {
                assert!(!text.contains(secret), "{secret} in {text}");
            }
            for (bad, field) in [
                (json!({ "provider": "smoke" }), "provider"),
                (
                    json!({ "provider": business.provider, "settings": { "base_url": "http://evil.example" } }),
                    "settings.base_url",
                ),
                (json!({ "settings": {} }), "provider"),
            ] {
                let (status, error) = client.post("/api/whatsapp/config", &bad).await;
                assert_eq!(status, 422, "{error}");
                assert!(error["fields"][field].is_string(), "{field}: {error}");
            }
            for provider in ["nothing", "", "%00"] {
                assert_eq!(client.delete(&format!("/api/whatsapp/config?provider={provider}")).await.0, 404);
            }
            let gone = client.delete(&format!("/api/whatsapp/config?provider={}", business.provider)).await;
            assert_eq!(gone, (200, json!({ "ok": true })));
            assert_eq!(client.get("/api/whatsapp/config").await, (200, json!({ "lines": [] })));
            assert_eq!(client.delete("/api/whatsapp/config").await.0, 404);
        }
        // A half-set line says what lacks.
        let (_, client) = town.bare_business("Half").await;
        let body = json!({ "provider": "twilio", "settings": { "account_sid": "ACx" } });
        let (status, error) = client.post("/api/whatsapp/config", &body).await;
        assert_eq!(status, 422, "{error}");
        assert!(error["error"].as_str().unwrap().contains("auth_token"), "{error}");
    })
    .await;
}
