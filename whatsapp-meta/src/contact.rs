//! Who is meant: a message names its sender by number, by business-scoped user id, or by both, and the rest
//! stands in a list beside it that is in no order. Source: Meta, business-scoped user ids.
use std::{borrow::Cow, collections::HashMap};

use whatsapp_core::{Alias, AliasKind, Identity, PhoneNumber, UserId};

use crate::wire::{self, Items, Profile, Scalar};

/// How one item names a person.
#[derive(Debug, Default)]
pub(crate) struct Person<'a> {
    pub(crate) wa: Option<Cow<'a, str>>,
    pub(crate) user: Option<Cow<'a, str>>,
    pub(crate) parent: Option<Cow<'a, str>>,
}

impl<'a> Person<'a> {
    pub(crate) fn new(wa_id: Scalar<'a>, user_id: Scalar<'a>, parent_user_id: Scalar<'a>) -> Self {
        Self { wa: wa_id.text(), user: user_id.text(), parent: parent_user_id.text() }
    }
}

/// The people of one change, found by id in constant time: a batch may hold a thousand.
#[derive(Debug, Default)]
pub(crate) struct Contacts<'a> {
    people: Vec<(Person<'a>, Option<Profile<'a>>)>,
    by_user: HashMap<Cow<'a, str>, usize>,
    by_wa: HashMap<Cow<'a, str>, usize>,
}

impl<'a> Contacts<'a> {
    /// Reads a change's list; what is no contact is left out.
    pub(crate) fn new(items: &Items<'a>) -> Self {
        let mut contacts = Self::default();
        for contact in items.list.iter().filter_map(|item| wire::object::<wire::Contact<'_>>(item.get())) {
            let person = Person::new(contact.wa_id, contact.user_id, contact.parent_user_id);
            let at = contacts.people.len();
            if let Some(id) = &person.user {
                contacts.by_user.entry(id.clone()).or_insert(at);
            }
            if let Some(id) = &person.wa {
                contacts.by_wa.entry(id.clone()).or_insert(at);
            }
            contacts.people.push((person, contact.profile.and_then(|profile| wire::object(profile.get()))));
        }
        contacts
    }

    /// Everything known of `person`; `None` if that is nothing.
    pub(crate) fn identity(&self, person: &Person<'a>) -> Option<Identity> {
        let found = self.find(person);
        let known = found.map(|(known, _)| known);
        let profile = found.and_then(|(_, profile)| profile.as_ref());
        let pick = |own: &Option<Cow<'a, str>>, other: Option<&Option<Cow<'a, str>>>| {
            own.clone().or_else(|| other.cloned().flatten())
        };
        let mut aliases = Vec::new();
        if let Some(id) = pick(&person.wa, known.map(|known| &known.wa)) {
            aliases.extend(of_wa_id(&id));
        }
        let user_id = pick(&person.user, known.map(|known| &known.user));
        let parent = pick(&person.parent, known.map(|known| &known.parent));
        let username = profile.and_then(|profile| profile.username.text());
        aliases.extend(user_id.map(|id| Alias::new(AliasKind::Bsuid, &*id)));
        aliases.extend(parent.map(|id| Alias::new(AliasKind::ParentBsuid, &*id)));
        aliases.extend(username.map(|name| Alias::new(AliasKind::Username, name.trim_start_matches('@'))));
        let identity = Identity::from_aliases(aliases)?;
        Some(match profile.and_then(|profile| profile.name.string()) {
            Some(name) => identity.with_name(name),
            None => identity,
        })
    }

    /// The user id decides. A number counts only where the user ids do not contradict: numbers change hands.
    fn find(&self, person: &Person<'a>) -> Option<&(Person<'a>, Option<Profile<'a>>)> {
        if let Some(at) = person.user.as_ref().and_then(|id| self.by_user.get(id)) {
            return self.people.get(*at);
        }
        let found = self.people.get(*self.by_wa.get(person.wa.as_ref()?)?)?;
        let contradicts = person.user.is_some() && found.0.user.is_some();
        (!contradicts).then_some(found)
    }
}

/// A WhatsApp id is the digits of a number; a status may hold a business-scoped user id in its place.
fn of_wa_id(id: &str) -> Vec<Alias> {
    let digits = id.trim_start_matches('+');
    if let Ok(phone) = PhoneNumber::from_digits(digits) {
        vec![Alias::new(AliasKind::Phone, phone.as_str()), Alias::new(AliasKind::WaId, digits)]
    } else if id.parse::<UserId>().is_ok() {
        let linked = id.split('.').nth(1) == Some("ENT");
        vec![Alias::new(if linked { AliasKind::ParentBsuid } else { AliasKind::Bsuid }, id)]
    } else {
        Vec::new()
    }
}
