//! From scans to visits: the rows of a person are a function of the set of the person's scans.

use crate::event::{Direction, Mode};
use crate::rules::Dwell;
use crate::store::row::{Code, Row};
use crate::time::{MINUTE, Time};
use std::cmp::Ordering;

/// No visit lasts longer, in seconds: the configuration keeps `dwell_typical_min` + `dwell_max_min` below it, so that
/// a length fits 16 bits.
pub(crate) const VISIT_MAX_S: i64 = 1_092 * MINUTE;

/// `out` comes before undirected before `in` within one second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Way {
    Out,
    Undirected,
    In,
}

impl From<Option<Direction>> for Way {
    fn from(direction: Option<Direction>) -> Self {
        match direction {
            Some(Direction::Out) => Self::Out,
            None => Self::Undirected,
            Some(Direction::In) => Self::In,
        }
    }
}

impl Way {
    pub fn direction(self) -> Option<Direction> {
        match self {
            Self::Out => Some(Direction::Out),
            Self::Undirected => None,
            Self::In => Some(Direction::In),
        }
    }
}

/// One distinct scan of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ScanRow {
    pub at: Time,
    pub way: Way,
    pub mode: Mode,
    pub venue: u32,
}

/// A visit [start, end); an open one ends where it would without a further scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Visit {
    pub venue: u32,
    pub start: Time,
    pub end: Time,
}

impl Visit {
    /// What of it lies before `now`; None if nothing does.
    pub fn until(self, now: Time) -> Option<Self> {
        let end = self.end.min(now);
        (end > self.start).then_some(Self { end, ..self })
    }
}

/// What forming visits must know of venues.
pub(crate) trait Venues {
    fn dwell(&self, venue: u32) -> Dwell;
    fn by_name(&self, a: u32, b: u32) -> Ordering;
}

/// The order in which a person's scans are walked.
pub(crate) fn order(a: &ScanRow, b: &ScanRow, venues: &impl Venues) -> Ordering {
    (a.at, a.way)
        .cmp(&(b.at, b.way))
        .then_with(|| if a.venue == b.venue { Ordering::Equal } else { venues.by_name(a.venue, b.venue) })
        .then_with(|| a.mode.cmp(&b.mode))
}

/// The order of rows: that of their first scans.
pub(crate) fn row_order(a: &Row, b: &Row, venues: &impl Venues) -> Ordering {
    if a.at != b.at {
        return a.at.cmp(&b.at);
    }
    let first = |row: &Row| {
        let (mode, way) = row.code.first();
        ScanRow { at: row.at, way, mode, venue: row.venue }
    };
    order(&first(a), &first(b), venues)
}

/// The scans that rows hold, in order.
pub(crate) fn scans_of(rows: &[Row], venues: &impl Venues) -> Vec<ScanRow> {
    let mut scans: Vec<ScanRow> = rows.iter().flat_map(Row::scans).collect();
    scans.sort_by(|a, b| order(a, b, venues));
    scans
}

/// The visit that no scan has closed yet: the place of its row, and its last scan.
#[derive(Clone, Copy, Debug)]
struct Open {
    row: usize,
    last: Time,
}

/// Walks scans in order from nothing and writes the rows they make.
pub(crate) fn walk(person: u32, scans: &[ScanRow], venues: &impl Venues) -> Vec<Row> {
    let mut walk = Walk { person, rows: Vec::with_capacity(scans.len()), open: None };
    for scan in scans {
        walk.meet(*scan, venues);
    }
    if let Some(open) = walk.open {
        let expected = walk.expected(open, venues);
        walk.close(open, expected, None);
    }
    walk.rows
}

struct Walk {
    person: u32,
    rows: Vec<Row>,
    open: Option<Open>,
}

impl Walk {
    /// One step: a scan meets the open visit, which may close and another open.
    fn meet(&mut self, scan: ScanRow, venues: &impl Venues) {
        if let Some(open) = self.open.filter(|open| self.rows[open.row].venue == scan.venue) {
            if scan.mode.is_control() {
                return self.push(Code::single(scan.mode, scan.way), scan);
            }
            let start = self.rows[open.row].at;
            let in_reach = scan.at <= start.plus(venues.dwell(scan.venue).max);
            let expected = self.expected(open, venues);
            if scan.way == Way::Out {
                if in_reach {
                    return self.close(open, scan.at, Some(scan.mode));
                }
            } else if in_reach && scan.at <= expected {
                self.open = Some(Open { last: scan.at, ..open });
                return self.push(Code::single(scan.mode, scan.way), scan);
            }
        }
        if let Some(open) = self.open {
            let expected = self.expected(open, venues);
            self.close(open, scan.at.min(expected), None);
        }
        if scan.way == Way::Out || scan.mode.is_control() || venues.dwell(scan.venue).typical == 0 {
            return self.push(Code::single(scan.mode, scan.way), scan);
        }
        self.open = Some(Open { row: self.rows.len(), last: scan.at });
        self.push(Code::visit(scan.mode, scan.way, None), scan);
    }

