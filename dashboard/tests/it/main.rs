//! The dashboard from outside: a real server on a free port over a made-up situation.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod access;
mod fake;
mod geometry;
mod golden;
mod headline;
mod http;
mod hub;
mod sample;
mod shipped;
mod slow;
mod socket;
mod types;
