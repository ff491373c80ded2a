//! Where each venue's rows are in the columns of a half-day, which are sorted by venue: some 1¼ bytes a venue.
//!
//! ```text
//!  firsts   by 16 venues: the first row, and whether they are busy     0    40 busy    4310    …
//!  counts   by venue: how many rows, up to 255                         3 1 0 …  (16 times)
//!  busy     of 16 venues of which one has more: all 17 bounds          40 42 4210 …
//! ```

use std::ops::Range;

/// Venues of one block.
const BLOCK: usize = 16;
/// So many blocks are looked through for a row before they are searched.
const BLOCKS_NEAR: usize = 8;
/// This bit of a first row says that its venues are busy; rows are fewer.
const BUSY: u32 = 1 << 31;

/// Where the rows of each venue are.
#[derive(Debug, Default)]
pub(crate) struct VenueRows {
    firsts: Vec<u32>,
    counts: Vec<u8>,
    /// In order, so that they are found by their first row.
    busy: Vec<[u32; BLOCK + 1]>,
}

impl VenueRows {
    /// Of each venue's first row, and the end of the last one's.
    pub fn of(bounds: &[u32]) -> Self {
        let venues = bounds.len().saturating_sub(1);
        let last = bounds.last().copied().unwrap_or_default();
        let bound = |n: usize| bounds.get(n).copied().unwrap_or(last);
        let mut all = Self::default();
        all.firsts.reserve_exact(venues.div_ceil(BLOCK));
        all.counts.reserve_exact(venues.next_multiple_of(BLOCK));
        for first in (0..venues).step_by(BLOCK) {
            let bounds: [u32; BLOCK + 1] = std::array::from_fn(|n| bound(first + n));
            let counts = bounds.windows(2).map(|pair| u8::try_from(pair[1] - pair[0]));
            let is_busy = counts.clone().any(|count| count.is_err());
            all.counts.extend(counts.map(Result::unwrap_or_default));
            all.firsts.push(if is_busy { BUSY | bounds[0] } else { bounds[0] });
            all.busy.extend(is_busy.then_some(bounds));
        }
        all
    }

    /// The rows of a venue.
    pub fn rows(&self, venue: u32) -> Range<usize> {
        let (block, n) = (venue as usize / BLOCK, venue as usize % BLOCK);
        let Some(first) = self.firsts.get(block) else { return 0..0 };
        if let Some(bounds) = self.busy(*first) {
            return bounds[n] as usize..bounds[n + 1] as usize;
        }
        let counts = &self.counts[block * BLOCK..];
        let begin = *first as usize + counts[..n].iter().map(|count| usize::from(*count)).sum::<usize>();
        begin..begin + usize::from(counts[n])
    }

    fn busy(&self, first: u32) -> Option<&[u32; BLOCK + 1]> {
        if first & BUSY == 0 {
            return None;
        }
        let place = self.busy.binary_search_by_key(&(first ^ BUSY), |bounds| bounds[0]);
        place.ok().map(|place| &self.busy[place])
    }

    /// The venues of rows that are in order and among those held.
    pub fn venues_of(&self, rows: impl Iterator<Item = u32>) -> Vec<u32> {
        let (mut block, mut n, mut ends) = (0, 0, [0; BLOCK]);
        let venue = |row: u32| {
            if ends[BLOCK - 1] <= row {
                block = self.block_of(row, block);
                (n, ends) = (0, self.ends(block));
            }
            while n < BLOCK - 1 && ends[n] <= row {
                n += 1;
            }
            u32::try_from(block * BLOCK + n).unwrap_or(u32::MAX)
        };
        rows.map(venue).collect()
    }

    /// The block of a row, which is not before that of `from`.
    fn block_of(&self, row: u32, from: usize) -> usize {
        let firsts = &self.firsts[from..];
        let is_before = |first: &u32| *first & !BUSY <= row;
        // Usually it is one of the next.
        let next = firsts.iter().take(BLOCKS_NEAR).take_while(|first| is_before(first)).count();
        let after = if next < BLOCKS_NEAR { next } else { firsts.partition_point(is_before) };
        from + after.saturating_sub(1)
    }

    /// Where the rows of each venue of a block end.
    fn ends(&self, block: usize) -> [u32; BLOCK] {
        let Some(first) = self.firsts.get(block) else { return [u32::MAX; BLOCK] };
        if let Some(bounds) = self.busy(*first) {
            return std::array::from_fn(|n| bounds[n + 1]);
        }
        let (counts, mut end) = (&self.counts[block * BLOCK..], *first);
        std::array::from_fn(|n| {
            end += u32::from(counts[n]);
            end
        })
    }

    /// The venue of a row.
    pub fn venue_of(&self, row: usize) -> u32 {
        let after = self.firsts.partition_point(|first| (first & !BUSY) as usize <= row);
        let block = after.saturating_sub(1);
        let Some(first) = self.firsts.get(block) else { return u32::MAX };
        let n = if let Some(bounds) = self.busy(*first) {
            bounds[1..].partition_point(|end| *end as usize <= row)
        } else {
            let ends = self.counts[block * BLOCK..][..BLOCK].iter().scan(*first as usize, |end, count| {
                *end += usize::from(*count);
                Some(*end)
            });
            ends.take_while(|end| *end <= row).count()
        };
        u32::try_from(block * BLOCK + n).unwrap_or(u32::MAX)
    }

    /// Venues that may have rows are below this number.
    pub fn venues(&self) -> u32 {
        u32::try_from(self.counts.len()).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_venue_finds_its_rows_and_every_row_its_venue() {
        // Quiet blocks, a busy one, one of empty venues, and one that is not full.
        let count = |venue: u32| match venue {
            20 => 70_000,
            21 | 40 => 255,
            48..64 => 0,
            venue => venue % 3,
        };
        let mut bounds = vec![0];
        (0..70).for_each(|venue| bounds.push(bounds.last().copied().unwrap_or(0) + count(venue)));
        let all = VenueRows::of(&bounds);
        assert!(all.venues() >= 70 && all.busy.len() == 1);
        for venue in 0..70 {
            let rows = all.rows(venue);
            assert_eq!(
                (rows.start, rows.end),
                (bounds[venue as usize] as usize, bounds[venue as usize + 1] as usize)
            );
            rows.for_each(|row| assert_eq!(all.venue_of(row), venue));
        }
        for step in [1, 2, 7, 300, 40_000] {
            let some = || (0..bounds[70]).step_by(step);
            assert_eq!(
                all.venues_of(some()),
                some().map(|row| all.venue_of(row as usize)).collect::<Vec<_>>()
            );
        }
        assert!((70..90).all(|venue| all.rows(venue).is_empty()));
        assert_eq!(VenueRows::of(&[]).rows(0), 0..0);
    }
}
