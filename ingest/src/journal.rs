//! Reads the journal for the driver: every message of EVENTS from a sequence on, in order, without gap or repeat.

use crate::gateway::Source;
use crate::nats::{EVENTS, Link, Nats, SOURCE_HEADER};
use crate::wire;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use async_nats::jetstream::{self, Context, consumer::PullConsumer};
use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use vonglau_core::event::Event;

/// Batches that wait for the driver.
const BATCHES_MAX: usize = 4;
/// Messages of one batch.
const BATCH_MESSAGES_MAX: usize = 256;
/// Bytes of one batch, past which it is handed on.
const BATCH_BYTES_MAX: usize = 8 << 20;
/// Messages and bytes that NATS sends ahead of one request. More is asked for at half of it: a request that meets the
/// end of the one before is now and then never answered, which costs seconds, so the half must be far from the end.
const AHEAD_MESSAGES_MAX: usize = 8_192;
const AHEAD_BYTES_MAX: usize = 16 << 20;
/// How long a request for more stands, and how often NATS says that it is alive.
const REQUEST_EXPIRES: Duration = Duration::from_secs(10);
const HEARTBEAT: Duration = Duration::from_secs(2);
/// A reader that is gone is forgotten after this.
const FORGOTTEN_AFTER: Duration = Duration::from_mins(1);
/// Between two tries to read.
const RETRY_AFTER: Duration = Duration::from_millis(200);

/// What arrived together; in stream order, never empty.
#[derive(Clone, Debug)]
pub struct JournalBatch {
    pub messages: Vec<JournalMessage>,
}

/// One message of EVENTS.
#[derive(Clone, Debug)]
pub struct JournalMessage {
    pub seq: u64,
    /// When JetStream received it, in ms since 1970.
    pub received_ms: i64,
    pub subject: JournalSubject,
    /// How it came in; where nobody said so, over HTTP.
    pub source: Source,
    /// One journaled event, or several, a line each.
    pub payload: Bytes,
}

/// What a message holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JournalSubject {
    Scan,
    Case,
    Registry,
    Command,
    Tick,
    /// Nothing that this version writes.
    Other,
}

impl JournalSubject {
    fn of(subject: &str) -> Self {
        match subject {
            "city.scan" => Self::Scan,
            "city.case" => Self::Case,
            "city.registry" => Self::Registry,
            "city.command" => Self::Command,
            "city.tick" => Self::Tick,
            _ => Self::Other,
        }
    }
}

/// Hands every event of a message to `each`, in line order. Gives how many lines were no events; they are left out.
pub fn decode_message(message: &JournalMessage, mut each: impl FnMut(Event)) -> usize {
    let mut broken = 0;
    for line in wire::lines(&message.payload) {
        let event = match message.subject {
            JournalSubject::Scan => Event::scan_from_journaled(line),
            _ => Event::from_journaled(line),
        };
        match event {
            Ok(event) => each(event),
            Err(_) => broken += 1,
        }
    }
    broken
}

/// Starts a task that reads from `from_seq` on until the receiver is dropped or `shutdown`.
pub fn read(
    nats: Nats,
    from_seq: u64,
    shutdown: CancellationToken,
) -> (mpsc::Receiver<JournalBatch>, impl Future<Output = ()> + Send + use<>) {
    let (batches, receiver) = mpsc::channel(BATCHES_MAX);
    let mut reader = Reader { nats, batches, next: from_seq.max(1) };
    let task = async move {
        tokio::select! {
            () = reader.run() => {}
            () = shutdown.cancelled() => {}
        }
    };
    (receiver, task)
}

struct Reader {
    nats: Nats,
    batches: mpsc::Sender<JournalBatch>,
    /// The first sequence that was not handed on.
    next: u64,
}

/// Why reading stopped for now.
enum Stop {
    /// Nobody wants more.
    Done,
    /// Try again.
    Again(String),
}

