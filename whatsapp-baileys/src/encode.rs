//! From a message to the body of `POST …/send`. Pure.
use std::borrow::Cow;

use serde::Serialize;
use sha2::{Digest, Sha256};
use whatsapp_core::{
    Content, CorrelationId, Error, ErrorKind, MessageId, OutboundMessage, Recipient, Result, Template,
};

use crate::{CAPABILITIES, ID, media::FileJson};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SendJson<'m> {
    to: Cow<'m, str>,
    message: MessageJson<'m>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<MessageId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quoted: Option<&'m MessageId>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum MessageJson<'m> {
    File(FileJson<'m>),
    Said(Said<'m>),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
enum Said<'m> {
    Text {
        text: Cow<'m, str>,
    },
    Location {
        latitude: f64,
        longitude: f64,
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<&'m str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        address: Option<&'m str>,
    },
    Reaction {
        message_id: &'m MessageId,
        emoji: &'m str,
    },
}

/// The JSON body that asks the bridge to send `message`; the module [`contract`](crate::contract) describes it.
///
/// # Errors
/// What [`Capabilities::check`](whatsapp_core::Capabilities::check) finds, and what WhatsApp Web cannot carry.
pub fn encode(message: &OutboundMessage) -> Result<Vec<u8>> {
    CAPABILITIES.check(&ID, message)?;
    let said = match &message.content {
        Content::Text(text) => MessageJson::Said(Said::Text { text: Cow::Borrowed(&text.body) }),
        Content::Template(template) => MessageJson::Said(Said::Text { text: rendered(message, template)?.into() }),
        Content::Media(file) => MessageJson::File(FileJson::new(file)?),
        Content::Location(place) => MessageJson::Said(Said::Location {
            latitude: place.latitude,
            longitude: place.longitude,
            name: place.name.as_deref(),
            address: place.address.as_deref(),
        }),
        Content::Reaction(reaction) => MessageJson::Said(Said::Reaction {
            message_id: &reaction.message,
            emoji: reaction.emoji.as_deref().unwrap_or_default(),
        }),
        other => return Err(unsupported(format!("{} cannot be sent by this provider", other.kind()))),
    };
    to_json(&SendJson {
        to: address(&message.to)?,
        message: said,
        message_id: message.correlation.map(assigned_id),
        quoted: message.reply_to.as_ref(),
    })
}

/// The message id that `correlation` leads to: `3EB0`, as WhatsApp Web's own ids begin, and 18 digits of a hash.
///
/// ```
/// use whatsapp_core::CorrelationId;
/// let id = whatsapp_baileys::assigned_id(CorrelationId::from_bytes([7; 16]));
/// assert_eq!(id.as_str().len(), 22);
/// ```
#[must_use]
pub fn assigned_id(correlation: CorrelationId) -> MessageId {
    let mut id = hex::encode_upper(Sha256::digest(correlation.as_bytes()));
    id.truncate(18);
    format!("3EB0{id}").into()
}

/// How the bridge spells a recipient: the digits of a number, `…@lid`, `…@g.us`.
pub(crate) fn address(to: &Recipient) -> Result<Cow<'_, str>> {
    let digits = |text: &str| (1..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    match to {
        Recipient::Phone(phone) => Ok(Cow::Borrowed(phone.digits())),
        Recipient::Lid(lid) if digits(lid) => Ok(Cow::Owned(format!("{lid}@lid"))),
        Recipient::Lid(_) => Err(Error::new(ID, ErrorKind::InvalidRecipient, "a LID is 1 to 20 digits")),
        Recipient::Group(group) => {
            let name = group.as_str().strip_suffix("@g.us").unwrap_or_default();
            if !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
                Ok(Cow::Borrowed(group.as_str()))
            } else {
                Err(Error::new(ID, ErrorKind::InvalidRecipient, "a group is named by digits and `@g.us`"))
            }
        }
        other => Err(unsupported(format!("a recipient by {} cannot be reached by this provider", other.kind()))),
    }
}

pub(crate) fn to_json(body: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(body)
        .map_err(|error| Error::new(ID, ErrorKind::InvalidMessage, "the message is not JSON").with_source(error))
}

/// WhatsApp Web has no templates: their wording goes out as text, and must fit as text.
fn rendered(message: &OutboundMessage, template: &Template) -> Result<String> {
    let text = template.rendered().unwrap_or_default();
    CAPABILITIES.check(&ID, &OutboundMessage::new(message.to.clone(), text.as_str()))?;
    Ok(text)
}

fn unsupported(message: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ID, ErrorKind::Unsupported, message)
}
