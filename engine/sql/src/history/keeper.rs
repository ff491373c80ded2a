//! The archive's state: which days are written, which wait; and the thread that writes them.

use super::manifest::{Written, list};
use super::read::look;
use super::store::{ArchiveError, Place};
use super::write::{date, day};
use super::{Day, History};
use crate::city::City;
use crate::moments::Taken;
use crate::priority;
use futures_util::future::{BoxFuture, join_all};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use vonglau_core::params::Params;
use vonglau_core::passed::{Passed, PassedDay};
use vonglau_core::time::{DAY, Time};

/// Passings that wait to be written; each holds the city as it stood then in memory.
pub const WAITING_MAX: usize = 2;
/// What cannot be written is tried again after so long.
const AGAIN: Duration = Duration::from_secs(10);

/// What an archive is made of.
#[derive(Clone, Debug)]
pub struct Settings {
    /// "" for the folder, else `file:///…` or `s3://bucket/prefix`.
    pub url: String,
    /// Days that stay in the archive; 0: for ever.
    pub keep_days: i64,
}

/// What became of a passing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handed {
    /// It is written already.
    Known,
    /// It will be written.
    Waits,
    /// There was no room: it is lost until the journal is replayed.
    Lost,
}

/// The archive. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Archive {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    place: Place,
    params: Arc<Params>,
    zone: Arc<str>,
    keep_days: i64,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// By their begin.
    written: BTreeMap<i64, Arc<Written>>,
    /// Days by their begin whose files were not all there at start: they are written anew if the edge passes them again.
    broken: BTreeSet<i64>,
    waiting: VecDeque<Waiting>,
    is_ending: bool,
}

/// What one passing leaves to be written.
#[derive(Debug)]
struct Waiting {
    at: Time,
    days: VecDeque<Arc<City>>,
}

