//! The one task that writes to EVENTS: joins what arrives together, keeps the order, answers after the ack.
//!
//! A line goes out at once while nothing is on its way. While a message is being written to disk, lines wait for each
//! other and are the next one, up to 500: a slower disk gets larger messages and not a longer queue, and safety costs a
//! write a message and not a write a scan.

use super::message::{MESSAGE_BYTES_MAX, Message, unavailable};
use super::receipt::{Source, Unavailable};
use super::rejects::server_time;
use crate::clock::{ClockJudge, Sender};
use crate::nats::{ACK_TIMEOUT, Link, Nats};
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use rustc_hash::FxHashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use vonglau_core::event::{Event, Kind};
use vonglau_core::time::Time;

/// Messages that wait for their acknowledgement.
const ON_THE_WAY_MAX: usize = 64;
/// Bytes of a message's headers.
const HEADER_BYTES_MAX: usize = 1_024;

/// A checked event as the journal holds it.
#[derive(Debug)]
pub struct Line {
    kind: Kind,
    at: Time,
    pub json: String,
}

impl Line {
    pub fn new(event: &Event) -> Self {
        Self { kind: event.kind(), at: event.at(), json: event.journaled() }
    }
}

/// The lines of one request.
#[derive(Debug)]
pub struct Parcel {
    pub lines: Vec<Line>,
    pub sender: Sender,
    pub source: Source,
    pub reply: oneshot::Sender<Result<Delivered, Unavailable>>,
    /// Given back once it is answered.
    pub room: OwnedSemaphorePermit,
}

/// What became of a parcel whose lines are all in EVENTS.
#[derive(Debug, Default)]
pub struct Delivered {
    /// Refused by the clock: number of the line, field, reason.
    pub refused: Vec<(usize, &'static str, &'static str)>,
    /// Lines that EVENTS had already.
    pub duplicates: u64,
    pub stream_seq: Option<u64>,
}

/// A parcel some of whose lines are not acknowledged yet.
struct Waiting {
    delivered: Delivered,
    failed: Option<Unavailable>,
    /// Messages that hold its lines; one more while it is being taken apart.
    messages: usize,
    reply: oneshot::Sender<Result<Delivered, Unavailable>>,
    _room: OwnedSemaphorePermit,
}

/// What became of a message.
struct Outcome {
    message: Message,
    /// Sequence, and whether it was there already.
    result: Result<(u64, bool), Unavailable>,
}

pub struct Publisher {
    nats: Nats,
    judge: Arc<Mutex<ClockJudge>>,
    queue: mpsc::Receiver<Parcel>,
    open: Option<Message>,
    on_the_way: FuturesUnordered<BoxFuture<'static, Outcome>>,
    waiting: FxHashMap<u64, Waiting>,
    parcels: u64,
}

impl Publisher {
    pub fn new(nats: Nats, judge: Arc<Mutex<ClockJudge>>, queue: mpsc::Receiver<Parcel>) -> Self {
        Self {
            nats,
            judge,
            queue,
            open: None,
            on_the_way: FuturesUnordered::new(),
            waiting: FxHashMap::default(),
            parcels: 0,
        }
    }

    /// Publishes until `shutdown`, then what is queued by then.
    pub async fn run(mut self, shutdown: CancellationToken) {
        while !shutdown.is_cancelled() {
            let idle = self.on_the_way.is_empty() && self.queue.is_empty();
            if self.open.as_ref().is_some_and(|open| idle || open.is_full()) {
                self.flush().await;
                continue;
            }
            tokio::select! {
                Some(outcome) = self.on_the_way.next() => self.settle(outcome),
                Some(parcel) = self.queue.recv(), if self.on_the_way.len() < ON_THE_WAY_MAX => self.add(parcel).await,
                () = shutdown.cancelled() => {}
            }
        }
        self.queue.close();
        while let Some(parcel) = self.queue.recv().await {
            self.add(parcel).await;
        }
        self.flush().await;
        while let Some(outcome) = self.on_the_way.next().await {
            self.settle(outcome);
        }
    }

