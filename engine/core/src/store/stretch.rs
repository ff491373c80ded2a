//! Rows of sealed columns side by side, for readers who want some columns of very many rows.

use super::moment::{Part, Piece, RowFilter};
use super::open::{code_of, person_of};
use super::row::Code;
use super::sealed::Sealed;
use super::{HALF_S, Half, Store};
use crate::time::Time;
use std::ops::Range;

/// Rows looked at together.
const ROWS_AT_ONCE: usize = 64;
/// And where short ones are left out, which mostly are all of so few.
const ROWS_AT_ONCE_LONG: usize = 16;

/// Rows of a half-day whose columns lie side by side, none of them dead.
pub(crate) struct Stretch<'a> {
    /// When the half-day begins.
    pub begin: Time,
    sealed: &'a Sealed,
    places: Range<usize>,
    /// Seconds from the begin.
    pub start: &'a [u16],
    pub len: &'a [u16],
    who: &'a [u32],
    /// Which starts are asked for, in seconds from the begin.
    starts: Range<i64>,
    /// Shorter ones are not.
    least: i64,
}

impl Store {
    /// A piece as a stretch of columns; None where its rows must be looked at one by one.
    pub fn stretch(&self, piece: &Piece, filter: &RowFilter) -> Option<Stretch<'_>> {
        let Part::Places(places) = &piece.part else { return None };
        let Half::Sealed(sealed) = self.half(piece.half)? else { return None };
        let (start, len, who) = sealed.columns(places.clone())?;
        let starts = filter.starts(sealed.begin);
        let least = filter.lasting.unwrap_or_default();
        Some(Stretch { begin: sealed.begin, sealed, places: places.clone(), start, len, who, starts, least })
    }
}

impl Stretch<'_> {
    /// Which rows start in time, last at least so many seconds and pass, by code; in order.
    pub fn pick(&self, until: Time, shortest: u16, is_asked: impl Fn(Code) -> bool) -> Vec<u32> {
        let to = self.starts.end.min(until.0.saturating_sub(self.begin.0));
        let (first, to) = (self.starts.start.clamp(0, HALF_S), to.clamp(0, HALF_S));
        let Ok(least) = u16::try_from(self.least.max(i64::from(shortest))) else { return Vec::new() };
        if first >= to {
            return Vec::new();
        }
        match ((first, to) == (0, HALF_S), least > shortest) {
            (true, false) => self.pick_by::<ROWS_AT_ONCE>(least, |_| true, is_asked),
            (true, true) => self.pick_by::<ROWS_AT_ONCE_LONG>(least, |_| true, is_asked),
            _ => {
                self.pick_by::<ROWS_AT_ONCE>(least, |start| (first..to).contains(&i64::from(start)), is_asked)
            }
        }
    }

    /// Which rows last at least so long and pass, by start, code and length; so many are looked at together.
    fn pick_by<const AT_ONCE: usize>(
        &self,
        least: u16,
        is_in_time: impl Fn(u16) -> bool,
        is_asked: impl Fn(Code) -> bool,
    ) -> Vec<u32> {
        let mut picked = Vec::with_capacity(self.start.len());
        let mut some = [0; AT_ONCE];
        let columns = self.start.chunks(AT_ONCE).zip(self.len.chunks(AT_ONCE));
        for ((at, (starts, lens)), who) in (0..).step_by(AT_ONCE).zip(columns).zip(self.who.chunks(AT_ONCE)) {
            if lens.iter().copied().fold(0, u16::max) < least {
                continue;
            }
            // Written always, counted where asked for: no branch that the processor would guess.
            let mut count = 0;
            for (row, ((start, len), who)) in (at..).zip(starts.iter().zip(lens).zip(who)) {
                some[count] = row;
                let (in_time, long) = (usize::from(is_in_time(*start)), usize::from(*len >= least));
                count += in_time & long & usize::from(is_asked(code_of(*who)));
            }
            picked.extend_from_slice(&some[..count]);
        }
        picked
    }

    /// Does every row end before `now`, whatever it is?
    pub fn is_over(&self, now: Time) -> bool {
        self.begin.0 + HALF_S + i64::from(u16::MAX) <= now.0
    }

    pub fn person(&self, row: u32) -> u32 {
        person_of(self.who[row as usize])
    }

    pub fn code(&self, row: u32) -> Code {
        code_of(self.who[row as usize])
    }

    /// The venues of some of the rows, which are in order.
    pub fn venues(&self, picked: &[u32]) -> Vec<u32> {
        let first = u32::try_from(self.places.start).unwrap_or(u32::MAX);
        self.sealed.venues_at(picked.iter().map(|row| first + row))
    }
}
