//! Moving files. Source: Meta, Cloud API reference, media.
use std::fmt;

use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{Method, StatusCode, header::ACCEPT};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use whatsapp_core::{
    Error, ErrorKind, InboundMedia, Media, Result, Retry,
    client::{
        Answer,
        multipart::{Form, Part},
    },
};

use super::{MediaUpload, address::vetted};
use crate::{
    ID, Meta,
    endpoint::{invalid, segment, typed},
    error::{self, Effect},
    read,
};

/// What Meta tells of a file.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct MediaInfo {
    /// Its id.
    #[serde(deserialize_with = "read::text")]
    pub id: Option<String>,
    /// Where to fetch it within five minutes, with the line's token.
    #[serde(deserialize_with = "read::text")]
    pub url: Option<String>,
    /// MIME type.
    #[serde(deserialize_with = "read::text")]
    pub mime_type: Option<String>,
    /// SHA-256 of the file; hexadecimal here, base64 in webhooks.
    #[serde(deserialize_with = "read::text")]
    pub sha256: Option<String>,
    /// Its size in bytes.
    #[serde(deserialize_with = "read::size")]
    pub file_size: Option<u64>,
}

/// Shows no address: whoever has it and a token has the file.
impl fmt::Debug for MediaInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("MediaInfo");
        shown.field("id", &self.id).field("mime_type", &self.mime_type).field("file_size", &self.file_size);
        shown.finish_non_exhaustive()
    }
}

impl Meta {
    /// Uploads a file and answers its id, which lives 30 days. Source: `POST /{phone_number_id}/media`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_meta::Meta, to: whatsapp_core::PhoneNumber, pdf: Vec<u8>)
    /// # -> whatsapp_core::Result<()> {
    /// use whatsapp_core::{MediaFile, MediaKind, SenderExt};
    /// use whatsapp_meta::MediaUpload;
    /// let id = line.upload_media(&MediaUpload::new(MediaKind::Document, "application/pdf", pdf)).await?;
    /// line.send_content(to, MediaFile::uploaded(MediaKind::Document, id).with_file_name("מחירון.pdf")).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What [`MediaUpload::check`] finds, before any I/O; what Meta's code says. A failure of unknown fate may be tried
    /// again: a file that is uploaded twice is only a second id.
    pub async fn upload_media(&self, file: &MediaUpload) -> Result<String> {
        #[derive(Deserialize)]
        struct Uploaded {
            #[serde(deserialize_with = "read::text")]
            id: Option<String>,
        }
        file.check()?;
        let size = u64::try_from(file.bytes.len()).unwrap_or(u64::MAX);
        let part = Part::stream_with_length(file.bytes.clone(), size).file_name(file.file_name.clone());
        // The part's own type decides; a missing one is refused.
        let part = part.mime_str(&file.mime_type).map_err(|_| invalid("mime_type is no MIME type"))?;
        let mut form = Form::new().text("messaging_product", "whatsapp").text("type", file.mime_type.clone());
        if let Some(minutes) = file.ttl_minutes {
            form = form.text("ttl_minutes", minutes.to_string());
        }
        let endpoint = self.endpoint();
        let request = endpoint.request(Method::POST, &endpoint.address(&endpoint.of_number("media"), &[]));
        let request = request.timeout(endpoint.http.time_for(size)).multipart(form.part("file", part));
        let answer = endpoint.run(request, Effect::Repeatable).await?;
        let uploaded: Uploaded = typed(&answer, Effect::Repeatable)?;
        uploaded.id.ok_or_else(|| Effect::Repeatable.of(error::read(&answer)))
    }

    /// Looks a file of this number up, to learn its address, type and size. Source: `GET /{media_id}`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_meta::Meta) -> whatsapp_core::Result<()> {
    /// let info = line.media_info("880000000000701").await?;
    /// println!("{:?} bytes of {:?}", info.file_size, info.mime_type);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What Meta's code says; ids from webhooks live 7 days.
    pub async fn media_info(&self, id: &str) -> Result<MediaInfo> {
        let number = self.endpoint().number.as_str();
        self.endpoint().get(&segment(id)?, &[("phone_number_id", number)]).await
    }