    /// Judges a parcel's lines by the clock and joins them into messages.
    async fn add(&mut self, parcel: Parcel) {
        let Parcel { lines, sender, source, reply, room } = parcel;
        let number = self.parcels;
        self.parcels += 1;
        let mut waiting =
            Waiting { delivered: Delivered::default(), failed: None, messages: 1, reply, _room: room };
        let before = self.judge().before(server_time());
        let bytes_max = self.bytes_max();
        let mut passed = Vec::with_capacity(lines.len());
        for (n, line) in lines.into_iter().enumerate() {
            let mut judge = self.judge();
            match judge.judge(before, line.kind, line.at, sender) {
                Ok(moves_to) => passed.push((moves_to, line)),
                Err((field, reason)) => waiting.delivered.refused.push((n, field, reason)),
            }
        }
        self.waiting.insert(number, waiting);
        for (moves_to, line) in passed {
            let subject = line.kind.subject();
            if self.open.as_ref().is_some_and(|open| !open.takes(subject, source, &line.json, bytes_max)) {
                self.flush().await;
            }
            let open = self.open.get_or_insert_with(|| Message::new(subject, source));
            if open.shares.last().is_none_or(|(of, _)| *of != number)
                && let Some(waiting) = self.waiting.get_mut(&number)
            {
                waiting.messages += 1;
            }
            open.add(number, &line.json, moves_to);
        }
        self.done_with(number);
    }

    /// Sends what is joined so far.
    async fn flush(&mut self) {
        while self.on_the_way.len() >= ON_THE_WAY_MAX
            && let Some(outcome) = self.on_the_way.next().await
        {
            self.settle(outcome);
        }
        let Some(mut message) = self.open.take() else { return };
        let now = self.judge().now().max(message.moves_to);
        let publish = message.publish(now);
        let context = if self.nats.link() == Link::Connected { self.nats.context() } else { None };
        let Some(context) = context else {
            self.settle(Outcome { message, result: Err(Unavailable::Cut) });
            return;
        };
        // Handed over here, in order; only the acknowledgement is waited for elsewhere.
        match timeout(ACK_TIMEOUT, context.send_publish(message.subject, publish)).await {
            Ok(Ok(ack)) => {
                let acked = async move {
                    let result = match ack.await {
                        Ok(ack) => Ok((ack.sequence, ack.duplicate)),
                        Err(error) => {
                            tracing::warn!(%error, "a message was not taken into EVENTS");
                            Err(unavailable(&error))
                        }
                    };
                    Outcome { message, result }
                };
                self.on_the_way.push(Box::pin(acked));
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "a message could not be sent to EVENTS");
                self.settle(Outcome { message, result: Err(unavailable(&error)) });
            }
            Err(_) => self.settle(Outcome { message, result: Err(Unavailable::NotAcked) }),
        }
    }

    /// Notes what became of a message, and answers the parcels that are whole by it.
    fn settle(&mut self, outcome: Outcome) {
        let Outcome { message, result } = outcome;
        match result {
            Ok((sequence, _)) => {
                self.nats.saw(sequence);
                self.judge().taken(message.moves_to);
            }
            Err(_) => self.judge().lost(),
        }
        for (number, lines) in message.shares {
            if let Some(waiting) = self.waiting.get_mut(&number) {
                match result {
                    Ok((sequence, duplicate)) => {
                        let delivered = &mut waiting.delivered;
                        delivered.stream_seq = delivered.stream_seq.max(Some(sequence));
                        delivered.duplicates += if duplicate { lines } else { 0 };
                    }
                    Err(why) => waiting.failed = Some(why),
                }
            }
            self.done_with(number);
        }
    }

    /// One thing less that a parcel waits for; answers it when that was the last.
    fn done_with(&mut self, number: u64) {
        let Some(waiting) = self.waiting.get_mut(&number) else { return };
        waiting.messages -= 1;
        if waiting.messages == 0
            && let Some(waiting) = self.waiting.remove(&number)
        {
            let Waiting { delivered, failed, reply, .. } = waiting;
            if reply.send(failed.map_or(Ok(delivered), Err)).is_err() {
                tracing::debug!("whoever sent events is gone; they stay where they are");
            }
        }
    }

    fn bytes_max(&self) -> usize {
        let server = self.nats.client().map_or(usize::MAX, |client| client.max_payload());
        server.saturating_sub(HEADER_BYTES_MAX).min(MESSAGE_BYTES_MAX)
    }

    fn judge(&self) -> MutexGuard<'_, ClockJudge> {
        self.judge.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
