use std::{
    io::Write,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail};
use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use whatsapp_core::{ErrorKind, LinkPhase, ProviderId, Status, client::HttpClient, testing::Fault};

use super::{
    api::{NewFault, NewInbound, NewPhase, NewStatus},
    demo::DemoFile,
};

/// Something that the outside world does.
#[derive(Debug, Subcommand)]
pub enum SimulateCommand {
    /// A contact writes to a business
    Inbound {
        /// Which business
        #[command(flatten)]
        to: Target,
        /// The contact's number, digits
        #[arg(long, default_value = "972501234567")]
        from: String,
        /// The contact's name
        #[arg(long)]
        name: Option<String>,
        /// What they write
        #[arg(long)]
        text: String,
    },
    /// A message that a business sent comes further
    Status {
        /// Which business
        #[command(flatten)]
        to: Target,
        /// sent, delivered, read or failed
        #[arg(long)]
        state: String,
        /// The provider's id of the message [default: the last one sent]
        #[arg(long)]
        id: Option<String>,
    },
    /// The provider does something wrong with the next request or webhook
    Fault {
        /// Which business
        #[command(flatten)]
        to: Target,
        /// What
        #[arg(long, value_enum)]
        kind: FaultKind,
        /// Seconds to wait, for rate-limit
        #[arg(long)]
        retry_after: Option<u64>,
    },
    /// The phone of the WhatsApp Web business is linked or unlinked
    Link {
        /// Which business
        #[command(flatten)]
        to: Target,
        /// open, qr or `logged_out`
        #[arg(long)]
        phase: String,
    },
}

/// Which business of the demo.
#[derive(Args, Debug)]
pub struct Target {
    /// meta, twilio or baileys
    #[arg(long, default_value = "meta")]
    provider: String,
    /// Folder of the running demo
    #[arg(long, default_value = "./data/demo")]
    folder: PathBuf,
}

/// What a provider can do wrong.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum FaultKind {
    /// Too many requests
    RateLimit,
    /// Credentials refused
    Unauthenticated,
    /// The number does not use WhatsApp
    InvalidRecipient,
    /// The 24-hour window is closed
    WindowClosed,
    /// 500, and the message was not taken
    ErrorBeforeAccept,
    /// 500, although the message was taken
    ErrorAfterAccept,
    /// No answer, although the message was taken
    HangAfterAccept,
    /// The connection is cut before the message is taken
    DropBeforeAccept,
    /// The connection is cut after the message is taken
    DropAfterAccept,
    /// An answer that nobody can read
    Garbage,
    /// A redirect
    Redirect,
    /// The next webhook comes twice
    DuplicateWebhook,
    /// The next webhook comes after the one that follows it
    ReorderWebhook,
}

impl FaultKind {
    const fn fault(self, retry_after: Option<u64>) -> Fault {
        match self {
            Self::RateLimit => Fault::RateLimit { retry_after },
            Self::Unauthenticated => Fault::Reject { kind: ErrorKind::Unauthenticated },
            Self::InvalidRecipient => Fault::Reject { kind: ErrorKind::InvalidRecipient },
            Self::WindowClosed => Fault::Reject { kind: ErrorKind::WindowClosed },
            Self::ErrorBeforeAccept => Fault::ErrorBeforeAccept,
            Self::ErrorAfterAccept => Fault::ErrorAfterAccept,
            Self::HangAfterAccept => Fault::HangAfterAccept,
            Self::DropBeforeAccept => Fault::DropBeforeAccept,
            Self::DropAfterAccept => Fault::DropAfterAccept,
            Self::Garbage => Fault::Garbage,
            Self::Redirect => Fault::Redirect,
            Self::DuplicateWebhook => Fault::DuplicateWebhook,
            Self::ReorderWebhook => Fault::ReorderWebhook,
        }
    }
}

/// Asks the running demo for it.
///
/// # Errors
/// If no demo runs, or it refuses.
pub async fn simulate(command: SimulateCommand) -> anyhow::Result<()> {
    match command {
        SimulateCommand::Inbound { to, from, name, text } => {
            let (file, line) = found(&to)?;
            let from = from.trim_start_matches('+').to_owned();
            ask(&file, "inbound", &NewInbound { provider: to.provider, line, from, name, text }).await
        }
        SimulateCommand::Status { to, state, id } => {
            let state: Status = state.parse().context("--state: sent, delivered, read or failed expected")?;
            let (file, line) = found(&to)?;
            ask(&file, "status", &NewStatus { provider: to.provider, line, id, state }).await
        }
        SimulateCommand::Fault { to, kind, retry_after } => {
            let (file, _) = found(&to)?;
            ask(&file, "fault", &NewFault { provider: to.provider, fault: kind.fault(retry_after) }).await
        }
        SimulateCommand::Link { to, phase } => {
            let phase: LinkPhase =
                serde_json::from_value(phase.into()).context("--phase: open, qr or logged_out expected")?;
            let (file, tenant) = found(&Target { provider: "baileys".to_owned(), folder: to.folder })?;
            ask(&file, "link", &NewPhase { tenant, phase }).await
        }
    }
}

fn found(to: &Target) -> anyhow::Result<(DemoFile, String)> {
    let file = read(&to.folder)?;
    let business = file.businesses.iter().find(|business| business.provider.as_deref() == Some(&to.provider));
    let line = business.and_then(|business| business.line.clone());
    Ok((file, line.context("--provider: meta, twilio or baileys expected")?))
}

fn read(folder: &Path) -> anyhow::Result<DemoFile> {
    let path = folder.join("demo.json");
    let text = std::fs::read(&path)
        .with_context(|| format!("{} is not there: start the demo first, with `make run`", path.display()))?;
    Ok(serde_json::from_slice(&text)?)
}

async fn ask(demo: &DemoFile, what: &str, body: &impl Serialize) -> anyhow::Result<()> {
    let client = HttpClient::new(ProviderId::new("sandbox"), Duration::from_secs(5))?;
    let request = client.request(http::Method::POST, &format!("{}/_sandbox/{what}", demo.url));
    let request = request.header("x-sandbox-token", &demo.token).header("content-type", "application/json");
    let answer = client.send(request.body(serde_json::to_vec(body)?)).await;
    let answer = answer.with_context(|| format!("no demo answers at {}", demo.url))?;
    let text = String::from_utf8_lossy(&answer.body);
    if !answer.status.is_success() {
        bail!("the demo refused: {text}");
    }
    Ok(writeln!(std::io::stdout().lock(), "{text}")?)
}
