//! How far a message of ours came. Source: Meta, Webhooks reference, `messages`, status objects.
use whatsapp_core::{AccountUpdate, DeliveryError, Event, Pricing, Status, StatusUpdate, Unknown};

use super::{Place, Timed, contact::Person, failure, message_id, named, time};
use crate::wire::{self, Json};

/// The event of one item of `statuses`.
pub(super) fn read(json: Json<'_>, place: &Place<'_>) -> Timed {
    let status: wire::Status<'_> = wire::object(json).unwrap_or_default();
    let (at, id, name) = (time(status.timestamp), message_id(status.id), status.reached.text());
    // A payment or call of the same id has states of its own, `failed` among them.
    let topic = status.kind.text().filter(|kind| kind != "message");
    if let (Some("payment"), Some(name)) = (topic.as_deref(), &name) {
        return (Event::Account(AccountUpdate::new("payment", Some(name.to_string()))), at);
    }
    let reached = name.as_deref().and_then(reached).filter(|_| topic.is_none());
    let (Some(id), Some(reached)) = (id.clone(), reached) else {
        let item = topic.map_or_else(|| "status".to_owned(), |topic| named("status", Some(&topic)));
        return (Event::Unknown(Unknown::new(place.kind(&item, name.as_deref())).with_id(id)), at);
    };
    let mut update = StatusUpdate::new(id, reached);
    if status.recipient_type.text().as_deref() == Some("group") {
        let participant = status.recipient_participant_id.string();
        update = update.with_participant(participant.or_else(|| status.recipient_participant_user_id.string()));
    } else {
        update = update.with_recipient(place.contacts.identity(&Person {
            wa: status.recipient_id.text(),
            user: status.recipient_user_id.text(),
            parent: status.recipient_parent_user_id.text(),
        }));
    }
    let correlation = status.biz_opaque_callback_data.text().and_then(|text| text.parse().ok());
    let unnamed = || DeliveryError::new(None, "failed, for a reason that Meta did not give");
    let error = (reached == Status::Failed).then(|| failure::first(status.errors).unwrap_or_else(unnamed));
    let update = update.with_correlation(correlation).with_error(error).with_pricing(pricing(&status));
    (Event::Status(update), at)
}

fn reached(name: &str) -> Option<Status> {
    let known = [Status::Sent, Status::Delivered, Status::Read, Status::Played, Status::Failed, Status::Deleted];
    known.into_iter().find(|status| status.as_str() == name)
}

fn pricing(status: &wire::Status<'_>) -> Option<Pricing> {
    // Some statuses of groups hold the pricing within the conversation.
    let pricing = Some(status.pricing).filter(|pricing| pricing.is_given());
    let pricing = pricing.unwrap_or_else(|| status.conversation.get("pricing"));
    let word = |json: Json<'_>| json.string().map(|word| word.replace('-', "_"));
    let mut read = Pricing::default();
    read.category = word(pricing.get("category"));
    read.kind = word(pricing.get("type"));
    read.model = pricing.get("pricing_model").string();
    read.billable = pricing.get("billable").boolean();
    read.conversation = status.conversation.get("id").string();
    read.origin = word(status.conversation.get("origin").get("type"));
    read.expires_at = time(status.conversation.get("expiration_timestamp"));
    Some(read).filter(|read| *read != Pricing::default())
}
