//! What Meta's codes mean for a caller. Source: Meta, Cloud API error codes; Graph API error handling.
#[cfg(feature = "client")]
mod answer;
mod table;

use whatsapp_core::DeliveryError;

#[cfg(feature = "client")]
pub(crate) use whatsapp_core::client::Effect;

#[cfg(feature = "client")]
pub(crate) use self::answer::read;

/// Longest text of a failure that is kept, in characters.
const CHARS: usize = 300;

/// Why a message failed after it was accepted.
pub(crate) fn delivery_error(code: Option<i64>, words: &str) -> DeliveryError {
    let error = DeliveryError::new(code, words.chars().take(CHARS).collect::<String>());
    match code.and_then(table::row) {
        Some(row) => error.with_kind(row.kind, row.advice),
        None => error,
    }
}
