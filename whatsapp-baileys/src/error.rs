//! The bridge's answers: a receipt, or an error that says whether the message was surely refused.
use serde::{Deserialize, de::DeserializeOwned};
use whatsapp_core::{Error, ErrorKind, MessageId, Receipt, Result, Retry, client::Answer};

use crate::{ID, wire::MAX_WORDS};

/// What an HTTP status of the bridge means. Rows not here: other 4xx are `Protocol`, 5xx are `Unavailable` and
/// ambiguous, because the bridge may have handed the message on before it failed.
const STATUSES: &[(u16, ErrorKind, Retry)] = &[
    (400, ErrorKind::InvalidMessage, Retry::Never),
    (401, ErrorKind::Unauthenticated, Retry::Never),
    (403, ErrorKind::PermissionDenied, Retry::Never),
    (404, ErrorKind::Disconnected, Retry::Backoff),
    (409, ErrorKind::Disconnected, Retry::Backoff),
    (413, ErrorKind::InvalidMessage, Retry::Never),
    (422, ErrorKind::InvalidRecipient, Retry::Never),
    (429, ErrorKind::RateLimited, Retry::Backoff),
];

/// WhatsApp's code for "too many first messages to strangers". It is a refusal, whatever the HTTP status.
const REACH_OUT: i64 = 463;
const REACH_OUT_ADVICE: &str = "WhatsApp lets this account write only to people who wrote to it, for now. Do not try \
                                again; answer existing chats, and wait until WhatsApp lifts the limit.";

/// What to do about a line that is not connected, by the code with which WhatsApp closed it
/// (Baileys, `DisconnectReason`).
const CLOSED: &[(i64, &str)] = &[
    (401, "The phone unlinked this device. Link it again."),
    (402, "WhatsApp banned the account for a while. Wait; linking again does not help."),
    (403, "WhatsApp locked the account or the device. Open WhatsApp on the phone and follow what it says."),
    (405, "WhatsApp refuses the bridge's client version. Update the bridge."),
    (406, "WhatsApp ended the link. Link the phone again."),
    (408, "The connection timed out. If nobody scanned the QR code in time, start again."),
    (409, "WhatsApp ended the link. Link the phone again."),
    (411, "The phone and the link disagree about multi-device. Link the phone again."),
    (428, "The connection was lost. The bridge reconnects by itself."),
    (440, "Another process uses the same link. Run one bridge per line, then start again."),
    (500, "WhatsApp failed. The bridge reconnects by itself."),
    (503, "WhatsApp is not available. The bridge reconnects by itself."),
    (515, "The link restarts after the scan. Wait a moment."),
];

/// Reads the bridge's answer to `POST …/send`. Pure.
///
/// # Errors
/// The bridge's refusal; or [`ErrorKind::Protocol`] with [`Retry::Ambiguous`] for an answer that nobody can read.
pub fn decode(answer: &Answer) -> Result<Receipt> {
    #[derive(Deserialize)]
    struct Sent {
        id: String,
    }
    let Sent { id } = read(answer)?;
    if id.is_empty() {
        return Err(unreadable(answer));
    }
    Ok(Receipt::new(MessageId::from(id), ID))
}

/// The JSON of an answer that the bridge gave with 2xx.
pub(crate) fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T> {
    done(answer)?;
    // Without a source: its words may quote a QR or pair code.
    serde_json::from_slice(&answer.body).map_err(|_| unreadable(answer))
}

/// Whether the bridge did what it was asked for.
pub(crate) fn done(answer: &Answer) -> Result<()> {
    if answer.status.is_success() { Ok(()) } else { Err(refused(answer)) }
}

pub(crate) fn unreadable(answer: &Answer) -> Error {
    let error = Error::new(ID, ErrorKind::Protocol, "the bridge's answer cannot be read");
    traced(error.with_retry(Retry::Ambiguous), answer)
}

fn refused(answer: &Answer) -> Error {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Refusal {
        error: Option<String>,
        code: Option<i64>,
    }
    let Refusal { error: words, code } = serde_json::from_slice(&answer.body).unwrap_or_default();
    let status = answer.status.as_u16();
    let row = STATUSES.iter().find(|(known, ..)| *known == status).map(|(_, kind, retry)| (*kind, *retry));
    let (kind, retry) = match row {
        _ if code == Some(REACH_OUT) => (ErrorKind::PermissionDenied, Retry::Never),
        Some((ErrorKind::RateLimited, backoff)) => {
            (ErrorKind::RateLimited, answer.retry_after().map_or(backoff, Retry::After))
        }
        Some(row) => row,
        None if answer.status.is_server_error() => (ErrorKind::Unavailable, Retry::Ambiguous),
        None => (ErrorKind::Protocol, Retry::Never),
    };
    let words = words.filter(|words| !words.is_empty()).unwrap_or_else(|| format!("the bridge answered {status}"));
    let mut error = Error::new(ID, kind, words.chars().take(MAX_WORDS).collect::<String>()).with_retry(retry);
    if let Some(code) = code {
        error = error.with_code(code);
        let closed = || CLOSED.iter().find(|(known, _)| kind == ErrorKind::Disconnected && *known == code);
        if code == REACH_OUT {
            error = error.with_advice(REACH_OUT_ADVICE);
        } else if let Some((_, advice)) = closed() {
            error = error.with_advice(*advice);
        }
    }
    traced(error, answer)
}

fn traced(error: Error, answer: &Answer) -> Error {
    let error = error.with_status(answer.status.as_u16());
    match answer.headers.get("x-request-id").and_then(|id| id.to_str().ok()) {
        Some(id) => error.with_trace_id(id.chars().take(128).collect::<String>()),
        None => error,
    }
}
