//! A feed: one query, whoever follows it, and what they are to be told.

use super::LiveBounds;
use super::book::{Book, Way};
use crate::error::SqlError;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use vonglau_dashboard::port::live::{LiveBegin, LiveFrame};

/// One query that is followed.
#[derive(Debug)]
pub struct Feed {
    /// In the parser's own writing.
    pub statement: Arc<str>,
    /// It is off the list: nobody comes any more.
    pub over: CancellationToken,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    book: Book,
    listeners: Vec<(u64, Arc<Notify>)>,
    next_listener: u64,
    /// Since when there are no listeners.
    idle_since: Instant,
    /// Why it goes no further.
    failed: Option<SqlError>,
}

impl Feed {
    /// Its first result will be at `first`.
    pub fn new(statement: Arc<str>, first: u64, bounds: &LiveBounds) -> Self {
        let state = State {
            book: Book::new(first, bounds),
            listeners: Vec::new(),
            next_listener: 0,
            idle_since: Instant::now(),
            failed: None,
        };
        Self { statement, over: CancellationToken::new(), state: Mutex::new(state) }
    }

    /// The state; nothing that holds the lock can leave it half changed.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes in the book; where that says so, everybody is told.
    pub fn write<T>(&self, write: impl FnOnce(&mut Book) -> T, is_news: impl FnOnce(&T) -> bool) -> T {
        let mut state = self.state();
        let written = write(&mut state.book);
        if is_news(&written) {
            state.tell_all();
        }
        written
    }

    /// It goes no further.
    pub fn fail(&self, error: SqlError) {
        let mut state = self.state();
        state.failed = Some(error);
        state.tell_all();
    }

    pub fn has_ended(&self) -> bool {
        self.over.is_cancelled() || self.state().failed.is_some()
    }

    pub fn listeners(&self) -> usize {
        self.state().listeners.len()
    }

    /// Since when nobody listens; None while somebody does.
    pub fn idle_since(&self) -> Option<Instant> {
        let state = self.state();
        state.listeners.is_empty().then_some(state.idle_since)
    }

    pub fn position(&self) -> u64 {
        self.state().book.position()
    }
}

impl State {
    fn tell_all(&self) {
        self.listeners.iter().for_each(|(_, changed)| changed.notify_one());
    }
}

/// What a listener is to be told next.
#[derive(Debug)]
pub enum Next {
    /// Nothing new.
    Nothing,
    /// There may be more.
    Frame(Arc<LiveFrame>),
    /// What it held is to be forgotten.
    Resync(Arc<LiveFrame>),
    /// Nothing will come any more.
    Ended(SqlError),
}

/// One who follows a query. Dropped, it follows no more.
#[derive(Debug)]
pub struct Listener {
    feed: Arc<Feed>,
    number: u64,
    stands: Stands,
}

/// How far a listener is.
#[derive(Clone, Copy, Debug)]
enum Stands {
    Before(LiveBegin),
    At(u64),
}

impl Listener {
    pub(super) fn new(feed: Arc<Feed>, begin: LiveBegin, changed: Arc<Notify>) -> Self {
        let mut state = feed.state();
        let number = state.next_listener;
        state.next_listener += 1;
        state.listeners.push((number, changed));
        drop(state);
        Self { feed, number, stands: Stands::Before(begin) }
    }

    /// What it is to be told next.
    pub fn next(&mut self) -> Next {
        let mut state = self.feed.state();
        let begins = match self.stands {
            _ if state.book.is_empty() => return state.end(),
            Stands::Before(begin) => begin,
            Stands::At(position) => match state.book.after(position) {
                Way::UpToDate => return state.end(),
                Way::Frame(position, frame) => {
                    self.stands = Stands::At(position);
                    return Next::Frame(frame);
                }
                Way::Anew => LiveBegin::Anew,
            },
        };
        if let LiveBegin::After(position) = begins
            && !matches!(state.book.after(position), Way::Anew)
        {
            self.stands = Stands::At(position);
            return Next::Frame(state.book.resumed(position));
        }
        let Some(snapshot) = state.book.snapshot() else { return Next::Nothing };
        self.stands = Stands::At(state.book.position());
        if begins == LiveBegin::Fresh { Next::Frame(snapshot) } else { Next::Resync(snapshot) }
    }
}

impl State {
    /// There is nothing to tell; or nothing will be any more.
    fn end(&self) -> Next {
        self.failed.clone().map_or(Next::Nothing, Next::Ended)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut state = self.feed.state();
        state.listeners.retain(|(number, _)| *number != self.number);
        if state.listeners.is_empty() {
            state.idle_since = Instant::now();
        }
    }
}
