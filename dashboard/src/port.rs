//! What the dashboard needs of the world. The engine fulfils it; tests put something else in its place.

pub mod live;

use serde_json::{Map, Value};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use vonglau_core::ask::{Answer, Question};
use vonglau_core::event::EventId;
use vonglau_core::params::Clock;
use vonglau_core::time::Time;
use vonglau_core::view::View;

/// A future that can be named in a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The picture at one position of the stream.
#[derive(Clone, Debug)]
pub struct Picture {
    pub view: Arc<View>,
    /// The last message of EVENTS that is in it; 0 before the first.
    pub stream_seq: u64,
    /// Since when it could have been made: something of it had changed, and the time for the next had come.
    pub due: Instant,
}

impl Picture {
    /// A picture that is due now.
    pub fn new(view: Arc<View>, stream_seq: u64) -> Self {
        Self { view, stream_seq, due: Instant::now() }
    }
}

/// An answer, and the position of the stream that it is true for.
#[derive(Clone, Debug)]
pub struct Answered {
    pub answer: Answer,
    pub stream_seq: u64,
    pub event_time: Option<Time>,
}

/// The situation cannot answer now. Becomes 503 with Retry-After.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Unavailable {
    /// What happened and what to do, for a person.
    pub reason: String,
    pub retry_after_s: u32,
}

/// A whole `command` event as producers send it, with `kind`, a made `id` where none was given, and `at` set to the
/// picture's now. What else is in it comes from the client, unchecked.
#[derive(Clone, Debug, PartialEq)]
pub struct CommandDraft {
    pub event: Map<String, Value>,
}

/// The journal has the command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandTaken {
    pub id: EventId,
    /// The message of EVENTS that holds it.
    pub stream_seq: u64,
}

/// Why a command was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandRefused {
    /// A field is wrong. Becomes 400.
    #[error("{field}: {reason}")]
    Invalid { field: String, reason: String },
    /// The journal cannot take it now. Becomes 503.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// What can be asked of the engine.
pub trait Query: Send + Sync + 'static {
    /// The picture at the newest applied position.
    fn picture(&self) -> BoxFuture<'_, Result<Arc<Picture>, Unavailable>>;
    /// Answers a question at the newest applied position.
    fn ask(&self, question: Question) -> BoxFuture<'_, Result<Answered, Unavailable>>;
    /// How the service is. Cheap: asked each second and by every GET of the status.
    fn status(&self) -> Status;
    /// Sends a command through the gateway's checks into the journal; done when the journal has it.
    fn command(&self, draft: CommandDraft) -> BoxFuture<'_, Result<CommandTaken, CommandRefused>>;
}

/// How an answer in SQL is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqlFormat {
    Json,
    Csv,
    Arrow,
    Parquet,
}

/// A statement.
#[derive(Clone, Debug)]
pub struct SqlAsked {
    pub sql: String,
    pub format: SqlFormat,
    /// Whose share of what may run at once it takes.
    pub user: Box<str>,
}

/// An answer as it comes; dropping it stops the work. An error within breaks it off.
pub struct SqlAnswer {
    pub media_type: &'static str,
    pub body: Pin<Box<dyn futures_util::Stream<Item = Result<bytes::Bytes, std::io::Error>> + Send>>,
}

impl std::fmt::Debug for SqlAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqlAnswer").field("media_type", &self.media_type).finish_non_exhaustive()
    }
}

/// Why a statement gives no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct SqlRefused {
    /// 400, 403 (it would write), 429 (too many at once), 500 or 503.
    pub status: u16,
    /// What happened and what to do, for a person.
    pub detail: String,
    /// Where in the statement, from 1.
    pub line: Option<u64>,
    pub column: Option<u64>,
    /// What may be meant instead.
    pub hint: Option<String>,
    /// The name of the bound that was hit.
    pub bound: Option<&'static str>,
}

