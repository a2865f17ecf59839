use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Values for the placeholders of a template's body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Parameters {
    /// For `{{1}}`, `{{2}}` … in order.
    Positional(Vec<String>),
    /// For `{{name}}`, in the order given.
    Named(Vec<(String, String)>),
}

impl Parameters {
    /// Name and value of each; positional ones are named `1`, `2` …
    pub fn iter(&self) -> impl Iterator<Item = (String, &str)> {
        let (positional, named) = match self {
            Self::Positional(values) => (values.as_slice(), [].as_slice()),
            Self::Named(pairs) => ([].as_slice(), pairs.as_slice()),
        };
        let numbered = positional.iter().enumerate().map(|(at, value)| ((at + 1).to_string(), value.as_str()));
        numbered.chain(named.iter().map(|(name, value)| (name.clone(), value.as_str())))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Positional(values) => values.is_empty(),
            Self::Named(pairs) => pairs.is_empty(),
        }
    }
}

/// An approved template and its values.
///
/// ```
/// use whatsapp_core::Template;
/// let reminder = Template::new("reminder", "he").with_parameters(["דנה", "10:00"]).with_text("שלום {{1}}, נתראה ב-{{2}}");
/// assert_eq!(reminder.rendered().as_deref(), Some("שלום דנה, נתראה ב-10:00"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Template {
    /// Its approved name; for Twilio the content's `HX…` id.
    pub name: String,
    /// Language code exactly as approved: `he`, `en_US` …
    pub language: String,
    /// Values for the body.
    pub parameters: Parameters,
    /// Further components (header, buttons …) in Meta's wire form; other providers refuse them.
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
            parameters: Parameters::Positional(Vec::new()),
            components: Vec::new(),
            text: None,
        }
    }

    /// Values for `{{1}}`, `{{2}}` …
    #[must_use]
    pub fn with_parameters<T: Into<String>>(mut self, values: impl IntoIterator<Item = T>) -> Self {
        self.parameters = Parameters::Positional(values.into_iter().map(Into::into).collect());
        self
    }

    /// Values for `{{name}}`.
    #[must_use]
    pub fn with_named<N: Into<String>, V: Into<String>>(mut self, values: impl IntoIterator<Item = (N, V)>) -> Self {
        self.parameters =
            Parameters::Named(values.into_iter().map(|(name, value)| (name.into(), value.into())).collect());
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
}
