//! SQL over a golden city: `golden.py` writes its events, and the rows its tables should give by the rules.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod bounds;
mod city;
mod formats;
mod logic;
mod pages;
mod rows_read;
mod wrong;
