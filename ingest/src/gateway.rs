//! The way into the journal: checked events in, an answer once JetStream has all of them.

mod message;
mod publisher;
mod receipt;
mod rejects;
mod same;

pub use receipt::{Receipt, Rejected, Source, Unavailable};
pub(crate) use rejects::server_time;

use crate::clock::{ClockJudge, Sender};
use crate::counters::Counters;
use crate::identity::Vault;
use crate::nats::{Link, Nats};
use crate::wire::{Checked, Decoded, Decoder, Identity, Refusal};
use publisher::{Delivered, Line, Parcel, Publisher};
use rejects::Rejects;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use vonglau_core::event::Event;
use vonglau_core::params::Params;
use vonglau_core::time::Time;

/// Requests that wait for the publisher.
const PARCELS_MAX: usize = 4_096;
/// Journaled bytes that wait for the publisher or for an acknowledgement, at least.
const QUEUED_KIB_MIN: usize = 64 << 10;

/// Handle to the gateway; cheap to clone.
#[derive(Clone, Debug)]
pub struct Gateway {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    decoder: Decoder,
    nats: Nats,
    vault: Vault,
    counters: Arc<Counters>,
    judge: Arc<Mutex<ClockJudge>>,
    parcels: mpsc::Sender<Parcel>,
    /// A permit is a KiB of journaled lines.
    room: Arc<Semaphore>,
    room_kib: usize,
    rejects: Rejects,
    body_bytes_max: usize,
}

/// How a sender takes it that there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WhenFull {
    /// It is told to come back.
    Refuse,
    /// It waits.
    Wait,
}

impl Gateway {
    /// The gateway, and the task that publishes until `shutdown`.
    pub(crate) fn new(
        parts: GatewayParts,
        shutdown: CancellationToken,
    ) -> (Self, impl Future<Output = ()> + Send + use<>) {
        let GatewayParts { decoder, nats, vault, counters, params, body_bytes_max } = parts;
        let judge = Arc::new(Mutex::new(ClockJudge::new(params)));
        let (parcels, queue) = mpsc::channel(PARCELS_MAX);
        let publisher = Publisher::new(nats.clone(), Arc::clone(&judge), queue);
        // A quarter of it is the largest body; a request that has grown past all of it takes all of it.
        let room_kib = QUEUED_KIB_MIN.max(body_bytes_max / 256).min(Semaphore::MAX_PERMITS);
        let inner = Inner {
            decoder,
            rejects: Rejects::new(nats.clone()),
            nats,
            vault,
            counters,
            judge,
            parcels,
            room: Arc::new(Semaphore::new(room_kib)),
            room_kib,
            body_bytes_max,
        };
        (Self { inner: Arc::new(inner) }, publisher.run(shutdown))
    }

    /// Decodes and checks what producers send.
    pub fn decoder(&self) -> &Decoder {
        &self.inner.decoder
    }

    /// `now` as far as EVENTS is known to hold it; none before the first event.
    pub fn now(&self) -> Option<Time> {
        self.judge().now()
    }

    /// The engine has applied the journal and knows `now`: the gateway's is at least that.
    pub fn restore(&self, now: Time) {
        self.judge().taken(Some(now));
    }

    /// Takes one event that is checked already. A refusal by the clock is in the receipt.
    ///
    /// # Errors
    /// When it cannot be taken now.
    pub async fn accept_event(&self, event: Event) -> Result<Receipt, Unavailable> {
        self.accept(vec![Ok(Checked { event, unknown_fields: 0, identity: None })], Source::Http).await
    }

    /// Takes the events of one request. Answers once JetStream has all of them, the refused ones too.
    ///
    /// # Errors
    /// When they cannot be taken now; some of them may be in the journal all the same: send all of them again.
    pub async fn accept(&self, events: Vec<Decoded>, source: Source) -> Result<Receipt, Unavailable> {
        self.take(events, source, Sender::Producer, WhenFull::Refuse).await
    }

    /// The service's own tick.
    pub(crate) async fn tick(&self, tick: Event) -> Result<Receipt, Unavailable> {
        let tick = Checked { event: tick, unknown_fields: 0, identity: None };
        self.take(vec![Ok(tick)], Source::Http, Sender::Service, WhenFull::Wait).await
    }

    pub(crate) async fn take(
        &self,
        events: Vec<Decoded>,
        source: Source,
        sender: Sender,
        when_full: WhenFull,
    ) -> Result<Receipt, Unavailable> {
        if self.inner.nats.link() == Link::Cut {
            return Err(Unavailable::Cut);
        }
        let sorted = Sorted::new(events);
        let queued = self.enqueue(&sorted, sender, source, when_full).await?;
        let written =
            async { self.inner.vault.keep(sorted.identities()).await.map_err(|_gone| Unavailable::Vault) };
        let refused = self.inner.rejects.publish(&sorted.refused, source);
        let delivered = async { queued.await.map_err(|_closed| Unavailable::Stopping)? };
        let (delivered, (), ()) = tokio::try_join!(delivered, written, refused)?;
        let by_clock = sorted.refused_by_clock(&delivered);
        self.inner.rejects.publish(&by_clock, source).await?;
        Ok(self.settle(&sorted, &delivered, &by_clock))
    }

