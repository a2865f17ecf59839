//! Beside sending: linking the phone, testing the line, read receipts and typing.
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json;
use whatsapp_core::{
    ErrorKind, LinkPhase, LinkState, Linking, MessageId, PairCode, PhoneNumber, Presence, Probe, ProbeReport, QrCode,
    Recipient, Result,
};

use crate::{
    Baileys,
    encode::{address, to_json},
    error,
    jid::Jid,
};

/// The words of `status` in the bridge's contract.
pub(crate) const PHASES: [(&str, LinkPhase); 10] = [
    ("none", LinkPhase::None),
    ("connecting", LinkPhase::Connecting),
    ("qr", LinkPhase::Qr),
    ("qr_expired", LinkPhase::QrExpired),
    ("open", LinkPhase::Open),
    ("reconnecting", LinkPhase::Reconnecting),
    ("logged_out", LinkPhase::LoggedOut),
    ("replaced", LinkPhase::Replaced),
    ("banned", LinkPhase::Banned),
    ("outdated", LinkPhase::Outdated),
];

/// `GET …/status`. A bridge of the first days tells the first three only.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StatusJson {
    connected: bool,
    #[serde(default)]
    push_name: Option<String>,
    #[serde(default, rename = "hasQR")]
    has_qr: bool,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    code: Option<i64>,
    #[serde(default)]
    me: Option<MeJson>,
    #[serde(default)]
    since: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
struct MeJson {
    id: String,
}

impl From<StatusJson> for LinkState {
    fn from(json: StatusJson) -> Self {
        let named = json.status.as_deref().and_then(|word| PHASES.iter().find(|(known, _)| *known == word));
        let phase = match named {
            Some((_, phase)) => *phase,
            None if json.connected => LinkPhase::Open,
            None if json.has_qr => LinkPhase::Qr,
            None => LinkPhase::None,
        };
        let mut state = Self::new(phase);
        state.push_name = json.push_name.filter(|name| !name.is_empty());
        state.phone = json.me.and_then(|me| Jid::new(&me.id)?.phone());
        state.code = json.code;
        state.since = json.since;
        state
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QrJson {
    data_url: String,
    #[serde(default)]
    qr: Option<String>,
    #[serde(default)]
    expires_at: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PairCodeJson {
    code: String,
    #[serde(default)]
    expires_at: Option<DateTime<Utc>>,
}

#[async_trait]
impl Linking for Baileys {
    async fn state(&self) -> Result<LinkState> {
        let answer = self.ask(Method::GET, "status", Vec::new()).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(LinkState::new(LinkPhase::None));
        }
        error::read::<StatusJson>(&answer).map(LinkState::from)
    }

    async fn start(&self) -> Result<()> {
        error::done(&self.ask(Method::POST, "start", Vec::new()).await?)
    }

    async fn qr(&self) -> Result<Option<QrCode>> {
        let answer = self.ask(Method::GET, "qr", Vec::new()).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let json: QrJson = error::read(&answer)?;
        // It becomes the address of an image in a browser.
        if !json.data_url.starts_with("data:image/png;base64,") {
            return Err(error::unreadable(&answer));
        }
        let mut code = QrCode::new(json.data_url);
        code.text = json.qr;
        code.expires_at = json.expires_at;
        Ok(Some(code))
    }

    async fn pair_code(&self, phone: &PhoneNumber) -> Result<PairCode> {
        let body = to_json(&json!({"phone": phone.digits()}))?;
        let json: PairCodeJson = error::read(&self.ask(Method::POST, "pair-code", body).await?)?;
        let mut code = PairCode::new(json.code);
        code.expires_at = json.expires_at;
        Ok(code)
    }

    async fn logout(&self) -> Result<()> {
        error::done(&self.ask(Method::POST, "logout", Vec::new()).await?)
    }
}

#[async_trait]
impl Presence for Baileys {
    async fn mark_read(&self, from: &Recipient, message: &MessageId) -> Result<()> {
        let body = to_json(&json!({"to": address(from)?, "messageId": message}))?;
        error::done(&self.ask(Method::POST, "read", body).await?)
    }
}

impl Baileys {
    /// Shows `to` that somebody types, or stops to. WhatsApp takes it away by itself after some seconds.
    ///
    /// # Errors
    /// If the bridge does not answer or refuses.
    pub async fn show_typing(&self, to: &Recipient, typing: bool) -> Result<()> {
        let state = if typing { "composing" } else { "paused" };
        let body = to_json(&json!({"to": address(to)?, "state": state}))?;
        error::done(&self.ask(Method::POST, "presence", body).await?)
    }
}

#[async_trait]
impl Probe for Baileys {
    async fn probe(&self) -> Result<ProbeReport> {
        let health = self.health().await?.status;
        let report = ProbeReport::default().with_check("bridge", health.is_success(), format!("answered {health}"));
        if !health.is_success() {
            return Ok(report);
        }
        let state = match self.state().await {
            Ok(state) => state,
            Err(error) if error.kind() == ErrorKind::Unavailable => return Err(error),
            Err(error) => return Ok(report.with_check("secret", false, format!("{error}; {}", error.advice()))),
        };
        let word = PHASES.iter().find(|(_, phase)| *phase == state.phase).map_or("unknown", |(word, _)| word);
        let mut report =
            report.with_check("secret", true, "accepted").with_check("link", state.is_connected(), word.to_owned());
        report.display_phone = state.phone.map(|phone| phone.to_string());
        report.display_name = state.push_name;
        Ok(report)
    }
}
