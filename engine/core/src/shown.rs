//! What was shown at full hours: a function of the journal, judged when an event brings `now` past the hour.

use crate::figure::{FIGURES, Figure, Figures};
use crate::rules::Rules;
use crate::time::{DAY, HOUR, Time};
use std::collections::BTreeMap;

/// Hours kept, and hours judged where many are passed at once: 34 days.
pub const SHOWN_HOURS_MAX: usize = 816;
/// Wards' hours kept: a week and what is needed to look back on it.
const WARD_HOURS_MAX: usize = 170;

/// The figures of one full hour.
#[derive(Debug)]
struct Hour {
    /// City and districts.
    main: Box<[Figures]>,
    /// Empty once they are too old to be asked for.
    wards: Box<[Figures]>,
}

/// The hours shown.
#[derive(Debug, Default)]
pub(crate) struct ShownHours {
    hours: BTreeMap<Time, Hour>,
}

/// The full local hours in [now, next): those that an event passes which brings `now` to `next`; the last 816.
pub(crate) fn hours_passed(rules: &Rules, now: Time, next: Time) -> Vec<Time> {
    let zone = &rules.params.zone;
    let span = HOUR * i64::try_from(SHOWN_HOURS_MAX + 2).unwrap_or(i64::MAX);
    let from = now.max(next.plus(-span));
    let mut hour = zone.hour_floor(from);
    if hour < from {
        hour = zone.hour_floor(hour.plus(HOUR));
    }
    let mut hours = Vec::new();
    while hour < next {
        hours.push(hour);
        let after = zone.hour_floor(hour.plus(HOUR));
        hour = if after > hour { after } else { hour.plus(HOUR) };
    }
    hours.drain(..hours.len().saturating_sub(SHOWN_HOURS_MAX));
    hours
}

impl ShownHours {
    /// Puts down what is shown at a full hour.
    pub fn put(&mut self, hour: Time, figures: &[Figures], rules: &Rules) {
        let (main, wards) = figures.split_at(rules.main_areas());
        self.hours.insert(hour, Hour { main: main.into(), wards: wards.into() });
        while self.hours.len() > SHOWN_HOURS_MAX {
            self.hours.pop_first();
        }
        if let Some((_, old)) = self.hours.iter_mut().rev().nth(WARD_HOURS_MAX) {
            old.wards = Box::default();
        }
    }

    /// The figures of an area as shown at a full hour.
    pub fn at(&self, hour: Time, slot: usize) -> Option<&Figures> {
        let hour = self.hours.get(&hour)?;
        hour.main.get(slot).or_else(|| hour.wards.get(slot - hour.main.len()))
    }

    /// As shown at the last full hour at least so many days ago.
    pub fn before(&self, rules: &Rules, now: Time, days: i64, slot: usize) -> Figures {
        let hour = rules.params.zone.hour_floor(now.plus(-days * DAY));
        self.at(hour, slot).copied().unwrap_or([None; FIGURES])
    }

    /// One figure as shown.
    pub fn figure(&self, hour: Time, slot: usize, figure: Figure) -> Option<i64> {
        self.at(hour, slot)?[figure as usize]
    }

    /// The last hour in [from, to) that was shown.
    pub fn last_in(&self, from: Time, to: Time) -> Option<Time> {
        self.hours.range(from..to.max(from)).next_back().map(|(hour, _)| *hour)
    }

    /// All hours with the figures of city and districts.
    pub fn all(&self) -> impl Iterator<Item = (Time, &[Figures])> {
        self.hours.iter().map(|(hour, figures)| (*hour, &*figures.main))
    }
}
