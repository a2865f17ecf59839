//! Cards to swipe through.
use serde::{Deserialize, Serialize};

use super::{Product, ReplyButton, UrlButton, choice::check_buttons};
use crate::{
    MediaFile, MediaKind,
    message::invalid::{Check, at_most, entries, rule},
};

/// A card. Those of one message are all alike: the same sort, header and number of buttons, or the same catalog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "card", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Card {
    /// A picture or film with a text and a button.
    Media(MediaCard),
    /// A thing for sale.
    Product(Product),
}

/// A picture or film with a text and buttons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MediaCard {
    /// An image or video; it has no caption.
    pub header: MediaFile,
    /// Up to 160 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// What can be done with it.
    pub action: CardAction,
}

/// What can be done with a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CardAction {
    /// Open a web page.
    Url(UrlButton),
    /// Answer by a tap; 1 to 3 buttons.
    Buttons(Vec<ReplyButton>),
}

impl MediaCard {
    /// A card with a button that opens a web page.
    #[must_use]
    pub const fn with_url(header: MediaFile, button: UrlButton) -> Self {
        Self { header, body: None, action: CardAction::Url(button) }
    }

    /// A card with reply buttons.
    #[must_use]
    pub fn with_buttons(header: MediaFile, buttons: impl IntoIterator<Item = ReplyButton>) -> Self {
        Self { header, body: None, action: CardAction::Buttons(buttons.into_iter().collect()) }
    }

    /// Adds a text.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<String>) -> Self {
        self.body = Some(body.into());
        self
    }

    fn check(&self, field: &str) -> Check {
        let shown = matches!(self.header.kind, MediaKind::Image | MediaKind::Video);
        rule(shown, format_args!("{field}.header"), "is neither image nor video")?;
        rule(self.header.caption.is_none(), format_args!("{field}.header"), "has a caption; the body takes its place")?;
        self.header.check(&format!("{field}.header"))?;
        at_most(format_args!("{field}.body"), self.body.as_deref().unwrap_or_default(), 160)?;
        match &self.action {
            CardAction::Url(button) => button.check(&format!("{field}.url")),
            CardAction::Buttons(buttons) => check_buttons(&format!("{field}.buttons"), buttons, 3),
        }
    }
}

impl Card {
    /// What cards of one message have in common.
    fn shape(&self) -> (Option<MediaKind>, usize, &str) {
        match self {
            Self::Product(product) => (None, 0, &product.catalog_id),
            Self::Media(card) => match &card.action {
                CardAction::Url(_) => (Some(card.header.kind), 0, ""),
                CardAction::Buttons(buttons) => (Some(card.header.kind), buttons.len(), ""),
            },
        }
    }
}

pub(super) fn check(field: &str, cards: &[Card]) -> Check {
    entries(field, cards.len(), 2, 10)?;
    for (at, card) in cards.iter().enumerate() {
        let field = format!("{field}[{at}]");
        match card {
            Card::Media(card) => card.check(&field)?,
            Card::Product(product) => product.check(&field)?,
        }
        rule(
            cards.first().is_none_or(|first| first.shape() == card.shape()),
            field,
            "differs in shape or catalog from the first",
        )?;
    }
    Ok(())
}
