//! Looking messages up, changing them, deleting them.
use bytes::Bytes;
use http::Method;
use serde::Deserialize;
use serde_json::value::RawValue;
use whatsapp_core::{OutboundMessage, Receipt, Result};

use super::{MediaRecord, MessagePage, MessageQuery, MessageRecord, SendOptions};
use crate::{
    Twilio,
    endpoint::{MAX_PAGE_BYTES, done, next_page, sid, typed, with_query},
    error::{self, Effect},
    hosts::Product,
    read,
};

/// Ids of messages: texts, and those with a file or content.
const MESSAGE: [&str; 2] = ["SM", "MM"];

/// A page as it came, every message with its own bytes.
#[derive(Deserialize)]
pub(crate) struct RawPage<'p> {
    #[serde(borrow)]
    pub(crate) messages: Vec<&'p RawValue>,
    #[serde(default, deserialize_with = "read::text")]
    pub(crate) next_page_uri: Option<String>,
}

impl Twilio {
    /// Sends `message` as [`send`](whatsapp_core::Sender::send) does, and says more with it.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_twilio::Twilio, dana: whatsapp_core::PhoneNumber,
    /// # tomorrow: chrono::DateTime<chrono::Utc>) -> whatsapp_core::Result<()> {
    /// use whatsapp_core::{OutboundMessage, Template};
    /// use whatsapp_twilio::SendOptions;
    /// let reminder = Template::new("appointment_reminder", "he").with_parameters(["דנה", "10:00"]);
    /// let later = SendOptions::new().at(tomorrow);
    /// let receipt = line.send_with(&OutboundMessage::new(dana, reminder), &later).await?;
    /// line.cancel_message(receipt.id.as_str()).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`send`](whatsapp_core::Sender::send);
    /// [`ErrorKind::InvalidMessage`](whatsapp_core::ErrorKind::InvalidMessage) for an option that Twilio would refuse.
    pub async fn send_with(&self, message: &OutboundMessage, options: &SendOptions) -> Result<Receipt> {
        self.deliver(message, options).await
    }

    pub(crate) async fn create(&self, form: String) -> Result<Receipt> {
        let path = self.endpoint.of_account("/Messages.json");
        error::receipt(&self.endpoint.post_form(Product::Api, &path, form, Effect::Once).await?)
    }

    /// Looks a message up. Source: `GET /Messages/{sid}.json`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_twilio::Twilio) -> whatsapp_core::Result<()> {
    /// let message = line.message("SMd1ce0000d1ce0000d1ce0000d1ce0001").await?;
    /// println!("{:?} since {:?}", message.reached(), message.date_updated);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What Twilio's code says.
    pub async fn message(&self, message_sid: &str) -> Result<MessageRecord> {
        self.endpoint.get(Product::Api, &self.message_path(message_sid, ".json")?).await
    }

    /// Lists messages of the account, newest first; `page` is the [`next`](MessagePage::next) of the page before. Source:
    /// `GET /Messages.json`.
    ///
    /// ```no_run
    /// # async fn example(line: whatsapp_twilio::Twilio) -> whatsapp_core::Result<()> {
    /// use whatsapp_twilio::MessageQuery;
    /// let query = MessageQuery::new().with_recipient("+972501234567");
    /// let mut page = line.messages(&query, None).await?;
    /// while let Some(next) = page.next {
    ///     page = line.messages(&query, Some(&next)).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What Twilio's code says.
    pub async fn messages(&self, query: &MessageQuery, page: Option<&str>) -> Result<MessagePage> {
        let body = self.message_page(query, page).await?;
        let page = raw_page(&body)?;
        let messages = page.messages.iter().filter_map(|raw| serde_json::from_str(raw.get()).ok()).collect();
        Ok(MessagePage::new(messages, page.next_page_uri))
    }

    /// The bytes of a page.
    pub(crate) async fn message_page(&self, query: &MessageQuery, page: Option<&str>) -> Result<Bytes> {
        let endpoint = &self.endpoint;
        let path = match page {
            Some(next) => next_page(endpoint, Product::Api, next)?.to_owned(),
            None => with_query(&endpoint.of_account("/Messages.json"), query.pairs()),
        };
        let answer = endpoint.http.fetch(endpoint.request(Method::GET, Product::Api, &path), MAX_PAGE_BYTES).await?;
        done(&answer, Effect::Repeatable)?;
        Ok(answer.body)
    }

    /// Takes back a message that is to be sent later. Source: `POST /Messages/{sid}.json` with `Status=canceled`.
    ///
    /// # Errors
    /// What Twilio's code says; a message that is under way is not taken back.
    pub async fn cancel_message(&self, message_sid: &str) -> Result<MessageRecord> {
        self.change_message(message_sid, "Status=canceled").await
    }

    /// Makes Twilio forget what a message says, not that it was. Source: `POST /Messages/{sid}.json` with an empty
    /// `Body`.
    ///
    /// # Errors
    /// What Twilio's code says; a message that is under way is not changed.
    pub async fn redact_message(&self, message_sid: &str) -> Result<MessageRecord> {
        self.change_message(message_sid, "Body=").await
    }

    async fn change_message(&self, message_sid: &str, form: &str) -> Result<MessageRecord> {
        let path = self.message_path(message_sid, ".json")?;
        let answer = self.endpoint.post_form(Product::Api, &path, form.to_owned(), Effect::Repeatable).await?;
        typed(&answer, Effect::Repeatable)
    }

    /// Makes Twilio forget a message, and that it was. The person keeps theirs. Source: `DELETE /Messages/{sid}.json`.
    ///
    /// # Errors
    /// What Twilio's code says; a message that is under way is not deleted.
    pub async fn delete_message(&self, message_sid: &str) -> Result<()> {
        self.endpoint.delete(Product::Api, &self.message_path(message_sid, ".json")?).await
    }

    /// Lists the files of a message. Source: `GET /Messages/{sid}/Media.json`.
    ///
    /// # Errors
    /// What Twilio's code says.
    pub async fn message_media(&self, message_sid: &str) -> Result<Vec<MediaRecord>> {
        #[derive(Deserialize)]
        struct List {
            media_list: Vec<MediaRecord>,
        }
        let list: List = self.endpoint.get(Product::Api, &self.message_path(message_sid, "/Media.json")?).await?;
        Ok(list.media_list)
    }

    /// Deletes a file of a message. Source: `DELETE /Messages/{sid}/Media/{sid}.json`.
    ///
    /// # Errors
    /// What Twilio's code says.
    pub async fn delete_media(&self, message_sid: &str, media_sid: &str) -> Result<()> {
        let edge = format!("/Media/{}.json", sid(media_sid, &["ME"])?);
        self.endpoint.delete(Product::Api, &self.message_path(message_sid, &edge)?).await
    }

    /// The path of a message, or of `edge` beneath it.
    pub(crate) fn message_path(&self, message_sid: &str, edge: &str) -> Result<String> {
        Ok(self.endpoint.of_account(&format!("/Messages/{}{edge}", sid(message_sid, &MESSAGE)?)))
    }
}

/// Reads a page without what its messages say.
pub(crate) fn raw_page(body: &Bytes) -> Result<RawPage<'_>> {
    serde_json::from_slice(body).map_err(|error| {
        let problem = "the list of messages is not what Twilio documents";
        whatsapp_core::Error::new(crate::ID, whatsapp_core::ErrorKind::Protocol, problem).with_source(error)
    })
}
