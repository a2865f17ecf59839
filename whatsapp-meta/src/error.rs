//! What Meta's codes mean for a caller. Source: Meta, Cloud API error codes; Graph API error handling.
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use whatsapp_core::{Error, ErrorKind, Retry, client::Answer};

use crate::ID;

/// Longest text of Meta's that is passed on, in characters.
const MESSAGE_CHARS: usize = 300;
/// Longest trace id that is passed on, in characters.
const TRACE_CHARS: usize = 128;
/// Meta says 20 to 60 seconds for what maintenance stops.
const MAINTENANCE: Retry = Retry::After(Duration::from_secs(30));

struct Row {
    code: i64,
    kind: ErrorKind,
    retry: Retry,
    advice: Option<&'static str>,
}

const fn row(code: i64, kind: ErrorKind, retry: Retry) -> Row {
    Row { code, kind, retry, advice: None }
}

const fn never(code: i64, kind: ErrorKind) -> Row {
    row(code, kind, Retry::Never)
}

const fn advised(code: i64, kind: ErrorKind, advice: &'static str) -> Row {
    Row { code, kind, retry: Retry::Never, advice: Some(advice) }
}

const REGISTER: &str = "Register the number with the Cloud API again.";
const MARKETING: &str = "Send this template through the Marketing Messages API.";
const NUMBER_ID: &str = "Check the phone number id and that the token may use it.";

/// `Backoff` and `After` stand only where Meta refuses before it processes.
#[rustfmt::skip]
const ROWS: &[Row] = &[
    never(0, ErrorKind::Unauthenticated),
    row(1, ErrorKind::Unavailable, Retry::Ambiguous),
    row(2, ErrorKind::Unavailable, Retry::Ambiguous),
    never(3, ErrorKind::PermissionDenied),
    row(4, ErrorKind::RateLimited, Retry::Backoff),
    never(10, ErrorKind::PermissionDenied),
    row(17, ErrorKind::RateLimited, Retry::Backoff),
    row(32, ErrorKind::RateLimited, Retry::Backoff),
    advised(33, ErrorKind::Config, NUMBER_ID),
    never(100, ErrorKind::InvalidMessage),
    never(104, ErrorKind::Unauthenticated),
    never(190, ErrorKind::Unauthenticated),
    row(341, ErrorKind::RateLimited, Retry::Backoff),
    advised(368, ErrorKind::PermissionDenied, "The account is restricted for a policy violation; see WhatsApp Manager."),
    row(613, ErrorKind::RateLimited, Retry::Backoff),
    advised(803, ErrorKind::Config, NUMBER_ID),
    row(80_007, ErrorKind::RateLimited, Retry::Backoff),
    row(80_008, ErrorKind::RateLimited, Retry::Backoff),
    advised(130_403, ErrorKind::InvalidRecipient, "You blocked this person; unblock them first."),
    row(130_429, ErrorKind::RateLimited, Retry::Backoff),
    advised(130_472, ErrorKind::InvalidRecipient, "This person is in an experiment of Meta's and gets no marketing messages."),
    advised(130_497, ErrorKind::PermissionDenied, "The account may not message this country."),
    never(130_501, ErrorKind::InvalidMessage),
    row(131_000, ErrorKind::Unavailable, Retry::Ambiguous),
    never(131_005, ErrorKind::PermissionDenied),
    never(131_008, ErrorKind::InvalidMessage),
    never(131_009, ErrorKind::InvalidMessage),
    row(131_016, ErrorKind::Unavailable, Retry::Ambiguous),
    advised(131_021, ErrorKind::InvalidRecipient, "The recipient is the number that sends."),
    never(131_026, ErrorKind::InvalidRecipient),
    advised(131_030, ErrorKind::InvalidRecipient, "A test number reaches only the recipients on its list in the App Dashboard."),
    advised(131_031, ErrorKind::PermissionDenied, "The account is locked; see WhatsApp Manager."),
    advised(131_037, ErrorKind::PermissionDenied, "The display name is not approved yet."),
    advised(131_042, ErrorKind::PermissionDenied, "Complete the payment settings in WhatsApp Manager."),
    advised(131_045, ErrorKind::Config, REGISTER),
    never(131_047, ErrorKind::WindowClosed),
    advised(131_048, ErrorKind::RateLimited, "Pause the campaign: people reported messages of this number."),
    advised(131_049, ErrorKind::RateLimited, "This person got enough marketing messages; wait at least 24 hours."),
    advised(131_050, ErrorKind::InvalidRecipient, "This person opted out of your marketing messages."),
    never(131_051, ErrorKind::InvalidMessage),
    never(131_052, ErrorKind::InvalidMessage),
    advised(131_053, ErrorKind::InvalidMessage, "Check the type, the size and the address of the file."),
    never(131_055, ErrorKind::InvalidMessage),
    row(131_056, ErrorKind::RateLimited, Retry::Backoff),
    row(131_057, ErrorKind::Unavailable, MAINTENANCE),
    advised(131_061, ErrorKind::TemplateRejected, MARKETING),
    advised(131_062, ErrorKind::InvalidRecipient, "This message needs a phone number, not a user id."),
    advised(131_063, ErrorKind::TemplateRejected, MARKETING),
    advised(131_064, ErrorKind::TemplateRejected, "Templates of this account were put into wrong categories; the limit lifts by itself."),
    never(132_000, ErrorKind::TemplateRejected),
    never(132_001, ErrorKind::TemplateRejected),
    never(132_005, ErrorKind::TemplateRejected),
    never(132_007, ErrorKind::TemplateRejected),
    never(132_008, ErrorKind::TemplateRejected),
    never(132_012, ErrorKind::TemplateRejected),
    advised(132_015, ErrorKind::TemplateRejected, "The template is paused for its quality; choose another one."),
    advised(132_016, ErrorKind::TemplateRejected, "The template is disabled for good; choose another one."),
    never(132_018, ErrorKind::TemplateRejected),
    never(132_021, ErrorKind::TemplateRejected),
    never(132_068, ErrorKind::TemplateRejected),
    never(132_069, ErrorKind::TemplateRejected),
    row(133_004, ErrorKind::Unavailable, MAINTENANCE),
    advised(133_006, ErrorKind::Config, "Verify the number first."),
    advised(133_010, ErrorKind::Config, REGISTER),
    advised(133_015, ErrorKind::Config, "The number was deleted a moment ago; wait five minutes, then register it."),
    advised(134_011, ErrorKind::PermissionDenied, "Accept the payment terms in WhatsApp Manager."),
    never(134_100, ErrorKind::TemplateRejected),
    advised(134_101, ErrorKind::TemplateRejected, "The template is being prepared; wait ten minutes."),
    never(134_102, ErrorKind::TemplateRejected),
    never(135_000, ErrorKind::InvalidMessage),
    advised(137_000, ErrorKind::InvalidRecipient, "The person's identity changed; confirm who they are."),
    advised(2_494_100, ErrorKind::Unavailable, "The number is in maintenance for some minutes."),
];

