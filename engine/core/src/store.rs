//! The visit store: every scan of the retention, written as rows of about 13 bytes.
//!
//! ```text
//!  a row = (venue, begin, length, person, code)         the code says which scans the row holds
//!
//!  half-days by begin       oldest ◀──────────────────────────────▶ newest
//!                        ┌────────┐┌────────┐ … ┌────────┐┌────────┐┌────────┐
//!                        │ sealed ││ sealed │   │  open  ││  open  ││  open  │
//!                        └────────┘└────────┘   └────────┘└────────┘└────────┘
//!  at a venue            columns sorted by       chunks of 2 to 64 rows,
//!                        (venue, begin)          newest chunk first
//!  of a person           postings by block       one chain through all open
//!                        of 256 people           half-days, newest row first
//!  what comes late       dead bits + late rows   written in place
//! ```
//!
//! A half-day is 43,200 s, begins where the retention edge can lie, and is sealed 42 h after its end (a day and the
//! longest visit): until then nearly everything late has come. Sealing and writing worn columns anew go on in slices
//! ([`Store::work`]) while the half-day stays as it is; what changes meanwhile is noted and done again on the new one.
//!
//! A new scan touches the rows it can change and no others: the newest scan of a person changes at most the newest row
//! ([`add`]); any other is worked in by taking the rows around it apart into scans and walking them again.

pub(crate) mod add;
mod build;
mod heads;
mod late;
mod look;
pub(crate) mod moment;
mod open;
mod read;
pub(crate) mod row;
mod sealed;
pub(crate) mod stretch;
mod venue_rows;

use crate::people::{NONE, People};
use crate::time::{HOUR, Time};
use build::Builder;
use open::{Open, OpenRow, who};
use row::{Code, Row};
use sealed::{Sealed, Segment};
use std::collections::VecDeque;

/// Seconds of a half-day; what begins in one fits 16 bits.
pub(crate) const HALF_S: i64 = 12 * HOUR;
/// A half-day is sealed so long after its end: a day, and the longest visit.
const OPEN_S: i64 = 42 * HOUR;
/// Half-days that may be open before the oldest is sealed at once, however long it takes. An id has room for 64.
const OPEN_HALVES_MAX: i64 = 16;
/// Half-days so far apart have the same six bits in the ids of their rows.
const IDS_APART: i64 = 64;
/// People looked at in one unit of sweeping.
const SWEEP_PEOPLE: u32 = 64;

#[derive(Debug)]
enum Half {
    Open(Open),
    Sealed(Sealed),
}

/// Somebody's visit to a venue, with its expected end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stay {
    pub person: u32,
    pub start: Time,
    pub end: Time,
}

/// All rows.
#[derive(Debug)]
pub(crate) struct Store {
    /// When half-day 0 begins.
    anchor: i64,
    /// The number of the oldest half-day held.
    first: i64,
    halves: VecDeque<Half>,
    /// Half-days before this number are sealed.
    open_from: i64,
    builder: Option<Builder>,
    /// The next person whose head may point into a half-day that is no longer open.
    sweep: Option<u32>,
    /// No head points into a half-day before this one.
    swept: i64,
    /// So many rows come or gone late are borne in a half-day whatever its size.
    late_rows_min: usize,
}

impl Half {
    fn rows(&self) -> usize {
        match self {
            Self::Open(open) => open.rows,
            Self::Sealed(sealed) => sealed.rows(),
        }
    }

    fn venues(&self) -> u32 {
        match self {
            Self::Open(open) => open.venues(),
            Self::Sealed(sealed) => sealed.venues(),
        }
    }

    /// Calls `found` for the rows of a venue that begin in [from, to).
    fn each_row_at(&self, venue: u32, from: Time, to: Time, mut found: impl FnMut(Row)) {
        match self {
            Self::Open(open) => {
                open.rows_at(venue).filter(|row| row.at >= from && row.at < to).for_each(found);
            }
            Self::Sealed(sealed) => {
                sealed.rows_at(venue, from).filter(|row| row.at < to).for_each(&mut found);
            }
        }
    }
}

impl Store {
    /// An empty store whose half-days begin at `anchor` and every 12 hours from there.
    pub fn new(anchor: Time, late_rows_min: usize) -> Self {
        Self {
            late_rows_min,
            anchor: anchor.0.rem_euclid(HALF_S),
            first: 0,
            halves: VecDeque::new(),
            open_from: i64::MIN,
            builder: None,
            sweep: None,
            swept: i64::MIN,
        }
    }

    fn number(&self, at: Time) -> i64 {
        (at.0 - self.anchor).div_euclid(HALF_S)
    }

    fn begin(&self, number: i64) -> Time {
        Time(self.anchor + number * HALF_S)
    }

    fn half(&self, number: i64) -> Option<&Half> {
        usize::try_from(number - self.first).ok().and_then(|n| self.halves.get(n))
    }

    fn half_mut(&mut self, number: i64) -> Option<&mut Half> {
        usize::try_from(number - self.first).ok().and_then(|n| self.halves.get_mut(n))
    }

