//! Follows REJECTED, so that refused events can be listed: the newest, across cuts of NATS.

use crate::gateway::Source;
use crate::nats::{Link, Nats, REJECTED};
use async_nats::jetstream::Context;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use futures_util::StreamExt;
use serde::Deserialize;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use vonglau_core::time::Time;

/// Refused events held; older ones are let go.
pub const REJECTED_MAX: usize = 100_000;
/// Letters held of a reason or a field: ours are shorter.
const TEXT_BYTES_MAX: usize = 200;
/// Between two tries to read.
const RETRY_AFTER: Duration = Duration::from_millis(500);
/// How long a request for more stands, and how often NATS says that it is alive.
const REQUEST_EXPIRES: Duration = Duration::from_secs(10);
const HEARTBEAT: Duration = Duration::from_secs(2);
/// A reader that is gone is forgotten after this.
const FORGOTTEN_AFTER: Duration = Duration::from_mins(1);
/// Who lists right after a refusal waits so long at most for it.
const OWN_REFUSALS_TIMEOUT: Duration = Duration::from_millis(250);

/// A refused event, as REJECTED tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedEntry {
    pub at: Time,
    /// `unknown` where it is none of ours.
    pub kind: Box<str>,
    pub field: Box<str>,
    pub reason: Box<str>,
    pub source: Source,
}

/// The newest refused events.
#[derive(Clone, Debug)]
pub struct RejectedBook {
    nats: Nats,
    entries: Arc<Mutex<VecDeque<RejectedEntry>>>,
    /// The last sequence of REJECTED that was read.
    reached: Arc<watch::Sender<u64>>,
}

#[derive(Deserialize)]
struct Told {
    at: Time,
    field: String,
    reason: String,
    source: String,
}

impl RejectedBook {
    pub fn new(nats: Nats) -> Self {
        Self { nats, entries: Arc::default(), reached: Arc::new(watch::Sender::new(0)) }
    }

    /// All that are held, in the order of REJECTED; with those that it holds by now, if they come soon.
    pub async fn entries(&self) -> Vec<RejectedEntry> {
        let caught_up = async {
            let last = last_sequence(self.nats.context()?).await?;
            self.reached.subscribe().wait_for(|reached| *reached >= last).await.ok().map(drop)
        };
        // Without it, what is held is still true.
        let _in_time: Result<Option<()>, _> = timeout(OWN_REFUSALS_TIMEOUT, caught_up).await;
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Follows until the shutdown.
    pub async fn follow(self, shutdown: CancellationToken) {
        let run = async {
            let mut link = self.nats.watch();
            loop {
                if link.wait_for(|link| *link == Link::Connected).await.is_err() {
                    return;
                }
                if let Some(context) = self.nats.context().cloned() {
                    tokio::select! {
                        why = self.read(&context) => tracing::debug!(why, "refused events are read anew"),
                        _ = link.wait_for(|link| *link == Link::Cut) => {}
                    }
                }
                tokio::time::sleep(RETRY_AFTER).await;
            }
        };
        tokio::select! {
            () = run => {}
            () = shutdown.cancelled() => {}
        }
    }

    /// Reads on; gives why it cannot any more.
    async fn read(&self, context: &Context) -> String {
        let reached = *self.reached.borrow();
        let last = last_sequence(context).await.unwrap_or_default();
        let start_sequence = (reached + 1).max(last.saturating_sub(REJECTED_MAX as u64 - 1)).max(1);
        let config = pull::Config {
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence },
            ack_policy: AckPolicy::None,
            inactive_threshold: FORGOTTEN_AFTER,
            memory_storage: true,
            num_replicas: 1,
            description: Some("refused events are listed".into()),
            ..pull::Config::default()
        };
        let consumer = match context.create_consumer_on_stream(config, REJECTED).await {
            Ok(consumer) => consumer,
            Err(error) => return error.to_string(),
        };
        let stream = consumer.stream().expires(REQUEST_EXPIRES).heartbeat(HEARTBEAT);
        let mut messages = match stream.messages().await {
            Ok(messages) => messages,
            Err(error) => return error.to_string(),
        };
        while let Some(message) = messages.next().await {
            match message {
                Ok(message) => self.take(&message),
                Err(error) => return error.to_string(),
            }
        }
        "NATS sends no more".to_owned()
    }

    fn take(&self, message: &async_nats::jetstream::Message) {
        let Ok(sequence) = message.info().map(|info| info.stream_sequence) else { return };
        if sequence <= *self.reached.borrow() {
            return;
        }
        if let Some(entry) = entry(&message.subject, &message.payload) {
            let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
            if entries.len() >= REJECTED_MAX {
                entries.pop_front();
            }
            entries.push_back(entry);
        } else {
            tracing::warn!(sequence, "an entry of REJECTED cannot be read");
        }
        self.reached.send_replace(sequence);
    }
}

async fn last_sequence(context: &Context) -> Option<u64> {
    let mut stream = context.get_stream(REJECTED).await.ok()?;
    Some(stream.info().await.ok()?.state.last_sequence)
}

fn entry(subject: &str, payload: &[u8]) -> Option<RejectedEntry> {
    let told: Told = serde_json::from_slice(payload).ok()?;
    let short = |text: String| -> Box<str> {
        let end = text.floor_char_boundary(TEXT_BYTES_MAX.min(text.len()));
        text[..end].into()
    };
    Some(RejectedEntry {
        at: told.at,
        kind: subject.rsplit('.').next()?.into(),
        field: short(told.field),
        reason: short(told.reason),
        source: Source::named(&told.source)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_read_as_it_was_written() {
        let payload = br#"{"event":{"kind":"scan"},"field":"at","reason":"too old","source":"nats",
            "at":"2021-10-15T01:31:07Z"}"#;
        let due = RejectedEntry {
            at: Time(1_634_261_467),
            kind: "scan".into(),
            field: "at".into(),
            reason: "too old".into(),
            source: Source::Nats,
        };
        assert_eq!(entry("city.rejected.scan", payload), Some(due));
        assert_eq!(entry("city.rejected.scan", b"rubbish"), None);
    }
}
