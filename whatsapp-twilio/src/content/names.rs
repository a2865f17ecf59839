//! Templates by their names, and the list of those that are approved.
use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use whatsapp_core::{Error, ErrorKind, Result, Template, Templates};

use super::{ApprovalStatus, ContentTemplate, remembered::Remembered, store::WITH_APPROVALS};
use crate::{ID, Twilio};

/// How long the list of names is good.
const KEPT: Duration = Duration::from_secs(5 * 60);
/// A list at least this old is asked for again when it lacks what is wanted: a template may just have been approved.
const FRESH: Duration = Duration::from_secs(10);

/// What the account's contents are called.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    lists: Remembered<(), Arc<List>>,
    fresh: Duration,
}

impl Default for Names {
    fn default() -> Self {
        Self { lists: Remembered::during(KEPT), fresh: FRESH }
    }
}

#[derive(Debug)]
struct List {
    entries: Vec<Entry>,
    taken: Instant,
}

#[derive(Debug)]
struct Entry {
    name: String,
    language: String,
    sid: String,
    status: ApprovalStatus,
    updated: Option<DateTime<Utc>>,
}

impl Entry {
    fn of(content: ContentTemplate) -> Option<Self> {
        let (status, updated) = (content.status(), content.date_updated);
        let language = content.language.unwrap_or_default();
        Some(Self { name: content.friendly_name?, language, sid: content.sid?, status, updated })
    }
}

impl Twilio {
    /// The id of the content that is called `name` in `language`. `gone` is one that Twilio turned out to have no more.
    ///
    /// Nothing was sent if this fails.
    pub(super) async fn content_named(&self, name: &str, language: &str, gone: Option<&str>) -> Result<String> {
        let list = self.names().await?;
        let chosen = choose(&list.entries, name, language);
        let is_usable = chosen.as_ref().is_ok_and(|sid| Some(sid.as_str()) != gone);
        if is_usable || (gone.is_none() && list.taken.elapsed() < self.names.fresh) {
            return chosen;
        }
        self.names.lists.forget_if(&(), |known| Arc::ptr_eq(known, &list)).await;
        choose(&self.names().await?.entries, name, language)
    }

    async fn names(&self) -> Result<Arc<List>> {
        let ask = async {
            let taken = Instant::now();
            let contents = self.every_content(WITH_APPROVALS).await?;
            Ok(Arc::new(List { entries: contents.into_iter().filter_map(Entry::of).collect(), taken }))
        };
        self.names.lists.get((), ask).await
    }
}

/// The content to send: an approved one before one that was never submitted, which works within a session; of several,
/// the one that changed last.
fn choose(entries: &[Entry], name: &str, language: &str) -> Result<String> {
    let named: Vec<_> = entries.iter().filter(|entry| entry.name == name).collect();
    if named.is_empty() {
        let error = refuse("template.name: no content of this account has this friendly name".to_owned());
        return Err(error.with_advice("Make the content at Twilio, or name the template by its content's id (`HX…`)."));
    }
    let of_status = |wanted: &ApprovalStatus| {
        let of_both = named.iter().filter(|entry| entry.language == language && entry.status == *wanted);
        of_both.max_by_key(|entry| entry.updated)
    };
    let sendable = [ApprovalStatus::Approved, ApprovalStatus::Unsubmitted].iter().find_map(of_status);
    if let Some(entry) = sendable {
        return Ok(entry.sid.clone());
    }
    let Some(last) = named.iter().filter(|entry| entry.language == language).max_by_key(|entry| entry.updated) else {
        let languages: BTreeSet<_> = named.iter().map(|entry| entry.language.as_str()).collect();
        let known = languages.into_iter().collect::<Vec<_>>().join(", ");
        let error = refuse(format!("template.language: there is no `{language}` of this template, only {known}"));
        return Err(error.with_advice("Choose one of its languages, or make a content of that name in this one."));
    };
    let error = refuse(format!("template.name: WhatsApp has not approved it, it is {}", last.status));
    Err(error.with_advice(match last.status {
        ApprovalStatus::Received | ApprovalStatus::Pending => "Wait for WhatsApp's approval: minutes, or up to a day.",
        ApprovalStatus::Paused => "WhatsApp stopped it for a while because readers block it; send another template.",
        _ => "Make another content and have it approved; see the reason with its approval at Twilio.",
    }))
}

