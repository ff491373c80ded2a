//! The websocket hub: pictures in, frames out.
//!
//! One task ([`Hub::run`]) takes the newest picture at most every [`FRAME_MS_MIN`], works out each open topic's delta
//! once, writes it once, and puts what belongs to one moment into one ring that all clients read at their own pace.
//! With ten thousand clients the writes to their sockets are the cost: a moment is one write to each.
//! A client that falls behind the ring finds that out by itself and starts anew from a snapshot: there is no queue
//! per client that could grow.

pub(crate) mod client;
mod live;
mod pace;
mod topics;

use crate::port::{Observer, Picture, Query, Sql};
use crate::topic::Topic;
use crate::wire::messages::{CONTRACT, Hello, HelloBody, StatusMessage};
use crate::wire::status::Status;
use axum::extract::ws::Utf8Bytes;
use pace::Pace;
use serde::Serialize;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Semaphore, broadcast, watch};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use topics::{Frame, Start, Topics};
use vonglau_core::params::Params;

/// Milliseconds between the frames of one topic, but for what those before were late ([`FRAME_LATE_MS_MAX`]).
pub const FRAME_MS_MIN: u64 = 250;
/// Frames that went late let the next go sooner by so many milliseconds at most, or lateness would add up.
pub const FRAME_LATE_MS_MAX: u64 = 25;
/// Clients at once; more are answered 503.
pub const CLIENTS_MAX: usize = 20_000;
/// Moments (frames of one picture, or a status) that a client may be behind before it starts anew: about 4 seconds.
const MOMENTS_HELD_MAX: usize = 16;

/// What goes out at one moment, in one write to each client.
#[derive(Clone, Debug)]
struct Moment {
    /// The frames of one picture, by topic.
    frames: Arc<[Frame]>,
    status: Option<Utf8Bytes>,
}

/// What the hub's task and its clients share.
pub(crate) struct Shared {
    params: Arc<Params>,
    query: Arc<dyn Query>,
    sql: Arc<dyn Sql>,
    /// Names this start of the program.
    run: String,
    topics: Mutex<Topics>,
    moments: broadcast::Sender<Moment>,
    places: Arc<Semaphore>,
    closing: CancellationToken,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("run", &self.run).finish_non_exhaustive()
    }
}

/// The hub's task: to be run once.
pub struct Hub {
    shared: Arc<Shared>,
    pictures: watch::Receiver<Arc<Picture>>,
    observer: Arc<dyn Observer>,
}

impl std::fmt::Debug for Hub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hub").field("shared", &self.shared).finish_non_exhaustive()
    }
}

impl Hub {
    /// A hub that will follow these pictures.
    pub(crate) fn new(
        params: Arc<Params>,
        query: Arc<dyn Query>,
        sql: Arc<dyn Sql>,
        pictures: watch::Receiver<Arc<Picture>>,
        observer: Arc<dyn Observer>,
    ) -> Self {
        let first = Arc::clone(&pictures.borrow());
        let shared = Shared {
            params,
            query,
            sql,
            run: random_name(),
            topics: Mutex::new(Topics::new(first)),
            moments: broadcast::Sender::new(MOMENTS_HELD_MAX),
            places: Arc::new(Semaphore::new(CLIENTS_MAX)),
            closing: CancellationToken::new(),
        };
        Self { shared: Arc::new(shared), pictures, observer }
    }

    pub(crate) fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }

    /// Feeds the clients until the shutdown, then lets them go.
    pub async fn run(mut self, shutdown: CancellationToken) {
        let mut pace = Pace::new(Instant::now());
        let mut ended = false;
        loop {
            let due = pace.due();
            tokio::select! {
                () = shutdown.cancelled() => break,
                () = sleep_until(pace.status_due()) => {
                    self.shared.tell(Vec::new(), true);
                    pace.status_gone(Instant::now());
                }
                changed = self.pictures.changed(), if due.is_none() && !ended => match changed {
                    Ok(()) => pace.waits(Instant::now()),
                    // Without an engine there are no more pictures; the last one stays.
                    Err(_) => ended = true,
                },
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => self.publish(&mut pace),
            }
        }
        self.shared.closing.cancel();
    }

    /// Sends the frames of the newest picture.
    fn publish(&mut self, pace: &mut Pace) {
        let now = Instant::now();
        let picture = Arc::clone(&self.pictures.borrow_and_update());
        let (stream_seq, due) = (picture.stream_seq, picture.due);
        let frames = self.shared.topics().advance(picture, &self.shared.params);
        if !frames.is_empty() {
            let with_status = pace.takes_status(now);
            self.shared.tell(frames, with_status);
            if with_status {
                pace.status_gone(now);
            }
        }
        let waited = pace.gone(now);
        self.observer.frame_sent(stream_seq, due.elapsed().saturating_sub(waited));
    }
}

impl Shared {
    /// The topics; nothing that holds the lock can leave them half changed.
    fn topics(&self) -> MutexGuard<'_, Topics> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The picture that frames were last made of.
    pub(crate) fn current(&self) -> Arc<Picture> {
        self.topics().current()
    }

    /// Names this start of the program.
    pub(crate) fn run_name(&self) -> &str {
        &self.run
    }

    /// To all clients; that there are none is no fault.
    fn tell(&self, frames: Vec<Frame>, with_status: bool) {
        if self.moments.receiver_count() == 0 {
            return;
        }
        let status = with_status.then(|| self.status_text());
        if self.moments.send(Moment { frames: frames.into(), status }).is_err() {
            tracing::trace!("the last client left meanwhile");
        }
    }

    fn status_text(&self) -> Utf8Bytes {
        let status = Status::new(&self.query.status(), &self.current(), &self.params);
        json(&StatusMessage { status })
    }

    fn hello_text(&self) -> Utf8Bytes {
        json(&Hello {
            hello: HelloBody {
                run: self.run.clone(),
                version: self.query.status().version,
                contract: CONTRACT,
                topics: Topic::all(&self.params).into_iter().map(|topic| topic.name(&self.params)).collect(),
                frame_ms_min: FRAME_MS_MIN,
            },
        })
    }

    /// Where a client begins with a topic. `new`: it did not listen to it before.
    fn start(&self, topic: Topic, resume: Option<u64>, new: bool) -> Start {
        let (start, snapshot) = self.topics().start(topic, resume, new);
        match snapshot {
            // The lock is free by now: a large snapshot keeps nobody else waiting but those who want the same.
            Some(snapshot) => Start { frames: vec![snapshot.text(&self.params)], ..start },
            None => start,
        }
    }

    fn leave(&self, topic: Topic) {
        self.topics().leave(topic);
    }
}

/// Text of a wire object. Wire objects are plain data: there is nothing in them that JSON cannot hold.
fn json(object: &impl Serialize) -> Utf8Bytes {
    serde_json::to_string(object).unwrap_or_default().into()
}

/// Sixteen hexadecimal digits that no other start of the program has.
fn random_name() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
}