    fn newest(&self) -> i64 {
        self.first + i64::try_from(self.halves.len()).unwrap_or(i64::MAX) - 1
    }

    /// The half-day of that number, made where there is none.
    fn ensure(&mut self, number: i64, people: &mut People) {
        if self.halves.is_empty() {
            // What is a little late belongs to an open half-day from the first scan on.
            self.first = number - OPEN_S / HALF_S - 2;
            self.open_from = self.open_from.max(self.first);
        } else if number >= self.first && number <= self.newest() {
            return;
        }
        while number < self.first {
            self.first -= 1;
            self.halves.push_front(self.fresh(self.first));
        }
        while number > self.newest() || self.halves.is_empty() {
            // An id's six bits of half-day are about to be used again: none may be left of their last use.
            if self.newest() + 1 - IDS_APART >= self.swept {
                self.sweep_on(people, u32::MAX);
            }
            while self.newest() + 1 - self.open_from.max(self.first) >= OPEN_HALVES_MAX {
                self.seal_now(self.open_from.max(self.first), people);
                self.sweep_on(people, u32::MAX);
            }
            let number = self.first + i64::try_from(self.halves.len()).unwrap_or(i64::MAX);
            self.halves.push_back(self.fresh(number));
        }
    }

    fn fresh(&self, number: i64) -> Half {
        let begin = self.begin(number);
        if number < self.open_from {
            Half::Sealed(Sealed::new(begin, Segment::default()))
        } else {
            Half::Open(Open::new(begin))
        }
    }

    fn id(number: i64, place: u32) -> u32 {
        u32::try_from(number & 63).unwrap_or(0) << 26 | place
    }

    /// The open half-day that an id points into, and its place there; None at the end of a chain.
    fn locate(&self, id: u32) -> Option<(i64, u32)> {
        if id == NONE {
            return None;
        }
        let newest = self.newest();
        let number = newest - ((newest - i64::from(id >> 26)) & 63);
        matches!(self.half(number), Some(Half::Open(_))).then_some((number, id & (open::PLACES_MAX - 1)))
    }

    fn open(&self, number: i64) -> Option<&Open> {
        match self.half(number) {
            Some(Half::Open(open)) => Some(open),
            _ => None,
        }
    }

    fn open_mut(&mut self, number: i64) -> Option<&mut Open> {
        match self.half_mut(number) {
            Some(Half::Open(open)) => Some(open),
            _ => None,
        }
    }

    /// The row an id points to, and the next older one's id.
    fn row(&self, id: u32) -> Option<(Row, u32)> {
        let (number, place) = self.locate(id)?;
        let open = self.open(number)?;
        Some((open.row(place), open.at(place).next))
    }

    /// The half-days held, by number.
    pub fn halves(&self) -> std::ops::Range<i64> {
        self.first..self.newest() + 1
    }

    /// Half-days that end at or before `edge`, by number.
    pub fn halves_before(&self, edge: Time) -> std::ops::Range<i64> {
        self.first..self.number(edge).clamp(self.first, self.newest() + 1)
    }

    /// The number of the half-day in which a moment lies.
    pub fn half_of(&self, at: Time) -> i64 {
        self.number(at)
    }

    /// Venues that may have rows in a half-day are below this number.
    pub fn venues_in(&self, number: i64) -> u32 {
        self.half(number).map_or(0, Half::venues)
    }

    /// Calls `found` for each row of a venue in one half-day.
    pub fn each_row_in(&self, number: i64, venue: u32, found: impl FnMut(Row)) {
        if let Some(half) = self.half(number) {
            half.each_row_at(venue, Time(i64::MIN / 2), Time(i64::MAX), found);
        }
    }

    /// Lets go of a half-day if it is the oldest: the retention edge has passed all of it.
    pub fn drop_half(&mut self, number: i64) {
        if number == self.first && !self.halves.is_empty() {
            if self.builder.as_ref().is_some_and(|builder| builder.number == number) {
                self.builder = None;
            }
            self.halves.pop_front();
            self.first += 1;
            self.open_from = self.open_from.max(self.first);
            self.sweep = Some(0);
        }
    }

    /// Goes on with sealing, writing anew and sweeping, for about so many units (a row each). Gives those that are left
    /// where there is nothing more to do.
    pub fn work(&mut self, mut units: u32, now: Time, people: &mut People) -> u32 {
        while units > 0 {
            units = if self.sweep.is_some() {
                self.sweep_on(people, units)
            } else if self.builder.is_some() {
                self.build_on(units, people)
            } else if let Some(number) = self.next_to_write(now) {
                self.builder = Some(Builder::new(number, self.half(number)));
                units
            } else {
                return units;
            };
        }
        0
    }

    /// The oldest half-day to seal, else one that is worn.
    fn next_to_write(&self, now: Time) -> Option<i64> {
        let oldest = self.open_from.max(self.first);
        let is_due = oldest <= self.newest() && self.begin(oldest + 1).plus(OPEN_S) <= now;
        let is_worn = |number: &i64| matches!(self.half(*number), Some(Half::Sealed(half)) if half.is_worn(self.late_rows_min));
        is_due.then_some(oldest).or_else(|| (self.first..oldest).find(is_worn))
    }

