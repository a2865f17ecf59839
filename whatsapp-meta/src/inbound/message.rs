//! What a contact wrote. Source: Meta, Webhooks reference, `messages`.
use whatsapp_core::{Event, Forwarded, GroupId, InboundMessage, MessageId, Product, Referral, Unknown};

use super::{Place, Timed, contact::Person, content, message_id, time};
use crate::wire::{self, Json};

/// The event of one item of `messages`.
pub(super) fn read(json: Json<'_>, place: &Place<'_>) -> Timed {
    let unknown = |kind: &str, name: Option<&str>| Unknown::new(place.kind(kind, name));
    let Some(message) = wire::object::<wire::Message<'_>>(json) else {
        return (Event::Unknown(unknown("message", None)), None);
    };
    let (at, id) = (time(message.timestamp), message_id(message.id));
    let kind = message.kind.text().or_else(|| content::only(json));
    // A damaged group id still says that the message is nobody's private one.
    let group = message.group_id.is_given().then(|| message.group_id.text());
    if let Some(None) = group {
        return (Event::Unknown(unknown("message", Some("group")).with_id(id)), at);
    }
    let sender = if kind.as_deref() == Some("system") { content::before(json) } else { None };
    let from = place.contacts.identity(&sender.unwrap_or_else(|| Person {
        wa: message.from.text(),
        user: message.from_user_id.text(),
        parent: message.from_parent_user_id.text(),
    }));
    let content = kind.as_deref().and_then(|kind| content::read(kind, json));
    let event = match (id, from, content) {
        (Some(id), Some(from), Some(content)) => {
            // Set in place: every builder moves the whole message.
            let mut new = InboundMessage::new(id, from, content);
            new.standby = place.standby;
            new.group = group.flatten().map(|id| GroupId::from(&*id));
            add_context(&mut new, message.context);
            if message.referral.is_given() {
                new.referral = Some(Box::new(referral(message.referral)));
            }
            Event::Message(new)
        }
        (id, from, _) => {
            let from = from.filter(|_| group.is_none());
            Event::Unknown(unknown("message", kind.as_deref()).with_id(id).with_from(from))
        }
    };
    (event, at)
}

/// The message that `context` quotes.
pub(super) fn quoted(context: Json<'_>) -> Option<MessageId> {
    wire::object::<wire::Context<'_>>(context).and_then(|context| message_id(context.id))
}

fn add_context(message: &mut InboundMessage, json: Json<'_>) {
    let Some(context) = wire::object::<wire::Context<'_>>(json) else { return };
    message.reply_to = message_id(context.id);
    message.forwarded = if context.frequently_forwarded.is_true() {
        Some(Forwarded::Often)
    } else {
        context.forwarded.is_true().then_some(Forwarded::Once)
    };
    let (catalog, product) =
        (context.referred_product.get("catalog_id"), context.referred_product.get("product_retailer_id"));
    let product = product.string().map(|product| Product::new(catalog.string().unwrap_or_default(), product));
    message.product = product.map(Box::new);
}

fn referral(json: Json<'_>) -> Referral {
    let text = |name| json.get(name).string();
    let mut referral = Referral::default();
    referral.source_url = text("source_url");
    referral.source_id = text("source_id");
    referral.source_type = text("source_type");
    referral.headline = text("headline");
    referral.body = text("body");
    referral.media_type = text("media_type");
    referral.image_url = text("image_url");
    referral.video_url = text("video_url");
    referral.thumbnail_url = text("thumbnail_url");
    referral.click_id = text("ctwa_clid");
    referral.reference = text("ref");
    referral.welcome_message = json.get("welcome_message").get("text").string();
    referral
}
