//! Every rule, held against small cases counted by hand.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]
#![expect(clippy::float_cmp, reason = "what is rounded to decimals is compared as it is shown")]

mod alerts;
mod answers;
mod breaches;
mod cases;
mod cells;
mod contacts;
mod events;
mod figures;
mod fixture;
mod follow;
mod journal;
mod levels;
mod order;
mod second_order;
mod series;
mod trend;
mod visits;
