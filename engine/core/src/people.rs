//! People: pseudonyms to small numbers and back, and where each one's newest row is.
//!
//! The gateway's pseudonyms are 16 characters of a 64-letter alphabet: 96 bits. A record is those and the head of the
//! person's chain of rows, 16 bytes; the index adds some five. Any other token is kept as text beside them.
//! Numbers are handed out on arrival, so they never reach the picture.

use crate::index::{Index, NUMBERS_MAX};
use std::collections::BTreeMap;
use std::sync::Arc;

/// People known at most: a number shares 32 bits with a row's code too.
const PEOPLE_MAX: u32 = NUMBERS_MAX;
/// The end of a chain.
pub(crate) const NONE: u32 = u32::MAX;

const PAGE: usize = 4_096;
/// People of one block of names.
pub(crate) const PEOPLE_OF_BLOCK: u32 = 4_096;
/// Of a token that is no usual pseudonym.
const ODD: [u32; 3] = [u32::MAX; 3];

/// In the order of their bytes, so that names compare as their bits do.
const LETTERS: &[u8; 64] = b"-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
const VALUES: [u8; 256] = {
    let mut values = [255; 256];
    let mut n = 0;
    while n < 64 {
        values[LETTERS[n as usize] as usize] = n;
        n += 1;
    }
    values
};

#[derive(Clone, Copy, Debug)]
struct Record {
    name: [u32; 3],
    head: u32,
}

/// The pseudonyms of [`PEOPLE_OF_BLOCK`] people whose numbers follow each other.
#[derive(Debug, Default)]
pub(crate) struct NameBlock {
    names: Vec<[u32; 3]>,
    /// By place in the block: those that are no usual pseudonyms.
    odd: BTreeMap<u32, Box<str>>,
}

impl NameBlock {
    pub fn len(&self) -> u32 {
        u32::try_from(self.names.len()).unwrap_or(u32::MAX)
    }

    /// Appends the pseudonym at a place.
    pub fn write(&self, place: u32, text: &mut Vec<u8>) {
        match self.names.get(place as usize) {
            Some(&ODD) => text.extend(self.odd.get(&place).map_or(&[][..], |name| name.as_bytes())),
            Some(name) => text.extend(letters(*name)),
            None => {}
        }
    }
}

/// Numbers by name of the people in blocks, for who has the blocks only.
#[derive(Debug, Default)]
pub(crate) struct BlockIndex {
    index: Index,
    odd: BTreeMap<Box<str>, u32>,
    /// Numbers below are in it.
    len: u32,
}

impl BlockIndex {
    /// Puts in whom it does not hold yet. Numbers keep their names, so that it serves every later list of blocks too.
    pub fn take_in(&mut self, blocks: &[Arc<NameBlock>]) {
        let packed = |number: u32| -> [u32; 3] {
            let block = blocks.get((number / PEOPLE_OF_BLOCK) as usize);
            block
                .and_then(|block| block.names.get((number % PEOPLE_OF_BLOCK) as usize))
                .copied()
                .unwrap_or(ODD)
        };
        let Some(last) = blocks.last() else { return };
        let before = u32::try_from(blocks.len() - 1).unwrap_or(u32::MAX);
        let all = before * PEOPLE_OF_BLOCK + last.len();
        for number in self.len..all {
            let name = packed(number);
            if name != ODD {
                self.index.insert(number, hash(name), |number| hash(packed(number)));
            } else if let Some(name) =
                blocks[(number / PEOPLE_OF_BLOCK) as usize].odd.get(&(number % PEOPLE_OF_BLOCK))
            {
                self.odd.insert(name.clone(), number);
            }
        }
        self.len = self.len.max(all);
    }

