//! A half-day that is written: columns sorted by (venue, start), and for each block of 256 people where their rows are.
//!
//! Twelve bytes a row. The columns never change; what comes or goes late is kept beside them until it is an eighth.

use super::late::{Late, LateKey};
use super::look::{LOOK, overlapping};
use super::open::{code_of, person_of, who};
use super::row::{Code, Row};
use super::venue_rows::VenueRows;
use crate::time::Time;
use std::sync::Arc;

/// Rows of one segment at most: a posting has 24 bits for them.
pub(crate) const SEGMENT_ROWS_MAX: usize = 1 << 24;
/// Bytes of a line of the processor's memory, and lines touched together: past them it reads ahead by itself.
const LINE: usize = 64;
const WARM_LINES: usize = 32;
/// People of one block.
pub(crate) const BLOCK: u32 = 256;

/// The columns.
#[derive(Debug, Default)]
pub(crate) struct Segment {
    /// Seconds from the begin of the half-day.
    pub start: Vec<u16>,
    /// Seconds of the visit; 0 for a lone scan.
    pub len: Vec<u16>,
    /// Person (27 bits) and code (5).
    pub who: Vec<u32>,
    /// Rows that are visits.
    pub visits: usize,
    pub venue_rows: VenueRows,
    /// By block of people: its first posting; one more at the end.
    pub block_from: Vec<u32>,
    /// The lowest 8 bits of the person, then 24 of the row; sorted within a block.
    pub posts: Vec<u32>,
}

/// Is a row a visit that lasts?
pub(super) fn is_visit(code: Code, len: u16) -> bool {
    code.is_visit() && len > 0
}

/// One sealed half-day. Who reads at a moment shares what is behind an `Arc`.
#[derive(Clone, Debug)]
pub(crate) struct Sealed {
    pub begin: Time,
    segment: Arc<Segment>,
    /// A bit a row that is no more; empty while all are alive.
    dead: Arc<Vec<u64>>,
    dead_rows: usize,
    dead_visits: usize,
    late_visits: usize,
    late_by_person: Late,
    late_by_venue: Late,
}

impl Segment {
    /// The postings of the people around one.
    fn posts_around(&self, person: u32) -> &[u32] {
        let block = (person / BLOCK) as usize;
        match (self.block_from.get(block), self.block_from.get(block + 1)) {
            (Some(from), Some(to)) => &self.posts[*from as usize..*to as usize],
            _ => &[],
        }
    }

    fn rows_of(&self, person: u32) -> impl Iterator<Item = usize> + '_ {
        let posts = self.posts_around(person);
        let first = posts.partition_point(|post| post >> 24 < person % BLOCK);
        let mine = posts[first..].iter().take_while(move |post| *post >> 24 == person % BLOCK);
        mine.map(|post| (post & 0x00ff_ffff) as usize)
    }

    /// Where the rows of a venue are that begin in [first, to).
    fn rows_beginning(&self, venue: u32, first: u32, to: u32) -> std::ops::Range<usize> {
        let rows = self.venue_rows.rows(venue);
        let starts = &self.start[rows.clone()];
        let before = |at: u32| starts.partition_point(|start| u32::from(*start) < at);
        let from = before(first);
        rows.start + from..rows.start + before(to).max(from)
    }
}

impl Sealed {
    pub fn new(begin: Time, segment: Segment) -> Self {
        Self {
            begin,
            segment: Arc::new(segment),
            dead: Arc::default(),
            dead_rows: 0,
            dead_visits: 0,
            late_visits: 0,
            late_by_person: Late::default(),
            late_by_venue: Late::default(),
        }
    }

    fn is_dead(&self, row: usize) -> bool {
        self.dead.get(row / 64).is_some_and(|bits| bits >> (row % 64) & 1 == 1)
    }

    fn whole(&self, row: usize, venue: u32) -> Row {
        let segment = &self.segment;
        Row {
            person: person_of(segment.who[row]),
            venue,
            at: self.begin.plus(i64::from(segment.start[row])),
            len: segment.len[row],
            code: code_of(segment.who[row]),
        }
    }

