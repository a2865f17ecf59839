//! A template as it is made. Source: Meta, Business Management API, create a template.
use serde::{Deserialize, Serialize};

use super::Component;
use crate::{read, read::words};

words! {
    /// What a template is for; it decides price and rules.
    Category {
        /// Offers and news.
        Marketing = "MARKETING",
        /// Something that the person ordered or asked for.
        Utility = "UTILITY",
        /// A one-time code.
        Authentication = "AUTHENTICATION",
    }
}

words! {
    /// How placeholders are written.
    ParameterFormat {
        /// `{{1}}`, `{{2}}` …
        Positional = "POSITIONAL",
        /// `{{first_name}}`.
        Named = "NAMED",
    }
}

impl Default for Category {
    /// None that is known.
    fn default() -> Self {
        Self::Other(String::new())
    }
}

/// A template as it is made, edited and read.
///
/// ```
/// use whatsapp_meta::template::{Button, Category, Component, TemplateDefinition};
/// let reminder = TemplateDefinition::new("appointment_reminder", "he", Category::Utility)
///     .with_component(Component::body("שלום {{1}}, נתראה ב-{{2}}.").with_examples(["דנה", "10:00"]))
///     .with_component(Component::footer("הסטודיו"))
///     .with_component(Component::buttons([Button::quick_reply("אגיע"), Button::quick_reply("לא אגיע")]));
/// reminder.check().unwrap();
/// assert_eq!(serde_json::to_value(&reminder).unwrap()["components"][0]["type"], "BODY");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TemplateDefinition {
    /// Its name: up to 512 lower-case letters, digits and underscores.
    pub name: String,
    /// Its language: `he`, `en_US` …
    pub language: String,
    /// What it is for.
    #[serde(default, deserialize_with = "read::lenient")]
    pub category: Category,
    /// How its placeholders are written; positional unless it says otherwise.
    #[serde(default, deserialize_with = "read::lenient", skip_serializing_if = "Option::is_none")]
    pub parameter_format: Option<ParameterFormat>,
    /// Its parts.
    #[serde(default, deserialize_with = "read::items")]
    pub components: Vec<Component>,
    /// For how many seconds Meta tries to deliver it; -1 = 30 days.
    #[serde(default, deserialize_with = "read::number", skip_serializing_if = "Option::is_none")]
    pub message_send_ttl_seconds: Option<i64>,
    /// Whether links are left as they are, and taps on them not counted.
    #[serde(default, deserialize_with = "read::flag", skip_serializing_if = "Option::is_none")]
    pub cta_url_link_tracking_opted_out: Option<bool>,
}

impl TemplateDefinition {
    /// A template without parts.
    #[must_use]
    pub fn new(name: impl Into<String>, language: impl Into<String>, category: Category) -> Self {
        Self {
            name: name.into(),
            language: language.into(),
            category,
            parameter_format: None,
            components: Vec::new(),
            message_send_ttl_seconds: None,
            cta_url_link_tracking_opted_out: None,
        }
    }

    /// Adds a part.
    #[must_use]
    pub fn with_component(mut self, component: Component) -> Self {
        self.components.push(component);
        self
    }

    /// Says how its placeholders are written.
    #[must_use]
    pub fn with_parameter_format(mut self, format: ParameterFormat) -> Self {
        self.parameter_format = Some(format);
        self
    }

    /// Says for how many seconds Meta tries to deliver it: authentication 30 to 900, utility 30 to 43,200, both also
    /// -1 for 30 days; marketing 43,200 to 2,592,000.
    #[must_use]
    pub const fn with_ttl(mut self, seconds: i64) -> Self {
        self.message_send_ttl_seconds = Some(seconds);
        self
    }

    /// The body's wording with its placeholders.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.components.iter().find_map(|component| match component {
            Component::Body(body) => body.text.as_deref(),
            _ => None,
        })
    }
}
