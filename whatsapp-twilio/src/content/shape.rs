//! What each type of content is made of. Source: Twilio, Content API, content types; the fields that are not optional
//! here are those that Twilio requires.
use serde::{Deserialize, Serialize};
use serde_json::Value;
use whatsapp_core::Result;

use super::{
    ContentAction,
    wording::{filled, some},
};
use crate::read;

/// `twilio/text`: words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextBody {
    /// The text.
    pub body: String,
}

/// `twilio/media`: a file, perhaps with words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaText {
    /// The text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Public addresses of files; WhatsApp shows the first.
    pub media: Vec<String>,
}

/// `twilio/location`: a place. Within a session only.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// What it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Its postal address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// `twilio/quick-reply` and `twilio/call-to-action`: words above buttons. Without approval, at most three within a
/// session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buttons {
    /// The text.
    pub body: String,
    /// The buttons.
    pub actions: Vec<ContentAction>,
}

/// `twilio/list-picker`: a button that opens a list. Within a session only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListPicker {
    /// The text.
    pub body: String,
    /// Shown on the button.
    pub button: String,
    /// What can be chosen.
    pub items: Vec<ListItem>,
}

/// What can be chosen of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListItem {
    /// Shown.
    pub item: String,
    /// Comes back with the choice.
    pub id: String,
    /// A second line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// `twilio/card`: a title, perhaps with a file and buttons.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// The text.
    pub title: String,
    /// Small print below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<String>,
    /// Public addresses of files.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "read::lenient")]
    pub media: Vec<String>,
    /// The buttons.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "read::lenient")]
    pub actions: Vec<ContentAction>,
}

/// `twilio/carousel`: cards to swipe through. Needs approval within a session, too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carousel {
    /// The text above the cards.
    pub body: String,
    /// The cards.
    pub cards: Vec<CarouselCard>,
}

/// A card of a carousel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarouselCard {
    /// Its heading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Public address of a picture or film.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media: Option<String>,
    /// Its buttons.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "read::lenient")]
    pub actions: Vec<ContentAction>,
}

/// `twilio/catalog`: things for sale.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Catalog {
    /// The text.
    pub body: String,
    /// Above it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Small print below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<String>,
    /// The catalog's id at Meta.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Which things.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "read::lenient")]
    pub items: Vec<CatalogItem>,
    /// A placeholder whose value names the things.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dynamic_items: Option<String>,
}

/// A thing for sale.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CatalogItem {
    /// Its id in the catalog.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The heading it stands under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section_title: Option<String>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Public address of its picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_url: Option<String>,
    /// What it costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<f64>,
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// `twilio/schedule`: times to choose from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Its id.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// The times, as Twilio writes them.
    #[serde(rename = "timeSlots")]
    pub time_slots: Value,
}

/// `twilio/flows`: a form that Twilio makes at Meta. Needs approval within a session, too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flows {
    /// The text.
    pub body: String,
    /// Shown on the button.
    pub button_text: String,
    /// Small print below the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<String>,
    /// Public address of a file above the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_url: Option<String>,
    /// Its screens, as Twilio writes them.
    pub pages: Vec<Value>,
    /// What it is for, in Twilio's word.
    #[serde(rename = "type")]
    pub kind: String,
}

/// `whatsapp/card`: words with a header, small print and buttons. It may need approval
/// within a session, too: Twilio says so of cards in one place, and in another that buttons need none there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhatsappCard {
    /// The text.
    pub body: String,
    /// Small print below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub footer: Option<String>,
    /// Public address of a file above it.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "read::lenient")]
    pub media: Vec<String>,
    /// Text above it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header_text: Option<String>,
    /// The buttons.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "read::lenient")]
    pub actions: Vec<ContentAction>,
}

/// `whatsapp/authentication`: a one-time code; its words are Meta's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authentication {
    /// The button that copies the code.
    pub actions: Vec<CodeButton>,
    /// Whether it asks not to share the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub add_security_recommendation: Option<bool>,
    /// How long the code works, in minutes.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "read::number")]
    pub code_expiration_minutes: Option<i64>,
}

/// A button that copies the code of a [`whatsapp/authentication`](Authentication).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "COPY_CODE")]
pub struct CodeButton {
    /// Shown on it.
    pub copy_code_text: String,
}

