//! Live queries: a query is followed once, however many clients follow it.
//!
//! A [`feed::Feed`] belongs to one statement, in the parser's own writing of it, so that a thousand clients of one query
//! are one plan. A task keeps it up to date: filters and projections of `scans` from each new scan as it is taken
//! (`scans`), groupings of them by adding each to its group (`scan_groups`), these and groupings of what pictures show
//! from the rows that differ between two pictures (`pictures`), everything else by running it again at a stated cost
//! (`rerun`). What changes is one frame, written once; feeds hold frames for some minutes for those who come back. Clients pull at their own pace: what a slow client has
//! not taken is held once for all, and whoever is behind what is held begins anew with the whole result.

mod book;
mod differing;
mod feed;
mod groups;
mod known;
mod pictures;
mod program;
mod rerun;
mod room;
mod rows;
mod scan_groups;
mod scans;
mod shape;
mod statement;
mod total;

use crate::check::Checked;
use crate::error::{SqlError, SqlErrorKind};
use crate::run::{Caller, From, Sql};
use feed::Feed;
use room::Room;
use rustc_hash::FxHashMap;
use shape::By;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore, SemaphorePermit};
use tokio_util::sync::{CancellationToken, DropGuard};
use vonglau_dashboard::port::live::LiveBegin;

pub use feed::{Listener, Next};

/// What runs of followed queries take of all that may run at once; others wait.
const RUNS_AT_ONCE: usize = 2;
/// A run that could not be made now is tried again after so long.
const RETRY: Duration = Duration::from_secs(1);

/// What following may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveBounds {
    /// Queries that are followed at once.
    pub feeds: usize,
    /// Changes are held for so long, and a query that nobody follows any more is kept up for so long.
    pub held: Duration,
    /// Bytes of changes held of one query.
    pub held_bytes: usize,
    /// A query is run again at most so often.
    pub every_min: Duration,
}

impl Default for LiveBounds {
    fn default() -> Self {
        Self {
            feeds: 64,
            held: Duration::from_mins(10),
            held_bytes: 16 << 20,
            every_min: Duration::from_secs(1),
        }
    }
}

/// How much is followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LiveCounts {
    pub feeds: usize,
    pub listeners: usize,
    /// Since the start.
    pub runs: u64,
    pub frames: u64,
}

/// Live queries. Cheap to clone; they end with the last clone.
#[derive(Clone, Debug)]
pub struct Live {
    shared: Arc<Shared>,
    _ends: Arc<DropGuard>,
}

/// What all feeds share.
#[derive(Debug)]
struct Shared {
    sql: Sql,
    bounds: LiveBounds,
    feeds: Mutex<Feeds>,
    /// Runs at once.
    turns: Semaphore,
    runs: AtomicU64,
    frames: AtomicU64,
    /// What groups take.
    room: Room,
    runtime: Handle,
    closing: CancellationToken,
}

#[derive(Debug, Default)]
struct Feeds {
    by_statement: FxHashMap<Arc<str>, Arc<Feed>>,
    /// No feed that has ended had a later position: a new one goes on behind it, so that what somebody held of an
    /// earlier feed of the same query is not taken for this one's.
    ended_at: u64,
}

impl Live {
    /// Within a Tokio runtime, which keeps the feeds up to date; queries run on SQL's own threads.
    pub fn new(sql: Sql, bounds: LiveBounds) -> Self {
        let closing = CancellationToken::new();
        let room = Room::new(sql.bounds().memory_mib);
        let shared = Shared {
            sql,
            bounds,
            feeds: Mutex::default(),
            turns: Semaphore::new(RUNS_AT_ONCE),
            runs: AtomicU64::new(0),
            frames: AtomicU64::new(0),
            room,
            runtime: Handle::current(),
            closing: closing.clone(),
        };
        Self { shared: Arc::new(shared), _ends: Arc::new(closing.drop_guard()) }
    }

    /// Follows a query; `changed` is notified whenever there may be something new. What is found wrong only when the
    /// query runs is told by the listener.
    ///
    /// # Errors
    /// It is no SQL or cannot be followed, or too many others are.
    pub fn follow(&self, sql: &str, begin: LiveBegin, changed: Arc<Notify>) -> Result<Listener, SqlError> {
        let checked = statement::read(sql)?;
        let name: Arc<str> = checked.statement.to_string().into();
        let mut feeds = self.shared.feeds();
        let feed = match feeds.by_statement.get(&name).map(Arc::clone) {
            Some(feed) if !feed.has_ended() => feed,
            ended => {
                if let Some(feed) = &ended {
                    feeds.end(feed);
                }
                feeds.make_room(self.shared.bounds.feeds)?;
                let feed = Arc::new(Feed::new(Arc::clone(&name), feeds.ended_at + 1, &self.shared.bounds));
                feeds.by_statement.insert(name, Arc::clone(&feed));
                self.shared.start(&feed, checked);
                feed
            }
        };
        // While the list is locked the feed cannot end for want of listeners.
        Ok(Listener::new(feed, begin, changed))
    }

