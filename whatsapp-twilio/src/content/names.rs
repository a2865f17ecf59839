//! Templates by their names, and the list of those that are approved.
use std::{
    collections::BTreeSet,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use whatsapp_core::{Error, ErrorKind, Result, Retry, Template, Templates};

use super::{
    ApprovalStatus, ContentTemplate,
    choice::{Entry, Rank, choose},
    remembered::Remembered,
    store::WITH_APPROVALS,
    walk::Walk,
};
use crate::{ID, Twilio};

/// How long the list of names is good.
const KEPT: Duration = Duration::from_secs(5 * 60);
/// A list at least this old is asked for again when it lacks what is wanted: a template may just have been approved.
pub(super) const FRESH: Duration = Duration::from_secs(10);
/// How long a message waits for a long list. The next one goes on where this one stopped.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// What the account's contents are called.
#[derive(Clone)]
pub(crate) struct Names {
    shelf: Arc<Mutex<Shelf>>,
    /// Lists under way.
    flights: Remembered<Flight, Arc<List>>,
    fresh: Duration,
    patience: Duration,
}

impl Default for Names {
    fn default() -> Self {
        let flights = Remembered::new(1, KEPT);
        Self { shelf: Arc::default(), flights, fresh: FRESH, patience: PATIENCE }
    }
}

/// The list may be long, and is the account's: it is not shown.
impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Names").finish_non_exhaustive()
    }
}

/// A list stays until a newer one is there whole.
#[derive(Default)]
struct Shelf {
    list: Option<Arc<List>>,
    /// Changes of contents by this line.
    changes: u64,
    /// A list that nobody waited for to the end.
    part: Option<Part>,
}

struct List {
    entries: Vec<Entry>,
    taken: Instant,
    /// Changes that it may show.
    changes: u64,
}

/// Which list is wanted: one newer than the one known, and no older than the last change.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Flight {
    newer_than: Option<Instant>,
    changes: u64,
}

/// The beginning of a list.
struct Part {
    flight: Flight,
    entries: Vec<Entry>,
    walk: Walk,
    touched: Instant,
}

impl Names {
    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The list that there is, and how to get the next one.
    fn known(&self) -> (Option<Arc<List>>, Flight) {
        let Shelf { list, changes, .. } = &*self.shelf();
        let newer_than = list.as_ref().map(|list| list.taken);
        (list.clone(), Flight { newer_than, changes: *changes })
    }

    /// Says that this line has changed a content.
    pub(super) fn have_changed(&self) {
        self.shelf().changes += 1;
    }

    /// The beginning of the list that `flight` wants, if there is one.
    fn take_part(&self, flight: Flight) -> Part {
        let part = self.shelf().part.take().filter(|part| part.flight == flight && part.touched.elapsed() < KEPT);
        part.unwrap_or_else(|| Part { flight, entries: Vec::new(), walk: Walk::default(), touched: Instant::now() })
    }
}

/// Puts the beginning of a list aside if nobody waits for the rest.
struct Held<'n> {
    names: &'n Names,
    part: Option<Part>,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if let Some(part) = self.part.take() {
            self.names.shelf().part = Some(part);
        }
    }
}

impl Twilio {
    /// The id of the content that `template` names. `gone` is one that Twilio turned out to have no more.
    ///
    /// Nothing was sent if this fails.
    pub(super) async fn content_named(&self, template: &Template, gone: Option<&str>) -> Result<String> {
        let pick = |list: &List| choose(&list.entries, template).map(|entry| entry.sid.clone());
        let (known, flight) = self.names.known();
        let chosen = known.as_deref().map(pick);
        let usable = chosen.as_ref().and_then(|chosen| chosen.as_ref().ok()).filter(|sid| Some(sid.as_str()) != gone);
        let usable = usable.cloned();
        if let (Some(list), Some(chosen)) = (known, chosen) {
            let good_for = if usable.is_some() { KEPT } else { self.names.fresh };
            if list.changes == flight.changes && list.taken.elapsed() < good_for {
                return chosen;
            }
        }
        match self.names.flights.get(flight, self.fetch(flight)).await {
            Ok(list) => pick(&list),
            // What is known is good for the others until it can be asked again.
            Err(error) => usable.ok_or(error),
        }
    }

