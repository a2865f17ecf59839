//! Files: as the bridge is asked to send them, and as a contact's message describes them.
use std::{borrow::Cow, collections::BTreeMap};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use whatsapp_core::{Error, ErrorKind, InboundMedia, MediaFile, MediaKind, MediaSource, MessageId, Result};

use crate::{
    ID,
    wire::{lenient, text},
};

/// A file that the bridge fetches and sends.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FileJson<'m> {
    #[serde(rename = "type")]
    kind: &'static str,
    url: &'m str,
    #[serde(skip_serializing_if = "Option::is_none")]
    caption: Option<&'m str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_name: Option<&'m str>,
}

impl<'m> FileJson<'m> {
    pub(crate) fn new(file: &'m MediaFile) -> Result<Self> {
        let MediaSource::Link(url) = &file.source else {
            return Err(Error::new(ID, ErrorKind::Unsupported, "a file by id cannot be sent by this provider"));
        };
        if file.kind == MediaKind::Audio && file.caption.is_some() {
            return Err(Error::new(ID, ErrorKind::Unsupported, "an audio's caption cannot be sent by this provider"));
        }
        Ok(Self {
            kind: file.kind.as_str(),
            url: url.as_str(),
            caption: file.caption.as_deref(),
            file_name: file.file_name.as_deref(),
        })
    }
}

/// How WhatsApp shows the file in this field of a message, if the field holds one.
pub(crate) fn kind_of(field: &str) -> Option<MediaKind> {
    Some(match field {
        "imageMessage" => MediaKind::Image,
        "videoMessage" | "ptvMessage" => MediaKind::Video,
        "audioMessage" => MediaKind::Audio,
        "documentMessage" => MediaKind::Document,
        "stickerMessage" => MediaKind::Sticker,
        _ => return None,
    })
}

/// A file in message `id`. WhatsApp's own address of it is of no use without the keys, so the message's id is
/// what names it at the bridge.
pub(crate) fn read(kind: MediaKind, value: &RawValue, id: &MessageId) -> Option<InboundMedia> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Described<'a> {
        #[serde(borrow, default, deserialize_with = "lenient")]
        mimetype: Option<Cow<'a, str>>,
        #[serde(borrow, default, deserialize_with = "lenient")]
        caption: Option<Cow<'a, str>>,
        #[serde(borrow, default, deserialize_with = "lenient")]
        file_name: Option<Cow<'a, str>>,
        #[serde(borrow, default)]
        file_sha256: Option<&'a RawValue>,
        #[serde(borrow, default)]
        ptt: Option<&'a RawValue>,
    }
    let found: Described<'_> = serde_json::from_str(value.get()).ok()?;
    let mut media = InboundMedia::new(kind);
    media.id = Some(id.as_str().to_owned());
    media.mime_type = found.mimetype.map(Cow::into_owned);
    media.caption = found.caption.map(Cow::into_owned);
    media.file_name = found.file_name.map(Cow::into_owned);
    media.sha256 = found.file_sha256.and_then(bytes).filter(|hash| hash.len() == 32).map(|h| BASE64_STANDARD.encode(h));
    media.voice = found.ptt.is_some_and(|ptt| ptt.get() == "true");
    Some(media)
}

/// Bytes as JavaScript prints them: base64, a `Buffer` with a list or with base64, or `{"0": …, "1": …}`.
fn bytes(raw: &RawValue) -> Option<Vec<u8>> {
    #[derive(Deserialize)]
    struct Buffer<'a> {
        #[serde(borrow)]
        data: &'a RawValue,
    }
    if let Some(encoded) = text(raw) {
        return BASE64_STANDARD.decode(&*encoded).ok();
    }
    if let Ok(Buffer { data }) = serde_json::from_str(raw.get()) {
        return match text(data) {
            Some(encoded) => BASE64_STANDARD.decode(&*encoded).ok(),
            None => serde_json::from_str(data.get()).ok(),
        };
    }
    let numbered: BTreeMap<u32, u8> = serde_json::from_str(raw.get()).ok()?;
    Some(numbered.into_values().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_in_every_spelling() {
        let spellings = [
            r#""AQID""#,
            r#"{"type":"Buffer","data":[1,2,3]}"#,
            r#"{"type":"Buffer","data":"AQID"}"#,
            r#"{"0":1,"1":2,"2":3}"#,
            r#"{"2":3,"0":1,"1":2}"#,
        ];
        for json in spellings {
            let raw: &RawValue = serde_json::from_str(json).unwrap();
            assert_eq!(bytes(raw).unwrap(), [1, 2, 3], "{json}");
        }
        for json in ["1", "null", "[1]", r#""*""#, r#"{"0":256}"#, r#"{"a":1}"#] {
            assert_eq!(bytes(serde_json::from_str(json).unwrap()), None, "{json}");
        }
    }
}