    /// Where somebody's rows are that are alive and came in time.
    pub fn places_of(&self, person: u32) -> impl Iterator<Item = usize> + '_ {
        self.segment.rows_of(person).filter(|row| !self.is_dead(*row))
    }

    /// The row at a place.
    pub fn row(&self, place: usize) -> Row {
        self.whole(place, self.segment.venue_rows.venue_of(place))
    }

    /// Somebody's rows that came late.
    pub fn late_rows_of(&self, person: u32) -> impl Iterator<Item = Row> + '_ {
        self.late_by_person.of(person, 0).map(move |((person, start, venue, code), len)| {
            let at = self.begin.plus(i64::from(*start));
            Row { person: *person, venue: *venue, at, len, code: *code }
        })
    }

    /// Rows written in the columns, dead ones too.
    pub fn places(&self) -> usize {
        self.segment.who.len()
    }

    /// Visits alive.
    pub fn visits(&self) -> usize {
        self.segment.visits - self.dead_visits + self.late_visits
    }

    pub fn has_late(&self) -> bool {
        self.late_by_venue.len() > 0
    }

    /// All rows that came late.
    pub fn late_rows(&self) -> impl Iterator<Item = Row> + '_ {
        self.late_by_venue.iter().map(move |((venue, start, person, code), len)| {
            let at = self.begin.plus(i64::from(*start));
            Row { person: *person, venue: *venue, at, len, code: *code }
        })
    }

    /// Calls `found` with the rows alive at some places whose start, in seconds from the begin, is asked for.
    pub fn each_row(
        &self,
        places: std::ops::Range<usize>,
        starts: &std::ops::Range<i64>,
        mut found: impl FnMut(Row),
    ) {
        let segment = &self.segment;
        let mut place = places.start;
        let mut venue = segment.venue_rows.venue_of(place);
        while place < places.end {
            let end = segment.venue_rows.rows(venue).end.min(places.end);
            for row in place..end {
                if starts.contains(&i64::from(segment.start[row])) && !self.is_dead(row) {
                    found(self.whole(row, venue));
                }
            }
            place = place.max(end);
            venue += 1;
            if venue >= segment.venue_rows.venues() {
                break;
            }
        }
    }

    /// Starts, lengths, and people with codes at some places, side by side; None where rows have died.
    pub fn columns(&self, places: std::ops::Range<usize>) -> Option<(&[u16], &[u16], &[u32])> {
        let Segment { start, len, who, .. } = &*self.segment;
        (self.dead_rows == 0).then(|| (&start[places.clone()], &len[places.clone()], &who[places]))
    }

    /// The venues at some places, which are in order.
    pub fn venues_at(&self, places: impl Iterator<Item = u32>) -> Vec<u32> {
        self.segment.venue_rows.venues_of(places)
    }

    /// Touches where a search for somebody's rows will look.
    pub fn warm_posts(&self, person: u32) -> u32 {
        let posts = self.segment.posts_around(person);
        posts.iter().step_by(LINE / 4).fold(0, |all, post| all ^ post)
    }

    /// Touches the row at a place.
    pub fn warm_row(&self, place: usize) -> u32 {
        let Segment { start, len, who, .. } = &*self.segment;
        who[place] ^ u32::from(start[place] ^ len[place])
    }

    /// The rows of a venue that begin at `from` or later, in no order.
    pub fn rows_at(&self, venue: u32, from: Time) -> impl Iterator<Item = Row> + '_ {
        let range = self.segment.venue_rows.rows(venue);
        let first = u16::try_from((from.0 - self.begin.0).max(0)).unwrap_or(u16::MAX);
        let skipped = self.segment.start[range.clone()].partition_point(|start| *start < first);
        let rows = (range.start + skipped..range.end).filter(|row| !self.is_dead(*row));
        let written = rows.map(move |row| self.whole(row, venue));
        let late = self.late_by_venue.of(venue, first).map(move |((venue, start, person, code), len)| {
            let at = self.begin.plus(i64::from(*start));
            Row { person: *person, venue: *venue, at, len, code: *code }
        });
        written.chain(late)
    }

    /// Touches where a search among the rows of a venue will look.
    pub fn warm_starts(&self, venue: u32) -> u16 {
        let rows = self.segment.venue_rows.rows(venue);
        let step = (rows.len() / WARM_LINES).max(LINE / 2);
        self.segment.start[rows].iter().step_by(step).fold(0, |all, start| all ^ start)
    }

    /// Touches the rows of a venue that begin in [first, to); where they are many, the first of them.
    pub fn warm_rows(&self, venue: u32, first: Time, to: Time) -> u32 {
        let rows = self.segment.rows_beginning(venue, self.since(first), self.since(to));
        let lens = self.segment.len[rows.clone()].iter().step_by(LINE / 2).take(WARM_LINES);
        let who = self.segment.who[rows].iter().step_by(LINE / 4).take(WARM_LINES);
        who.fold(0, |all, who| all ^ who) ^ lens.fold(0, |all, len| all ^ u32::from(*len))
    }

    /// Seconds from the begin of the half-day.
    fn since(&self, at: Time) -> u32 {
        u32::try_from((at.0 - self.begin.0).max(0)).unwrap_or(u32::MAX)
    }

    /// Calls `found` with person, start and end of each visit at a venue that begins in [first, to) and ends after
    /// `from`.
    pub fn each_stay(
        &self,
        venue: u32,
        first: Time,
        from: Time,
        to: Time,
        mut found: impl FnMut(u32, Time, Time),
    ) {
        let (first, from, to) = (self.since(first), self.since(from), self.since(to));
        let rows = self.segment.rows_beginning(venue, first, to);
        let starts = self.segment.start[rows.clone()].chunks(LOOK);
        let lens = self.segment.len[rows.clone()].chunks(LOOK);
        for (place, (starts, lens)) in rows.step_by(LOOK).zip(starts.zip(lens)) {
            let rows = starts.iter().copied().zip(lens.iter().copied());
            let (ending, count) = overlapping(rows, 0, from, u32::MAX);
            for n in ending.iter().take(count).map(|n| usize::from(*n)) {
                if !self.is_dead(place + n) {
                    let at = self.begin.plus(i64::from(starts[n]));
                    found(person_of(self.segment.who[place + n]), at, at.plus(i64::from(lens[n])));
                }
            }
        }
        let begun = u16::try_from(first).unwrap_or(u16::MAX);
        for ((_, start, person, _), len) in self.late_by_venue.of(venue, begun) {
            let (start, len) = (u32::from(*start), u32::from(len));
            if start < to && len > 0 && start + len > from {
                let at = self.begin.plus(i64::from(start));
                found(*person, at, at.plus(i64::from(len)));
            }
        }
    }

    /// Rows alive.
    pub fn rows(&self) -> usize {
        self.segment.who.len() - self.dead_rows + self.late_by_person.len()
    }

    /// Venues that may have rows are below this number.
    pub fn venues(&self) -> u32 {
        self.segment.venue_rows.venues().max(self.late_by_venue.owners())
    }

    fn keys(&self, row: &Row) -> (LateKey, LateKey) {
        let start = u16::try_from(row.at.0 - self.begin.0).unwrap_or(u16::MAX);
        ((row.person, start, row.venue, row.code), (row.venue, start, row.person, row.code))
    }

    fn find(&self, row: &Row) -> Option<usize> {
        let start = u16::try_from(row.at.0 - self.begin.0).ok()?;
        let range = self.segment.venue_rows.rows(row.venue);
        let first = range.start + self.segment.start[range.clone()].partition_point(|held| *held < start);
        (first..range.end).take_while(|held| self.segment.start[*held] == start).find(|held| {
            let same = self.segment.who[*held] == who(row.person, row.code);
            same && self.segment.len[*held] == row.len && !self.is_dead(*held)
        })
    }

    /// Puts a row in; one that is there already changes nothing.
    pub fn insert(&mut self, row: &Row) {
        if self.find(row).is_none() {
            let (by_person, by_venue) = self.keys(row);
            self.late_by_person.insert(by_person, row.len);
            let before = self.late_by_venue.insert(by_venue, row.len);
            self.late_visits += usize::from(is_visit(row.code, row.len));
            self.late_visits -= usize::from(before.is_some_and(|len| is_visit(row.code, len)));
        }
    }

    /// Takes a row out; one that is not there changes nothing.
    pub fn remove(&mut self, row: &Row) {
        let (by_person, by_venue) = self.keys(row);
        if self.late_by_person.get(&by_person) == Some(row.len) {
            self.late_by_person.remove(&by_person);
            self.late_by_venue.remove(&by_venue);
            self.late_visits -= usize::from(is_visit(row.code, row.len));
        } else if let Some(place) = self.find(row) {
            let dead = Arc::make_mut(&mut self.dead);
            if dead.is_empty() {
                *dead = vec![0; self.segment.who.len().div_ceil(64)];
            }
            dead[place / 64] |= 1 << (place % 64);
            self.dead_rows += 1;
            self.dead_visits += usize::from(is_visit(row.code, row.len));
        }
    }

    /// Has so much come or gone late that it is worth writing the columns anew?
    pub fn is_worn(&self, late_rows_min: usize) -> bool {
        let late = self.late_by_person.len() + self.dead_rows;
        let fits = self.rows() < SEGMENT_ROWS_MAX;
        fits && late > late_rows_min && late > self.segment.who.len() / 8
    }
}
