//! The cells of one layer and resolution that have a value.

/// H3 index to value (whole for presence and cases, three decimals for risk), by index. A picture changes some thousand
/// of them at once, so they lie side by side and are written anew in one pass.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cells(Vec<(u64, f64)>);

/// Cells with their new values; None: no value any more.
pub type CellChanges = Vec<(u64, Option<f64>)>;

impl Cells {
    pub fn get(&self, cell: u64) -> Option<f64> {
        let place = self.0.binary_search_by_key(&cell, |(cell, _)| *cell).ok()?;
        Some(self.0[place].1)
    }

    pub fn iter(&self) -> impl Iterator<Item = (u64, f64)> + '_ {
        self.0.iter().copied()
    }

    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same cells with changes worked in. Of several changes of a cell the last holds.
    #[must_use]
    pub fn changed(&self, mut changes: CellChanges) -> Self {
        changes.sort_by_key(|(cell, _)| *cell);
        let mut fresh = Vec::with_capacity(self.0.len() + changes.len());
        let mut held = self.0.as_slice();
        for (n, (cell, value)) in changes.iter().enumerate() {
            if changes.get(n + 1).is_some_and(|(next, _)| next == cell) {
                continue;
            }
            let before = held.iter().take_while(|(other, _)| other < cell).count();
            fresh.extend_from_slice(&held[..before]);
            held = &held[before..];
            held = held.split_first().filter(|(first, _)| first.0 == *cell).map_or(held, |(_, rest)| rest);
            fresh.extend(value.map(|value| (*cell, value)));
        }
        fresh.extend_from_slice(held);
        Self(fresh)
    }
}

impl FromIterator<(u64, f64)> for Cells {
    fn from_iter<I: IntoIterator<Item = (u64, f64)>>(cells: I) -> Self {
        Self::default().changed(cells.into_iter().map(|(cell, value)| (cell, Some(value))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn changes_in_any_order_give_what_a_map_would_hold() {
        let (mut cells, mut map) = (Cells::default(), BTreeMap::new());
        for turn in 0..200_u64 {
            let change = |n: u64| {
                let cell = (turn * 31 + n * 17) % 97;
                (cell, (!n.is_multiple_of(3)).then_some(f64::from(u8::try_from(n).unwrap())))
            };
            let changes: Vec<_> = (0..turn % 40).map(change).collect();
            for (cell, value) in &changes {
                match value {
                    Some(value) => map.insert(*cell, *value),
                    None => map.remove(cell),
                };
            }
            cells = cells.changed(changes);
            assert!(cells.iter().eq(map.iter().map(|(cell, value)| (*cell, *value))));
            assert!((0..97).all(|cell| cells.get(cell) == map.get(&cell).copied()));
        }
        assert!(!cells.is_empty());
    }
}
