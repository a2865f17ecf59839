use std::time::Duration;

use serde_json::{Value, json};
use whatsapp_core::testing::SignedRequest;

use super::eventually;

/// A caller of the API with one key.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    origin: String,
    key: String,
}

impl Client {
    pub fn new(origin: &str, key: &str) -> Self {
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(40)).build().unwrap();
        Self { http, origin: origin.to_owned(), key: key.to_owned() }
    }

    /// The same key at another node.
    pub fn at(&self, origin: &str) -> Self {
        Self { origin: origin.to_owned(), ..self.clone() }
    }

    /// The same address without a key.
    pub fn stranger(&self) -> Self {
        Self { key: String::new(), ..self.clone() }
    }

    async fn call(&self, method: &str, path: &str, body: Option<&Value>, headers: &[(&str, &str)]) -> (u16, Value) {
        let mut request = self.http.request(method.parse().unwrap(), format!("{}{path}", self.origin));
        if !self.key.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.key));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = request.send().await.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        self.call("GET", path, None, &[]).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        self.call("POST", path, Some(body), &[]).await
    }

    pub async fn post_with(&self, path: &str, body: &Value, headers: &[(&str, &str)]) -> (u16, Value) {
        self.call("POST", path, Some(body), headers).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> (u16, Value) {
        self.call("PATCH", path, Some(body), &[]).await
    }

    pub async fn delete(&self, path: &str) -> (u16, Value) {
        self.call("DELETE", path, None, &[]).await
    }

    /// Sends bytes as they are; the status.
    pub async fn raw(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> (u16, String) {
        let mut request = self.http.request(method.parse().unwrap(), format!("{}{path}", self.origin)).body(body);
        if !self.key.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.key));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// Posts a webhook as its provider would; `None` if nobody answered.
    pub async fn deliver(&self, webhook: &SignedRequest) -> Option<u16> {
        let sent = self
            .http
            .request(webhook.method.clone(), &webhook.url)
            .headers(webhook.headers.clone())
            .body(webhook.body.clone())
            .send()
            .await;
        sent.ok().map(|answer| answer.status().as_u16())
    }

    /// One message of the business.
    pub async fn message(&self, id: &str) -> Value {
        let (status, message) = self.get(&format!("/api/whatsapp/messages/{id}/status")).await;
        assert_eq!(status, 200, "{message}");
        message
    }

    /// Sends a text; it must be taken. The answer.
    pub async fn send(&self, to: &str, text: &str) -> Value {
        let (status, answer) = self.post("/api/whatsapp/send", &json!({ "to": to, "text": text })).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// Waits until the message with this id is in `state`; the message.
    pub async fn reaches(&self, id: &str, state: &str) -> Value {
        eventually(&format!("{id} to be {state}"), Duration::from_secs(12), async || {
            Some(self.message(id).await).filter(|message| message["status"] == state)
        })
        .await
    }

    /// Waits until a contact's message with this body is listed; the message.
    pub async fn hears(&self, body: &str) -> Value {
        eventually(&format!("`{body}` to be listed"), Duration::from_secs(10), async || {
            self.messages().await.into_iter().find(|message| message["direction"] == "in" && message["body"] == body)
        })
        .await
    }

    /// Chooses the provider of the business.
    pub async fn choose(&self, provider: &str) {
        let (status, answer) = self.patch("/api/business/settings", &json!({ "whatsapp_provider": provider })).await;
        assert_eq!((status, &answer["whatsapp_provider"]), (200, &json!(provider)), "{answer}");
    }

    /// All messages of the business, newest first.
    pub async fn messages(&self) -> Vec<Value> {
        let mut all = Vec::new();
        let mut cursor = String::new();
        loop {
            let (status, page) = self.get(&format!("/api/whatsapp/messages?limit=200{cursor}")).await;
            assert_eq!(status, 200, "{page}");
            all.extend(page["messages"].as_array().unwrap().iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return all,
            }
        }
    }

    /// Bodies of the business's inbound messages.
    pub async fn inbound_bodies(&self) -> Vec<String> {
        let inbound = self.messages().await.into_iter().filter(|message| message["direction"] == "in");
        inbound.map(|message| message["body"].as_str().unwrap_or_default().to_owned()).collect()
    }
}
