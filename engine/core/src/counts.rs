//! Counts of distinct scans by area: by minute for series, and of today.

use crate::rules::{Place, Rules};
use crate::time::{Day, HOUR, MINUTE, Time};
use std::collections::{BTreeSet, VecDeque};

/// Wards' minutes are kept so long: they are asked for the last full minute only.
const WARD_MINUTES: i64 = 2 * HOUR / MINUTE;

/// Scan counts of all areas.
#[derive(Debug)]
pub(crate) struct Counts {
    /// The minute since 1970 that is first in `minutes`.
    first: i64,
    /// By minute: scans by area (city and districts).
    minutes: VecDeque<Box<[u32]>>,
    main_areas: usize,
    /// By minute modulo [`WARD_MINUTES`]: scans by ward.
    ward_minutes: Vec<Vec<u32>>,
    /// The newest minute for which wards are counted.
    ward_minute: i64,
    today: Day,
    scans_today: Vec<i64>,
    people_today: Vec<i64>,
    /// The city's minutes of today that changed since they were last told.
    pub changed: BTreeSet<i64>,
}

impl Counts {
    pub fn new(rules: &Rules) -> Self {
        let wards = rules.areas() - rules.main_areas();
        Self {
            first: 0,
            minutes: VecDeque::new(),
            main_areas: rules.main_areas(),
            ward_minutes: (0..WARD_MINUTES).map(|_| vec![0; wards]).collect(),
            ward_minute: i64::MIN,
            today: Day(i32::MIN),
            scans_today: vec![0; rules.areas()],
            people_today: vec![0; rules.areas()],
            changed: BTreeSet::new(),
        }
    }

    pub fn today(&self) -> Day {
        self.today
    }

    /// Time moved on: a new day begins at nothing.
    pub fn advance(&mut self, now: Time, today: Day) {
        if self.today != today {
            self.today = today;
            self.scans_today.fill(0);
            self.people_today.fill(0);
        }
        let minute = now.0.div_euclid(MINUTE);
        for fresh in self.ward_minute.max(minute - WARD_MINUTES) + 1..=minute {
            self.ward_minutes[ring(fresh)].fill(0);
        }
        self.ward_minute = self.ward_minute.max(minute);
    }

    /// The retention edge has passed: scans before it never came.
    pub fn forget_before(&mut self, edge: Time) {
        while self.first < edge.0.div_euclid(MINUTE) && self.minutes.pop_front().is_some() {
            self.first += 1;
        }
    }

    /// Counts a scan in, or out again (`came` false).
    pub fn count(&mut self, rules: &Rules, place: Place, at: Time, came: bool) {
        let minute = at.0.div_euclid(MINUTE);
        let shift = |count: &mut u32| *count = if came { *count + 1 } else { count.saturating_sub(1) };
        let is_today = rules.day(at) == self.today;
        let is_recent = minute > self.ward_minute - WARD_MINUTES && minute <= self.ward_minute;
        for slot in rules.slots(place) {
            if slot < self.main_areas {
                if let Some(count) = self.minute_mut(minute).and_then(|counts| counts.get_mut(slot)) {
                    shift(count);
                }
            } else if is_recent {
                shift(&mut self.ward_minutes[ring(minute)][slot - self.main_areas]);
            }
            if is_today {
                self.scans_today[slot] += if came { 1 } else { -1 };
            }
        }
        if is_today {
            self.changed.insert(minute);
        }
    }

    fn minute_mut(&mut self, minute: i64) -> Option<&mut Box<[u32]>> {
        if self.minutes.is_empty() {
            self.first = minute;
        }
        while minute < self.first {
            self.minutes.push_front(vec![0; self.main_areas].into());
            self.first -= 1;
        }
        let place = usize::try_from(minute - self.first).ok()?;
        while place >= self.minutes.len() {
            self.minutes.push_back(vec![0; self.main_areas].into());
        }
        self.minutes.get_mut(place)
    }

    /// A person was seen today in an area for the first time, or is no longer.
    pub fn count_person(&mut self, slot: usize, came: bool) {
        self.people_today[slot] += if came { 1 } else { -1 };
    }

    pub fn scans_today(&self, slot: usize) -> i64 {
        self.scans_today[slot]
    }

    pub fn people_today(&self, slot: usize) -> i64 {
        self.people_today[slot]
    }

    /// Scans of an area in one minute; of a ward only of the last two hours.
    pub fn minute(&self, slot: usize, minute: i64) -> i64 {
        if slot < self.main_areas {
            let place = usize::try_from(minute - self.first).ok();
            return place.and_then(|n| self.minutes.get(n)).map_or(0, |counts| i64::from(counts[slot]));
        }
        let is_recent = minute > self.ward_minute - WARD_MINUTES && minute <= self.ward_minute;
        if is_recent { i64::from(self.ward_minutes[ring(minute)][slot - self.main_areas]) } else { 0 }
    }

    /// Scans of the city or a district in [from, to), which lie on minutes.
    pub fn between(&self, slot: usize, from: Time, to: Time) -> i64 {
        let end = self.first + i64::try_from(self.minutes.len()).unwrap_or(i64::MAX);
        let minutes = from.0.div_euclid(MINUTE).max(self.first)..to.0.div_euclid(MINUTE).min(end);
        minutes.map(|minute| self.minute(slot, minute)).sum()
    }
}

fn ring(minute: i64) -> usize {
    usize::try_from(minute.rem_euclid(WARD_MINUTES)).unwrap_or_default()
}
