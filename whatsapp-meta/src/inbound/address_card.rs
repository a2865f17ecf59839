//! Address cards. Source: Meta, Webhooks reference, contacts messages.
use whatsapp_core::{
    ContactAddress, ContactCard, ContactEmail, ContactName, ContactNameParts, ContactOrg, ContactPhone, ContactUrl,
    Contacts,
};

use crate::wire::Json;

/// The cards of a message; `None` if there is not one.
pub(super) fn read(json: Json<'_>) -> Option<Contacts> {
    let mut contacts = Contacts::default();
    contacts.contacts = json.items().map(card).collect();
    (!contacts.contacts.is_empty()).then_some(contacts)
}

/// Fills the fields of a `$kind` from the keys of the same name, or of the name given.
macro_rules! filled {
    ($kind:ident from $json:ident: $($field:ident $(= $key:literal)?),*) => {{
        let mut filled = $kind::default();
        $(filled.$field = $json.get(filled!(key $field $($key)?)).string();)*
        filled
    }};
    (key $field:ident) => { stringify!($field) };
    (key $field:ident $key:literal) => { $key };
}

fn card(json: Json<'_>) -> ContactCard {
    let mut card = ContactCard::default();
    card.name = name(json.get("name"));
    card.phones =
        json.get("phones").items().map(|phone| filled!(ContactPhone from phone: phone, kind = "type", wa_id)).collect();
    card.emails =
        json.get("emails").items().map(|mail| filled!(ContactEmail from mail: email, kind = "type")).collect();
    card.urls = json.get("urls").items().map(|url| filled!(ContactUrl from url: url, kind = "type")).collect();
    card.addresses = json.get("addresses").items().map(address).collect();
    let org = json.get("org");
    card.org = org.is_given().then(|| filled!(ContactOrg from org: company, department, title));
    card.birthday = json.get("birthday").text().and_then(|day| day.parse().ok());
    card.origin = json.get("origin").string();
    card.vcard = json.get("vcard").string();
    card
}

fn name(json: Json<'_>) -> ContactName {
    let mut name = ContactName::default();
    name.formatted_name = json.get("formatted_name").string().unwrap_or_default();
    name.parts = filled!(ContactNameParts from json: first_name, last_name, middle_name, prefix, suffix);
    name
}

fn address(json: Json<'_>) -> ContactAddress {
    filled!(ContactAddress from json: street, city, state, zip, country, country_code, kind = "type")
}
