//! When the next picture is due: at most four a second, at least one, and never most of the time.

use std::time::{Duration, Instant};

const INTERVAL_MIN: Duration = Duration::from_millis(250);
const INTERVAL_MAX: Duration = Duration::from_secs(1);
/// A picture that took long is followed by so many times its cost of other work.
const REST_FACTOR: u32 = 4;

/// The moment of the next picture.
#[derive(Debug)]
pub struct Pace {
    due: Instant,
}

impl Pace {
    pub fn new(now: Instant) -> Self {
        Self { due: now }
    }

    pub fn due(&self) -> Instant {
        self.due
    }

    /// A picture is out; it took so long.
    pub fn published(&mut self, now: Instant, cost: Duration) {
        self.due = now + (cost * REST_FACTOR).clamp(INTERVAL_MIN, INTERVAL_MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cheap_picture_is_followed_in_a_quarter_second_and_a_dear_one_in_a_second() {
        let now = Instant::now();
        let mut pace = Pace::new(now);
        assert_eq!(pace.due(), now);
        pace.published(now, Duration::from_millis(1));
        assert_eq!(pace.due() - now, INTERVAL_MIN);
        pace.published(now, Duration::from_secs(3));
        assert_eq!(pace.due() - now, INTERVAL_MAX);
    }
}
