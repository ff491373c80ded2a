//! Isolation breaches: scans of isolated people at venues that are no place of isolation.

use crate::rules::Rules;
use crate::time::{DAY, Day, Time};
use crate::track::ScanRow;
use crate::venues::VenueBook;
use std::collections::BTreeMap;

/// One scan that should not have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Breach {
    pub at: Time,
    pub venue: u32,
}

impl Breach {
    /// In (now − 24 h, now].
    pub fn is_recent(&self, now: Time) -> bool {
        self.at > now.plus(-DAY)
    }
}

/// The breaches of everybody who has any, in order of (`at`, venue id).
#[derive(Debug, Default)]
pub(crate) struct BreachBook {
    people: BTreeMap<u32, Vec<Breach>>,
}

impl BreachBook {
    /// Works one person's breaches out anew.
    pub fn tell(
        &mut self,
        person: u32,
        scans: &[ScanRow],
        isolation: &[(Time, Time)],
        venues: &VenueBook,
    ) -> bool {
        let mut rows: Vec<Breach> = scans
            .iter()
            .filter(|scan| isolation.iter().any(|(from, end)| *from <= scan.at && scan.at < *end))
            .filter(|scan| !venues.rules.venue_kind(venues.get(scan.venue).kind).isolation_place)
            .map(|scan| Breach { at: scan.at, venue: scan.venue })
            .collect();
        rows.sort_by(|a, b| {
            a.at.cmp(&b.at).then_with(|| venues.names.name(a.venue).cmp(venues.names.name(b.venue)))
        });
        let before =
            if rows.is_empty() { self.people.remove(&person) } else { self.people.insert(person, rows) };
        before.as_ref() != self.people.get(&person)
    }

    pub fn all(&self) -> impl Iterator<Item = (u32, &[Breach])> {
        self.people.iter().map(|(person, rows)| (*person, rows.as_slice()))
    }

    /// A person's breaches of one local day.
    pub fn of_day(&self, person: u32, day: Day, rules: &Rules) -> Vec<Breach> {
        let rows = self.people.get(&person).map_or(&[][..], Vec::as_slice);
        rows.iter().filter(|row| rules.day(row.at) == day).copied().collect()
    }

    /// The local days on which a person has breaches.
    pub fn days(&self, person: u32, rules: &Rules) -> Vec<Day> {
        let rows = self.people.get(&person).map_or(&[][..], Vec::as_slice);
        let mut days: Vec<Day> = rows.iter().map(|row| rules.day(row.at)).collect();
        days.dedup();
        days
    }
}
