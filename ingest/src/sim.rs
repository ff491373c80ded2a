//! The city simulator: a seeded Hanoi that lives, scans and falls ill, as producers would report it.
//!
//! [`City`] is pure: people, places and a seed in, lines of events out, in the order in which they arrive; the same
//! seed gives the same bytes, whoever asks and in whatever steps. Where IO starts: [`run`] posts those lines to a
//! gateway and paces them.
//!
//! How it hangs together: [`town`] knows who lives and works where and what somebody does on a day (drawn anew from
//! a hash of seed, person and day, so that nothing is kept); [`outbreak`] follows the few who are infected, told to
//! be contacts or isolated; [`city`] goes through the days and puts both into lines.

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
mod desk;
mod dice;
mod doses;
mod identity;
mod land;
mod lines;
mod outbreak;
mod plan;
mod registry;
mod scans;
mod town;
mod venues;

pub use city::{City, Step};
pub use land::people_by_district;
pub use lines::Lines;
pub use registry::RegistryCursor;
pub use town::{Setup, SetupError};
