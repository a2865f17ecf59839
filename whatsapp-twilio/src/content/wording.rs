//! Placeholders, and what may not be empty.
use serde_json::Value;
use whatsapp_core::Result;

use crate::endpoint::invalid;

/// The names of the placeholders in every text within `value`, each once, in order.
pub(super) fn placeholders(value: &Value) -> Vec<String> {
    let mut names = Vec::new();
    collect(value, &mut names);
    names
}

fn collect(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            let parts = text.split("{{").skip(1).filter_map(|part| part.split_once("}}"));
            for name in parts.map(|(name, _)| name.trim()) {
                if !names.iter().any(|known| known == name) {
                    names.push(name.to_owned());
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, names)),
        Value::Object(fields) => fields.values().for_each(|field| collect(field, names)),
        _ => {}
    }
}

/// Something beside blanks.
pub(super) fn filled(field: &str, text: &str) -> Result<()> {
    if text.trim().is_empty() { Err(invalid(format!("{field}: it is empty; give it a text"))) } else { Ok(()) }
}

/// At least one entry.
pub(super) fn some<T>(field: &str, entries: &[T]) -> Result<()> {
    if entries.is_empty() { Err(invalid(format!("{field}: it is empty; add an entry"))) } else { Ok(()) }
}

/// A place that there is.
pub(super) fn on_earth(field: &str, latitude: f64, longitude: f64) -> Result<()> {
    if whatsapp_core::Location::new(latitude, longitude).is_valid() {
        return Ok(());
    }
    Err(invalid(format!("{field}: a latitude of -90..90 and a longitude of -180..180 degrees expected")))
}

/// Whether everything in `ours` is in `theirs`; what is null is nothing.
pub(super) fn has_all(theirs: &Value, ours: &Value) -> bool {
    match (theirs, ours) {
        (Value::Object(theirs), Value::Object(ours)) => ours
            .iter()
            .all(|(key, value)| value.is_null() || theirs.get(key).is_some_and(|known| has_all(known, value))),
        (Value::Array(theirs), Value::Array(ours)) => {
            theirs.len() == ours.len() && theirs.iter().zip(ours).all(|(theirs, ours)| has_all(theirs, ours))
        }
        // Twilio writes some numbers as texts.
        (Value::Number(theirs), Value::String(ours)) => theirs.to_string() == *ours,
        (theirs, ours) => theirs == ours,
    }
}
