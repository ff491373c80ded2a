//! The engine against the judge, over random histories of a very small city.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

pub mod compare;
pub mod histories;
pub mod moment;
pub mod rules;
