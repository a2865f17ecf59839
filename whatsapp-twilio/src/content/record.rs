//! A content as Twilio keeps it. Source: Twilio, Content API, "Content resource properties".
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::{Approval, ApprovalStatus, ContentDraft, ContentType, kind};
use crate::read;

/// A content as Twilio keeps it. What Twilio leaves out is `None`.
///
/// ```
/// use whatsapp_twilio::content::{ContentTemplate, ContentType};
/// let json = r#"{"sid": "HX0a", "language": "he", "types": {"twilio/text": {"body": "היי"}, "twilio/pay": {}}}"#;
/// let content: ContentTemplate = serde_json::from_str(json).unwrap();
/// assert_eq!(content.wording(), Some("היי"));
/// assert!(content.types.contains(&ContentType::Other("twilio/pay".to_owned(), serde_json::json!({}))));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ContentTemplate {
    /// Its id, `HX…`.
    #[serde(deserialize_with = "read::text")]
    pub sid: Option<String>,
    /// What it is called at Twilio.
    #[serde(deserialize_with = "read::text")]
    pub friendly_name: Option<String>,
    /// Language code.
    #[serde(deserialize_with = "read::text")]
    pub language: Option<String>,
    /// Samples for the placeholders, by their names.
    #[serde(deserialize_with = "samples")]
    pub variables: BTreeMap<String, String>,
    /// What it is.
    #[serde(deserialize_with = "kind::read")]
    pub types: Vec<ContentType>,
    /// When it was made.
    #[serde(deserialize_with = "read::time")]
    pub date_created: Option<DateTime<Utc>>,
    /// When it last changed.
    #[serde(deserialize_with = "read::time")]
    pub date_updated: Option<DateTime<Utc>>,
    /// How it stands with WhatsApp, where that was asked.
    #[serde(rename = "approval_requests", deserialize_with = "read::lenient")]
    pub approval: Option<Approval>,
}

impl ContentTemplate {
    /// Its words with their placeholders: those that WhatsApp approved, else those of the first type that has some.
    #[must_use]
    pub fn wording(&self) -> Option<&str> {
        let approved = self.approval.as_ref().and_then(|approval| approval.content_type.as_deref());
        let of_approved = self.types.iter().find(|kind| Some(kind.name()) == approved).and_then(ContentType::body);
        of_approved.or_else(|| self.types.iter().find_map(ContentType::body))
    }

    /// It as a draft, to be changed and handed to [`update_content`](crate::Twilio::update_content).
    #[must_use]
    pub fn to_draft(&self) -> ContentDraft {
        ContentDraft {
            friendly_name: self.friendly_name.clone(),
            language: self.language.clone().unwrap_or_default(),
            variables: self.variables.clone(),
            types: self.types.clone(),
        }
    }

    /// How it stands with WhatsApp; unsubmitted where that was not asked.
    pub(super) fn status(&self) -> ApprovalStatus {
        self.approval.clone().unwrap_or_default().status
    }
}

/// Values that are no texts are lost alone.
fn samples<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, String>, D::Error> {
    let samples: Map<String, Value> = read::lenient(from)?;
    let text = |(name, value): (String, Value)| match value {
        Value::String(text) => Some((name, text)),
        Value::Number(number) => Some((name, number.to_string())),
        _ => None,
    };
    Ok(samples.into_iter().filter_map(text).collect())
}

/// A page of contents.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ContentPage {
    /// The contents, in Twilio's order.
    pub contents: Vec<ContentTemplate>,
    /// Where the next page begins; `None` after the last.
    pub next: Option<String>,
}

/// A page as Twilio answers it.
#[derive(Deserialize)]
pub(super) struct RawPage {
    contents: Vec<Value>,
    #[serde(default, deserialize_with = "read::lenient")]
    meta: Meta,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Meta {
    #[serde(deserialize_with = "read::text")]
    next_page_url: Option<String>,
}

impl From<RawPage> for ContentPage {
    fn from(page: RawPage) -> Self {
        let contents = page.contents.into_iter().filter_map(|content| serde_json::from_value(content).ok()).collect();
        Self { contents, next: page.meta.next_page_url }
    }
}
