//! Placeholders in a wording.

/// The placeholders of `text` without their braces, in order, repeated ones too.
pub(super) fn placeholders(text: &str) -> Vec<&str> {
    let parts = text.split("{{").skip(1);
    parts.filter_map(|part| part.split_once("}}")).map(|(name, _)| name.trim()).collect()
}

/// The placeholders of `text`, each once, in order.
pub(super) fn names(text: &str) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for name in placeholders(text) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Whether `name` is a number from 1.
pub(super) fn is_position(name: &str) -> bool {
    name.parse::<u16>().is_ok_and(|at| at > 0 && name == at.to_string())
}

/// Whether `name` is of lower-case letters, digits and underscores, and no number.
pub(super) fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    name.bytes().next().is_some_and(|first| !first.is_ascii_digit()) && name.bytes().all(plain)
}
