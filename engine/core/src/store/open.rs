//! A half-day that is still being written: rows by venue in chunks, in order of arrival; each row points to the person's
//! next older one, so that a person's rows of all open half-days hang on one chain.
//!
//! A venue's first two chunks hold 2 rows, the next two 4, and so on up to 64: a quiet venue takes little room, and the
//! rows of a busy one lie side by side. A page holds chunks of one size, so that a row's chunk is found from its place.

use super::heads::{Head, Heads};
use super::look::overlapping;
use super::row::{Code, Row};
use crate::people::NONE;
use crate::time::Time;
use std::sync::{Arc, OnceLock};

/// Rows of a page: 12 KiB, what is copied where a row changes that somebody reads.
pub(super) const PAGE: usize = 1_024;
/// Chunks hold 2 to 2^6 rows.
const LEAST: usize = 1;
const MOST: usize = 6;
/// Places of rows in one open half-day: what is left of an id of 32 bits by six of the half-day's number.
pub(crate) const PLACES_MAX: u32 = 1 << 26;

/// Twelve bytes: seconds from the begin of the half-day, length, person (27 bits) and code (5), next older row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenRow {
    pub start: u16,
    pub len: u16,
    pub who: u32,
    pub next: u32,
}

const EMPTY: OpenRow = OpenRow { start: 0, len: 0, who: u32::MAX, next: NONE };

/// Whose a chunk is, and where the venue's chunk before it begins.
#[derive(Clone, Copy, Debug)]
struct Chunk {
    venue: u32,
    before: u32,
}

/// The rows of a page, and what a reader has counted of them.
#[derive(Clone, Debug)]
struct PageRows {
    rows: [OpenRow; PAGE],
    /// Visits, and the latest start of one; until a row changes.
    counted: OnceLock<(u32, u16)>,
}

/// Chunks of 2^`shift` rows. Who reads at a moment shares them; they are copied when they change meanwhile.
#[derive(Clone, Debug)]
pub(super) struct Page {
    shift: usize,
    /// So many of the rows are given out to chunks.
    len: usize,
    rows: Arc<PageRows>,
    chunks: Arc<Vec<Chunk>>,
}

impl Page {
    /// The chunk in which a place of this page is.
    fn chunk(&self, place: u32) -> &Chunk {
        &self.chunks[in_page(place) >> self.shift]
    }

    /// The venue of each chunk with its rows, some of which may be dead or not yet written.
    pub fn chunks(&self) -> impl Iterator<Item = (u32, &[OpenRow])> + '_ {
        let rows = self.rows.rows[..self.len].chunks(1 << self.shift);
        self.chunks.iter().map(|chunk| chunk.venue).zip(rows)
    }

    /// Visits that start before so many seconds from the begin of the half-day.
    pub fn visits_before(&self, second: i64) -> usize {
        let is_visit = |row: &&OpenRow| code_of(row.who).is_visit() && row.len > 0;
        let visits = || self.rows.rows.iter().filter(is_visit);
        let (count, latest) = *self.rows.counted.get_or_init(|| {
            let count = u32::try_from(visits().count()).unwrap_or(u32::MAX);
            (count, visits().map(|row| row.start).max().unwrap_or(0))
        });
        if i64::from(latest) < second {
            count as usize
        } else {
            visits().filter(|row| i64::from(row.start) < second).count()
        }
    }
}

/// One open half-day.
#[derive(Clone, Debug)]
pub(crate) struct Open {
    pub begin: Time,
    heads: Heads,
    pages: Vec<Page>,
    /// By size of its chunks, the least first: the page that is not full.
    filling: [Option<usize>; MOST - LEAST + 1],
    /// Rows alive.
    pub rows: usize,
}

/// Person and code of a row in 32 bits.
pub(crate) fn who(person: u32, code: Code) -> u32 {
    person << 5 | code.bits()
}

pub(crate) fn person_of(who: u32) -> u32 {
    who >> 5
}

pub(crate) fn code_of(who: u32) -> Code {
    Code::of_bits(who)
}

