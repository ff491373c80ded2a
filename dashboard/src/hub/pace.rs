//! When frames and the status go: at once after a quiet time, else a fixed time after those before.

use super::FRAME_MS_MIN;
use std::time::Duration;
use tokio::time::Instant;

/// Frames that went late let the next go sooner by so much at most, or lateness would add up.
const LATE_MS_MADE_UP_MAX: u64 = 25;
const APART: Duration = Duration::from_millis(FRAME_MS_MIN);
/// Between two times the status is told.
const STATUS_APART: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Pace {
    /// When the next frames should go at the soonest: so far after those before were wanted.
    wanted_next: Instant,
    /// When they may go at all: nearly so far after those before went.
    open: Instant,
    /// When the frames of a picture that waits are wanted.
    wanted: Option<Instant>,
    status_due: Instant,
}

impl Pace {
    pub fn new(now: Instant) -> Self {
        Self { wanted_next: now, open: now, wanted: None, status_due: now }
    }

    /// A picture waits.
    pub fn waits(&mut self, now: Instant) {
        self.wanted = Some(self.wanted_next.max(now));
    }

    /// When the frames of the picture that waits go.
    pub fn due(&self) -> Option<Instant> {
        self.wanted.map(|wanted| wanted.max(self.open))
    }

    /// They are made. The next are counted from when these were wanted: who was late once is not late for ever. Says how
    /// long ago frames could have gone, had there been any.
    pub fn gone(&mut self, now: Instant) -> Duration {
        let free = self.wanted_next.max(self.open);
        self.wanted_next = self.wanted.take().unwrap_or(now) + APART;
        self.open = now + APART - Duration::from_millis(LATE_MS_MADE_UP_MAX);
        now.saturating_duration_since(free)
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
        assert_eq!(pace.due(), Some(now + APART));
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
