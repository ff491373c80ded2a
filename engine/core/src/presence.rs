//! People in an open visit: counted in when it begins, out in the second in which it is expected to end.

use crate::time::Time;
use crate::track::{VISIT_MAX_S, Visit};

/// Seconds ahead that an expected end can lie.
const RING: usize = 1 << 16;

/// What is due in the seconds to come, by venue.
#[derive(Debug)]
pub(crate) struct Presence {
    now: Time,
    ring: Vec<Vec<Due>>,
}

#[derive(Clone, Copy, Debug)]
struct Due {
    venue: u32,
    /// 1: somebody leaves; -1: one who was expected to leave then does not.
    leave: i8,
}

impl Default for Presence {
    fn default() -> Self {
        Self { now: Time(i64::MIN / 2), ring: vec![Vec::new(); RING] }
    }
}

fn place(at: Time) -> usize {
    usize::try_from(at.0.rem_euclid(1 << 16)).unwrap_or_default()
}

impl Presence {
    /// Time moves on; calls `changed` with a venue and how many more are there.
    pub fn advance(&mut self, now: Time, mut changed: impl FnMut(u32, i32)) {
        let first = self.now.max(now.plus(-VISIT_MAX_S - 1)).plus(1);
        for at in first.0..=now.0 {
            let due = &mut self.ring[place(Time(at))];
            for due in std::mem::take(due) {
                changed(due.venue, -i32::from(due.leave));
            }
        }
        self.now = self.now.max(now);
    }

    /// The visit of a person that no scan has closed was `before` and is `after`.
    pub fn change(&mut self, before: Option<Visit>, after: Option<Visit>, mut changed: impl FnMut(u32, i32)) {
        if before == after {
            return;
        }
        let is_present = |visit: &Visit| visit.start <= self.now && visit.end > self.now;
        let (before, after) = (before.filter(is_present), after.filter(is_present));
        for (visit, there) in [(before, -1), (after, 1)] {
            if let Some(visit) = visit {
                changed(visit.venue, there);
                let leave = if there == 1 { 1 } else { -1 };
                self.ring[place(visit.end)].push(Due { venue: visit.venue, leave });
            }
        }
    }
}
