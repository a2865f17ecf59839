//! From Twilio's answer to a receipt or an error. Pure.
use std::time::Duration;

use http::StatusCode;
use serde_json::Value;
use whatsapp_core::{
    Error,
    ErrorKind::{
        self, Config, InvalidMessage, InvalidRecipient, PermissionDenied, Protocol, RateLimited, TemplateRejected,
        Unauthenticated, Unavailable, WindowClosed,
    },
    Receipt, Result,
    Retry::{self, After, Ambiguous, Backoff, Never},
    client::Answer,
};

use crate::ID;

/// What a code means for the caller. The third column holds if the message was refused, which every code here says
/// but those of Twilio's own breakdowns.
///
/// Source: Twilio, Error and warning dictionary.
#[rustfmt::skip]
const CODES: &[(i64, ErrorKind, Retry, Option<&str>)] = &[
    (20001, InvalidMessage, Never, None),
    (20003, Unauthenticated, Never, Some("Check account SID and auth token, or the API key, and that they are of the same region.")),
    (20005, PermissionDenied, Never, Some("The account is not active; see its standing in the Twilio console.")),
    (20006, PermissionDenied, Never, None),
    (20008, Config, Never, Some("These are test credentials; use the live ones.")),
    (20010, PermissionDenied, Never, None),
    (20403, PermissionDenied, Never, None),
    (20404, Config, Never, Some("Check the account SID and the region of the API address.")),
    (20409, Unavailable, Backoff, None),
    (20422, InvalidMessage, Never, None),
    (20429, RateLimited, Backoff, None),
    (20500, Unavailable, Ambiguous, None),
    (20503, Unavailable, Ambiguous, None),
    (21211, InvalidRecipient, Never, None),
    (21212, Config, Never, Some("The sender is not a number of this account; check `from`.")),
    (21214, InvalidRecipient, Never, None),
    (21217, InvalidRecipient, Never, None),
    (21408, PermissionDenied, Never, Some("Allow the recipient's country under geo permissions in the Twilio console.")),
    (21601, Config, Never, Some("The sender cannot send messages; check `from`.")),
    (21602, InvalidMessage, Never, None),
    (21603, Config, Never, Some("Set `from` or `messaging_service_sid`.")),
    (21604, InvalidRecipient, Never, None),
    (21606, Config, Never, Some("The sender cannot send messages to this destination; check `from`.")),
    (21608, PermissionDenied, Never, Some("A trial account sends to verified numbers only: verify this one or upgrade.")),
    (21609, Config, Never, Some("Twilio must be able to call `public_base_url`: a public https address.")),
    (21610, InvalidRecipient, Never, Some("This person opted out. Send nothing until they write START.")),
    (21611, RateLimited, Backoff, None),
    (21612, InvalidRecipient, Never, None),
    (21614, InvalidRecipient, Never, None),
    (21617, InvalidMessage, Never, Some("Split the text: at most 1600 characters.")),
    (21619, Unavailable, Backoff, None),
    (21620, InvalidMessage, Never, Some("The file's link must be public.")),
    (21623, InvalidMessage, Never, None),
    (21653, InvalidMessage, Never, None),
    (21654, TemplateRejected, Never, None),
    (21655, TemplateRejected, Never, Some("The template's content id does not exist in this account.")),
    (21656, TemplateRejected, Never, Some("Give every variable of the template a text.")),
    (21657, Config, Never, Some("The sender is not valid; check `from`.")),
    (21658, InvalidMessage, Never, None),
    (21701, Config, Never, Some("The messaging service does not exist; check `messaging_service_sid`.")),
    (21702, Config, Never, Some("The messaging service cannot send; check `messaging_service_sid`.")),
    (21703, Config, Never, Some("The messaging service has no sender for this message.")),
    (21704, Config, Never, Some("The messaging service has no senders.")),
    (21705, Config, Never, Some("The messaging service is not valid; check `messaging_service_sid`.")),
    (30001, RateLimited, Backoff, None),
    (30002, PermissionDenied, Never, Some("The account is suspended; see the Twilio console.")),
    (30003, InvalidRecipient, Never, None),
    (30004, PermissionDenied, Never, None),
    (30005, InvalidRecipient, Never, None),
    (30006, InvalidRecipient, Never, None),
    (30007, PermissionDenied, Never, Some("The message was filtered; change its wording.")),
    (30008, Unavailable, Backoff, None),
    (63001, Unauthenticated, Never, Some("WhatsApp refuses the sender; register it again at Twilio.")),
    (63002, Config, Never, Some("WhatsApp does not know the sender; check `from`.")),
    (63003, InvalidRecipient, Never, None),
    (63005, InvalidMessage, Never, None),
    (63006, InvalidMessage, Never, None),
    (63007, Config, Never, Some("The number is not a WhatsApp sender of this account; check `from`.")),
    (63008, Config, Never, Some("The WhatsApp sender is not set up completely at Twilio.")),
    (63009, Unavailable, Backoff, None),
    (63010, Unavailable, Backoff, None),
    (63011, InvalidMessage, Never, None),
    (63012, Unavailable, Backoff, None),
    (63013, TemplateRejected, Never, Some("Check the policy, and that no variable has more than four blanks or line breaks in a row.")),
    (63014, InvalidRecipient, Never, Some("This person blocked the sender.")),
    (63015, InvalidRecipient, Never, Some("The sandbox reaches only people who sent it its join words.")),
    (63016, WindowClosed, Never, None),
    (63017, RateLimited, Backoff, None),
    (63018, RateLimited, Backoff, Some("The sender reached its messaging limit; it may take hours.")),
    (63019, InvalidMessage, Never, Some("Twilio could not fetch the file; check its link, size and type.")),
    (63020, PermissionDenied, Never, Some("Check the Meta business account and its payment.")),
    (63021, TemplateRejected, Never, None),
    (63022, PermissionDenied, Never, Some("The sender's display name is not approved.")),
    (63023, Unavailable, Backoff, None),
    (63024, InvalidRecipient, Never, None),
    (63025, InvalidMessage, Never, None),
    (63026, PermissionDenied, Never, Some("WhatsApp took the messages for spam; send fewer.")),
    (63027, TemplateRejected, Never, None),
    (63028, TemplateRejected, Never, None),
    (63029, TemplateRejected, Never, None),
    (63030, InvalidMessage, Never, None),
    (63031, InvalidRecipient, Never, Some("Sender and recipient are the same number.")),
    (63032, InvalidRecipient, Never, None),
    (63033, InvalidRecipient, Never, Some("This person blocked the sender.")),
    (63034, InvalidMessage, Never, Some("The file is too large: 16 MB, pictures 5 MB.")),
    (63037, Unavailable, Backoff, None),
    // A limit per day: seconds or minutes would only burn tries.
    (63038, RateLimited, After(Duration::from_secs(6 * 60 * 60)), Some("The account's daily limit is used up; it is raised in the Twilio console.")),
    (63040, TemplateRejected, Never, None),
    (63041, TemplateRejected, Never, Some("WhatsApp paused the template; it comes back within hours unless readers keep blocking it.")),
    (63042, TemplateRejected, Never, None),
    (63049, PermissionDenied, Never, Some("Meta held this marketing message back; try this person again after some days.")),
    (63051, PermissionDenied, Never, Some("Meta locked the WhatsApp business account.")),
    (63062, PermissionDenied, Never, Some("Accept the terms of the Marketing Messages API in WhatsApp Manager.")),
    (63112, PermissionDenied, Never, Some("Meta disabled the sender or the WhatsApp business account.")),
];

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
            Err(explain(answer, number(body.get("error_code")), text("error_message")))
        }
        (Some(sid), _) => Ok(Receipt::new(sid.into(), ID)),
        (None, _) => {
            let error = Error::new(ID, Protocol, "the answer names no message").with_retry(Ambiguous);
            Err(traced(error, answer))
        }
    }
}

