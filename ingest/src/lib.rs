//! How events come in: wire schema, validation, pseudonyms, gateway, JetStream, import, simulator.
//!
//! Bytes become events in [`wire`], which asks nothing of the world; [`clock`] judges them by the city's `now`.
//! IO is in [`http`], [`inbox`], [`gateway`] (the only writer of the journal), [`nats`] and [`journal`] (its reader).
//! [`start`] wires all of it. Who a person is stops in [`identity`].

mod clock;
mod config;
mod counters;
mod inbox;
mod rejected;
mod start;
mod ticker;

pub mod gateway;
pub mod http;
pub mod identity;
pub mod import;
pub mod journal;
pub mod nats;
pub mod openapi;
pub mod sim;
pub mod wire;

pub use config::{IngestConfig, NatsConfig};
pub use counters::Counters;
pub use gateway::{Gateway, Receipt, Source, Unavailable};
pub use journal::{JournalBatch, JournalMessage, JournalSubject, decode_message};
pub use nats::{Link, Nats};
pub use rejected::{RejectedBook, RejectedEntry};
pub use start::{Ingest, StartError, start};

#[cfg(test)]
#[path = "../tests/common/params.rs"]
mod test_params;
