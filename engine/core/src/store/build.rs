//! Writing a half-day's columns, in slices: an open one that is sealed, or a sealed one that is worn.

use super::Half;
use super::open::{person_of, who};
use super::row::Row;
use super::sealed::{BLOCK, SEGMENT_ROWS_MAX, Sealed, Segment, is_visit};
use super::venue_rows::VenueRows;
use crate::time::Time;

/// Postings for which room is made in one slice: two megabytes, since the first touch of fresh memory takes long.
const POSTS_AT_ONCE: usize = 1 << 19;

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Room for the columns, one after the other: the first touch of fresh memory can take some milliseconds.
    Room {
        column: usize,
    },
    /// Columns, venue by venue.
    Rows {
        venue: u32,
    },
    /// How many postings each block has.
    Count {
        row: usize,
    },
    /// Room for the postings, which are then written in no order.
    Posts,
    /// Postings into their blocks.
    Place {
        row: usize,
    },
    /// Each block by person.
    Sort {
        block: usize,
    },
    Done,
}

/// Columns being written.
#[derive(Debug)]
pub(crate) struct Builder {
    pub number: i64,
    stage: Stage,
    segment: Segment,
    /// By venue: its first row; one more at the end.
    bounds: Vec<u32>,
    /// By block: where its next posting goes.
    next: Vec<u32>,
    /// What came (true) or went while this was written.
    notes: Vec<(bool, Row)>,
}

impl Builder {
    pub fn new(number: i64, half: Option<&Half>) -> Self {
        let venues = half.map_or(0, |half| half.venues() as usize);
        let bounds = Vec::with_capacity(venues + 1);
        let (segment, stage) = (Segment::default(), Stage::Room { column: 0 });
        Self { number, stage, segment, bounds, next: Vec::new(), notes: Vec::new() }
    }

    pub fn note(&mut self, came: bool, row: &Row) {
        self.notes.push((came, *row));
    }

    /// Goes on for about so many rows; gives the units that are left.
    pub fn go_on(&mut self, half: &Half, people: u32, mut units: u32) -> u32 {
        while self.stage != Stage::Done && units > 0 {
            units = match self.stage {
                Stage::Room { column } => self.make_room(column, half.rows()),
                Stage::Rows { venue } => self.write_rows(half, venue, people, units),
                Stage::Count { row } => self.count(row, units),
                Stage::Posts => self.make_posts(),
                Stage::Place { row } => self.place(row, units),
                Stage::Sort { block } => self.sort(block, units),
                Stage::Done => 0,
            };
        }
        units
    }

    pub fn is_done(&self) -> bool {
        self.stage == Stage::Done
    }

    /// The half-day with all that changed meanwhile.
    pub fn finish(self, begin: Time) -> Sealed {
        let mut sealed = Sealed::new(begin, self.segment);
        for (came, row) in &self.notes {
            if *came { sealed.insert(row) } else { sealed.remove(row) }
        }
        sealed
    }

    /// Makes room for one column; the rest of the slice is left.
    fn make_room(&mut self, column: usize, rows: usize) -> u32 {
        let Segment { start, len, who, .. } = &mut self.segment;
        match column {
            0 => touch(start, rows),
            1 => touch(len, rows),
            _ => touch(who, rows),
        }
        self.stage = if column < 2 { Stage::Room { column: column + 1 } } else { Stage::Rows { venue: 0 } };
        0
    }

    fn write_rows(&mut self, half: &Half, venue: u32, people: u32, units: u32) -> u32 {
        let begin = match half {
            Half::Open(open) => open.begin,
            Half::Sealed(sealed) => sealed.begin,
        };
        let Segment { start, len, who: column, visits, .. } = &mut self.segment;
        self.bounds.push(column.len().try_into().unwrap_or(u32::MAX));
        if venue >= half.venues() {
            let blocks = people.div_ceil(BLOCK) as usize;
            self.segment.block_from = vec![0; blocks + 1];
            self.segment.venue_rows = VenueRows::of(&std::mem::take(&mut self.bounds));
            self.stage = Stage::Count { row: 0 };
            return units;
        }
        let mut rows = Vec::new();
        half.each_row_at(venue, begin, Time(i64::MAX), |row| rows.push(row));
        rows.sort_unstable_by_key(|row| (row.at, who(row.person, row.code)));
        let cost = 1 + rows.len().try_into().unwrap_or(u32::MAX - 1);
        for row in rows {
            if column.len() >= SEGMENT_ROWS_MAX {
                self.notes.push((true, row));
                continue;
            }
            start.push(u16::try_from(row.at.0 - begin.0).unwrap_or(u16::MAX));
            len.push(row.len);
            column.push(who(row.person, row.code));
            *visits += usize::from(is_visit(row.code, row.len));
        }
        self.stage = Stage::Rows { venue: venue + 1 };
        units.saturating_sub(cost)
    }

    /// The rows from `row` on that so many units pay for.
    fn slice(&self, row: usize, units: u32) -> std::ops::Range<usize> {
        row..self.segment.who.len().min(row.saturating_add(units as usize))
    }