    fn expected(&self, open: Open, venues: &impl Venues) -> Time {
        open.last.plus(venues.dwell(self.rows[open.row].venue).typical)
    }

    fn push(&mut self, code: Code, scan: ScanRow) {
        self.rows.push(Row { person: self.person, venue: scan.venue, at: scan.at, len: 0, code });
    }

    /// A visit that ends in the second in which it began is none: its scan stands alone.
    fn close(&mut self, open: Open, end: Time, by: Option<Mode>) {
        let row = &mut self.rows[open.row];
        let (mode, way) = row.code.first();
        row.len = seconds(row.at, end);
        row.code = if row.len == 0 { Code::single(mode, way) } else { Code::visit(mode, way, by) };
        self.open = None;
    }
}

/// The length of a visit; [`VISIT_MAX_S`] fits.
pub(crate) fn seconds(start: Time, end: Time) -> u16 {
    u16::try_from(end.0 - start.0).unwrap_or(u16::MAX)
}

/// The visit that no scan has closed, with its expected end, as rows in order say: the last visit, if no `out` closed
/// it and nothing came after it but controls and repeated scans at its venue.
pub(crate) fn open_visit(rows: &[Row]) -> Option<Visit> {
    let place = rows.iter().rposition(|row| row.code.is_visit())?;
    let (last, after) = (&rows[place], &rows[place + 1..]);
    let stays = |row: &Row| {
        let (mode, way) = row.code.first();
        row.venue == last.venue && (mode.is_control() || way != Way::Out)
    };
    if last.code.closed_by().is_some() || !after.iter().all(stays) {
        return None;
    }
    last.visit()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;
    impl Venues for Fixed {
        fn dwell(&self, venue: u32) -> Dwell {
            if venue == 9 { Dwell { typical: 0, max: 0 } } else { Dwell { typical: 60, max: 200 } }
        }
        fn by_name(&self, a: u32, b: u32) -> Ordering {
            a.cmp(&b)
        }
    }

    fn track(scans: &[(i64, Way, u32)]) -> Vec<(u32, i64, i64)> {
        let row = |(at, way, venue): &(i64, Way, u32)| ScanRow {
            at: Time(*at),
            way: *way,
            mode: Mode::PersonQr,
            venue: *venue,
        };
        let mut scans: Vec<ScanRow> = scans.iter().map(row).collect();
        scans.sort_by(|a, b| order(a, b, &Fixed));
        let rows = walk(0, &scans, &Fixed);
        assert_eq!(scans_of(&rows, &Fixed), scans, "rows hold exactly the scans");
        rows.iter().filter_map(Row::visit).map(|v| (v.venue, v.start.0, v.end.0)).collect()
    }

    #[test]
    fn an_out_within_the_longest_stay_closes_the_visit_there() {
        assert_eq!(track(&[(0, Way::In, 1), (180, Way::Out, 1)]), [(1, 0, 180)]);
        assert_eq!(track(&[(0, Way::In, 1), (201, Way::Out, 1)]), [(1, 0, 60)]);
    }

    #[test]
    fn a_scan_elsewhere_closes_the_visit_at_the_earlier_of_its_time_and_the_typical_stay() {
        assert_eq!(track(&[(0, Way::In, 1), (30, Way::In, 2)]), [(1, 0, 30), (2, 30, 90)]);
        assert_eq!(track(&[(0, Way::In, 1), (300, Way::Out, 2)]), [(1, 0, 60)]);
        assert_eq!(track(&[(0, Way::In, 1), (30, Way::In, 9)]), [(1, 0, 30)]);
    }

    #[test]
    fn a_repeated_in_moves_the_end_and_one_too_late_begins_another_visit() {
        assert_eq!(track(&[(0, Way::In, 1), (50, Way::Undirected, 1)]), [(1, 0, 110)]);
        assert_eq!(track(&[(0, Way::In, 1), (61, Way::In, 1)]), [(1, 0, 60), (1, 61, 121)]);
        let ins = [0, 60, 120, 180, 210].map(|at| (at, Way::In, 1));
        assert_eq!(track(&ins), [(1, 0, 210), (1, 210, 270)]);
    }

    #[test]
    fn an_in_and_an_out_of_one_second_make_a_visit_that_begins_then() {
        assert_eq!(track(&[(0, Way::In, 1), (0, Way::Out, 1)]), [(1, 0, 60)]);
    }

    #[test]
    fn a_visit_is_open_until_an_out_or_a_scan_elsewhere() {
        let row = |at, code, venue| Row { person: 0, venue, at: Time(at), len: 60, code };
        let visit = row(0, Code::visit(Mode::PersonQr, Way::In, None), 1);
        let control = |venue| row(10, Code::single(Mode::Patrol, Way::Out), venue);
        assert!(open_visit(&[visit]).is_some());
        assert!(open_visit(&[visit, control(1)]).is_some());
        assert!(open_visit(&[visit, control(2)]).is_none());
        assert!(
            open_visit(&[row(0, Code::visit(Mode::PersonQr, Way::In, Some(Mode::VenueQr)), 1)]).is_none()
        );
    }
}
