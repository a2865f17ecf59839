use serde::{Deserialize, Serialize};
use url::Url;

use super::invalid::{Check, maybe, rule, text};

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
    /// Name shown for a document, which is then not empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// Shown as a voice note; audio only, Ogg with Opus in one channel.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub voice: bool,
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
        Ok(Self::new(kind, MediaSource::Link(url)))
    }

    /// A file that was uploaded to the provider before.
    #[must_use]
    pub fn uploaded(kind: MediaKind, id: impl Into<String>) -> Self {
        Self::new(kind, MediaSource::Id(id.into()))
    }

    const fn new(kind: MediaKind, source: MediaSource) -> Self {
        Self { kind, source, caption: None, file_name: None, voice: false }
    }

    /// Adds text beneath it.
    #[must_use]
    pub fn with_caption(mut self, caption: impl Into<String>) -> Self {
        self.caption = Some(caption.into());
        self
    }

    /// Shows it as a voice note.
    #[must_use]
    pub const fn with_voice(mut self) -> Self {
        self.voice = true;
        self
    }

    /// Names the file.
    #[must_use]
    pub fn with_file_name(mut self, name: impl Into<String>) -> Self {
        self.file_name = Some(name.into());
        self
    }

    /// Checks the file, wherever it stands.
    pub(crate) fn check(&self, field: &str) -> Check {
        if let MediaSource::Id(id) = &self.source {
            text(format_args!("{field}.source"), id, 256)?;
        }
        if matches!(self.kind, MediaKind::Document) {
            maybe(format_args!("{field}.file_name"), self.file_name.as_deref(), usize::MAX)?;
        }
        rule(!self.voice || matches!(self.kind, MediaKind::Audio), format_args!("{field}.voice"), "is for audio only")
    }
}
