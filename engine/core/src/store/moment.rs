//! The rows as they are at one moment, for readers on other threads: columns are shared, not copied.

use super::open::{PAGE, code_of, person_of};
use super::row::{Code, Row};
use super::{Half, Store};
use crate::time::Time;
use rustc_hash::FxHashSet;
use std::ops::Range;

/// Rows of a sealed half-day read as one piece.
const PIECE_ROWS: usize = 1 << 17;
/// Looking up one name in a half-day takes about as long as looking at so many rows.
const ROWS_A_LOOK_UP: usize = 64;
/// So few names are looked up always.
const NAMES_FEW: usize = 16;
/// Pages of an open half-day read as one piece.
const PIECE_PAGES: usize = PIECE_ROWS / PAGE;

/// Which rows are asked for, by numbers of people and venues; None: all.
#[derive(Clone, Debug, Default)]
pub struct RowFilter {
    /// Sorted numbers.
    pub persons: Option<Vec<u32>>,
    pub venues: Option<Vec<u32>>,
    /// Rows that begin in [first, to).
    pub first: Option<Time>,
    pub to: Option<Time>,
    /// Rows that last at least so many seconds. It spares work where columns are read; shorter ones may come too.
    pub lasting: Option<i64>,
}

/// A part of a half-day that is read by itself.
#[derive(Clone, Debug)]
pub(super) enum Part {
    /// Places in sealed columns.
    Places(Range<usize>),
    /// What came late beside sealed columns.
    Late,
    /// Pages of an open half-day.
    Pages(Range<usize>),
    /// All that some people, or some venues, have in the half-day.
    Chosen,
}

/// What one reader reads in one go: a part of a half-day.
#[derive(Clone, Debug)]
pub struct Piece {
    pub(super) half: i64,
    pub(super) part: Part,
}

impl RowFilter {
    /// Seconds within a half-day that begins at `begin`: which starts are asked for.
    pub(super) fn starts(&self, begin: Time) -> Range<i64> {
        let within = |at: Option<Time>, or| at.map_or(or, |at| at.0 - begin.0);
        within(self.first, i64::MIN)..within(self.to, i64::MAX)
    }

    fn wants(&self, row: &Row) -> bool {
        let is_in = |chosen: &Option<Vec<u32>>, n: u32| {
            chosen.as_ref().is_none_or(|chosen| chosen.binary_search(&n).is_ok())
        };
        self.first.is_none_or(|first| row.at >= first)
            && self.to.is_none_or(|to| row.at < to)
            && is_in(&self.persons, row.person)
            && is_in(&self.venues, row.venue)
    }
}

impl Store {
    /// The rows as they are now. Nothing of them is copied until it changes.
    pub fn at_this_moment(&self) -> Self {
        Self { halves: self.halves.iter().map(Half::shared).collect(), builder: None, sweep: None, ..*self }
    }

    /// When the oldest half-day with rows begins; None without any.
    pub fn first_begin(&self) -> Option<Time> {
        self.halves()
            .find(|half| self.half(*half).is_some_and(|half| half.rows() > 0))
            .map(|half| self.begin(half))
    }

    /// Is looking so many people or venues up in each half-day less than looking at all rows?
    pub fn is_worth_looking_up(&self, names: usize) -> bool {
        names <= NAMES_FEW
            || names.saturating_mul(self.halves.len()).saturating_mul(ROWS_A_LOOK_UP) <= self.rows()
    }

