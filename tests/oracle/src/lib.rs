//! The judge: a plain function from the set of events, now and the rules to the whole picture.
//!
//! It shares nothing with the engine but data types. Every rule of the domain is a few lines here with its
//! sentence beside it; nothing is kept up to date, everything is counted again from the events each time.
//! [`picture()`] is the function of the set of events; [`Oracle`] adds what depends on the journal's order:
//! what was shown at full hours, and since when alerts stand.
#![expect(clippy::unwrap_used, reason = "a judge with rules that make no sense stops the test")]

mod alert_log;
mod alerts;
mod answers;
mod breaches;
mod cases;
mod contacts;
mod facts;
mod figures;
mod follow;
mod held;
mod levels;
mod oracle;
mod picture;
mod places;
mod risk;
mod score;
mod second_order;
mod series;
mod shown;
mod span;
mod trend;
mod visits;

pub use oracle::Oracle;
pub use picture::{Picture, picture};
pub use places::WardOfCell;