    /// Brings the list that `flight` wants, and keeps what it has if it is not waited for.
    async fn fetch(&self, flight: Flight) -> Result<Arc<List>> {
        let began = Instant::now();
        let mut held = Held { names: &self.names, part: Some(self.names.take_part(flight)) };
        while let Some(part) = &mut held.part {
            match part.walk.step(self, WITH_APPROVALS).await {
                Ok((contents, goes_on)) => {
                    part.entries.extend(contents.into_iter().filter_map(Entry::of));
                    part.touched = Instant::now();
                    if !goes_on {
                        break;
                    }
                }
                Err(error) => {
                    if error.retry() == Retry::Never {
                        held.part = None;
                    }
                    return Err(error);
                }
            }
            if began.elapsed() >= self.names.patience {
                let error = Error::new(ID, ErrorKind::Unavailable, "the list of templates is long and not read yet");
                let advice = "Try again: it goes on where it stopped. Delete contents that nobody needs.";
                return Err(error.with_retry(Retry::Backoff).with_advice(advice));
            }
        }
        let entries = held.part.take().map(|part| part.entries).unwrap_or_default();
        let list = Arc::new(List { entries, taken: Instant::now(), changes: flight.changes });
        let Shelf { list: known, .. } = &mut *self.names.shelf();
        if known.as_ref().is_none_or(|known| known.changes <= list.changes) {
            *known = Some(Arc::clone(&list));
        }
        Ok(list)
    }
}

