//! Webhooks as the bridge posts them.
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use serde_json::{Value, json};
use whatsapp_core::{
    LinkPhase, Secret, StandardWebhook, Status,
    testing::{Inbound, Key, SignedRequest},
};

use super::{Inner, bridge};
use crate::{signature, webhook::system_clock};

/// The time of this machine: the fake's links and signatures live in it.
pub(super) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(system_clock(), 0).unwrap_or_default()
}

impl Inner {
    /// Posts `items` in the background, if there is anybody to post them to.
    pub(super) fn deliver(&self, tenant: &str, items: &[Inbound]) {
        self.post(self.webhooks(tenant, items, Key::Current));
    }

    /// Tells how the link of `tenant` stands now.
    pub(super) fn post_connection(&self, tenant: &str, phase: LinkPhase) {
        let connection = match phase {
            LinkPhase::Open => "open",
            LinkPhase::Connecting | LinkPhase::Qr => "connecting",
            _ => "close",
        };
        let payload = json!({"connection": connection, "status": bridge::word(phase), "code": bridge::code(phase)});
        self.post(vec![self.event(tenant, "connection.update", &payload, Key::Current)]);
    }

    fn post(&self, requests: Vec<SignedRequest>) {
        if self.state().target.is_some() {
            for request in requests {
                self.courier.deliver(request);
            }
        }
    }

    pub(super) fn event(&self, tenant: &str, event: &str, payload: &Value, key: Key) -> SignedRequest {
        let id = self.next_event_id();
        let body = json!({"tenantId": tenant, "event": event, "payload": payload, "eventId": id});
        self.sign(&id, body.to_string().into(), key)
    }

    /// Differs between two runs of the fake, because servers keep what they saw.
    pub(super) fn next_event_id(&self) -> String {
        format!("evt_{:x}_{}", system_clock(), self.count())
    }

    pub(super) fn sign(&self, id: &str, body: Bytes, key: Key) -> SignedRequest {
        let stranger = Secret::from("the secret of another bridge");
        let secret = match key {
            Key::Current => &self.secret,
            Key::Previous => self.previous_secret.as_ref().unwrap_or(&stranger),
            Key::Other => &stranger,
        };
        let at = system_clock();
        let signature = StandardWebhook::new(secret).map(|signer| signer.sign(id, at, &body)).unwrap_or_default();
        let values = [
            (header::CONTENT_TYPE, "application/json"),
            (HeaderName::from_static(signature::SECRET), secret.expose()),
            (HeaderName::from_static(signature::WEBHOOK_ID), id),
            (HeaderName::from_static(signature::WEBHOOK_TIMESTAMP), &at.to_string()),
            (HeaderName::from_static(signature::WEBHOOK_SIGNATURE), &signature),
        ];
        let headers: HeaderMap =
            values.into_iter().filter_map(|(name, value)| Some((name, HeaderValue::from_str(value).ok()?))).collect();
        let target = self.state().target.clone().unwrap_or_else(|| "http://server.invalid".to_owned());
        let url = format!("{}/webhook/whatsapp/incoming", target.trim_end_matches('/'));
        SignedRequest { method: Method::POST, url, headers, body }
    }

    /// Messages in one post, statuses in another, as Baileys emits them.
    pub(super) fn webhooks(&self, tenant: &str, items: &[Inbound], key: Key) -> Vec<SignedRequest> {
        let messages: Vec<_> = items.iter().filter_map(message).collect();
        let updates: Vec<_> = items.iter().filter_map(update).collect();
        let mut requests = Vec::new();
        if !messages.is_empty() {
            let payload = json!({"messages": messages, "type": "notify"});
            requests.push(self.event(tenant, "messages.upsert", &payload, key));
        }
        if !updates.is_empty() {
            requests.push(self.event(tenant, "messages.update", &Value::Array(updates), key));
        }
        requests
    }
}

fn message(item: &Inbound) -> Option<Value> {
    let (id, from, name, content) = match item {
        Inbound::Text { id, from, name, body } => (id, from.as_str(), name.as_deref(), json!({"conversation": body})),
        Inbound::File { id, from, kind, mime_type, caption } => {
            let mut file =
                json!({"mimetype": mime_type, "caption": caption, "fileLength": Inbound::bytes_of(id).len()});
            if let (None, Some(file)) = (caption, file.as_object_mut()) {
                file.remove("caption");
            }
            (id, from.as_str(), None, json!({format!("{}Message", kind.as_str()): file}))
        }
        Inbound::Odd { id } => (id, "972500000000", None, json!({"hologramMessage": {"depth": 3}})),
        Inbound::Status { .. } => return None,
    };
    Some(json!({
        "key": {
            "remoteJid": format!("{from}@s.whatsapp.net"),
            // Every person has a LID; here it is told from the number.
            "remoteJidAlt": format!("9{from}@lid"),
            "fromMe": false,
            "id": id,
            "participant": "",
            "addressingMode": "pn",
        },
        "messageTimestamp": system_clock(),
        "pushName": name.unwrap_or_default(),
        "broadcast": false,
        "message": content,
    }))
}

fn update(item: &Inbound) -> Option<Value> {
    let Inbound::Status { id, to, status } = item else { return None };
    let key = json!({"remoteJid": format!("{to}@s.whatsapp.net"), "id": id, "fromMe": true});
    let change = match status {
        Status::Failed => json!({"status": 0, "messageStubParameters": ["463", "Your account has been restricted"]}),
        Status::Deleted => json!({"message": null, "messageStubType": 1, "key": key}),
        Status::Sent => json!({"status": 2, "messageTimestamp": system_clock()}),
        Status::Delivered => json!({"status": 3, "messageTimestamp": system_clock()}),
        Status::Read => json!({"status": 4, "messageTimestamp": system_clock()}),
        Status::Played => json!({"status": 5, "messageTimestamp": system_clock()}),
        _ => json!({"status": 1, "messageTimestamp": system_clock()}),
    };
    Some(json!({"key": key, "update": change}))
}
