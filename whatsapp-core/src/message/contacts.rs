use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::invalid::{Check, InvalidContent, entries, rule, text};

/// Address cards. Source of the limits: Meta, Cloud API reference, contacts messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Contacts {
    /// The cards, 1 to 257.
    pub contacts: Vec<ContactCard>,
}

impl Contacts {
    /// Most cards on one message.
    pub const MAX: usize = 257;

    /// A message of these cards.
    ///
    /// ```
    /// use whatsapp_core::{ContactCard, Contacts};
    /// let dana = ContactCard::new("דנה כהן").with_phone("+972501234567");
    /// assert!(Contacts::new([dana]).is_ok());
    /// assert!(Contacts::new([]).is_err());
    /// ```
    ///
    /// # Errors
    /// [`InvalidContent`] for none or too many cards, and for a card without a name.
    pub fn new(contacts: impl IntoIterator<Item = ContactCard>) -> Result<Self, InvalidContent> {
        let contacts = Self { contacts: contacts.into_iter().collect() };
        contacts.check()?;
        Ok(contacts)
    }

    pub(crate) fn check(&self) -> Check {
        entries("contacts", self.contacts.len(), 1, Self::MAX)?;
        for (at, card) in self.contacts.iter().enumerate() {
            text(format_args!("contacts[{at}].name.formatted_name"), &card.name.formatted_name, 256)?;
            rule(
                card.name.has_part(),
                format_args!("contacts[{at}].name"),
                "needs a first, last, middle, prefix or suffix beside the formatted name",
            )?;
        }
        Ok(())
    }
}

macro_rules! parts {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident,)* })*) => { $(
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[$field_meta])* #[serde(skip_serializing_if = "Option::is_none")] pub $field: Option<String>,)*
        }
    )* };
}

/// A person's or firm's address card, in both directions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ContactCard {
    /// Names.
    pub name: ContactName,
    /// Phone numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub phones: Vec<ContactPhone>,
    /// Mail addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<ContactEmail>,
    /// Web addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<ContactUrl>,
    /// Postal addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<ContactAddress>,
    /// Where the person works.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org: Option<ContactOrg>,
    /// Day of birth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birthday: Option<NaiveDate>,
    /// Inbound only: why it came; `contact_request` if we asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// Inbound only: the card as vCard text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vcard: Option<String>,
}

/// A name in its parts. On sending, the formatted one and one other part must be there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ContactName {
    /// As it is shown. An inbound card may lack it.
    pub formatted_name: String,
    /// The rest.
    #[serde(flatten)]
    pub parts: ContactNameParts,
}

parts! {
    /// Parts of a name.
    ContactNameParts {
        /// Given name.
        first_name,
        /// Family name.
        last_name,
        /// Middle name.
        middle_name,
        /// Title before it.
        prefix,
        /// Title after it.
        suffix,
    }
    /// A phone number of a card.
    ContactPhone {
        /// As written; not always E.164.
        phone,
        /// `MOBILE`, `WORK` …; free wording.
        #[serde(rename = "type")]
        kind,
        /// Its WhatsApp id, digits: makes the card show "Message" instead of "Invite".
        wa_id,
    }
    /// A mail address of a card.
    ContactEmail {
        /// The address.
        email,
        /// `WORK` …; free wording.
        #[serde(rename = "type")]
        kind,
    }
    /// A web address of a card.
    ContactUrl {
        /// The address.
        url,
        /// `WORK` …; free wording.
        #[serde(rename = "type")]
        kind,
    }
    /// A postal address of a card.
    ContactAddress {
        /// Street and number.
        street,
        /// Town.
        city,
        /// State or district.
        state,
        /// Postal code.
        zip,
        /// Country's name.
        country,
        /// Country's two letters.
        country_code,
        /// `HOME` …; free wording.
        #[serde(rename = "type")]
        kind,
    }
    /// Where a person works.
    ContactOrg {
        /// Firm.
        company,
        /// Department.
        department,
        /// Position.
        title,
    }
}

impl ContactName {
    fn has_part(&self) -> bool {
        let parts = &self.parts;
        [&parts.first_name, &parts.last_name, &parts.middle_name, &parts.prefix, &parts.suffix]
            .into_iter()
            .any(|part| part.as_deref().is_some_and(|part| !part.trim().is_empty()))
    }
}

impl ContactCard {
    /// A card of this name. Its first word becomes the given name, the rest the family name.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        let formatted_name = name.into();
        let mut words = formatted_name.trim().splitn(2, char::is_whitespace);
        let mut word = || words.next().map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned);
        let parts = ContactNameParts { first_name: word(), last_name: word(), ..ContactNameParts::default() };
        Self { name: ContactName { formatted_name, parts }, ..Self::default() }
    }

    /// Adds a phone number.
    #[must_use]
    pub fn with_phone(mut self, phone: impl Into<String>) -> Self {
        self.phones.push(ContactPhone { phone: Some(phone.into()), ..ContactPhone::default() });
        self
    }

    /// Adds a mail address.
    #[must_use]
    pub fn with_email(mut self, email: impl Into<String>) -> Self {
        self.emails.push(ContactEmail { email: Some(email.into()), kind: None });
        self
    }
}
