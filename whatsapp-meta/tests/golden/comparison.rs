//! `docs/comparison.md`, made of what is known of other clients and of what this crate can be seen to do.
//!
//! `UPDATE_COMPARISON=1 cargo test -p whatsapp-meta --all-features --test golden comparison` writes the page.
#[path = "comparison/ours.rs"]
mod ours;

use std::{
    collections::BTreeMap,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use serde::Deserialize;
use whatsapp_core::{Capabilities, Event, Sender};
use whatsapp_meta::{MetaBuilder, MetaConfigKey, encode};

use self::ours::{Ours, Proof};
use super::{own, parse};

#[derive(Deserialize)]
struct Data {
    as_of: String,
    source: String,
    values: BTreeMap<String, String>,
    clients: Vec<Client>,
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Client {
    id: String,
    language: String,
    version: Option<String>,
    date: String,
    note: Option<String>,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    area: String,
    clients: BTreeMap<String, String>,
    #[serde(default)]
    notes: BTreeMap<String, String>,
}

/// The page's folder; a packed crate has none.
fn docs() -> Option<PathBuf> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    docs.join("comparison/meta-clients.json").exists().then_some(docs)
}

#[test]
fn the_page_is_what_the_code_shows() {
    let Some(docs) = docs() else { return };
    let data: Data = serde_json::from_slice(&fs::read(docs.join("comparison/meta-clients.json")).unwrap()).unwrap();
    let made = page(&data);
    let path = docs.join("comparison.md");
    if std::env::var_os("UPDATE_COMPARISON").is_some_and(|set| set == "1") {
        fs::write(&path, &made).unwrap();
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    assert!(there == made, "docs/comparison.md is old: run this test with UPDATE_COMPARISON=1");
}

/// Every operation of the sources is named on the page and in the README, with the call it makes.
#[test]
fn every_operation_is_listed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let operations = ours::operations();
    for name in public_operations(&root.join("src")) {
        assert!(operations.iter().any(|(known, _)| *known == name), "{name} is not among the operations");
    }
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    for (name, call) in operations {
        assert!(readme.contains(&line(name, call)), "the README lacks: {}", line(name, call));
    }
}

fn public_operations(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            // The stand-in is a tool of tests.
            names.extend(if entry.ends_with("fake") { Vec::new() } else { public_operations(&entry) });
        } else {
            let source = fs::read_to_string(entry).unwrap();
            let after = source.split("    pub async fn ").skip(1);
            names.extend(after.filter_map(|rest| rest.split(['(', '<']).next()).map(str::to_owned));
        }
    }
    names
}

fn line(name: &str, call: &str) -> String {
    let bare = call.contains('/') && !call.contains('`');
    let call = if bare { format!("`{call}`") } else { call.to_owned() };
    format!("| `{name}` | {call} |\n")
}

/// What a line built of this crate can do.
fn capabilities() -> Capabilities {
    let keys =
        [(MetaConfigKey::AccessToken, "t"), (MetaConfigKey::PhoneNumberId, "1"), (MetaConfigKey::AppSecret, "s")];
    let builder = keys.into_iter().fold(MetaBuilder::new(), |builder, (key, value)| builder.with_config(key, value));
    builder.build().unwrap().capabilities()
}

/// The value that `ours` deserves; fails where a proof does not hold that must.
fn value(ours: &Ours, can: &Capabilities) -> &'static str {
    let mut value = ours.value;
    assert!(value == "no" || !ours.proofs.is_empty(), "{}: nothing shows it", ours.row);
    for proof in &ours.proofs {
        match proof {
            Proof::Can(_, has) if !has(can) => value = "no",
            Proof::Can(..) => {}
            Proof::Calls(names) => {
                let known = |name: &str| ours::operations().iter().any(|(known, _)| *known == name);
                let lost = names.iter().filter_map(|name| name.strip_prefix("Meta::")).find(|name| !known(name));
                assert_eq!(lost, None, "{}: not among the operations", ours.row);
            }
            Proof::Reads(samples) => samples.iter().for_each(|sample| assert_eq!(unknown(sample), 0, "{sample}")),
            Proof::Keeps(samples) => samples.iter().for_each(|sample| assert!(unknown(sample) > 0, "{sample}")),
            Proof::Writes(field, message) => {
                let body = encode(&message()).unwrap();
                assert!(body.pointer(field).is_some_and(|value| !value.is_null()), "{}: no {field}", ours.row);
            }
        }
    }
    value
}

/// How many events of a sample are unread.
fn unknown(sample: &str) -> usize {
    let body = Bytes::from(fs::read(own().join(format!("{sample}.json"))).unwrap());
    let events = parse(&body).unwrap();
    assert!(!events.is_empty() && events.iter().all(|envelope| !envelope.raw.is_empty()), "{sample}");
    events.iter().filter(|envelope| matches!(envelope.event, Event::Unknown(_))).count()
}