    /// The number of a name that the blocks hold.
    pub fn find(&self, blocks: &[Arc<NameBlock>], name: &str) -> Option<u32> {
        let block = |number: u32| blocks.get((number / PEOPLE_OF_BLOCK) as usize);
        let place = |number: u32| (number % PEOPLE_OF_BLOCK) as usize;
        let Some(packed) = pack(name) else {
            let number = self.odd.get(name).copied()?;
            return block(number).is_some_and(|block| place(number) < block.names.len()).then_some(number);
        };
        let is_it =
            |number: u32| block(number).is_some_and(|block| block.names.get(place(number)) == Some(&packed));
        self.index.find(hash(packed), is_it)
    }
}

/// All people known.
#[derive(Debug, Default)]
pub(crate) struct People {
    pages: Vec<Vec<Record>>,
    len: u32,
    index: Index,
    odd: BTreeMap<Box<str>, u32>,
    odd_names: BTreeMap<u32, Box<str>>,
}

/// The 96 bits of a usual pseudonym.
fn pack(name: &str) -> Option<[u32; 3]> {
    let bytes: &[u8; 16] = name.as_bytes().try_into().ok()?;
    let (mut high, mut low) = (0_u64, 0_u64);
    let mut worst = 0;
    for (n, byte) in bytes.iter().enumerate() {
        let value = VALUES[usize::from(*byte)];
        worst |= value;
        if n < 8 { high = high << 6 | u64::from(value) } else { low = low << 6 | u64::from(value) }
    }
    let all = u128::from(high) << 48 | u128::from(low);
    let word = |shift: u32| u32::try_from(all >> shift & 0xffff_ffff).unwrap_or_default();
    let name = [word(64), word(32), word(0)];
    // The one pseudonym whose bits mean "odd" is kept as text too.
    (worst < 64 && name != ODD).then_some(name)
}

fn unpack(name: [u32; 3]) -> Box<str> {
    letters(name).into_iter().map(char::from).collect()
}

fn letters(name: [u32; 3]) -> [u8; 16] {
    let [high, middle, low] = name.map(u64::from);
    // Two halves of eight letters, six bits each.
    let (first, second) = (high << 16 | middle >> 16, (middle & 0xffff) << 32 | low);
    std::array::from_fn(|n| {
        let (half, n) = if n < 8 { (first, n) } else { (second, n - 8) };
        LETTERS[usize::try_from(half >> (42 - 6 * n) & 63).unwrap_or(0)]
    })
}

fn hash(name: [u32; 3]) -> u64 {
    let first = (u64::from(name[0]) << 32 | u64::from(name[1])).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let all = (first ^ first >> 32 ^ u64::from(name[2])).wrapping_mul(0xd6e8_feb8_6659_fd93);
    all ^ all >> 29
}

impl People {
    /// The number of a name, a new one where it was never heard; None when [`PEOPLE_MAX`] are known.
    pub fn number(&mut self, name: &str) -> Option<u32> {
        if let Some(number) = self.known(name) {
            return Some(number);
        }
        let number = self.len;
        if number >= PEOPLE_MAX {
            return None;
        }
        if self.pages.last().is_none_or(|page| page.len() == PAGE) {
            self.pages.push(Vec::with_capacity(PAGE));
        }
        let packed = pack(name);
        let page = self.pages.last_mut()?;
        page.push(Record { name: packed.unwrap_or(ODD), head: NONE });
        self.len += 1;
        if let Some(packed) = packed {
            let Self { pages, index, .. } = self;
            let hash_of = |number: u32| hash(pages[number as usize / PAGE][number as usize % PAGE].name);
            index.insert(number, hash(packed), hash_of);
        } else {
            self.odd.insert(name.into(), number);
            self.odd_names.insert(number, name.into());
        }
        Some(number)
    }

    /// The number of a name heard before.
    pub fn known(&self, name: &str) -> Option<u32> {
        let Some(packed) = pack(name) else { return self.odd.get(name).copied() };
        self.find(packed, hash(packed))
    }

