//! Venues: their records, and what of the scans there is counted.

use crate::event;
use crate::moment::VenueFacts;
use crate::names::Names;
use crate::number_set::NumberSet;
use crate::paged::Paged;
use crate::records::Record;
use crate::rules::{Dwell, Place, Rules};
use crate::time::{DAY, MINUTE, Time};
use crate::track;
use h3o::{CellIndex, LatLng, Resolution};
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Venues of one block of facts.
pub(crate) const VENUES_OF_BLOCK: usize = 1_024;

/// A venue that was scanned or has a record.
#[derive(Debug)]
pub(crate) struct Venue {
    pub record: Option<Box<Record>>,
    /// Place in the list of kinds.
    pub kind: u16,
    pub place: Place,
    /// Resolution 10; None without a place on the city's map.
    pub cell: Option<CellIndex>,
    pub off_map: bool,
    /// Distinct scans held.
    pub scans: u32,
    pub last_scan: Option<Time>,
    /// People in an open visit now.
    pub present: u32,
    /// As many as the layer of cells knows of.
    present_told: u32,
    /// Has a scan in (now − 24 h, now].
    pub is_active: bool,
    /// The latest end of a case's cut visit here, so that most scans need not look for one.
    pub cases_until: Time,
}

/// What is counted of the venues of one area.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct AreaVenues {
    pub present: i64,
    pub active: i64,
    pub silent: i64,
    /// With scans and without a record.
    pub unknown: i64,
    pub off_map: i64,
}

/// All venues.
#[derive(Debug)]
pub(crate) struct VenueBook {
    pub rules: Arc<Rules>,
    pub names: Names,
    pub venues: Paged<Venue, VENUES_OF_BLOCK>,
    areas: Vec<AreaVenues>,
    /// When active venues may have had no scan for 24 hours.
    timers: BTreeSet<(Time, u32)>,
    /// Venues where more or fewer are present than the layer of cells knows of.
    moved: Vec<u32>,
    /// By block of [`VENUES_OF_BLOCK`]: how often what [`VenueBook::facts`] tells may have changed.
    versions: Vec<u32>,
    /// Those that have a record or a scan that is held.
    pub heard_of: NumberSet,
    /// A venue with visits as long as its kind before allows, and that kind.
    forming: Option<(u32, u16)>,
}

/// What a new record changes for what was scanned there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RecordChange {
    /// The record held before is the later one, or place and kind are as they were.
    Nothing,
    /// Place or kind differ: everything scanned there must be counted anew.
    Matters,
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
}

