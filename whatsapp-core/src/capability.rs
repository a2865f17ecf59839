//! What a provider can do, as data: it drives checks before any I/O, the interface, and the conformance suite.
use std::time::Duration;

use serde::Serialize;

use crate::{Content, Error, ErrorKind, MediaKind, OutboundMessage, ProviderId};

/// What a sender can do. Limits count Unicode scalar values.
///
/// ```
/// use whatsapp_core::{Capabilities, MediaKind};
/// const CAN: Capabilities = Capabilities::none().with_text(4096).with_media(&[MediaKind::Image], 1024);
/// assert!(!CAN.templates);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, not states")]
pub struct Capabilities {
    /// Longest text, in characters; 0 = no text.
    pub text_max_chars: u32,
    /// Longest caption, in characters.
    pub caption_max_chars: u32,
    /// Kinds of files it takes by link.
    pub media: &'static [MediaKind],
    /// Whether it has approved templates of its own.
    pub templates: bool,
    /// Whether places can be sent.
    pub locations: bool,
    /// Whether reactions can be sent.
    pub reactions: bool,
    /// Whether a message can quote an earlier one.
    pub replies: bool,
    /// Most reply buttons on one message; 0 = none.
    pub reply_buttons: u8,
    /// Most rows of a list message; 0 = none.
    pub list_rows: u8,
    /// Whether "is typing" can be shown.
    pub typing: bool,
    /// Whether a message can be marked as read.
    pub read_receipts: bool,
    /// How long after a contact's message free text may be sent; `None` = always.
    #[serde(skip)]
    pub window: Option<Duration>,
    /// Whether sending the same correlation twice reaches the person once.
    pub idempotent_send: bool,
    /// Whether statuses bring the correlation back, so that a message of unknown fate can be found again.
    pub echoes_correlation: bool,
}

impl Capabilities {
    /// Can do nothing.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            text_max_chars: 0,
            caption_max_chars: 0,
            media: &[],
            templates: false,
            locations: false,
            reactions: false,
            replies: false,
            reply_buttons: 0,
            list_rows: 0,
            typing: false,
            read_receipts: false,
            window: None,
            idempotent_send: false,
            echoes_correlation: false,
        }
    }

    /// Sends text of up to `max` characters.
    #[must_use]
    pub const fn with_text(mut self, max: u32) -> Self {
        self.text_max_chars = max;
        self
    }

    /// Sends files of these kinds, with captions of up to `caption_max` characters.
    #[must_use]
    pub const fn with_media(mut self, kinds: &'static [MediaKind], caption_max: u32) -> Self {
        self.media = kinds;
        self.caption_max_chars = caption_max;
        self
    }

    /// Sends approved templates.
    #[must_use]
    pub const fn with_templates(mut self) -> Self {
        self.templates = true;
        self
    }

    /// Sends places.
    #[must_use]
    pub const fn with_locations(mut self) -> Self {
        self.locations = true;
        self
    }

    /// Sends reactions.
    #[must_use]
    pub const fn with_reactions(mut self) -> Self {
        self.reactions = true;
        self
    }

    /// Quotes earlier messages.
    #[must_use]
    pub const fn with_replies(mut self) -> Self {
        self.replies = true;
        self
    }

    /// Shows up to `buttons` reply buttons and lists of up to `rows` rows.
    #[must_use]
    pub const fn with_choices(mut self, buttons: u8, rows: u8) -> Self {
        self.reply_buttons = buttons;
        self.list_rows = rows;
        self
    }

    /// Shows typing and marks messages as read.
    #[must_use]
    pub const fn with_presence(mut self, typing: bool, read_receipts: bool) -> Self {
        self.typing = typing;
        self.read_receipts = read_receipts;
        self
    }

    /// Refuses free text later than `window` after the contact's last message.
    #[must_use]
    pub const fn with_window(mut self, window: Duration) -> Self {
        self.window = Some(window);
        self
    }

    /// Drops a second send of the same correlation.
    #[must_use]
    pub const fn with_idempotent_send(mut self) -> Self {
        self.idempotent_send = true;
        self
    }

    /// Brings the correlation back with statuses.
    #[must_use]
    pub const fn with_correlation_echo(mut self) -> Self {
        self.echoes_correlation = true;
        self
    }

    /// Checks `message` before any I/O.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] for what the provider cannot do, [`ErrorKind::InvalidMessage`] for a limit; the
    /// message names field, limit and value.
    pub fn check(&self, provider: &ProviderId, message: &OutboundMessage) -> Result<(), Error> {
        let unsupported = |what: &str| {
            Err(Error::new(provider.clone(), ErrorKind::Unsupported, format!("{what} cannot be sent by this provider")))
        };
        let invalid = |problem: String| Err(Error::new(provider.clone(), ErrorKind::InvalidMessage, problem));
        let over = |field: &str, text: &str, max: u32| {
            let count = text.chars().count();
            (count > max as usize).then(|| format!("{field} has {count} characters, the limit is {max}"))
        };
        if message.reply_to.is_some() && !self.replies {
            return unsupported("replies");
        }
        match &message.content {
            Content::Text(_) if self.text_max_chars == 0 => unsupported("text"),
            Content::Text(text) if text.body.trim().is_empty() => invalid("text.body is empty".to_owned()),
            Content::Text(text) => over("text.body", &text.body, self.text_max_chars).map_or(Ok(()), invalid),
            Content::Media(media) if !self.media.contains(&media.kind) => unsupported(media.kind.as_str()),
            Content::Media(media) => match &media.caption {
                Some(_) if matches!(media.kind, MediaKind::Sticker) => unsupported("a sticker's caption"),
                Some(caption) => over("media.caption", caption, self.caption_max_chars).map_or(Ok(()), invalid),
                None => Ok(()),
            },
            Content::Template(template) if !self.templates && template.text.is_none() => unsupported("templates"),
            Content::Template(template) if template.name.is_empty() => invalid("template.name is empty".to_owned()),
            Content::Location(_) if !self.locations => unsupported("locations"),
            Content::Location(place) if !place.is_valid() => {
                invalid("location is not a latitude of -90..90 and a longitude of -180..180 degrees".to_owned())
            }
            Content::Reaction(_) if !self.reactions => unsupported("reactions"),
            _ => Ok(()),
        }
    }
}
