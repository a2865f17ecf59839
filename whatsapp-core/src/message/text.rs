use serde::{Deserialize, Serialize};

/// Plain text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Text {
    /// What it says; Unicode, limited by [`Capabilities::text_max_chars`](crate::Capabilities).
    pub body: String,
    /// Whether the first link shows a preview, where the provider lets us choose.
    #[serde(default)]
    pub preview_url: bool,
}

impl Text {
    /// Text without a link preview.
    #[must_use]
    pub fn new(body: impl Into<String>) -> Self {
        Self { body: body.into(), preview_url: false }
    }

    /// Asks for a preview of the first link.
    #[must_use]
    pub const fn with_preview(mut self) -> Self {
        self.preview_url = true;
        self
    }
}
