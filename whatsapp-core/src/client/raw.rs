use std::fmt;

use http::StatusCode;
use serde_json::Value;

/// What a provider answered to a call that its crate has no words for.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct RawAnswer {
    /// A success; 206 may mean that a part was done, and the body tells which.
    pub status: StatusCode,
    /// The body as JSON; null for an empty one.
    pub body: Value,
}

impl RawAnswer {
    /// Reads a success; `None` if it has a body that is no JSON.
    #[must_use]
    pub fn read(status: StatusCode, body: &[u8]) -> Option<Self> {
        let body = if body.trim_ascii().is_empty() { Value::Null } else { serde_json::from_slice(body).ok()? };
        Some(Self { status, body })
    }
}

/// Shows no body: it may hold what was asked for, a token or what people wrote.
impl fmt::Debug for RawAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawAnswer").field("status", &self.status).finish_non_exhaustive()
    }
}

/// Whether `path`, without a slash before it, leads nowhere but where it shows: percent-encoded, without query, and
/// without segments that a reader of addresses would take for steps up.
///
/// ```
/// use whatsapp_core::client::is_plain_path;
/// assert!(is_plain_path("106500000000001/block_users"));
/// assert!(!is_plain_path("../other") && !is_plain_path("a/%2e%2E/b") && !is_plain_path("a?b") && !is_plain_path(""));
/// ```
#[must_use]
pub fn is_plain_path(path: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~:=%/".contains(&byte);
    // A URL reader takes encoded dots for dots.
    let dots = |segment: &str| matches!(&*segment.to_ascii_lowercase().replace("%2e", "."), "" | "." | "..");
    let escaped = path.split('%').skip(1).all(|rest| rest.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2);
    path.bytes().all(plain) && !path.split('/').any(dots) && escaped
}
