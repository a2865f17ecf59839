//! What a provider can do, as data: it drives checks before any I/O, the interface, and the conformance suite.
use std::time::Duration;

use serde::Serialize;

use crate::{
    Action, Content, Error, ErrorKind, InteractiveKinds, InvalidContent, MediaKind, MediaSource, MessageId,
    OutboundMessage, ProviderId, Recipient,
    message::invalid::{at_most, entries, maybe},
};

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
    /// Whether it takes files by the id of an upload.
    pub media_ids: bool,
    /// Whether it has approved templates of its own.
    pub templates: bool,
    /// Whether its templates take values beside those of the body: header, buttons, cards.
    pub template_parts: bool,
    /// Whether places can be sent.
    pub locations: bool,
    /// Whether address cards can be sent.
    pub contacts: bool,
    /// Whether reactions can be sent.
    pub reactions: bool,
    /// Whether a message can quote an earlier one.
    pub replies: bool,
    /// Whether groups can be written to.
    pub groups: bool,
    /// What can be asked by an interactive message.
    pub interactive: InteractiveKinds,
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
            media_ids: false,
            templates: false,
            template_parts: false,
            locations: false,
            contacts: false,
            reactions: false,
            replies: false,
            groups: false,
            interactive: InteractiveKinds::of(&[]),
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

    /// Takes files by the id of an upload.
    #[must_use]
    pub const fn with_media_ids(mut self) -> Self {
        self.media_ids = true;
        self
    }

    /// Sends approved templates.
    #[must_use]
    pub const fn with_templates(mut self) -> Self {
        self.templates = true;
        self
    }

    /// Fills in headers, buttons and cards of templates.
    #[must_use]
    pub const fn with_template_parts(mut self) -> Self {
        self.template_parts = true;
        self
    }

    /// Sends places.
    #[must_use]
    pub const fn with_locations(mut self) -> Self {
        self.locations = true;
        self
    }

    /// Sends address cards.
    #[must_use]
    pub const fn with_contacts(mut self) -> Self {
        self.contacts = true;
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

    /// Writes to groups.
    #[must_use]
    pub const fn with_groups(mut self) -> Self {
        self.groups = true;
        self
    }

    /// Asks `kinds`; shows up to `buttons` reply buttons and lists of up to `rows` rows.
    #[must_use]
    pub const fn with_interactive(mut self, kinds: InteractiveKinds, buttons: u8, rows: u8) -> Self {
        self.interactive = kinds;
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

    /// Checks `message` before any I/O: first what the provider can do, then every limit.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] for what the provider cannot do, [`ErrorKind::InvalidMessage`] for a limit; the
    /// message names field, limit and value.
    pub fn check(&self, provider: &ProviderId, message: &OutboundMessage) -> Result<(), Error> {
        if let Some(what) = self.lacks(message) {
            let problem = format!("{what} cannot be sent by this provider");
            return Err(Error::new(provider.clone(), ErrorKind::Unsupported, problem));
        }
        let quoted = maybe("reply_to", message.reply_to.as_ref().map(MessageId::as_str), usize::MAX);
        let limits = quoted.and_then(|()| message.content.check()).and_then(|()| self.check_limits(&message.content));
        limits.map_err(|invalid| Error::new(provider.clone(), ErrorKind::InvalidMessage, invalid.to_string()))
    }

    /// What `message` asks for and the provider has not.
    fn lacks(&self, message: &OutboundMessage) -> Option<&'static str> {
        let lacking = |has: bool, what: &'static str| (!has).then_some(what);
        if message.reply_to.is_some() && !self.replies {
            return Some("replies");
        }
        if matches!(message.to, Recipient::Group(_)) && !self.groups {
            return Some("messages to a group");
        }
        match &message.content {
            Content::Text(_) => lacking(self.text_max_chars > 0, "text"),
            Content::Media(file) if !self.media.contains(&file.kind) => Some(file.kind.as_str()),
            Content::Media(file)
                if matches!(file.kind, MediaKind::Sticker)
                    && file.caption.as_ref().is_some_and(|caption| !caption.is_empty()) =>
            {
                Some("a sticker's caption")
            }
            Content::Media(file) => {
                lacking(self.media_ids || !matches!(file.source, MediaSource::Id(_)), "a file by id instead of a link")
            }
            Content::Template(template) if template.has_more_than_body() => {
                lacking(self.template_parts, "template values beside those of the body (header, buttons, components)")
            }
            Content::Template(template) => lacking(self.templates || template.text.is_some(), "templates"),
            Content::Location(_) => lacking(self.locations, "locations"),
            Content::Contacts(_) => lacking(self.contacts, "address cards"),
            Content::Reaction(_) => lacking(self.reactions, "reactions"),
            Content::Interactive(interactive) => {
                let kind = interactive.action.kind();
                lacking(self.interactive.contains(kind), kind.as_str())
            }
        }
    }

    fn check_limits(&self, content: &Content) -> Result<(), InvalidContent> {
        match content {
            Content::Text(text) => at_most("text.body", &text.body, self.text_max_chars as usize),
            Content::Media(file) => {
                at_most("media.caption", file.caption.as_deref().unwrap_or_default(), self.caption_max_chars as usize)
            }
            Content::Interactive(interactive) => match &interactive.action {
                Action::Buttons(buttons) => {
                    entries("interactive.buttons", buttons.len(), 1, usize::from(self.reply_buttons))
                }
                Action::List(list) => {
                    entries("interactive.list.rows", list.rows().count(), 1, usize::from(self.list_rows))
                }
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }
}
