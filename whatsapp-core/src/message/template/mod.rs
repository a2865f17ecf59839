mod part;
mod value;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::{
    part::{ButtonValue, TapTarget, TemplateButton, TemplateCard, TemplateHeader},
    value::{Parameter, Parameters},
};
use super::invalid::{Check, entries, text};

/// An approved template and its values.
///
/// ```
/// use whatsapp_core::Template;
/// let reminder = Template::new("reminder", "he").with_parameters(["דנה", "10:00"]).with_text("שלום {{1}}, נתראה ב-{{2}}");
/// assert_eq!(reminder.rendered().as_deref(), Some("שלום דנה, נתראה ב-10:00"));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Template {
    /// Its approved name; for Twilio a content's friendly name, or its `HX…` id.
    pub name: String,
    /// Language code exactly as approved: `he`, `en_US` …
    pub language: String,
    /// Values for the body.
    pub parameters: Parameters,
    /// The header's value, if it takes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<TemplateHeader>,
    /// Values of those buttons that take one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<TemplateButton>,
    /// The cards of a carousel, 2 to 10, in the template's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<TemplateCard>,
    /// When a limited-time offer ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer_ends_at: Option<DateTime<Utc>>,
    /// Where a tap on the message leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tap_target: Option<TapTarget>,
    /// Further components in Meta's wire form, for what stands above in no field; other providers refuse them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<Value>,
    /// The body's wording with its placeholders, for a provider that has no templates of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Template {
    /// A template without values.
    #[must_use]
    pub fn new(name: impl Into<String>, language: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            language: language.into(),
            parameters: Parameters::default(),
            header: None,
            buttons: Vec::new(),
            cards: Vec::new(),
            offer_ends_at: None,
            tap_target: None,
            components: Vec::new(),
            text: None,
        }
    }

    /// An authentication template with its one-time code, whichever sort of button it has.
    ///
    /// ```
    /// use whatsapp_core::Template;
    /// let login = Template::authentication("login_code", "he", "493021");
    /// assert_eq!((login.parameters.len(), login.buttons.len()), (1, 1));
    /// ```
    #[must_use]
    pub fn authentication(name: impl Into<String>, language: impl Into<String>, code: impl Into<String>) -> Self {
        let code = code.into();
        Self::new(name, language)
            .with_parameters([code.clone()])
            .with_button(TemplateButton::new(0, ButtonValue::Url { suffix: code }))
    }

    /// Values for `{{1}}`, `{{2}}` … in order.
    #[must_use]
    pub fn with_parameters<V: Into<Parameter>>(mut self, values: impl IntoIterator<Item = V>) -> Self {
        self.parameters = Parameters::positional(values);
        self
    }

    /// Values for `{{name}}`.
    #[must_use]
    pub fn with_named<N: Into<String>, V: Into<Parameter>>(mut self, values: impl IntoIterator<Item = (N, V)>) -> Self {
        self.parameters = Parameters::named(values);
        self
    }

    /// Sets the header's value.
    #[must_use]
    pub fn with_header(mut self, header: TemplateHeader) -> Self {
        self.header = Some(header);
        self
    }

    /// Adds the value of a button.
    #[must_use]
    pub fn with_button(mut self, button: TemplateButton) -> Self {
        self.buttons.push(button);
        self
    }

    /// Adds a card.
    #[must_use]
    pub fn with_card(mut self, card: TemplateCard) -> Self {
        self.cards.push(card);
        self
    }

    /// Sets when a limited-time offer ends.
    #[must_use]
    pub const fn with_offer_end(mut self, at: DateTime<Utc>) -> Self {
        self.offer_ends_at = Some(at);
        self
    }

    /// Sets where a tap on the message leads.
    #[must_use]
    pub fn with_tap_target(mut self, target: TapTarget) -> Self {
        self.tap_target = Some(target);
        self
    }

    /// Adds components in Meta's wire form.
    #[must_use]
    pub fn with_components(mut self, components: Vec<Value>) -> Self {
        self.components = components;
        self
    }

    /// Adds the body's wording.
    #[must_use]
    pub fn with_text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// The wording with its values in place, if the wording is known. Values are put in once: a value that
    /// looks like a placeholder stays as it is.
    #[must_use]
    pub fn rendered(&self) -> Option<String> {
        let mut rest = self.text.as_deref()?;
        let values: Vec<_> = self.parameters.iter().collect();
        let mut out = String::with_capacity(rest.len());
        while let Some((before, from)) = rest.split_once("{{") {
            out.push_str(before);
            let found = from.split_once("}}").and_then(|(name, after)| {
                let (_, value) = values.iter().find(|(known, _)| known == name.trim())?;
                Some((*value, after))
            });
            if let Some((value, after)) = found {
                out.push_str(value);
                rest = after;
            } else {
                out.push_str("{{");
                rest = from;
            }
        }
        out.push_str(rest);
        Some(out)
    }

    /// Whether it takes values beside those of its body.
    #[must_use]
    pub fn has_more_than_body(&self) -> bool {
        self.header.is_some()
            || !self.buttons.is_empty()
            || !self.cards.is_empty()
            || self.offer_ends_at.is_some()
            || self.tap_target.is_some()
            || !self.components.is_empty()
    }

    pub(crate) fn check(&self) -> Check {
        text("template.name", &self.name, 512)?;
        self.parameters.check("template.parameters")?;
        if let Some(header) = &self.header {
            header.check("template.header")?;
        }
        part::check_buttons("template.buttons", &self.buttons)?;
        if !self.cards.is_empty() {
            entries("template.cards", self.cards.len(), 2, 10)?;
        }
        for (at, card) in self.cards.iter().enumerate() {
            card.check(&format!("template.cards[{at}]"))?;
        }
        if let Some(target) = &self.tap_target {
            target.check("template.tap_target")?;
        }
        part::check_offer(self.offer_ends_at)
    }
}
