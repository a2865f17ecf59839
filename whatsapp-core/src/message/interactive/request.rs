//! What is asked of a person beyond a tap: a form, an address, a call.
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::message::invalid::{Check, maybe, rule, text};

/// Opens a form of Meta's (a "flow"); the answers come back as [`Reply::Flow`](crate::Reply).
///
/// Source: Meta, Cloud API reference, flow messages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Flow {
    /// Which form.
    pub reference: FlowRef,
    /// Shown on the button; 1 to 30 characters.
    pub cta: String,
    /// Comes back with the answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Whether the form is still a draft.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub draft: bool,
    /// What happens first; `None` leaves it to the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<FlowStart>,
}

/// A form by its id or its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FlowRef {
    /// Its id.
    Id(String),
    /// Its name.
    Name(String),
}

/// How a form begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FlowStart {
    /// At a screen.
    Screen {
        /// The screen's id; `None` is the first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        screen: Option<String>,
        /// What the screen shows: an object with at least one key.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        data: Option<Value>,
    },
    /// By asking the business's endpoint.
    Endpoint,
}

impl Flow {
    /// A published form.
    #[must_use]
    pub fn new(reference: FlowRef, cta: impl Into<String>) -> Self {
        Self { reference, cta: cta.into(), token: None, draft: false, start: None }
    }

    /// Sets what comes back with the answers.
    #[must_use]
    pub fn with_token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Sets how it begins.
    #[must_use]
    pub fn starting(mut self, start: FlowStart) -> Self {
        self.start = Some(start);
        self
    }

    /// Sends the form's draft.
    #[must_use]
    pub const fn with_draft(mut self) -> Self {
        self.draft = true;
        self
    }

    pub(super) fn check(&self, field: &str) -> Check {
        let (FlowRef::Id(name) | FlowRef::Name(name)) = &self.reference;
        text(format_args!("{field}.reference"), name, 256)?;
        text(format_args!("{field}.cta"), &self.cta, 30)?;
        match &self.start {
            Some(FlowStart::Screen { data: Some(data), .. }) => {
                let filled = data.as_object().is_some_and(|data| !data.is_empty());
                rule(filled, format_args!("{field}.start.data"), "is not an object with at least one key")
            }
            _ => Ok(()),
        }
    }
}

/// Asks for a postal address; it comes back as [`Reply::Address`](crate::Reply). Works in India.
///
/// Source: Meta, Cloud API reference, address messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AddressRequest {
    /// The country's two letters.
    pub country: String,
    /// What is filled in already, by Meta's field names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
    /// Addresses to choose from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub saved: Vec<SavedAddress>,
    /// What is wrong with a field, by its name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub problems: BTreeMap<String, String>,
}

/// An address to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SavedAddress {
    /// Comes back with the choice.
    pub id: String,
    /// Its fields, by Meta's names.
    pub value: BTreeMap<String, String>,
}

impl SavedAddress {
    /// An address to choose.
    #[must_use]
    pub fn new(id: impl Into<String>, value: BTreeMap<String, String>) -> Self {
        Self { id: id.into(), value }
    }
}

impl AddressRequest {
    /// Asks for an address in `country`.
    #[must_use]
    pub fn new(country: impl Into<String>) -> Self {
        Self { country: country.into(), values: BTreeMap::new(), saved: Vec::new(), problems: BTreeMap::new() }
    }

    /// Fills in a field.
    #[must_use]
    pub fn with_value(mut self, field: impl Into<String>, value: impl Into<String>) -> Self {
        self.values.insert(field.into(), value.into());
        self
    }

    /// Offers an address to choose.
    #[must_use]
    pub fn with_saved(mut self, address: SavedAddress) -> Self {
        self.saved.push(address);
        self
    }

    /// Says what is wrong with a field.
    #[must_use]
    pub fn with_problem(mut self, field: impl Into<String>, problem: impl Into<String>) -> Self {
        self.problems.insert(field.into(), problem.into());
        self
    }

    pub(super) fn check(&self, field: &str) -> Check {
        let two_letters = self.country.len() == 2 && self.country.bytes().all(|byte| byte.is_ascii_uppercase());
        rule(two_letters, format_args!("{field}.country"), "is not two capital letters")
    }
}

/// A button that calls the business over WhatsApp.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct CallButton {
    /// Shown on it; 1 to 20 characters. The provider has a wording of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// How long it works, in minutes, 1 to 43,200.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl_minutes: Option<u32>,
    /// Comes back with the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<String>,
}

impl CallButton {
    /// A button with the provider's wording.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the wording.
    #[must_use]
    pub fn with_text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// Sets how long it works, in minutes.
    #[must_use]
    pub const fn with_ttl_minutes(mut self, minutes: u32) -> Self {
        self.ttl_minutes = Some(minutes);
        self
    }

    pub(crate) fn check(&self, field: &str) -> Check {
        maybe(format_args!("{field}.text"), self.text.as_deref(), 20)?;
        check_ttl(field, self.ttl_minutes)
    }
}

/// Checks how long a call button works, wherever it stands.
pub(crate) fn check_ttl(field: &str, minutes: Option<u32>) -> Check {
    let works = minutes.is_none_or(|minutes| (1..=43_200).contains(&minutes));
    rule(works, format_args!("{field}.ttl_minutes"), "is not 1 to 43200 minutes")
}
