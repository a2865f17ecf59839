//! How large the parts of a webhook's JSON may be. Providers stay far below; whoever exceeds a limit means to cost us
//! memory or time, and is refused before either is spent.
//!
//! A parser that reads JSON through a library calls [`check`] on the bytes first, and [`check_items`] on what it has
//! read. The answer is [`ErrorKind::Protocol`](crate::ErrorKind::Protocol), so that the body is kept unread.

/// Most lists and objects within one another.
pub const DEPTH: usize = 64;
/// Most items of one request: messages, statuses and whatever else becomes an event. Meta puts up to 1,000 into one; a
/// part of a history, which may hold many messages, counts as one there and is bounded by the parser.
/// Source: Meta, Webhooks, batching.
pub const ITEMS: usize = 1000;
/// Longest text, in bytes between its quotes as they were sent, escapes included.
pub const STRING: usize = 64 * 1024;

/// A limit that was exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Limit {
    /// [`DEPTH`].
    #[error("more than {DEPTH} lists and objects within one another")]
    Depth,
    /// [`ITEMS`].
    #[error("more than {ITEMS} items")]
    Items,
    /// [`STRING`].
    #[error("a text of more than {STRING} bytes")]
    String,
}

/// Checks [`DEPTH`] and [`STRING`] of a JSON text, without reading it: of bytes that are not JSON, the answer says
/// nothing.
///
/// # Errors
/// The limit that is exceeded first.
///
/// ```
/// use whatsapp_core::limits::{self, Limit};
/// assert_eq!(limits::check(br#"{"entry":[]}"#), Ok(()));
/// assert_eq!(limits::check(&[b'['; 65]), Err(Limit::Depth));
/// assert_eq!(limits::check(br#"["[[[[", "\"[[["]"#), Ok(()), "brackets in texts do not count");
/// ```
pub fn check(json: &[u8]) -> Result<(), Limit> {
    let begins = json.iter().filter(|byte| matches!(byte, b'[' | b'{')).count();
    if begins <= DEPTH && json.len() <= STRING {
        return Ok(());
    }
    let mut depth = 0_usize;
    let mut bytes = json.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'"' if string(&mut bytes) > STRING => return Err(Limit::String),
            _ => {}
        }
        if depth > DEPTH {
            return Err(Limit::Depth);
        }
    }
    Ok(())
}

/// Steps behind the closing quote, and says how many bytes were before it.
fn string(bytes: &mut std::slice::Iter<'_, u8>) -> usize {
    let before = bytes.len();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return before - bytes.len() - 1,
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
    before
}

/// Checks [`ITEMS`].
///
/// # Errors
/// [`Limit::Items`] if `items` are more.
///
/// ```
/// use whatsapp_core::limits::{self, Limit};
/// assert_eq!(limits::check_items(1000), Ok(()));
/// assert_eq!(limits::check_items(1001), Err(Limit::Items));
/// ```
pub const fn check_items(items: usize) -> Result<(), Limit> {
    if items > ITEMS { Err(Limit::Items) } else { Ok(()) }
}
