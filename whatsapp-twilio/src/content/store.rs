//! Making, reading, changing and deleting contents, and asking WhatsApp to approve them.
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use whatsapp_core::{Error, ErrorKind, Result};

use super::{Approval, ApprovalRequest, ContentDraft, ContentPage, ContentTemplate, record::RawPage};
use crate::{
    ID, Twilio,
    endpoint::{next_page, sid, typed, with_query},
    error::Effect,
    hosts::Product,
    read,
};

const CONTENTS: &str = "/v1/Content";
/// Contents with how they stand.
pub(super) const WITH_APPROVALS: &str = "/v1/ContentAndApprovals";
/// Contents on a page.
const PAGE: &str = "500";

impl Twilio {
    /// Makes a content. Source: `POST /v1/Content`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_twilio::Twilio) -> whatsapp_core::Result<()> {
    /// use whatsapp_twilio::content::{ContentDraft, ContentType};
    /// let reminder = ContentDraft::new("he", ContentType::text("היי {{1}}, נתראה ב-{{2}} אצלנו"))
    ///     .named("reminder")
    ///     .with_sample("1", "דנה")
    ///     .with_sample("2", "10:00");
    /// let content = line.create_content(&reminder).await?;
    /// println!("{:?}", content.sid);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidMessage`] from [`ContentDraft::check`]; what Twilio's code says. After an ambiguous one the
    /// content may be there: look with [`contents`](Self::contents), or make it again, which leaves a spare one.
    pub async fn create_content(&self, draft: &ContentDraft) -> Result<ContentTemplate> {
        draft.check()?;
        let made = self.send_content_json(Method::POST, CONTENTS, draft, Effect::Once).await;
        self.names.have_changed();
        made
    }

    /// One content by its id. Source: `GET /v1/Content/{sid}`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_twilio::Twilio) -> whatsapp_core::Result<()> {
    /// let content = line.content("HXd1ce0000d1ce0000d1ce0000d1ce0000").await?;
    /// println!("{:?}", content.wording());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What Twilio's code says.
    pub async fn content(&self, content_sid: &str) -> Result<ContentTemplate> {
        self.endpoint.get(Product::Content, &content_path(content_sid, "")?).await
    }

    /// Lists contents; `page` is the [`next`](ContentPage::next) of the page before. Source: `GET /v1/Content`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_twilio::Twilio) -> whatsapp_core::Result<()> {
    /// let mut page = line.contents(None).await?;
    /// while let Some(next) = page.next {
    ///     page = line.contents(Some(&next)).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What Twilio's code says.
    pub async fn contents(&self, page: Option<&str>) -> Result<ContentPage> {
        self.content_page(CONTENTS, page).await
    }

    /// As [`contents`](Self::contents), with how each stands with WhatsApp. Source: `GET /v1/ContentAndApprovals`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_twilio::Twilio) -> whatsapp_core::Result<()> {
    /// for content in line.contents_with_approvals(None).await?.contents {
    ///     println!("{:?}: {:?}", content.friendly_name, content.approval);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What Twilio's code says.
    pub async fn contents_with_approvals(&self, page: Option<&str>) -> Result<ContentPage> {
        self.content_page(WITH_APPROVALS, page).await
    }

    /// Changes a content that was not submitted to WhatsApp; the draft is all of it from now on. Its id stays. Source:
    /// `PUT /v1/Content/{sid}`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_twilio::Twilio) -> whatsapp_core::Result<()> {
    /// use whatsapp_twilio::content::{ContentDraft, ContentType};
    /// let shorter = ContentDraft::new("he", ContentType::text("נתראה מחר!")).named("reminder");
    /// line.update_content("HXd1ce0000d1ce0000d1ce0000d1ce0000", &shorter).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidMessage`] from [`ContentDraft::check`]; what Twilio's code says.
    pub async fn update_content(&self, content_sid: &str, draft: &ContentDraft) -> Result<ContentTemplate> {
        let path = content_path(content_sid, "")?;
        draft.check()?;
        let changed = self.send_content_json(Method::PUT, &path, draft, Effect::Repeatable).await;
        self.has_changed(content_sid).await;
        changed
    }

