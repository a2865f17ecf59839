use serde::{Deserialize, Serialize};

use super::InboundContent;
use crate::{GroupId, Identity, MessageId, Product};

/// A contact's message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InboundMessage {
    /// The provider's id.
    pub id: MessageId,
    /// Who wrote; in a group, the member.
    pub from: Identity,
    /// What it says.
    pub content: InboundContent,
    /// The message that it quotes.
    pub reply_to: Option<MessageId>,
    /// The group that it was written in. An answer goes there, not to the member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupId>,
    /// Whether it was passed on from another chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forwarded: Option<Forwarded>,
    /// The advertisement or post that brought the contact here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referral: Option<Box<Referral>>,
    /// The product that it asks about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<Box<Product>>,
    /// Delivered late, from the queue of a time when nobody listened. Shown, but never answered by a machine.
    #[serde(default)]
    pub replayed: bool,
    /// Read from the provider's own list afterwards, because no webhook told of it: what that list lacks is empty here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub recovered: bool,
    /// Another application answers in this conversation. Shown, but never answered by us.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub standby: bool,
}

impl InboundMessage {
    /// A message `id` from `from`.
    #[must_use]
    pub const fn new(id: MessageId, from: Identity, content: InboundContent) -> Self {
        Self {
            id,
            from,
            content,
            reply_to: None,
            group: None,
            forwarded: None,
            referral: None,
            product: None,
            replayed: false,
            recovered: false,
            standby: false,
        }
    }

    /// Adds the message that it quotes.
    #[must_use]
    pub fn with_reply_to(mut self, message: Option<MessageId>) -> Self {
        self.reply_to = message;
        self
    }

    /// Adds the group that it was written in.
    #[must_use]
    pub fn with_group(mut self, group: Option<GroupId>) -> Self {
        self.group = group;
        self
    }

    /// Says whether it was passed on from another chat.
    #[must_use]
    pub const fn with_forwarded(mut self, forwarded: Option<Forwarded>) -> Self {
        self.forwarded = forwarded;
        self
    }

    /// Adds what brought the contact here.
    #[must_use]
    pub fn with_referral(mut self, referral: Option<Referral>) -> Self {
        self.referral = referral.map(Box::new);
        self
    }

    /// Adds the product that it asks about.
    #[must_use]
    pub fn with_product(mut self, product: Option<Product>) -> Self {
        self.product = product.map(Box::new);
        self
    }

    /// Marks it as delivered late.
    #[must_use]
    pub const fn with_replayed(mut self, replayed: bool) -> Self {
        self.replayed = replayed;
        self
    }

    /// Marks it as read from the provider's list afterwards.
    #[must_use]
    pub const fn with_recovered(mut self, recovered: bool) -> Self {
        self.recovered = recovered;
        self
    }

    /// Marks it as somebody else's to answer.
    #[must_use]
    pub const fn with_standby(mut self, standby: bool) -> Self {
        self.standby = standby;
        self
    }
}

/// How often a message was passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Forwarded {
    /// A few times.
    Once,
    /// Five times or more.
    Often,
}

/// The advertisement or post that brought a contact here. Source: Meta, Cloud API reference, click-to-WhatsApp ads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Referral {
    /// Address of the advertisement or post.
    pub source_url: Option<String>,
    /// Its id.
    pub source_id: Option<String>,
    /// `ad` or `post`.
    pub source_type: Option<String>,
    /// Its headline.
    pub headline: Option<String>,
    /// Its text.
    pub body: Option<String>,
    /// `image` or `video`.
    pub media_type: Option<String>,
    /// Address of its picture.
    pub image_url: Option<String>,
    /// Address of its film.
    pub video_url: Option<String>,
    /// Address of the film's picture.
    pub thumbnail_url: Option<String>,
    /// Meta's id of the click, for reporting a purchase back.
    pub click_id: Option<String>,
    /// The advertiser's own text.
    pub reference: Option<String>,
    /// The greeting that the contact saw.
    pub welcome_message: Option<String>,
}
