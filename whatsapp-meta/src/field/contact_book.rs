//! The contact book of the WhatsApp Business app. Source: Meta, Webhooks reference, `smb_app_state_sync`.
use whatsapp_core::{ContactBookEntry, Event};

use super::{Item, Scope, time};
use crate::wire::Json;

pub(super) fn read<'a>(scope: &Scope<'_, 'a>, entry: Json<'a>) -> Option<Item<'a>> {
    if entry.get("type").text().is_some_and(|kind| kind != "contact") {
        return None;
    }
    let contact = entry.get("contact");
    let mut person = scope.person(contact, ["phone_number", "user_id", "parent_user_id"])?;
    if let Some(name) = contact.get("full_name").string().or_else(|| contact.get("first_name").string()) {
        person = person.with_name(name);
    }
    let removed = match &*entry.get("action").text()? {
        "remove" => true,
        // Meta sends a change as an addition too.
        "add" | "edit" => false,
        _ => return None,
    };
    let at = time(entry.get("metadata").get("timestamp"));
    Some(Item { event: Event::ContactBook(ContactBookEntry::new(person, removed)), at, raw: Some(entry.raw()) })
}