    /// Deletes a content. Source: `DELETE /v1/Content/{sid}`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_twilio::Twilio) -> whatsapp_core::Result<()> {
    /// line.delete_content("HXd1ce0000d1ce0000d1ce0000d1ce0000").await
    /// # }
    /// ```
    ///
    /// # Errors
    /// What Twilio's code says; one that is gone already is not found.
    pub async fn delete_content(&self, content_sid: &str) -> Result<()> {
        let deleted = self.endpoint.delete(Product::Content, &content_path(content_sid, "")?).await;
        self.has_changed(content_sid).await;
        deleted
    }

    /// Asks WhatsApp to approve a content, which takes minutes or a day. Source:
    /// `POST /v1/Content/{sid}/ApprovalRequests/whatsapp`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_twilio::Twilio) -> whatsapp_core::Result<()> {
    /// use whatsapp_twilio::content::{ApprovalCategory, ApprovalRequest};
    /// let request = ApprovalRequest::new("reminder", ApprovalCategory::Utility);
    /// let approval = line.request_approval("HXd1ce0000d1ce0000d1ce0000d1ce0000", &request).await?;
    /// println!("{}", approval.status);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidMessage`] from [`ApprovalRequest::check`]; what Twilio's code says. After an ambiguous one,
    /// [`approval`](Self::approval) tells whether it was taken.
    pub async fn request_approval(&self, content_sid: &str, request: &ApprovalRequest) -> Result<Approval> {
        let path = content_path(content_sid, "/ApprovalRequests/whatsapp")?;
        request.check()?;
        let asked = self.send_content_json(Method::POST, &path, request, Effect::Once).await;
        self.names.have_changed();
        asked
    }

    /// How a content stands with WhatsApp. Source: `GET /v1/Content/{sid}/ApprovalRequests`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_twilio::Twilio) -> whatsapp_core::Result<()> {
    /// use whatsapp_twilio::content::ApprovalStatus;
    /// let approval = line.approval("HXd1ce0000d1ce0000d1ce0000d1ce0000").await?;
    /// if approval.status == ApprovalStatus::Rejected {
    ///     println!("{:?}", approval.rejection_reason);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What Twilio's code says.
    pub async fn approval(&self, content_sid: &str) -> Result<Approval> {
        #[derive(Deserialize)]
        struct Requests {
            #[serde(default, deserialize_with = "read::lenient")]
            whatsapp: Option<Approval>,
        }
        let path = content_path(content_sid, "/ApprovalRequests")?;
        let requests: Requests = self.endpoint.get(Product::Content, &path).await?;
        Ok(requests.whatsapp.unwrap_or_default())
    }

    /// Forgets what was known of a content that this line changed, or may have changed.
    async fn has_changed(&self, content_sid: &str) {
        self.names.have_changed();
        self.sessions.forget(content_sid).await;
    }

    /// A page of the list at `path`: the one at `page`, else the first.
    pub(super) async fn content_page(&self, path: &str, page: Option<&str>) -> Result<ContentPage> {
        let path = match page {
            Some(next) => next_page(&self.endpoint, Product::Content, next)?.to_owned(),
            None => with_query(path, [("PageSize", PAGE)]),
        };
        self.endpoint.get::<RawPage>(Product::Content, &path).await.map(Into::into)
    }

    /// The contents whose name is like `name`. Source: `GET /v2/Content`, filter `ContentName`, a pattern.
    pub(super) async fn contents_like(&self, name: &str) -> Result<Vec<ContentTemplate>> {
        let path = with_query("/v2/Content", [("PageSize", PAGE), ("ContentName", name)]);
        self.endpoint.get::<RawPage>(Product::Content, &path).await.map(|page| ContentPage::from(page).contents)
    }

    /// Makes a content for a message that waits for it: what is in doubt here was surely not sent, and making it twice
    /// leaves a spare one.
    pub(super) async fn create_for_send(&self, draft: &ContentDraft) -> Result<ContentTemplate> {
        self.send_content_json(Method::POST, CONTENTS, draft, Effect::Repeatable).await
    }

    async fn send_content_json<T: serde::de::DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
        effect: Effect,
    ) -> Result<T> {
        let body: Value = serde_json::to_value(body).map_err(|error| {
            Error::new(ID, ErrorKind::InvalidMessage, "the content cannot be written").with_source(error)
        })?;
        typed(&self.endpoint.send_json(method, Product::Content, path, &body, effect).await?, effect)
    }
}

/// The path of a content, or of `edge` beneath it.
fn content_path(content_sid: &str, edge: &str) -> Result<String> {
    Ok(format!("{CONTENTS}/{}{edge}", sid(content_sid, &["HX"])?))
}
