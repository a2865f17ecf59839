//! Which content a template's name means.
use std::{cmp::Reverse, collections::BTreeSet};

use chrono::{DateTime, Utc};
use whatsapp_core::{Error, ErrorKind, Result, Template};

use super::{ApprovalStatus, ContentTemplate, ContentType, wording::placeholders};
use crate::ID;

/// What is known of a content that has a name.
pub(super) struct Entry {
    name: String,
    language: String,
    pub(super) sid: String,
    status: ApprovalStatus,
    rank: Rank,
    /// Placeholders of what is shown: without a value, the contact would read the sample.
    needed: Vec<String>,
    /// All names that may have a value; `None` where not all of them can be seen.
    allowed: Option<Vec<String>>,
}

impl Entry {
    pub(super) fn of(content: ContentTemplate) -> Option<Self> {
        let (status, rank) = (content.status(), Rank::of(&content));
        let (needed, allowed) = (needed(&content), allowed(&content));
        let language = content.language.unwrap_or_default();
        Some(Self { name: content.friendly_name?, language, sid: content.sid?, status, rank, needed, allowed })
    }

    /// Whether `template` has a value for every placeholder, and no other.
    fn fits(&self, template: &Template) -> Result<()> {
        let given: Vec<_> = template.parameters.iter().map(|(name, _)| name).collect();
        if let Some(name) = self.needed.iter().find(|name| !given.contains(name)) {
            let error = refuse(format!("template.parameters[{name}]: it is missing; the template has {{{{{name}}}}}"));
            return Err(error.with_advice("Give a value for every placeholder; Twilio sends the sample in its place."));
        }
        let Some(allowed) = &self.allowed else { return Ok(()) };
        let Some(name) = given.iter().find(|name| !allowed.contains(name)) else { return Ok(()) };
        let error = refuse(format!("template.parameters[{name}]: the template has no {{{{{name}}}}}"));
        Err(error.with_advice("Leave the value out, or see the template's placeholders in the list of templates."))
    }
}

/// The order among contents of one name and language, the same wherever one is chosen: the last change first, and of
/// several at the same time the one with the lowest id.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank(Reverse<Option<DateTime<Utc>>>, Option<String>);

impl Rank {
    pub(super) fn of(content: &ContentTemplate) -> Self {
        Self(Reverse(content.date_updated), content.sid.clone())
    }
}

fn placeholders_of(kind: &ContentType) -> Vec<String> {
    placeholders(&serde_json::to_value(kind).unwrap_or_default())
}

/// Those of the type that WhatsApp approved, else of all types.
fn needed(content: &ContentTemplate) -> Vec<String> {
    let approved = content.approval.as_ref().and_then(|approval| approval.content_type.as_deref());
    match content.types.iter().find(|kind| Some(kind.name()) == approved) {
        Some(kind) => placeholders_of(kind),
        None => content.types.iter().flat_map(placeholders_of).collect(),
    }
}

/// Codes, things for sale and forms take values that stand nowhere as placeholders.
fn allowed(content: &ContentTemplate) -> Option<Vec<String>> {
    use ContentType::{Authentication, Catalog, Flows, Other, WhatsappFlow};
    let hides =
        |kind: &ContentType| matches!(kind, Authentication(_) | Catalog(_) | Flows(_) | WhatsappFlow(_) | Other(..));
    if content.types.is_empty() || content.types.iter().any(hides) {
        return None;
    }
    let all = content.types.iter().flat_map(placeholders_of);
    Some(all.chain(content.variables.keys().cloned()).collect())
}

/// The content to send: an approved one before one that was never submitted, which works within a session.
pub(super) fn choose<'e>(entries: &'e [Entry], template: &Template) -> Result<&'e Entry> {
    let named: Vec<_> = entries.iter().filter(|entry| entry.name == template.name).collect();
    if named.is_empty() {
        let error = refuse("template.name: no content of this account has this friendly name".to_owned());
        return Err(error.with_advice("Make the content at Twilio, or name the template by its content's id (`HX…`)."));
    }
    let language = &template.language;
    let of_both = || named.iter().copied().filter(|entry| entry.language == *language);
    let of_status =
        |wanted: &ApprovalStatus| of_both().filter(|entry| entry.status == *wanted).min_by_key(|entry| &entry.rank);
    if let Some(entry) = [ApprovalStatus::Approved, ApprovalStatus::Unsubmitted].iter().find_map(of_status) {
        return entry.fits(template).map(|()| entry);
    }
    let Some(last) = of_both().min_by_key(|entry| &entry.rank) else {
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
