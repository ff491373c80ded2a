//! People in an open visit: counted in when it begins, out in the second in which it is expected to end.
//!
//! What is due waits by minute, so that few lists are written to; those of the minute at hand wait by second.

use crate::time::{MINUTE, Time};
use crate::track::{VISIT_MAX_S, Visit};

/// Minutes ahead that an expected end can lie, and one on either side.
const MINUTES: usize = 1_094;

/// What is due in the time to come.
#[derive(Debug)]
pub(crate) struct Presence {
    now: Time,
    /// By second of the minute at hand.
    seconds: Vec<Vec<Due>>,
    /// By minute, as a ring.
    minutes: Vec<Vec<Due>>,
}

#[derive(Clone, Copy, Debug)]
struct Due {
    venue: u32,
    second: u8,
    /// 1: somebody leaves; -1: one who was expected to leave then does not.
    leave: i8,
}

impl Default for Presence {
    fn default() -> Self {
        Self { now: Time(i64::MIN / 2), seconds: vec![Vec::new(); 60], minutes: vec![Vec::new(); MINUTES] }
    }
}

fn minute(at: Time) -> i64 {
    at.0.div_euclid(MINUTE)
}

fn second(at: Time) -> u8 {
    at.0.rem_euclid(MINUTE).to_le_bytes()[0]
}

fn ring(minute: i64) -> usize {
    usize::try_from(minute).unwrap_or_default() % MINUTES
}

impl Presence {
    /// Until when it is worked out.
    pub const fn now(&self) -> Time {
        self.now
    }

    /// Time moves on; calls `changed` with a venue and how many more are there.
    pub fn advance(&mut self, now: Time, mut changed: impl FnMut(u32, i32)) {
        // Whatever is due is due within the longest visit.
        let first = minute(self.now).max(minute(now.plus(-VISIT_MAX_S)) - 1);
        for at_hand in first..=minute(now) {
            if at_hand > minute(self.now) {
                for due in std::mem::take(&mut self.minutes[ring(at_hand)]) {
                    self.seconds[usize::from(due.second)].push(due);
                }
            }
            let last = if at_hand == minute(now) { second(now) } else { 59 };
            for list in &mut self.seconds[..=usize::from(last)] {
                list.drain(..).for_each(|due| changed(due.venue, -i32::from(due.leave)));
            }
        }
        self.now = self.now.max(now);
    }

    /// The visit of a person that no scan has closed was `before` and is `after`.
    pub fn change(&mut self, before: Option<Visit>, after: Option<Visit>, mut changed: impl FnMut(u32, i32)) {
        if before == after {
            return;
        }
        let now = self.now;
        let is_present = |visit: &Visit| visit.start <= now && visit.end > now;
        for (visit, leave) in [(before, -1_i8), (after, 1)] {
            if let Some(visit) = visit.filter(is_present) {
                changed(visit.venue, i32::from(leave));
                let due = Due { venue: visit.venue, second: second(visit.end), leave };
                if minute(visit.end) == minute(now) {
                    self.seconds[usize::from(due.second)].push(due);
                } else {
                    self.minutes[ring(minute(visit.end))].push(due);
                }
            }
        }
    }
}
