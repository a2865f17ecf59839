//! From Twilio's answer to a receipt or an error. Pure.
use http::StatusCode;
use serde_json::Value;
use whatsapp_core::{
    Error,
    ErrorKind::{self, Config, InvalidMessage, PermissionDenied, Protocol, RateLimited, Unauthenticated, Unavailable},
    Receipt, Result,
    Retry::{self, After, Ambiguous, Backoff, Never},
    client::Answer,
};

use super::{CHARS, table};
use crate::{ID, read::as_number};

/// The receipt for a message, or why there is none. An answer that says `failed` is a refusal although it is a 201.
///
/// Source: Twilio, Messages resource, "Message properties".
pub(crate) fn receipt(answer: &Answer) -> Result<Receipt> {
    if !answer.status.is_success() {
        return Err(refusal(answer));
    }
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let text = |key| body.get(key).and_then(Value::as_str);
    match (text("sid").filter(|sid| !sid.is_empty()), text("status")) {
        (_, Some("failed" | "undelivered" | "canceled")) => {
            Err(explain(answer, body.get("error_code").and_then(as_number), text("error_message")))
        }
        (Some(sid), _) => Ok(Receipt::new(sid.into(), ID)),
        (None, _) => Err(unreadable(answer)),
    }
}

/// The error of an answer that is not a success.
pub(crate) fn refusal(answer: &Answer) -> Error {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    // `message` in the old form, `detail` and `title` in that of RFC 9457.
    let words = ["message", "detail", "title"].into_iter().find_map(|key| body.get(key)?.as_str());
    explain(answer, body.get("code").and_then(as_number), words)
}

/// The error for a success that is not what Twilio documents.
pub(crate) fn unreadable(answer: &Answer) -> Error {
    traced(Error::new(ID, Protocol, "the answer is not what Twilio documents").with_retry(Ambiguous), answer)
}

fn explain(answer: &Answer, code: Option<i64>, words: Option<&str>) -> Error {
    let (kind, retry, advice) = code.and_then(table::row).unwrap_or_else(|| {
        let (kind, retry) = by_status(answer.status);
        (kind, retry, None)
    });
    let retry = match (retry, answer.retry_after()) {
        // A server that broke down knows little about what became of the message, whatever code it adds.
        _ if by_status(answer.status).1 == Ambiguous => Ambiguous,
        (Backoff, Some(wait)) => After(wait),
        (After(least), Some(wait)) => After(least.max(wait)),
        (retry, _) => retry,
    };
    let message = match words {
        Some(words) => presentable(words),
        None if answer.status.is_success() => "the message failed at once".to_owned(),
        None => format!("answered with HTTP status {}", answer.status.as_u16()),
    };
    let error = Error::new(ID, kind, message).with_retry(retry);
    let error = code.into_iter().fold(error, Error::with_code);
    traced(advice.into_iter().fold(error, Error::with_advice), answer)
}

fn traced(error: Error, answer: &Answer) -> Error {
    let error = error.with_status(answer.status.as_u16());
    match answer.headers.get("twilio-request-id").and_then(|id| id.to_str().ok()) {
        Some(id) => error.with_trace_id(id),
        None => error,
    }
}

const fn by_status(status: StatusCode) -> (ErrorKind, Retry) {
    match status.as_u16() {
        401 => (Unauthenticated, Never),
        403 => (PermissionDenied, Never),
        404 => (Config, Never),
        408 | 500..=599 => (Unavailable, Ambiguous),
        429 => (RateLimited, Backoff),
        // Accepted, but failed for a reason that it does not tell.
        200..=299 | 400..=499 => (InvalidMessage, Never),
        _ => (Protocol, Ambiguous),
    }
}

/// Twilio's words, cut, and without what may be a phone number or a secret: they repeat fields of the request.
fn presentable(words: &str) -> String {
    let mut out = String::new();
    for word in words.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        let (bare, separator) = match word.char_indices().next_back() {
            Some((at, last)) if !last.is_ascii_alphanumeric() => word.split_at(at),
            _ => (word, ""),
        };
        let digits = bare.bytes().filter(u8::is_ascii_digit).count();
        let is_sid = bare.len() == 34 && bare.bytes().take(2).all(|b| b.is_ascii_uppercase());
        let is_private = !is_sid && (digits >= 7 || bare.len() >= 32);
        out.push_str(if is_private { "…" } else { bare });
        out.push_str(separator);
    }
    match out.char_indices().nth(CHARS - 1) {
        Some((at, last)) if at + last.len_utf8() < out.len() => format!("{}…", out.get(..at).unwrap_or_default()),
        _ => out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lose_numbers_and_secrets() {
        for (given, shown) in [
            ("Invalid 'To' Phone Number: whatsapp:+972501234567", "Invalid 'To' Phone Number: whatsapp:+…"),
            ("token 0123456789abcdef0123456789abcdef is wrong", "token … is wrong"),
            ("HX0123456789abcdef0123456789abcdef of 63016: שלום", "HX0123456789abcdef0123456789abcdef of 63016: שלום"),
            ("user IL.4480491918930694.", "user IL.…."),
            ("", ""),
        ] {
            assert_eq!(presentable(given), shown);
        }
        let long = presentable(&"א ".repeat(400));
        assert_eq!((long.chars().count(), long.ends_with('…')), (300, true));
        assert_eq!(presentable(&"א".repeat(300)).chars().count(), 300);
    }
}
