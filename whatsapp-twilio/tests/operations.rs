//! Every public operation is named in the README.
#![expect(clippy::unwrap_used, reason = "test code")]

use std::{fs, path::Path};

fn operations(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            // The stand-in is a tool of tests.
            names.extend(if entry.ends_with("fake") { Vec::new() } else { operations(&entry) });
        } else {
            let source = fs::read_to_string(entry).unwrap();
            let after = source.split("    pub async fn ").skip(1);
            names.extend(after.filter_map(|rest| rest.split(['(', '<']).next()).map(str::to_owned));
        }
    }
    names
}

#[test]
fn every_operation_is_named() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let names = operations(&root.join("src"));
    assert!(names.len() >= 10, "{names:?}");
    for name in names {
        assert!(readme.contains(&format!("| `{name}` |")), "the README lacks {name}");
    }
}
