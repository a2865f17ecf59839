//! The limits of JSON bodies, beside a plain recursive reading of the same values.
use proptest::{collection::vec, prelude::*};
use serde_json::{Value, json};
use whatsapp_core::limits::{self, Limit};

/// Depth of the deepest list or object, and bytes of the longest text or name.
fn measure(value: &Value) -> (usize, usize) {
    let written = |text: &str| json!(text).to_string().len() - 2;
    let (inner, own): (Vec<_>, _) = match value {
        Value::Array(items) => (items.iter().map(measure).collect(), 0),
        Value::Object(entries) => {
            (entries.values().map(measure).collect(), entries.keys().map(|key| written(key)).max().unwrap_or(0))
        }
        Value::String(text) => return (0, written(text)),
        _ => return (0, 0),
    };
    let deepest = inner.iter().map(|(depth, _)| *depth).max().unwrap_or(0);
    let longest = inner.iter().map(|(_, length)| *length).max().unwrap_or(0);
    (deepest + 1, longest.max(own))
}

/// Texts with all that could be taken for something else, short or about as long as they may be.
fn text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec!["a", "[", "]", "{", "}", "\"", "\\", "\\\"", "\n", "ש"]);
    let times = prop_oneof![5 => 0usize..6, 1 => Just(limits::STRING / 2), 1 => limits::STRING - 1..limits::STRING + 2];
    (vec(piece, 0..4), times).prop_map(|(pieces, times)| {
        let piece = pieces.concat();
        piece.repeat(times / piece.len().max(1))
    })
}

/// Values within up to 70 lists and objects, some with neighbours.
fn value() -> impl Strategy<Value = Value> {
    let levels = prop_oneof![vec(0..4, 0..6), vec(0..4, limits::DEPTH - 2..limits::DEPTH + 6)];
    (text(), text(), levels).prop_map(|(text, other, levels)| {
        levels.into_iter().fold(json!(text), |value, level| match level {
            0 => json!([value]),
            1 => json!([["]"], value, {"}": "\\"}]),
            2 => json!({ "key": value }),
            _ => json!({ "before": "{", other.clone(): value }),
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_a_recursive_reading(value in value(), pretty in any::<bool>()) {
        let (depth, longest) = measure(&value);
        let text = if pretty { format!("{value:#}") } else { value.to_string() };
        match limits::check(text.as_bytes()) {
            Ok(()) => prop_assert!(depth <= limits::DEPTH && longest <= limits::STRING),
            Err(Limit::Depth) => prop_assert!(depth > limits::DEPTH),
            Err(Limit::String) => prop_assert!(longest > limits::STRING),
            other => prop_assert!(false, "{other:?}"),
        }
    }

    #[test]
    fn bytes_that_are_no_json_do_no_harm(bytes in vec(prop::sample::select(b"[]{}\"\\a\xff".to_vec()), 0..300)) {
        let _ = limits::check(&bytes);
    }
}

#[test]
fn the_limits_themselves_are_allowed() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(limits::check(nested(64).as_bytes()), Ok(()));
    assert_eq!(limits::check(nested(65).as_bytes()), Err(Limit::Depth));
    let siblings = format!("[{}]", vec!["[]"; 1000].join(","));
    assert_eq!(limits::check(siblings.as_bytes()), Ok(()), "beside one another is not within");
    let long = |length: usize| format!("{{\"{}\":0}}", "x".repeat(length));
    assert_eq!(limits::check(long(65536).as_bytes()), Ok(()));
    assert_eq!(limits::check(long(65537).as_bytes()), Err(Limit::String));
    assert_eq!(limits::check(&[b'"'; 1]), Ok(()));
}
