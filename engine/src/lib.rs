//! Wiring: the composition root of Vọng Lâu. Everything that knows more than one of its siblings is here.

pub mod allocator;
pub mod archive;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod driver;
pub mod files;
pub mod latency;
pub mod metrics;
pub mod nats_server;
pub mod notify;
pub mod postgres;
pub mod progress;
pub mod query;
pub mod rate;
pub mod serve;
pub mod shell;
pub mod simulate;
pub mod sql;
pub mod truth;
