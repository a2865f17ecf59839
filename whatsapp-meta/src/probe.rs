//! Whether credentials and line are good, row by row. Source: Meta, Graph API reference, phone number, `debug_token`,
//! subscribed apps, messaging health status.
use async_trait::async_trait;
use whatsapp_core::{Error, ErrorKind, Probe, ProbeReport, Result};

use crate::{
    ID, Meta,
    account::{CanSend, Health, NumberInfo, NumberStatus, Platform, Quality, SubscribedApp, TokenInfo},
};

/// What is asked of the number; every supported version knows these.
const NUMBER_FIELDS: [&str; 9] = [
    "verified_name",
    "display_phone_number",
    "quality_rating",
    "status",
    "code_verification_status",
    "name_status",
    "platform_type",
    "throughput",
    "webhook_configuration",
];
/// What sending and managing need.
const SCOPES: [&str; 2] = ["whatsapp_business_messaging", "whatsapp_business_management"];
/// The first version that tells the messaging limit of the whole business.
const BUSINESS_LIMIT_VERSION: u16 = 24;
const NO_ACCOUNT: &str = "Not checked: configure the account's id (waba_id).";

/// Five questions; the first decides whether there is anything to report. Rows: `token`, `scopes`, `number`,
/// `registered`, `quality`, `tier`, `webhook`, `health`. Where the number itself is refused, the report ends with the
/// row that this fails: `token`, `permission`, `number`, `registered`, `account` or `payment`. What Meta does not let
/// this token ask, and what needs an account's id that is not configured, is not checked; nor is `webhook` where some
/// app is subscribed and Meta does not tell which app the token is of.
///
/// ```no_run
/// # async fn example(line: whatsapp_meta::Meta) -> whatsapp_core::Result<()> {
/// use whatsapp_core::Probe;
/// for check in line.probe().await?.checks {
///     println!("{} {} {}", check.name, check.passed, check.detail);
/// }
/// # Ok(())
/// # }
/// ```
#[async_trait]
impl Probe for Meta {
    async fn probe(&self) -> Result<ProbeReport> {
        let number = match self.number_info(&NUMBER_FIELDS).await {
            Ok(number) if number == NumberInfo::default() => {
                return Err(Error::new(ID, ErrorKind::Protocol, "the answer tells nothing of the number"));
            }
            number => number,
        };
        let token = match &number {
            Err(error) if failed_row(error) == Some("token") => {
                return Ok(ProbeReport::default().with_check("token", false, told(error)));
            }
            Err(error) if failed_row(error).is_none() => return number.map(|_| ProbeReport::default()),
            _ => self.token_info(None).await,
        };
        let report = scopes(token_row(&token), &token, self.waba_id());
        let number = match number {
            Ok(number) => number,
            Err(error) => return Ok(report.with_check(failed_row(&error).unwrap_or("number"), false, told(&error))),
        };
        let mut report = of_number(report, &number);
        report = tier(report, &number, &self.number_info(&[self.limit_field()]).await);
        report = match self.waba_id() {
            Some(_) => webhook(report, &self.subscribed_apps().await, &token),
            None => report.with_unchecked("webhook", NO_ACCOUNT),
        };
        report = health(report, &self.health().await);
        report.display_name = number.verified_name;
        report.display_phone = number.display_phone_number;
        Ok(report)
    }
}

impl Meta {
    /// Under which name this version tells the messaging limit.
    fn limit_field(&self) -> &'static str {
        let major = self.endpoint().version.trim_start_matches('v').split('.').next();
        let major: u16 = major.and_then(|major| major.parse().ok()).unwrap_or_default();
        if major >= BUSINESS_LIMIT_VERSION {
            "whatsapp_business_manager_messaging_limit"
        } else {
            "messaging_limit_tier"
        }
    }
}

/// The row that a refusal fails; `None` for a failure that tells nothing of the line.
fn failed_row(error: &Error) -> Option<&'static str> {
    Some(match (error.kind(), error.code()) {
        (ErrorKind::Unauthenticated, _) => "token",
        (_, Some(368 | 131_031)) => "account",
        (_, Some(131_042)) => "payment",
        (_, Some(133_010 | 131_045)) => "registered",
        (ErrorKind::PermissionDenied, _) => "permission",
        (ErrorKind::Config, _) => "number",
        _ => return None,
    })
}

/// What to do, and what Meta said.
fn told(error: &Error) -> String {
    format!("{} ({})", error.advice(), error.message())
}

fn unchecked(error: &Error) -> String {
    format!("Not checked: {}", error.message())
}

fn token_row(token: &Result<TokenInfo>) -> ProbeReport {
    let report = ProbeReport::default();
    match token {
        Ok(token) if token.is_valid == Some(false) => {
            let why = token.error.as_ref().and_then(|problem| problem.message.as_deref()).unwrap_or("it is not valid");
            report.with_check("token", false, format!("Make a new access token ({why})"))
        }
        Ok(token) => {
            let until = token.expiry().map(|at| at.format("valid until %Y-%m-%d %H:%M UTC").to_string());
            let never = if token.expires_at == Some(0) { "valid, never expires" } else { "valid" };
            report.with_check("token", true, until.unwrap_or_else(|| never.to_owned()))
        }
        // The number answered, so it works.
        Err(_) => report.with_check("token", true, "accepted; Meta does not tell when it expires"),
    }
}

