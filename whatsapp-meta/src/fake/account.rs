//! Numbers, accounts, subscriptions and tokens. Source: Meta, Graph API reference, WhatsApp Business Account, phone
//! number, `debug_token`.
use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::Response,
};
use serde_json::{Map, Value, json};

use super::{
    MetaFakeLine, Shared,
    api::{OfAccount, Query, answer, caller, error},
};

/// The app that all tokens belong to.
const APP: (&str, &str) = ("634900000000001", "אפליקציה לדוגמה");

pub(super) fn number(line: &MetaFakeLine, query: &Query) -> Response {
    let fields = query.get("fields").unwrap_or("verified_name,display_phone_number,quality_rating");
    chosen(&line.phone_number_id, fields, &of_line(line))
}

/// The account of `id`; `None` if these lines have another.
pub(super) fn account(lines: &[&MetaFakeLine], id: &str, query: &Query) -> Option<Response> {
    let line = lines.iter().find(|line| line.waba_id == id)?;
    let known = json!({
        "name": line.verified_name, "status": "ACTIVE", "currency": "ILS", "country": "IL", "timezone_id": "70",
        "message_template_namespace": "00000000_0000_0000_0000_000000000000", "account_review_status": "APPROVED",
        "business_verification_status": "verified", "ownership_type": "SELF", "health_status": healthy(line),
        "whatsapp_business_manager_messaging_limit": "TIER_2K",
    });
    Some(chosen(id, query.get("fields").unwrap_or("name,currency"), &known))
}

pub(super) async fn numbers(State(shared): State<Arc<Shared>>, OfAccount(id): OfAccount) -> Response {
    let lines = shared.lines.iter().filter(|line| line.waba_id == id);
    let data: Vec<_> = lines
        .map(|line| {
            let mut number = of_line(line);
            if let Some(number) = number.as_object_mut() {
                number.insert("id".to_owned(), line.phone_number_id.as_str().into());
            }
            number
        })
        .collect();
    answer(StatusCode::OK, &json!({"data": data, "paging": {"cursors": {"before": "a", "after": "b"}}}))
}

pub(super) async fn debug_token(State(shared): State<Arc<Shared>>, uri: Uri, headers: HeaderMap) -> Response {
    let bearer = headers.get("authorization").and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let as_app = bearer.and_then(|bearer| bearer.strip_prefix(APP.0)?.strip_prefix('|'));
    let known_app = as_app.is_some_and(|secret| shared.lines.iter().any(|line| line.app_secret.expose() == secret));
    if !known_app && let Err(refusal) = caller(&shared, "v0.0", &headers) {
        return *refusal;
    }
    let query = Query::of(&uri);
    let Some(token) = query.get("input_token") else {
        return error(StatusCode::BAD_REQUEST, 100, "(#100) The parameter input_token is required", None);
    };
    let targets: Vec<_> =
        shared.lines.iter().filter(|line| line.access_token.expose() == token).map(|line| &line.waba_id).collect();
    if targets.is_empty() {
        let problem = json!({"code": 190, "message": "Error validating access token", "subcode": 463});
        return answer(StatusCode::OK, &json!({"data": {"error": problem, "is_valid": false, "scopes": []}}));
    }
    let scopes = ["whatsapp_business_management", "whatsapp_business_messaging"];
    let granular = scopes.map(|scope| json!({"scope": scope, "target_ids": targets}));
    let data = json!({
        "app_id": APP.0, "application": APP.1, "type": "SYSTEM_USER", "is_valid": true, "expires_at": 0,
        "data_access_expires_at": 0, "issued_at": 1_700_000_000, "scopes": scopes, "granular_scopes": granular,
        "user_id": "122000000000001",
    });
    answer(StatusCode::OK, &json!({"data": data}))
}

pub(super) async fn subscribed_apps(State(shared): State<Arc<Shared>>, OfAccount(id): OfAccount) -> Response {
    let app = json!({"whatsapp_business_api_data": {
        "id": APP.0, "name": APP.1, "link": format!("https://www.facebook.com/games/?app_id={}", APP.0),
    }});
    let subscribed = !shared.book().unsubscribed.contains(&id);
    let apps: Vec<_> = subscribed.then_some(app).into_iter().collect();
    answer(StatusCode::OK, &json!({"data": apps}))
}

pub(super) async fn subscribe(State(shared): State<Arc<Shared>>, OfAccount(id): OfAccount) -> Response {
    shared.book().unsubscribed.remove(&id);
    answer(StatusCode::OK, &json!({"success": true}))
}

pub(super) async fn unsubscribe(State(shared): State<Arc<Shared>>, OfAccount(id): OfAccount) -> Response {
    shared.book().unsubscribed.insert(id);
    answer(StatusCode::OK, &json!({"success": true}))
}

fn of_line(line: &MetaFakeLine) -> Value {
    json!({
        "verified_name": line.verified_name, "display_phone_number": format!("+{}", line.phone),
        "quality_rating": "GREEN", "status": "CONNECTED", "code_verification_status": "VERIFIED",
        "name_status": "APPROVED", "platform_type": "CLOUD_API", "throughput": {"level": "STANDARD"},
        "webhook_configuration": {"application": line.webhook_path}, "account_mode": "LIVE",
        "is_official_business_account": false, "is_pin_enabled": true,
        "last_onboarded_time": "2026-01-01T00:00:00+0000", "messaging_limit_tier": "TIER_2K",
        "whatsapp_business_manager_messaging_limit": "TIER_2K", "health_status": healthy(line),
    })
}

fn healthy(line: &MetaFakeLine) -> Value {
    let entity = |kind: &str, id: &str| json!({"entity_type": kind, "id": id, "can_send_message": "AVAILABLE"});
    let entities = [entity("PHONE_NUMBER", &line.phone_number_id), entity("WABA", &line.waba_id), entity("APP", APP.0)];
    json!({"can_send_message": "AVAILABLE", "entities": entities})
}

/// The `fields` of `known`, and the id.
fn chosen(id: &str, fields: &str, known: &Value) -> Response {
    let mut body = Map::from_iter([("id".to_owned(), id.into())]);
    for field in fields.split(',').filter(|field| *field != "id") {
        let Some(value) = known.get(field) else {
            let title = format!("(#100) Tried accessing nonexisting field ({field})");
            return error(StatusCode::BAD_REQUEST, 100, &title, None);
        };
        body.insert(field.to_owned(), value.clone());
    }
    answer(StatusCode::OK, &body.into())
}
