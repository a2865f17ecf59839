//! Files: sent as a link in a field, fetched from an address.
mod transfer;

use std::borrow::Cow;

use whatsapp_core::{Error, ErrorKind, MediaFile, MediaKind, MediaSource, Result};

/// The fields that send `file`. Twilio knows neither kind nor name of a file: it looks at what the link answers.
///
/// A caption travels as `Body`. Sound has none on WhatsApp, so one there is refused rather than lost.
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
