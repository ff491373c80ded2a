//! Settling: the figures, cells, trends and clusters of one moment, and how they differ from what was last told.

use crate::apart::SecondOrder;
use crate::figure::{FIGURES, Figure, Figures};
use crate::figures::{self, Grounded};
use crate::levels;
use crate::rules::Rules;
use crate::situation::Situation;
use crate::sweep::Sweep;
use crate::time::{MINUTE, Time};
use crate::trend;
use crate::view::{Delta, Shown, Trend};
use std::collections::BTreeSet;
use std::sync::Arc;

/// When F2 are counted anew: it is the one figure that costs a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum F2 {
    /// Exactly, as of now.
    Now,
    /// Only in a small city; else the figure stays as old as it says.
    IfCheap,
}

/// A search through no more rows than this is cheap.
pub(crate) const CHEAP_ROWS_MAX: usize = 200_000;
/// While nothing else changes, the age of the F2 figure is told anew only after so long.
const F2_AGE_TOLD_S: i64 = 30;

/// What was last told.
#[derive(Debug)]
pub(crate) struct Picture {
    areas: Vec<Shown>,
    /// Of which state of what was shown at full hours, and of which two of them, the figures before are.
    hours: Option<(u64, [Time; 2])>,
    pub f2: Option<SecondOrder>,
    level_table: Option<Box<str>>,
    minutes: BTreeSet<i64>,
    trend: Trend,
}

impl Picture {
    pub fn new(rules: &Rules) -> Self {
        Self {
            areas: vec![Shown::default(); rules.areas()],
            hours: None,
            f2: None,
            level_table: None,
            minutes: BTreeSet::new(),
            trend: Trend::default(),
        }
    }
}

impl Situation {
    /// Brings the picture up to date at `now`; pushes what differs from what was last told.
    pub fn settle(&mut self, f2: F2, deltas: &mut Vec<Delta>) {
        let Some(now) = self.now else { return };
        self.tell_clusters(deltas);
        self.settle_second_order(f2, now, deltas);
        let mut figures = self.figures(now);
        for (slot, figures) in figures.iter_mut().enumerate() {
            figures[Figure::F2Open as usize] = self.picture.f2.as_ref().map(|f2| f2.by_slot[slot]);
        }
        self.settle_figures(&figures, now, deltas);
        self.settle_cells(now, deltas);
        self.settle_minutes(now, deltas);
        let table = levels::in_force(&self.rules.params.levels, self.rules.day(now));
        let table = table.map(|table| table.name.clone());
        if self.picture.level_table != table {
            self.picture.level_table.clone_from(&table);
            deltas.push(Delta::LevelTable(table));
        }
        let trend = trend::trend(&self.rules, now, &self.cases, &self.shown, &figures, |person, history| {
            self.home_of(person, Some(history))
        });
        if self.picture.trend != trend {
            self.picture.trend.clone_from(&trend);
            deltas.push(Delta::Trend(Box::new(trend)));
        }
    }

    /// Counts who is present by cell up to now, which [`Situation::settle`] does too: what is counted between pictures
    /// need not be counted in one go when one is due.
    pub fn spread_presence(&mut self) {
        let Self { layers, venues, .. } = self;
        venues.tell_presence(|cell, more| layers.add_present(cell, more));
    }

    /// What is shown at a full hour; F2 by a search that is true for it.
    pub(crate) fn show_hour(&mut self, hour: Time, f2: &[i64]) {
        let mut figures = self.figures(hour);
        for (slot, figures) in figures.iter_mut().enumerate() {
            figures[Figure::F2Open as usize] = Some(f2[slot]);
        }
        self.shown.put(hour, &figures, &self.rules);
    }

    fn figures(&self, now: Time) -> Vec<Figures> {
        let grounded = Grounded {
            rules: &self.rules,
            now,
            venues: &self.venues,
            counts: &self.counts,
            cases: &self.cases,
            contacts: &self.contacts,
            follow: &self.follow,
            breaches: &self.breaches,
            residents: &self.residents,
            conflicts: self.cases.conflicts() + self.alerts.commands.conflicts(),
        };
        figures::figures(grounded, |person, history| self.home_of(person, Some(history)))
    }

    fn second_order(&self, now: Time) -> SecondOrder {
        let mut sweep = Sweep::new(now, &self.rules);
        let mut units = i64::MAX;
        while !sweep.go_on(self, &mut units) {}
        SecondOrder { as_of: now, by_slot: sweep.finish() }
    }

    fn settle_second_order(&mut self, f2: F2, now: Time, deltas: &mut Vec<Delta>) {
        let held = self.picture.f2.as_ref();
        if f2 == F2::IfCheap && held.is_some() && !self.is_second_order_cheap() {
            return;
        }
        let fresh = self.second_order(now);
        let same = held.is_some_and(|held| {
            held.by_slot == fresh.by_slot && (f2 == F2::IfCheap && now < held.as_of.plus(F2_AGE_TOLD_S))
        });
        if !same {
            self.picture.f2 = Some(fresh);
            deltas.push(Delta::F2AsOf(now));
        }
    }

    fn settle_figures(&mut self, figures: &[Figures], now: Time, deltas: &mut Vec<Delta>) {
        let hours = [1, 7].map(|days| self.rules.hour_before(now, days));
        let hours = Some((self.shown.puts(), hours));
        let are_same_hours = self.picture.hours == hours;
        self.picture.hours = hours;
        for (slot, figures) in figures.iter().enumerate() {
            let told = &self.picture.areas[slot];
            if are_same_hours && told.now == *figures {
                continue;
            }
            let mut fresh = Shown { now: *figures, ..told.clone() };
            if !are_same_hours {
                fresh.day_before = Arc::new(self.shown.before(&self.rules, now, 1, slot));
                fresh.week_before = Arc::new(self.shown.before(&self.rules, now, 7, slot));
            }
            for (n, figure) in Figure::ALL.iter().enumerate().take(FIGURES) {
                let parts = |shown: &Shown| (shown.now[n], shown.day_before[n], shown.week_before[n]);
                if parts(told) != parts(&fresh) {
                    let (now, day_before, week_before) = parts(&fresh);
                    let area = self.rules.area(slot);
                    deltas.push(Delta::Figure { area, figure: *figure, now, day_before, week_before });
                }
            }
            self.picture.areas[slot] = fresh;
        }
    }

    fn settle_cells(&mut self, now: Time, deltas: &mut Vec<Delta>) {
        for person in self.layers.due(now) {
            self.work_out_layers(person);
        }
        self.spread_presence();
        let Self { layers, rules, .. } = self;
        layers.settle(now, rules, |layer, res, cell, value| {
            deltas.push(Delta::Cell { layer, res, cell, value });
        });
    }

    fn settle_minutes(&mut self, now: Time, deltas: &mut Vec<Delta>) {
        let midnight = self.rules.midnight(self.rules.day(now)).0.div_euclid(MINUTE);
        let minutes = &mut self.picture.minutes;
        let mut changed = self.counts.take_changed();
        let today = minutes.split_off(&midnight);
        changed.extend(std::mem::replace(minutes, today));
        for minute in changed {
            let scans = if minute >= midnight { self.counts.minute(0, minute) } else { 0 };
            let was_told = if scans > 0 {
                minutes.insert(minute);
                true
            } else {
                minutes.remove(&minute) || minute < midnight
            };
            if was_told {
                let scans = u64::try_from(scans).unwrap_or_default();
                deltas.push(Delta::Minute { minute: Time(minute * MINUTE), scans });
            }
        }
    }
}