    /// Hands the events to the publisher, in one go.
    async fn enqueue(
        &self,
        sorted: &Sorted,
        sender: Sender,
        source: Source,
        when_full: WhenFull,
    ) -> Result<oneshot::Receiver<Result<Delivered, Unavailable>>, Unavailable> {
        let lines: Vec<Line> = sorted.taken.iter().map(|(_, checked)| Line::new(&checked.event)).collect();
        let (reply, delivered) = oneshot::channel();
        if lines.is_empty() {
            return reply
                .send(Ok(Delivered::default()))
                .map(|()| delivered)
                .map_err(|_closed| Unavailable::Stopping);
        }
        let bytes: usize = lines.iter().map(|line| line.json.len() + 1).sum();
        let room = self.room(bytes.div_ceil(1 << 10), when_full).await?;
        let parcel = Parcel { lines, sender, source, reply, room };
        match when_full {
            WhenFull::Wait => {
                self.inner.parcels.send(parcel).await.map_err(|_closed| Unavailable::Stopping)?;
            }
            WhenFull::Refuse => self.inner.parcels.try_send(parcel).map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => Unavailable::QueueFull,
                mpsc::error::TrySendError::Closed(_) => Unavailable::Stopping,
            })?,
        }
        Ok(delivered)
    }

    async fn room(&self, kib: usize, when_full: WhenFull) -> Result<OwnedSemaphorePermit, Unavailable> {
        let permits = u32::try_from(kib.min(self.inner.room_kib)).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.inner.room);
        match when_full {
            WhenFull::Wait => room.acquire_many_owned(permits).await.map_err(|_closed| Unavailable::Stopping),
            WhenFull::Refuse => room.try_acquire_many_owned(permits).map_err(|_full| Unavailable::QueueFull),
        }
    }

    /// Counts, and writes the answer.
    fn settle(&self, sorted: &Sorted, delivered: &Delivered, by_clock: &[(u64, Refusal)]) -> Receipt {
        let counters = &self.inner.counters;
        let mut rejected: Vec<Rejected> = Vec::with_capacity(sorted.refused.len() + by_clock.len());
        for (index, refusal) in sorted.refused.iter().chain(by_clock) {
            counters.count_rejected(refusal.kind);
            rejected.push(Rejected { index: *index, field: refusal.field, reason: refusal.reason });
        }
        rejected.sort_by_key(|entry| entry.index);
        let mut refused = delivered.refused.iter().map(|(line, ..)| *line).peekable();
        for (line, (_, checked)) in sorted.taken.iter().enumerate() {
            if refused.next_if_eq(&line).is_none() {
                counters.count_taken(checked.event.kind());
            }
            counters.count_unknown_fields(u64::from(checked.unknown_fields));
        }
        let accepted = (sorted.taken.len() - delivered.refused.len()) as u64 - delivered.duplicates;
        let repeats_refused = by_clock.len() - delivered.refused.len();
        let duplicates = (sorted.repeats.len() - repeats_refused) as u64 + delivered.duplicates;
        Receipt { accepted, duplicates, rejected, stream_seq: delivered.stream_seq }
    }

    fn judge(&self) -> std::sync::MutexGuard<'_, ClockJudge> {
        self.inner.judge.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn body_bytes_max(&self) -> usize {
        self.inner.body_bytes_max
    }

    pub(crate) fn nats(&self) -> &Nats {
        &self.inner.nats
    }
}

/// What the gateway is made of.
pub(crate) struct GatewayParts {
    pub decoder: Decoder,
    pub nats: Nats,
    pub vault: Vault,
    pub counters: Arc<Counters>,
    pub params: Arc<Params>,
    pub body_bytes_max: usize,
}

/// The events of a request by what becomes of them, each with its place in the request.
struct Sorted {
    taken: Vec<(u64, Checked)>,
    refused: Vec<(u64, Refusal)>,
    /// Equal to an earlier one of the request, which is this line of the taken ones.
    repeats: Vec<(u64, usize, Checked)>,
}

impl Sorted {
    fn new(events: Vec<Decoded>) -> Self {
        let taken = Vec::with_capacity(events.len());
        let mut sorted = Self { taken, refused: Vec::new(), repeats: Vec::new() };
        let repeats = same::repeats(&events);
        // The line of each event, by its place in the request; nobody repeats a refused one.
        let mut lines = Vec::with_capacity(events.len());
        for (index, (decoded, repeats)) in (0..).zip(events.into_iter().zip(repeats)) {
            lines.push(sorted.taken.len());
            match (decoded, repeats.and_then(|first| lines.get(first))) {
                (Ok(checked), Some(line)) => sorted.repeats.push((index, *line, checked)),
                (Ok(checked), None) => sorted.taken.push((index, checked)),
                (Err(refusal), _) => sorted.refused.push((index, refusal)),
            }
        }
        sorted
    }

    fn identities(&self) -> Vec<Identity> {
        self.taken.iter().filter_map(|(_, checked)| checked.identity).collect()
    }

    fn refused_by_clock(&self, delivered: &Delivered) -> Vec<(u64, Refusal)> {
        let refusal = |(line, field, reason): &(usize, &'static str, &'static str)| {
            let (index, checked) = &self.taken[*line];
            (*index, Refusal::of_event(&checked.event, field, reason))
        };
        let mut refusals: Vec<_> = delivered.refused.iter().map(refusal).collect();
        // What repeats a refused event is refused as well.
        for (index, line, checked) in &self.repeats {
            if let Ok(place) = delivered.refused.binary_search_by_key(line, |(line, ..)| *line) {
                let (_, field, reason) = delivered.refused[place];
                refusals.push((*index, Refusal::of_event(&checked.event, field, reason)));
            }
        }
        refusals
    }
}
