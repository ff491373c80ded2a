//! From a name's hash to its number.
//!
//! Open addressing in slots of 32 bits: 27 of number + 1 and 5 of hash; 0 is an empty slot. The names themselves are kept
//! by whoever asks. It grows by an eighth and moves bit by bit, so that no call is long; while the larger table is
//! filled, the one before it is still read.

/// Slots of the table, and of the one before it.
#[derive(Debug, Default)]
pub(crate) struct Index {
    slots: Vec<u32>,
    len: usize,
    before: Vec<u32>,
    /// So many slots of the one before are moved.
    moved: usize,
}

const TAG: u32 = 27;
/// Numbers must be less.
pub(crate) const NUMBERS_MAX: u32 = (1 << TAG) - 2;
/// Slots moved with each number put in: the two tables are seldom both there.
const MOVED_AT_ONCE: usize = 64;
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
        // At most seven of eight slots are taken, so that a search ends soon.
        if (self.len + 1) * 8 > self.slots.len() * 7 {
            let larger = (self.slots.len() + self.slots.len() / 8).max(SLOTS_MIN);
            self.before = std::mem::replace(&mut self.slots, vec![0; larger]);
            self.moved = 0;
        }
        put(&mut self.slots, number, hash);
        self.len += 1;
        self.move_some(hash_of);
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
