//! Testing the connection. Source: Twilio, Accounts resource; Channels Senders resource (v2).
use async_trait::async_trait;
use http::Method;
use serde_json::Value;
use whatsapp_core::{Error, ErrorKind, Probe, ProbeReport, Result, Retry};

use crate::{
    Twilio,
    endpoint::{typed, with_query},
    error::Effect,
    hosts::Product,
    wire::bare,
};

/// Twilio's number for trying out, shared by everybody. Source: Twilio, "WhatsApp Sandbox".
const SANDBOX: &str = "+14155238886";
/// Where inbound webhooks come in.
const INBOUND: &str = "/webhook/whatsapp/inbound";

#[async_trait]
impl Probe for Twilio {
    /// Reads the account and the sender. A standard API key may not read the account, so with one the list of messages
    /// is asked instead, and the account's standing stays unknown.
    async fn probe(&self) -> Result<ProbeReport> {
        let mut report = ProbeReport::default();
        report.display_phone = Some(bare(self.line.as_str()).to_owned());
        let report = self.check_account(report).await?;
        if report.passed() { self.check_sender(report).await } else { Ok(report) }
    }
}

impl Twilio {
    async fn check_account(&self, report: ProbeReport) -> Result<ProbeReport> {
        let is_api_key = self.endpoint.credentials.is_api_key;
        let path = self.endpoint.of_account(if is_api_key { "/Messages.json?PageSize=1" } else { ".json" });
        let account: Value = match self.ask(Product::Api, &path).await {
            Ok(account) => account,
            Err(error) => return refused(report, "credentials", error),
        };
        let text = |key| account.get(key).and_then(Value::as_str);
        let mut report = report.with_check("credentials", true, "Twilio accepts them");
        report.display_name = text("friendly_name").map(str::to_owned);
        Ok(match text("status") {
            Some("active") if text("type") == Some("Trial") => {
                report.with_check("account", true, "active; a trial account, which reaches verified numbers only")
            }
            Some("active") => report.with_check("account", true, "active"),
            Some(other) => report.with_check("account", false, format!("the account is {other}")),
            None => report.with_unchecked("account", "an API key may not read its standing"),
        })
    }

    /// Whether the sender is online, and its webhooks come here.
    async fn check_sender(&self, report: ProbeReport) -> Result<ProbeReport> {
        if bare(self.line.as_str()) == SANDBOX {
            let detail = "the sandbox reaches only people who sent it its join words";
            return Ok(report.with_unchecked("sender", detail));
        }
        let path = with_query("/v2/Channels/Senders", [("Channel", "whatsapp"), ("PageSize", "1000")]);
        let list: Value = match self.ask(Product::Messaging, &path).await {
            Ok(list) => list,
            Err(error) if error.retry() != Retry::Never => return Err(error),
            Err(error) => return Ok(report.with_unchecked("sender", error.message().to_owned())),
        };
        let senders = list.get("senders").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let id = |sender: &&Value| sender.get("sender_id").and_then(Value::as_str) == Some(self.line.as_str());
        let Some(sender) = senders.iter().find(id) else {
            let more = list.pointer("/meta/next_page_url").is_some_and(Value::is_string);
            let detail = "the number is not a WhatsApp sender of this account; check `from`";
            return Ok(if more {
                report.with_unchecked("sender", "the account has more than a thousand senders")
            } else {
                report.with_check("sender", false, detail)
            });
        };
        let status = sender.get("status").and_then(Value::as_str).unwrap_or("unknown");
        let online = matches!(status, "ONLINE" | "ONLINE:UPDATING");
        let name = sender.pointer("/profile/name").and_then(Value::as_str);
        let mut report = report.with_check("sender", online, format!("the sender is {status}"));
        report.display_name = name.map(str::to_owned).or(report.display_name);
        Ok(self.check_webhook(report, sender.pointer("/webhook/callback_url").and_then(Value::as_str)))
    }

    fn check_webhook(&self, report: ProbeReport, set: Option<&str>) -> ProbeReport {
        let Some(base) = &self.public_base_url else {
            return report.with_unchecked("webhook", "no `public_base_url` is configured");
        };
        let wanted = format!("{base}{INBOUND}");
        let shown = wanted.rsplit_once('@').map_or_else(|| wanted.clone(), |(_, rest)| format!("https://…@{rest}"));
        // What follows `#` is for Twilio itself and never sent.
        match set.map(|url| url.split('#').next().unwrap_or_default()).filter(|url| !url.is_empty()) {
            Some(url) if url == wanted => report.with_check("webhook", true, "messages come in here"),
            Some(_) => report.with_check("webhook", false, format!("messages go elsewhere; set it to {shown}")),
            // A messaging service may hold the address instead.
            None => report.with_unchecked("webhook", format!("the sender names none; it should be {shown}")),
        }
    }

    async fn ask(&self, product: Product, path: &str) -> Result<Value> {
        let answer = self.endpoint.run(self.endpoint.request(Method::GET, product, path), Effect::Repeatable).await?;
        typed(&answer, Effect::Repeatable)
    }
}

/// A refusal of ours is a failed check; whatever may pass is an error.
fn refused(report: ProbeReport, check: &str, error: Error) -> Result<ProbeReport> {
    let check = match error.kind() {
        ErrorKind::Unauthenticated | ErrorKind::PermissionDenied => check,
        ErrorKind::Config => "account",
        _ => return Err(error),
    };
    Ok(report.with_check(check, false, format!("{}. {}", error.message(), error.advice())))
}