/// SQL, as the dashboard knows it.
pub trait Sql: Send + Sync + 'static {
    /// Runs a statement at the newest applied position.
    fn run(&self, asked: SqlAsked) -> BoxFuture<'_, Result<SqlAnswer, SqlRefused>>;
    /// Tables, functions, worked questions and bounds, as JSON.
    fn catalog(&self) -> Arc<str>;
    /// Follows a query. What is found wrong only when it runs is told by the feed.
    ///
    /// # Errors
    /// It is no SQL, it cannot be followed, or too many others are.
    fn follow(&self, asked: live::LiveAsked) -> Result<Box<dyn live::LiveFeed>, SqlRefused>;
}

/// In place of SQL where there is none.
#[derive(Clone, Copy, Debug)]
pub struct NoSql;

impl Sql for NoSql {
    fn run(&self, _: SqlAsked) -> BoxFuture<'_, Result<SqlAnswer, SqlRefused>> {
        Box::pin(std::future::ready(Err(no_sql())))
    }

    fn follow(&self, _: live::LiveAsked) -> Result<Box<dyn live::LiveFeed>, SqlRefused> {
        Err(no_sql())
    }

    fn catalog(&self) -> Arc<str> {
        r#"{"tables":[],"functions":[],"questions":[],"bounds":{}}"#.into()
    }
}

fn no_sql() -> SqlRefused {
    let detail = "there is no SQL here".to_owned();
    SqlRefused { status: 503, detail, line: None, column: None, hint: None, bound: None }
}

/// Is told what the hub does.
pub trait Observer: Send + Sync + 'static {
    /// The frames of this position were handed to the clients. They were so long in the making, from when the picture
    /// was due, without what they waited for those before them.
    fn frame_sent(&self, stream_seq: u64, made_in: Duration);
}

/// How the service is: all of `GET /api/v1/status` but the headline, which [`crate::headline`] makes.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    pub stream_seq: u64,
    /// The last message in EVENTS.
    pub stream_head: u64,
    pub event_time: Option<Time>,
    pub server_time: Time,
    /// Messages not yet applied.
    pub behind_events: u64,
    /// Age of the oldest of them in milliseconds.
    pub behind_ms: u64,
    pub events_per_s: f64,
    pub arrived: Arrived,
    pub state: State,
    /// Since when no scan and no case has come, if that is too long (journal's receive time, real).
    pub stopped_since: Option<Time>,
    /// Whether NATS writes to disk before it acknowledges; None where nobody could tell.
    pub durable: Option<bool>,
    pub clock: Clock,
    /// Refused events since the start.
    pub rejected: u64,
    pub version: String,
    pub catch_up: Option<CatchUp>,
    /// No sign-in and not only loopback; every page says so.
    pub access_open: bool,
    /// What the pages say where the city's sizes are scaled.
    pub scaled_note: Option<Words>,
}

/// The journal's receive time of the last of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arrived {
    pub scan: Option<Time>,
    pub case: Option<Time>,
}

/// What the service is doing; the first that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// NATS cannot be reached.
    Cut,
    /// The head of EVENTS as found at start is not applied yet, or the engine is more than 15 s behind.
    CatchingUp,
    /// A venue's new kind or place is being worked in.
    Settling,
    /// No event but ticks ever.
    Waiting,
    Live,
}

impl State {
    /// The word in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cut => "cut",
            Self::CatchingUp => "catching_up",
            Self::Settling => "settling",
            Self::Waiting => "waiting",
            Self::Live => "live",
        }
    }

    /// Whether the picture may be relied on: `/readyz` says 200.
    pub const fn is_ready(self) -> bool {
        matches!(self, Self::Live | Self::Waiting)
    }
}

/// How far a catch-up has to go, in messages of EVENTS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CatchUp {
    /// The position where it began.
    pub from_seq: u64,
    pub head_seq: u64,
    /// Seconds it will still take, where that can be told.
    pub left_s: Option<u64>,
}

/// A sentence in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    pub vi: String,
    pub en: String,
}