/// `whatsapp/flows`: a form that was made at Meta.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhatsappFlow {
    /// The text.
    pub body: String,
    /// Shown on the button.
    pub button_text: String,
    /// The form's id at Meta.
    pub flow_id: String,
    /// Comes back with the answers; a placeholder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow_token: Option<String>,
    /// The screen that it begins with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow_first_page_id: Option<String>,
    /// Whether the business's endpoint chooses the first screen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_flow_first_page_endpoint: Option<bool>,
    /// Small print below the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<String>,
    /// Public address of a file above the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_url: Option<String>,
}

/// What the types have in common.
pub(super) trait Shape {
    /// The words, if it has some of its own.
    fn body(&self) -> Option<&str>;

    /// Whether what Twilio requires is there.
    fn check(&self, field: &str) -> Result<()>;
}

fn actions(field: &str, actions: &[ContentAction]) -> Result<()> {
    actions.iter().enumerate().try_for_each(|(at, action)| action.check(&format!("{field}.actions[{at}]")))
}

macro_rules! shapes {
    ($($shape:ty: $body:expr, |$this:ident, $field:ident| [$($check:expr),* $(,)?];)*) => {
        $(impl Shape for $shape {
            fn body(&self) -> Option<&str> {
                let body: fn(&Self) -> Option<&str> = $body;
                body(self)
            }

            fn check(&self, $field: &str) -> Result<()> {
                let $this = self;
                $($check?;)*
                Ok(())
            }
        })*
    };
}

shapes! {
    TextBody: |it| Some(&it.body), |it, field| [filled(&format!("{field}.body"), &it.body)];
    MediaText: |it| it.body.as_deref(), |it, field| [some(&format!("{field}.media"), &it.media)];
    Place: |_| None, |it, field| [super::wording::on_earth(field, it.latitude, it.longitude)];
    Buttons: |it| Some(&it.body), |it, field| [
        filled(&format!("{field}.body"), &it.body),
        some(&format!("{field}.actions"), &it.actions),
        actions(field, &it.actions),
    ];
    ListPicker: |it| Some(&it.body), |it, field| [
        filled(&format!("{field}.body"), &it.body),
        filled(&format!("{field}.button"), &it.button),
        some(&format!("{field}.items"), &it.items),
        it.items.iter().enumerate().try_for_each(|(at, item)| {
            filled(&format!("{field}.items[{at}].item"), &item.item)?;
            filled(&format!("{field}.items[{at}].id"), &item.id)
        }),
    ];
    Card: |it| Some(&it.title), |it, field| [filled(&format!("{field}.title"), &it.title), actions(field, &it.actions)];
    Carousel: |it| Some(&it.body), |it, field| [
        filled(&format!("{field}.body"), &it.body),
        some(&format!("{field}.cards"), &it.cards),
        it.cards.iter().enumerate().try_for_each(|(at, card)| actions(&format!("{field}.cards[{at}]"), &card.actions)),
    ];
    Catalog: |it| Some(&it.body), |it, field| [filled(&format!("{field}.body"), &it.body)];
    Schedule: |_| None, |it, field| [
        filled(&format!("{field}.id"), &it.id),
        filled(&format!("{field}.title"), &it.title),
    ];
    Flows: |it| Some(&it.body), |it, field| [
        filled(&format!("{field}.body"), &it.body),
        filled(&format!("{field}.button_text"), &it.button_text),
        some(&format!("{field}.pages"), &it.pages),
        filled(&format!("{field}.type"), &it.kind),
    ];
    WhatsappCard: |it| Some(&it.body), |it, field| [
        filled(&format!("{field}.body"), &it.body),
        actions(field, &it.actions),
    ];
    Authentication: |_| None, |it, field| [
        some(&format!("{field}.actions"), &it.actions),
        it.actions.iter().enumerate().try_for_each(|(at, action)| {
            filled(&format!("{field}.actions[{at}].copy_code_text"), &action.copy_code_text)
        }),
    ];
    WhatsappFlow: |it| Some(&it.body), |it, field| [
        filled(&format!("{field}.body"), &it.body),
        filled(&format!("{field}.button_text"), &it.button_text),
        filled(&format!("{field}.flow_id"), &it.flow_id),
    ];
}
