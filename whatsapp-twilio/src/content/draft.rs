//! A content before it is made. Source: Twilio, Content API, "Create templates".
use std::collections::BTreeMap;

use serde::Serialize;
use whatsapp_core::Result;

use super::{
    ContentType, kind,
    wording::{filled, placeholders, some},
};
use crate::endpoint::invalid;

/// A content before it is made, or as it shall become.
///
/// ```
/// use whatsapp_twilio::content::{ContentDraft, ContentType};
/// let reminder = ContentDraft::new("he", ContentType::text("היי {{1}}, תזכורת לתור ב-{{2}}. נתראה!"))
///     .named("reminder")
///     .with_sample("1", "דנה")
///     .with_sample("2", "10:00");
/// assert!(reminder.check().is_ok() && reminder.check_approval().is_ok());
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ContentDraft {
    /// What it is called at Twilio, and by [`Template::name`](whatsapp_core::Template); contacts do not see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub friendly_name: Option<String>,
    /// Language code: `he`, `en` …
    pub language: String,
    /// Samples for the placeholders, by their names: WhatsApp looks at them, and Twilio sends them where a message gives
    /// no value.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, String>,
    /// What it is. Of several types, Twilio sends the richest that the channel can show.
    #[serde(serialize_with = "kind::write")]
    pub types: Vec<ContentType>,
}

impl ContentDraft {
    /// A content of one type.
    #[must_use]
    pub fn new(language: impl Into<String>, kind: ContentType) -> Self {
        Self { friendly_name: None, language: language.into(), variables: BTreeMap::new(), types: vec![kind] }
    }

    /// Names it.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.friendly_name = Some(name.into());
        self
    }

    /// Adds a type, for channels that cannot show the others.
    #[must_use]
    pub fn with_type(mut self, kind: ContentType) -> Self {
        self.types.push(kind);
        self
    }

    /// Gives the placeholder `{{name}}` a sample.
    #[must_use]
    pub fn with_sample(mut self, name: impl Into<String>, sample: impl Into<String>) -> Self {
        self.variables.insert(name.into(), sample.into());
        self
    }

    /// Checks what Twilio requires of every content; [`create_content`](crate::Twilio::create_content) does so before
    /// any I/O.
    ///
    /// ```
    /// use whatsapp_twilio::content::{ContentDraft, ContentType};
    /// let error = ContentDraft::new("he", ContentType::quick_reply("נתראה?", [])).check().unwrap_err();
    /// assert_eq!(error.message(), "types.twilio/quick-reply.actions: it is empty; add an entry");
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidMessage`](whatsapp_core::ErrorKind::InvalidMessage); the message names the field and the cure.
    pub fn check(&self) -> Result<()> {
        if let Some(name) = &self.friendly_name {
            filled("friendly_name", name)?;
        }
        filled("language", &self.language)?;
        some("types", &self.types)?;
        for (at, kind) in self.types.iter().enumerate() {
            let before = self.types.get(..at).unwrap_or_default();
            if before.iter().any(|other| other.name() == kind.name()) {
                return Err(invalid(format!("types: {} is there twice; keep one of them", kind.name())));
            }
            kind.check()?;
        }
        Ok(())
    }

    /// Checks what WhatsApp requires beyond that: a sample for every placeholder, and a type that it approves at all. A
    /// content for a session needs neither.
    ///
    /// ```
    /// use whatsapp_twilio::content::{ContentDraft, ContentType};
    /// let error = ContentDraft::new("he", ContentType::text("היי {{1}}!")).check_approval().unwrap_err();
    /// assert_eq!(error.message(), "variables: {{1}} has no sample; add one, as WhatsApp sees it when it approves");
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidMessage`](whatsapp_core::ErrorKind::InvalidMessage); the message names the field and the cure.
    pub fn check_approval(&self) -> Result<()> {
        self.check()?;
        if !self.types.iter().any(ContentType::can_be_approved) {
            return Err(invalid("types: WhatsApp approves neither lists nor places; add another type"));
        }
        let names = self.types.iter().flat_map(|kind| placeholders(&serde_json::to_value(kind).unwrap_or_default()));
        for name in names {
            if self.variables.get(&name).is_none_or(|sample| sample.trim().is_empty()) {
                let cure = "add one, as WhatsApp sees it when it approves";
                return Err(invalid(format!("variables: {{{{{name}}}}} has no sample; {cure}")));
            }
        }
        Ok(())
    }
}