fn page_of(place: u32) -> usize {
    place as usize / PAGE
}

fn in_page(place: u32) -> usize {
    place as usize % PAGE
}

impl Open {
    pub fn new(begin: Time) -> Self {
        Self { begin, heads: Heads::default(), pages: Vec::new(), filling: [None; MOST - LEAST + 1], rows: 0 }
    }

    /// Can another row be taken?
    pub fn has_room(&self) -> bool {
        (self.pages.len() + 1) * PAGE < PLACES_MAX as usize
    }

    /// Puts a row at the venue's tail; gives its place.
    pub fn push(&mut self, venue: u32, row: OpenRow) -> u32 {
        let head = self.heads.get(venue);
        let (mut chunk, mut rows) = (head.chunk(), head.rows());
        if chunk == NONE || rows as usize == 1 << self.pages[page_of(chunk)].shift {
            (chunk, rows) = (self.add_chunk(venue, chunk), 0);
        }
        self.heads.set(venue, Head::new(chunk, rows + 1));
        *self.at_mut(chunk + rows) = row;
        self.rows += 1;
        chunk + rows
    }

    fn add_chunk(&mut self, venue: u32, before: u32) -> u32 {
        let shift = self.shift_after(before);
        let filling = &mut self.filling[shift - LEAST];
        let number = filling.unwrap_or_else(|| {
            let chunks = Arc::new(Vec::with_capacity(PAGE >> shift));
            self.pages.push(Page {
                shift,
                len: 0,
                rows: Arc::new(PageRows { rows: [EMPTY; PAGE], counted: OnceLock::new() }),
                chunks,
            });
            self.pages.len() - 1
        });
        let page = &mut self.pages[number];
        let place = page.len;
        Arc::make_mut(&mut page.chunks).push(Chunk { venue, before });
        page.len += 1 << shift;
        *filling = (page.len < PAGE).then_some(number);
        u32::try_from(number * PAGE + place).unwrap_or(NONE)
    }

    /// The size of the chunk that follows one: each size comes twice.
    fn shift_after(&self, chunk: u32) -> usize {
        if chunk == NONE {
            return LEAST;
        }
        let page = &self.pages[page_of(chunk)];
        let before = page.chunk(chunk).before;
        let is_second = before != NONE && self.pages[page_of(before)].shift == page.shift;
        if is_second { MOST.min(page.shift + 1) } else { page.shift }
    }

    pub fn at(&self, place: u32) -> &OpenRow {
        &self.pages[page_of(place)].rows.rows[in_page(place)]
    }

    pub fn at_mut(&mut self, place: u32) -> &mut OpenRow {
        let page = Arc::make_mut(&mut self.pages[page_of(place)].rows);
        page.counted.take();
        &mut page.rows[in_page(place)]
    }

    pub(super) fn pages(&self) -> &[Page] {
        &self.pages
    }

    /// A row whole.
    pub fn row(&self, place: u32) -> Row {
        let page = &self.pages[page_of(place)];
        self.whole(&page.rows.rows[in_page(place)], page.chunk(place).venue)
    }

    fn whole(&self, row: &OpenRow, venue: u32) -> Row {
        Row {
            person: person_of(row.who),
            venue,
            at: self.begin.plus(i64::from(row.start)),
            len: row.len,
            code: code_of(row.who),
        }
    }

    /// As [`super::sealed::Sealed::each_stay`].
    pub fn each_stay(
        &self,
        venue: u32,
        first: Time,
        from: Time,
        to: Time,
        mut found: impl FnMut(u32, Time, Time),
    ) {
        let since = |at: Time| u32::try_from((at.0 - self.begin.0).max(0)).unwrap_or(u32::MAX);
        let (first, from, to) = (since(first), since(from), since(to));
        for rows in self.chunks_at(venue) {
            let (found_at, count) = overlapping(rows.iter().map(|row| (row.start, row.len)), first, from, to);
            for row in found_at.iter().take(count).map(|n| &rows[usize::from(*n)]) {
                if code_of(row.who) != Code::DEAD {
                    let at = self.begin.plus(i64::from(row.start));
                    found(person_of(row.who), at, at.plus(i64::from(row.len)));
                }
            }
        }
    }

