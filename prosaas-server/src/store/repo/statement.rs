//! Few shapes of statement: a database plans each shape once per connection, and a shape per count would never repeat.

/// Most rows of a statement: Postgres takes 65,535 parameters, SQLite 32,766.
const MOST: usize = 512;

/// Parts of `rows` whose lengths are powers of two.
pub(crate) fn parts<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let length = 1 << rows.len().checked_ilog2()?;
        let (part, rest) = rows.split_at_checked(length.min(MOST))?;
        rows = rest;
        Some(part)
    })
}

/// Values for an `IN`, filled up to a power of two with what is there already.
pub(crate) fn filled<T: Clone>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut values: Vec<T> = values.into_iter().collect();
    if let Some(last) = values.last().cloned() {
        values.resize(values.len().next_power_of_two(), last);
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_out_or_doubled() {
        for count in [0, 1, 2, 3, 31, 32, 500, 1023, 1024, 2000] {
            let rows: Vec<usize> = (0..count).collect();
            let parts: Vec<&[usize]> = parts(&rows).collect();
            assert_eq!(parts.concat(), rows);
            assert!(parts.iter().all(|part| part.len().is_power_of_two() && part.len() <= MOST));
            let filled = filled(rows.clone());
            assert!(filled.is_empty() || filled.len().is_power_of_two());
            assert!(filled.iter().all(|value| rows.contains(value)) && filled.starts_with(&rows));
        }
    }
}
