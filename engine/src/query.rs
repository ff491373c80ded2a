//! What the dashboard asks, fulfilled: pictures and answers by the driver, commands by the gateway.

use crate::clock::now_ms;
use crate::config::Config;
use crate::driver::Asking;
use crate::progress::{Done, Outside, Progress, Standing};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;
use vonglau_core::ask::Question;
use vonglau_core::time::Time;
use vonglau_dashboard::port::{
    Answered, Arrived, BoxFuture, CatchUp, CommandDraft, CommandRefused, CommandTaken, Picture, Query,
    Status, Unavailable, Words,
};
use vonglau_ingest::{Ingest, Link};

/// Who asks right after having sent waits so long at most for what the journal has by then.
const OWN_WRITES_TIMEOUT: Duration = Duration::from_millis(250);
/// What is told to those who find the queue of questions full.
const RETRY_AFTER_S: u32 = 1;

/// Holds the ends of everything that can be asked.
#[derive(Debug)]
pub struct Engine {
    pub config: Arc<Config>,
    pub questions: mpsc::Sender<Asking>,
    pub pictures: watch::Receiver<Arc<Picture>>,
    pub progress: Arc<Progress>,
    pub ingest: Ingest,
}

impl Engine {
    /// How far the engine is, and how far behind the outside now.
    pub fn standing(&self) -> (Done, Standing) {
        let nats = &self.ingest.nats;
        let outside = Outside {
            connected: nats.link() == Link::Connected,
            head: nats.head(),
            inbox: nats.inbox_waiting(),
            now_ms: now_ms(),
        };
        self.progress.standing(outside, self.config.stopped_after_s)
    }

    async fn asked<T>(&self, make: impl FnOnce(oneshot::Sender<T>) -> Asking) -> Result<T, Unavailable> {
        self.await_own_writes().await;
        self.send(make).await
    }

    /// What was acknowledged before a question should be in its answer; in a replay it cannot be.
    pub(crate) async fn await_own_writes(&self) {
        if self.progress.started() && self.ingest.nats.link() == Link::Connected {
            let head = self.ingest.nats.head();
            drop(timeout(OWN_WRITES_TIMEOUT, self.progress.reaches(head)).await);
        }
    }

    /// Asks the driver, and waits for its answer.
    pub(crate) async fn send<T>(
        &self,
        make: impl FnOnce(oneshot::Sender<T>) -> Asking,
    ) -> Result<T, Unavailable> {
        let (reply, answer) = oneshot::channel();
        self.questions.try_send(make(reply)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => unavailable("too many questions are waiting; ask again"),
            mpsc::error::TrySendError::Closed(_) => unavailable("the service is stopping"),
        })?;
        answer.await.map_err(|_stopped| unavailable("the service is stopping"))
    }

    async fn take_command(&self, draft: CommandDraft) -> Result<CommandTaken, CommandRefused> {
        let invalid = |field: &str, reason: &str| CommandRefused::Invalid {
            field: field.to_owned(),
            reason: reason.to_owned(),
        };
        let line = Value::Object(draft.event).to_string();
        let gateway = &self.ingest.gateway;
        let checked = gateway
            .decoder()
            .event(line.as_bytes())
            .map_err(|refusal| invalid(refusal.field, refusal.reason))?;
        let id = checked.event.id().into();
        let receipt = gateway.accept_event(checked.event).await.map_err(|error| Unavailable {
            reason: error.to_string(),
            retry_after_s: u32::try_from(error.retry_after_s()).unwrap_or(u32::MAX),
        })?;
        match (receipt.rejected.first(), receipt.stream_seq) {
            (Some(refused), _) => Err(invalid(refused.field, refused.reason)),
            (None, Some(stream_seq)) => Ok(CommandTaken { id, stream_seq }),
            (None, None) => {
                Err(unavailable("the journal did not say where it put the command; send it again").into())
            }
        }
    }
}

impl Query for Engine {
    fn picture(&self) -> BoxFuture<'_, Result<Arc<Picture>, Unavailable>> {
        Box::pin(self.asked(Asking::Picture))
    }

    fn ask(&self, question: Question) -> BoxFuture<'_, Result<Answered, Unavailable>> {
        Box::pin(self.asked(|reply| Asking::Question(question, reply)))
    }

    fn status(&self) -> Status {
        let (done, standing) = self.standing();
        let words = |(vi, en): &(String, String)| Words { vi: vi.clone(), en: en.clone() };
        Status {
            stream_seq: done.seq,
            stream_head: standing.head,
            event_time: done.event_time,
            server_time: time(now_ms()),
            behind_events: standing.behind_events,
            behind_ms: standing.behind_ms,
            events_per_s: standing.events_per_s,
            arrived: Arrived { scan: done.scan_ms.map(time), case: done.case_ms.map(time) },
            state: standing.state,
            stopped_since: standing.stopped_since_ms.map(time),
            durable: self.ingest.nats.durable(),
            clock: self.config.params.clock,
            rejected: self.ingest.counters.rejected_total(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            catch_up: standing.catch_up.map(|(from_seq, left_s)| CatchUp {
                from_seq,
                head_seq: standing.head,
                left_s,
            }),
            access_open: self.config.open,
            scaled_note: self.config.scaled_note.as_ref().map(words),
        }
    }

    fn command(&self, draft: CommandDraft) -> BoxFuture<'_, Result<CommandTaken, CommandRefused>> {
        Box::pin(self.take_command(draft))
    }
}

fn unavailable(reason: &str) -> Unavailable {
    Unavailable { reason: reason.to_owned(), retry_after_s: RETRY_AFTER_S }
}

fn time(ms: i64) -> Time {
    Time(ms.div_euclid(1_000))
}
