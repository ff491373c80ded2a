//! Visits from one person's scans of one day, by the domain's rules, for those who have no core.
//!
//! The city sleeps at night, so that no visit meets the next day's scans and a day can be looked at alone.

use crate::city::{Dwell, KINDS, Way};
use vonglau_core::params::Params;

/// The rules' numbers that rivals need.
#[derive(Clone, Debug)]
pub struct Rules {
    /// By venue modulo their number.
    dwells: Vec<Dwell>,
    /// Seconds that make a contact.
    pub contact_s: i32,
}

/// A scan of one person.
#[derive(Clone, Copy, Debug)]
pub struct Scanned {
    pub at: u32,
    pub way: Way,
    pub venue: u32,
}

/// A visit [start, end) of one person, in seconds since the city's first day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    pub venue: u32,
    pub start: u32,
    pub end: u32,
}

/// A visit that has not ended.
#[derive(Clone, Copy, Debug)]
struct Open {
    venue: u32,
    start: u32,
    last: u32,
}

impl Rules {
    pub fn new(params: &Params) -> Self {
        let dwell = |name: &&str| {
            let kind = params.venue_kinds.iter().find(|kind| *kind.name == **name);
            kind.map_or_else(
                || Dwell::minutes(0, 0),
                |kind| Dwell::minutes(kind.dwell_typical_min, kind.dwell_max_min),
            )
        };
        Self {
            dwells: KINDS.iter().map(dwell).collect(),
            contact_s: i32::try_from(params.contacts.contact_min * 60).unwrap_or_default(),
        }
    }

    fn dwell(&self, venue: u32) -> Dwell {
        self.dwells[venue as usize % self.dwells.len()]
    }

    /// The visits of a person's scans of one day, which are sorted by (at, way, venue).
    pub fn visits(&self, scans: impl IntoIterator<Item = Scanned>, mut visit: impl FnMut(Visit)) {
        let mut open: Option<Open> = None;
        let mut close = |open: Open, end: u32| {
            if end > open.start {
                visit(Visit { venue: open.venue, start: open.start, end });
            }
        };
        for scan in scans {
            match open.filter(|open| open.venue == scan.venue) {
                None => {
                    if let Some(open) = open {
                        close(open, scan.at.min(self.expected(open)));
                    }
                    open = (scan.way == Way::In).then_some(Open {
                        venue: scan.venue,
                        start: scan.at,
                        last: scan.at,
                    });
                }
                Some(here) => open = self.at_same_venue(here, scan, &mut close),
            }
        }
        if let Some(open) = open {
            close(open, self.expected(open));
        }
    }

    fn at_same_venue(&self, here: Open, scan: Scanned, close: &mut impl FnMut(Open, u32)) -> Option<Open> {
        let in_time = scan.at <= here.start + self.dwell(here.venue).max;
        match scan.way {
            Way::Checkpoint => Some(here),
            Way::Out | Way::OrphanOut => {
                close(here, if in_time { scan.at } else { scan.at.min(self.expected(here)) });
                None
            }
            Way::In if in_time && scan.at <= self.expected(here) => Some(Open { last: scan.at, ..here }),
            Way::In => {
                close(here, scan.at.min(self.expected(here)));
                Some(Open { start: scan.at, last: scan.at, ..here })
            }
        }
    }

    fn expected(&self, open: Open) -> u32 {
        open.last + self.dwell(open.venue).typical
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Venue 0 has a typical visit of 100 s and a longest of 300 s.
    fn visits(scans: &[(u32, Way, u32)]) -> Vec<(u32, u32, u32)> {
        let rules = Rules { dwells: vec![Dwell { typical: 100, max: 300 }], contact_s: 900 };
        let scans = scans.iter().map(|(at, way, venue)| Scanned { at: *at, way: *way, venue: *venue });
        let mut found = Vec::new();
        rules.visits(scans, |visit| found.push((visit.venue, visit.start, visit.end)));
        found
    }

    #[test]
    fn an_out_closes_a_visit_and_without_one_it_lasts_as_usual() {
        assert_eq!(visits(&[(0, Way::In, 0), (250, Way::Out, 0)]), [(0, 0, 250)]);
        assert_eq!(visits(&[(0, Way::In, 0), (301, Way::Out, 0)]), [(0, 0, 100)]);
        assert_eq!(visits(&[(0, Way::In, 0)]), [(0, 0, 100)]);
    }

    #[test]
    fn a_scan_elsewhere_or_again_ends_or_lengthens_it() {
        assert_eq!(visits(&[(0, Way::In, 0), (50, Way::Checkpoint, 1)]), [(0, 0, 50)]);
        assert_eq!(visits(&[(0, Way::In, 0), (50, Way::In, 0)]), [(0, 0, 150)]);
        assert_eq!(visits(&[(0, Way::In, 0), (120, Way::In, 0)]), [(0, 0, 100), (0, 120, 220)]);
        assert_eq!(visits(&[(0, Way::OrphanOut, 0), (0, Way::Checkpoint, 0)]), []);
    }
}
