use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The answer to an interactive message or to a template's button.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reply {
    /// A reply button was tapped.
    Button {
        /// The button's id.
        id: String,
        /// Its title.
        title: String,
    },
    /// A row of a list was chosen.
    Row {
        /// The row's id.
        id: String,
        /// Its title.
        title: String,
        /// Its second line.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<String>,
    },
    /// A quick-reply button of a template was tapped.
    TemplateButton {
        /// The payload that was sent with the template.
        payload: String,
        /// The button's text.
        text: String,
    },
    /// A form was filled in.
    Flow {
        /// What the contact sees of it.
        body: String,
        /// The token that was sent with the form.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<String>,
        /// The answers; text if they are no JSON.
        response: Value,
    },
    /// An address was given.
    Address {
        /// What the contact sees of it.
        body: String,
        /// The address; text if it is no JSON.
        response: Value,
    },
    /// The contact may be called now, or may not.
    CallPermission {
        /// Whether we may call.
        granted: bool,
        /// Whether that holds for good.
        permanent: bool,
        /// Until when it holds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_at: Option<DateTime<Utc>>,
        /// Given by a setting rather than by a tap.
        automatic: bool,
    },
    /// There was an answer, but the provider lost it.
    Lost,
}

impl Reply {
    /// What the contact tapped or sees of the answer.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        match self {
            Self::Button { title, .. } | Self::Row { title, .. } => Some(title),
            Self::TemplateButton { text, .. } => Some(text),
            Self::Flow { body, .. } | Self::Address { body, .. } => Some(body),
            Self::CallPermission { .. } | Self::Lost => None,
        }
    }

    /// The id or payload that came back, as it was sent.
    ///
    /// ```
    /// use whatsapp_core::Reply;
    /// let tap = Reply::Button { id: "yes".into(), title: "כן".into() };
    /// assert_eq!((tap.id(), tap.title()), (Some("yes"), Some("כן")));
    /// ```
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Button { id, .. } | Self::Row { id, .. } => Some(id),
            Self::TemplateButton { payload, .. } => Some(payload),
            Self::Flow { token, .. } => token.as_deref(),
            Self::Address { .. } | Self::CallPermission { .. } | Self::Lost => None,
        }
    }
}

/// Things that a contact wants to buy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Order {
    /// The catalog's id.
    pub catalog_id: Option<String>,
    /// The contact's words with it.
    pub text: Option<String>,
    /// What is ordered.
    pub items: Vec<OrderItem>,
}

impl Order {
    /// An order of `items`.
    #[must_use]
    pub const fn new(catalog_id: Option<String>, text: Option<String>, items: Vec<OrderItem>) -> Self {
        Self { catalog_id, text, items }
    }
}

/// One line of an order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OrderItem {
    /// The product's id in the catalog.
    pub product_id: String,
    /// How many.
    pub quantity: u32,
    /// Price of one, a decimal number as text: `10.50`.
    pub price: Option<String>,
    /// ISO 4217 code.
    pub currency: Option<String>,
}

impl OrderItem {
    /// `quantity` pieces of a product.
    #[must_use]
    pub fn new(product_id: impl Into<String>, quantity: u32) -> Self {
        Self { product_id: product_id.into(), quantity, price: None, currency: None }
    }

    /// Adds the price of one, as decimal text, and its currency.
    #[must_use]
    pub fn with_price(mut self, price: Option<String>, currency: Option<String>) -> Self {
        self.price = price;
        self.currency = currency;
        self
    }
}
