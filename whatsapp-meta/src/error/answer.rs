//! What Meta's answers mean for a caller. Source: Meta, Cloud API error codes; Graph API error handling.
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};
use whatsapp_core::{Error, ErrorKind, Retry, client::Answer};

use super::{
    CHARS,
    table::{self, NUMBER_ID},
};
use crate::ID;

/// Longest trace id that is passed on, in characters.
const TRACE_CHARS: usize = 128;
/// Longest wait that the rate headers are believed, in minutes.
const USAGE_MINUTES: u64 = 24 * 60;
/// Where Meta tells how much of a limit is used. Source: Meta, Graph API rate limiting.
const USAGE_HEADERS: [&str; 2] = ["x-business-use-case-usage", "x-app-usage"];

#[derive(Deserialize)]
struct Body {
    error: Refusal,
    #[serde(default)]
    success: Value,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    message: Value,
    code: Value,
    error_subcode: Value,
    error_data: Value,
    error_user_msg: Value,
    is_transient: Value,
    fbtrace_id: Value,
}

impl Refusal {
    fn code(&self) -> Option<i64> {
        integer(&self.code)
    }

    fn subcode(&self) -> Option<i64> {
        integer(&self.error_subcode)
    }

    /// Title, details and what Meta would show to a person, as far as each says something new. The details are an
    /// object or a text, and sometimes missing.
    fn words(&self) -> String {
        let details = self.error_data.get("details").unwrap_or(&self.error_data).as_str();
        let mut words = self.message.as_str().unwrap_or("refused without a reason").to_owned();
        for more in [details, self.error_user_msg.as_str()].into_iter().flatten().filter(|more| !more.is_empty()) {
            if !words.contains(more) {
                words.push_str(": ");
                words.push_str(more);
            }
        }
        words.chars().take(CHARS).collect()
    }
}

/// The failure that `answer` tells of. For a success it says that the answer is unreadable, unless the success is a
/// partial or a denied one that brings a code.
pub(crate) fn read(answer: &Answer) -> Error {
    let status = answer.status.as_u16();
    let body = serde_json::from_slice::<Body>(&answer.body).ok();
    let denied = status == 206 || body.as_ref().is_some_and(|body| body.success == false || body.success == "false");
    let refusal = body.map(|body| body.error);
    let told = !answer.status.is_success() || denied && refusal.as_ref().and_then(Refusal::code).is_some();
    let (kind, retry, advice) = if told {
        refusal.as_ref().map_or_else(|| of_status(status), |refusal| of_refusal(refusal, status))
    } else {
        (ErrorKind::Protocol, Retry::Ambiguous, None)
    };
    let retry = match (kind, retry, answer.retry_after()) {
        (ErrorKind::RateLimited | ErrorKind::Unavailable, Retry::Backoff | Retry::After(_), Some(wait)) => {
            Retry::After(wait)
        }
        (ErrorKind::RateLimited, Retry::Backoff, None) => regain(answer).map_or(Retry::Backoff, Retry::After),
        _ => retry,
    };
    let words = match &refusal {
        Some(refusal) => refusal.words(),
        None if answer.status.is_success() => "the answer is not what Meta documents".to_owned(),
        None => format!("the answer with status {status} holds no error that can be read"),
    };
    let mut error = Error::new(ID, kind, words).with_status(status).with_retry(retry);
    if let Some(advice) = advice {
        error = error.with_advice(advice);
    }
    if let Some(code) = refusal.as_ref().and_then(Refusal::code) {
        error = error.with_code(code);
    }
    let header = || answer.headers.get("x-fb-trace-id").and_then(|value| value.to_str().ok());
    if let Some(id) = refusal.as_ref().and_then(|refusal| refusal.fbtrace_id.as_str()).or_else(header) {
        error = error.with_trace_id(id.chars().take(TRACE_CHARS).collect::<String>());
    }
    error
}

type Class = (ErrorKind, Retry, Option<&'static str>);

fn of_refusal(refusal: &Refusal, status: u16) -> Class {
    let Some(code) = refusal.code() else { return of_status(status) };
    if code == 100 {
        // The object of the path does not exist or is out of reach.
        if refusal.subcode() == Some(33) {
            return (ErrorKind::Config, Retry::Never, Some(NUMBER_ID));
        }
        // Template management hides its own codes beneath the general one.
        if let Some(row) = refusal.subcode().filter(|subcode| *subcode > 1_000_000).and_then(table::row) {
            return (row.kind, row.retry, row.advice);
        }
    }
    if let Some(row) = table::row(code) {
        return (row.kind, row.retry, row.advice);
    }
    let transient = status >= 500 || refusal.is_transient.as_bool() == Some(true);
    match code {
        200..=299 => (ErrorKind::PermissionDenied, Retry::Never, None),
        132_000..=132_999 => (ErrorKind::TemplateRejected, Retry::Never, None),
        // Whether it was refused before or after processing, nobody documents.
        _ if transient => (ErrorKind::Unavailable, Retry::Ambiguous, None),
        _ => of_status(status),
    }
}

fn of_status(status: u16) -> Class {
    let (kind, retry) = match status {
        401 => (ErrorKind::Unauthenticated, Retry::Never),
        403 => (ErrorKind::PermissionDenied, Retry::Never),
        404 => (ErrorKind::Config, Retry::Never),
        429 => (ErrorKind::RateLimited, Retry::Backoff),
        408 | 500.. => (ErrorKind::Unavailable, Retry::Ambiguous),
        _ => (ErrorKind::InvalidMessage, Retry::Never),
    };
    (kind, retry, None)
}

/// How long until a spent limit is free again, by the longest of the answer's rate headers: lists of limits by
/// account, or one limit alone.
fn regain(answer: &Answer) -> Option<Duration> {
    let headers = USAGE_HEADERS.into_iter().filter_map(|name| answer.headers.get(name)?.to_str().ok());
    let minutes = headers.flat_map(|text| {
        let usage: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
        let alone = integer(usage.get("estimated_time_to_regain_access").unwrap_or(&Value::Null));
        let lists = usage.values().filter_map(Value::as_array).flatten();
        let told = lists.filter_map(|limit| integer(limit.get("estimated_time_to_regain_access")?));
        told.chain(alone).collect::<Vec<_>>()
    });
    let longest = minutes.filter_map(|minutes| u64::try_from(minutes).ok()).max().filter(|minutes| *minutes > 0)?;
    Some(Duration::from_secs(longest.min(USAGE_MINUTES) * 60))
}

/// A code is a number, and a text in some answers.
fn integer(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}