    /// The rows of a venue that are alive, the newest chunk first.
    pub fn rows_at(&self, venue: u32) -> impl Iterator<Item = Row> + '_ {
        let rows = self.chunks_at(venue).flatten().filter(|row| code_of(row.who) != Code::DEAD);
        rows.map(move |row| self.whole(row, venue))
    }

    /// The rows of each chunk of a venue, the newest chunk first.
    fn chunks_at(&self, venue: u32) -> impl Iterator<Item = &[OpenRow]> + '_ {
        let head = self.heads.get(venue);
        let (mut next, mut newest) = (head.chunk(), Some(head.rows() as usize));
        std::iter::from_fn(move || {
            let page = self.pages.get(page_of(next))?;
            let rows = newest.take().unwrap_or(1 << page.shift);
            let place = in_page(next);
            next = page.chunk(next).before;
            Some(&page.rows.rows[place..place + rows])
        })
    }

    /// Venues that may have rows are below this number.
    pub fn venues(&self) -> u32 {
        self.heads.len()
    }

    /// Touches the first row of all chunks of some venues, the newest chunk of each before the next older one, so that
    /// the memory's delays overlap.
    pub fn warm_venues(&self, venues: std::ops::Range<u32>) -> u32 {
        let mut chunks: Vec<u32> = venues.map(|venue| self.heads.get(venue).chunk()).collect();
        let mut touched = 0;
        while !chunks.is_empty() {
            chunks.retain_mut(|chunk| {
                let Some(page) = self.pages.get(page_of(*chunk)) else { return false };
                touched ^= page.rows.rows[in_page(*chunk)].next;
                *chunk = page.chunk(*chunk).before;
                true
            });
        }
        touched
    }

    /// Touches the tails of venues.
    pub fn warm(&self, venues: &[Option<u32>]) -> u32 {
        let all = venues.iter().flatten().map(|venue| self.heads.get(*venue));
        let mut heads: Vec<Head> = Vec::with_capacity(venues.len());
        heads.extend(all.filter(|head| head.rows() > 0));
        let tails = heads.iter().map(|head| self.at(head.chunk() + head.rows() - 1).next);
        tails.fold(0, |all, next| all ^ next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_quiet_and_busy_venues_are_all_found_again() {
        let mut open = Open::new(Time(0));
        // Venue 0 gets most rows, venue 6 few.
        let venue_of = |n: u32| (n % 127).leading_zeros() - 25;
        let row_of = |n: u32| {
            let start = u16::try_from(n * 7 % 43_200).unwrap_or_default();
            OpenRow { start, len: 600, who: who(n, Code::of_bits(12)), next: n }
        };
        let places: Vec<u32> = (0..20_000).map(|n| open.push(venue_of(n), row_of(n))).collect();
        for (n, place) in (0..).zip(&places) {
            let row = open.row(*place);
            assert_eq!((row.person, row.venue, open.at(*place).next), (n, venue_of(n), n));
        }
        for venue in 0..9 {
            let due: Vec<u32> = (0..20_000).filter(|n| venue_of(*n) == venue).collect();
            let mut held: Vec<u32> = open.rows_at(venue).map(|row| row.person).collect();
            held.sort_unstable();
            assert_eq!(held, due);
            // Begun before 20,000 and, as all stay for 600 s, after 9,400.
            let is_in = |n: &u32| (9_401..20_000).contains(&row_of(*n).start);
            let (mut stays, first, from, to) = (Vec::new(), Time(9_000), Time(10_000), Time(20_000));
            open.each_stay(venue, first, from, to, |person, _, _| stays.push(person));
            stays.sort_unstable();
            assert_eq!(stays, due.into_iter().filter(is_in).collect::<Vec<_>>());
        }
    }
}
