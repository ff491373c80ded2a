//! The heart of Vọng Lâu: events in, deltas out, nothing else.
//!
//! This crate asks nothing of the world: no clock, file, socket, thread, log line or random seed.
//! Time is an input. The same events, in any order and however often, give the same picture.
//! Where IO stops: `ingest` turns bytes into [`event::Event`]s, `engine` hands them to [`situation::Situation::step`],
//! `dashboard` shows the [`view::View`].
//!
//! The way of one event: `situation` (time, order) ▶ `store` (the person's rows, by the walk of `track`) ▶ `cases` ▶
//! `work_out` (cuts, `links`, `follow`, `breaches`, `clusters`, `risk` from scratch for what was touched) ▶ `alerts`.
//! What is long is a job (`jobs`). `settle` makes `figures`, `levels` and `trend` for a picture, `shown` keeps what was
//! shown at full hours, `answers` and `trace` tell lists.

#![deny(clippy::iter_over_hash_type)]

pub mod apart;
pub mod ask;
pub mod batch;
pub mod cells;
pub mod event;
pub mod figure;
pub mod moment;
pub mod params;
pub mod passed;
pub mod rows;
pub mod settle;
pub mod situation;
pub mod time;
pub mod trace;
pub mod view;
pub mod wards;

pub mod chain;
pub mod shown;

mod alerts;
mod answers;
mod bits;
mod breaches;
mod by_name;
mod by_person;
mod case_rows;
mod cases;
mod clusters;
mod commands;
mod contacts;
mod counts;
mod cuts;
mod digest;
mod figures;
mod follow;
mod index;
mod infectious;
mod jobs;
mod levels;
mod links;
mod names;
mod number_set;
mod paged;
mod people;
mod places;
mod presence;
mod records;
mod relink;
mod residents;
mod risk;
mod rules;
mod second_order;
mod store;
mod sweep;
mod tap;
mod timers;
mod today;
mod track;
mod trend;
mod venues;
mod work_out;

pub use rules::edge;