#[derive(Deserialize)]
struct Body {
    error: Refusal,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    message: Value,
    code: Value,
    error_subcode: Value,
    error_data: Value,
    is_transient: Value,
    fbtrace_id: Value,
}

impl Refusal {
    fn code(&self) -> Option<i64> {
        integer(&self.code)
    }

    /// Whether it says that the object of the path does not exist or is out of reach.
    fn is_of_path(&self) -> bool {
        self.code() == Some(100) && integer(&self.error_subcode) == Some(33)
    }

    /// The details are an object or a text, and sometimes missing.
    fn words(&self) -> String {
        let title = self.message.as_str().unwrap_or("refused without a reason");
        let details = self.error_data.get("details").unwrap_or(&self.error_data).as_str();
        let words = match details {
            Some(details) if !title.contains(details) => format!("{title}: {details}"),
            _ => title.to_owned(),
        };
        words.chars().take(MESSAGE_CHARS).collect()
    }
}

/// The failure that `answer` tells of. For a success it says that the answer is unreadable.
pub(crate) fn read(answer: &Answer) -> Error {
    let status = answer.status.as_u16();
    let refusal = serde_json::from_slice::<Body>(&answer.body).ok().map(|body| body.error);
    let (kind, retry, advice) = if answer.status.is_success() {
        (ErrorKind::Protocol, Retry::Ambiguous, None)
    } else {
        refusal.as_ref().map_or_else(|| of_status(status), |refusal| of_refusal(refusal, status))
    };
    let retry = match (kind, retry, answer.retry_after()) {
        (ErrorKind::RateLimited | ErrorKind::Unavailable, Retry::Backoff | Retry::After(_), Some(wait)) => {
            Retry::After(wait)
        }
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
    if refusal.is_of_path() {
        return (ErrorKind::Config, Retry::Never, Some(NUMBER_ID));
    }
    if let Some(row) = ROWS.iter().find(|row| row.code == code) {
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

/// A code is a number, and a text in some answers.
fn integer(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}
