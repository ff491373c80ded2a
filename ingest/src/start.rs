//! Wires everything that brings events in, and starts it.

use crate::config::IngestConfig;
use crate::counters::Counters;
use crate::gateway::{Gateway, GatewayParts};
use crate::identity::{KeyError, Pseudonyms, Vault, VaultError, identity_key};
use crate::journal::{self, JournalBatch};
use crate::nats::Nats;
use crate::rejected::RejectedBook;
use crate::wire::Decoder;
use crate::{http, inbox, ticker};
use axum::Router;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use thiserror::Error;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use vonglau_core::params::Clock;

/// Why it cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Everything that brings events in, running; cheap to clone.
#[derive(Clone, Debug)]
pub struct Ingest {
    pub gateway: Gateway,
    pub nats: Nats,
    pub counters: Arc<Counters>,
    pub rejected: RejectedBook,
    tasks: TaskTracker,
    shutdown: CancellationToken,
}

/// Opens keys and vault, then connects in the background: comes back at once, also while NATS cannot be reached.
/// All tasks end with `shutdown`. To be called inside a tokio runtime.
///
/// # Errors
/// Where keys or vault cannot be used.
pub fn start(
    config: IngestConfig,
    shutdown: CancellationToken,
) -> BoxFuture<'static, Result<Ingest, StartError>> {
    Box::pin(async move {
        let opening = {
            let (data, key) = (config.data.clone(), config.identity_key.clone());
            move || -> Result<(Pseudonyms, Vault), StartError> {
                let pseudonyms = Pseudonyms::new(&identity_key(&data, key.as_deref())?)?;
                Ok((pseudonyms, Vault::open(&data)?))
            }
        };
        let (pseudonyms, vault) = match tokio::task::spawn_blocking(opening).await {
            Ok(opened) => opened?,
            Err(ended) => std::panic::resume_unwind(ended.into_panic()),
        };
        let nats = Nats::new(config.nats.clone());
        let counters = Arc::new(Counters::default());
        let parts = GatewayParts {
            decoder: Decoder::new(&config.params, pseudonyms),
            nats: nats.clone(),
            vault,
            counters: Arc::clone(&counters),
            params: Arc::clone(&config.params),
            body_bytes_max: config.body_bytes_max(),
        };
        let (gateway, publishing) = Gateway::new(parts, shutdown.clone());
        let tasks = TaskTracker::new();
        tasks.spawn(publishing);
        let restoring = gateway.clone();
        tasks.spawn(nats.clone().keep(Box::new(move |now| restoring.restore(now)), shutdown.clone()));
        tasks.spawn(inbox::run(gateway.clone(), shutdown.clone()));
        if config.params.clock == Clock::Wall {
            tasks.spawn(ticker::run(gateway.clone(), shutdown.clone()));
        }
        let rejected = RejectedBook::new(nats.clone());
        tasks.spawn(rejected.clone().follow(shutdown.clone()));
        tasks.close();
        Ok(Ingest { gateway, nats, counters, rejected, tasks, shutdown })
    })
}

impl Ingest {
    /// `POST /v1/events`, `GET /openapi.json` and `GET /openapi`.
    pub fn router(&self) -> Router {
        http::router(self.gateway.clone())
    }

    /// Reads the journal from a sequence on (1: all of it), also across cuts of NATS, until the receiver is dropped.
    pub fn journal(&self, from_seq: u64) -> mpsc::Receiver<JournalBatch> {
        let (batches, reading) = journal::read(self.nats.clone(), from_seq, self.shutdown.clone());
        self.tasks.spawn(reading);
        batches
    }

    /// Comes back when all tasks have ended, which they do after `shutdown`.
    pub async fn stopped(&self) {
        self.tasks.wait().await;
    }
}
