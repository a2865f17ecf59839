//! Contents for messages within a session. Twilio sends no buttons but those of a content, so one is made for each shape
//! of message and used again for every other message of that shape.
use std::time::{Duration, Instant};

use whatsapp_core::{Error, ErrorKind, Result};

use super::{ContentDraft, ContentTemplate, names::FRESH, remembered::Remembered, wording::has_all};
use crate::{ID, Twilio};

/// Shapes that are kept in memory; one that is not is looked for at Twilio.
const MOST: u64 = 10_000;
/// How long a shape is kept: somebody may change its content at Twilio.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// The content of each shape, by the name that says it.
#[derive(Clone, Debug)]
pub(crate) struct Sessions(Remembered<String, Known>);

impl Default for Sessions {
    fn default() -> Self {
        Self(Remembered::new(MOST, KEPT))
    }
}

/// A content's id, and when it was made if that was done here.
#[derive(Clone)]
struct Known {
    sid: String,
    made: Option<Instant>,
}

impl Sessions {
    /// Forgets the content `sid`, which was changed or deleted.
    pub(super) async fn forget(&self, sid: &str) {
        self.0.forget_all(|known| known.sid == sid).await;
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
            // One that was made a moment ago is not made again for every message that Twilio refuses.
            let is_old = |known: &Known| known.made.is_none_or(|made| made.elapsed() >= FRESH);
            self.sessions.0.forget_if(&name, |known| known.sid == gone && is_old(known)).await;
        }
        self.sessions.0.get(name, self.find_or_create(draft, gone)).await.map(|known| known.sid)
    }

    /// A restart must not leave another content behind for every shape, so Twilio is asked first.
    async fn find_or_create(&self, draft: &ContentDraft, gone: Option<&str>) -> Result<Known> {
        let name = draft.friendly_name.as_deref().unwrap_or_default();
        let known = self.contents_like(name).await?;
        let mut found = known.into_iter().filter(|content| is_same(content, draft)).filter_map(|content| content.sid);
        if let Some(sid) = found.find(|sid| Some(sid.as_str()) != gone) {
            return Ok(Known { sid, made: None });
        }
        let made = self.create_for_send(draft).await?.sid;
        let sid = made.ok_or_else(|| Error::new(ID, ErrorKind::Protocol, "Twilio made a content without an id"))?;
        Ok(Known { sid, made: Some(Instant::now()) })
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
        && drafted.get("types").is_some_and(|ours| has_all(&types(content).into(), ours))
}
