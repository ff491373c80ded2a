//! Refused events go to REJECTED, one a message.

use super::message::{publish, unavailable};
use super::receipt::{Source, Unavailable};
use crate::nats::Nats;
use crate::wire::{Redacted, Refusal};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{SystemTime, UNIX_EPOCH};
use vonglau_core::event::Kind;
use vonglau_core::time::Time;

/// Refused events of one request that are on their way at once.
const ON_THE_WAY_MAX: usize = 256;

/// Publishes refused events.
#[derive(Debug)]
pub struct Rejects {
    nats: Nats,
    /// Two refusals of equal content are two all the same.
    count: AtomicU64,
}

#[derive(Serialize)]
struct Entry<'r> {
    event: &'r Redacted,
    field: &'static str,
    reason: &'static str,
    source: Source,
    at: Time,
}

impl Rejects {
    pub const fn new(nats: Nats) -> Self {
        Self { nats, count: AtomicU64::new(0) }
    }

    /// Comes back when all of them are in REJECTED.
    pub async fn publish(&self, refused: &[(u64, Refusal)], source: Source) -> Result<(), Unavailable> {
        let at = server_time();
        let entries: Vec<_> = refused.iter().map(|(_, refusal)| entry(refusal, source, at)).collect();
        let sent = stream::iter(entries).map(|(subject, payload)| self.publish_one(subject, payload));
        sent.buffer_unordered(ON_THE_WAY_MAX).try_collect().await
    }

    async fn publish_one(&self, subject: String, payload: Vec<u8>) -> Result<(), Unavailable> {
        let context = self.nats.context().ok_or(Unavailable::Cut)?;
        let salt = [self.count.fetch_add(1, Relaxed), nanoseconds()].map(u64::to_be_bytes).concat();
        let failed = |error| {
            tracing::warn!(%error, "a refused event could not be written to REJECTED");
            unavailable(&error)
        };
        context
            .send_publish(subject, publish(payload, None, None, &salt))
            .await
            .map_err(failed)?
            .await
            .map_err(failed)?;
        Ok(())
    }
}

/// Subject and content of a refused event's message.
fn entry(refusal: &Refusal, source: Source, at: Time) -> (String, Vec<u8>) {
    let Refusal { kind, field, reason, event } = refusal;
    let subject = format!("city.rejected.{}", kind.map_or("unknown", Kind::name));
    let entry = Entry { event, field, reason, source, at };
    // Texts and a time: nothing that JSON cannot hold.
    (subject, serde_json::to_vec(&entry).unwrap_or_default())
}

/// The server's clock, whole seconds.
pub fn server_time() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

/// Tells one run's refusals from another's.
fn nanoseconds() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