    fn count(&mut self, row: usize, units: u32) -> u32 {
        let range = self.slice(row, units);
        let Segment { who, block_from, .. } = &mut self.segment;
        for who in &who[range.clone()] {
            block_from[(person_of(*who) / BLOCK) as usize + 1] += 1;
        }
        self.stage = Stage::Count { row: range.end };
        if range.end == who.len() {
            let mut sum = 0;
            for from in block_from.iter_mut() {
                sum += *from;
                *from = sum;
            }
            self.next.clone_from(block_from);
            self.segment.posts.reserve_exact(self.segment.who.len());
            self.stage = Stage::Posts;
        }
        units - u32::try_from(range.len()).unwrap_or(units)
    }

    /// Some pages of room; the rest of the slice is left.
    fn make_posts(&mut self) -> u32 {
        let (posts, all) = (&mut self.segment.posts, self.segment.who.len());
        posts.resize(all.min(posts.len() + POSTS_AT_ONCE), 0);
        if posts.len() == all {
            self.stage = Stage::Place { row: 0 };
        }
        0
    }

    fn place(&mut self, row: usize, units: u32) -> u32 {
        let range = self.slice(row, units);
        for row in range.clone() {
            let person = person_of(self.segment.who[row]);
            let next = &mut self.next[(person / BLOCK) as usize];
            let low = (person % BLOCK) << 24;
            self.segment.posts[*next as usize] = low | u32::try_from(row).unwrap_or_default();
            *next += 1;
        }
        let is_last = range.end == self.segment.who.len();
        self.stage = if is_last { Stage::Sort { block: 0 } } else { Stage::Place { row: range.end } };
        units - u32::try_from(range.len()).unwrap_or(units)
    }

    fn sort(&mut self, block: usize, units: u32) -> u32 {
        let Segment { block_from, posts, .. } = &mut self.segment;
        if block + 1 >= block_from.len() {
            self.stage = Stage::Done;
            return units;
        }
        let range = block_from[block] as usize..block_from[block + 1] as usize;
        let cost = 1 + u32::try_from(range.len()).unwrap_or(u32::MAX - 1);
        posts[range].sort_unstable();
        self.stage = Stage::Sort { block: block + 1 };
        units.saturating_sub(cost)
    }
}

/// Makes room for so many values, and touches where the first will be.
fn touch<T: Default>(column: &mut Vec<T>, rows: usize) {
    column.reserve_exact(rows);
    column.push(T::default());
    std::hint::black_box(column.as_slice());
    column.clear();
}

#[cfg(test)]
mod tests {
    use super::super::open::{Open, OpenRow};
    use super::*;
    use crate::people::NONE;
    use crate::store::row::Code;

    const PEOPLE: u32 = 3_000;

    /// 20,000 rows, most at venue 0, a part of them lone scans.
    fn half() -> Half {
        let mut open = Open::new(Time(0));
        for n in 0..20_000_u32 {
            let (venue, code) =
                ((n % 127).leading_zeros() - 25, Code::of_bits(if n % 10 == 0 { 2 } else { 12 }));
            let start = u16::try_from(n.wrapping_mul(2_654_435_761) % 43_200).unwrap_or_default();
            let len = if code.is_visit() { 300 + u16::try_from(n % 7_000).unwrap_or_default() } else { 0 };
            open.push(venue, OpenRow { start, len, who: who(n * 7 % PEOPLE, code), next: NONE });
        }
        Half::Open(open)
    }

    fn stays(half: &Half, venue: u32) -> Vec<(u32, Time, Time)> {
        let mut stays = Vec::new();
        let found = |person, start, end| stays.push((person, start, end));
        let (first, from, to) = (Time(5_000), Time(12_000), Time(30_000));
        match half {
            Half::Open(open) => open.each_stay(venue, first, from, to, found),
            Half::Sealed(sealed) => sealed.each_stay(venue, first, from, to, found),
        }
        stays.sort_unstable();
        stays
    }

    #[test]
    fn what_is_sealed_holds_the_rows_that_were_open() {
        let open = half();
        let mut builder = Builder::new(0, Some(&open));
        while !builder.is_done() {
            builder.go_on(&open, PEOPLE, 1_000);
        }
        let sealed = builder.finish(Time(0));
        let order = |row: &Row| (row.person, row.venue, row.at, row.code, row.len);
        let mut due = Vec::new();
        (0..open.venues())
            .for_each(|venue| open.each_row_at(venue, Time(0), Time(43_200), |row| due.push(row)));
        due.sort_unstable_by_key(order);
        let rows = |person| sealed.places_of(person).map(|place| sealed.row(place)).collect::<Vec<Row>>();
        let mut held: Vec<Row> = (0..PEOPLE).flat_map(rows).collect();
        held.sort_unstable_by_key(order);
        assert_eq!((held.len(), &held), (20_000, &due));
        let sealed = Half::Sealed(sealed);
        for venue in 0..open.venues() {
            assert_eq!(stays(&sealed, venue), stays(&open, venue));
        }
        assert!(stays(&open, 0).len() > 1_000);
    }
}
