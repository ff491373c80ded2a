//! What can be asked of the situation, and what it answers: traced when asked, at one position of the stream.

use crate::event::{Person, VenueId};
use crate::figure::Figure;
use crate::rows::{
    BackwardRow, CaseEventRow, CaseRow, CellRow, Chain, ContactRow, FollowRow, PresentRow, VenueRow, VisitRow,
};
use crate::time::Time;
use crate::view::Area;

/// A series has at most so many items; a longer one is answered as [`Answer::TooLong`].
pub const SERIES_ITEMS_MAX: usize = 3_000;

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// All episodes.
    Cases,
    /// All case events held, by (`at`, id).
    CaseHistory,
    /// The contacts of a case, classes f1 and f0.
    Contacts(Person),
    /// The F2 of a case.
    SecondOrder(Person),
    /// The chain from a case, so many links deep (1-10).
    Chain(Person, u8),
    /// Where a case may have been infected.
    Backward(Person),
    /// A person's visits that overlap [from, to), uncut; None: from the edge, to now.
    Visits(Person, Option<Time>, Option<Time>),
    /// Who was at a venue in [from, to), cut to it.
    Present(VenueId, Option<Time>, Option<Time>),
    /// The F1 open now.
    Followed,
    /// All venues with a record or a scan.
    Venues,
    /// One venue.
    Venue(VenueId),
    /// What is behind a cell of resolution 7-10.
    Cell(u64),
    /// A series.
    Series(SeriesAsked),
}

/// Which series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesAsked {
    pub name: SeriesName,
    /// The city or a district.
    pub area: Area,
    /// Bins begin in [from, to).
    pub from: Time,
    pub to: Time,
    pub step: Step,
}

/// What a series tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeriesName {
    /// Distinct scans by their `at`.
    Scans,
    /// Episodes by their report.
    F0New,
    /// A figure as it was shown at full hours (steps hour and day).
    Shown(Figure),
}

/// How wide a local bin is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Minute,
    Hour,
    Day,
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    Cases(Vec<CaseRow>),
    CaseHistory(Vec<CaseEventRow>),
    Contacts(Vec<ContactRow>),
    Chain(Box<Chain>),
    Backward(Vec<BackwardRow>),
    Visits(Vec<VisitRow>),
    Present(Vec<PresentRow>),
    Followed(Vec<FollowRow>),
    Venues(Vec<VenueRow>),
    Venue(Box<VenueRow>),
    Cell(Box<CellRow>),
    /// (start of the bin, value held as the figure holds it; None unknown).
    Series(Vec<(Time, Option<i64>)>),
    /// No such case, or a venue never heard of.
    NotFound,
    /// More than [`SERIES_ITEMS_MAX`] items.
    TooLong,
}