#[async_trait]
impl Templates for Twilio {
    /// One template for each name and language, named by its friendly name, or by its content's id if it has none. Its
    /// values go by the placeholders of its wording, those of buttons and headers among them.
    async fn list(&self) -> Result<Vec<Template>> {
        let (mut approved, mut walk, mut goes_on) = (Vec::new(), Walk::default(), true);
        while goes_on {
            let (contents, more) = walk.step(self, WITH_APPROVALS).await?;
            approved.extend(contents.into_iter().filter(|content| content.status() == ApprovalStatus::Approved));
            goes_on = more;
        }
        // The first one of a name is the one that is sent.
        approved.sort_by_cached_key(Rank::of);
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
    use serde_json::{Value, json};
    use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

    use super::*;
    use crate::{TwilioBuilder, TwilioConfigKey as Key};

    fn line(server: &MockServer, fresh: Duration) -> Twilio {
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

    fn page(sid: &str, status: &str, next: Option<String>) -> ResponseTemplate {
        let content = json!({
            "sid": sid, "friendly_name": "reminder", "language": "he", "approval_requests": {"status": status},
        });
        let next = next.map_or(Value::Null, Value::String);
        ResponseTemplate::new(200).set_body_json(json!({"contents": [content], "meta": {"next_page_url": next}}))
    }

    /// Answers so `times` times, before what is mounted later.
    async fn first(server: &MockServer, times: u64, answer: ResponseTemplate) {
        Mock::given(any()).respond_with(answer).up_to_n_times(times).mount(server).await;
    }

    async fn always(server: &MockServer, answer: ResponseTemplate) {
        Mock::given(any()).respond_with(answer).mount(server).await;
    }

    async fn find(line: &Twilio, name: &str) -> Result<String> {
        line.content_named(&Template::new(name, "he"), None).await
    }

    async fn lists(server: &MockServer) -> usize {
        server.received_requests().await.unwrap().len()
    }

    #[tokio::test]
    async fn a_template_that_was_just_approved_is_found_in_an_aged_list() {
        let server = MockServer::start().await;
        first(&server, 1, page("HX0a", "pending", None)).await;
        always(&server, page("HX0a", "approved", None)).await;
        let line = line(&server, Duration::from_millis(30));
        assert!(find(&line, "reminder").await.is_err());
        assert_eq!(lists(&server).await, 1, "the list was fresh");
        tokio::time::sleep(Duration::from_millis(40)).await;
        assert_eq!(find(&line, "reminder").await.unwrap(), "HX0a");
        assert_eq!(lists(&server).await, 2);
        tokio::time::sleep(Duration::from_millis(40)).await;
        assert_eq!(find(&line, "reminder").await.unwrap(), "HX0a");
        assert_eq!(lists(&server).await, 2, "what is there is not asked for again");
        assert!(find(&line, "other").await.is_err());
        assert!(find(&line, "other").await.is_err());
        assert_eq!(lists(&server).await, 3, "what is not there, once as long as the list is fresh");
    }

    #[tokio::test]
    async fn a_fresh_list_is_believed() {
        let server = MockServer::start().await;
        always(&server, page("HX0a", "pending", None)).await;
        let line = line(&server, FRESH);
        for _ in 0..10 {
            assert!(find(&line, "reminder").await.is_err());
        }
        assert_eq!(lists(&server).await, 1);
    }

    #[tokio::test]
    async fn a_list_that_fails_does_not_take_the_old_one_away() {
        let server = MockServer::start().await;
        first(&server, 1, page("HX0a", "approved", None)).await;
        always(&server, ResponseTemplate::new(503)).await;
        let line = line(&server, Duration::ZERO);
        assert_eq!(find(&line, "reminder").await.unwrap(), "HX0a");
        for _ in 0..2 {
            let error = find(&line, "other").await.unwrap_err();
            assert_eq!((error.kind(), error.retry()), (ErrorKind::Unavailable, Retry::Backoff), "nobody knows of it");
            assert_eq!(find(&line, "reminder").await.unwrap(), "HX0a");
        }
        assert_eq!(lists(&server).await, 3);
        line.names.have_changed();
        assert_eq!(find(&line, "reminder").await.unwrap(), "HX0a", "better than none");
        assert_eq!(lists(&server).await, 4);
    }

    #[tokio::test]
    async fn one_that_is_gone_is_looked_for_in_a_new_list() {
        let server = MockServer::start().await;
        first(&server, 1, page("HX0a", "approved", None)).await;
        always(&server, page("HX0b", "approved", None)).await;
        let template = Template::new("reminder", "he");
        for (fresh, sid) in [(FRESH, "HX0a"), (Duration::ZERO, "HX0b")] {
            let line = line(&server, fresh);
            assert_eq!(line.content_named(&template, Some("HX0a")).await.unwrap(), sid, "the list was new");
            assert_eq!(line.content_named(&template, Some("HX0a")).await.unwrap(), sid);
        }
    }

    /// Answers with four pages.
    async fn four_pages(server: &MockServer, delay: Duration) {
        for number in 1..4 {
            let next = format!("{}{WITH_APPROVALS}?Page={number}", server.uri());
            first(server, 1, page("HX0a", "pending", Some(next)).set_delay(delay)).await;
        }
        always(server, page("HX0d", "approved", None).set_delay(delay)).await;
    }

    #[tokio::test]
    async fn a_long_list_goes_on_where_it_stopped() {
        let server = MockServer::start().await;
        four_pages(&server, Duration::ZERO).await;
        let mut line = line(&server, FRESH);
        line.names.patience = Duration::ZERO;
        for pages in 1..4 {
            let error = find(&line, "reminder").await.unwrap_err();
            assert_eq!((error.kind(), error.retry()), (ErrorKind::Unavailable, Retry::Backoff), "{error}");
            assert_eq!(lists(&server).await, pages);
        }
        assert_eq!(find(&line, "reminder").await.unwrap(), "HX0d");
        assert_eq!(lists(&server).await, 4);
    }

    #[tokio::test]
    async fn a_list_that_is_not_waited_for_goes_on_where_it_stopped() {
        let server = MockServer::start().await;
        four_pages(&server, Duration::from_millis(100)).await;
        let line = line(&server, FRESH);
        let mut tries = 0;
        let sid = loop {
            tries += 1;
            let answer = tokio::time::timeout(Duration::from_millis(250), find(&line, "reminder")).await;
            if let Ok(sid) = answer {
                break sid.unwrap();
            }
        };
        assert_eq!((sid.as_str(), tries > 1, lists(&server).await < 8), ("HX0d", true, true));
    }

    #[tokio::test]
    async fn a_change_by_this_line_ends_a_list_under_way() {
        let server = MockServer::start().await;
        four_pages(&server, Duration::ZERO).await;
        let mut line = line(&server, FRESH);
        line.names.patience = Duration::ZERO;
        find(&line, "reminder").await.unwrap_err();
        line.names.have_changed();
        find(&line, "reminder").await.unwrap_err();
        let asked = server.received_requests().await.unwrap();
        assert!(
            asked.iter().all(|request| !request.url.query().unwrap_or_default().contains("Page=1")),
            "from the start"
        );
    }
}
