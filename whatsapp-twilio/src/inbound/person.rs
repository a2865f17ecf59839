//! Who is at the other end. Someone who hides the number has a user id only.
use std::borrow::Cow;

use serde_json::Value;
use whatsapp_core::{Alias, AliasKind, Identity, PhoneNumber, UserId, limits};

use super::fields::{Field, Fields};
use crate::wire::{address, bare};

/// The person at a channel address, as `whatsapp:+972501234567` or `whatsapp:IL.4480…`, of which no more is known.
/// `None` if it names nobody.
#[cfg(feature = "client")]
pub(crate) fn person_at(address: &str) -> Option<Identity> {
    person(Some(address), &Names::default())
}

/// Who wrote, with the name that they gave themselves.
pub(super) fn sender(fields: &Fields<'_>) -> Option<Identity> {
    let person = person(fields.from.text().as_deref(), &Names::of(fields))?;
    let name = given(fields, fields.profile_name, "ProfileName");
    Some(match name {
        Some(name) => person.with_name(name),
        None => person,
    })
}

/// Whom a message of ours was for.
pub(super) fn recipient(fields: &Fields<'_>) -> Option<Identity> {
    person(fields.to.text().as_deref(), &Names::of(fields))
}

/// What a form says of a person beside the address.
#[derive(Default)]
struct Names<'f> {
    wa_id: Option<Cow<'f, str>>,
    user_id: Option<Cow<'f, str>>,
    username: Option<Cow<'f, str>>,
}

impl<'f> Names<'f> {
    fn of(fields: &Fields<'f>) -> Self {
        Self {
            wa_id: given(fields, fields.wa_id, "WaId"),
            user_id: given(fields, fields.user_id, "ExternalUserId"),
            username: given(fields, fields.username, "Username"),
        }
    }
}

/// A fact about the person: its own field, else the same name in `ChannelMetadata`.
fn given<'f>(fields: &Fields<'f>, field: Field<'f>, name: &str) -> Option<Cow<'f, str>> {
    field.text().or_else(|| of_metadata(fields.metadata, name).map(Cow::Owned))
}

/// `ChannelMetadata` is JSON: `{"type":"whatsapp","data":{"context":{"WaId":"972…", …}}}`.
fn of_metadata(metadata: Field<'_>, name: &str) -> Option<String> {
    // Most forms say everything in fields, and then nobody reads this.
    if !metadata.mentions(name) {
        return None;
    }
    let json = metadata.text().filter(|json| limits::check(json.as_bytes()).is_ok())?;
    let json: Value = serde_json::from_str(&json).ok()?;
    let text = json.get("data")?.get("context")?.get(name)?.as_str()?.replace('\0', "");
    (!text.is_empty()).then_some(text)
}

fn person(given: Option<&str>, names: &Names<'_>) -> Option<Identity> {
    let address = given.map(address).filter(|address| !bare(address).is_empty());
    let at = address.as_deref().map(bare).unwrap_or_default();
    let wa_id = names.wa_id.as_deref().and_then(|digits| PhoneNumber::from_digits(digits).ok());
    let phone: Option<PhoneNumber> = at.parse().ok().or_else(|| wa_id.clone());
    let users = [names.user_id.as_deref().map(bare).unwrap_or_default(), at];
    let users = users.into_iter().filter_map(|id| id.parse::<UserId>().ok());
    let aliases = phone
        .map(|phone| Alias::new(AliasKind::Phone, phone.as_str()))
        .into_iter()
        .chain(wa_id.map(|phone| Alias::new(AliasKind::WaId, phone.digits())))
        .chain(users.map(|id| Alias::new(user_kind(&id), id.as_str())))
        .chain(address.as_deref().map(|address| Alias::new(AliasKind::TwilioAddress, address)))
        .chain(names.username.as_deref().map(|name| Alias::new(AliasKind::Username, name.trim_start_matches('@'))));
    Identity::from_aliases(aliases)
}

fn user_kind(id: &UserId) -> AliasKind {
    let shared = id.as_str().get(2..).is_some_and(|rest| rest.starts_with(".ENT."));
    if shared { AliasKind::ParentBsuid } else { AliasKind::Bsuid }
}

#[cfg(all(test, feature = "client"))]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_person_or_nobody() {
        for (given, phone, user, spelled) in [
            ("whatsapp:+972501112222", Some("+972501112222"), None, "whatsapp:+972501112222"),
            ("+972501112222", Some("+972501112222"), None, "whatsapp:+972501112222"),
            ("whatsapp:IL.77AB", None, Some("IL.77AB"), "whatsapp:IL.77AB"),
            ("messenger:123", None, None, "messenger:123"),
        ] {
            let person = person_at(given).unwrap();
            assert_eq!(person.get(AliasKind::Phone), phone);
            assert_eq!(person.get(AliasKind::Bsuid), user);
            assert_eq!(person.get(AliasKind::TwilioAddress), Some(spelled));
        }
        for nobody in ["", "whatsapp:", " ", "whatsapp: "] {
            assert_eq!(person_at(nobody), None, "{nobody:?}");
        }
    }
}
