//! Files, both ways: a link in a field of ours, numbered fields of theirs.
#[cfg(feature = "client")]
mod transfer;

use std::{borrow::Cow, collections::BTreeMap};

#[cfg(feature = "client")]
use whatsapp_core::{Error, ErrorKind, MediaFile, MediaSource, Result};
use whatsapp_core::{InboundMedia, MediaKind};

use crate::wire::Form;

/// The fields that send `file`. Twilio knows neither kind nor name of a file: it looks at what the link answers.
///
/// A caption travels as `Body`. Sound has none on WhatsApp, so one there is refused rather than lost.
#[cfg(feature = "client")]
pub(crate) fn fields(file: &MediaFile) -> Result<Vec<(&'static str, Cow<'_, str>)>> {
    let MediaSource::Link(url) = &file.source else {
        return Err(Error::new(crate::ID, ErrorKind::Unsupported, "a file goes by link only: Twilio has no uploads"));
    };
    let caption = file.caption.as_deref().filter(|caption| !caption.is_empty());
    if caption.is_some() && file.kind == MediaKind::Audio {
        let problem = "media.caption: audio has no caption; send the text as a message of its own";
        return Err(Error::new(crate::ID, ErrorKind::InvalidMessage, problem));
    }
    let body = caption.map(|caption| ("Body", caption.into()));
    Ok(body.into_iter().chain([("MediaUrl", url.as_str().into())]).collect())
}

/// A file of an inbound form: `MediaUrl<n>` and `MediaContentType<n>`.
pub(crate) struct Attachment<'f> {
    /// The number as written.
    pub(crate) number: &'f str,
    url: Cow<'f, str>,
    mime_type: Option<Cow<'f, str>>,
}

/// The files that are there, by number; `NumMedia` is not asked.
pub(crate) fn attachments<'f>(form: &'f Form<'_>) -> Vec<Attachment<'f>> {
    // Numbers first, each once: a form of a thousand such fields must not cost a million looks.
    let mut numbers: BTreeMap<u8, &str> = BTreeMap::new();
    for number in form.pairs().filter_map(|(key, _)| key.strip_prefix("MediaUrl")) {
        if let Ok(order) = number.parse() {
            numbers.entry(order).or_insert(number);
        }
    }
    let read = |number| {
        let url = form.get(&format!("MediaUrl{number}"))?;
        Some(Attachment { number, url, mime_type: form.get(&format!("MediaContentType{number}")) })
    };
    numbers.into_values().filter_map(read).collect()
}

impl Attachment<'_> {
    /// Whether it is an address card.
    pub(crate) fn is_contact(&self) -> bool {
        let mime = self.mime_type.as_deref().and_then(|mime| mime.split(';').next()).unwrap_or_default();
        matches!(mime.trim(), "text/vcard" | "text/x-vcard")
    }

    /// The file; `claimed` is the `MessageType`, which speaks of the first file only.
    pub(crate) fn read(self, claimed: &str) -> InboundMedia {
        let kind = match claimed {
            "image" => MediaKind::Image,
            "video" => MediaKind::Video,
            "audio" | "voice" => MediaKind::Audio,
            "document" => MediaKind::Document,
            "sticker" => MediaKind::Sticker,
            _ => MediaKind::of_mime(self.mime_type.as_deref().unwrap_or_default()),
        };
        let mut media = InboundMedia::new(kind);
        // WhatsApp records voice notes, and only those, as Opus in OGG; Twilio says no more than that.
        media.voice = kind == MediaKind::Audio && self.mime_type.as_deref().is_some_and(|m| m.starts_with("audio/ogg"));
        media.id = self.url.rsplit('/').next().filter(|id| id.starts_with("ME")).map(str::to_owned);
        media.url = Some(self.url.into_owned());
        media.mime_type = self.mime_type.map(Cow::into_owned);
        media
    }
}
