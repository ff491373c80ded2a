//! The layers of cells: risk left by cases, people present, and active cases, at resolutions 7-10.

use crate::cases::CaseBook;
use crate::contacts::ContactBook;
use crate::levels::as_f64;
use crate::rows::{Cells, Layer, RESOLUTIONS};
use crate::rules::Rules;
use crate::time::{DAY, HOUR, Time};
use crate::venues::VenueBook;
use h3o::{CellIndex, Resolution};
use std::collections::{BTreeMap, BTreeSet};

/// A sum is seconds × infectiousness ‰ × weight ‰; shown per minute.
const SHOWN_PER: f64 = 60_000_000.0;

/// The cells of one layer at the resolutions 7, 8, 9, 10.
pub(crate) type Layers = [Cells; 4];

/// A cell of resolution 10 as its parents at 7-10.
pub(crate) fn parents(cell: CellIndex) -> impl Iterator<Item = (usize, u64)> {
    RESOLUTIONS.into_iter().enumerate().filter_map(move |(n, res)| {
        let res = Resolution::try_from(res).ok()?;
        cell.parent(res).map(|parent| (n, u64::from(parent)))
    })
}

/// Risk: each cut visit of a case that has ended, under the UTC hour in which it ends (rounded up), fading by half
/// every `half_life_h`.
pub(crate) fn risk(
    rules: &Rules,
    now: Time,
    cases: &CaseBook,
    contacts: &ContactBook,
    venues: &VenueBook,
) -> Layers {
    let mut sums: [BTreeMap<(u64, i64), i128>; 4] = Default::default();
    for (person, cuts) in contacts.all_cuts() {
        let episodes = cases.episodes(person);
        for cut in cuts.iter().filter(|cut| cut.end <= now) {
            let venue = venues.get(cut.venue);
            let (Some(cell), Some(episode)) = (venue.cell, episodes.get(cut.episode)) else { continue };
            let day = (cut.start.0 - episode.score_zero().0).div_euclid(DAY);
            let weight = rules.infectiousness(day) * rules.venue_kind(venue.kind).weight_permille;
            let sum = i128::from(cut.end.0 - cut.start.0) * i128::from(weight);
            let hour = (cut.end.0 + HOUR - 1).div_euclid(HOUR);
            for (n, parent) in parents(cell) {
                *sums[n].entry((parent, hour)).or_default() += sum;
            }
        }
    }
    sums.map(|sums| fade(&sums, now, rules.params.risk.half_life_h))
}

fn fade(sums: &BTreeMap<(u64, i64), i128>, now: Time, half_life_h: f64) -> Cells {
    let mut values: BTreeMap<u64, f64> = BTreeMap::new();
    for ((cell, hour), sum) in sums {
        // Hours of a cell come ascending, so that the sum of floats is the same however events came.
        let age = as_f64((now.utc_hour() - hour).max(0));
        let sum = as_f64(i64::try_from(*sum).unwrap_or(i64::MAX));
        *values.entry(*cell).or_default() += sum * (-age / half_life_h).exp2() / SHOWN_PER;
    }
    let shown = |value: f64| (value * 1_000.0 + 0.5).floor() / 1_000.0;
    values.into_iter().map(|(cell, value)| (cell, shown(value))).filter(|(_, value)| *value > 0.0).collect()
}

/// People in an open visit.
pub(crate) fn presence(venues: &VenueBook) -> Layers {
    let mut layers = Layers::default();
    for venue in venues.venues.iter().filter(|venue| venue.present > 0) {
        for (n, cell) in venue.cell.into_iter().flat_map(parents) {
            *layers[n].entry(cell).or_default() += f64::from(venue.present);
        }
    }
    layers
}

/// Active people with a visit cut to the window of an episode that has not ended, by cell of resolution 10.
pub(crate) fn active_at(
    now: Time,
    cases: &CaseBook,
    contacts: &ContactBook,
    venues: &VenueBook,
) -> BTreeSet<(CellIndex, u32)> {
    let mut there = BTreeSet::new();
    for (person, cuts) in contacts.all_cuts() {
        let episodes = cases.episodes(person);
        for cut in cuts.iter().filter(|cut| cut.start < now) {
            let active = episodes.get(cut.episode).is_some_and(|episode| episode.ended.is_none());
            if let Some(cell) = venues.get(cut.venue).cell.filter(|_| active) {
                there.insert((cell, person));
            }
        }
    }
    there
}

/// Distinct active cases.
pub(crate) fn cases(now: Time, cases: &CaseBook, contacts: &ContactBook, venues: &VenueBook) -> Layers {
    let mut people: [BTreeSet<(u64, u32)>; 4] = Default::default();
    for (cell, person) in active_at(now, cases, contacts, venues) {
        for (n, parent) in parents(cell) {
            people[n].insert((parent, person));
        }
    }
    people.map(|people| {
        let mut cells = Cells::new();
        for (cell, _) in people {
            *cells.entry(cell).or_default() += 1.0;
        }
        cells
    })
}

/// When the layers of cases last were made, and when time alone changes them.
#[derive(Debug, Default)]
pub(crate) struct Made {
    version: u64,
    hour: i64,
    next: Option<Time>,
}

impl Made {
    /// Must the layers that come of cuts be made anew? Remembers that they are.
    pub fn is_stale(&mut self, version: u64, now: Time, contacts: &ContactBook) -> bool {
        let fresh =
            self.version == version && self.hour == now.utc_hour() && self.next.is_none_or(|next| now < next);
        if !fresh {
            let ends = contacts.all_cuts().flat_map(|(_, cuts)| cuts);
            let next = ends.flat_map(|cut| [cut.start.plus(1), cut.end]).filter(|at| *at > now).min();
            *self = Self { version, hour: now.utc_hour(), next };
        }
        !fresh
    }
}

/// All three layers, by their order.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    pub layers: [Layers; 3],
    pub made: Made,
}

impl Shown {
    /// Puts a layer's cells down; calls `changed` for each that differs.
    pub fn put(&mut self, layer: Layer, cells: Layers, mut changed: impl FnMut(u8, u64, Option<f64>)) {
        let before = std::mem::replace(&mut self.layers[layer as usize], cells);
        for (n, res) in RESOLUTIONS.into_iter().enumerate() {
            let now = &self.layers[layer as usize][n];
            for (cell, value) in now {
                if before[n].get(cell) != Some(value) {
                    changed(res, *cell, Some(*value));
                }
            }
            for cell in before[n].keys().filter(|cell| !now.contains_key(cell)) {
                changed(res, *cell, None);
            }
        }
    }
}