/// The error of an answer that is not a success.
pub(crate) fn refusal(answer: &Answer) -> Error {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    // `message` in the old form, `detail` and `title` in that of RFC 9457.
    let words = ["message", "detail", "title"].into_iter().find_map(|key| body.get(key)?.as_str());
    explain(answer, number(body.get("code")), words)
}

fn explain(answer: &Answer, code: Option<i64>, words: Option<&str>) -> Error {
    let row = CODES.iter().find(|(known, ..)| Some(*known) == code);
    let (kind, retry, advice) = row.map_or_else(
        || {
            let (kind, retry) = by_status(answer.status);
            (kind, retry, None)
        },
        |(_, kind, retry, advice)| (*kind, *retry, *advice),
    );
    let retry = match (retry, answer.retry_after()) {
        // A server that broke down knows little about what became of the message.
        _ if kind == Unavailable && by_status(answer.status).1 == Ambiguous => Ambiguous,
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

/// A number, also one written as text.
fn number(value: Option<&Value>) -> Option<i64> {
    let value = value?;
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// Twilio's words, cut, and without what may be a phone number or a secret: they repeat fields of the request.
fn presentable(words: &str) -> String {
    const LONGEST: usize = 300;
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
    match out.char_indices().nth(LONGEST - 1) {
        Some((at, last)) if at + last.len_utf8() < out.len() => format!("{}…", out.get(..at).unwrap_or_default()),
        _ => out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_and_unique() {
        assert!(CODES.is_sorted_by(|(a, ..), (b, ..)| a < b));
    }

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
