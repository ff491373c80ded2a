//! How many things a second, over the last ten whole seconds.

/// Seconds that are looked back.
const WINDOW_S: i64 = 10;
const SLOTS: usize = 11;

/// A count for each of the last seconds.
#[derive(Clone, Debug, Default)]
pub struct Rate {
    /// (second, count), by second modulo the slots.
    slots: [(i64, u64); SLOTS],
    /// The first second of all that had some.
    first: Option<i64>,
}

impl Rate {
    /// So many happened at this moment.
    pub fn add(&mut self, now_ms: i64, count: u64) {
        let second = now_ms.div_euclid(1_000);
        self.first.get_or_insert(second);
        let slot = &mut self.slots[usize::try_from(second.rem_euclid(11)).unwrap_or_default()];
        if slot.0 != second {
            *slot = (second, 0);
        }
        slot.1 += count;
    }

    /// Mean of the last whole seconds, fewer at the beginning; the one that has begun does not count.
    #[expect(clippy::cast_precision_loss, reason = "counts of ten seconds are far below 2^53")]
    pub fn per_second(&self, now_ms: i64) -> f64 {
        let second = now_ms.div_euclid(1_000);
        let seen = self.slots.iter().filter(|(at, _)| *at < second && *at >= second - WINDOW_S);
        let seconds = self.first.map_or(WINDOW_S, |first| (second - first).clamp(1, WINDOW_S));
        seen.map(|(_, count)| count).sum::<u64>() as f64 / seconds as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_the_mean_of_ten_whole_seconds() {
        let mut rate = Rate::default();
        for second in 0..30 {
            rate.add(second * 1_000 + 500, 7);
            assert!(second == 0 || (rate.per_second(second * 1_000 + 900) - 7.0).abs() < 1e-9);
        }
        assert!((rate.per_second(30_000) - 7.0).abs() < 1e-9);
        assert!((rate.per_second(35_000) - 3.5).abs() < 1e-9);
        assert!(rate.per_second(60_000) == 0.0);
    }
}
