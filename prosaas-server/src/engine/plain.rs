//! Text as both databases can hold it: WhatsApp lets U+0000 through, and Postgres has no place for it. Kept as it is,
//! one such message would be asked for again and again and never stored.
use serde_json::Value;

/// `text` without U+0000.
pub(super) fn text(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "") } else { text }
}

/// `value` without U+0000 in any of its texts.
pub(super) fn json(value: Value) -> Value {
    match value {
        Value::String(words) => Value::String(text(words)),
        Value::Array(items) => items.into_iter().map(json).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (text(name), json(value))).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn nothing_else_is_taken_out() {
        let given = json!({ "a\0": ["\0x\0y", { "b": "\u{1}\u{202e}🙂" }, 5, null] });
        assert_eq!(super::json(given), json!({ "a": ["xy", { "b": "\u{1}\u{202e}🙂" }, 5, null] }));
    }
}
