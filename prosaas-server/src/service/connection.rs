use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use moka::future::Cache;
use whatsapp_core::{LinkPhase, LinkState};

use crate::{domain::LineRef, engine::Line};

/// How a line stands with its provider.
#[derive(Clone, Debug, Default)]
pub struct Connection {
    /// Whether it can send.
    pub connected: bool,
    /// Whether a QR code waits to be scanned.
    pub has_qr: bool,
    /// The account's name.
    pub push_name: Option<String>,
    /// In a word.
    pub state: String,
    /// Why not, in words.
    pub reason: Option<String>,
    /// Since when.
    pub since: Option<DateTime<Utc>>,
}

/// Asks providers how lines stand, not more often than needed.
#[derive(Clone, Debug)]
pub struct Connections {
    links: Cache<LineRef, Connection>,
    probes: Cache<LineRef, Connection>,
}

impl Default for Connections {
    fn default() -> Self {
        let cache = |seconds| Cache::builder().max_capacity(10_000).time_to_live(Duration::from_secs(seconds)).build();
        Self { links: cache(2), probes: cache(30) }
    }
}

impl Connections {
    /// How the line stands: a link's state, or a real probe of the credentials.
    pub async fn of(&self, line: &Arc<Line>) -> Connection {
        if line.provider.linking().is_some() {
            self.links.get_with(line.id, link(Arc::clone(line))).await
        } else {
            self.probes.get_with(line.id, probe(Arc::clone(line))).await
        }
    }

    /// Forgets what is known of a line, because it changed.
    pub async fn forget(&self, line: LineRef) {
        self.links.invalidate(&line).await;
        self.probes.invalidate(&line).await;
    }
}

async fn link(line: Arc<Line>) -> Connection {
    let Some(linking) = line.provider.linking() else { return Connection::default() };
    match linking.state().await {
        Ok(state) => linked(state),
        Err(error) => Connection {
            state: "unreachable".to_owned(),
            reason: Some(format!("{}. {}", error.message(), error.advice())),
            ..Connection::default()
        },
    }
}

fn linked(state: LinkState) -> Connection {
    let word = serde_json::to_value(state.phase).ok().and_then(|word| word.as_str().map(str::to_owned));
    Connection {
        connected: state.is_connected(),
        has_qr: state.phase == LinkPhase::Qr,
        push_name: state.push_name,
        state: word.unwrap_or_default(),
        reason: state.code.map(|code| format!("code {code}")),
        since: state.since,
    }
}

async fn probe(line: Arc<Line>) -> Connection {
    let Some(probe) = line.provider.probe() else {
        return Connection { connected: true, state: "configured".to_owned(), ..Connection::default() };
    };
    match probe.probe().await {
        Ok(report) => {
            let failed = report.checks.iter().find(|check| !check.passed);
            let reason = failed.map(|check| format!("{}: {}", check.name, check.detail));
            Connection {
                connected: reason.is_none(),
                push_name: report.display_name.or(report.display_phone),
                state: if reason.is_none() { "open" } else { "refused" }.to_owned(),
                reason,
                ..Connection::default()
            }
        }
        Err(error) => Connection {
            state: "unreachable".to_owned(),
            reason: Some(error.message().to_owned()),
            ..Connection::default()
        },
    }
}
