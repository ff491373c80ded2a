//! What is to be looked at again in a second yet to come.

use crate::time::Time;
use std::collections::BTreeMap;
use std::collections::btree_map::OccupiedEntry;

/// By second. What is set twice for one second may come twice.
#[derive(Debug)]
pub(crate) struct Timers<T> {
    by_second: BTreeMap<Time, Vec<T>>,
}

impl<T> Default for Timers<T> {
    fn default() -> Self {
        Self { by_second: BTreeMap::new() }
    }
}

impl<T: PartialEq> Timers<T> {
    pub fn set(&mut self, at: Time, what: T) {
        let all = self.by_second.entry(at).or_default();
        if all.last() != Some(&what) {
            all.push(what);
        }
    }

    /// The next second of those up to `now`, with all that was set for it.
    pub fn due(&mut self, now: Time) -> Option<Vec<T>> {
        self.by_second.first_entry().filter(|first| *first.key() <= now).map(OccupiedEntry::remove)
    }
}
