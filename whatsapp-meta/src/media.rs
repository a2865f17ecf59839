//! Files, in both directions. Source: Meta, Cloud API reference, media messages.
#[cfg(feature = "client")]
mod address;
#[cfg(feature = "client")]
mod transfer;
mod upload;

#[cfg(feature = "client")]
pub use self::transfer::MediaInfo;
pub use self::upload::MediaUpload;

#[cfg(feature = "client")]
use serde_json::Value;
use whatsapp_core::{InboundMedia, MediaKind};
#[cfg(feature = "client")]
use whatsapp_core::{MediaFile, MediaSource};

#[cfg(feature = "client")]
use crate::encode::object;
use crate::wire;

/// A contact's file.
pub(crate) fn received(kind: MediaKind, file: &wire::Media<'_>) -> InboundMedia {
    let mut media = InboundMedia::new(kind);
    media.id = file.id.string();
    media.url = file.url.string();
    media.mime_type = file.mime_type.string();
    media.sha256 = file.sha256.string();
    media.caption = file.caption.string();
    media.file_name = file.filename.string();
    media.voice = file.voice.is_true();
    media.animated = file.animated.is_true();
    media
}

/// The media object of a message; `None` for a source that this version does not know.
#[cfg(feature = "client")]
pub(crate) fn sent(file: &MediaFile) -> Option<Value> {
    let (link, id) = match &file.source {
        MediaSource::Link(link) => (Some(link.as_str()), None),
        MediaSource::Id(id) => (None, Some(id.as_str())),
        _ => return None,
    };
    let caption = file.caption.as_deref().filter(|caption| !caption.is_empty());
    // Only documents show a name, and Meta refuses the key elsewhere.
    let name = file.file_name.as_deref().filter(|_| file.kind == MediaKind::Document);
    Some(object([
        ("link", link.map(Value::from)),
        ("id", id.map(Value::from)),
        ("caption", caption.map(Value::from)),
        ("filename", name.map(Value::from)),
        ("voice", file.voice.then(|| true.into())),
    ]))
}
