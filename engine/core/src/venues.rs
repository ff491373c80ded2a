//! Venues: their records, what was scanned there, and who was there when.

use crate::event;
use crate::names::Names;
use crate::rules::{Dwell, Place, Rules};
use crate::time::{DAY, Time};
use crate::track::{self, Visit};
use h3o::{CellIndex, LatLng, Resolution};
use rustc_hash::FxHashMap;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A venue that was scanned or has a record.
#[derive(Debug)]
pub(crate) struct Venue {
    pub record: Option<event::Venue>,
    /// Place in the list of kinds.
    pub kind: u16,
    pub place: Place,
    /// Resolution 10; None without a place on the city's map.
    pub cell: Option<CellIndex>,
    pub off_map: bool,
    /// Distinct scans held.
    pub scans: u32,
    /// How many of them are whose.
    people: FxHashMap<u32, u32>,
    pub last_scan: Option<Time>,
    /// People in an open visit now.
    pub present: u32,
    /// (start, person) to expected end.
    visits: BTreeMap<(Time, u32), Time>,
}

/// All venues.
#[derive(Debug)]
pub(crate) struct VenueBook {
    pub rules: Arc<Rules>,
    pub names: Names,
    pub venues: Vec<Venue>,
}

/// What a new record changes for what was scanned there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RecordChange {
    /// The record held before is the later one, or place and kind are as they were.
    Nothing,
    /// Place or kind differ: everything scanned there must be counted anew.
    Matters,
}

/// Somebody's visit to a venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stay {
    pub person: u32,
    pub start: Time,
    pub end: Time,
}

impl track::Venues for VenueBook {
    fn dwell(&self, venue: u32) -> Dwell {
        self.rules.dwell(self.get(venue).kind)
    }
    fn by_name(&self, a: u32, b: u32) -> Ordering {
        self.names.name(a).cmp(self.names.name(b))
    }
}

impl Venue {
    /// Has a record or a scan that is held; otherwise it is as if never heard of.
    pub fn is_heard_of(&self) -> bool {
        self.record.is_some() || self.scans > 0
    }

    /// Everybody who was ever scanned here.
    pub fn people(&self) -> Vec<u32> {
        let mut people: Vec<u32> = self.people.keys().copied().collect();
        people.sort_unstable();
        people
    }

    /// A scan came.
    pub fn add_scan(&mut self, person: u32, at: Time) {
        self.scans += 1;
        *self.people.entry(person).or_default() += 1;
        self.last_scan = self.last_scan.max(Some(at));
    }

    /// The retention edge has passed a scan; those that are left are later.
    pub fn forget_scan(&mut self, person: u32) {
        self.scans -= 1;
        if let Some(scans) = self.people.get_mut(&person) {
            *scans -= 1;
            if *scans == 0 {
                self.people.remove(&person);
            }
        }
        if self.scans == 0 {
            self.last_scan = None;
        }
    }
}

impl VenueBook {
    pub fn new(rules: Arc<Rules>) -> Self {
        Self { rules, names: Names::default(), venues: Vec::new() }
    }

    /// The number of a venue; one never heard of is of kind `other` without a place.
    pub fn number(&mut self, name: &str) -> u32 {
        let number = self.names.number(name);
        if number as usize == self.venues.len() {
            self.venues.push(Venue {
                record: None,
                kind: self.rules.kind(None),
                place: Place::default(),
                cell: None,
                off_map: false,
                scans: 0,
                people: FxHashMap::default(),
                last_scan: None,
                present: 0,
                visits: BTreeMap::new(),
            });
        }
        number
    }

    /// The number of a venue that has a record or a scan.
    pub fn heard_of(&self, name: &str) -> Option<u32> {
        self.names.known(name).filter(|venue| self.get(*venue).is_heard_of())
    }

    pub fn get(&self, venue: u32) -> &Venue {
        &self.venues[venue as usize]
    }

    pub fn get_mut(&mut self, venue: u32) -> &mut Venue {
        &mut self.venues[venue as usize]
    }

    /// The name in a venue's record.
    pub fn title(&self, venue: u32) -> Option<Box<str>> {
        self.get(venue).record.as_ref().and_then(|record| record.name.clone())
    }

    /// The latest record by (`at`, `id`, journaled form) holds. Says what must be counted anew *before* it is taken.
    pub fn weigh(&self, venue: u32, record: &event::Venue) -> Option<RecordChange> {
        let held = self.get(venue);
        if let Some(old) = &held.record {
            let later = (record.at, &record.id)
                .cmp(&(old.at, &old.id))
                .then_with(|| event::journaled(record).cmp(&event::journaled(old)));
            if later != Ordering::Greater {
                return None;
            }
        }
        let (cell, off_map, place) = self.locate(record);
        let same = held.kind == self.rules.kind(Some(&record.venue_type))
            && (held.cell, held.off_map, held.place) == (cell, off_map, place);
        Some(if same { RecordChange::Nothing } else { RecordChange::Matters })
    }

    /// Takes a record that [`VenueBook::weigh`] found to hold.
    pub fn hold(&mut self, venue: u32, record: event::Venue) {
        let (cell, off_map, place) = self.locate(&record);
        let kind = self.rules.kind(Some(&record.venue_type));
        let held = self.get_mut(venue);
        (held.cell, held.off_map, held.place, held.kind) = (cell, off_map, place, kind);
        held.record = Some(record);
    }

    fn locate(&self, record: &event::Venue) -> (Option<CellIndex>, bool, Place) {
        let point = record.lat.zip(record.lon).map(|(lat, lon)| (lat.0, lon.0));
        let on_map = point.filter(|(lat, lon)| self.rules.params.bounds.hold(*lat, *lon));
        let cell = on_map
            .and_then(|(lat, lon)| LatLng::new(lat, lon).ok())
            .map(|point| point.to_cell(Resolution::Ten));
        let place = match record.district.as_deref() {
            Some(district) => self.rules.place(Some(district), record.ward.as_deref()),
            None => cell
                .and_then(|cell| self.rules.wards.ward_of(u64::from(cell)))
                .map_or_else(Place::default, |ward| self.rules.place_of_ward(ward)),
        };
        (cell, point.is_some() && cell.is_none(), place)
    }

    pub fn add_visit(&mut self, person: u32, visit: Visit) {
        self.get_mut(visit.venue).visits.insert((visit.start, person), visit.end);
    }

    pub fn remove_visit(&mut self, person: u32, visit: Visit) {
        self.get_mut(visit.venue).visits.remove(&(visit.start, person));
    }

    /// Who was at a venue in [from, to): stays whole, with expected ends, by start.
    pub fn stays(&self, venue: u32, from: Time, to: Time) -> impl Iterator<Item = Stay> + '_ {
        let dwell = self.rules.dwell(self.get(venue).kind);
        let first = from.plus(-(dwell.typical + dwell.max)).min(to);
        self.get(venue)
            .visits
            .range((first, 0)..(to, 0))
            .filter(move |(_, end)| **end > from)
            .map(|((start, person), end)| Stay { person: *person, start: *start, end: *end })
    }

    /// Had a scan in (now − 24 h, now].
    pub fn is_active(venue: &Venue, now: Time) -> bool {
        venue.last_scan.is_some_and(|last| last > now.plus(-DAY))
    }

    /// Has a record of a kind that expects scans, and no scan in 24 hours.
    pub fn is_silent(&self, venue: &Venue, now: Time) -> bool {
        venue.record.is_some()
            && self.rules.venue_kind(venue.kind).expects_scans
            && !Self::is_active(venue, now)
    }
}
