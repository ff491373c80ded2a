//! In which steps simulated time is told: policy only, no clock.

use vonglau_core::time::{DAY, HOUR, Time};

/// Steps of the days that have case reports but no scans yet: nothing happens within an hour that matters.
const LEAD_STEP_S: i64 = HOUR;
/// Steps of the days that are caught up on; a tick falls on every full hour.
const BACKFILL_STEP_S: i64 = 300;
/// A step that holds more scans ends early.
const STEP_SCANS_MAX: f64 = 20_000.0;
/// Steps a real second in live running and at a rate: a tick each, and four a second are asked for.
const STEPS_PER_S: f64 = 5.0;
/// The last moment that an event can carry.
const LAST: Time = Time::END.plus(-1);

/// How simulated time relates to real time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// All days as fast as the gateway takes them, then the end.
    AsFastAsPossible,
    /// All days as fast as the gateway takes them, then on and on, so many simulated seconds to a real one.
    Speed(f64),
    /// So many scans a real second, whether or not answers come, until the days are over.
    Rate(f64),
}

impl Pace {
    /// How many scans make a step long enough.
    pub(super) fn step_scans(self) -> u64 {
        match self {
            Self::Rate(rate) => (rate / STEPS_PER_S).clamp(1.0, STEP_SCANS_MAX) as u64,
            Self::AsFastAsPossible | Self::Speed(_) => STEP_SCANS_MAX as u64,
        }
    }
}

/// The ends of the steps, in order.
#[derive(Clone, Debug)]
pub(super) struct Schedule {
    pub(super) at: Time,
    pub(super) scans_from: Time,
    /// The end of what is caught up on.
    pub(super) live_at: Time,
    /// None: there is no live running.
    pub(super) live_step_s: Option<i64>,
}

impl Schedule {
    /// `real_time` means that live running cannot be faster.
    pub(super) fn new(from: Time, scans_from: Time, live_at: Time, pace: Pace, real_time: bool) -> Self {
        let live_step_s = match pace {
            Pace::Speed(_) if real_time => Some(1),
            Pace::Speed(speed) => Some(((speed / STEPS_PER_S) as i64).clamp(1, DAY)),
            Pace::AsFastAsPossible | Pace::Rate(_) => None,
        };
        Self { at: from, scans_from: scans_from.min(live_at), live_at, live_step_s }
    }
}

impl Iterator for Schedule {
    type Item = Time;

    fn next(&mut self) -> Option<Time> {
        let (step, border) = if self.at < self.scans_from {
            (LEAD_STEP_S, self.scans_from)
        } else if self.at < self.live_at {
            (BACKFILL_STEP_S, self.live_at)
        } else {
            (self.live_step_s?, LAST)
        };
        let on_grid = Time((self.at.0.div_euclid(step) + 1) * step);
        self.at = on_grid.min(border);
        (self.at < LAST).then_some(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: Time = Time(1_634_000_100);

    #[test]
    fn steps_meet_every_full_hour_and_both_borders_and_end_where_nothing_is_live() {
        let (scans, live) = (FROM.plus(2 * DAY), FROM.plus(3 * DAY));
        let steps: Vec<Time> = Schedule::new(FROM, scans, live, Pace::AsFastAsPossible, false).collect();
        assert!(steps.windows(2).all(|pair| pair[0] < pair[1]), "strictly ascending");
        assert_eq!(steps.last(), Some(&live));
        assert!(steps.contains(&scans));
        let mut hours = (FROM.0 / HOUR + 1..=live.0 / HOUR).map(|hour| Time(hour * HOUR));
        assert!(hours.all(|hour| steps.contains(&hour)));
        let wide = steps.windows(2).filter(|pair| pair[0] >= scans).map(|pair| pair[1].0 - pair[0].0).max();
        assert_eq!(wide, Some(BACKFILL_STEP_S));
    }

    #[test]
    fn live_steps_are_a_fifth_of_a_real_second_and_go_on() {
        let mut steps = Schedule::new(FROM, FROM, FROM, Pace::Speed(60.0), false);
        let first = steps.next().map_or(0, |at| at.0);
        assert_eq!(steps.nth(9_999), Some(Time(first + 120_000)));
    }
}
