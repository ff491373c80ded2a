//! End to end: the built binary, a real nats-server, real clients.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod access;
mod clock;
mod configuration;
mod cut;
mod demo;
mod events;
mod first_day;
mod history;
mod identity;
mod live;
mod refusals;
mod restart;
mod shell;
mod start;
mod tools;
