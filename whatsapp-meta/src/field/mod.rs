//! Every field of a webhook beside messages and what looks like messages: calls, groups, people's wishes, the contact
//! book, templates, the account. Items are read each on its own, so that a damaged one costs its neighbours nothing.
mod account;
mod call;
mod contact_book;
mod group;
mod preference;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use whatsapp_core::{DeliveryError, Event, Identity, LineId, Unknown, limits};

use crate::{
    account_change::AccountChange,
    inbound::{Contacts, Person, failure, time},
    wire::Json,
};

/// One event of a change.
#[derive(Debug)]
pub(crate) struct Item<'a> {
    pub(crate) event: Event,
    /// The time that the item gives; else the entry's counts.
    pub(crate) at: Option<DateTime<Utc>>,
    /// Its range of the body; `None` = the whole change.
    pub(crate) raw: Option<&'a str>,
}

/// Where an item stands.
struct Scope<'s, 'a> {
    field: &'s str,
    value: Json<'a>,
    contacts: &'s Contacts<'a>,
    /// What stands beside the items and is theirs.
    error: Option<DeliveryError>,
    initiated_by: Option<String>,
    /// Digits of the line's own number.
    own: Option<String>,
}

impl<'a> Scope<'_, 'a> {
    /// Whom `item` names under `keys`: WhatsApp id, user id, parent user id.
    fn person(&self, item: Json<'a>, keys: [&str; 3]) -> Option<Identity> {
        let [wa, user, parent] = keys.map(|key| item.get(key).text());
        self.contacts.identity(&Person { wa, user, parent })
    }
}

type ReadItem = for<'s, 'a> fn(&Scope<'s, 'a>, Json<'a>) -> Option<Item<'a>>;

/// The events of a change. `None` for a field of somebody else, and if nothing of the value can be read.
pub(crate) fn read<'a>(field: &str, value: Json<'a>, contacts: &Contacts<'a>) -> Option<Vec<Item<'a>>> {
    let lists: &[(&str, ReadItem)] = match field {
        "automatic_events" => &[("automatic_events", account::item)],
        "calls" => &[("calls", call::read), ("statuses", call::status)],
        "group_lifecycle_update" | "group_participants_update" | "group_settings_update" | "group_status_update" => {
            &[("groups", group::read)]
        }
        "smb_app_state_sync" => &[("state_sync", contact_book::read)],
        "tracking_events" => &[("events", account::item)],
        "user_preferences" => &[("user_preferences", preference::read)],
        _ => return account::whole(field, value).map(|item| vec![item]),
    };
    let error = failure::first(value.get("errors"));
    let initiated_by = value.get("initiated_by").string();
    let own = value.get("metadata").get("display_phone_number").text().map(|number| digits(&number));
    items(&Scope { field, value, contacts, error, initiated_by, own }, lists)
}

/// The line of a change that is of another line than its `metadata` and its entry say: of a number, by its id, or of
/// an account, as `waba:<id>`.
pub(crate) fn line_of(field: &str, value: Json<'_>) -> Option<LineId> {
    match field {
        "account_settings_update" | "account_update" | "messaging_handovers" => {
            account::line(AccountChange::read(field, value.raw())?)
        }
        _ => None,
    }
}

fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

fn items<'a>(scope: &Scope<'_, 'a>, lists: &[(&str, ReadItem)]) -> Option<Vec<Item<'a>>> {
    let mut items = Vec::new();
    let mut odd = false;
    // A list that is there twice loses neither.
    for (key, value) in scope.value.entries()?.filter(|(_, value)| !value.is_null()) {
        let key = key.str().unwrap_or_default();
        if let Some((_, read)) = lists.iter().find(|(list, _)| *list == key) {
            odd |= value.is_no_list();
            // One too many is told as such by the caller; more of them would only cost memory.
            let room = (limits::ITEMS + 1).saturating_sub(items.len());
            items.extend(value.items().take(room).map(|item| {
                read(scope, item).unwrap_or_else(|| unread(format!("{}.unreadable", scope.field), Some(item.raw())))
            }));
        } else {
            // Failures and whatever comes: nobody may miss them.
            odd |= !matches!(&*key, "messaging_product" | "metadata" | "contacts" | "initiated_by");
        }
    }
    if items.is_empty() {
        return None;
    }
    // An item that has the whole change anyway tells of the rest too.
    if odd && items.iter().all(|item| item.raw.is_some()) {
        items.push(unread(scope.field.to_owned(), None));
    }
    Some(items)
}

fn unread(kind: String, raw: Option<&str>) -> Item<'_> {
    Item { event: Event::Unknown(Unknown::new(kind)), at: None, raw }
}
