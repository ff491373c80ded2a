//! What one person does on one day: a function of seed, person and day (its habits are in `habits.rs`).

use super::{
    calendar::{day_of, start_of, weekday},
    dice::{Topic, key},
    town::Town,
};
use vonglau_core::time::Day;

/// Visits of one day that a plan has room for; what would be more is not done.
const VISITS_MAX: usize = 8;

/// A stay at a venue in seconds since local midnight; `start` and `end` are equal at a checkpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Visit {
    pub(super) venue: u32,
    pub(super) start: i64,
    /// Where nobody scans the out: when the gateway will take the visit to have ended.
    pub(super) end: i64,
    pub(super) has_out: bool,
}

/// The visits of one person on one day, in order, never overlapping.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Plan {
    pub(super) visits: [Visit; VISITS_MAX],
    pub(super) len: usize,
}

impl Plan {
    pub(super) fn visits(&self) -> &[Visit] {
        &self.visits[..self.len]
    }

    /// Until when somebody is busy.
    pub(super) fn busy_until(&self) -> i64 {
        self.visits().last().map_or(0, |visit| visit.end)
    }

    pub(super) fn add(&mut self, venue: u32, start: i64, seconds: i64) {
        if self.len < VISITS_MAX && start >= self.busy_until() {
            self.visits[self.len] = Visit { venue, start, end: start + seconds, has_out: true };
            self.len += 1;
        }
    }
}

/// What a day is to everybody.
#[derive(Clone, Copy, Debug)]
pub(super) struct Today {
    pub(super) day: Day,
    /// Local midnight, seconds since 1970.
    pub(super) start: i64,
    /// Monday 0 … Sunday 6.
    weekday: u32,
    /// Of the day's draws.
    pub(super) key: u64,
}

impl Today {
    pub(super) fn new(seed: u64, day: Day) -> Self {
        let key = key(seed, Topic::Day, u64::from(day.0 as u32));
        Self { day, start: start_of(day), weekday: weekday(day), key }
    }

    /// The simulated day that a moment lies in.
    pub(super) fn at(seed: u64, at: i64) -> Self {
        Self::new(seed, day_of(at))
    }

    /// 0 on a workday, 1 on Saturday, 2 on Sunday.
    pub(super) const fn rest(&self) -> usize {
        self.weekday.saturating_sub(4) as usize
    }
}

/// Thousandths by which all habits are to be scaled for people to scan so often a day, over the days of a week.
/// Habits cannot exceed certainty: past about 8 scans a day more zeal changes nothing.
pub(super) fn zeal(town: &mut Town, scans_per_person_day: f64) -> u32 {
    const SAMPLE: u32 = 2_000;
    const ZEAL_MAX: u32 = 4_000;
    let people = SAMPLE.min(town.len());
    let wanted = scans_per_person_day * f64::from(people * 7);
    let (mut low, mut high) = (0, ZEAL_MAX);
    while high - low > 4 {
        town.zeal_permille = u32::midpoint(low, high);
        let mut scans = 0;
        for day in 0..7 {
            let today = Today::new(key(town.seed, Topic::Calibrate, 0), Day(day + 4));
            for index in 0..people {
                let person = u64::from(town.len()) * u64::from(index) / u64::from(people);
                scans += town
                    .plan(person as u32, &today)
                    .visits()
                    .iter()
                    .map(|v| 1 + u32::from(v.has_out))
                    .sum::<u32>();
            }
        }
        if f64::from(scans) < wanted {
            low = town.zeal_permille;
        } else {
            high = town.zeal_permille;
        }
    }
    high
}
