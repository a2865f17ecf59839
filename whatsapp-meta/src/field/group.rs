//! Groups of the business, and who is in them. Source: Meta, Webhooks reference, `group_*_update`.
use whatsapp_core::{Event, GroupId, GroupUpdate, Identity};

use super::{Item, Scope, failure, time};
use crate::wire::Json;

const ADDED: &str = "added_participants";
const REMOVED: &str = "removed_participants";
const FAILED: &str = "failed_participants";
const SETTINGS: [&str; 3] = ["group_subject", "group_description", "profile_picture"];

pub(super) fn read<'a>(scope: &Scope<'_, 'a>, group: Json<'a>) -> Option<Item<'a>> {
    let id = group.get("group_id").text().map(|id| GroupId::from(&*id));
    let kind = group.get("type").string();
    if id.is_none() && kind.is_none() {
        return None;
    }
    let mut update = GroupUpdate::new(id, event(scope.field, kind, group));
    update.request_id = group.get("request_id").string();
    update.subject = group.get("subject").string().or_else(|| setting(group, "group_subject"));
    update.description = group.get("description").string().or_else(|| setting(group, "group_description"));
    update.invite_link = group.get("invite_link").string();
    // Of those who went, what matters is whether they left or were put out; some samples say so beside the list.
    let why = [group.get("reason"), group.get("initiated_by")].into_iter().find_map(Json::string);
    update.reason = why.or_else(|| scope.initiated_by.clone());
    update.added = people(scope, group, ADDED);
    update.removed = people(scope, group, REMOVED);
    if update.event.starts_with("group_join_request") {
        update.asking = member(scope, group);
    }
    let parts = SETTINGS.into_iter().map(|key| group.get(key)).chain(group.get(FAILED).items());
    let errors = std::iter::once(group.get("errors")).chain(parts.map(|part| part.get("errors")));
    update.error = errors.into_iter().find_map(failure::first);
    Some(Item { event: Event::Group(update), at: time(group.get("timestamp")), raw: Some(group.raw()) })
}

/// What happened. Meta's OpenAPI file calls a removal `group_create`.
fn event(field: &str, kind: Option<String>, group: Json<'_>) -> String {
    let participants = field == "group_participants_update";
    let has = |key| participants && group.get(key).items().next().is_some();
    kind.filter(|kind| !participants || kind != "group_create").unwrap_or_else(|| {
        let guess = if has(REMOVED) || has(FAILED) {
            "group_participants_remove"
        } else if has(ADDED) {
            "group_participants_add"
        } else {
            field
        };
        guess.to_owned()
    })
}

fn people<'a>(scope: &Scope<'_, 'a>, group: Json<'a>, key: &str) -> Vec<Identity> {
    group.get(key).items().filter_map(|person| member(scope, person)).collect()
}

/// A member. `input` is how the request of ours named them.
fn member<'a>(scope: &Scope<'_, 'a>, person: Json<'a>) -> Option<Identity> {
    let wa = if person.get("wa_id").is_given() { "wa_id" } else { "input" };
    scope.person(person, [wa, "user_id", "parent_user_id"])
}

/// The text of a setting, if it was set.
fn setting(group: Json<'_>, key: &str) -> Option<String> {
    let setting = group.get(key);
    let done = setting.get("update_successful");
    let failed = done.is_given() && !done.is_true();
    setting.get("text").string().filter(|_| !failed && setting.get("errors").items().next().is_none())
}
