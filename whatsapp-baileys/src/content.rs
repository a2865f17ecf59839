//! What a message says: its wrappers taken off, its one content field found and read.
use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use whatsapp_core::{InboundContent, Location, MessageId, Reaction};

use crate::{
    media,
    wire::{Fields, lenient, text},
};

/// What was found in a `message`.
pub(crate) enum Found {
    /// Something to show.
    Content(InboundContent, Option<MessageId>),
    /// Something of this name, which is not read.
    Other(String),
    /// Nothing at all.
    Nothing,
}

/// Fields that hold a whole message of their own in `message`.
const WRAPPERS: [&str; 8] = [
    "ephemeralMessage",
    "viewOnceMessage",
    "viewOnceMessageV2",
    "viewOnceMessageV2Extension",
    "documentWithCaptionMessage",
    "deviceSentMessage",
    "associatedChildMessage",
    "lottieStickerMessage",
];

/// Fields that come along with a content and are none.
const ALONGSIDE: [&str; 2] = ["messageContextInfo", "senderKeyDistributionMessage"];

/// More wrappers than this around each other are not WhatsApp's.
const DEEPEST: usize = 8;

/// Reads the `message` of message `id`.
pub(crate) fn read(message: Option<&RawValue>, id: &MessageId) -> Found {
    let Some(mut message) = message else { return Found::Nothing };
    for _ in 0..DEEPEST {
        let Some((name, value)) = pick(message) else { return Found::Nothing };
        if !WRAPPERS.contains(&&*name) {
            return one(&name, value, id).unwrap_or_else(|| Found::Other(snake(&name)));
        }
        let Some(inner) = field(value, "message") else { return Found::Other(snake(&name)) };
        message = inner;
    }
    Found::Other("nested".to_owned())
}

/// The content field: the first that can be read, else the first that there is.
fn pick(message: &RawValue) -> Option<(Cow<'_, str>, &RawValue)> {
    let Fields(fields) = serde_json::from_str(message.get()).ok()?;
    let mut contents = fields.into_iter().filter(|(name, value)| {
        !ALONGSIDE.contains(&&**name) && value.get() != "null" && (name != "conversation" || value.get() != "\"\"")
    });
    let first = contents.next()?;
    let is_read = |name: &str| {
        matches!(
            name,
            "conversation" | "extendedTextMessage" | "locationMessage" | "liveLocationMessage" | "reactionMessage"
        ) || media::kind_of(name).is_some()
            || WRAPPERS.contains(&name)
    };
    if is_read(&first.0) {
        return Some(first);
    }
    Some(contents.find(|(name, _)| is_read(name)).unwrap_or(first))
}

fn one(name: &str, value: &RawValue, id: &MessageId) -> Option<Found> {
    let content = match name {
        "conversation" => return Some(Found::Content(InboundContent::text(text(value)?), None)),
        "extendedTextMessage" => {
            InboundContent::text(field(value, "text").and_then(text).filter(|text| !text.is_empty())?)
        }
        "locationMessage" | "liveLocationMessage" => InboundContent::Location(place(value)?),
        "reactionMessage" => InboundContent::Reaction(reaction(value)?),
        "protocolMessage" | "editedMessage" => return change(name, value).map(|kind| Found::Other(kind.to_owned())),
        _ => InboundContent::Media(media::read(media::kind_of(name)?, value, id)?),
    };
    Some(Found::Content(content, quoted(value)))
}

/// An edit and a deletion are told apart; other protocol messages are not contents of a chat.
fn change(name: &str, value: &RawValue) -> Option<&'static str> {
    if name == "editedMessage" {
        return Some("edit");
    }
    match &*text(field(value, "type")?)? {
        "REVOKE" => Some("revoke"),
        "MESSAGE_EDIT" => Some("edit"),
        _ => None,
    }
}

fn quoted(value: &RawValue) -> Option<MessageId> {
    let id = text(field(field(value, "contextInfo")?, "stanzaId")?)?;
    (!id.is_empty()).then(|| MessageId::from(&*id))
}

fn place(value: &RawValue) -> Option<Location> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Place<'a> {
        degrees_latitude: f64,
        degrees_longitude: f64,
        #[serde(borrow, default, deserialize_with = "lenient")]
        name: Option<Cow<'a, str>>,
        #[serde(borrow, default, deserialize_with = "lenient")]
        address: Option<Cow<'a, str>>,
    }
    let found: Place<'_> = serde_json::from_str(value.get()).ok()?;
    let mut place = Location::new(found.degrees_latitude, found.degrees_longitude);
    place.name = found.name.map(Cow::into_owned);
    place.address = found.address.map(Cow::into_owned);
    place.is_valid().then_some(place)
}

fn reaction(value: &RawValue) -> Option<Reaction> {
    let target = text(field(field(value, "key")?, "id")?).filter(|id| !id.is_empty())?;
    let emoji = field(value, "text").map_or(Some(Cow::Borrowed("")), text)?;
    Some(Reaction::new(MessageId::from(&*target), emoji))
}

/// One field of an object.
fn field<'a>(value: &'a RawValue, name: &str) -> Option<&'a RawValue> {
    let Fields(fields) = serde_json::from_str(value.get()).ok()?;
    fields.into_iter().find(|(known, value)| known == name && value.get() != "null").map(|(_, value)| value)
}

/// `pollCreationMessageV3` → `poll_creation`: the name of what is not read.
fn snake(name: &str) -> String {
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('V');
    let bare = bare.strip_suffix("Message").filter(|bare| !bare.is_empty()).unwrap_or(bare);
    let mut out = String::new();
    for letter in bare.chars().filter(char::is_ascii_alphanumeric).take(48) {
        if letter.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    if out.is_empty() { "unreadable".to_owned() } else { out }
}

#[cfg(test)]
mod tests {
    use super::snake;

    #[test]
    fn names_of_what_is_not_read() {
        let names = [
            ("pollCreationMessageV3", "poll_creation"),
            ("contactsArrayMessage", "contacts_array"),
            ("hologramMessage", "hologram"),
            ("call", "call"),
            ("Message", "message"),
            ("", "unreadable"),
            ("שלום", "unreadable"),
        ];
        for (field, name) in names {
            assert_eq!(snake(field), name, "{field}");
        }
    }
}
