//! What a message says, by the name of its type; the content stands under the same name.
use std::borrow::Cow;

use whatsapp_core::{
    Edited, InboundContent, InboundText, Location, MediaKind, Order, OrderItem, Reaction, Revoked, SystemKind,
    SystemNotice, Unsupported,
};

use super::{
    address_card,
    contact::{Contacts, Person},
    failure, message_id, reply,
};
use crate::{
    media,
    wire::{self, Json},
};

type Read = Option<InboundContent>;
/// Reads a content from what stands under its name, and from the whole message.
type Reader = fn(Json<'_>, Json<'_>) -> Read;

/// How each kind of content is read. A new kind is a line here, and its reader.
static KINDS: [(&str, Reader); 21] = [
    ("text", |json, _| text(json)),
    ("image", |json, message| file(MediaKind::Image, json, message)),
    ("video", |json, message| file(MediaKind::Video, json, message)),
    ("audio", |json, message| file(MediaKind::Audio, json, message)),
    // The name of a voice note in 2022.
    ("voice", |json, message| file(MediaKind::Audio, json, message)),
    ("document", |json, message| file(MediaKind::Document, json, message)),
    ("sticker", |json, message| file(MediaKind::Sticker, json, message)),
    ("location", |json, _| location(json)),
    ("contacts", |json, _| address_card::read(json).map(InboundContent::Contacts)),
    ("reaction", |json, _| reaction(json)),
    ("interactive", |json, message| reply::of_interactive(json, message).map(InboundContent::Reply)),
    ("button", |json, _| reply::of_template(json).map(InboundContent::Reply)),
    ("order", |json, _| order(json)),
    ("system", |json, _| system(json)),
    ("edit", |json, _| edit(json)),
    ("revoke", |json, _| revoke(json)),
    ("unsupported", |json, message| Some(unsupported(json.get("type"), message))),
    // The name of the same until 2023.
    ("unknown", |_, message| Some(unsupported(Json::default(), message))),
    // Kinds that say nothing but their name.
    ("request_welcome", |_, message| Some(unsupported(message.get("type"), message))),
    ("media_placeholder", |_, message| Some(unsupported(message.get("type"), message))),
    ("ephemeral", |_, message| Some(unsupported(message.get("type"), message))),
];

/// The content of `message`, whose type is `kind`; `None` for a kind that this version does not read, and for what
/// cannot be read.
pub(super) fn read(kind: &str, message: Json<'_>) -> Read {
    let (name, read) = KINDS.iter().find(|(name, _)| *name == kind)?;
    read(message.get(name), message)
}

/// The one kind of content that is there: some messages lack their type.
pub(super) fn only(message: Json<'_>) -> Option<Cow<'static, str>> {
    let mut present = KINDS.iter().filter(|(name, _)| !message.get(name).is_null());
    let (name, _) = present.next()?;
    present.next().is_none().then_some(Cow::Borrowed(*name))
}

/// Text. A body that is no text is no message.
fn text(json: Json<'_>) -> Read {
    let text: wire::Text<'_> = wire::object(json)?;
    Some(InboundContent::Text(InboundText { body: text.body.str()?.into_owned() }))
}

/// A file, or that Meta could not fetch it.
fn file(kind: MediaKind, json: Json<'_>, message: Json<'_>) -> Read {
    let read = wire::object(json).map(|file| InboundContent::Media(media::received(kind, &file)));
    read.or_else(|| {
        let error = failure::first(message.get("errors"))?;
        Some(InboundContent::Unsupported(Unsupported::new(Some(kind.as_str().to_owned()), Some(error))))
    })
}

fn location(json: Json<'_>) -> Read {
    let place: wire::Location<'_> = wire::object(json)?;
    let mut location = Location::new(place.latitude.number()?, place.longitude.number()?);
    location.name = place.name.string();
    location.address = place.address.string();
    Some(location).filter(Location::is_valid).map(InboundContent::Location)
}

fn reaction(json: Json<'_>) -> Read {
    let reaction: wire::Reaction<'_> = wire::object(json)?;
    let emoji = reaction.emoji.text().unwrap_or_default();
    Some(InboundContent::Reaction(Reaction::new(message_id(reaction.message_id)?, emoji)))
}

/// An order. Quantity and price are numbers, and texts in some captures. An item without its product, or of a quantity
/// that nobody can count, is none: an order that is not read is better than another one.
fn order(json: Json<'_>) -> Read {
    let item = |item: Json<'_>| {
        let quantity = Some(item.get("quantity")).filter(|quantity| quantity.is_given());
        let new = OrderItem::new(item.get("product_retailer_id").string()?, quantity.map_or(Some(1), whole)?);
        Some(new.with_price(item.get("item_price").string(), item.get("currency").string()))
    };
    let items: Option<Vec<_>> = json.get("product_items").items().map(item).collect();
    let items = items.filter(|items| !items.is_empty())?;
    Some(InboundContent::Order(Order::new(json.get("catalog_id").string(), json.get("text").string(), items)))
}

/// A number of pieces, be it written with decimals that say nothing.
fn whole(quantity: Json<'_>) -> Option<u32> {
    let text = quantity.text()?;
    let (pieces, decimals) = text.split_once('.').unwrap_or((&*text, ""));
    decimals.bytes().all(|digit| digit == b'0').then(|| pieces.parse().ok())?
}

/// News of a contact. Source: Meta, Cloud API reference, system messages; the older names until 2024.
fn system(json: Json<'_>) -> Read {
    let kind = match json.get("type").text()?.as_ref() {
        "user_changed_number" | "customer_changed_number" => SystemKind::NumberChanged,
        "user_changed_user_id" => SystemKind::UserIdChanged,
        "user_identity_changed" | "customer_identity_changed" => SystemKind::IdentityChanged,
        other => SystemKind::Other(other.to_owned()),
    };
    let now = Person {
        wa: json.get("wa_id").text().or_else(|| json.get("new_wa_id").text()),
        user: json.get("user_id").text(),
        parent: json.get("parent_user_id").text(),
    };
    let now = Contacts::default().identity(&now);
    Some(InboundContent::System(SystemNotice::new(kind, now, json.get("body").string())))
}

/// Who a contact was before a system message: the user id that it replaces, if it says so.
pub(super) fn before(message: Json<'_>) -> Option<Person<'_>> {
    let system = message.get("system");
    let person = Person {
        wa: message.get("from").text(),
        user: system.get("previous_user_id").text(),
        parent: system.get("previous_parent_user_id").text(),
    };
    person.user.is_some().then_some(person)
}

fn edit(json: Json<'_>) -> Read {
    let message = json.get("message");
    let kind = message.get("type").text().or_else(|| only(message))?;
    // An edit of an edit is nothing that Meta sends, and would never end.
    let content = (kind != "edit").then(|| read(&kind, message))??;
    Some(InboundContent::Edited(Edited::new(message_id(json.get("original_message_id"))?, content)))
}

fn revoke(json: Json<'_>) -> Read {
    Some(InboundContent::Revoked(Revoked::new(message_id(json.get("original_message_id"))?)))
}

fn unsupported(kind: Json<'_>, message: Json<'_>) -> InboundContent {
    InboundContent::Unsupported(Unsupported::new(kind.string(), failure::first(message.get("errors"))))
}
