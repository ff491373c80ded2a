//! The layers of cells: risk left by cases, people present, and active cases, at resolutions 7-10.
//!
//! Whole numbers are kept and changed by difference: what a case gave is noted with it and taken back before it gives
//! anew. Values are made of them when a picture is.

use crate::cases::Episode;
use crate::contacts::Cut;
use crate::levels::as_f64;
use crate::rows::{Layer, RESOLUTIONS};
use crate::rules::Rules;
use crate::time::{DAY, HOUR, Time};
use crate::timers::Timers;
use crate::venues::VenueBook;
use h3o::{CellIndex, Resolution};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

/// A sum is seconds × infectiousness ‰ × weight ‰; shown per minute.
const SHOWN_PER: f64 = 60_000_000.0;

/// A cell of resolution 10 as its parents at 7-10.
pub(crate) fn parents(cell: CellIndex) -> impl Iterator<Item = (usize, u64)> {
    RESOLUTIONS.into_iter().enumerate().filter_map(move |(n, res)| {
        let res = Resolution::try_from(res).ok()?;
        cell.parent(res).map(|parent| (n, u64::from(parent)))
    })
}

/// What one cut visit leaves once it has ended: under the UTC hour in which it ends, rounded up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trace {
    pub cell: CellIndex,
    /// UTC hour.
    pub hour: i64,
    /// Seconds × infectiousness ‰ × weight ‰.
    pub sum: i128,
}

/// What a case gives to the layers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Given {
    traces: Vec<Trace>,
    /// Where it was in the window of an episode that has not ended, in order, each once.
    active: Vec<CellIndex>,
    /// When more comes by time alone.
    next: Option<Time>,
}

/// What a cut leaves, if it has ended.
pub(crate) fn trace(cut: &Cut, episode: &Episode, now: Time, venues: &VenueBook) -> Option<Trace> {
    let venue = venues.get(cut.venue);
    let cell = venue.cell.filter(|_| cut.end <= now)?;
    let day = (cut.start.0 - episode.score_zero().0).div_euclid(DAY);
    let weight = venues.rules.infectiousness(day) * venues.rules.venue_kind(venue.kind).weight_permille;
    let sum = i128::from(cut.end.0 - cut.start.0) * i128::from(weight);
    Some(Trace { cell, hour: (cut.end.0 + HOUR - 1).div_euclid(HOUR), sum })
}

/// Where a person is an active case by a cut: its episode has not ended and the visit has begun.
pub(crate) fn active_at(cut: &Cut, episode: &Episode, now: Time, venues: &VenueBook) -> Option<CellIndex> {
    venues.get(cut.venue).cell.filter(|_| cut.start < now && episode.ended.is_none())
}

/// Value of sums by UTC hour, ascending: each fades by half every `half_life_h`; half up to 3 decimals.
pub(crate) fn faded(sums: impl Iterator<Item = (i64, i128)>, now: Time, rules: &Rules) -> f64 {
    let value: f64 = sums
        .map(|(hour, sum)| {
            let age = (now.utc_hour() - hour).max(0);
            as_f64(i64::try_from(sum).unwrap_or(i64::MAX)) * rules.left(age) / SHOWN_PER
        })
        .sum();
    (value * 1_000.0 + 0.5).floor() / 1_000.0
}

impl Given {
    fn of(cuts: &[Cut], episodes: &[Episode], now: Time, venues: &VenueBook) -> Self {
        let mut given = Self::default();
        for cut in cuts {
            let Some(episode) = episodes.get(cut.episode) else { continue };
            given.traces.extend(trace(cut, episode, now, venues));
            given.active.extend(active_at(cut, episode, now, venues));
            let times = [cut.start.plus(1), cut.end].into_iter().filter(|at| *at > now);
            given.next = given.next.into_iter().chain(times).min();
        }
        given.active.sort_unstable();
        given.active.dedup();
        given
    }
}

/// The sums of one resolution.
#[derive(Debug, Default)]
struct Sums {
    /// By (cell, UTC hour).
    risk: BTreeMap<(u64, i64), i128>,
    /// By number of the cell.
    cells: Vec<CellCounts>,
    numbers: FxHashMap<u64, u32>,
    /// Numbers of cells of which something may differ from what was told.
    dirty: Vec<u32>,
}

/// What is counted of a cell, and what was told of it.
#[derive(Debug)]
struct CellCounts {
    cell: u64,
    present: i64,
    cases: i64,
    /// Is in the list of those that may differ.
    is_dirty: bool,
    /// Risk may differ too.
    is_fading: bool,
    told: [f64; 3],
}

/// All layers.
#[derive(Debug, Default)]
pub(crate) struct LayerBook {
    by_res: [Sums; 4],
    given: FxHashMap<u32, Given>,
    timers: Timers<u32>,
    /// The hour for which risk was told: it fades from hour to hour.
    hour: i64,
}

