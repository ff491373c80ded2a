//! What came late to a half-day that is written, in parts: who reads at a moment shares them, and only the part that
//! changes meanwhile is copied.

use super::row::Code;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Parts: of 200,000 late rows, which is about as many as there can be, one holds some thousand.
const PARTS: usize = 128;

/// (person, start, venue, code) or (venue, start, person, code); starts are in seconds from the begin of the half-day.
pub(super) type LateKey = (u32, u16, u32, Code);

/// Late rows by person or by venue, with their lengths.
#[derive(Clone, Debug, Default)]
pub(super) struct Late {
    /// By the remainder of the person or venue; none before the first row.
    parts: Vec<Arc<BTreeMap<LateKey, u16>>>,
    len: usize,
}

impl Late {
    pub fn len(&self) -> usize {
        self.len
    }

    /// The length of a row.
    pub fn get(&self, key: &LateKey) -> Option<u16> {
        self.parts.get(part(key.0))?.get(key).copied()
    }

    /// Puts a row in; gives the length it had.
    pub fn insert(&mut self, key: LateKey, length: u16) -> Option<u16> {
        self.parts.resize_with(PARTS, Arc::default);
        let before = Arc::make_mut(&mut self.parts[part(key.0)]).insert(key, length);
        self.len += usize::from(before.is_none());
        before
    }

    /// Takes a row out.
    pub fn remove(&mut self, key: &LateKey) {
        if let Some(part) = self.parts.get_mut(part(key.0))
            && Arc::make_mut(part).remove(key).is_some()
        {
            self.len -= 1;
        }
    }

    /// The rows of a person or a venue that begin at `first` or later, by start.
    pub fn of(&self, owner: u32, first: u16) -> impl Iterator<Item = (&LateKey, u16)> {
        let lowest = Code::of_bits(0);
        let range = (owner, first, 0, lowest)..(owner + 1, 0, 0, lowest);
        let rows = self.parts.get(part(owner)).map(|part| part.range(range));
        rows.into_iter().flatten().map(|(key, length)| (key, *length))
    }

    /// All rows, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&LateKey, u16)> {
        self.parts.iter().flat_map(|part| part.iter()).map(|(key, length)| (key, *length))
    }

    /// People or venues that have rows are below this number.
    pub fn owners(&self) -> u32 {
        let last = self.parts.iter().filter_map(|part| part.last_key_value());
        last.map(|((owner, ..), _)| owner + 1).max().unwrap_or(0)
    }
}

fn part(owner: u32) -> usize {
    owner as usize % PARTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_shares_late_rows_keeps_them_and_one_part_is_copied() {
        let code = Code::of_bits(0);
        let mut late = Late::default();
        assert_eq!((late.len(), late.owners(), late.of(7, 0).count()), (0, 0, 0));
        (0..1_000).for_each(|owner| assert_eq!(late.insert((owner, 5, 9, code), 60), None));
        let shared = late.clone();
        assert_eq!(late.insert((7, 5, 9, code), 90), Some(60));
        late.insert((7, 3, 9, code), 30);
        late.remove(&(8, 5, 9, code));
        late.remove(&(8, 5, 9, code));
        let starts =
            |late: &Late, first| late.of(7, first).map(|(key, length)| (key.1, length)).collect::<Vec<_>>();
        assert_eq!((starts(&late, 0), starts(&late, 4)), (vec![(3, 30), (5, 90)], vec![(5, 90)]));
        assert_eq!((starts(&shared, 0), shared.get(&(8, 5, 9, code))), (vec![(5, 60)], Some(60)));
        assert_eq!(
            (late.len(), late.iter().count(), shared.len(), late.owners()),
            (1_000, 1_000, 1_000, 1_000)
        );
        let copied = late.parts.iter().zip(&shared.parts).filter(|(a, b)| !Arc::ptr_eq(a, b)).count();
        assert_eq!(copied, 2, "those of 7 and of 8");
    }
}
