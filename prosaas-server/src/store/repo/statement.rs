//! Few shapes of statement: a database plans each shape once per connection, and a shape per count would never repeat.
use sea_orm::DatabaseBackend;

/// Most rows of a statement. SQLite takes 32,766 parameters, Postgres 65,535.
const MOST: usize = 512;
/// Most rows of one of a few statements for Postgres, whose driver leaves Nagle's algorithm on: a statement that does not
/// fit the socket's first buffer of 16 KiB goes out in pieces, and the last one waits 40 ms for the other side's delayed
/// acknowledgement (measured: 350 webhooks a second instead of 2,500).
const FEW: usize = 8;
/// Most short values or rows of a statement, for the same reason.
pub(crate) const SHORT: usize = 32;
/// From here on, one statement that waits is faster than many that do not, whatever its shape.
const MANY: usize = 64;

/// Parts of `rows`, one statement each: as long as can be for many rows, else of lengths that are powers of two.
pub(crate) fn parts<T>(mut rows: &[T], backend: DatabaseBackend) -> impl Iterator<Item = &[T]> {
    let few = if matches!(backend, DatabaseBackend::Sqlite) { MANY } else { FEW };
    std::iter::from_fn(move || {
        let length = match rows.len() {
            0 => return None,
            many if many > MANY => many.min(MOST),
            some => (1 << some.ilog2()).min(few),
        };
        let (part, rest) = rows.split_at_checked(length)?;
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
        for count in [0, 1, 2, 3, 31, 32, 64, 65, 500, 1023, 1024, 2000] {
            let rows: Vec<usize> = (0..count).collect();
            for backend in [DatabaseBackend::Sqlite, DatabaseBackend::Postgres] {
                let parts: Vec<&[usize]> = parts(&rows, backend).collect();
                assert_eq!(parts.concat(), rows);
                assert!(parts.iter().all(|part| part.len() <= MOST));
            }
            let filled = filled(rows.clone());
            assert!(filled.is_empty() || filled.len().is_power_of_two());
            assert!(filled.iter().all(|value| rows.contains(value)) && filled.starts_with(&rows));
        }
    }
}
