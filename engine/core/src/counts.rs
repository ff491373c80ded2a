//! Counts of distinct scans by area: by minute for series, and of today.

use crate::rules::{Place, Rules};
use crate::time::{Day, HOUR, MINUTE, Time};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Wards' minutes are kept so long: they are asked for the last full minute only.
const WARD_MINUTES_KEPT_S: i64 = 2 * HOUR;

/// Scan counts of all areas.
#[derive(Debug)]
pub(crate) struct Counts {
    /// By area (city and districts): minute since 1970 to scans.
    minutes: Vec<BTreeMap<i64, u32>>,
    ward_minutes: BTreeMap<(i64, usize), u32>,
    today: Day,
    scans_today: Vec<i64>,
    /// By area: person to scans of today.
    people_today: Vec<FxHashMap<u32, u32>>,
    /// The city's minutes of today that changed since they were last told.
    pub changed: std::collections::BTreeSet<i64>,
}

impl Counts {
    pub fn new(rules: &Rules) -> Self {
        Self {
            minutes: vec![BTreeMap::new(); rules.main_areas()],
            ward_minutes: BTreeMap::new(),
            today: Day(i32::MIN),
            scans_today: vec![0; rules.areas()],
            people_today: vec![FxHashMap::default(); rules.areas()],
            changed: std::collections::BTreeSet::new(),
        }
    }

    /// Time moved on: a new day begins at nothing.
    pub fn advance(&mut self, now: Time, today: Day) {
        if self.today != today {
            self.today = today;
            self.scans_today.fill(0);
            self.people_today.fill_with(FxHashMap::default);
        }
        let kept = now.plus(-WARD_MINUTES_KEPT_S).0.div_euclid(MINUTE);
        while self.ward_minutes.first_key_value().is_some_and(|((minute, _), _)| *minute < kept) {
            self.ward_minutes.pop_first();
        }
    }

    /// Counts a scan in, or out again (`came` false).
    pub fn count(&mut self, rules: &Rules, place: Place, person: u32, at: Time, now: Time, came: bool) {
        let minute = at.0.div_euclid(MINUTE);
        let is_today = rules.day(at) == self.today;
        let is_late_for_wards = at < now.plus(-WARD_MINUTES_KEPT_S + MINUTE);
        for slot in rules.slots(place) {
            if let Some(minutes) = self.minutes.get_mut(slot) {
                shift(minutes, minute, came);
            } else if !is_late_for_wards {
                shift(&mut self.ward_minutes, (minute, slot), came);
            }
            if is_today {
                self.scans_today[slot] += if came { 1 } else { -1 };
                let times = self.people_today[slot].entry(person).or_default();
                *times = if came { *times + 1 } else { times.saturating_sub(1) };
                if *times == 0 {
                    self.people_today[slot].remove(&person);
                }
            }
        }
        if is_today {
            self.changed.insert(minute);
        }
    }

    pub fn scans_today(&self, slot: usize) -> i64 {
        self.scans_today[slot]
    }

    pub fn people_today(&self, slot: usize) -> usize {
        self.people_today[slot].len()
    }

    /// Scans of an area in one minute.
    pub fn minute(&self, slot: usize, minute: i64) -> i64 {
        let found = match self.minutes.get(slot) {
            Some(minutes) => minutes.get(&minute),
            None => self.ward_minutes.get(&(minute, slot)),
        };
        found.copied().map_or(0, i64::from)
    }

    /// Scans of the city or a district in [from, to), which lie on minutes.
    pub fn between(&self, slot: usize, from: Time, to: Time) -> i64 {
        let (from, to) = (from.0.div_euclid(MINUTE), to.0.div_euclid(MINUTE));
        self.minutes
            .get(slot)
            .map_or(0, |minutes| minutes.range(from..to.max(from)).map(|(_, n)| i64::from(*n)).sum())
    }
}

fn shift<K: Ord>(counts: &mut BTreeMap<K, u32>, key: K, came: bool) {
    if came {
        *counts.entry(key).or_default() += 1;
    } else if let Some(count) = counts.get_mut(&key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&key);
        }
    }
}