fn scopes(report: ProbeReport, token: &Result<TokenInfo>, account: Option<&str>) -> ProbeReport {
    let token = match token {
        Ok(token) if token.scopes.is_empty() && token.granular_scopes.is_empty() => {
            return report.with_unchecked("scopes", "Not checked: Meta does not tell what the token may do.");
        }
        Ok(token) => token,
        Err(error) => return report.with_unchecked("scopes", unchecked(error)),
    };
    let missing: Vec<_> = SCOPES.into_iter().filter(|scope| !token.grants(scope, None)).collect();
    let elsewhere: Vec<_> = SCOPES.into_iter().filter(|scope| !token.grants(scope, account)).collect();
    if !missing.is_empty() {
        report.with_check("scopes", false, format!("Make a token with {}.", missing.join(" and ")))
    } else if !elsewhere.is_empty() {
        let problem = "but not for this account; assign the account to the token's user.";
        report.with_check("scopes", false, format!("{} granted, {problem}", elsewhere.join(" and ")))
    } else {
        report.with_check("scopes", true, SCOPES.join(", "))
    }
}

/// Only what is surely bad fails.
fn of_number(report: ProbeReport, number: &NumberInfo) -> ProbeReport {
    let told = |word: Option<&str>| word.unwrap_or("not told").to_owned();
    let off = matches!(
        number.status,
        Some(
            NumberStatus::Pending
                | NumberStatus::Banned
                | NumberStatus::Disconnected
                | NumberStatus::Migrated
                | NumberStatus::Unverified
        )
    );
    let elsewhere = matches!(number.platform_type, Some(Platform::OnPremise | Platform::NotApplicable));
    let status = told(number.status.as_ref().map(NumberStatus::as_str));
    let registered = match &number.platform_type {
        Some(platform) if elsewhere => format!("{status}, registered with {platform}: register it with the Cloud API."),
        _ if off => format!("{status}: register the number with the Cloud API, or see WhatsApp Manager."),
        _ => status,
    };
    let quality = told(number.quality_rating.as_ref().map(Quality::as_str));
    let bad = number.quality_rating == Some(Quality::Red);
    let quality = if bad { format!("{quality}: send less, and only what people want.") } else { quality };
    report
        .with_check("number", true, told(number.display_phone_number.as_deref()))
        .with_check("registered", !off && !elsewhere, registered)
        .with_check("quality", !bad, quality)
}

fn tier(report: ProbeReport, number: &NumberInfo, limit: &Result<NumberInfo>) -> ProbeReport {
    let throughput = number.throughput.as_ref().and_then(|throughput| throughput.level.as_deref());
    let throughput = format!("throughput {}", throughput.unwrap_or("not told"));
    match limit {
        Ok(limit) => match limit.messaging_limit() {
            Some(tier) => report.with_check("tier", true, format!("{tier}, {throughput}")),
            None => report.with_unchecked("tier", format!("Not checked: Meta does not tell the limit; {throughput}.")),
        },
        Err(error) => report.with_unchecked("tier", format!("{}; {throughput}", unchecked(error))),
    }
}

fn webhook(report: ProbeReport, apps: &Result<Vec<SubscribedApp>>, token: &Result<TokenInfo>) -> ProbeReport {
    let apps = match apps {
        Ok(apps) => apps,
        Err(error) => return report.with_unchecked("webhook", unchecked(error)),
    };
    let names: Vec<_> = apps.iter().filter_map(|app| app.name.as_deref().or(app.id.as_deref())).collect();
    let names = names.join(", ");
    if apps.is_empty() {
        return report.with_check("webhook", false, "No app gets the account's webhooks; subscribe yours.");
    }
    let Some(ours) = token.as_ref().ok().and_then(|token| token.app_id.as_deref()) else {
        let problem = format!("Not checked: Meta does not tell which app the token is of; subscribed: {names}.");
        return report.with_unchecked("webhook", problem);
    };
    if apps.iter().any(|app| app.id.as_deref() == Some(ours)) {
        report.with_check("webhook", true, format!("subscribed: {names}"))
    } else if apps.iter().any(|app| app.id.is_none()) {
        report.with_unchecked("webhook", format!("Not checked: Meta tells an app without its id; subscribed: {names}."))
    } else {
        let problem = format!("Only other apps get the account's webhooks ({names}); subscribe yours.");
        report.with_check("webhook", false, problem)
    }
}

fn health(report: ProbeReport, health: &Result<Health>) -> ProbeReport {
    let health = match health {
        Ok(health) => health,
        Err(error) => return report.with_unchecked("health", unchecked(error)),
    };
    let Some(can_send) = &health.can_send_message else {
        return report.with_unchecked("health", "Not checked: Meta does not tell.");
    };
    let detail = [vec![can_send.to_string()], health.problems()].concat().join("; ");
    report.with_check("health", *can_send != CanSend::Blocked, detail)
}