fn refuse(problem: String) -> Error {
    Error::new(ID, ErrorKind::TemplateRejected, problem)
}

#[async_trait]
impl Templates for Twilio {
    /// One template for each name and language, named by its friendly name, or by its content's id if it has none. Its
    /// values go by the placeholders of its wording, those of buttons and headers among them.
    async fn list(&self) -> Result<Vec<Template>> {
        let mut approved = self.every_content(WITH_APPROVALS).await?;
        approved.retain(|content| content.status() == ApprovalStatus::Approved);
        // The last one of a name is the one that is sent.
        approved.sort_by_key(|content| std::cmp::Reverse(content.date_updated));
        let mut seen = BTreeSet::new();
        let template = |content: ContentTemplate| {
            let name = content.friendly_name.clone().or_else(|| content.sid.clone())?;
            let template = Template::new(name, content.language.clone().unwrap_or_default());
            seen.insert((template.name.clone(), template.language.clone())).then(|| match content.wording() {
                Some(wording) => template.with_text(wording),
                None => template,
            })
        };
        Ok(approved.into_iter().filter_map(template).collect())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

    use super::*;
    use crate::{TwilioBuilder, TwilioConfigKey as Key};

    async fn line(server: &MockServer, fresh: Duration) -> Twilio {
        let content = |status: &str| {
            let content = json!({
                "sid": "HX0a", "friendly_name": "reminder", "language": "he", "approval_requests": {"status": status},
            });
            ResponseTemplate::new(200).set_body_json(json!({"contents": [content], "meta": {}}))
        };
        Mock::given(any()).respond_with(content("pending")).up_to_n_times(1).mount(server).await;
        Mock::given(any()).respond_with(content("approved")).mount(server).await;
        let mut line = TwilioBuilder::new()
            .with_config(Key::AccountSid, "ACd1ce0000d1ce0000d1ce0000d1ce0000")
            .with_config(Key::AuthToken, "token")
            .with_config(Key::From, "+14155550100")
            .with_config(Key::BaseUrl, server.uri())
            .build()
            .unwrap();
        line.names.fresh = fresh;
        line
    }

    async fn lists(server: &MockServer) -> usize {
        server.received_requests().await.unwrap().len()
    }

    #[tokio::test]
    async fn a_template_that_was_just_approved_is_found_in_an_aged_list() {
        let server = MockServer::start().await;
        let line = line(&server, Duration::from_millis(30)).await;
        assert!(line.content_named("reminder", "he", None).await.is_err());
        assert_eq!(lists(&server).await, 1, "the list was fresh");
        tokio::time::sleep(Duration::from_millis(40)).await;
        assert_eq!(line.content_named("reminder", "he", None).await.unwrap(), "HX0a");
        assert_eq!(lists(&server).await, 2);
        assert_eq!(line.content_named("reminder", "he", None).await.unwrap(), "HX0a");
        tokio::time::sleep(Duration::from_millis(40)).await;
        assert_eq!(line.content_named("reminder", "he", None).await.unwrap(), "HX0a");
        assert_eq!(lists(&server).await, 2, "what is there is not asked for again");
        assert!(line.content_named("other", "he", None).await.is_err());
        assert!(line.content_named("other", "he", None).await.is_err());
        assert_eq!(lists(&server).await, 3, "what is not there, once as long as the list is fresh");
    }

    #[tokio::test]
    async fn a_fresh_list_is_believed() {
        let server = MockServer::start().await;
        let line = line(&server, FRESH).await;
        for _ in 0..10 {
            assert!(line.content_named("reminder", "he", None).await.is_err());
        }
        assert_eq!(lists(&server).await, 1);
    }
}