impl LayerBook {
    /// What a case gives is worked out anew.
    pub fn set_case(
        &mut self,
        person: u32,
        cuts: &[Cut],
        episodes: &[Episode],
        now: Time,
        venues: &VenueBook,
    ) {
        let fresh = Given::of(cuts, episodes, now, venues);
        if let Some(next) = fresh.next {
            self.timers.set(next, person);
        }
        let before = self.given.remove(&person).unwrap_or_default();
        // Nearly always only the last traces differ.
        let same = before.traces.iter().zip(&fresh.traces).take_while(|(old, new)| old == new).count();
        self.give(&before.traces[same..], -1);
        self.give(&fresh.traces[same..], 1);
        if before.active != fresh.active {
            self.be_active(&before.active, -1);
            self.be_active(&fresh.active, 1);
        }
        if !(fresh.traces.is_empty() && fresh.active.is_empty()) {
            self.given.insert(person, fresh);
        }
    }

    /// Cases whose cuts have begun or ended by `now`.
    pub fn due(&mut self, now: Time) -> BTreeSet<u32> {
        let mut due = BTreeSet::new();
        while let Some(cases) = self.timers.due(now) {
            due.extend(cases);
        }
        due
    }

    fn give(&mut self, traces: &[Trace], times: i64) {
        for trace in traces {
            for (n, cell) in parents(trace.cell) {
                let sum = self.by_res[n].risk.entry((cell, trace.hour)).or_default();
                *sum += trace.sum * i128::from(times);
                if *sum == 0 {
                    self.by_res[n].risk.remove(&(cell, trace.hour));
                }
                self.by_res[n].counts(cell).is_fading = true;
            }
        }
    }

    fn be_active(&mut self, cells: &[CellIndex], times: i64) {
        let active: BTreeSet<(usize, u64)> = cells.iter().copied().flat_map(parents).collect();
        for (n, cell) in active {
            self.by_res[n].counts(cell).cases += times;
        }
    }

    /// So many more people are present in a cell.
    pub fn add_present(&mut self, cell: CellIndex, people: i64) {
        for (n, cell) in parents(cell) {
            self.by_res[n].counts(cell).present += people;
        }
    }

    /// Calls `changed` for each cell whose value differs from what was last told.
    pub fn settle(&mut self, now: Time, rules: &Rules, mut changed: impl FnMut(Layer, u8, u64, Option<f64>)) {
        let fades = self.hour != now.utc_hour();
        self.hour = now.utc_hour();
        for (sums, res) in self.by_res.iter_mut().zip(RESOLUTIONS) {
            if fades {
                let mut cells: Vec<u64> = sums.risk.keys().map(|(cell, _)| *cell).collect();
                cells.dedup();
                for cell in cells {
                    sums.counts(cell).is_fading = true;
                }
            }
            for number in std::mem::take(&mut sums.dirty) {
                sums.tell(number, now, rules, |layer, cell, value| changed(layer, res, cell, value));
            }
        }
    }
}

impl Sums {
    /// What is counted of a cell; it may differ from now on.
    fn counts(&mut self, cell: u64) -> &mut CellCounts {
        let Self { cells, numbers, dirty, .. } = self;
        let number = *numbers.entry(cell).or_insert_with(|| {
            cells.push(CellCounts {
                cell,
                present: 0,
                cases: 0,
                is_dirty: false,
                is_fading: false,
                told: [0.0; 3],
            });
            u32::try_from(cells.len() - 1).unwrap_or(u32::MAX)
        });
        let counts = &mut cells[number as usize];
        if !counts.is_dirty {
            counts.is_dirty = true;
            dirty.push(number);
        }
        counts
    }

    fn tell(
        &mut self,
        number: u32,
        now: Time,
        rules: &Rules,
        mut changed: impl FnMut(Layer, u64, Option<f64>),
    ) {
        let counts = &mut self.cells[number as usize];
        counts.is_dirty = false;
        let risk = if std::mem::take(&mut counts.is_fading) {
            let hours = self.risk.range((counts.cell, i64::MIN)..=(counts.cell, i64::MAX));
            faded(hours.map(|((_, hour), sum)| (*hour, *sum)), now, rules)
        } else {
            counts.told[Layer::Risk as usize]
        };
        let values = [risk, as_f64(counts.present), as_f64(counts.cases)];
        for ((layer, value), told) in Layer::ALL.into_iter().zip(values).zip(&mut counts.told) {
            if told.to_bits() != value.to_bits() {
                *told = value;
                changed(layer, counts.cell, Some(value).filter(|value| *value > 0.0));
            }
        }
    }
}
