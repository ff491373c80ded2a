//! A half-day that is still being written: chunks of eight rows by venue, in order of arrival; each row points to the
//! person's next older one, so that a person's rows of all open half-days hang on one chain.

use super::row::{Code, Row};
use crate::people::NONE;
use crate::time::Time;

const CHUNK: usize = 8;
const PAGE: usize = 512;
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

#[derive(Clone, Copy, Debug)]
struct Chunk {
    rows: [OpenRow; CHUNK],
    venue: u32,
    /// The venue's chunk before this one.
    before: u32,
    used: u32,
}

/// One open half-day.
#[derive(Debug)]
pub(crate) struct Open {
    pub begin: Time,
    /// By venue: its newest chunk.
    heads: Vec<u32>,
    pages: Vec<Vec<Chunk>>,
    chunks: u32,
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

impl Open {
    pub fn new(begin: Time) -> Self {
        Self { begin, heads: Vec::new(), pages: Vec::new(), chunks: 0, rows: 0 }
    }

    /// Can another row be taken?
    pub fn has_room(&self) -> bool {
        (self.chunks + 1) * 8 < PLACES_MAX
    }

    fn chunk(&self, chunk: u32) -> &Chunk {
        &self.pages[chunk as usize / PAGE][chunk as usize % PAGE]
    }

    fn chunk_mut(&mut self, chunk: u32) -> &mut Chunk {
        &mut self.pages[chunk as usize / PAGE][chunk as usize % PAGE]
    }

    /// Puts a row at the venue's tail; gives its place.
    pub fn push(&mut self, venue: u32, row: OpenRow) -> u32 {
        if self.heads.len() <= venue as usize {
            self.heads.resize(venue as usize + 1, NONE);
        }
        let mut chunk = self.heads[venue as usize];
        if chunk == NONE || self.chunk(chunk).used as usize == CHUNK {
            if self.pages.last().is_none_or(|page| page.len() == PAGE) {
                self.pages.push(Vec::with_capacity(PAGE));
            }
            let fresh = Chunk { rows: [EMPTY; CHUNK], venue, before: chunk, used: 0 };
            self.pages.last_mut().into_iter().for_each(|page| page.push(fresh));
            chunk = self.chunks;
            self.chunks += 1;
            self.heads[venue as usize] = chunk;
        }
        self.rows += 1;
        let held = self.chunk_mut(chunk);
        let slot = held.used;
        held.rows[slot as usize] = row;
        held.used += 1;
        chunk * 8 + slot
    }

    pub fn at(&self, place: u32) -> &OpenRow {
        &self.chunk(place / 8).rows[place as usize % CHUNK]
    }

    pub fn at_mut(&mut self, place: u32) -> &mut OpenRow {
        &mut self.chunk_mut(place / 8).rows[place as usize % CHUNK]
    }

    /// A row whole.
    pub fn row(&self, place: u32) -> Row {
        let chunk = self.chunk(place / 8);
        self.whole(&chunk.rows[place as usize % CHUNK], chunk.venue)
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
        for row in self.chunks_at(venue).flat_map(|chunk| &chunk.rows[..chunk.used as usize]) {
            let (start, len) = (u32::from(row.start), u32::from(row.len));
            let is_in = len > 0 && start >= first && start < to && start + len > from;
            if is_in && code_of(row.who) != Code::DEAD {
                let at = self.begin.plus(i64::from(start));
                found(person_of(row.who), at, at.plus(i64::from(len)));
            }
        }
    }

    /// The rows of a venue that are alive, newest first by arrival.
    pub fn rows_at(&self, venue: u32) -> impl Iterator<Item = Row> + '_ {
        self.chunks_at(venue).flat_map(move |chunk| {
            let rows = chunk.rows[..chunk.used as usize].iter();
            rows.filter(|row| code_of(row.who) != Code::DEAD).map(move |row| self.whole(row, venue))
        })
    }

    fn chunks_at(&self, venue: u32) -> impl Iterator<Item = &Chunk> + '_ {
        let mut next = self.heads.get(venue as usize).copied().unwrap_or(NONE);
        std::iter::from_fn(move || {
            let chunk = (next != NONE).then(|| self.chunk(next))?;
            next = chunk.before;
            Some(chunk)
        })
    }

    /// Venues that may have rows are below this number.
    pub fn venues(&self) -> u32 {
        u32::try_from(self.heads.len()).unwrap_or(u32::MAX)
    }

    /// Touches the tails of venues.
    pub fn warm(&self, venues: &[u32]) -> u32 {
        let heads: Vec<u32> = venues
            .iter()
            .filter_map(|venue| self.heads.get(*venue as usize))
            .copied()
            .filter(|h| *h != NONE)
            .collect();
        heads.iter().map(|head| self.chunk(*head).used).fold(0, |all, used| all ^ used)
    }
}
