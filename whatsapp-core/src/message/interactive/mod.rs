//! Messages that ask for a tap. Source of the limits: Meta, Cloud API reference, interactive messages; they are
//! those of the WhatsApp apps, so they hold for every provider.
mod card;
mod choice;
mod kind;
mod product;
mod request;

use serde::{Deserialize, Serialize};

pub use self::{
    card::{Card, CardAction, MediaCard},
    choice::{List, ReplyButton, Row, Section, UrlButton},
    kind::{InteractiveKind, InteractiveKinds},
    product::{Product, ProductSection, Products},
    request::{AddressRequest, CallButton, Flow, FlowRef, FlowStart, SavedAddress},
};
pub(crate) use self::{product::check_sections, request::check_ttl};
use super::invalid::{Check, InvalidContent, maybe, rule, text};
use crate::{MediaFile, MediaKind};

/// A message that asks for a tap.
///
/// ```
/// use whatsapp_core::{Interactive, List, ReplyButton, Row};
/// let ask = Interactive::buttons("נתראה מחר ב-10:00?", [ReplyButton::new("yes", "כן"), ReplyButton::new("no", "לא")]);
/// assert!(ask.unwrap().with_footer("מספרת דנה").is_ok());
/// let hours = List::new("שעות", [Row::new("10", "10:00"), Row::new("11", "11:00")]);
/// assert!(Interactive::list("מתי נוח?", hours).is_ok());
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Interactive {
    /// Above the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<Header>,
    /// The text; 1 to 1,024 characters, 4,096 above a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Below it in small print; up to 60 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub footer: Option<String>,
    /// What is asked.
    pub action: Action,
}

/// What stands above the body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Header {
    /// Up to 60 characters.
    Text(String),
    /// An image, video or document; it has no caption.
    Media(MediaFile),
}

/// What an interactive message asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Action {
    /// Tap one of 1 to 3 buttons.
    Buttons(Vec<ReplyButton>),
    /// Choose a row.
    List(List),
    /// Open a web page.
    Url(UrlButton),
    /// Fill in a form.
    Flow(Flow),
    /// Look at a thing for sale.
    Product(Product),
    /// Look at several.
    Products(Products),
    /// Look at the whole catalog.
    Catalog {
        /// The product whose picture is shown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        thumbnail: Option<String>,
    },
    /// Swipe through 2 to 10 cards.
    Carousel(Vec<Card>),
    /// Give a postal address.
    Address(AddressRequest),
    /// Let us call.
    CallPermission,
    /// Call us.
    Call(CallButton),
    /// Show the phone number of a person who hides it.
    ContactRequest,
    /// Send a place.
    LocationRequest,
}

impl Action {
    /// Which kind it is.
    #[must_use]
    pub const fn kind(&self) -> InteractiveKind {
        match self {
            Self::Buttons(_) => InteractiveKind::Buttons,
            Self::List(_) => InteractiveKind::List,
            Self::Url(_) => InteractiveKind::Url,
            Self::Flow(_) => InteractiveKind::Flow,
            Self::Product(_) => InteractiveKind::Product,
            Self::Products(_) => InteractiveKind::Products,
            Self::Catalog { .. } => InteractiveKind::Catalog,
            Self::Carousel(_) => InteractiveKind::Carousel,
            Self::Address(_) => InteractiveKind::Address,
            Self::CallPermission => InteractiveKind::CallPermission,
            Self::Call(_) => InteractiveKind::Call,
            Self::ContactRequest => InteractiveKind::ContactRequest,
            Self::LocationRequest => InteractiveKind::LocationRequest,
        }
    }

    fn check(&self) -> Check {
        match self {
            Self::Buttons(buttons) => choice::check_buttons("interactive.buttons", buttons, 3),
            Self::List(list) => list.check("interactive.list"),
            Self::Url(button) => button.check("interactive.url"),
            Self::Flow(flow) => flow.check("interactive.flow"),
            Self::Product(product) => product.check("interactive.product"),
            Self::Products(products) => products.check("interactive.products"),
            Self::Carousel(cards) => card::check("interactive.carousel", cards),
            Self::Address(request) => request.check("interactive.address"),
            Self::Call(button) => button.check("interactive.call"),
            Self::Catalog { thumbnail } => maybe("interactive.catalog.thumbnail", thumbnail.as_deref(), 256),
            Self::CallPermission | Self::ContactRequest | Self::LocationRequest => Ok(()),
        }
    }
}

