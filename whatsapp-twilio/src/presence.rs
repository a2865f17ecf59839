//! Showing that somebody writes. Source: Twilio, Typing Indicators resource (v2).
use async_trait::async_trait;
use whatsapp_core::{Error, ErrorKind, MessageId, Presence, Recipient, Result};

use crate::{
    ID, Twilio,
    endpoint::{done, invalid},
    error::Effect,
    hosts::Product,
};

#[async_trait]
impl Presence for Twilio {
    /// Twilio marks a message as read only when it shows typing for it.
    async fn mark_read(&self, _: &Recipient, _: &MessageId) -> Result<()> {
        let problem = "a message cannot be marked as read by this provider, only together with typing";
        Err(Error::new(ID, ErrorKind::Unsupported, problem))
    }

    /// Shows typing for up to 25 seconds or until the answer goes out, and marks `message` as read.
    async fn typing(&self, _: &Recipient, message: &MessageId) -> Result<()> {
        // The further files of a message have ids of our own making.
        let sid = message.as_str().split('/').next().unwrap_or_default();
        if sid.is_empty() {
            return Err(invalid("message: an id of a contact's message expected"));
        }
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("messageId", sid)
            .append_pair("channel", "whatsapp")
            .finish();
        let path = "/v2/Indicators/Typing.json";
        let answer = self.endpoint.post_form(Product::Messaging, path, form, Effect::Repeatable).await?;
        done(&answer, Effect::Repeatable)
    }
}
