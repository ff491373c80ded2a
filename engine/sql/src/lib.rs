//! SQL over the living city, for epidemiologists and their tools.
//!
//! A statement is parsed and checked (`check`), one moment of the city is taken for it (`moments`), the catalog's tables
//! are bound to that moment (`catalog`, one file a table in `tables`), DataFusion plans and runs it on threads of its
//! own, of the lowest priority, within bounds (`run`). What it answers leaves as JSON, CSV, Arrow or Parquet (`formats`)
//! or by PostgreSQL's protocol, or is followed (`live`). Nothing here can write,
//! and nothing here can hold the stream up: a moment shares what the engine holds and copies nothing that is large.

#![expect(
    clippy::large_futures,
    reason = "those of DataFusion and of the protocol are; each is made once a statement"
)]
#![expect(clippy::similar_names, reason = "arrows and rows, begins and ends")]
#![expect(clippy::unnecessary_wraps, reason = "tables are made by functions of one type")]
#![expect(clippy::needless_pass_by_value, reason = "what a callback is given, it is given whole")]
#![expect(clippy::type_complexity, reason = "readers are functions in an Arc")]
#![expect(clippy::should_implement_trait, reason = "the next frames of a listener are awaited")]
#![expect(clippy::wrong_self_convention, reason = "from a value, with a plan")]
#![expect(clippy::match_same_arms, reason = "arms in the order of what they say")]
#![expect(clippy::unused_self, reason = "a book writes its own fields")]
#![expect(clippy::assigning_clones, reason = "a tree is taken apart from above")]

pub mod bounds;
pub mod catalog;
pub mod check;
pub mod city;
pub mod column;
pub mod error;
mod existing;
pub mod formats;
pub mod functions;
pub mod functions_of_city;
pub mod history;
mod holding;
mod inlined;
mod large;
pub mod live;
pub mod moments;
pub mod names;
mod numbers;
mod passing;
pub mod pg;
pub mod pieces;
pub mod priority;
pub mod pushdown;
pub mod questions;
pub mod read;
mod read_exec;
pub mod refine;
mod repeating;
mod rows_read;
pub mod run;
mod running;
pub mod screens;
pub mod session;
pub mod tables;
pub mod threads;
mod turns;
mod visit;
mod yielding;

pub use error::{SqlError, SqlErrorKind};
pub use run::{Caller, From, Prepared, Sql, Stamp};
pub use running::Running;
