//! The heart of Vọng Lâu: events in, deltas out, nothing else.
//!
//! This crate asks nothing of the world: no clock, file, socket, thread, log line or random seed.
//! Time is an input. The same events, in any order and however often, give the same picture.
//! Where IO stops: `ingest` turns bytes into [`event::Event`]s, `engine` hands them in, `dashboard` shows the [`view`].

pub mod ask;
pub mod event;
pub mod figure;
pub mod params;
pub mod rows;
pub mod time;
pub mod view;
pub mod wards;