fn shown(proof: &Proof) -> String {
    let list = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    match proof {
        Proof::Can(what, _) => format!("can: {what}"),
        Proof::Calls(names) => list(names),
        Proof::Reads(samples) => format!("reads: {}", list(samples)),
        Proof::Keeps(samples) => format!("keeps: {}", list(samples)),
        Proof::Writes(field, _) => format!("writes: `{field}`"),
    }
}

const HEAD: &str = "# Comparison with other clients

<!-- Made by UPDATE_COMPARISON=1 cargo test -p whatsapp-meta --all-features --test golden comparison; do not edit. -->

What `whatsapp-meta` has beside six other clients of Meta's Cloud API. The first column is made by a test: it builds a
line and asks what it can do, names the functions so that the compiler must find them, reads samples of webhooks and
writes messages. That something is there is shown so; whether that is all of it or a part remains a judgement.
";

fn page(data: &Data) -> String {
    let can = capabilities();
    let ours: Vec<Ours> =
        [ours::messages(), ours::templates(), ours::account(), ours::webhooks()].into_iter().flatten().collect();
    let of_row = |row: &Row| {
        let mut found = ours.iter().filter(|ours| ours.row == row.id);
        let one = found.next().unwrap_or_else(|| panic!("{}: say how we have it", row.id));
        assert!(found.next().is_none(), "{}: said twice", row.id);
        one
    };
    for ours in &ours {
        assert!(data.rows.iter().any(|row| row.id == ours.row), "{}: no such row", ours.row);
    }

    let mut out = String::from(HEAD);
    writeln!(out, "\n{} As of {}.\n\n| client | language | as read |\n|---|---|---|", data.source, data.as_of).unwrap();
    for client in &data.clients {
        let version = client.version.as_deref().map(|version| format!("{version}, ")).unwrap_or_default();
        let note = client.note.as_deref().map(|note| format!(". {note}")).unwrap_or_default();
        writeln!(out, "| {} | {} | {version}{}{note} |", client.id, client.language, client.date).unwrap();
    }

    out.push_str("\n## Features\n\n");
    let known = ["yes", "partial", "no", "not_applicable"];
    assert!(data.values.keys().all(|value| known.contains(&value.as_str())), "a value has no place in the legend");
    for value in known {
        writeln!(out, "- {}: {}", word(value), data.values[value]).unwrap();
    }
    let ids = data.clients.iter().map(|client| client.id.as_str());
    let names: Vec<_> = std::iter::once("whatsapp-meta").chain(ids).collect();
    writeln!(out, "\n| | {} |\n|---{}|", names.join(" | "), "|---".repeat(names.len())).unwrap();
    let mut notes = Vec::new();
    for row in &data.rows {
        let one = of_row(row);
        let mut cells = vec![cell(value(one, &can), (!one.note.is_empty()).then_some(one.note), &mut notes)];
        for client in &data.clients {
            let value = row.clients.get(&client.id).unwrap_or_else(|| panic!("{}: {} lacks", row.id, client.id));
            assert!(data.values.contains_key(value), "{}: {value} is no value", row.id);
            cells.push(cell(value, row.notes.get(&client.id).map(String::as_str), &mut notes));
        }
        writeln!(out, "| {} | {} |", row.area, cells.join(" | ")).unwrap();
    }
    out.push('\n');
    for (at, note) in notes.iter().enumerate() {
        writeln!(out, "{}. {note}", at + 1).unwrap();
    }

    out.push_str("\n## What shows it\n\nSamples are files of `whatsapp-meta/fixtures`.\n\n| | |\n|---|---|\n");
    for row in &data.rows {
        let proofs: Vec<_> = of_row(row).proofs.iter().map(shown).collect();
        if !proofs.is_empty() {
            writeln!(out, "| {} | {} |", row.area, proofs.join("; ")).unwrap();
        }
    }

    out.push_str(
        "\n## Operations\n\nOf a line (`Meta`), and the call of the Graph API that each makes.\n\n| | |\n|---|---|\n",
    );
    for (name, call) in ours::operations() {
        out.push_str(&line(name, call));
    }
    out
}

/// A value as the table shows it, with the number of its note.
fn cell(value: &str, note: Option<&str>, notes: &mut Vec<String>) -> String {
    let Some(note) = note else { return word(value).to_owned() };
    // The same note has one number.
    let at = notes.iter().position(|known| known == note).unwrap_or_else(|| {
        notes.push(note.to_owned());
        notes.len() - 1
    });
    format!("{} ({})", word(value), at + 1)
}

fn word(value: &str) -> &str {
    if value == "not_applicable" { "–" } else { value }
}
