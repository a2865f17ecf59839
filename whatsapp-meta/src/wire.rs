//! What Meta writes into a webhook, borrowed from the body. Every field may be missing or of another type than
//! documented; only the field that is odd is lost. Source: Meta, Webhooks reference, `messages`.
use std::{borrow::Cow, fmt, str::FromStr};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

/// Reads an object; `None` if it is something else or its syntax is broken.
pub(crate) fn object<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    // Derived readers take lists as objects without names.
    text.trim_ascii_start().starts_with('{').then(|| serde_json::from_str(text).ok())?
}

/// A text or number, whichever of the two is written.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Scalar<'a>(#[serde(borrow)] Option<&'a RawValue>);

impl<'a> Scalar<'a> {
    /// As text; `None` for an empty one and for what is neither text nor number.
    pub(crate) fn text(self) -> Option<Cow<'a, str>> {
        let raw = self.0?.get();
        let text = match raw.as_bytes().first()? {
            b'"' if raw.contains('\\') => Cow::Owned(serde_json::from_str(raw).ok()?),
            b'"' => Cow::Borrowed(raw.get(1..raw.len() - 1)?),
            b'-' | b'0'..=b'9' => Cow::Borrowed(raw),
            _ => return None,
        };
        (!text.is_empty()).then_some(text)
    }

    /// As owned text.
    pub(crate) fn string(self) -> Option<String> {
        self.text().map(Cow::into_owned)
    }

    /// As a number.
    pub(crate) fn number<T: FromStr>(self) -> Option<T> {
        self.text()?.parse().ok()
    }

    /// Whether anything but nothing is written, readable or not.
    pub(crate) fn is_given(self) -> bool {
        self.0.is_some_and(|raw| raw.get() != "\"\"")
    }

    /// As a yes: `true`, bare or as text.
    pub(crate) fn is_true(self) -> bool {
        self.0.is_some_and(|raw| raw.get().trim_matches('"') == "true")
    }
}

/// The items of a list, or the knowledge that something else stood in its place.
#[derive(Debug, Default)]
pub(crate) struct Items<'a> {
    /// The items, unread.
    pub(crate) list: Vec<&'a RawValue>,
    /// Whether it was no list.
    pub(crate) odd: bool,
}

impl<'de: 'a, 'a> Deserialize<'de> for Items<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ItemsVisitor)
    }
}

struct ItemsVisitor;

const NO_LIST: Items<'static> = Items { list: Vec::new(), odd: true };

impl<'de> Visitor<'de> for ItemsVisitor {
    type Value = Items<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Items { list, odd: false })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(NO_LIST)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Items::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(NO_LIST)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(NO_LIST)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(NO_LIST)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(NO_LIST)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(NO_LIST)
    }
}

/// The value of a change that is about a phone number.
#[derive(Debug, Default)]
pub(crate) struct Value<'a> {
    pub(crate) metadata: Raw<'a>,
    pub(crate) contacts: Items<'a>,
    pub(crate) messages: Items<'a>,
    pub(crate) statuses: Items<'a>,
    pub(crate) errors: Items<'a>,
    /// Whether it has keys beside these, `calls`, `user_actions` and whatever comes, or one of these twice.
    pub(crate) more: bool,
}

impl<'de: 'a, 'a> Deserialize<'de> for Value<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut value = Value::default();
        let mut seen = Vec::new();
        while let Some(key) = entries.next_key::<String>()? {
            value.more |= seen.contains(&key);
            match &*key {
                "metadata" => value.metadata = entries.next_value()?,
                "contacts" => value.contacts = entries.next_value()?,
                "messages" => value.messages = entries.next_value()?,
                "statuses" => value.statuses = entries.next_value()?,
                "errors" => value.errors = entries.next_value()?,
                other => {
                    // Neither is an item: a constant, and a summary of the conversation so far.
                    value.more |= !matches!(other, "messaging_product" | "conversation_context");
                    entries.next_value::<IgnoredAny>()?;
                }
            }
            seen.push(key);
        }
        Ok(value)
    }
}

type Raw<'a> = Option<&'a RawValue>;

/// Text. A body that is no text is no message.
#[derive(Debug, Deserialize)]
pub(crate) struct Text {
    pub(crate) body: String,
}

macro_rules! wire {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $kind:ty,)* })*) => { $(
        $(#[$meta])*
        #[derive(Debug, Default, Deserialize)]
        #[serde(default)]
        pub(crate) struct $name<'a> {
            $($(#[$field_meta])* #[serde(borrow)] pub(crate) $field: $kind,)*
        }
    )* };
}

wire! {
    /// A whole webhook.
    Body { object: Scalar<'a>, entry: Items<'a>, }
    /// What happened in one WhatsApp Business Account.
    Entry { id: Scalar<'a>, time: Scalar<'a>, changes: Items<'a>, }
    /// What happened of one sort.
    Change { field: Scalar<'a>, value: Raw<'a>, }
    /// The phone number it is about.
    Metadata { phone_number_id: Scalar<'a>, }
    /// A person, as the account knows them.
    Contact { profile: Raw<'a>, wa_id: Scalar<'a>, user_id: Scalar<'a>, parent_user_id: Scalar<'a>, }
    /// What a person shows of themselves.
    Profile { name: Scalar<'a>, username: Scalar<'a>, }
    /// A contact's message.
    Message {
        id: Scalar<'a>,
        timestamp: Scalar<'a>,
        #[serde(rename = "type")]
        kind: Scalar<'a>,
        from: Scalar<'a>,
        from_user_id: Scalar<'a>,
        from_parent_user_id: Scalar<'a>,
        group_id: Scalar<'a>,
        context: Raw<'a>,
        text: Raw<'a>,
        image: Raw<'a>,
        video: Raw<'a>,
        audio: Raw<'a>,
        document: Raw<'a>,
        sticker: Raw<'a>,
        location: Raw<'a>,
        reaction: Raw<'a>,
    }
    /// What a message refers to.
    Context { id: Scalar<'a>, }
    /// A file.
    Media {
        id: Scalar<'a>,
        url: Scalar<'a>,
        mime_type: Scalar<'a>,
        sha256: Scalar<'a>,
        caption: Scalar<'a>,
        filename: Scalar<'a>,
        voice: Scalar<'a>,
    }
    /// A place; the coordinates are numbers, and texts in some captures.
    Location { latitude: Scalar<'a>, longitude: Scalar<'a>, name: Scalar<'a>, address: Scalar<'a>, }
    /// An emoji on a message; a removal has an empty one or none.
    Reaction { message_id: Scalar<'a>, emoji: Scalar<'a>, }
    /// How far a message of ours came.
    Status {
        id: Scalar<'a>,
        #[serde(rename = "status")]
        reached: Scalar<'a>,
        timestamp: Scalar<'a>,
        #[serde(rename = "type")]
        kind: Scalar<'a>,
        recipient_id: Scalar<'a>,
        recipient_user_id: Scalar<'a>,
        #[serde(alias = "parent_recipient_user_id")]
        recipient_parent_user_id: Scalar<'a>,
        recipient_type: Scalar<'a>,
        #[serde(alias = "participant_recipient_id")]
        recipient_participant_id: Scalar<'a>,
        recipient_participant_user_id: Scalar<'a>,
        biz_opaque_callback_data: Scalar<'a>,
        errors: Items<'a>,
    }
    /// Why something failed; the details stood beside the code in older captures.
    Failure { code: Scalar<'a>, title: Scalar<'a>, message: Scalar<'a>, details: Scalar<'a>, error_data: Raw<'a>, }
    /// More on a failure.
    FailureData { details: Scalar<'a>, }
}
