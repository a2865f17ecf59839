//! Resumable uploads: samples for template headers, and profile pictures. Source: Meta, Graph API, Resumable Upload
//! API.
use std::fmt;

use bytes::Bytes;
use http::{
    Method,
    header::{ACCEPT, AUTHORIZATION, HeaderValue},
};
use serde::{Deserialize, Serialize};
use whatsapp_core::{Result, client::RequestBuilder};

use crate::{
    Meta,
    endpoint::{invalid, segment, typed},
    error::{self, Effect},
    read,
};

/// An upload under way; its id is a key to it, so `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UploadSession(String);

impl UploadSession {
    /// The session of an `id` that was kept, as Meta wrote it: `upload:…?sig=…`, whose parts are base64.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidMessage`](whatsapp_core::ErrorKind::InvalidMessage) for what is no such id.
    pub fn from_id(id: &str) -> Result<Self> {
        let plain = |byte: u8| byte.is_ascii_graphic() && !b"\\#\"<>".contains(&byte);
        let shaped = id.strip_prefix("upload:").is_some_and(|rest| !rest.is_empty() && !rest.starts_with('?'));
        let shaped = shaped && id.bytes().all(plain);
        if shaped { Ok(Self(id.to_owned())) } else { Err(invalid("the id of an upload begins with upload:")) }
    }

    /// The id, to resume with later.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0
    }

    /// The id as one segment of a path, and its query; a slash of base64 would begin another segment.
    fn path(&self) -> String {
        let (id, query) = self.0.split_at(self.0.find('?').unwrap_or(self.0.len()));
        id.replace('/', "%2F").replace('+', "%2B") + query
    }
}

impl fmt::Debug for UploadSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UploadSession(…)")
    }
}

#[derive(Deserialize)]
struct Session {
    #[serde(default, deserialize_with = "read::text")]
    id: Option<String>,
    #[serde(default, deserialize_with = "read::text")]
    h: Option<String>,
    #[serde(default, deserialize_with = "read::size")]
    file_offset: Option<u64>,
}

impl Meta {
    /// Begins an upload of `length` bytes for the app `app_id`; the bytes follow with
    /// [`upload_rest`](Self::upload_rest). Source: `POST /{app_id}/uploads`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_meta::Meta, film: bytes::Bytes) -> whatsapp_core::Result<()> {
    /// let length = film.len() as u64;
    /// let session = line.begin_upload("700000000000001", "film.mp4", "video/mp4", length).await?;
    /// let handle = line.upload_rest(&session, 0, film).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidMessage`](whatsapp_core::ErrorKind::InvalidMessage) for an empty file; what Meta's code
    /// says.
    pub async fn begin_upload(
        &self,
        app_id: &str,
        file_name: &str,
        mime_type: &str,
        length: u64,
    ) -> Result<UploadSession> {
        if length == 0 {
            return Err(invalid("the file is empty"));
        }
        let length = length.to_string();
        let query = [("file_name", file_name), ("file_length", &length), ("file_type", mime_type)];
        let path = format!("{}/uploads", segment(app_id)?);
        let request = self.endpoint().request(Method::POST, &self.endpoint().address(&path, &query));
        let answer = self.endpoint().run(request, Effect::Repeatable).await?;
        let session: Session = typed(&answer, Effect::Repeatable)?;
        UploadSession::from_id(&session.id.unwrap_or_default()).map_err(|_| Effect::Repeatable.of(error::read(&answer)))
    }

    /// Sends the bytes of a file from `offset` on and answers its handle, which a template's sample or a profile
    /// picture is made with. Source: `POST /upload:{id}`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_meta::Meta, film: bytes::Bytes) -> whatsapp_core::Result<()> {
    /// use whatsapp_meta::UploadSession;
    /// let session = UploadSession::from_id("upload:MTphdHRhY2htZW50")?; // kept when it began
    /// let handle = line.upload_rest(&session, 0, film).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What Meta's code says; a failure may be resumed at [`upload_offset`](Self::upload_offset).
    pub async fn upload_rest(&self, session: &UploadSession, offset: u64, rest: Bytes) -> Result<String> {
        let time = self.endpoint().http.time_for(u64::try_from(rest.len()).unwrap_or(u64::MAX));
        let request = self.of_session(Method::POST, session).header("file_offset", offset).timeout(time).body(rest);
        let answer = self.endpoint().run(request, Effect::Repeatable).await?;
        let session: Session = typed(&answer, Effect::Repeatable)?;
        session.h.ok_or_else(|| Effect::Repeatable.of(error::read(&answer)))
    }

    /// How many bytes of an upload have arrived. Source: `GET /upload:{id}`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_meta::Meta, film: bytes::Bytes) -> whatsapp_core::Result<()> {
    /// let session = whatsapp_meta::UploadSession::from_id("upload:MTphdHRhY2htZW50")?;
    /// let arrived = line.upload_offset(&session).await?;
    /// let rest = film.slice(usize::try_from(arrived).unwrap_or(usize::MAX).min(film.len())..);
    /// let handle = line.upload_rest(&session, arrived, rest).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What Meta's code says.
    pub async fn upload_offset(&self, session: &UploadSession) -> Result<u64> {
        let answer = self.endpoint().run(self.of_session(Method::GET, session), Effect::Repeatable).await?;
        let session: Session = typed(&answer, Effect::Repeatable)?;
        session.file_offset.ok_or_else(|| Effect::Repeatable.of(error::read(&answer)))
    }

    /// Uploads a whole file for the app `app_id` and answers its handle; one that breaks off is resumed once.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_meta::Meta, png: Vec<u8>) -> whatsapp_core::Result<()> {
    /// let handle = line.upload_sample("700000000000001", "header.png", "image/png", png.into()).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As its three steps.
    pub async fn upload_sample(&self, app_id: &str, file_name: &str, mime_type: &str, file: Bytes) -> Result<String> {
        let length = u64::try_from(file.len()).unwrap_or(u64::MAX);
        let session = self.begin_upload(app_id, file_name, mime_type, length).await?;
        let first = self.upload_rest(&session, 0, file.clone()).await;
        match first {
            Err(error) if error.retry() == whatsapp_core::Retry::Backoff => {
                let offset = self.upload_offset(&session).await?;
                let at = usize::try_from(offset).unwrap_or(usize::MAX).min(file.len());
                self.upload_rest(&session, offset, file.slice(at..)).await
            }
            done => done,
        }
    }

    /// This interface alone wants another word before the token.
    fn of_session(&self, method: Method, session: &UploadSession) -> RequestBuilder {
        let endpoint = self.endpoint();
        let address = endpoint.address(&session.path(), &[]);
        let request = endpoint.http.request(method, &address).header(ACCEPT, "application/json");
        let mut value = HeaderValue::try_from(format!("OAuth {}", endpoint.token.expose())).ok();
        if let Some(value) = &mut value {
            value.set_sensitive(true);
        }
        match value {
            Some(value) => request.header(AUTHORIZATION, value),
            None => request,
        }
    }
}
