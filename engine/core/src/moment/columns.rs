//! Columns of visits and scans, filled piece by piece.

use crate::event::{Direction, Mode};
use crate::store::row::Code;
use crate::store::stretch::Stretch;
use crate::time::Time;

/// Which columns are to be filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "a column each")]
pub struct Wanted {
    pub person: bool,
    pub venue: bool,
    /// When a visit starts, or a scan was.
    pub start: bool,
    /// How long a visit lasts.
    pub seconds: bool,
    /// Mode and direction of scans; whether a visit is open.
    pub how: bool,
}

impl Wanted {
    /// All of them.
    pub const ALL: Self = Self { person: true, venue: true, start: true, seconds: true, how: true };
}

/// Columns of visits: those that have begun, cut at now.
#[derive(Clone, Debug, Default)]
pub struct VisitColumns {
    /// How many there are, whichever columns are filled.
    pub rows: usize,
    pub person: Vec<u32>,
    pub venue: Vec<u32>,
    /// Seconds since 1970.
    pub start: Vec<i64>,
    pub seconds: Vec<i64>,
    pub open: Vec<bool>,
}

/// Columns of distinct scans.
#[derive(Clone, Debug, Default)]
pub struct ScanColumns {
    /// How many there are, whichever columns are filled.
    pub rows: usize,
    pub person: Vec<u32>,
    pub venue: Vec<u32>,
    /// Seconds since 1970.
    pub at: Vec<i64>,
    pub mode: Vec<Mode>,
    pub direction: Vec<Option<Direction>>,
}

impl VisitColumns {
    /// When each ends, in seconds since 1970. Both columns of times must be filled.
    pub fn ends(&self) -> impl Iterator<Item = i64> + '_ {
        self.start.iter().zip(&self.seconds).map(|(start, seconds)| start + seconds)
    }

    /// Leaves the visits that begin in [from, to), cut at `end`. All columns that are not of names must be filled.
    pub fn cut(&mut self, from: Time, to: Time, end: Time) {
        let kept: Vec<bool> = self.start.iter().map(|start| (from.0..to.0).contains(start)).collect();
        self.rows = kept.iter().filter(|kept| **kept).count();
        retain(&mut self.person, &kept);
        retain(&mut self.venue, &kept);
        retain(&mut self.start, &kept);
        retain(&mut self.seconds, &kept);
        retain(&mut self.open, &kept);
        for ((start, seconds), open) in self.start.iter().zip(&mut self.seconds).zip(&mut self.open) {
            let left = end.0 - start;
            *open &= *seconds < left;
            *seconds = (*seconds).min(left);
        }
    }

    pub(super) fn add_stretch(&mut self, stretch: &Stretch<'_>, wanted: Wanted, now: Time) {
        let picked = stretch.pick(now, 1, Code::is_visit);
        self.rows += picked.len();
        let start = |row: u32| stretch.begin.0 + i64::from(stretch.start[row as usize]);
        let len = |row: u32| i64::from(stretch.len[row as usize]);
        let is_over = stretch.is_over(now);
        if wanted.venue {
            self.venue.extend(stretch.venues(&picked));
        }
        let picked = picked.iter().copied();
        if wanted.person {
            self.person.extend(picked.clone().map(|row| stretch.person(row)));
        }
        if wanted.start {
            self.start.extend(picked.clone().map(start));
        }
        if wanted.seconds && is_over {
            self.seconds.extend(picked.clone().map(len));
        } else if wanted.seconds {
            self.seconds.extend(picked.clone().map(|row| len(row).min(now.0 - start(row))));
        }
        if wanted.how {
            self.open.extend(picked.map(|row| start(row) + len(row) > now.0));
        }
    }
}

impl ScanColumns {
    /// Leaves the scans in [from, to). The times must be filled.
    pub fn cut(&mut self, from: Time, to: Time) {
        let kept: Vec<bool> = self.at.iter().map(|at| (from.0..to.0).contains(at)).collect();
        self.rows = kept.iter().filter(|kept| **kept).count();
        retain(&mut self.person, &kept);
        retain(&mut self.venue, &kept);
        retain(&mut self.at, &kept);
        retain(&mut self.mode, &kept);
        retain(&mut self.direction, &kept);
    }

    pub(super) fn add_stretch(&mut self, stretch: &Stretch<'_>, wanted: Wanted) {
        let picked = stretch.pick(Time(i64::MAX), 0, |_| true);
        let closed = |row: &u32| stretch.code(*row).closed_by().is_some();
        let outs: Vec<u32> = picked.iter().copied().filter(closed).collect();
        self.rows += picked.len() + outs.len();
        let both = || picked.iter().chain(&outs).copied();
        let start = |row: u32| stretch.begin.0 + i64::from(stretch.start[row as usize]);
        if wanted.person {
            self.person.extend(both().map(|row| stretch.person(row)));
        }
        if wanted.venue {
            self.venue.extend(stretch.venues(&picked));
            self.venue.extend(stretch.venues(&outs));
        }
        if wanted.start {
            self.at.extend(picked.iter().map(|row| start(*row)));
            self.at.extend(outs.iter().map(|row| start(*row) + i64::from(stretch.len[*row as usize])));
        }
        if wanted.how {
            let first = |row: &u32| stretch.code(*row).first();
            self.mode.extend(picked.iter().map(|row| first(row).0));
            self.direction.extend(picked.iter().map(|row| first(row).1.direction()));
            self.mode.extend(outs.iter().filter_map(|row| stretch.code(*row).closed_by()));
            self.direction.extend(outs.iter().map(|_| Some(Direction::Out)));
        }
    }
}

fn retain<T>(values: &mut Vec<T>, kept: &[bool]) {
    let mut kept = kept.iter();
    values.retain(|_| kept.next().is_some_and(|kept| *kept));
}
