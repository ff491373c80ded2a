//! From scans to visits: a function of the set of a person's scans.

use crate::span::Span;
use vonglau_core::event::{Direction, Mode, Scan};
use vonglau_core::params::VenueKind;
use vonglau_core::time::{MINUTE, Time};

/// A visit [start, end).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit<'a> {
    pub person: &'a str,
    pub venue: &'a str,
    pub span: Span,
    /// It lasts until now because its expected end lies ahead.
    pub open: bool,
}

/// Visits, and where each person is now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visits<'a> {
    /// By person and start.
    pub all: Vec<Visit<'a>>,
    /// (person, venue) of every visit open now, also of one that is still empty.
    pub present: Vec<(&'a str, &'a str)>,
}

/// The one visit that a person may have open.
#[derive(Clone, Copy)]
struct OpenVisit<'a> {
    venue: &'a str,
    start: Time,
    last: Time,
    typical: i64,
    max: i64,
}

impl<'a> OpenVisit<'a> {
    fn begin(scan: &'a Scan, kind: &VenueKind) -> Self {
        Self {
            venue: &scan.venue,
            start: scan.at,
            last: scan.at,
            typical: kind.dwell_typical_min * MINUTE,
            max: kind.dwell_max_min * MINUTE,
        }
    }

    fn expected_end(&self) -> Time {
        self.last.plus(self.typical)
    }
}

/// The visits of everybody; `scans` by person, each person's in the order of the walk.
pub fn visits<'a>(scans: &[&'a Scan], kind_of: impl Fn(&str) -> &'a VenueKind, now: Time) -> Visits<'a> {
    let mut visits = Visits::default();
    for scans in scans.chunk_by(|a, b| a.person == b.person) {
        walk(scans, &kind_of, now, &mut visits);
    }
    visits
}

fn walk<'a>(
    scans: &[&'a Scan],
    kind_of: &impl Fn(&str) -> &'a VenueKind,
    now: Time,
    visits: &mut Visits<'a>,
) {
    let person: &str = &scans[0].person;
    // Empty visits do not exist.
    let mut close = |visit: OpenVisit<'a>, end: Time, open: bool| {
        let span = Span::new(visit.start, end);
        visits.all.extend(span.map(|span| Visit { person, venue: visit.venue, span, open }));
    };
    let mut open: Option<OpenVisit<'a>> = None;
    for &scan in scans {
        let control = matches!(scan.mode, Mode::Checkpoint | Mode::Patrol);
        let out = scan.direction == Some(Direction::Out);
        if let Some(visit) = open.as_mut().filter(|visit| *visit.venue == *scan.venue) {
            let within_max = scan.at <= visit.start.plus(visit.max);
            if control {
                // Whatever its direction, changes nothing.
                continue;
            }
            if out {
                // No later than `dwell_max_min` after the start closes it there; a later one at the earlier of
                // its own time and last + `dwell_typical_min`.
                let end = if within_max { scan.at } else { scan.at.min(visit.expected_end()) };
                close(*visit, end, false);
                open = None;
                continue;
            }
            if within_max && scan.at <= visit.expected_end() {
                visit.last = scan.at;
                continue;
            }
        }
        // Any other scan closes the open visit at the earlier of its time and last + `dwell_typical_min`.
        if let Some(visit) = open.take() {
            close(visit, scan.at.min(visit.expected_end()), false);
        }
        // An `out`, a checkpoint or patrol scan, or one at a kind with `dwell_typical_min` 0, opens none.
        let kind = kind_of(&scan.venue);
        if !out && !control && kind.dwell_typical_min > 0 {
            open = Some(OpenVisit::begin(scan, kind));
        }
    }
    // After the last scan the visit is open until last + `dwell_typical_min`; while that lies ahead it lasts until now.
    if let Some(visit) = open {
        let ahead = visit.expected_end() > now;
        close(visit, visit.expected_end().min(now), ahead);
        if ahead {
            visits.present.push((person, visit.venue));
        }
    }
}