impl Archive {
    /// Opens it and reads which days are there.
    ///
    /// # Errors
    /// When the address is none, the store does not answer, or what says that a day is there cannot be read.
    pub fn open<'a>(
        settings: &'a Settings,
        folder: &'a Path,
        params: Arc<Params>,
        zone: &'a str,
    ) -> BoxFuture<'a, Result<Self, ArchiveError>> {
        Box::pin(async move {
            let place = Place::open(&settings.url, folder)?;
            let (mut written, mut broken) = (BTreeMap::new(), BTreeSet::new());
            for day in list(&place).await? {
                for looked in join_all(day.files.iter().map(|file| look(&place, &day, file))).await {
                    if let Err(error) = looked {
                        tracing::error!(%error, day = day.day, "a file of the archive cannot be read");
                        broken.insert(day.from);
                    }
                }
                written.insert(day.from, Arc::new(day));
            }
            let state = Mutex::new(State { written, broken, ..State::default() });
            let (zone, keep_days, changed) = (zone.into(), settings.keep_days, Condvar::new());
            Ok(Self { shared: Arc::new(Shared { place, params, zone, keep_days, state, changed }) })
        })
    }

    /// Starts the thread that writes, of the lowest priority. It ends with [`Archive::end`].
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(&self) -> io::Result<JoinHandle<()>> {
        let archive = self.clone();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::Builder::new().name("archive".to_owned()).spawn(move || {
            priority::idle();
            while let Some((city, at)) = archive.next() {
                let written = runtime.block_on(archive.write(&city, at));
                if let Err(error) = written {
                    let day = city.cut.map(date);
                    tracing::error!(%error, day, "a day could not be archived; it waits in memory and is tried again");
                    archive.rest(AGAIN);
                }
            }
        })
    }

    /// Ends the thread after the day that it is writing.
    pub fn end(&self) {
        self.state().is_ending = true;
        self.shared.changed.notify_all();
    }

    /// Which days are written, oldest first.
    pub fn written(&self) -> Vec<Arc<Written>> {
        self.state().written.values().map(Arc::clone).collect()
    }

    /// Is there a day that waits to be written?
    pub fn is_busy(&self) -> bool {
        !self.state().waiting.is_empty()
    }

    /// Is everything of a passing written already?
    pub fn knows(&self, passed: &Passed) -> bool {
        let state = self.state();
        passed.days().into_iter().all(|day| !self.is_new(&state, day, passed))
    }

    /// Takes what the edge passes. From now on statements read it from here. `patience`: so long it waits for room.
    pub fn hand(&self, passed: &Passed, patience: Duration) -> Handed {
        let until = Instant::now() + patience;
        let mut state = self.state();
        let days: Vec<PassedDay> =
            passed.days().into_iter().filter(|day| self.is_new(&state, *day, passed)).collect();
        if days.is_empty() {
            return Handed::Known;
        }
        while state.waiting.len() >= WAITING_MAX {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || state.is_ending {
                return Handed::Lost;
            }
            let waited = self.shared.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        let days = days.into_iter().map(|cut| Arc::new(self.city(passed, cut))).collect();
        state.waiting.push_back(Waiting { at: passed.at, days });
        drop(state);
        self.shared.changed.notify_all();
        Handed::Waits
    }

    /// The days before an edge.
    pub fn before(&self, edge: Time) -> History {
        let state = self.state();
        let waiting: Vec<&Arc<City>> = state.waiting.iter().flat_map(|passing| &passing.days).collect();
        let is_before = |cut: PassedDay| cut.to <= edge;
        let mut days: Vec<Day> = Vec::new();
        for day in state.written.values().filter(|day| day.to <= edge.0) {
            // What is about to be written anew is read as it will be.
            if !waiting.iter().any(|city| city.cut.is_some_and(|cut| cut.from.0 == day.from)) {
                days.push(Day::Written(Arc::clone(day)));
            }
        }
        let waiting = waiting.into_iter().filter(|city| city.cut.is_some_and(is_before));
        days.extend(waiting.map(|city| Day::Waiting(Arc::clone(city))));
        History { days, place: Some(self.shared.place.clone()) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Is a day to be written? Not if it was, at the same event time; nor if it would be removed at once.
    fn is_new(&self, state: &State, day: PassedDay, passed: &Passed) -> bool {
        let newest = state.written.values().next_back().map_or(day.to.0, |newest| newest.to.max(day.to.0));
        let is_old = self.shared.keep_days > 0 && day.to.0 <= newest - self.shared.keep_days * DAY;
        let is_written = |written: &Arc<Written>| {
            written.passed_at == passed.at.0 && !state.broken.contains(&written.from)
        };
        !is_old && !state.written.get(&day.from.0).is_some_and(is_written)
    }

    fn city(&self, passed: &Passed, cut: PassedDay) -> City {
        let taken = Taken {
            moment: passed.moment.again(),
            stream_seq: 0,
            lag_ms: 0,
            view: None,
            sources: Vec::new(),
            rejected: Vec::new(),
        };
        let (params, zone) = (Arc::clone(&self.shared.params), Arc::clone(&self.shared.zone));
        City::new(taken, params, zone, Some(cut), History::default())
    }

    /// The next day to write; None at the end.
    fn next(&self) -> Option<(Arc<City>, Time)> {
        let mut state = self.state();
        loop {
            if state.is_ending {
                return None;
            }
            if let Some(passing) = state.waiting.front()
                && let Some(city) = passing.days.front()
            {
                return Some((Arc::clone(city), passing.at));
            }
            state = self.shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits, but for the end.
    fn rest(&self, how_long: Duration) {
        let until = Instant::now() + how_long;
        let mut state = self.state();
        while !state.is_ending {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let waited = self.shared.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    async fn write(&self, city: &Arc<City>, at: Time) -> Result<(), ArchiveError> {
        let place = &self.shared.place;
        let from = city.cut.map_or(0, |cut| cut.from.0);
        let (old, is_broken) = {
            let state = self.state();
            (state.written.get(&from).map(Arc::clone), state.broken.contains(&from))
        };
        let began = Instant::now();
        let new = day(place, city, old.as_ref().map_or(0, |old| old.part + 1), at.0).await?;
        let new = Arc::new(new);
        let (kept, gone) = match old {
            // The journal was trimmed meanwhile.
            Some(old) if old.rows("scans") > new.rows("scans") && !is_broken => {
                tracing::warn!(
                    day = old.day,
                    scans = old.rows("scans"),
                    now = new.rows("scans"),
                    "the journal has fewer scans of a day than the archive, which keeps its own"
                );
                (old, Some(new))
            }
            old => {
                new.put(place).await?;
                (new, old)
            }
        };
        tracing::info!(
            day = kept.day,
            scans = kept.rows("scans"),
            visits = kept.rows("visits"),
            contacts = kept.rows("contacts"),
            seconds = began.elapsed().as_secs_f64(),
            "a day is archived"
        );
        self.put(from, kept);
        // What stays behind takes room and is read by nobody.
        let removed = match gone {
            Some(gone) => gone.remove_files(place).await,
            None => Ok(()),
        };
        if let Err(error) = removed.and(self.remove_old().await) {
            tracing::warn!(%error, "what the archive does not keep any more could not be removed");
        }
        Ok(())
    }

    /// A day is written: from now on it is read from its files.
    fn put(&self, from: i64, written: Arc<Written>) {
        let mut state = self.state();
        state.broken.remove(&from);
        state.written.insert(from, written);
        if let Some(passing) = state.waiting.front_mut() {
            passing.days.pop_front();
            if passing.days.is_empty() {
                state.waiting.pop_front();
            }
        }
        drop(state);
        self.shared.changed.notify_all();
    }

    /// Removes the days that are older than they are to be kept.
    async fn remove_old(&self) -> Result<(), ArchiveError> {
        if self.shared.keep_days == 0 {
            return Ok(());
        }
        let old: Vec<Arc<Written>> = {
            let state = self.state();
            let newest = state.written.values().next_back().map_or(0, |newest| newest.to);
            let edge = newest - self.shared.keep_days * DAY;
            state.written.values().filter(|day| day.to <= edge).map(Arc::clone).collect()
        };
        for day in old {
            self.state().written.remove(&day.from);
            day.remove(&self.shared.place).await?;
            tracing::info!(day = day.day, "a day is older than [archive] keep_days and is removed");
        }
        Ok(())
    }
}