impl VenueBook {
    pub fn new(rules: Arc<Rules>) -> Self {
        Self {
            areas: vec![AreaVenues::default(); rules.areas()],
            rules,
            names: Names::default(),
            venues: Paged::default(),
            timers: BTreeSet::new(),
            moved: Vec::new(),
            versions: Vec::new(),
            heard_of: NumberSet::default(),
            forming: None,
        }
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
                last_scan: None,
                present: 0,
                present_told: 0,
                is_active: false,
                cases_until: Time(i64::MIN),
            });
            self.touch_facts(number);
        }
        number
    }

    /// The number of a venue that has a record or a scan.
    pub fn heard_of(&self, name: &str) -> Option<u32> {
        self.names.known(name).filter(|venue| self.get(*venue).is_heard_of())
    }

    /// Touches what a scan at venues will need of them.
    pub fn warm(&self, venues: impl Iterator<Item = u32>) -> u32 {
        let touch = |venue| {
            let venue = self.get(venue);
            let place = venue.place.district.unwrap_or_default();
            venue.scans
                ^ venue.present
                ^ u32::from(venue.cases_until < Time(0))
                ^ u32::from(venue.kind ^ place)
        };
        venues.map(touch).fold(0, |all, touched| all ^ touched)
    }

    pub fn get(&self, venue: u32) -> &Venue {
        &self.venues[venue]
    }

    pub fn get_mut(&mut self, venue: u32) -> &mut Venue {
        &mut self.venues[venue]
    }

    /// What is counted of the venues of an area.
    pub fn area(&self, slot: usize) -> AreaVenues {
        self.areas[slot]
    }

    /// A venue's contribution to its areas goes out, it is changed, and goes in again.
    fn alter(&mut self, venue: u32, change: impl FnOnce(&mut Venue)) {
        self.contribute(venue, -1);
        change(self.get_mut(venue));
        self.contribute(venue, 1);
    }

    fn contribute(&mut self, venue: u32, times: i64) {
        let held = &self.venues[venue];
        let one = |is: bool| times * i64::from(is);
        for slot in self.rules.slots(held.place) {
            let area = &mut self.areas[slot];
            area.present += times * i64::from(held.present);
            area.active += one(held.is_active);
            area.silent += one(self.rules.is_silent(held));
            area.unknown += one(held.record.is_none() && held.scans > 0);
            area.off_map += one(held.off_map);
        }
    }

    /// A scan came.
    pub fn add_scan(&mut self, venue: u32, at: Time, now: Time) {
        let held = self.get_mut(venue);
        held.last_scan = held.last_scan.max(Some(at));
        if held.is_active && held.scans > 0 {
            held.scans += 1;
            return;
        }
        let is_first = held.scans == 0;
        let wakes = !held.is_active && at > now.plus(-DAY);
        self.alter(venue, |held| {
            held.scans += 1;
            held.is_active |= wakes;
        });
        if wakes {
            self.timers.insert((at.plus(DAY), venue));
        }
        if is_first {
            self.heard_of.set(venue, true);
        }
    }

    /// What [`VenueBook::facts`] tells of a venue may have changed.
    fn touch_facts(&mut self, venue: u32) {
        let block = venue as usize / VENUES_OF_BLOCK;
        if block >= self.versions.len() {
            self.versions.resize(block + 1, 0);
        }
        self.versions[block] = self.versions[block].wrapping_add(1);
    }

    /// By block of venues: how often their facts may have changed.
    pub fn versions(&self) -> &[u32] {
        &self.versions
    }

    /// What is known of the venues of one block.
    pub fn facts(&self, block: usize) -> Vec<VenueFacts> {
        let numbers = u32::try_from(block * VENUES_OF_BLOCK).unwrap_or(u32::MAX)..;
        let facts = numbers.zip(self.venues.page(block)).map(|(number, venue)| VenueFacts {
            id: self.names.name(number).into(),
            name: self.title(number),
            kind: venue.kind,
            district: venue.place.district,
            ward: venue.place.ward,
            point: self.point(number),
            capacity: venue.record.as_ref().and_then(|record| record.capacity),
            cell: venue.cell.map(u64::from),
        });
        facts.collect()
    }

    /// The retention edge has passed so many scans; those that are left are later.
    pub fn forget_scans(&mut self, venue: u32, scans: u32) {
        let held = self.get_mut(venue);
        if held.scans > scans {
            held.scans -= scans;
            return;
        }
        self.alter(venue, |held| {
            held.scans = 0;
            held.last_scan = None;
            held.is_active = false;
        });
        let is_heard_of = self.get(venue).is_heard_of();
        self.heard_of.set(venue, is_heard_of);
    }

    /// Time moved on: venues without a scan for 24 hours are active no more.
    pub fn advance(&mut self, now: Time) {
        while let Some((at, venue)) = self.timers.first().copied().filter(|(at, _)| *at <= now) {
            self.timers.remove(&(at, venue));
            let held = self.get(venue);
            match held.last_scan.map(|last| last.plus(DAY)).filter(|_| held.is_active) {
                Some(until) if until > now => {
                    self.timers.insert((until, venue));
                }
                _ => self.alter(venue, |held| held.is_active = false),
            }
        }
    }

    /// So many more people are present.
    pub fn add_present(&mut self, venue: u32, more: i32) {
        let held = &mut self.venues[venue];
        if held.present == held.present_told {
            self.moved.push(venue);
        }
        // Within one second somebody may leave before the one is counted who stays longer.
        held.present = held.present.wrapping_add_signed(more);
        for slot in self.rules.slots(held.place) {
            self.areas[slot].present += i64::from(more);
        }
    }

    /// Calls `changed` for each cell where more or fewer are present than was told.
    pub fn tell_presence(&mut self, mut changed: impl FnMut(CellIndex, i64)) {
        let mut moved = std::mem::take(&mut self.moved);
        moved.sort_unstable();
        moved.dedup();
        for venue in moved {
            let held = self.get_mut(venue);
            let more = i64::from(held.present) - i64::from(held.present_told);
            held.present_told = held.present;
            held.cell.filter(|_| more != 0).into_iter().for_each(|cell| changed(cell, more));
        }
    }

    /// The name in a venue's record.
    pub fn title(&self, venue: u32) -> Option<Box<str>> {
        self.get(venue).record.as_ref().and_then(|record| record.name.clone())
    }

    /// The latest record by (`at`, `id`, journaled form) holds. Says what must be counted anew *before* it is taken.
    pub fn weigh(&self, venue: u32, record: &event::Venue) -> Option<RecordChange> {
        let held = self.get(venue);
        if let Some(old) = &held.record {
            let later = (record.at, &record.id).cmp(&(old.at, &old.id)).then_with(|| {
                event::journaled(record)
                    .cmp(&self.record(venue).as_ref().map(event::journaled).unwrap_or_default())
            });
            if later != Ordering::Greater {
                return None;
            }
        }
        let (cell, off_map, place) = self.locate(record);
        let same = held.kind == self.rules.kind(Some(&record.venue_type))
            && (held.cell, held.off_map, held.place) == (cell, off_map, place);
        Some(if same { RecordChange::Nothing } else { RecordChange::Matters })
    }

    /// Takes a record that [`VenueBook::weigh`] found to hold. Calls `left` with the cell that people present were
    /// counted at, if they are counted elsewhere from now on.
    pub fn hold(&mut self, venue: u32, record: event::Venue, left: impl FnOnce(CellIndex, i64)) {
        let (cell, off_map, place) = self.locate(&record);
        let kind = self.rules.kind(Some(&record.venue_type));
        let held = self.get_mut(venue);
        if held.cell != cell {
            if let Some(cell) = held.cell.filter(|_| held.present_told > 0) {
                left(cell, -i64::from(held.present_told));
            }
            held.present_told = 0;
            self.moved.push(venue);
        }
        let record = Record::new(record, kind, place, &self.rules);
        self.alter(venue, |held| {
            (held.cell, held.off_map, held.place, held.kind) = (cell, off_map, place, kind);
            held.record = Some(Box::new(record));
        });
        self.heard_of.set(venue, true);
        self.touch_facts(venue);
    }

    /// A venue's record as it came.
    pub fn record(&self, venue: u32) -> Option<event::Venue> {
        let held = self.get(venue);
        let record = held.record.as_ref()?;
        Some(record.whole(self.names.name(venue), held.kind, held.place, &self.rules))
    }

    /// Where a venue is on the city's map, in degrees of latitude and longitude.
    pub fn point(&self, venue: u32) -> Option<(f64, f64)> {
        let held = self.get(venue);
        held.record.as_ref().filter(|_| held.cell.is_some()).and_then(|record| record.point)
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

    /// The longest that a visit there can be, in seconds.
    pub fn visit_max(&self, venue: u32) -> i64 {
        let longest = |kind| {
            let dwell = self.rules.dwell(kind);
            dwell.typical + dwell.max
        };
        let was = self.forming.filter(|(whose, _)| *whose == venue).map_or(0, |(_, kind)| longest(kind));
        longest(self.get(venue).kind).max(was)
    }

    /// While a venue's visits are formed anew, some are as long as its kind before allows.
    pub fn form(&mut self, venue_and_kind: Option<(u32, u16)>) {
        self.forming = venue_and_kind;
    }

    /// The longest that a case can be met there at one visit of it, in seconds.
    pub fn cut_max(&self, venue: u32) -> i64 {
        self.visit_max(venue) + self.rules.params.contacts.linger_min * MINUTE
    }
}

impl Rules {
    /// Has a record of a kind that expects scans, and no scan in 24 hours.
    pub fn is_silent(&self, venue: &Venue) -> bool {
        venue.record.is_some() && self.venue_kind(venue.kind).expects_scans && !venue.is_active
    }
}
