//! Chance as a function: every draw is a hash of the seed and of what is drawn for.
//!
//! A stream of a cipher would have to be kept, or begun anew, for each person and day; a mixed counter costs a
//! nanosecond and needs no order, so that a person's day is the same whoever asks for it and how often.

/// The odd number nearest 2^64 divided by the golden ratio: consecutive multiples spread evenly.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// What is drawn for; keeps the draws of one person for different ends apart.
#[derive(Clone, Copy, Debug)]
pub(super) enum Topic {
    Birth = 1,
    Work,
    Day,
    Scan,
    Name,
    Dose,
    Breach,
    Shift,
    District,
    Place,
    Illness,
    Infect,
    Trace,
    Seed,
    Declare,
    Calibrate,
}

/// A row of draws.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dice(u64);

/// A bijection of 64 bits in which each input bit turns over about half of the output (`SplitMix64`'s finish).
const fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

/// The key of a topic and a subject under a seed.
pub(super) const fn key(seed: u64, topic: Topic, subject: u64) -> u64 {
    mix(mix(seed.wrapping_add((topic as u64).wrapping_mul(GOLDEN))) ^ subject.wrapping_mul(GOLDEN))
}

impl Dice {
    /// The draws for one subject under a key.
    pub(super) const fn of(key: u64, subject: u64) -> Self {
        Self(mix(key ^ subject.wrapping_mul(GOLDEN)))
    }

    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// A number in 0..n; 0 where n is 0.
    pub(super) fn below(&mut self, n: u32) -> u32 {
        ((u64::from(n) * (self.next() >> 32)) >> 32) as u32
    }

    /// A number in low..=high.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + i64::from(self.below((high - low + 1) as u32))
    }

    /// True in so many of a thousand draws.
    pub(super) fn permille(&mut self, share: u32) -> bool {
        self.below(1_000) < share
    }

    /// True in so many of a million draws.
    pub(super) fn per_million(&mut self, share: u32) -> bool {
        self.below(1_000_000) < share
    }

    /// One of a few.
    pub(super) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len() as u32) as usize]
    }

    /// An index, each as likely as its weight says.
    pub(super) fn weighted(&mut self, weights: &[u32]) -> usize {
        let mut left = self.below(weights.iter().sum());
        for (index, weight) in weights.iter().enumerate() {
            if left < *weight {
                return index;
            }
            left -= weight;
        }
        0
    }

    /// A number in [0, 1).
    pub(super) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}
