//! Every sample whose field is read here, and what some of them mean exactly.
mod accounts;
mod calls;
mod groups;
mod people;
mod templates;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde_json::Value;
use whatsapp_core::{Alias, AliasKind, Envelope, Event, Identity, TemplateChange};

use super::{Item, read};
use crate::{AccountChange, ID, inbound::Contacts, wire::Document};

/// The list or lists of a field that hold an event each; none where the whole value is one.
fn lists(field: &str) -> Option<&'static [&'static str]> {
    Some(match field {
        "calls" => &["calls", "statuses"],
        "user_preferences" => &["user_preferences"],
        "smb_app_state_sync" => &["state_sync"],
        "automatic_events" => &["automatic_events"],
        "tracking_events" => &["events"],
        "group_lifecycle_update" | "group_participants_update" | "group_settings_update" | "group_status_update" => {
            &["groups"]
        }
        "message_template_status_update"
        | "message_template_quality_update"
        | "message_template_components_update"
        | "template_category_update"
        | "template_correct_category_detection"
        | "account_alerts"
        | "account_review_update"
        | "account_settings_update"
        | "account_update"
        | "business_capability_update"
        | "business_status_update"
        | "business_username_updates"
        | "flows"
        | "messaging_handovers"
        | "partner_solutions"
        | "payment_configuration_update"
        | "phone_number_name_update"
        | "phone_number_quality_update"
        | "security" => &[],
        _ => return None,
    })
}

/// Fields whose detail `AccountChange` has.
fn detailed(field: &str) -> bool {
    !matches!(field, "calls" | "user_preferences" | "smb_app_state_sync") && !field.starts_with("group_")
}

fn read_value(field: &str, value: &str) -> Option<Vec<Event>> {
    let document = Document::read(value).ok()?;
    let value = document.root();
    let items = read(field, value, &Contacts::new(value.get("contacts").items()))?;
    Some(items.into_iter().map(|item| item.event).collect())
}

/// An item that outlives the document it was read from.
#[derive(Debug)]
struct Found {
    event: Event,
    at: Option<DateTime<Utc>>,
    raw: Option<String>,
}

fn items(field: &str, value: &str) -> Vec<Found> {
    let document = Document::read(value).unwrap_or_else(|_| panic!("no JSON: {value}"));
    let items = read(field, document.root(), &Contacts::default()).unwrap();
    let owned = |item: Item<'_>| Found { event: item.event, at: item.at, raw: item.raw.map(str::to_owned) };
    items.into_iter().map(owned).collect()
}

/// The one event of a value.
fn one(field: &str, value: &str) -> Event {
    let mut events = read_value(field, value).unwrap();
    assert_eq!(events.len(), 1, "{field} {value}");
    events.remove(0)
}

macro_rules! one_as {
    ($variant:ident, $field:expr, $value:expr) => {
        match $crate::field::tests::one($field, $value) {
            whatsapp_core::Event::$variant(event) => event,
            other => panic!("{other:?}"),
        }
    };
}
use one_as;

fn own() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// A change of a sample, as it is written there.
struct Change {
    sample: String,
    field: String,
    value: String,
}

/// Every change of the sample in `file`.
fn changes(file: &Path) -> Vec<Change> {
    let sample = file.file_stem().unwrap().to_str().unwrap();
    let body = fs::read_to_string(file).unwrap();
    let document = Document::read(&body).unwrap_or_else(|_| panic!("no JSON: {sample}"));
    let entries = document.root().get("entry").items();
    let named = entries.flat_map(|entry| entry.get("changes").items()).filter_map(|change| {
        let value = change.get("value").raw().to_owned();
        Some(Change { sample: sample.to_owned(), field: change.get("field").string()?, value })
    });
    named.collect()
}

/// Every webhook among the samples of `folder`.
fn webhooks(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|file| file.file_name().unwrap().to_str().unwrap().starts_with("webhook-")).collect()
}

/// Reads every sample of `folder`; answers how many events each field gave.
fn check(folder: &Path) -> BTreeMap<String, usize> {
    let mut seen = BTreeMap::new();
    for Change { sample: name, field, value } in webhooks(folder).iter().flat_map(|file| changes(file)) {
        let Some(lists) = lists(&field) else {
            assert!(read_value(&field, &value).is_none(), "{name}: {field} is somebody else's");
            continue;
        };
        let json: Value = serde_json::from_str(&value).unwrap();
        let counted: usize = lists.iter().filter_map(|list| json[list].as_array()).map(Vec::len).sum();
        let expected = if lists.is_empty() { 1 } else { counted };
        let found = items(&field, &value);
        assert_eq!(found.len(), expected, "{name}: {found:?}");
        *seen.entry(field.clone()).or_default() += found.len();
        for item in found {
            assert!(!matches!(item.event, Event::Unknown(_)), "{name}: {:?}", item.event);
            let change = || format!(r#"{{"value": {value}, "field": "{field}"}}"#);
            let raw = item.raw.unwrap_or_else(change);
            let envelope = Envelope::new(ID, "1".into(), item.event, Bytes::from(raw));
            let detail = AccountChange::of(&envelope);
            let expected = match &envelope.event {
                Event::Template(update) if matches!(update.change, TemplateChange::Quality { .. }) => {
                    Some("message_template_quality_update")
                }
                _ => detailed(&field).then_some(&*field),
            };
            assert_eq!(detail.as_ref().map(AccountChange::field), expected, "{name}");
            if let Some(detail) = detail {
                // Written down, it reads back as the same.
                let written = serde_json::to_value(&detail).unwrap();
                let again = AccountChange::read(detail.field(), &written["value"].to_string());
                assert_eq!(again.as_ref(), Some(&detail), "{name}");
            }
        }
    }
    seen
}

#[test]
fn every_sample_is_read() {
    let seen = check(&own());
    // Only the undocumented one has no sample.
    assert_eq!(seen.len(), 27, "{seen:?}");
    assert!(!seen.contains_key("business_status_update"));
}

#[test]
fn every_extra_sample_is_read() {
    let Some(folder) = whatsapp_core::testing::extra_fixtures("meta") else { return };
    let seen = check(Path::new(&folder));
    println!("{} events of {} fields: {seen:?}", seen.values().sum::<usize>(), seen.len());
    assert!(!seen.is_empty(), "the folder holds samples");
}

/// Field and value of a change of our samples.
fn sample(name: &str, at: usize) -> (String, String) {
    let change = changes(&own().join(format!("webhook-{name}.json"))).remove(at);
    (change.field, change.value)
}

fn events(name: &str) -> Vec<Event> {
    let (field, value) = sample(name, 0);
    read_value(&field, &value).unwrap()
}

fn detail(name: &str) -> AccountChange {
    let (field, value) = sample(name, 0);
    AccountChange::read(&field, &value).unwrap()
}

fn phone(digits: &str) -> Identity {
    Identity::new(Alias::new(AliasKind::Phone, format!("+{digits}"))).with_alias(Alias::new(AliasKind::WaId, digits))
}

fn bsuid(identity: Identity, id: &str) -> Identity {
    identity.with_alias(Alias::new(AliasKind::Bsuid, id))
}

fn dana() -> Identity {
    bsuid(phone("972541112233"), "IL.44801111222233334444")
        .with_alias(Alias::new(AliasKind::ParentBsuid, "IL.ENT.55801111222233334444"))
        .with_name("דנה כהן")
}
