//! A set of small numbers that readers of moments share.

use std::sync::Arc;

/// Numbers of one word.
const WORD: u32 = u64::BITS;

/// A bit a number. A clone shares them; what changes while one is held is copied then, an eighth of a byte a number.
#[derive(Clone, Debug, Default)]
pub(crate) struct NumberSet(Arc<Vec<u64>>);

impl NumberSet {
    pub fn contains(&self, number: u32) -> bool {
        self.0.get((number / WORD) as usize).is_some_and(|word| word >> (number % WORD) & 1 == 1)
    }

    /// Puts a number in or takes it out.
    pub fn set(&mut self, number: u32, is_in: bool) {
        if self.contains(number) == is_in {
            return;
        }
        let (place, bit) = ((number / WORD) as usize, 1 << (number % WORD));
        let words = Arc::make_mut(&mut self.0);
        if words.len() <= place {
            words.resize(place + 1, 0);
        }
        words[place] ^= bit;
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        let words = (0..).step_by(WORD as usize).zip(self.0.iter());
        words.flat_map(|(first, word)| {
            (0..WORD).filter(move |bit| word >> bit & 1 == 1).map(move |bit| first + bit)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_stays_as_it_was() {
        let mut set = NumberSet::default();
        set.set(3, true);
        set.set(200, true);
        let held = set.clone();
        set.set(3, false);
        set.set(64, true);
        set.set(1_000, false);
        assert_eq!(held.iter().collect::<Vec<_>>(), [3, 200]);
        assert_eq!(set.iter().collect::<Vec<_>>(), [64, 200]);
        assert!(set.contains(64) && !set.contains(3) && !set.contains(1_000));
    }
}
