use serde::{Deserialize, Serialize};
use url::Url;

/// What kind of file it is, as WhatsApp shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MediaKind {
    /// Picture.
    Image,
    /// Film.
    Video,
    /// Sound or voice note.
    Audio,
    /// Any other file.
    Document,
    /// WebP sticker.
    Sticker,
}

impl MediaKind {
    /// Stable name, as JSON spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Document => "document",
            Self::Sticker => "sticker",
        }
    }

    /// The kind that WhatsApp shows a file of `mime` type as; parameters after `;` do not matter.
    ///
    /// ```
    /// use whatsapp_core::MediaKind;
    /// assert_eq!(MediaKind::of_mime("audio/ogg; codecs=opus"), MediaKind::Audio);
    /// assert_eq!(MediaKind::of_mime("application/pdf"), MediaKind::Document);
    /// ```
    #[must_use]
    pub fn of_mime(mime: &str) -> Self {
        match mime.split(['/', ';']).next().unwrap_or_default().trim() {
            "image" => Self::Image,
            "video" => Self::Video,
            "audio" => Self::Audio,
            _ => Self::Document,
        }
    }
}

/// Where the provider finds the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", content = "value", rename_all = "snake_case")]
#[non_exhaustive]
pub enum MediaSource {
    /// A public http(s) address that the provider fetches.
    Link(Url),
    /// The provider's id of an uploaded file.
    Id(String),
}

/// The text is not an http(s) link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an http(s) link")]
pub struct InvalidLink;

/// A file.
///
/// ```
/// use whatsapp_core::{MediaFile, MediaKind};
/// let menu = MediaFile::link(MediaKind::Document, "https://example.com/menu.pdf").unwrap().with_caption("תפריט");
/// assert!(MediaFile::link(MediaKind::Image, "file:///etc/passwd").is_err());
/// # let _ = menu;
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MediaFile {
    /// How WhatsApp shows it.
    pub kind: MediaKind,
    /// Where it is.
    pub source: MediaSource,
    /// Text beneath it; audio and stickers have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// Name shown for a document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
}

impl MediaFile {
    /// A file behind a public link.
    ///
    /// # Errors
    /// [`InvalidLink`] unless `link` is an absolute http or https address with a host.
    pub fn link(kind: MediaKind, link: &str) -> Result<Self, InvalidLink> {
        let url = Url::parse(link).map_err(|_| InvalidLink)?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(InvalidLink);
        }
        Ok(Self { kind, source: MediaSource::Link(url), caption: None, file_name: None })
    }

    /// Adds text beneath it.
    #[must_use]
    pub fn with_caption(mut self, caption: impl Into<String>) -> Self {
        self.caption = Some(caption.into());
        self
    }

    /// Names the file.
    #[must_use]
    pub fn with_file_name(mut self, name: impl Into<String>) -> Self {
        self.file_name = Some(name.into());
        self
    }
}
