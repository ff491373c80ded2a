//! From a name's hash to its number.
//!
//! Open addressing in slots of 32 bits: 27 of number + 1 and 5 of hash; 0 is an empty slot. The names themselves are kept
//! by whoever asks. It grows by an eighth, bit by bit, so that no call is long: the larger table is emptied, a stretch
//! with each name, before it is used (memory that was never touched costs most at the first touch, and names touch all of
//! it at once); then it is filled, while the one before it is still read.

/// Slots of the table, of the one before it and of the next.
#[derive(Debug, Default)]
pub(crate) struct Index {
    slots: Vec<u32>,
    len: usize,
    before: Vec<u32>,
    /// So many slots of the one before are moved.
    moved: usize,
    /// The larger one, as far as it is emptied.
    next: Vec<u32>,
}

const TAG: u32 = 27;
/// Numbers must be less.
pub(crate) const NUMBERS_MAX: u32 = (1 << TAG) - 2;
/// Slots moved with each number put in: the two tables are seldom both there.
const MOVED_AT_ONCE: usize = 64;
/// Slots of the next table emptied with each number put in.
const EMPTIED_AT_ONCE: usize = 4_096;
const SLOTS_MIN: usize = 64;

fn tag_of(hash: u64) -> u32 {
    u32::try_from(hash & 31).unwrap_or_default()
}

fn number_in(slot: u32) -> u32 {
    (slot & ((1 << TAG) - 1)).wrapping_sub(1)
}

/// The numbers with a hash's tag, from where the hash belongs to the first slot that is empty.
fn run(slots: &[u32], hash: u64) -> impl Iterator<Item = u32> + '_ {
    let mut place = place(slots.len(), hash);
    let slots = std::iter::from_fn(move || {
        let slot = *slots.get(place)?;
        place = if place + 1 == slots.len() { 0 } else { place + 1 };
        (slot != 0).then_some(slot)
    });
    slots.filter(move |slot| slot >> TAG == tag_of(hash)).map(number_in)
}

fn place(slots: usize, hash: u64) -> usize {
    usize::try_from(((hash >> 32) * slots as u64) >> 32).unwrap_or_default()
}

fn put(slots: &mut [u32], number: u32, hash: u64) {
    let mut place = place(slots.len(), hash);
    while slots[place] != 0 {
        place = if place + 1 == slots.len() { 0 } else { place + 1 };
    }
    slots[place] = tag_of(hash) << TAG | (number + 1);
}

impl Index {
    /// The slot where a search for a hash begins: reading it fetches what the search will read.
    pub fn first_slot(&self, hash: u64) -> u32 {
        self.slots.get(place(self.slots.len(), hash)).copied().unwrap_or_default()
    }

    /// The number that probably belongs to a hash: the first with its tag.
    pub fn guess(&self, hash: u64) -> Option<u32> {
        run(&self.slots, hash).next()
    }

    /// The number of a name with this hash; `is_it` compares the name of a number.
    pub fn find(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        run(&self.slots, hash).chain(run(&self.before, hash)).find(|number| is_it(*number))
    }

    /// Puts in a number that is not there yet; `hash_of` gives the hash of one that is.
    pub fn insert(&mut self, number: u32, hash: u64, hash_of: impl Fn(u32) -> u64) {
        // Hardly more than seven of eight slots are taken, so that a search ends soon.
        if (self.len + 1) * 8 > self.slots.len() * 7 {
            self.grow();
        }
        put(&mut self.slots, number, hash);
        self.len += 1;
        self.move_some(hash_of);
    }

    /// Empties some of the next table; whole, it takes the place of this one.
    fn grow(&mut self) {
        let larger = (self.slots.len() + self.slots.len() / 8).max(SLOTS_MIN);
        if self.next.is_empty() {
            self.next.reserve_exact(larger);
        }
        self.next.resize(larger.min(self.next.len() + EMPTIED_AT_ONCE), 0);
        if self.next.len() == larger {
            self.before = std::mem::replace(&mut self.slots, std::mem::take(&mut self.next));
            self.moved = 0;
        }
    }

    /// Moves the next slots of the table before. Their names lie anywhere in memory: all are read before the first is
    /// put, so that the delays overlap.
    fn move_some(&mut self, hash_of: impl Fn(u32) -> u64) {
        if self.before.is_empty() {
            return;
        }
        let to = self.before.len().min(self.moved + MOVED_AT_ONCE);
        let mut moving = [(0, 0); MOVED_AT_ONCE];
        let mut count = 0;
        for slot in self.before[self.moved..to].iter().filter(|slot| **slot != 0) {
            let number = number_in(*slot);
            moving[count] = (number, hash_of(number));
            count += 1;
        }
        for (number, hash) in &moving[..count] {
            put(&mut self.slots, *number, *hash);
        }
        self.moved = to;
        if to == self.before.len() {
            (self.before, self.moved) = (Vec::new(), 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash_of(number: u32) -> u64 {
        u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }

    #[test]
    fn all_numbers_are_found_while_it_grows_and_no_call_empties_much() {
        let mut index = Index::default();
        for number in 0..200_000 {
            let (emptied, slots) = (index.next.len(), index.slots.len());
            index.insert(number, hash_of(number), hash_of);
            let more = if index.slots.len() > slots { index.slots.len() } else { index.next.len() } - emptied;
            assert!(more <= EMPTIED_AT_ONCE, "{more} slots were emptied for number {number}");
            assert!(index.slots.len() > index.len, "a slot is free");
            for known in [0, number / 2, number] {
                assert_eq!(index.find(hash_of(known), |found| found == known), Some(known));
            }
        }
        let all =
            (0..200_000).filter(|number| index.find(hash_of(*number), |found| found == *number).is_some());
        assert_eq!(all.count(), 200_000);
        assert_eq!(index.find(hash_of(200_000), |found| found == 200_000), None);
    }
}
