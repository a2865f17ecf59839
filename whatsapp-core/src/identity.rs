//! Who is meant: a person outside is a set of aliases, and a phone number is only one of them.
use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{GroupId, PhoneNumber};

/// What kind of name an [`Alias`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AliasKind {
    /// Phone number in E.164 with `+`.
    Phone,
    /// WhatsApp id: digits. Usually the phone number's, but Brazil and Mexico differ.
    WaId,
    /// WhatsApp Web's phone-less id, digits of `…@lid`.
    Lid,
    /// Business-scoped user id, `CC.…`; stable for one business portfolio.
    Bsuid,
    /// Business-scoped user id shared by linked portfolios, `CC.ENT.…`.
    ParentBsuid,
    /// Public user name, without `@`. It can change hands, so it never identifies anybody by itself.
    Username,
    /// Twilio address, `whatsapp:…`.
    TwilioAddress,
}

impl AliasKind {
    /// Stable name, used in storage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::WaId => "wa_id",
            Self::Lid => "lid",
            Self::Bsuid => "bsuid",
            Self::ParentBsuid => "parent_bsuid",
            Self::Username => "username",
            Self::TwilioAddress => "twilio_address",
        }
    }

    /// Whether two contacts with this alias in common are the same person.
    #[must_use]
    pub const fn identifies(self) -> bool {
        !matches!(self, Self::Username)
    }
}

/// One name of a person outside.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Alias {
    kind: AliasKind,
    value: Box<str>,
}

impl Alias {
    /// An alias of `kind`; `value` is spelled as the variants of [`AliasKind`] say.
    #[must_use]
    pub fn new(kind: AliasKind, value: impl Into<Box<str>>) -> Self {
        Self { kind, value: value.into() }
    }

    /// The kind.
    #[must_use]
    pub const fn kind(&self) -> AliasKind {
        self.kind
    }

    /// The name itself.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }
}

/// Masks the value: it is personal data.
impl fmt::Debug for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let from = self.value.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
        write!(f, "{}(…{})", self.kind.as_str(), self.value.get(from..).unwrap_or_default())
    }
}

/// A person outside, as one webhook names them: at least one alias, perhaps no phone number.
///
/// ```
/// use whatsapp_core::{Alias, AliasKind, Identity};
/// let hidden = Identity::new(Alias::new(AliasKind::Bsuid, "IL.4480")).with_name("דנה");
/// assert!(hidden.phone().is_none());
/// assert_eq!(hidden.key().value(), "IL.4480");
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    aliases: Vec<Alias>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

impl Identity {
    /// A person known by `alias`.
    #[must_use]
    pub fn new(alias: Alias) -> Self {
        Self { aliases: vec![alias], name: None }
    }

    /// A person known by what the webhook gave; `None` if it gave nothing.
    #[must_use]
    pub fn from_aliases(aliases: impl IntoIterator<Item = Alias>) -> Option<Self> {
        let mut identity = Self { aliases: Vec::new(), name: None };
        for alias in aliases {
            identity.add(alias);
        }
        (!identity.aliases.is_empty()).then_some(identity)
    }

    /// Adds a further name.
    #[must_use]
    pub fn with_alias(mut self, alias: Alias) -> Self {
        self.add(alias);
        self
    }

    /// Sets the display name. The person chose it, so it proves nothing.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    fn add(&mut self, alias: Alias) {
        if !alias.value.is_empty() && !self.aliases.contains(&alias) {
            self.aliases.push(alias);
        }
    }

    /// All names, in the order the webhook gave them.
    #[must_use]
    pub fn aliases(&self) -> &[Alias] {
        &self.aliases
    }

    /// The display name, if any.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The phone number, if this person shows one.
    #[must_use]
    pub fn phone(&self) -> Option<PhoneNumber> {
        self.get(AliasKind::Phone)?.parse().ok()
    }

    /// The value of the first alias of `kind`.
    #[must_use]
    pub fn get(&self, kind: AliasKind) -> Option<&str> {
        self.aliases.iter().find(|alias| alias.kind == kind).map(Alias::value)
    }

    /// The strongest name: the one with the least [`AliasKind`]. It names the peer of a lane.
    #[must_use]
    pub fn key(&self) -> &Alias {
        static NOBODY: std::sync::LazyLock<Alias> = std::sync::LazyLock::new(|| Alias::new(AliasKind::WaId, ""));
        self.aliases.iter().min_by_key(|alias| alias.kind).unwrap_or(&NOBODY)
    }
}

/// Says only whether there is a display name: it is personal data.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("aliases", &self.aliases).field("named", &self.name.is_some()).finish()
    }
}

impl From<PhoneNumber> for Identity {
    fn from(phone: PhoneNumber) -> Self {
        Self::new(Alias::new(AliasKind::Phone, phone.as_str()))
    }
}

/// A business-scoped user id: two capital letters, a dot, perhaps `ENT.`, then letters and digits.
///
/// Source: Meta, business-scoped user ids; Twilio `ExternalUserId`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UserId(Box<str>);

/// The text is not a business-scoped user id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a business-scoped user id (`IL.` and up to 128 letters and digits)")]
pub struct InvalidUserId;

impl UserId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for UserId {
    type Err = InvalidUserId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (country, rest) = text.split_once('.').ok_or(InvalidUserId)?;
        let id = rest.strip_prefix("ENT.").unwrap_or(rest);
        let ok = country.len() == 2
            && country.bytes().all(|b| b.is_ascii_uppercase())
            && (1..=128).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_alphanumeric());
        if ok { Ok(Self(text.into())) } else { Err(InvalidUserId) }
    }
}

impl TryFrom<String> for UserId {
    type Error = InvalidUserId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<UserId> for String {
    fn from(id: UserId) -> Self {
        id.0.into()
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UserId({}…)", self.0.get(..3).unwrap_or_default())
    }
}

/// To whom a message goes. A type, not a string: a provider says which forms it can reach.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Recipient {
    /// A phone number.
    Phone(PhoneNumber),
    /// A person who hides their number (Meta, Twilio).
    User(UserId),
    /// A person whom WhatsApp Web knows by LID only; the digits.
    Lid(Box<str>),
    /// A group.
    Group(GroupId),
}

impl Recipient {
    /// What this recipient is called in errors; never the value.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Phone(_) => "phone",
            Self::User(_) => "user_id",
            Self::Lid(_) => "lid",
            Self::Group(_) => "group",
        }
    }

    /// The phone number, if it is one.
    #[must_use]
    pub const fn phone(&self) -> Option<&PhoneNumber> {
        match self {
            Self::Phone(phone) => Some(phone),
            _ => None,
        }
    }
}

impl From<PhoneNumber> for Recipient {
    fn from(phone: PhoneNumber) -> Self {
        Self::Phone(phone)
    }
}

impl From<UserId> for Recipient {
    fn from(id: UserId) -> Self {
        Self::User(id)
    }
}
