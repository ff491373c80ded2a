//! When frames and the status go: at once after a quiet time, else a fixed time after those before.

use super::{FRAME_LATE_MS_MAX, FRAME_MS_MIN};
use std::time::Duration;
use tokio::time::Instant;

const LATE_MAX: Duration = Duration::from_millis(FRAME_LATE_MS_MAX);
const APART: Duration = Duration::from_millis(FRAME_MS_MIN);
/// Between two times the status is told.
const STATUS_APART: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Pace {
    /// When the next frames should go: so far after those before should have gone.
    turn: Instant,
    /// When they may go at all: nearly so far after those before went.
    open: Instant,
    /// Since when a picture waits.
    waiting: Option<Instant>,
    status_due: Instant,
}

impl Pace {
    pub fn new(now: Instant) -> Self {
        Self { turn: now, open: now, waiting: None, status_due: now }
    }

    /// A picture waits.
    pub fn waits(&mut self, now: Instant) {
        self.waiting = Some(now);
    }

    /// When the frames of the picture that waits go: at their turn or a little sooner, so that those who were late once
    /// do not keep the punctual ones waiting for ever.
    pub fn due(&self) -> Option<Instant> {
        self.waiting.map(|since| since.max(self.turn - LATE_MAX).max(self.open))
    }

    /// They are made. The next are counted from when these should have gone: who was late once is not late for ever.
    /// Says how long these waited for their time.
    pub fn gone(&mut self, now: Instant) -> Duration {
        let (since, due) = (self.waiting.unwrap_or(now), self.due().unwrap_or(now));
        self.turn = self.turn.max(since) + APART;
        self.open = now + APART - LATE_MAX;
        self.waiting = None;
        due - since
    }

    pub const fn status_due(&self) -> Instant {
        self.status_due
    }

    /// Whether the status goes with the frames of now, as it is due before the next: one write less for each client.
    pub fn takes_status(&self, now: Instant) -> bool {
        self.status_due < now + APART
    }

    pub fn status_gone(&mut self, now: Instant) {
        self.status_due = (self.status_due + STATUS_APART).max(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn after_a_quiet_time_frames_go_at_once_and_then_so_far_apart() {
        let begin = Instant::now();
        let mut pace = Pace::new(begin);
        let now = begin + ms(9_000);
        pace.waits(now);
        assert_eq!(pace.due(), Some(now));
        pace.gone(now);
        pace.waits(now + ms(10));
        assert_eq!(pace.due(), Some(now + APART - LATE_MAX));
        assert_eq!(pace.gone(now + APART - LATE_MAX), ms(215));
        pace.waits(now + APART);
        assert_eq!(pace.due(), Some(now + APART * 2 - LATE_MAX));
    }

    #[test]
    fn one_late_picture_does_not_keep_the_punctual_ones_waiting() {
        let begin = Instant::now();
        let mut pace = Pace::new(begin);
        for (n, late) in [(0, ms(0)), (1, ms(20)), (2, ms(0)), (3, ms(5)), (4, ms(0))] {
            let now = begin + APART * n + late;
            pace.waits(now);
            assert_eq!(pace.due(), Some(now));
            assert_eq!(pace.gone(now), ms(0));
        }
    }

    #[test]
    fn frames_that_went_late_are_made_up_for_little_by_little() {
        let begin = Instant::now();
        let mut pace = Pace::new(begin);
        let mut now = begin;
        let mut late = Vec::new();
        for n in 0..6 {
            let wanted = begin + APART * n;
            pace.waits(wanted);
            now = pace.due().unwrap().max(now) + if n == 0 { ms(60) } else { ms(0) };
            late.push((now - wanted).as_millis());
            pace.gone(now);
        }
        assert_eq!(late, [60, 35, 10, 0, 0, 0]);
    }

    #[test]
    fn a_status_goes_with_the_last_frames_before_it_is_due_and_each_second_on_the_whole() {
        let begin = Instant::now();
        let mut pace = Pace::new(begin);
        let mut told = Vec::new();
        for n in 0..40 {
            let now = begin + APART * n;
            if pace.takes_status(now) {
                pace.status_gone(now);
                told.push(now);
            }
        }
        assert_eq!(told.len(), 10);
        assert!(told.windows(2).all(|two| two[1] - two[0] == STATUS_APART));
        assert!(pace.status_due() >= begin + ms(10_000), "without frames it goes when it is due");
    }
}