    /// Pieces that together hold each row asked for once (and others, which [`Store::each_row_of`] leaves out).
    pub fn pieces(&self, filter: &RowFilter) -> Vec<Piece> {
        let is_chosen = filter.persons.is_some() || filter.venues.is_some();
        let mut pieces = Vec::new();
        for half in self.halves() {
            let (begin, end) = (self.begin(half), self.begin(half + 1));
            if filter.first.is_some_and(|first| end <= first) || filter.to.is_some_and(|to| begin >= to) {
                continue;
            }
            let parts = match self.half(half) {
                // In an open half-day rows lie by venue only.
                Some(Half::Sealed(_)) if is_chosen => vec![Part::Chosen],
                Some(Half::Open(_)) if filter.venues.is_some() => vec![Part::Chosen],
                Some(Half::Sealed(sealed)) => {
                    let places = cut(sealed.places(), PIECE_ROWS).map(Part::Places);
                    places.chain(sealed.has_late().then_some(Part::Late)).collect()
                }
                Some(Half::Open(open)) => cut(open.pages().len(), PIECE_PAGES).map(Part::Pages).collect(),
                None => Vec::new(),
            };
            pieces.extend(parts.into_iter().map(|part| Piece { half, part }));
        }
        pieces
    }

    /// Visits that have begun.
    pub fn visits_begun(&self, now: Time) -> usize {
        let of = |half: &Half| match half {
            Half::Sealed(sealed) => sealed.visits(),
            Half::Open(open) => {
                open.pages().iter().map(|page| page.visits_before(now.0 - open.begin.0)).sum()
            }
        };
        self.halves.iter().map(of).sum()
    }

    /// Calls `found` with each row of a piece that is asked for.
    pub fn each_row_of(&self, piece: &Piece, filter: &RowFilter, mut found: impl FnMut(Row)) {
        let Some(half) = self.half(piece.half) else { return };
        let starts = filter.starts(self.begin(piece.half));
        match (half, &piece.part) {
            (Half::Sealed(sealed), Part::Places(places)) => sealed.each_row(places.clone(), &starts, found),
            (Half::Sealed(sealed), Part::Late) => {
                sealed.late_rows().filter(|row| filter.wants(row)).for_each(found);
            }
            (Half::Open(open), Part::Pages(pages)) => {
                let least = filter.lasting.unwrap_or_default();
                let people =
                    filter.persons.as_ref().map(|people| people.iter().copied().collect::<FxHashSet<_>>());
                for page in &open.pages()[pages.clone()] {
                    for (venue, rows) in page.chunks() {
                        for row in rows {
                            if i64::from(row.len) < least {
                                continue;
                            }
                            let code = code_of(row.who);
                            let person = person_of(row.who);
                            let is_asked = people.as_ref().is_none_or(|people| people.contains(&person));
                            if code != Code::DEAD && is_asked && starts.contains(&i64::from(row.start)) {
                                let at = open.begin.plus(i64::from(row.start));
                                found(Row { person, venue, at, len: row.len, code });
                            }
                        }
                    }
                }
            }
            (half, _) => half.each_chosen(filter, |row| {
                if filter.wants(&row) {
                    found(row);
                }
            }),
        }
    }
}

impl Half {
    fn shared(&self) -> Self {
        match self {
            Self::Open(open) => Self::Open(open.clone()),
            Self::Sealed(sealed) => Self::Sealed(sealed.clone()),
        }
    }

    /// Calls `found` with at least the rows of the people or of the venues asked for.
    fn each_chosen(&self, filter: &RowFilter, mut found: impl FnMut(Row)) {
        match (self, &filter.persons, &filter.venues) {
            (Self::Sealed(sealed), Some(persons), _) => {
                for person in persons {
                    sealed.places_of(*person).map(|place| sealed.row(place)).for_each(&mut found);
                    sealed.late_rows_of(*person).for_each(&mut found);
                }
            }
            (half, _, Some(venues)) => {
                let first = filter.first.unwrap_or(Time(i64::MIN / 2));
                let to = filter.to.unwrap_or(Time(i64::MAX));
                for venue in venues {
                    half.each_row_at(*venue, first, to, &mut found);
                }
            }
            (Self::Open(_), _, None) | (Self::Sealed(_), None, None) => {}
        }
    }
}

/// 0..len in pieces.
fn cut(len: usize, piece: usize) -> impl Iterator<Item = Range<usize>> {
    (0..len).step_by(piece).map(move |from| from..len.min(from + piece))
}