impl Interactive {
    /// A message that asks `action`.
    ///
    /// # Errors
    /// [`InvalidContent`] for what the apps would not show.
    pub fn new(body: impl Into<String>, action: Action) -> Result<Self, InvalidContent> {
        Self { header: None, body: Some(body.into()), footer: None, action }.checked()
    }

    /// Asks to tap one of 1 to 3 buttons.
    ///
    /// # Errors
    /// [`InvalidContent`] for a broken limit; it names field, limit and value.
    pub fn buttons(
        body: impl Into<String>,
        buttons: impl IntoIterator<Item = ReplyButton>,
    ) -> Result<Self, InvalidContent> {
        Self::new(body, Action::Buttons(buttons.into_iter().collect()))
    }

    /// Asks to choose a row.
    ///
    /// # Errors
    /// [`InvalidContent`] for a broken limit; it names field, limit and value.
    pub fn list(body: impl Into<String>, list: List) -> Result<Self, InvalidContent> {
        Self::new(body, Action::List(list))
    }

    /// Offers a web page.
    ///
    /// # Errors
    /// [`InvalidContent`] for a broken limit and for what is no http(s) address.
    pub fn url(body: impl Into<String>, button: UrlButton) -> Result<Self, InvalidContent> {
        Self::new(body, Action::Url(button))
    }

    /// A product without words of ours.
    ///
    /// # Errors
    /// [`InvalidContent`] for an empty id.
    pub fn product(product: Product) -> Result<Self, InvalidContent> {
        Self { header: None, body: None, footer: None, action: Action::Product(product) }.checked()
    }

    /// Several products; they need a header.
    ///
    /// # Errors
    /// [`InvalidContent`] for a broken limit; it names field, limit and value.
    pub fn products(
        header: impl Into<String>,
        body: impl Into<String>,
        products: Products,
    ) -> Result<Self, InvalidContent> {
        let header = Some(Header::Text(header.into()));
        Self { header, body: Some(body.into()), footer: None, action: Action::Products(products) }.checked()
    }

    /// Puts something above the body.
    ///
    /// # Errors
    /// [`InvalidContent`] if this action takes no such header, or it is too long.
    pub fn with_header(mut self, header: Header) -> Result<Self, InvalidContent> {
        self.header = Some(header);
        self.checked()
    }

    /// Puts small print below the body.
    ///
    /// # Errors
    /// [`InvalidContent`] if this action takes no footer, or it is too long.
    pub fn with_footer(mut self, footer: impl Into<String>) -> Result<Self, InvalidContent> {
        self.footer = Some(footer.into());
        self.checked()
    }

    fn checked(self) -> Result<Self, InvalidContent> {
        self.check()?;
        Ok(self)
    }

    pub(crate) fn check(&self) -> Check {
        let longest = if matches!(self.action, Action::List(_)) { 4096 } else { 1024 };
        match &self.body {
            Some(body) => text("interactive.body", body, longest)?,
            None => rule(
                matches!(self.action, Action::Product(_) | Action::CallPermission),
                "interactive.body",
                "is needed for this action",
            )?,
        }
        if let Some(footer) = &self.footer {
            text("interactive.footer", footer, 60)?;
            let bare = matches!(self.action, Action::Carousel(_) | Action::Call(_) | Action::LocationRequest);
            rule(!bare, "interactive.footer", "cannot stand under this action")?;
        }
        self.check_header()?;
        self.action.check()
    }

    fn check_header(&self) -> Check {
        const FIELD: &str = "interactive.header";
        let (any, only_text) = match self.action {
            Action::Buttons(_) | Action::Url(_) | Action::Flow(_) | Action::Address(_) | Action::ContactRequest => {
                (true, false)
            }
            Action::List(_) | Action::Products(_) | Action::Call(_) => (true, true),
            Action::Product(_)
            | Action::Catalog { .. }
            | Action::Carousel(_)
            | Action::CallPermission
            | Action::LocationRequest => (false, false),
        };
        match &self.header {
            None => rule(!matches!(self.action, Action::Products(_)), FIELD, "is needed above several products"),
            Some(_) if !any => rule(false, FIELD, "cannot stand above this action"),
            Some(Header::Text(header)) => text(FIELD, header, 60),
            Some(Header::Media(file)) => {
                rule(!only_text, FIELD, "is not text, which this action needs")?;
                let shown = matches!(file.kind, MediaKind::Image | MediaKind::Video | MediaKind::Document);
                rule(shown, FIELD, "is neither image, video nor document")?;
                rule(file.caption.is_none(), FIELD, "has a caption; the body takes its place")?;
                file.check(FIELD)
            }
        }
    }
}
