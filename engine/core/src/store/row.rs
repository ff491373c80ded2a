//! A row: one visit, or one scan that belongs to no visit. It owns the scans it was formed of.
//!
//! All rows of a person hold exactly the person's distinct scans, each once: a visit holds the scan that opened it and,
//! where one closed it, the `out` at its end; every other scan (an `out` that found nobody, a checkpoint, an `in` that
//! was repeated, a scan at a kind of venue without stays) is a row without length.

use crate::event::Mode;
use crate::time::Time;
use crate::track::{ScanRow, Visit, Way};

/// How a row came to be, in five bits: mode and direction of its first scan, whether it is a visit, and the mode of the
/// `out` that closed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Code(u8);

const MODES: [Mode; 4] = [Mode::Checkpoint, Mode::Patrol, Mode::PersonQr, Mode::VenueQr];
const WAYS: [Way; 3] = [Way::Out, Way::Undirected, Way::In];
const VISITS: u8 = 12;

impl Code {
    /// A row that is no more, until its half-day is sealed.
    pub const DEAD: Self = Self(31);

    /// A scan alone: 12 of them.
    pub fn single(mode: Mode, way: Way) -> Self {
        Self(mode as u8 * 3 + way as u8)
    }

    /// A visit: 12 of them, since controls and `out` open none and controls close none.
    pub fn visit(mode: Mode, way: Way, closed_by: Option<Mode>) -> Self {
        let opened = u8::from(mode == Mode::VenueQr) * 2 + u8::from(way == Way::In);
        let closed = closed_by.map_or(0, |mode| 1 + u8::from(mode == Mode::VenueQr));
        Self(VISITS + opened * 3 + closed)
    }

    /// Reads five bits that [`Code::bits`] wrote.
    pub fn of_bits(bits: u32) -> Self {
        Self((bits & 31).to_le_bytes()[0])
    }

    pub fn bits(self) -> u32 {
        u32::from(self.0)
    }

    pub fn is_visit(self) -> bool {
        (VISITS..VISITS + 12).contains(&self.0)
    }

    /// Mode and direction of the first scan.
    pub fn first(self) -> (Mode, Way) {
        if self.is_visit() {
            let opened = (self.0 - VISITS) / 3;
            let mode = if opened >= 2 { Mode::VenueQr } else { Mode::PersonQr };
            (mode, if opened % 2 == 1 { Way::In } else { Way::Undirected })
        } else {
            (MODES[usize::from(self.0 / 3 % 4)], WAYS[usize::from(self.0 % 3)])
        }
    }

    /// The mode of the `out` at the end of a visit.
    pub fn closed_by(self) -> Option<Mode> {
        match self.is_visit().then(|| (self.0 - VISITS) % 3) {
            Some(1) => Some(Mode::PersonQr),
            Some(2) => Some(Mode::VenueQr),
            _ => None,
        }
    }

    /// How many scans the row holds.
    pub fn scans(self) -> u32 {
        1 + u32::from(self.closed_by().is_some())
    }
}

/// A visit or a lone scan of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub person: u32,
    pub venue: u32,
    /// When its first scan was.
    pub at: Time,
    /// Seconds to the end of the visit, where no `out` closed it to its expected end; 0 for a lone scan.
    pub len: u16,
    pub code: Code,
}

impl Row {
    pub fn end(&self) -> Time {
        self.at.plus(i64::from(self.len))
    }

    pub fn visit(&self) -> Option<Visit> {
        self.code.is_visit().then(|| Visit { venue: self.venue, start: self.at, end: self.end() })
    }

    /// The scans it holds: the first, and the `out` that closed it.
    pub fn scans(&self) -> impl Iterator<Item = ScanRow> + use<> {
        let (mode, way) = self.code.first();
        let first = ScanRow { at: self.at, way, mode, venue: self.venue };
        let out = self.code.closed_by();
        let last = out.map(|mode| ScanRow { at: self.end(), way: Way::Out, mode, venue: self.venue });
        std::iter::once(first).chain(last)
    }

    /// When the last of its scans was.
    pub fn last_scan(&self) -> Time {
        if self.code.closed_by().is_some() { self.end() } else { self.at }
    }

    /// Same first scan: the same place in the person's order.
    pub fn is_same_scan(&self, other: &Self) -> bool {
        (self.person, self.venue, self.at, self.code.first())
            == (other.person, other.venue, other.at, other.code.first())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back_what_was_written() {
        for mode in MODES {
            for way in WAYS {
                let code = Code::of_bits(Code::single(mode, way).bits());
                assert_eq!((code.first(), code.is_visit(), code.closed_by()), ((mode, way), false, None));
            }
        }
        for mode in [Mode::PersonQr, Mode::VenueQr] {
            for way in [Way::Undirected, Way::In] {
                for closed in [None, Some(Mode::PersonQr), Some(Mode::VenueQr)] {
                    let code = Code::of_bits(Code::visit(mode, way, closed).bits());
                    assert_eq!(
                        (code.first(), code.is_visit(), code.closed_by()),
                        ((mode, way), true, closed)
                    );
                    assert_ne!(code, Code::DEAD);
                }
            }
        }
    }
}
