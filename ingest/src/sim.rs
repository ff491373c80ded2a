//! The city simulator: a seeded Hanoi that lives, scans and falls ill, as producers would report it.
//!
//! [`City`] is pure: people, places and a seed in, lines of events out, in the order in which they arrive; the same
//! seed gives the same bytes, whoever asks and in whatever steps. Where IO starts: [`run`] posts those lines to a
//! gateway and paces them.
//!
//! How it hangs together: `town.rs` knows who lives and works where and what somebody does on a day (drawn anew from
//! a hash of seed, person and day, so that nothing is kept); `outbreak.rs` follows the few who are infected, told to
//! be contacts or isolated; `city.rs` goes through the days and puts both into lines.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "figures are bounded by the city's size (2^24 people) and by 2100, far inside every type used"
)]

mod calendar;
mod carrier;
mod city;
mod daybook;
mod desk;
mod dice;
mod doses;
mod habits;
mod identity;
mod land;
mod lines;
mod options;
mod outbreak;
mod pacer;
mod plan;
mod post;
mod registry;
mod run;
mod scans;
mod schedule;
mod sender;
mod spread;
mod town;
mod venues;

#[cfg(test)]
mod city_tests;
#[cfg(test)]
mod run_tests;
#[cfg(test)]
mod small_city;

pub use city::{City, Step};
pub use land::people_by_district;
pub use lines::Lines;
pub use options::{DemoPlan, Ground, Phase, Progress, SimulateError, SimulateOptions, SimulateReport};
pub use post::Tally;
pub use registry::RegistryCursor;
pub use run::run;
pub use schedule::Pace;
pub use town::{Setup, SetupError};
