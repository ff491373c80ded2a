//! Answers about places and series: venues, cells, and numbers by minute, hour and day.

use crate::ask::{Answer, SERIES_ITEMS_MAX, SeriesAsked, SeriesName, Step};
use crate::cases::History;
use crate::event::Person;
use crate::levels::as_f64;
use crate::risk::{self, parents};
use crate::rows::{CellRow, VenueRow};
use crate::rules::Place;
use crate::situation::Situation;
use crate::time::{HOUR, MINUTE, Time};
use crate::view::Area;
use h3o::CellIndex;
use std::collections::{BTreeMap, BTreeSet};

impl Situation {
    pub(crate) fn venue_row(&self, number: u32) -> VenueRow {
        let venue = self.venues.get(number);
        let record = venue.record.as_ref();
        let point = self.venues.point(number);
        VenueRow {
            venue: self.venues.names.name(number).into(),
            name: self.venues.title(number),
            venue_type: self.rules.venue_kind(venue.kind).name.clone(),
            district: self.rules.district_code(venue.place),
            ward: self.rules.ward_code(venue.place),
            lat: point.map(|(lat, _)| lat),
            lon: point.map(|(_, lon)| lon),
            capacity: record.and_then(|record| record.capacity),
            last_scan: venue.last_scan,
            present_now: venue.present,
            silent: self.rules.is_silent(venue),
            known: record.is_some(),
        }
    }

    pub(crate) fn venue_rows(&self) -> Vec<VenueRow> {
        let is_there = |n: &u32| self.venues.get(*n).is_heard_of();
        self.venues.names.sorted().into_iter().filter(is_there).map(|number| self.venue_row(number)).collect()
    }

    pub(crate) fn cell_row(&self, index: u64, now: Time) -> Answer {
        let Some((cell, n)) = CellIndex::try_from(index).ok().and_then(|cell| {
            let res = usize::from(u8::from(cell.resolution()));
            (7..=10).contains(&res).then(|| (cell, res - 7))
        }) else {
            return Answer::NotFound;
        };
        let inside = |of: CellIndex| parents(of).any(|(at, parent)| at == n && parent == index);
        let mut venues: Vec<u32> = (0..).take(self.venues.venues.len()).collect();
        venues.retain(|number| self.venues.get(*number).cell.is_some_and(inside));
        venues.sort_by(|a, b| self.venues.names.name(*a).cmp(self.venues.names.name(*b)));
        let present: i64 = venues.iter().map(|number| i64::from(self.venues.get(*number).present)).sum();
        let (risk, cases) = self.cases_in(&venues, now);
        let mut cases: Vec<Person> = cases.into_iter().map(|person| self.name(person)).collect();
        cases.sort();
        let values = [risk, as_f64(present), as_f64(i64::try_from(cases.len()).unwrap_or(i64::MAX))];
        let place = self.place_of_cell(cell);
        Answer::Cell(Box::new(CellRow {
            values,
            district: self.rules.district_code(place),
            ward: self.rules.ward_code(place),
            venues: venues.into_iter().map(|number| self.venue_row(number)).collect(),
            cases,
        }))
    }

    /// Risk left at some venues, and the active cases that were there.
    fn cases_in(&self, venues: &[u32], now: Time) -> (f64, BTreeSet<u32>) {
        let (mut sums, mut people) = (BTreeMap::new(), BTreeSet::new());
        for (person, cut) in venues.iter().flat_map(|venue| self.contacts.cuts.at(*venue)) {
            let Some(episode) = self.cases.episodes(*person).get(cut.episode) else { continue };
            if let Some(trace) = risk::trace(cut, episode, now, &self.venues) {
                *sums.entry(trace.hour).or_default() += trace.sum;
            }
            if risk::active_at(cut, episode, now, &self.venues).is_some() {
                people.insert(*person);
            }
        }
        (risk::faded(sums.into_iter(), now, &self.rules), people)
    }

    /// District and ward of a cell; of a coarser one those of its middle.
    fn place_of_cell(&self, cell: CellIndex) -> Place {
        let middle = cell.center_child(h3o::Resolution::Ten);
        let ward = middle.and_then(|middle| self.rules.wards.ward_of(u64::from(middle)));
        ward.map_or_else(Place::default, |ward| self.rules.place_of_ward(ward))
    }

    pub(crate) fn series(&self, asked: &SeriesAsked, now: Time) -> Answer {
        let slot = match asked.area {
            Area::City => 0,
            Area::District(n) => 1 + usize::from(n),
            Area::Ward(_) => return Answer::NotFound,
        };
        if slot >= self.rules.main_areas() {
            return Answer::NotFound;
        }
        let mut bins = Vec::new();
        let mut begin = self.bin_at_or_after(asked.from, asked.step);
        while begin < asked.to && begin <= now {
            if bins.len() > SERIES_ITEMS_MAX {
                return Answer::TooLong;
            }
            bins.push(begin);
            begin = self.bin_after(begin, asked.step);
        }
        if bins.len() > SERIES_ITEMS_MAX {
            return Answer::TooLong;
        }
        let value = |from: Time| {
            let to = self.bin_after(from, asked.step);
            match asked.name {
                SeriesName::Scans => Some(self.counts.between(slot, from, to)),
                SeriesName::F0New => Some(self.new_cases(slot, from, to)),
                SeriesName::Shown(figure) => {
                    self.shown.last_in(from, to).and_then(|hour| self.shown.figure(hour, slot, figure))
                }
            }
        };
        Answer::Series(bins.into_iter().map(|begin| (begin, value(begin))).collect())
    }

    fn new_cases(&self, slot: usize, from: Time, to: Time) -> i64 {
        let lives_there = |(person, history): &(u32, &History)| {
            self.rules.slots(self.home_of(*person, Some(history))).any(|at| at == slot)
        };
        let cases = self.cases.cases().filter(lives_there);
        let reported = cases.flat_map(|(_, history)| &history.episodes).map(|episode| episode.reported);
        i64::try_from(reported.filter(|at| *at >= from && *at < to).count()).unwrap_or(i64::MAX)
    }

    fn bin_at_or_after(&self, at: Time, step: Step) -> Time {
        let zone = &self.rules.params.zone;
        let floor = match step {
            Step::Minute => Time(at.0.div_euclid(MINUTE) * MINUTE),
            Step::Hour => zone.hour_floor(at),
            Step::Day => self.rules.midnight(self.rules.day(at)),
        };
        if floor < at { self.bin_after(floor, step) } else { floor }
    }

    fn bin_after(&self, begin: Time, step: Step) -> Time {
        let zone = &self.rules.params.zone;
        match step {
            Step::Minute => begin.plus(MINUTE),
            Step::Hour => zone.hour_floor(begin.plus(HOUR)).max(begin.plus(MINUTE)),
            Step::Day => self.rules.midnight(self.rules.day(begin).plus(1)).max(begin.plus(MINUTE)),
        }
    }
}
