//! A file on its way to Meta, and what Meta takes. Source: Meta, Cloud API reference, media, supported types.
use bytes::Bytes;
use whatsapp_core::{Error, ErrorKind, MediaKind, Result};

use crate::ID;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// Kind, its types (none: any), and the most bytes.
const LIMITS: [(MediaKind, &[&str], usize); 5] = [
    (MediaKind::Audio, &["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"], 16 * MIB),
    (MediaKind::Document, &[], 100 * MIB),
    (MediaKind::Image, &["image/jpeg", "image/png"], 5 * MIB),
    (MediaKind::Sticker, &["image/webp"], 500 * KIB),
    (MediaKind::Video, &["video/mp4", "video/3gpp"], 16 * MIB),
];
/// Most bytes of a sticker that does not move.
const STILL_STICKER: usize = 100 * KIB;

/// A file to upload, for sending it by id as often as wanted within 30 days.
///
/// ```
/// use whatsapp_core::MediaKind;
/// use whatsapp_meta::MediaUpload;
/// let menu = MediaUpload::new(MediaKind::Document, "application/pdf", "%PDF-1.7 …").with_file_name("תפריט.pdf");
/// assert!(menu.check().is_ok());
/// assert!(MediaUpload::new(MediaKind::Image, "image/webp", "RIFF").check().is_err(), "WebP is for stickers");
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MediaUpload {
    /// How WhatsApp will show it; it decides the limits.
    pub kind: MediaKind,
    /// MIME type; parameters such as `codecs=opus` are allowed.
    pub mime_type: String,
    /// Name of the file in the upload. What a contact sees is the name in the message.
    pub file_name: String,
    /// The file.
    pub bytes: Bytes,
    /// How many minutes Meta keeps it, for a number whose storage is switched off.
    pub ttl_minutes: Option<u32>,
}

impl MediaUpload {
    /// A file named after its kind.
    #[must_use]
    pub fn new(kind: MediaKind, mime_type: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        let (mime_type, bytes) = (mime_type.into(), bytes.into());
        Self { kind, mime_type, file_name: kind.as_str().to_owned(), bytes, ttl_minutes: None }
    }

    /// Names the file.
    #[must_use]
    pub fn with_file_name(mut self, name: impl Into<String>) -> Self {
        self.file_name = name.into();
        self
    }

    /// Says how many minutes Meta keeps it, for a number whose storage is switched off.
    #[must_use]
    pub const fn with_ttl_minutes(mut self, minutes: u32) -> Self {
        self.ttl_minutes = Some(minutes);
        self
    }

    /// Checks type, size and name without I/O.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidMessage`]; the message names the field and the limit.
    pub fn check(&self) -> Result<()> {
        let invalid = |problem: String| Err(Error::new(ID, ErrorKind::InvalidMessage, problem));
        let kind = self.kind.as_str();
        let Some((_, types, most)) = LIMITS.iter().find(|(known, ..)| *known == self.kind) else {
            return Err(Error::new(ID, ErrorKind::Unsupported, format!("files of kind {kind} cannot be uploaded")));
        };
        let printable = |text: &str| !text.is_empty() && !text.chars().any(char::is_control);
        if !printable(&self.file_name) {
            return invalid("file_name is empty or has control characters".to_owned());
        }
        let mime = self.mime_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let shaped = mime.split_once('/').is_some_and(|(main, sub)| !main.is_empty() && !sub.is_empty());
        if !shaped || !printable(&self.mime_type) || !self.mime_type.is_ascii() {
            return invalid("mime_type is no MIME type".to_owned());
        }
        if !types.is_empty() && !types.contains(&&*mime) {
            return invalid(format!("mime_type: for {kind} Meta takes {}", types.join(", ")));
        }
        let still = self.kind == MediaKind::Sticker && !moves(&self.bytes);
        let most = if still { STILL_STICKER } else { *most };
        match self.bytes.len() {
            0 => invalid("the file is empty".to_owned()),
            size if size > most => invalid(format!("the {kind} has {size} bytes, the limit is {most}")),
            _ => Ok(()),
        }
    }
}

/// Shows no content.
impl std::fmt::Debug for MediaUpload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("MediaUpload");
        shown.field("kind", &self.kind).field("mime_type", &self.mime_type).field("bytes", &self.bytes.len());
        shown.finish_non_exhaustive()
    }
}

/// Whether a WebP file is animated: the second bit of the flags of its extended header. Source: WebP container
/// specification.
fn moves(file: &[u8]) -> bool {
    let is = |at: usize, tag: &[u8]| file.get(at..at + 4) == Some(tag);
    is(0, b"RIFF") && is(8, b"WEBP") && is(12, b"VP8X") && file.get(20).is_some_and(|flags| flags & 0b10 != 0)
}
