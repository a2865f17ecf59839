//! From a message to the body of `POST /{phone_number_id}/messages`. Source: Meta, Cloud API reference, messages.
mod interactive;
mod template;

use serde_json::{Value, json};
use whatsapp_core::{
    Capabilities, Contacts, Content, Error, ErrorKind, InteractiveKinds, Location, MediaFile, MediaKind, MessageId,
    OutboundMessage, Reaction, Recipient, Result,
};

use crate::{ID, media};

/// What Meta can do. Source: Meta, Cloud API reference, messages and interactive messages; customer service windows.
pub(crate) const CAPABILITIES: Capabilities = Capabilities::none()
    .with_text(4096)
    .with_media(&[MediaKind::Image, MediaKind::Video, MediaKind::Audio, MediaKind::Document, MediaKind::Sticker], 1024)
    .with_media_ids()
    .with_templates()
    .with_template_parts()
    .with_locations()
    .with_contacts()
    .with_reactions()
    .with_replies()
    .with_groups()
    .with_interactive(InteractiveKinds::ALL, 3, 10)
    .with_presence(true, true)
    .with_window(std::time::Duration::from_secs(24 * 60 * 60))
    .with_correlation_echo();

/// The body that sends `message`, after all checks that need no I/O.
///
/// ```
/// use whatsapp_core::{OutboundMessage, PhoneNumber};
/// let to: PhoneNumber = "+972501234567".parse().unwrap();
/// let body = whatsapp_meta::encode(&OutboundMessage::new(to, "שלום")).unwrap();
/// assert_eq!((body["to"].as_str(), body["text"]["body"].as_str()), (Some("+972501234567"), Some("שלום")));
/// ```
///
/// # Errors
/// [`ErrorKind::Unsupported`] for a LID and content that Meta has not, at all or in groups;
/// [`ErrorKind::InvalidMessage`] for what it would refuse. The message names the field.
pub fn encode(message: &OutboundMessage) -> Result<Value> {
    CAPABILITIES.check(&ID, message)?;
    let (whom, to, recipient) = match &message.to {
        // Without `+` Meta may put the business's own country code in front.
        Recipient::Phone(phone) => ("individual", Some(phone.as_str()), None),
        Recipient::User(id) => ("individual", None, Some(id.as_str())),
        // Source: Meta, Groups API.
        Recipient::Group(_) if matches!(message.content, Content::Interactive(_)) => {
            return Err(unsupported("an interactive message to a group"));
        }
        Recipient::Group(id) => ("group", Some(id.as_str()), None),
        other => return Err(unsupported(&format!("a recipient of kind {}", other.kind()))),
    };
    let (kind, content) = match &message.content {
        Content::Text(text) => ("text", json!({"body": text.body, "preview_url": text.preview_url})),
        Content::Media(file) => (file.kind.as_str(), file_content(file)?),
        Content::Template(template) => ("template", template::content(template)?),
        Content::Location(place) => ("location", location(place)),
        Content::Contacts(contacts) => ("contacts", cards(contacts)?),
        Content::Reaction(reaction) => ("reaction", reaction_content(reaction, message.reply_to.as_ref())?),
        Content::Interactive(interactive) => ("interactive", interactive::content(interactive)?),
        other => return Err(unsupported(other.kind())),
    };
    Ok(object([
        ("messaging_product", Some("whatsapp".into())),
        ("recipient_type", Some(whom.into())),
        ("to", to.map(Value::from)),
        ("recipient", recipient.map(Value::from)),
        ("context", message.reply_to.as_ref().map(|quoted| json!({"message_id": quoted.as_str()}))),
        ("biz_opaque_callback_data", message.correlation.map(|id| id.to_string().into())),
        ("type", Some(kind.into())),
        (kind, Some(content)),
    ]))
}

/// An object of the entries that have a value.
pub(crate) fn object<const N: usize>(entries: [(&str, Option<Value>); N]) -> Value {
    let present = entries.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    Value::Object(present.collect())
}

/// The body that marks `message` as read. Source: Meta, mark messages as read.
pub(crate) fn mark_read(message: &MessageId) -> Value {
    json!({"messaging_product": "whatsapp", "status": "read", "message_id": message.as_str()})
}

fn file_content(file: &MediaFile) -> Result<Value> {
    if file.kind == MediaKind::Audio && file.caption.as_ref().is_some_and(|caption| !caption.is_empty()) {
        return Err(invalid("media.caption: a sound has none"));
    }
    media::sent(file).ok_or_else(|| unsupported("a file from this source"))
}

/// The reference writes coordinates as texts.
fn location(place: &Location) -> Value {
    object([
        ("latitude", Some(place.latitude.to_string().into())),
        ("longitude", Some(place.longitude.to_string().into())),
        ("name", place.name.as_deref().map(Value::from)),
        ("address", place.address.as_deref().map(Value::from)),
    ])
}

/// Cards are spelled as Meta does, but for what only comes in.
fn cards(contacts: &Contacts) -> Result<Value> {
    let mut cards = contacts.contacts.clone();
    for card in &mut cards {
        (card.origin, card.vcard) = (None, None);
    }
    serde_json::to_value(cards).map_err(|error| invalid("contacts cannot be written").with_source(error))
}

/// An empty emoji takes the reaction back.
fn reaction_content(reaction: &Reaction, quoted: Option<&MessageId>) -> Result<Value> {
    if quoted.is_some() {
        return Err(invalid("reply_to: a reaction cannot quote a message"));
    }
    let emoji = reaction.emoji.as_deref().unwrap_or_default();
    Ok(json!({"message_id": reaction.message.as_str(), "emoji": emoji}))
}

fn unsupported(what: &str) -> Error {
    Error::new(ID, ErrorKind::Unsupported, format!("{what} cannot be sent by this provider"))
}

fn invalid(problem: &'static str) -> Error {
    Error::new(ID, ErrorKind::InvalidMessage, problem)
}
