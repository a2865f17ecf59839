//! Files that contacts send. Source: Twilio, `MediaUrl<n>` and `MediaContentType<n>` of a form.
use whatsapp_core::{InboundMedia, MediaKind, MessageId};

use super::fields::{Field, Fields};

/// The id of one file of a message; it is an event of its own.
///
/// The first file has the message's id, which statuses and quotes name. A further one adds its number, from 1 on:
/// `MM…/1`, `MM…/2`. The number is that of its field, and so its place in the message's list of files.
pub(crate) fn file_id(sid: &str, at: usize) -> MessageId {
    if at == 0 { MessageId::from(sid) } else { MessageId::from(format!("{sid}/{at}")) }
}

/// A file as events show it, wherever Twilio tells of it.
///
/// `claimed` is the message's type, which speaks of its first file only; without one the MIME type decides. An address
/// card (`text/vcard`) is a document: fetched, it says more than we would make of it.
pub(crate) fn received_file(claimed: &str, url: String, mime_type: Option<String>) -> InboundMedia {
    let mime = mime_type.as_deref().unwrap_or_default();
    let kind = match claimed {
        "image" => MediaKind::Image,
        "video" => MediaKind::Video,
        "audio" | "voice" => MediaKind::Audio,
        "document" => MediaKind::Document,
        "sticker" => MediaKind::Sticker,
        _ => MediaKind::of_mime(mime),
    };
    let mut media = InboundMedia::new(kind);
    // WhatsApp records voice notes, and only those, as Opus in OGG; Twilio says no more than that.
    media.voice = kind == MediaKind::Audio && mime.starts_with("audio/ogg");
    media.id = url.rsplit('/').next().filter(|id| id.starts_with("ME")).map(str::to_owned);
    media.url = Some(url);
    media.mime_type = mime_type;
    media
}

/// The files that are there, in the order of their numbers; `NumMedia` is not asked.
pub(super) fn files<'f>(fields: &Fields<'f>) -> impl Iterator<Item = File<'f>> {
    let here = fields.files.iter().filter(|(_, [url, _])| url.text().is_some());
    here.enumerate().map(|(at, (number, [url, mime]))| File {
        at: if at == 0 { 0 } else { usize::from(*number) },
        url: *url,
        mime: *mime,
    })
}

/// A file of a form.
pub(super) struct File<'f> {
    /// As [`file_id`] wants it.
    pub(super) at: usize,
    url: Field<'f>,
    mime: Field<'f>,
}

impl File<'_> {
    pub(super) fn read(&self, claimed: &str) -> InboundMedia {
        received_file(claimed, self.url.string().unwrap_or_default(), self.mime.string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_further_file_adds_its_number() {
        let ids = [0, 1, 12].map(|at| file_id("MM01", at));
        assert_eq!(ids, ["MM01", "MM01/1", "MM01/12"].map(MessageId::from));
    }
}
