use std::time::Duration;

use axum::{extract::State, http::HeaderMap};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use whatsapp_core::{Content, MediaFile, MediaKind, Template, Text};

use super::{
    super::{
        ApiError,
        extract::{Can, Json, JsonBytes, Query, Send, read},
    },
    business::settings,
};
use crate::{
    app::App,
    domain::ContactId,
    service::{Addressee, GatewayError, SendRequest, Sent},
};

/// How long a send waits for the provider, unless `?wait=` says otherwise.
const WAIT: Duration = Duration::from_secs(5);
/// How long a test waits.
const TEST_WAIT: Duration = Duration::from_secs(15);
const TEST_TEXT: &str = "היי, זו הודעת בדיקה מ-ProSaaS";

#[derive(Deserialize)]
pub(super) struct Wait {
    wait: Option<u64>,
}

impl Wait {
    fn duration(&self) -> Result<Duration, ApiError> {
        match self.wait {
            None => Ok(WAIT),
            Some(seconds @ 0..=30) => Ok(Duration::from_secs(seconds)),
            Some(_) => Err(ApiError::field("wait", "0 to 30 seconds expected")),
        }
    }
}

/// To whom: `to`, or `contactId`, or `phoneNumber`. Read beside the rest of the body, not flattened into it, so that a
/// field that does not fit is named.
#[derive(Deserialize)]
struct Addressed {
    to: Option<String>,
    #[serde(rename = "contactId")]
    contact_id: Option<ContactId>,
    #[serde(rename = "phoneNumber")]
    phone_number: Option<String>,
}

