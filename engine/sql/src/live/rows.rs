//! Rows as JSON arrays, and what differs between two results of a query.

use crate::error::SqlError;
use crate::formats::json;
use arrow::record_batch::RecordBatch;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Bytes of a result; what is more is left out, as rows above their bound are.
pub const RESULT_BYTES_MAX: usize = 16 << 20;

/// One row, as it is sent. Rows that are written the same are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub text: Arc<str>,
    /// The cells that name it, where rows of the result have such.
    pub key: Option<Arc<str>>,
}

/// The rows of a batch.
///
/// # Errors
/// A fault of ours in writing.
pub fn of(batch: &RecordBatch, key: Option<&[usize]>) -> Result<Vec<Row>, SqlError> {
    let row = |(text, key): (String, Option<String>)| Row { text: text.into(), key: key.map(Into::into) };
    Ok(json::rows(batch, key)?.into_iter().map(row).collect())
}

/// Leaves as many of the newest rows, which stand last, as a result may have; is any left out?
pub fn keep_newest(rows: &mut Vec<Row>, rows_max: usize) -> bool {
    let mut bytes = 0;
    let fits = |row: &&Row| {
        bytes += row.text.len();
        bytes <= RESULT_BYTES_MAX
    };
    let cut = rows.len() - rows.iter().rev().take(rows_max).take_while(fits).count();
    rows.drain(..cut);
    cut > 0
}

/// What makes one result of another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    pub added: Vec<Row>,
    pub removed: Vec<Row>,
    /// A row before and after, with the same key.
    pub changed: Vec<(Row, Row)>,
}

impl Change {
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }

    /// Rows named in it.
    pub fn len(&self) -> usize {
        self.added.len() + self.removed.len() + 2 * self.changed.len()
    }

    /// Bytes of the rows named in it.
    pub fn bytes(&self) -> usize {
        let changed = self.changed.iter().flat_map(|(before, after)| [before, after]);
        self.added.iter().chain(&self.removed).chain(changed).map(|row| row.text.len()).sum()
    }

    /// Rows with one key that go and come are a row that changed.
    #[must_use]
    pub fn by_key(mut self) -> Self {
        let mut gone: FxHashMap<Arc<str>, Row> = FxHashMap::default();
        let mut left = Vec::new();
        for row in self.removed {
            match &row.key {
                Some(key) if !gone.contains_key(key) => drop(gone.insert(Arc::clone(key), row)),
                _ => left.push(row),
            }
        }
        let mut added = Vec::new();
        for row in self.added {
            match row.key.as_ref().and_then(|key| gone.remove(key)) {
                Some(before) => self.changed.push((before, row)),
                None => added.push(row),
            }
        }
        left.extend(gone.into_values());
        Self { added, removed: left, changed: self.changed }
    }

    /// As fields of a frame; lists without rows are left out.
    pub fn write(&self, text: &mut String) {
        let lists = [("added", &self.added), ("removed", &self.removed)];
        for (name, rows) in lists.into_iter().filter(|(_, rows)| !rows.is_empty()) {
            text.push_str(",\"");
            text.push_str(name);
            text.push_str("\":[");
            join(rows.iter().map(|row| &*row.text), text);
            text.push(']');
        }
        if !self.changed.is_empty() {
            text.push_str(",\"changed\":[");
            for (n, (before, after)) in self.changed.iter().enumerate() {
                text.push_str(if n == 0 { "[" } else { ",[" });
                join([&*before.text, &*after.text].into_iter(), text);
                text.push(']');
            }
            text.push(']');
        }
    }
}

/// Texts with commas between them.
pub fn join<'a>(texts: impl Iterator<Item = &'a str>, into: &mut String) {
    for (n, text) in texts.enumerate() {
        if n > 0 {
            into.push(',');
        }
        into.push_str(text);
    }
}

/// What makes `new` of `old`, as many times as each row is there.
pub fn diff(old: &[Row], new: &[Row]) -> Change {
    let mut held: FxHashMap<&str, (u32, &Row)> = FxHashMap::default();
    for row in old {
        held.entry(&row.text).or_insert((0, row)).0 += 1;
    }
    let mut change = Change::default();
    for row in new {
        match held.get_mut(&*row.text) {
            Some((count, _)) if *count > 0 => *count -= 1,
            _ => change.added.push(row.clone()),
        }
    }
    // In the order of the old result, so that the same change is always written the same.
    for row in old {
        if let Some((count, _)) = held.get_mut(&*row.text)
            && *count > 0
        {
            *count -= 1;
            change.removed.push(row.clone());
        }
    }
    change.by_key()
}

/// Rows after changes, each as many times as it is there.
pub fn fold(base: &[Row], changes: &[Change]) -> Vec<Row> {
    let mut gone: FxHashMap<&str, u32> = FxHashMap::default();
    for change in changes {
        let removed = change.removed.iter().chain(change.changed.iter().map(|(before, _)| before));
        removed.for_each(|row| *gone.entry(&*row.text).or_default() += 1);
    }
    let came = changes
        .iter()
        .flat_map(|change| change.added.iter().chain(change.changed.iter().map(|(_, after)| after)));
    let stays = |row: &&Row| match gone.get_mut(&*row.text) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    };
    base.iter().chain(came).filter(stays).cloned().collect()
}

#[cfg(test)]
pub mod testing {
    use super::Row;

    /// Rows of texts; `a:1` has the key `a`.
    pub fn rows(texts: &[&str]) -> Vec<Row> {
        let row = |text: &&str| Row {
            text: format!("[\"{text}\"]").into(),
            key: text.split_once(':').map(|(key, _)| key.into()),
        };
        texts.iter().map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::testing::rows;
    use super::*;

    #[test]
    fn rows_are_counted_not_only_seen() {
        let change = diff(&rows(&["a", "a", "b"]), &rows(&["b", "a", "c", "c"]));
        assert_eq!(change.added, rows(&["c", "c"]));
        assert_eq!(change.removed, rows(&["a"]));
        assert!(diff(&rows(&["a", "b", "a"]), &rows(&["a", "a", "b"])).is_empty(), "order is no change");
    }

    #[test]
    fn a_row_with_the_same_key_is_changed() {
        let change = diff(&rows(&["x:1", "y:1"]), &rows(&["x:2", "z:1"]));
        let [before, after] = [rows(&["x:1"]), rows(&["x:2"])];
        assert_eq!(change.changed, [(before[0].clone(), after[0].clone())]);
        assert_eq!((change.added.clone(), change.removed.clone()), (rows(&["z:1"]), rows(&["y:1"])));
        let mut text = String::new();
        change.write(&mut text);
        assert_eq!(text, r#","added":[["z:1"]],"removed":[["y:1"]],"changed":[[["x:1"],["x:2"]]]"#);
    }

    #[test]
    fn the_fold_of_differences_is_the_last_result() {
        let results = [
            rows(&["a", "a", "x:1"]),
            rows(&["a", "x:2", "b"]),
            rows(&[]),
            rows(&["b", "x:1", "x:3", "a", "a", "a"]),
            rows(&["a", "x:3"]),
        ];
        let changes: Vec<Change> = results.windows(2).map(|pair| diff(&pair[0], &pair[1])).collect();
        for to in 0..results.len() {
            let folded = fold(&results[0], &changes[..to]);
            assert!(diff(&folded, &results[to]).is_empty(), "after {to}: {folded:?}");
        }
    }
}