    /// Gives the units that are left.
    fn build_on(&mut self, units: u32, people: &People) -> u32 {
        let Some(mut builder) = self.builder.take() else { return units };
        let Some(half) = self.half(builder.number) else { return units };
        let left = builder.go_on(half, people.len(), units);
        if !builder.is_done() {
            self.builder = Some(builder);
            return left;
        }
        let number = builder.number;
        let sealed = builder.finish(self.begin(number));
        if let Some(half) = self.half_mut(number) {
            *half = Half::Sealed(sealed);
        }
        if number >= self.open_from {
            self.open_from = number + 1;
            self.sweep = Some(0);
        }
        left
    }

    /// Seals a half-day without slices.
    fn seal_now(&mut self, number: i64, people: &People) {
        if self.builder.as_ref().is_none_or(|builder| builder.number != number) {
            self.builder = Some(Builder::new(number, self.half(number)));
        }
        while self.builder.is_some() && self.open_from <= number {
            self.build_on(u32::MAX, people);
        }
    }

    /// Heads that point into a half-day that is no longer open end their chains. Gives the units that are left.
    fn sweep_on(&mut self, people: &mut People, units: u32) -> u32 {
        let Some(from) = self.sweep else { return units };
        let to = people.len().min(from.saturating_add(units.saturating_mul(SWEEP_PEOPLE)));
        for person in from..to {
            let head = people.head(person);
            if head != NONE && self.locate(head).is_none() {
                people.set_head(person, NONE);
            }
        }
        self.sweep = (to < people.len()).then_some(to);
        if self.sweep.is_none() {
            // A half-day sealed meanwhile has begun the sweep anew.
            self.swept = self.open_from;
        }
        units.saturating_sub((to - from).div_ceil(SWEEP_PEOPLE))
    }

    /// Puts a row in.
    fn insert(&mut self, people: &mut People, row: &Row) {
        let number = self.number(row.at);
        self.ensure(number, people);
        if self.open(number).is_some_and(|open| !open.has_room()) {
            // Past 67 million rows a half-day is sealed early; what still comes is late.
            (self.open_from..=number).for_each(|number| self.seal_now(number, people));
        }
        self.note(number, true, row);
        let begin = self.begin(number);
        if let Some(Half::Sealed(sealed)) = self.half_mut(number) {
            sealed.insert(row);
            return;
        }
        let (before, next) = self.place_in_chain(people.head(row.person), row.at);
        let Some(open) = self.open_mut(number) else { return };
        let start = u16::try_from(row.at.0 - begin.0).unwrap_or(u16::MAX);
        let open_row = OpenRow { start, len: row.len, who: who(row.person, row.code), next };
        let id = Self::id(number, open.push(row.venue, open_row));
        self.link(people, row.person, before, id);
    }

    /// Between which rows of a chain one of that time belongs: the ids of the newer and of the older.
    fn place_in_chain(&self, head: u32, at: Time) -> (Option<u32>, u32) {
        let (mut before, mut id) = (None, head);
        while let Some((row, next)) = self.row(id) {
            if row.at <= at {
                return (before, id);
            }
            (before, id) = (Some(id), next);
        }
        (before, NONE)
    }

    fn link(&mut self, people: &mut People, person: u32, before: Option<u32>, id: u32) {
        match before.and_then(|before| self.locate(before)) {
            Some((number, place)) => {
                if let Some(open) = self.open_mut(number) {
                    open.at_mut(place).next = id;
                }
            }
            None => people.set_head(person, id),
        }
    }

    /// Takes a row out.
    fn remove(&mut self, people: &mut People, row: &Row) {
        let number = self.number(row.at);
        self.note(number, false, row);
        if let Some(Half::Sealed(sealed)) = self.half_mut(number) {
            sealed.remove(row);
            return;
        }
        let (mut before, mut id) = (None, people.head(row.person));
        while let Some((held, next)) = self.row(id) {
            if held.is_same_scan(row) {
                if let Some((number, place)) = self.locate(id)
                    && let Some(open) = self.open_mut(number)
                {
                    open.at_mut(place).who = Code::DEAD.bits();
                    open.rows -= 1;
                }
                self.link(people, row.person, before, next);
                return;
            }
            (before, id) = (Some(id), next);
        }
    }

    /// Gives an open row another length and code.
    fn rewrite(&mut self, id: u32, old: &Row, new: &Row) {
        let Some((number, place)) = self.locate(id) else { return };
        self.note(number, false, old);
        self.note(number, true, new);
        if let Some(open) = self.open_mut(number) {
            let held = open.at_mut(place);
            (held.len, held.who) = (new.len, who(new.person, new.code));
        }
    }

    /// What changes while a half-day is being written is done again on the new columns.
    fn note(&mut self, number: i64, came: bool, row: &Row) {
        if let Some(builder) = self.builder.as_mut().filter(|builder| builder.number == number) {
            builder.note(came, row);
        }
    }
}
