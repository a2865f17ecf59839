//! Contents for messages within a session. Twilio sends no buttons but those of a content, so one is made for each shape
//! of message and used again for every other message of that shape.
use serde_json::Value;
use whatsapp_core::{Error, ErrorKind, Result};

use super::{ContentDraft, ContentTemplate, remembered::Remembered};
use crate::{ID, Twilio};

/// Shapes that are kept in memory; one that is not is looked for at Twilio.
const MOST: u64 = 10_000;

/// The content of each shape, by the name that says it.
#[derive(Clone, Debug)]
pub(crate) struct Sessions(Remembered<String, String>);

impl Default for Sessions {
    fn default() -> Self {
        Self(Remembered::up_to(MOST))
    }
}

impl Twilio {
    /// The id of a content that is as `draft` says, whose name stands for all of it; made if there is none. `gone` is one
    /// that Twilio turned out to have no more.
    ///
    /// Nothing was sent if this fails.
    pub(super) async fn session_content(&self, draft: &ContentDraft, gone: Option<&str>) -> Result<String> {
        let name = draft.friendly_name.clone().unwrap_or_default();
        if let Some(gone) = gone {
            self.sessions.0.forget_if(&name, |sid| sid == gone).await;
        }
        self.sessions.0.get(name, self.find_or_create(draft, gone)).await
    }

    /// A restart must not leave another content behind for every shape, so Twilio is asked first.
    async fn find_or_create(&self, draft: &ContentDraft, gone: Option<&str>) -> Result<String> {
        let name = draft.friendly_name.as_deref().unwrap_or_default();
        let known = self.contents_like(name).await?;
        let found = known.into_iter().filter(|content| is_same(content, draft)).find_map(|content| content.sid);
        let sid = match found.filter(|sid| Some(sid.as_str()) != gone) {
            Some(sid) => Some(sid),
            None => self.create_for_send(draft).await?.sid,
        };
        sid.ok_or_else(|| Error::new(ID, ErrorKind::Protocol, "Twilio made a content without an id"))
    }
}

/// Whether `content` says what `draft` does. Twilio may show more of it: fields that were left to it.
fn is_same(content: &ContentTemplate, draft: &ContentDraft) -> bool {
    let types = |content: &ContentTemplate| {
        let by_name = content.types.iter().map(|kind| (kind.name().to_owned(), serde_json::to_value(kind)));
        by_name.map(|(name, kind)| (name, kind.unwrap_or_default())).collect::<serde_json::Map<_, _>>()
    };
    let drafted = serde_json::to_value(draft).unwrap_or_default();
    content.friendly_name == draft.friendly_name
        && content.variables == draft.variables
        && drafted.get("types").is_some_and(|ours| has_all(&Value::Object(types(content)), ours))
}

/// Whether everything in `ours` is in `theirs`.
fn has_all(theirs: &Value, ours: &Value) -> bool {
    match (theirs, ours) {
        (Value::Object(theirs), Value::Object(ours)) => {
            ours.iter().all(|(key, value)| theirs.get(key).is_some_and(|known| has_all(known, value)))
        }
        (Value::Array(theirs), Value::Array(ours)) => {
            theirs.len() == ours.len() && theirs.iter().zip(ours).all(|(theirs, ours)| has_all(theirs, ours))
        }
        (theirs, ours) => theirs == ours,
    }
}
