//! Who is meant: a message names its sender by number, by business-scoped user id, or by both, and the rest
//! stands in a list beside it that is in no order. Source: Meta, business-scoped user ids.
use std::borrow::Cow;

use whatsapp_core::{Alias, AliasKind, Identity, PhoneNumber, UserId};

use crate::wire::{self, Json};

/// So many people are gone through for each item; more are sorted, because a batch may hold a thousand.
const FEW: usize = 16;
/// Longest id or user name, in bytes: nobody has longer ones, and each event holds its own copy.
const ID_BYTES: usize = 256;
/// Longest display name that is kept, in characters; WhatsApp allows 25.
const NAME_CHARS: usize = 256;

/// How one item names a person.
#[derive(Default)]
pub(crate) struct Person<'a> {
    pub(crate) wa: Option<Cow<'a, str>>,
    pub(crate) user: Option<Cow<'a, str>>,
    pub(crate) parent: Option<Cow<'a, str>>,
}

/// A person, and what they show of themselves.
#[derive(Default)]
struct Contact<'a> {
    person: Person<'a>,
    name: Option<Cow<'a, str>>,
    username: Option<Cow<'a, str>>,
}

/// The people of one change.
#[derive(Default)]
pub(crate) struct Contacts<'a> {
    people: Vec<Contact<'a>>,
    /// Where the people stand, in order of their ids; empty if they are few.
    by_user: Vec<(Cow<'a, str>, usize)>,
    by_wa: Vec<(Cow<'a, str>, usize)>,
}

impl<'a> Contacts<'a> {
    /// Reads a change's list; what is no contact is left out.
    pub(crate) fn new(items: impl Iterator<Item = Json<'a>>) -> Self {
        let mut contacts = Self::default();
        for contact in items.filter_map(wire::object::<wire::Contact<'_>>) {
            let profile: wire::Profile<'_> = wire::object(contact.profile).unwrap_or_default();
            contacts.people.push(Contact {
                person: Person {
                    wa: contact.wa_id.text(),
                    user: contact.user_id.text(),
                    parent: contact.parent_user_id.text(),
                },
                name: profile.name.text(),
                username: profile.username.text(),
            });
        }
        if contacts.people.len() > FEW {
            contacts.by_user = sorted(&contacts.people, |person| person.user.as_ref());
            contacts.by_wa = sorted(&contacts.people, |person| person.wa.as_ref());
        }
        contacts
    }

    /// Everything known of `person`; `None` if that is nothing.
    pub(crate) fn identity(&self, person: &Person<'a>) -> Option<Identity> {
        let nobody = Contact::default();
        let Contact { person: known, name, username } = self.find(person).unwrap_or(&nobody);
        let [phone, wa] = person.wa.as_ref().or(known.wa.as_ref()).map(|id| of_wa_id(id)).unwrap_or_default();
        let sound = |id: &&str| id.len() <= ID_BYTES;
        let user = person.user.as_deref().or(known.user.as_deref()).filter(sound);
        let parent = person.parent.as_deref().or(known.parent.as_deref()).filter(sound);
        let username = username.as_deref().filter(sound);
        let identity = Identity::from_aliases(
            [
                phone,
                wa,
                user.map(|id| Alias::new(AliasKind::Bsuid, id)),
                parent.map(|id| Alias::new(AliasKind::ParentBsuid, id)),
                username.map(|name| Alias::new(AliasKind::Username, name.trim_start_matches('@'))),
            ]
            .into_iter()
            .flatten(),
        )?;
        Some(match name {
            Some(name) => identity.with_name(shortened(name)),
            None => identity,
        })
    }

    /// The user id decides. A number counts only where the user ids do not contradict: numbers change hands.
    fn find(&self, person: &Person<'a>) -> Option<&Contact<'a>> {
        if let Some(found) = self.first(&self.by_user, person.user.as_ref(), |person| person.user.as_ref()) {
            return Some(found);
        }
        let found = self.first(&self.by_wa, person.wa.as_ref(), |person| person.wa.as_ref())?;
        let contradicts = person.user.is_some() && found.person.user.is_some();
        (!contradicts).then_some(found)
    }

    /// The first of the people whose id, which `of` takes, is `id`.
    fn first(&self, sorted: &[(Cow<'a, str>, usize)], id: Option<&Cow<'a, str>>, of: Id<'a>) -> Option<&Contact<'a>> {
        let id = id?;
        if self.people.len() <= FEW {
            return self.people.iter().find(|contact| of(&contact.person) == Some(id));
        }
        let (found, at) = sorted.get(sorted.partition_point(|(other, _)| other < id))?;
        if found == id { self.people.get(*at) } else { None }
    }
}

/// The beginning of a name that is too long to be one.
fn shortened(name: &str) -> &str {
    name.char_indices().nth(NAME_CHARS).and_then(|(end, _)| name.get(..end)).unwrap_or(name)
}

/// Takes one of a person's ids.
type Id<'a> = for<'p> fn(&'p Person<'a>) -> Option<&'p Cow<'a, str>>;

fn sorted<'a>(people: &[Contact<'a>], of: Id<'a>) -> Vec<(Cow<'a, str>, usize)> {
    let ids = people.iter().enumerate().filter_map(|(at, contact)| Some((of(&contact.person)?.clone(), at)));
    let mut sorted: Vec<_> = ids.collect();
    sorted.sort_unstable();
    sorted
}

/// A WhatsApp id is the digits of a number; a status may hold a business-scoped user id in its place.
fn of_wa_id(id: &str) -> [Option<Alias>; 2] {
    let digits = id.trim_start_matches('+');
    if let Ok(phone) = PhoneNumber::from_digits(digits) {
        [Some(Alias::new(AliasKind::Phone, String::from(phone))), Some(Alias::new(AliasKind::WaId, digits))]
    } else if id.parse::<UserId>().is_ok() {
        let linked = id.split('.').nth(1) == Some("ENT");
        [Some(Alias::new(if linked { AliasKind::ParentBsuid } else { AliasKind::Bsuid }, id)), None]
    } else {
        [None, None]
    }
}
