//! Numbers by name for who has registers only. It is shared by all that read at moments, and brought up to date by the
//! first of them that looks for a name; the engine's thread never touches it.
#![expect(clippy::disallowed_types, reason = "readers of moments share it, not the core")]

use crate::moment::VenueFacts;
use crate::people::{BlockIndex, NameBlock};
use rustc_hash::FxHashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// People and venues by name.
#[derive(Debug, Default)]
pub(crate) struct ByName {
    people: Mutex<BlockIndex>,
    venues: Mutex<FxHashMap<Box<str>, u32>>,
}

impl ByName {
    /// The number of each of some pseudonyms that the blocks hold.
    pub fn people<'a>(
        &self,
        blocks: &[Arc<NameBlock>],
        names: impl Iterator<Item = &'a str>,
    ) -> Vec<Option<u32>> {
        let mut index = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        index.take_in(blocks);
        names.map(|name| index.find(blocks, name)).collect()
    }

    /// The number of each of some ids, of venues whose numbers are less than `known`.
    pub fn venues<'a, 'v>(
        &self,
        known: u32,
        facts: impl Fn(u32) -> Option<&'v VenueFacts>,
        ids: impl Iterator<Item = &'a str>,
    ) -> Vec<Option<u32>> {
        let mut index = self.venues.lock().unwrap_or_else(PoisonError::into_inner);
        // A number keeps its id, so that this serves every later register too.
        let held = u32::try_from(index.len()).unwrap_or(u32::MAX);
        index.extend((held..known).filter_map(|n| Some((facts(n)?.id.clone(), n))));
        ids.map(|id| index.get(id).copied().filter(|n| *n < known)).collect()
    }
}
