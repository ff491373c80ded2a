//! History: what the retention edge passes goes to Parquet by day, and is read with the live part as one table.
//!
//! ```text
//!  <url>/scans/day=2021-10-15/part-0.parquet      sorted by (venue, time), zstd, statistics of groups and pages
//!        visits/day=2021-10-15/part-0.parquet
//!        contacts/day=2021-10-15/part-0.parquet  and district_hours, case_history
//!        days/2021-10-15.json                     written last: the day is there, whole, from then on
//! ```
//!
//! A day goes from 04:00 local of its date to 04:00 of the next, as the edge moves. The border is
//! [`vonglau_core::passed`]'s: each scan is either in the archive or live, visits are cut where the edge stands. A statement
//! reads the days that end at or before its moment's edge: those written from their files, those that still wait from
//! memory. So it makes no difference whether the edge has passed a day, nor whether it is written yet.
//!
//! A restart replays the journal, and the edge passes everything once more: a day that stands in the archive and was
//! passed at the same event time then is not written again. Passed at another (another retention, other scans taken) it
//! is, as a further part that replaces the first, unless it would hold fewer scans (of a trimmed journal).
//!
//! So many passings wait at most ([`WAITING_MAX`]). A further one is waited for as long as the engine allows; then it
//! is not archived, which is told as an error and mended by the next start, as long as the journal has it.

mod keeper;
mod manifest;
mod read;
mod store;
mod write;

pub use keeper::{Archive, Handed, Settings, WAITING_MAX};
pub use read::plans;
pub use store::{ArchiveError, Place, failed_reading};

use crate::city::City;
use std::sync::Arc;
use vonglau_core::passed::PassedDay;

pub use manifest::{File, Written};

/// A day before a moment's edge, as a statement reads it.
#[derive(Clone, Debug)]
pub enum Day {
    /// From its files.
    Written(Arc<Written>),
    /// From memory, until it is written.
    Waiting(Arc<City>),
}

/// The days before a moment's edge, and where their files are.
#[derive(Clone, Debug, Default)]
pub struct History {
    pub days: Vec<Day>,
    pub place: Option<Place>,
}

/// The part of a city's rows that belongs to one day of the archive.
pub type Cut = PassedDay;