    /// Deletes a file of this number. Source: `DELETE /{media_id}`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_meta::Meta) -> whatsapp_core::Result<()> {
    /// line.delete_media("880000000000701").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What Meta's code says.
    pub async fn delete_media(&self, id: &str) -> Result<()> {
        let number = self.endpoint().number.as_str();
        self.endpoint().delete(&segment(id)?, &[("phone_number_id", number)]).await
    }

    async fn file(&self, url: &str, max_bytes: usize) -> Result<Answer> {
        let endpoint = self.endpoint();
        let url = vetted(url, &endpoint.base)?;
        let request = endpoint.request(Method::GET, url.as_str()).header(ACCEPT, "*/*");
        endpoint.http.download(request, max_bytes).await
    }

    /// Looks up where a file is now; refuses one that is surely too large.
    async fn located(&self, id: Option<&str>, max_bytes: usize) -> Result<(String, Option<String>)> {
        let id = id.ok_or_else(|| invalid("media: it has neither an id nor a living address"))?;
        let info = self.media_info(id).await?;
        if info.file_size.is_some_and(|size| size > max_bytes as u64) {
            return Err(invalid(format!("the file is larger than {max_bytes} bytes")));
        }
        let unknown = || Error::new(ID, ErrorKind::Protocol, "Meta does not tell where the file is");
        Ok((info.url.ok_or_else(unknown)?, info.sha256))
    }
}

/// Files of contacts: by address, or by id where the address is missing or has died. The address must be Meta's own:
/// the configured origin, or a host of Meta's files over https. Redirects are not followed, and a file whose SHA-256
/// is known is checked against it.
///
/// ```no_run
/// # async fn example(line: whatsapp_meta::Meta, media: whatsapp_core::InboundMedia) -> whatsapp_core::Result<()> {
/// use whatsapp_core::Media;
/// let bytes = line.download(&media, 16 * 1024 * 1024).await?;
/// # Ok(())
/// # }
/// ```
#[async_trait]
impl Media for Meta {
    async fn download(&self, media: &InboundMedia, max_bytes: usize) -> Result<Bytes> {
        let id = media.id.as_deref();
        let mut digest = media.sha256.clone();
        let mut answer = None;
        if let Some(url) = &media.url {
            let first = self.file(url, max_bytes).await?;
            // Addresses die after five minutes, and look as if the file were gone.
            let died = first.status == StatusCode::NOT_FOUND && id.is_some();
            answer = (!died).then_some(first);
        }
        let answer = if let Some(answer) = answer {
            answer
        } else {
            let (url, told) = self.located(id, max_bytes).await?;
            digest = digest.or(told);
            self.file(&url, max_bytes).await?
        };
        if answer.status == StatusCode::NOT_FOUND {
            let error = invalid("the file is gone").with_status(StatusCode::NOT_FOUND.as_u16());
            return Err(error.with_advice("Fetch files at once: those of contacts are kept for 7 days."));
        }
        if !answer.status.is_success() {
            return Err(Effect::Repeatable.of(error::read(&self.endpoint().without_token(answer))));
        }
        if digest.as_deref().and_then(bytes_of_digest).is_some_and(|digest| digest != Sha256::digest(&answer.body)[..])
        {
            let error = Error::new(ID, ErrorKind::Protocol, "the file is not the one that its SHA-256 tells of");
            return Err(error.with_retry(Retry::Backoff));
        }
        Ok(answer.body)
    }
}

/// The digest in `text`: hexadecimal where it has 64 characters, else base64. `None` for what is no digest.
fn bytes_of_digest(text: &str) -> Option<Vec<u8>> {
    let bytes = if text.len() == 64 { hex::decode(text).ok()? } else { BASE64_STANDARD.decode(text).ok()? };
    (bytes.len() == 32).then_some(bytes)
}
