//! Events in, end to end: the wire's golden files, and the gateway against a real nats-server.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod common;
mod gateway;
mod http;
mod import;
mod inbox;
mod journal;
mod wire;
