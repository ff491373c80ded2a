//! Names to small numbers and back. The numbers are handed out on arrival, so they never reach the picture.

use crate::index::Index;
use rustc_hash::FxBuildHasher;
use std::hash::BuildHasher;
use std::hint::black_box;

/// An interner of venue ids: one text of all names, and an index of them.
#[derive(Debug, Default)]
pub(crate) struct Names {
    text: String,
    /// Where each name ends.
    ends: Vec<u32>,
    index: Index,
}

fn hash(name: &str) -> u64 {
    FxBuildHasher.hash_one(name)
}

fn slice<'a>(text: &'a str, ends: &[u32], number: u32) -> &'a str {
    let number = number as usize;
    let begin = number.checked_sub(1).map_or(0, |before| ends[before] as usize);
    &text[begin..ends[number] as usize]
}

impl Names {
    /// The number of a name, a new one where it was never heard.
    pub fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.known(name) {
            return number;
        }
        // 2^32 bytes of names are 67 million of the longest.
        let number = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        self.text.push_str(name);
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        let Self { text, ends, index } = self;
        index.insert(number, hash(name), |number| hash(slice(text, ends, number)));
        number
    }

    /// The number of a name heard before.
    pub fn known(&self, name: &str) -> Option<u32> {
        self.index.find(hash(name), |number| self.name(number) == name)
    }

    /// The numbers of many names, where they were heard before: each step for all of them before the next, so that the
    /// memory's delays overlap.
    pub fn look_up<'a>(&self, names: impl Iterator<Item = &'a str> + Clone) -> Vec<Option<u32>> {
        let mut hashes: Vec<u64> = Vec::with_capacity(names.size_hint().1.unwrap_or_default());
        hashes.extend(names.clone().map(hash));
        let slots = hashes.iter().map(|hash| self.index.first_slot(*hash));
        black_box(slots.fold(0, |all, slot| all ^ slot));
        let guesses = hashes.iter().filter_map(|hash| self.index.guess(*hash));
        let ends = guesses.map(|number| self.ends[number as usize]);
        black_box(ends.fold(0, |all, end| all ^ end));
        let find = |(name, hash): (&str, u64)| self.index.find(hash, |number| self.name(number) == name);
        let mut found = Vec::with_capacity(hashes.len());
        found.extend(names.zip(hashes).map(find));
        found
    }

    pub fn name(&self, number: u32) -> &str {
        slice(&self.text, &self.ends, number)
    }

    /// Numbers in the order of their names' bytes.
    pub fn sorted(&self) -> Vec<u32> {
        let mut numbers: Vec<u32> = (0..).take(self.ends.len()).collect();
        numbers.sort_unstable_by(|a, b| self.name(*a).cmp(self.name(*b)));
        numbers
    }
}
