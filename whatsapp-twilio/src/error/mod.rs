//! What Twilio's codes mean for a caller. Source: Twilio, Error and warning dictionary.
#[cfg(feature = "client")]
mod answer;
mod table;

use whatsapp_core::DeliveryError;

#[cfg(feature = "client")]
pub(crate) use whatsapp_core::client::Effect;

#[cfg(feature = "client")]
pub(crate) use self::answer::{receipt, refusal, unreadable};

/// Longest text of a failure that is kept, in characters.
const CHARS: usize = 300;

/// Why a message failed after it was accepted. A message outside the 24-hour window, for example, is refused only then.
pub(crate) fn delivery_error(code: Option<i64>, words: &str) -> DeliveryError {
    let error = DeliveryError::new(code, words.chars().take(CHARS).collect::<String>());
    match code.and_then(table::row) {
        Some((kind, _, advice)) => error.with_kind(kind, advice),
        None => error,
    }
}
