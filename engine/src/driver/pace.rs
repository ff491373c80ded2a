//! When the next picture is due: at most four a second, at least one, and never most of the time; one a second while the
//! journal is read anew, so that this is soon over.

use std::time::{Duration, Instant};
use vonglau_dashboard::{FRAME_LATE_MS_MAX, FRAME_MS_MIN};

const INTERVAL_MIN: Duration = Duration::from_millis(FRAME_MS_MIN);
const INTERVAL_MAX: Duration = Duration::from_secs(1);
/// A picture that took long is followed by so many times its cost of other work.
const REST_FACTOR: u32 = 4;
/// Between the end of a picture and the begin of the next, at least: what frames keep between them, however late they
/// are. Sooner, each frame would wait for its turn.
const APART_MIN: Duration = Duration::from_millis(FRAME_MS_MIN - FRAME_LATE_MS_MAX);

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

    /// A picture that was begun then is out now.
    pub fn published(&mut self, began: Instant, now: Instant, is_live: bool) {
        let rest = ((now - began) * REST_FACTOR).clamp(APART_MIN, INTERVAL_MAX);
        let interval = if is_live { INTERVAL_MIN } else { INTERVAL_MAX };
        self.due = (began + interval).max(now + rest);
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
        pace.published(now, now + Duration::from_millis(3), true);
        assert_eq!(pace.due() - now, INTERVAL_MIN);
        let dear = Duration::from_secs(3);
        pace.published(now, now + dear, true);
        assert_eq!(pace.due() - now, dear + INTERVAL_MAX);
    }

    #[test]
    fn while_the_journal_is_read_anew_a_picture_a_second_is_made() {
        let now = Instant::now();
        let mut pace = Pace::new(now);
        pace.published(now, now + Duration::from_millis(3), false);
        assert_eq!(pace.due() - now, INTERVAL_MAX);
    }
}
