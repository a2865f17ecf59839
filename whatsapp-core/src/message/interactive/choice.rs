//! Things to choose from: buttons, and the rows of a list.
use serde::{Deserialize, Serialize};

use crate::message::invalid::{Check, address, at_most, entries, rule, text};

/// A button whose tap comes back as [`Reply::Button`](crate::Reply).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReplyButton {
    /// Comes back with the tap; 1 to 256 characters.
    pub id: String,
    /// Shown on it; 1 to 20 characters.
    pub title: String,
}

impl ReplyButton {
    /// A button.
    #[must_use]
    pub fn new(id: impl Into<String>, title: impl Into<String>) -> Self {
        Self { id: id.into(), title: title.into() }
    }
}

/// Checks buttons of one message: texts, and that neither ids nor titles repeat.
pub(super) fn check_buttons(field: &str, buttons: &[ReplyButton], most: usize) -> Check {
    entries(field, buttons.len(), 1, most)?;
    for (at, button) in buttons.iter().enumerate() {
        text(format_args!("{field}[{at}].id"), &button.id, 256)?;
        text(format_args!("{field}[{at}].title"), &button.title, 20)?;
        let before = buttons.get(..at).unwrap_or_default();
        let again = before.iter().any(|other| other.id == button.id || other.title == button.title);
        rule(!again, format_args!("{field}[{at}]"), "repeats the id or title of a button before it")?;
    }
    Ok(())
}

/// A button that opens a web page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UrlButton {
    /// Shown on it; 1 to 20 characters.
    pub text: String,
    /// The page, http or https.
    pub url: String,
}

impl UrlButton {
    /// A button that opens `url`.
    #[must_use]
    pub fn new(text: impl Into<String>, url: impl Into<String>) -> Self {
        Self { text: text.into(), url: url.into() }
    }

    pub(super) fn check(&self, field: &str) -> Check {
        text(format_args!("{field}.text"), &self.text, 20)?;
        address(format_args!("{field}.url"), &self.url)?;
        at_most(format_args!("{field}.url"), &self.url, 2000)
    }
}

/// A button that opens a list of up to ten rows; the choice comes back as [`Reply::Row`](crate::Reply).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct List {
    /// Shown on the button; 1 to 20 characters.
    pub button: String,
    /// 1 to 10 sections, ten rows in all.
    pub sections: Vec<Section>,
}

impl List {
    /// Most rows in all.
    pub const MAX_ROWS: usize = 10;

    /// A list of one section without a title.
    #[must_use]
    pub fn new(button: impl Into<String>, rows: impl IntoIterator<Item = Row>) -> Self {
        Self { button: button.into(), sections: vec![Section { title: None, rows: rows.into_iter().collect() }] }
    }

    /// A list of titled sections.
    #[must_use]
    pub fn of_sections(button: impl Into<String>, sections: impl IntoIterator<Item = Section>) -> Self {
        Self { button: button.into(), sections: sections.into_iter().collect() }
    }

    /// Every row, in the order shown.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.sections.iter().flat_map(|section| &section.rows)
    }

    pub(super) fn check(&self, field: &str) -> Check {
        text(format_args!("{field}.button"), &self.button, 20)?;
        entries(format_args!("{field}.sections"), self.sections.len(), 1, 10)?;
        entries(format_args!("{field}.rows"), self.rows().count(), 1, Self::MAX_ROWS)?;
        for (at, section) in self.sections.iter().enumerate() {
            let field = format!("{field}.sections[{at}]");
            entries(format_args!("{field}.rows"), section.rows.len(), 1, Self::MAX_ROWS)?;
            let title = section.title.as_deref().unwrap_or_default();
            at_most(format_args!("{field}.title"), title, 24)?;
            let titled = self.sections.len() == 1 || !title.trim().is_empty();
            rule(titled, format_args!("{field}.title"), "is needed beside other sections")?;
            for (at, row) in section.rows.iter().enumerate() {
                row.check(&format!("{field}.rows[{at}]"))?;
            }
        }
        let ids: std::collections::BTreeSet<_> = self.rows().map(|row| &row.id).collect();
        rule(ids.len() == self.rows().count(), format_args!("{field}.rows"), "repeat an id")
    }
}

/// Rows under a title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Section {
    /// 1 to 24 characters; needed where there are several sections.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The rows.
    pub rows: Vec<Row>,
}

impl Section {
    /// Rows under a title.
    #[must_use]
    pub fn new(title: impl Into<String>, rows: impl IntoIterator<Item = Row>) -> Self {
        Self { title: Some(title.into()), rows: rows.into_iter().collect() }
    }
}

/// A row to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Row {
    /// Comes back with the choice; 1 to 200 characters.
    pub id: String,
    /// 1 to 24 characters.
    pub title: String,
    /// Up to 72 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl Row {
    /// A row.
    #[must_use]
    pub fn new(id: impl Into<String>, title: impl Into<String>) -> Self {
        Self { id: id.into(), title: title.into(), description: None }
    }

    /// Adds a second line.
    #[must_use]
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    fn check(&self, field: &str) -> Check {
        text(format_args!("{field}.id"), &self.id, 200)?;
        text(format_args!("{field}.title"), &self.title, 24)?;
        at_most(format_args!("{field}.description"), self.description.as_deref().unwrap_or_default(), 72)
    }
}
