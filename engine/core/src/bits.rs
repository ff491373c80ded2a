//! A set of small numbers, a bit each.

/// Grows to the greatest number put in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bits(Vec<u64>);

impl Bits {
    pub fn holds(&self, n: u32) -> bool {
        self.0.get(n as usize / 64).is_some_and(|word| word >> (n % 64) & 1 == 1)
    }

    /// How many of the same 64 numbers are in the set and less than this one.
    pub fn below(&self, n: u32) -> u32 {
        self.0.get(n as usize / 64).map_or(0, |word| (word & !(u64::MAX << (n % 64))).count_ones())
    }

    pub fn set(&mut self, n: u32, is_in: bool) {
        let word = n as usize / 64;
        if word >= self.0.len() {
            if !is_in {
                return;
            }
            self.0.resize(word + 1, 0);
        }
        if is_in {
            self.0[word] |= 1 << (n % 64);
        } else {
            self.0[word] &= !(1 << (n % 64));
        }
    }

    /// The least number of at least `from` in the set.
    pub fn next(&self, from: u32) -> Option<u32> {
        let mut word = from as usize / 64;
        let mut bits = self.0.get(word)? & (u64::MAX << (from % 64));
        while bits == 0 {
            word += 1;
            bits = *self.0.get(word)?;
        }
        u32::try_from(word * 64).ok().map(|first| first + bits.trailing_zeros())
    }
}