impl Reader {
    async fn run(&mut self) {
        let mut link = self.nats.watch();
        loop {
            if link.wait_for(|link| *link == Link::Connected).await.is_err() {
                return;
            }
            let Some(context) = self.nats.context().cloned() else { return };
            let stop = tokio::select! {
                stop = self.read(&context) => stop,
                _ = link.wait_for(|link| *link == Link::Cut) => Stop::Again("NATS was cut".into()),
            };
            match stop {
                Stop::Done => return,
                Stop::Again(why) => tracing::info!(why, next = self.next, "the journal is taken up again"),
            }
            tokio::select! {
                () = tokio::time::sleep(RETRY_AFTER) => {}
                () = self.batches.closed() => return,
            }
        }
    }

    async fn read(&mut self, context: &Context) -> Stop {
        let again = |what: &str, why: &dyn std::fmt::Display| Stop::Again(format!("{what}: {why}"));
        let consumer = match consumer(context, self.next).await {
            Ok(consumer) => consumer,
            Err(error) => return again("no consumer", &error),
        };
        let stream = consumer.stream().expires(REQUEST_EXPIRES).heartbeat(HEARTBEAT);
        let stream = stream.max_messages_per_batch(AHEAD_MESSAGES_MAX).max_bytes_per_batch(AHEAD_BYTES_MAX);
        let mut messages = match stream.messages().await {
            Ok(messages) => messages.fuse(),
            Err(error) => return again("no messages", &error),
        };
        let mut delivered = 0;
        loop {
            let first = tokio::select! {
                first = messages.next() => first,
                () = self.batches.closed() => return Stop::Done,
            };
            let mut batch = Vec::new();
            let mut bytes = 0;
            let mut incoming = first;
            let mut trouble = None;
            while let Some(message) = incoming {
                match message.map_err(|e| e.to_string()).and_then(|m| self.take(&m, &mut delivered)) {
                    Ok(message) => {
                        bytes += message.as_ref().map_or(0, |m| m.payload.len());
                        batch.extend(message);
                    }
                    Err(why) => {
                        trouble = Some(why);
                        break;
                    }
                }
                let full = batch.len() == BATCH_MESSAGES_MAX || bytes >= BATCH_BYTES_MAX;
                incoming = if full { None } else { messages.next().now_or_never().flatten() };
            }
            if let Some(last) = batch.last().map(|message| message.seq) {
                if self.batches.send(JournalBatch { messages: batch }).await.is_err() {
                    return Stop::Done;
                }
                // Only now, for a cut may end the waiting for room, and then the batch was not handed on.
                self.next = last + 1;
            }
            if let Some(why) = trouble {
                return Stop::Again(why);
            }
            if messages.is_done() {
                return Stop::Again("NATS sends no more".into());
            }
        }
    }

    /// Checks that nothing was left out on the way. None: it was handed on before.
    fn take(
        &self,
        message: &jetstream::Message,
        delivered: &mut u64,
    ) -> Result<Option<JournalMessage>, String> {
        let info = message.info().map_err(|e| e.to_string())?;
        *delivered += 1;
        if info.consumer_sequence != *delivered {
            return Err("NATS has left something out".into());
        }
        if info.stream_sequence < self.next {
            return Ok(None);
        }
        self.nats.saw(info.stream_sequence);
        let received_ms = info.published.unix_timestamp_nanos() / 1_000_000;
        Ok(Some(JournalMessage {
            seq: info.stream_sequence,
            received_ms: i64::try_from(received_ms).unwrap_or_default(),
            subject: JournalSubject::of(&message.subject),
            source: source(message).unwrap_or(Source::Http),
            payload: message.payload.clone(),
        }))
    }
}

fn source(message: &jetstream::Message) -> Option<Source> {
    Source::named(message.headers.as_ref()?.get(SOURCE_HEADER)?.as_str())
}

async fn consumer(context: &Context, start_sequence: u64) -> Result<PullConsumer, String> {
    let config = pull::Config {
        deliver_policy: DeliverPolicy::ByStartSequence { start_sequence },
        ack_policy: AckPolicy::None,
        inactive_threshold: FORGOTTEN_AFTER,
        memory_storage: true,
        num_replicas: 1,
        description: Some("the driver reads the journal".into()),
        ..pull::Config::default()
    };
    context.create_consumer_on_stream(config, EVENTS).await.map_err(|e| e.to_string())
}
