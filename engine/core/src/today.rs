//! Who was seen today, and where.

use crate::rules::Place;
use crate::situation::Situation;
use crate::time::Time;
use crate::track::{ScanRow, VISIT_MAX_S};
use std::collections::BTreeSet;

impl Situation {
    /// Counts a person as seen today in the areas where no other scan of it was. No scan before was later than `last`,
    /// where this is its newest.
    pub(crate) fn count_person_today(
        &mut self,
        person: u32,
        scan: &ScanRow,
        place: Place,
        last: Option<Time>,
    ) {
        let midnight = self.counts.midnight();
        if scan.at < midnight {
            return;
        }
        let is_first = last.is_some_and(|last| last < midnight);
        // City, district, ward.
        let mut seen = [false; 3];
        if !is_first {
            self.each_scan_today(person, |other| {
                if other != *scan {
                    let there = self.venues.get(other.venue).place;
                    let same_district = there.district == place.district;
                    seen = [
                        true,
                        seen[1] || same_district,
                        seen[2] || same_district && there.ward == place.ward,
                    ];
                }
                !seen[2]
            });
        }
        for (slot, seen) in self.rules.slots(place).zip(seen) {
            if !seen {
                self.counts.count_person(slot, true);
            }
        }
    }

    /// Calls `more` for a person's scans of today, the later visits first, while it says so.
    fn each_scan_today(&self, person: u32, mut more: impl FnMut(ScanRow) -> bool) {
        let midnight = self.counts.midnight();
        self.store.each_row_since(&self.people, person, midnight.plus(-VISIT_MAX_S), &self.venues, |row| {
            let goes_on = row.scans().filter(|scan| scan.at >= midnight).all(&mut more);
            // Visits do not overlap: what is older than one that began before is over.
            goes_on && (row.at >= midnight || !row.code.is_visit())
        });
    }

    /// The areas in which a person was scanned today, each once.
    pub(crate) fn seen_today(&self, person: u32) -> BTreeSet<usize> {
        let mut seen = BTreeSet::new();
        self.each_scan_today(person, |scan| {
            seen.extend(self.rules.slots(self.venues.get(scan.venue).place));
            true
        });
        seen
    }
}
