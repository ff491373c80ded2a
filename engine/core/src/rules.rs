//! The rules made ready to look up: codes to places, kinds to dwell times, areas to slots.

use crate::event::Resident;
use crate::levels::as_f64;
use crate::params::{Params, VenueKind};
use crate::time::{DAY, Day, HOUR, MINUTE, Time};
use crate::view::Area;
use crate::wards::WardMap;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Where a person lives or a venue is: places in the lists of districts and wards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub district: Option<u16>,
    pub ward: Option<u16>,
}

/// Dwell times of a venue's kind, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dwell {
    pub typical: i64,
    pub max: i64,
}

/// The rules in force, with their indexes.
#[derive(Debug)]
pub(crate) struct Rules {
    pub params: Arc<Params>,
    pub wards: Arc<WardMap>,
    districts: FxHashMap<Box<str>, u16>,
    ward_codes: FxHashMap<Box<str>, u16>,
    ward_district: Vec<Option<u16>>,
    kinds: FxHashMap<Box<str>, u16>,
    other: u16,
    /// What is left of a sum of risk, by its age in hours.
    left: Box<[f64]>,
}

/// Hours for which what is left of a sum of risk is worked out beforehand: all that retention keeps.
const LEFT_HOURS: u16 = 24 * 62;

fn place_in_list<'a>(codes: impl Iterator<Item = &'a Box<str>>) -> FxHashMap<Box<str>, u16> {
    codes.zip(0_u16..).map(|(code, n)| (code.clone(), n)).collect()
}

impl Rules {
    pub fn new(params: Arc<Params>, wards: Arc<WardMap>) -> Self {
        let districts = place_in_list(params.districts.iter().map(|d| &d.code));
        let ward_codes = place_in_list(params.wards.iter().map(|w| &w.code));
        let ward_district = params.wards.iter().map(|w| districts.get(&w.district).copied()).collect();
        let kinds = place_in_list(params.venue_kinds.iter().map(|k| &k.name));
        let other = kinds.get("other").copied().unwrap_or_default();
        let left = (0..LEFT_HOURS).map(|age| left_of(f64::from(age), params.risk.half_life_h)).collect();
        Self { params, wards, districts, ward_codes, ward_district, kinds, other, left }
    }

    /// What is left of a sum of risk after so many hours: half of it every `half_life_h`.
    pub fn left(&self, age: i64) -> f64 {
        let known = usize::try_from(age).ok().and_then(|age| self.left.get(age)).copied();
        known.unwrap_or_else(|| left_of(as_f64(age), self.params.risk.half_life_h))
    }

    /// The place of two codes: a ward counts only where it is known and of that district.
    pub fn place(&self, district: Option<&str>, ward: Option<&str>) -> Place {
        let district = district.and_then(|code| self.districts.get(code)).copied();
        let ward = ward.and_then(|code| self.ward_codes.get(code)).copied();
        let fits = |ward: &u16| district.is_some() && self.ward_district[usize::from(*ward)] == district;
        Place { district, ward: ward.filter(fits) }
    }

    /// Where a resident's record says that it lives; nowhere without one.
    pub fn residence(&self, record: Option<&Resident>) -> Place {
        record.map_or_else(Place::default, |record| {
            self.place(record.district.as_deref(), record.ward.as_deref())
        })
    }

    /// The place of a ward.
    pub fn place_of_ward(&self, ward: usize) -> Place {
        let district = self.ward_district.get(ward).copied().flatten();
        Place { district, ward: u16::try_from(ward).ok().filter(|_| district.is_some()) }
    }

    pub fn district_code(&self, place: Place) -> Option<Box<str>> {
        place.district.map(|n| self.params.districts[usize::from(n)].code.clone())
    }

    pub fn ward_code(&self, place: Place) -> Option<Box<str>> {
        place.ward.map(|n| self.params.wards[usize::from(n)].code.clone())
    }

    /// The place in the list of kinds; unknown names are `other`.
    pub fn kind(&self, name: Option<&str>) -> u16 {
        name.and_then(|name| self.kinds.get(name)).copied().unwrap_or(self.other)
    }

    pub fn venue_kind(&self, kind: u16) -> &VenueKind {
        &self.params.venue_kinds[usize::from(kind)]
    }

    pub fn dwell(&self, kind: u16) -> Dwell {
        let kind = self.venue_kind(kind);
        Dwell { typical: kind.dwell_typical_min * MINUTE, max: kind.dwell_max_min * MINUTE }
    }

    /// How many areas have figures: the city, the districts, the wards.
    pub fn areas(&self) -> usize {
        1 + self.params.districts.len() + self.params.wards.len()
    }

    /// City and districts come first; so many have what is shown kept for 34 days.
    pub fn main_areas(&self) -> usize {
        1 + self.params.districts.len()
    }

    /// The slots in which something at a place counts: the city's, its district's, its ward's.
    pub fn slots(&self, place: Place) -> impl Iterator<Item = usize> + use<> {
        let first_ward = self.main_areas();
        let district = place.district.map(|n| 1 + usize::from(n));
        let ward = place.ward.map(|n| first_ward + usize::from(n));
        std::iter::once(0).chain(district).chain(ward)
    }

    /// The area of a slot.
    pub fn area(&self, slot: usize) -> Area {
        let narrow = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        match slot {
            0 => Area::City,
            n if n < self.main_areas() => Area::District(narrow(n - 1)),
            n => Area::Ward(narrow(n - self.main_areas())),
        }
    }

    /// The local date.
    pub fn day(&self, at: Time) -> Day {
        self.params.zone.day(at)
    }

    /// The last full local hour at least so many days before.
    pub fn hour_before(&self, at: Time, days: i64) -> Time {
        self.params.zone.hour_floor(at.plus(-days * DAY))
    }

    /// Local midnight at which a day begins.
    pub fn midnight(&self, day: Day) -> Time {
        self.params.zone.at(day, 0)
    }

    /// The retention edge: 04:00 local of the date `retention_days` before that of now, before 04:00 of the day before.
    pub fn edge(&self, now: Time) -> Time {
        edge(&self.params, now)
    }

    /// Seconds that make a contact.
    pub fn bound(&self) -> i64 {
        self.params.contacts.contact_min * MINUTE
    }

    /// Infectiousness in thousandths so many days from onset.
    pub fn infectiousness(&self, day: i64) -> i64 {
        let table = &self.params.contacts.infectiousness_permille;
        usize::try_from(day + 3).ok().and_then(|n| table.get(n)).copied().unwrap_or(0)
    }
}

fn left_of(age: f64, half_life_h: f64) -> f64 {
    (-age / half_life_h).exp2()
}

/// When the retention edge moves on: at a quiet hour, in seconds of the local clock.
pub(crate) const EDGE_S: i64 = 4 * HOUR;

/// The retention edge for a `now`; scans before it never came.
pub fn edge(params: &Params, now: Time) -> Time {
    let zone = &params.zone;
    let today = zone.day(now);
    let begun = now >= zone.at(today, EDGE_S);
    zone.at(today.plus(-params.retention_days - i32::from(!begun)), EDGE_S)
}
