//! Batches of every kind of item that there is a sample of, in any order, sound ones beside damaged ones: as many events
//! come out as items went in, and each is what it is alone.
use std::{fs, path::Path, sync::LazyLock};

use bytes::Bytes;
use proptest::{collection::vec, prelude::*, sample::Index};
use serde_json::{Value, json};
use whatsapp_core::Event;

use super::parse;

/// The lists of a change's value whose items are events each.
const LISTS: [(&str, &str); 11] = [
    ("messages", "messages"),
    ("messages", "statuses"),
    ("messages", "user_actions"),
    ("smb_message_echoes", "message_echoes"),
    ("calls", "calls"),
    ("calls", "statuses"),
    ("user_preferences", "user_preferences"),
    ("smb_app_state_sync", "state_sync"),
    ("group_participants_update", "groups"),
    ("automatic_events", "automatic_events"),
    ("tracking_events", "events"),
];

/// Every item of the samples, by its place in [`LISTS`].
static ITEMS: LazyLock<Vec<Vec<Value>>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut items = vec![Vec::new(); LISTS.len()];
    for file in files.iter().filter(|file| file.to_str().unwrap().contains("webhook-")) {
        let body: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
        let entries = body["entry"].as_array().into_iter().flatten();
        for change in entries.flat_map(|entry| entry["changes"].as_array().into_iter().flatten()) {
            for (at, (field, list)) in LISTS.iter().enumerate() {
                if change["field"] == *field {
                    items[at].extend(change["value"][list].as_array().into_iter().flatten().cloned());
                }
            }
        }
    }
    items
});

/// What stands in an item's place when it is damaged.
fn damage(item: &Value, how: u8) -> Value {
    let mut item = item.clone();
    let Some(map) = item.as_object_mut() else { return json!(null) };
    let key = map.keys().nth(usize::from(how) % map.len().max(1)).cloned().unwrap_or_default();
    match how % 5 {
        0 => return json!(how),
        1 => drop(map.remove(&key)),
        2 => drop(map.insert(key, json!([[{}]]))),
        3 => drop(map.insert(key, json!({"odd": true}))),
        _ => drop(map.insert(key, json!(-1))),
    }
    item
}

fn body_of(changes: &[Value]) -> Bytes {
    json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "time": 1_790_000_000, "changes": changes}]})
        .to_string()
        .into()
}

fn change(list: usize, items: &[Value]) -> Value {
    let (field, key) = LISTS[list];
    let mut value = json!({"metadata": {"phone_number_id": "1", "display_phone_number": "97235550100"}});
    value[key] = items.into();
    json!({"field": field, "value": value})
}

fn events(changes: &[Value]) -> Vec<Event> {
    parse(&body_of(changes)).unwrap().into_iter().map(|envelope| envelope.event).collect()
}

#[test]
fn there_are_samples_of_every_list() {
    for (items, (field, list)) in ITEMS.iter().zip(LISTS) {
        assert!(!items.is_empty(), "{field}.{list}");
    }
    assert!(ITEMS[0].len() >= 60, "kinds of messages: {}", ITEMS[0].len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_item_is_read_as_if_it_were_alone(
        picks in vec((0..LISTS.len(), vec((any::<Index>(), any::<Option<u8>>()), 1..12)), 1..5),
    ) {
        let mut changes = Vec::new();
        let mut alone = Vec::new();
        for (list, items) in picks {
            let picked: Vec<Value> = items.iter().map(|(which, broken)| {
                let item = which.get(&ITEMS[list]);
                broken.filter(|how| how % 2 == 0).map_or_else(|| item.clone(), |how| damage(item, how))
            }).collect();
            for item in &picked {
                let events = events(&[change(list, std::slice::from_ref(item))]);
                prop_assert_eq!(events.len(), 1, "{}", item);
                alone.extend(events);
            }
            changes.push(change(list, &picked));
        }
        prop_assert_eq!(events(&changes), alone);
    }
}