impl Addressed {
    fn addressee(self) -> Result<Addressee, ApiError> {
        match (self.to.or(self.phone_number), self.contact_id) {
            (Some(written), _) => Ok(Addressee::Written(written)),
            (None, Some(contact)) => Ok(Addressee::Contact(contact)),
            (None, None) => Err(ApiError::field("to", "missing: give `to`, `phoneNumber` or `contactId`")),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct TextBody {
    text: Option<String>,
    message: Option<String>,
    reply_to: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct MediaBody {
    media_url: String,
    caption: Option<String>,
    /// `image`, `video`, `audio`, `document`, `sticker`; told by the file name if absent.
    media_kind: Option<MediaKind>,
    file_name: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct TemplateBody {
    template: String,
    #[serde(default = "hebrew")]
    lang: String,
    #[serde(default)]
    variables: Variables,
    #[serde(default)]
    components: Vec<Value>,
    /// The wording with its placeholders, for a provider without templates.
    text: Option<String>,
}

fn hebrew() -> String {
    "he".to_owned()
}

/// A list for `{{1}}`, `{{2}}` …, or an object for named ones.
#[derive(Deserialize)]
#[serde(untagged)]
enum Variables {
    List(Vec<Value>),
    Named(Map<String, Value>),
}

impl Default for Variables {
    fn default() -> Self {
        Self::List(Vec::new())
    }
}

#[derive(Deserialize)]
pub(super) struct TestBody {
    to: String,
    text: Option<String>,
}

pub(super) async fn text(
    State(app): State<App>,
    who: Can<Send>,
    Query(wait): Query<Wait>,
    headers: HeaderMap,
    JsonBytes(body, bytes): JsonBytes<TextBody>,
) -> Result<Json<Value>, ApiError> {
    let text =
        body.text.or(body.message).ok_or_else(|| ApiError::field("text", "missing: give `text` or `message`"))?;
    let mut request = request(Content::Text(Text::new(text)), &headers, &bytes)?;
    request.reply_to = body.reply_to.map(Into::into);
    send(&app, &who, request, wait.duration()?).await
}

pub(super) async fn media(
    State(app): State<App>,
    who: Can<Send>,
    Query(wait): Query<Wait>,
    headers: HeaderMap,
    JsonBytes(body, bytes): JsonBytes<MediaBody>,
) -> Result<Json<Value>, ApiError> {
    let kind = body.media_kind.unwrap_or_else(|| kind_of(&body.media_url));
    let file = MediaFile::link(kind, &body.media_url);
    let mut file = file.map_err(|error| ApiError::field("media_url", error.to_string()))?;
    file.caption = body.caption.filter(|caption| !caption.is_empty());
    file.file_name = body.file_name;
    send(&app, &who, request(file.into(), &headers, &bytes)?, wait.duration()?).await
}

pub(super) async fn template(
    State(app): State<App>,
    who: Can<Send>,
    Query(wait): Query<Wait>,
    headers: HeaderMap,
    JsonBytes(body, bytes): JsonBytes<TemplateBody>,
) -> Result<Json<Value>, ApiError> {
    let template = Template::new(body.template, body.lang).with_components(body.components);
    let mut template = match body.variables {
        Variables::List(values) => template.with_parameters(values.iter().map(plain)),
        Variables::Named(values) => template.with_named(values.iter().map(|(name, value)| (name, plain(value)))),
    };
    template.text = body.text;
    send(&app, &who, request(template.into(), &headers, &bytes)?, wait.duration()?).await
}

/// `ok` only when the provider took it.
pub(super) async fn test(
    State(app): State<App>,
    who: Can<Send>,
    Json(body): Json<TestBody>,
) -> Result<Json<Value>, ApiError> {
    let settings = settings(&app, &who).await?;
    let provider = app.gateway.effective_provider(&settings);
    if app.book.of_business(settings.id, provider.as_str()).is_none() {
        // A link would be no test of anything.
        return Err(GatewayError::NotConfigured { provider, link: None }.into());
    }
    let content = Content::Text(Text::new(body.text.as_deref().unwrap_or(TEST_TEXT)));
    let request = SendRequest { to: Addressee::Written(body.to), content, reply_to: None, idempotency: None };
    let sent = deliver(&app, &who, request, TEST_WAIT).await?.message;
    let Some(sid) = &sent.provider_message_id else {
        let text = "the provider has not taken the message yet; it stays queued";
        return Err(ApiError::new(axum::http::StatusCode::GATEWAY_TIMEOUT, "not_accepted_yet", text));
    };
    if matches!(sent.status.as_str(), "queued" | "sending") {
        let reason = sent.reason.as_deref().unwrap_or("no answer in time");
        return Err(ApiError::new(
            axum::http::StatusCode::GATEWAY_TIMEOUT,
            "not_accepted_yet",
            format!("the provider has not taken the message yet: {reason}"),
        ));
    }
    Ok(Json(json!({ "status": "ok", "id": sent.id, "provider": sent.provider, "sid": sid })))
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// By the file name's ending; anything unknown is a document.
fn kind_of(url: &str) -> MediaKind {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    match path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "jpg" | "jpeg" | "png" | "gif" => MediaKind::Image,
        "mp4" | "3gp" | "mov" => MediaKind::Video,
        "mp3" | "ogg" | "opus" | "aac" | "amr" | "m4a" | "wav" => MediaKind::Audio,
        "webp" => MediaKind::Sticker,
        _ => MediaKind::Document,
    }
}

fn request(content: Content, headers: &HeaderMap, bytes: &[u8]) -> Result<SendRequest, ApiError> {
    let key = match headers.get("idempotency-key").map(|key| key.to_str().map(str::trim)) {
        None => None,
        Some(Ok(key)) if (1..=255).contains(&key.len()) => Some(key.to_owned()),
        Some(_) => return Err(ApiError::field("Idempotency-Key", "1 to 255 ASCII characters expected")),
    };
    let idempotency = key.map(|key| (key, [content.kind().as_bytes(), b" ", bytes].concat()));
    let to: Addressed = read(bytes)?;
    Ok(SendRequest { to: to.addressee()?, content, reply_to: None, idempotency })
}

async fn deliver(app: &App, who: &Can<Send>, request: SendRequest, wait: Duration) -> Result<Sent, ApiError> {
    app.limits.send(who.0.key, who.0.business)?;
    let settings = settings(app, who).await?;
    Ok(app.gateway.send(who.tenant(app), &settings, request, wait).await?)
}

async fn send(app: &App, who: &Can<Send>, request: SendRequest, wait: Duration) -> Result<Json<Value>, ApiError> {
    let Sent { message, link } = deliver(app, who, request, wait).await?;
    let optional = [("sid", message.provider_message_id), ("reason", message.reason), ("link", link)];
    let mut answer: Map<String, Value> =
        optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::String(value?)))).collect();
    answer.insert("ok".to_owned(), Value::Bool(true));
    answer.insert("id".to_owned(), message.id.to_string().into());
    answer.insert("provider".to_owned(), message.provider.into());
    answer.insert("status".to_owned(), message.status.into());
    Ok(Json(Value::Object(answer)))
}
