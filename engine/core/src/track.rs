//! From scans to visits: a person's track is a function of the set of its scans.

use crate::event::{Direction, Mode};
use crate::rules::Dwell;
use crate::time::Time;
use std::cmp::Ordering;

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

/// The visit that no scan has closed yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Open {
    pub venue: u32,
    pub start: Time,
    pub last: Time,
}

/// What of the visits changed.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub gone: Vec<Visit>,
    pub come: Vec<Visit>,
}

/// What a track must know of venues.
pub(crate) trait Venues {
    fn dwell(&self, venue: u32) -> Dwell;
    fn by_name(&self, a: u32, b: u32) -> Ordering;
}

/// A person's distinct scans in the order of the rules, and the visits formed of them.
#[derive(Debug, Default)]
pub(crate) struct Track {
    pub scans: Vec<ScanRow>,
    closed: Vec<Visit>,
    open: Option<Open>,
}

fn order(a: &ScanRow, b: &ScanRow, venues: &impl Venues) -> Ordering {
    (a.at, a.way)
        .cmp(&(b.at, b.way))
        .then_with(|| if a.venue == b.venue { Ordering::Equal } else { venues.by_name(a.venue, b.venue) })
        .then_with(|| a.mode.cmp(&b.mode))
}

impl Track {
    /// Takes a scan in; None if the same was there already.
    pub fn add(&mut self, scan: ScanRow, venues: &impl Venues) -> Option<Changes> {
        let place = self.scans.partition_point(|held| order(held, &scan, venues).is_lt());
        if self.scans.get(place) == Some(&scan) {
            return None;
        }
        self.scans.insert(place, scan);
        if place + 1 < self.scans.len() {
            return Some(self.derive(venues));
        }
        // The newest scan of the person: the walk goes on from where it stood.
        let mut changes = Changes { gone: self.open_visit(venues).into_iter().collect(), come: Vec::new() };
        if let Some(visit) = follow(&mut self.open, scan, venues) {
            self.closed.push(visit);
            changes.come.push(visit);
        }
        changes.come.extend(self.open_visit(venues));
        Some(changes.without_equals())
    }

    /// Forgets the scans before the edge, as if they had never come.
    pub fn forget_before(&mut self, edge: Time, venues: &impl Venues) -> (Vec<ScanRow>, Changes) {
        let gone = self.scans.partition_point(|scan| scan.at < edge);
        if gone == 0 {
            return Default::default();
        }
        let gone: Vec<ScanRow> = self.scans.drain(..gone).collect();
        (gone, self.derive(venues))
    }

    /// Forms all visits anew (after a late scan, or when a venue's kind changed).
    pub fn derive(&mut self, venues: &impl Venues) -> Changes {
        self.derive_from(self.visits(venues).collect(), venues)
    }

    /// As [`Track::derive`], where the visits before were taken under other dwell times.
    pub fn derive_from(&mut self, before: Vec<Visit>, venues: &impl Venues) -> Changes {
        self.closed.clear();
        self.open = None;
        for scan in &self.scans {
            self.closed.extend(follow(&mut self.open, *scan, venues));
        }
        Changes { gone: before, come: self.visits(venues).collect() }.without_equals()
    }

    /// All visits by start; the last may be open.
    pub fn visits<V: Venues>(&self, venues: &V) -> impl Iterator<Item = Visit> + use<'_, V> {
        self.closed.iter().copied().chain(self.open_visit(venues))
    }

    /// The visit that no scan has closed, with its expected end. It may be empty: then it is present, but no visit.
    pub fn open_until(&self, venues: &impl Venues) -> Option<Visit> {
        self.open.map(|open| Visit {
            venue: open.venue,
            start: open.start,
            end: open.last.plus(venues.dwell(open.venue).typical),
        })
    }

    fn open_visit(&self, venues: &impl Venues) -> Option<Visit> {
        self.open_until(venues).filter(|visit| visit.end > visit.start)
    }
}

impl Changes {
    fn without_equals(mut self) -> Self {
        let before = std::mem::take(&mut self.gone);
        let same = before.iter().zip(&self.come).take_while(|(a, b)| a == b).count();
        self.come.drain(..same);
        self.gone.extend_from_slice(&before[same..]);
        self
    }
}

/// One step of the walk: a scan meets the open visit, which may close and another open.
fn follow(open: &mut Option<Open>, scan: ScanRow, venues: &impl Venues) -> Option<Visit> {
    if let Some(visit) = open.as_mut().filter(|visit| visit.venue == scan.venue) {
        if scan.mode.is_control() {
            return None;
        }
        let dwell = venues.dwell(visit.venue);
        let expected = visit.last.plus(dwell.typical);
        let in_reach = scan.at <= visit.start.plus(dwell.max);
        if scan.way == Way::Out {
            let end = if in_reach { scan.at } else { scan.at.min(expected) };
            return close(open, end);
        }
        if in_reach && scan.at <= expected {
            visit.last = scan.at;
            return None;
        }
    }
    let closed = open.and_then(|visit| {
        let expected = visit.last.plus(venues.dwell(visit.venue).typical);
        close(open, scan.at.min(expected))
    });
    if scan.way != Way::Out && !scan.mode.is_control() && venues.dwell(scan.venue).typical > 0 {
        *open = Some(Open { venue: scan.venue, start: scan.at, last: scan.at });
    }
    closed
}

fn close(open: &mut Option<Open>, end: Time) -> Option<Visit> {
    let visit = open.take()?;
    (end > visit.start).then_some(Visit { venue: visit.venue, start: visit.start, end })
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
        let mut track = Track::default();
        for (at, way, venue) in scans {
            track.add(ScanRow { at: Time(*at), way: *way, mode: Mode::PersonQr, venue: *venue }, &Fixed);
        }
        track.visits(&Fixed).map(|v| (v.venue, v.start.0, v.end.0)).collect()
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
        assert_eq!(
            track(&[
                (0, Way::In, 1),
                (60, Way::In, 1),
                (120, Way::In, 1),
                (180, Way::In, 1),
                (210, Way::In, 1)
            ]),
            [(1, 0, 210), (1, 210, 270)]
        );
    }

    #[test]
    fn the_order_of_arrival_does_not_matter() {
        let scans = [
            (0, Way::In, 1),
            (20, Way::Out, 1),
            (20, Way::In, 2),
            (20, Way::In, 1),
            (90, Way::Undirected, 2),
        ];
        let straight = track(&scans);
        let mut turned = scans;
        turned.reverse();
        assert_eq!(track(&turned), straight);
        turned.swap(1, 3);
        assert_eq!(track(&turned), straight);
    }

    #[test]
    fn an_in_and_an_out_of_one_second_make_a_visit_that_begins_then() {
        assert_eq!(track(&[(0, Way::In, 1), (0, Way::Out, 1)]), [(1, 0, 60)]);
    }
}