    /// The numbers of many names, where they were heard before: each step for all of them before the next, so that the
    /// memory's delays overlap.
    pub fn look_up<'a>(&self, names: impl Iterator<Item = &'a str>) -> Vec<Option<u32>> {
        let mut hashed: Vec<Option<([u32; 3], u64)>> =
            Vec::with_capacity(names.size_hint().1.unwrap_or_default());
        hashed.extend(names.map(|name| pack(name).map(|packed| (packed, hash(packed)))));
        let slots = hashed.iter().flatten().map(|(_, hash)| self.index.first_slot(*hash));
        std::hint::black_box(slots.fold(0, |all, slot| all ^ slot));
        let guesses: Vec<Option<u32>> =
            hashed.iter().map(|hashed| hashed.and_then(|(_, hash)| self.index.guess(hash))).collect();
        let look_up = |(hashed, guess): (&Option<([u32; 3], u64)>, Option<u32>)| {
            let (packed, hash) = (*hashed)?;
            guess.filter(|number| self.record(*number).name == packed).or_else(|| self.find(packed, hash))
        };
        hashed.iter().zip(guesses).map(look_up).collect()
    }

    pub fn len(&self) -> u32 {
        self.len
    }

    pub fn name(&self, number: u32) -> Box<str> {
        let name = self.record(number).name;
        if name == ODD { self.odd_names.get(&number).cloned().unwrap_or_default() } else { unpack(name) }
    }

    /// The newest row of a person that is not sealed, or [`NONE`].
    pub fn head(&self, number: u32) -> u32 {
        self.record(number).head
    }

    pub fn set_head(&mut self, number: u32, head: u32) {
        let number = number as usize;
        self.pages[number / PAGE][number % PAGE].head = head;
    }

    /// The names of the people of one block, as far as they are known.
    pub fn block(&self, block: u32) -> NameBlock {
        let first = block * PEOPLE_OF_BLOCK;
        let numbers = first..self.len.min(first + PEOPLE_OF_BLOCK);
        let odd = self.odd_names.range(numbers.clone()).map(|(number, name)| (number - first, name.clone()));
        NameBlock { odd: odd.collect(), names: numbers.map(|number| self.record(number).name).collect() }
    }

    /// Numbers in the order of their names' bytes.
    pub fn sorted(&self) -> Vec<u32> {
        let mut numbers: Vec<u32> = (0..self.len).collect();
        numbers.sort_by_cached_key(|number| self.name(*number));
        numbers
    }

    fn find(&self, packed: [u32; 3], hash: u64) -> Option<u32> {
        self.index.find(hash, |number| self.record(number).name == packed)
    }

    fn record(&self, number: u32) -> &Record {
        let number = number as usize;
        &self.pages[number / PAGE][number % PAGE]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_keeps_its_number_and_every_number_its_name() {
        let mut people = People::default();
        let names: Vec<String> = (0..50_000)
            .map(|n| if n % 3 == 0 { format!("odd-{n}") } else { format!("P_{n:014}") })
            .chain(["zzzzzzzzzzzzzzzz", "----------------"].map(Into::into))
            .collect();
        let numbers: Vec<u32> = names.iter().map(|name| people.number(name).unwrap()).collect();
        for (name, number) in names.iter().zip(&numbers) {
            assert_eq!(people.known(name), Some(*number));
            assert_eq!(people.number(name), Some(*number));
            assert_eq!(&*people.name(*number), name.as_str());
        }
        assert_eq!(people.len(), 50_002);
        assert_eq!(people.known("P_99999999999999"), None);
    }

    /// The histories of tests/exact have these names.
    #[test]
    fn names_of_one_hash_are_told_apart() {
        let names = ["kTq3_Zb8-Wm0xLsE", "OGdup5Sc78Je1kdu", "xlEOooRXbrMLXWAP"];
        let hashes = names.map(|name| hash(pack(name).unwrap()));
        assert!(hashes.iter().all(|hash| *hash == hashes[0]));
        let mut people = People::default();
        assert_eq!([people.number(names[0]), people.number(names[1])], [Some(0), Some(1)]);
        assert_eq!(people.look_up(names.into_iter()), [Some(0), Some(1), None]);
    }
}