    /// How much is followed now.
    pub fn counts(&self) -> LiveCounts {
        let feeds = self.shared.feeds();
        LiveCounts {
            feeds: feeds.by_statement.len(),
            listeners: feeds.by_statement.values().map(|feed| feed.listeners()).sum(),
            runs: self.shared.runs.load(Ordering::Relaxed),
            frames: self.shared.frames.load(Ordering::Relaxed),
        }
    }
}

impl Feeds {
    /// Lets the feed go that nobody has followed for the longest, where there are as many as there may be.
    fn make_room(&mut self, feeds_max: usize) -> Result<(), SqlError> {
        if self.by_statement.len() < feeds_max {
            return Ok(());
        }
        let idle = self.by_statement.values().filter_map(|feed| Some((feed.idle_since()?, feed)));
        let Some((_, feed)) = idle.min_by_key(|(since, _)| *since) else {
            let message = format!(
                "{feeds_max} different queries are followed already; follow one of theirs, or wait until one is let go"
            );
            return Err(SqlError::bound(SqlErrorKind::TooMany, "live_queries", message));
        };
        let feed = Arc::clone(feed);
        self.end(&feed);
        Ok(())
    }

    fn end(&mut self, feed: &Arc<Feed>) {
        if self.by_statement.get(&feed.statement).is_some_and(|held| Arc::ptr_eq(held, feed)) {
            self.by_statement.remove(&feed.statement);
        }
        self.ended_at = self.ended_at.max(feed.position());
        feed.over.cancel();
    }
}

impl Shared {
    /// The feeds; nothing that holds the lock can leave them half changed.
    fn feeds(&self) -> MutexGuard<'_, Feeds> {
        self.feeds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a feed up to date until nobody has followed it for long.
    fn start(self: &Arc<Self>, feed: &Arc<Feed>, checked: Checked) {
        let (shared, feed) = (Arc::clone(self), Arc::clone(feed));
        let (closing, over) = (self.closing.clone(), feed.over.clone());
        self.runtime.spawn(async move {
            let error = tokio::select! {
                () = closing.cancelled() => return,
                () = over.cancelled() => return,
                () = shared.idle(&feed) => {
                    tracing::debug!(statement = %feed.statement, "a query is followed no more");
                    return;
                }
                error = shared.keep(&feed, checked) => error,
            };
            tracing::debug!(%error, statement = %feed.statement, "a query cannot be followed any further");
            feed.fail(error);
            shared.feeds().end(&feed);
        });
    }

    /// Ends once nobody has followed a feed for long; it is off the list then.
    async fn idle(&self, feed: &Arc<Feed>) {
        loop {
            tokio::time::sleep(self.bounds.held / 8).await;
            let mut feeds = self.feeds();
            if feed.idle_since().is_some_and(|since| since.elapsed() >= self.bounds.held) {
                feeds.end(feed);
                return;
            }
        }
    }

    /// Keeps a feed up to date in the way that its query allows; ends with what goes wrong.
    async fn keep(self: &Arc<Self>, feed: &Arc<Feed>, checked: Checked) -> SqlError {
        let shape = loop {
            match self.prepare(&checked).await {
                Ok(prepared) => break shape::of(&prepared),
                Err(error) if may_pass(&error) => tokio::time::sleep(RETRY).await,
                Err(error) => return error,
            }
        };
        match shape.by {
            By::Scans(program) => scans::keep(self, feed, &checked, program).await,
            By::ScanGroups(grouping) => {
                let kept = scan_groups::Kept { grouping: *grouping, key: shape.key };
                scan_groups::keep(self, feed, &checked, kept).await
            }
            By::Pictures(table, maker) => {
                pictures::keep(self, feed, &checked, pictures::Kept { table, maker, key: shape.key }).await
            }
            By::Rerun => rerun::keep(self, feed, &checked, shape.key).await,
        }
    }

    async fn prepare(&self, checked: &Checked) -> Result<crate::run::Prepared, SqlError> {
        self.sql.prepare_checked(checked.clone(), self.sql.template().clone(), &caller()).await
    }

    /// The right to run, which others wait for meanwhile.
    async fn turn(&self) -> Result<SemaphorePermit<'_>, SqlError> {
        let turn = self.turns.acquire().await;
        self.runs.fetch_add(1, Ordering::Relaxed);
        turn.map_err(|closed| SqlError::new(SqlErrorKind::Internal, closed.to_string()))
    }

    fn count_frame(&self, made: bool) {
        self.frames.fetch_add(u64::from(made), Ordering::Relaxed);
    }

    /// How often a query may run that takes so long: never more than a tenth of the time.
    fn every(&self, cost: Duration) -> Duration {
        (cost * 10).max(self.bounds.every_min)
    }
}

/// Whose share of what may run at once followed queries take.
fn caller() -> Caller {
    Caller { user: "live".into(), from: From::Page }
}

/// May it be otherwise the next time, with nobody doing anything?
fn may_pass(error: &SqlError) -> bool {
    matches!(error.kind, SqlErrorKind::TooMany | SqlErrorKind::Unavailable)
}

/// So many seconds, as JSON.
fn seconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 10.0).round() / 10.0
}

/// Until when to wait, having begun then.
fn after(began: Instant, wait: Duration) -> tokio::time::Instant {
    (began + wait).into()
}
