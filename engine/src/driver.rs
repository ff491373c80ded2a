//! The one thread that owns the situation: journal in, pictures and answers out.
//!
//! Between two messages it publishes a picture when one is due and answers questions within their share of time.
//! Whatever waits is bounded: batches by the journal's channel, questions by theirs, alerts by the outbox.

mod ahead;
mod moment;
mod pace;
mod passed;
mod second_order;
mod share;
mod sources;
mod tap;

use crate::clock::{now_ms, now_us};
use crate::latency::Latency;
use crate::progress::{Counted, Progress};
pub use ahead::{Decoded, Portion, decode};
use pace::Pace;
use passed::Keeper;
use second_order::Searching;
use share::Share;
use sources::Sources;
use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tap::Taps;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use vonglau_core::ask::Question;
use vonglau_core::batch::Batch;
use vonglau_core::event::{Event, Kind};
use vonglau_core::moment::Registers;
use vonglau_core::params::Clock;
use vonglau_core::rows::AlertRow;
use vonglau_core::situation::{Progress as Step, Situation};
use vonglau_core::time::Time;
use vonglau_core::view::{Delta, View};
use vonglau_dashboard::port::{Answered, Picture};
use vonglau_ingest::Gateway;
use vonglau_sql::history::Archive;
use vonglau_sql::moments::{Taken, Tap, Wants};
use vonglau_sql::screens::Screens;

/// Questions that may wait; further ones are refused.
pub const QUESTIONS_WAITING_MAX: usize = 256;
/// With nothing to do it looks up this often, to notice that the head at start was told.
const IDLE: Duration = Duration::from_secs(1);

/// Events whose memory is fetched before the first of them is taken.
const BATCH_EVENTS: usize = 64;

/// What can be asked of the driver.
#[derive(Debug)]
pub enum Asking {
    /// The picture at the newest applied position.
    Picture(oneshot::Sender<Arc<Picture>>),
    /// An answer there.
    Question(Question, oneshot::Sender<Answered>),
    /// The city there, for SQL; None: what things are called was brought further up to date, ask again.
    Moment(Wants, oneshot::Sender<Option<Taken>>),
    /// The same, and all new scans after it.
    Tap(Wants, oneshot::Sender<Option<(Taken, Tap)>>),
}

/// What the driver reads from and tells to.
#[derive(Debug)]
pub struct Ports {
    /// See [`decode`].
    pub journal: mpsc::Receiver<Portion>,
    pub questions: mpsc::Receiver<Asking>,
    pub pictures: watch::Sender<Arc<Picture>>,
    /// Alerts to tell the world about; what a replay brings is not told again.
    pub alerts: mpsc::Sender<AlertRow>,
    pub gateway: Gateway,
    pub progress: Arc<Progress>,
    pub latency: Arc<Latency>,
    /// Where what the retention edge passes is kept; None: nowhere.
    pub archive: Option<Archive>,
    /// Who gives way to the pictures.
    pub screens: Screens,
}

/// The situation and what is shown of it.
#[derive(Debug)]
pub struct Driver {
    situation: Situation,
    ports: Ports,
    view: Arc<View>,
    deltas: Vec<Delta>,
    /// Events fetched and not applied; empty between two messages.
    events: Batch,
    /// Messages read and not applied, and the events of all of them.
    pending: VecDeque<Decoded>,
    waiting: VecDeque<Event>,
    /// The last message applied.
    seq: u64,
    /// Since when something is applied that the newest picture does not show.
    stale_since: Option<Instant>,
    /// The newest picture, and whether the screens were given it.
    picture: Arc<Picture>,
    is_shown: bool,
    /// The head found at start is applied.
    started: bool,
    searching: Searching,
    pace: Pace,
    share: Share,
    alerts_lost: u64,
    /// What people and venues are called, as far as moments have needed it.
    registers: Registers,
    sources: Sources,
    /// Who follows scans.
    taps: Taps,
}

impl Driver {
    pub fn new(mut situation: Situation, view: View, ports: Ports) -> Self {
        if ports.archive.is_some() {
            situation.keep_passed();
        }
        let picture = Arc::clone(&ports.pictures.borrow());
        Self {
            situation,
            ports,
            picture,
            is_shown: true,
            view: Arc::new(view),
            deltas: Vec::new(),
            events: Batch::default(),
            pending: VecDeque::new(),
            waiting: VecDeque::new(),
            seq: 0,
            stale_since: None,
            started: false,
            searching: Searching::default(),
            pace: Pace::new(Instant::now()),
            share: Share::default(),
            alerts_lost: 0,
            registers: Registers::default(),
            sources: Sources::default(),
            taps: Taps::default(),
        }
    }

    /// Runs until shutdown.
    pub async fn run(mut self, shutdown: CancellationToken) {
        while !shutdown.is_cancelled() {
            self.note_start();
            if self.next_picture().is_some_and(|due| due <= Instant::now()) {
                self.show();
            }
            if self.share.may_ask()
                && let Ok(asking) = self.ports.questions.try_recv()
            {
                self.answer(asking);
            } else if !self.pending.is_empty() {
                self.apply_next();
            } else {
                self.share.rest();
                self.wait(&shutdown).await;
            }
        }
    }

    /// Waits for a portion of the journal, a question, or the next picture's time.
    async fn wait(&mut self, shutdown: &CancellationToken) {
        let due = self.next_picture().unwrap_or_else(|| Instant::now() + IDLE);
        tokio::select! {
            biased;
            () = shutdown.cancelled() => {}
            Some(portion) = self.ports.journal.recv() => {
                self.pending.extend(portion.messages);
                self.waiting.extend(portion.events);
            }
            Some(asking) = self.ports.questions.recv() => self.answer(asking),
            () = self.searching.finds() => {
                self.stale_since.get_or_insert_with(Instant::now);
            }
            () = tokio::time::sleep_until(due.into()) => {}
        }
    }

    /// When a picture is due; None while nothing changed.
    fn next_picture(&self) -> Option<Instant> {
        let f2_due = self.searching.due();
        let changed = (self.stale_since.is_some() || !self.is_shown).then(|| self.pace.due());
        changed.into_iter().chain(f2_due).min()
    }

    /// Once the head found at start is applied, the picture is brought up to date whole.
    fn note_start(&mut self) {
        if !self.started && self.ports.progress.started() {
            self.started = true;
            self.searching.search_anew();
            self.bring_up_to_date();
            self.show();
            tracing::info!(stream_seq = self.seq, "the journal is read up to its head at start");
        }
    }

    /// Applies the next messages: one, or of small ones as many as are fetched together.
    fn apply_next(&mut self) {
        let began = Instant::now();
        let (mut deltas, mut events) = (mem::take(&mut self.deltas), mem::take(&mut self.events));
        let (situation, progress, sources) = (&mut self.situation, &self.ports.progress, &mut self.sources);
        let is_live = self.started && situation.clock() == Clock::Wall;
        let mut keeper =
            Keeper { archive: self.ports.archive.as_ref(), registers: &mut self.registers, is_live };
        // Where time is not the world's, an event is received at the city's now.
        let (clock, mut city_now) = (situation.clock(), situation.now());
        let (mut counted, mut taken, mut applied, mut broken) = (Counted::default(), 0, Vec::new(), 0);
        while taken < BATCH_EVENTS
            && applied.len() < BATCH_EVENTS
            && let Some(message) = self.pending.pop_front()
        {
            if applied.is_empty() {
                progress.taking(message.received_ms);
            }
            for event in self.waiting.drain(..message.events) {
                counted.add(event.kind());
                let world_now = Time(message.received_ms / 1_000);
                if (event.kind() == Kind::Tick) != (clock == Clock::Events) {
                    city_now = city_now.max(Some(event.at()));
                }
                let received =
                    if clock == Clock::Wall { world_now } else { city_now.unwrap_or_else(|| event.at()) };
                sources.count(&event, message.source, received);
                taken += 1;
                events.push(event);
                if events.len() == BATCH_EVENTS {
                    step_all(situation, &mut events, &mut deltas, progress, &mut keeper);
                }
            }
            if message.unreadable > 0 {
                tracing::error!(
                    stream_seq = message.seq,
                    unreadable = message.unreadable,
                    "lines of the journal could not be read"
                );
                broken += u64::try_from(message.unreadable).unwrap_or(u64::MAX);
            }
            applied.push((message.seq, message.received_ms));
        }
        step_all(situation, &mut events, &mut deltas, progress, &mut keeper);
        self.events = events;
        self.fold(&mut deltas);
        self.deltas = deltas;
        self.note_applied(&applied, &counted, broken);
        self.tell_scans();
        if self.started && self.pending.is_empty() {
            self.situation.spread_presence();
        }
        self.share.stepped(began.elapsed());
    }

    /// Messages (position, receive time) are applied whole.
    fn note_applied(&mut self, applied: &[(u64, i64)], counted: &Counted, unreadable: u64) {
        let Some((seq, received_ms)) = applied.last().copied() else { return };
        self.seq = seq;
        self.stale_since.get_or_insert_with(Instant::now);
        let next = self.pending.front().map(|message| message.received_ms);
        let progress = &self.ports.progress;
        progress.events(counted, received_ms, now_ms());
        progress.applied(seq, applied.len(), next, self.view.now, unreadable, now_ms());
        if self.started {
            let applied_us = now_us();
            for (seq, received_ms) in applied {
                self.ports.latency.applied(*seq, received_ms * 1_000, applied_us);
            }
        }
    }

    /// Folds deltas into the view; alerts go out too, once the replay is over.
    fn fold(&mut self, deltas: &mut Vec<Delta>) {
        if deltas.is_empty() {
            return;
        }
        for delta in deltas.iter() {
            if let Delta::Alert(row) = delta
                && self.started
                && self.ports.alerts.try_send((**row).clone()).is_err()
            {
                self.alerts_lost += 1;
                tracing::warn!(lost = self.alerts_lost, alert = %row.id, "an alert was not sent to NATS");
            }
        }
        Arc::make_mut(&mut self.view).fold(deltas.drain(..));
    }

    /// Shows the picture, brought up to date.
    fn show(&mut self) {
        let began = Instant::now();
        // One that was made meanwhile for somebody who asked may be it already.
        if self.is_shown || self.stale_since.is_some() {
            self.bring_up_to_date();
        }
        self.ports.pictures.send_replace(Arc::clone(&self.picture));
        self.is_shown = true;
        if let Some(now) = self.view.now.filter(|_| self.started) {
            self.ports.gateway.restore(now);
        }
        self.pace.published(began, Instant::now(), self.started);
        self.ports.screens.next_due(self.pace.due());
    }

    /// Makes the picture anew. The screens are given it when their next is due, so that they keep their pace whoever
    /// asks in between.
    fn bring_up_to_date(&mut self) {
        let mut deltas = mem::take(&mut self.deltas);
        if let Some(found) = self.searching.take() {
            self.situation.take_second_order(found, &mut deltas);
        }
        let f2 = self.searching.begin(&self.situation, self.started);
        self.situation.settle(f2, &mut deltas);
        self.fold(&mut deltas);
        self.deltas = deltas;
        let due = self.stale_since.take().unwrap_or_else(Instant::now).max(self.pace.due());
        self.picture = Arc::new(Picture { view: Arc::clone(&self.view), stream_seq: self.seq, due });
        self.is_shown = false;
    }

    /// The picture at the newest applied position.
    fn newest_picture(&mut self) -> Arc<Picture> {
        if self.stale_since.is_some() {
            self.bring_up_to_date();
        }
        Arc::clone(&self.picture)
    }

    fn answer(&mut self, asking: Asking) {
        let began = Instant::now();
        // Who asked may have gone away meanwhile: then nobody misses the answer.
        match asking {
            Asking::Picture(reply) => {
                drop(reply.send(self.newest_picture()));
            }
            Asking::Question(question, reply) => {
                if !reply.is_closed() {
                    let answer = self.situation.ask(&question);
                    let event_time = self.situation.now();
                    drop(reply.send(Answered { answer, stream_seq: self.seq, event_time }));
                }
            }
            Asking::Moment(wants, reply) => {
                if !reply.is_closed() {
                    drop(reply.send(self.take_moment(wants)));
                }
            }
            Asking::Tap(wants, reply) => {
                if !reply.is_closed() {
                    drop(reply.send(self.tap(wants)));
                }
            }
        }
        self.share.asked(began.elapsed());
    }
}

/// Takes events in their order, having fetched what they need, until all that follows of them is worked in; the status
/// says so where that takes long.
fn step_all(
    situation: &mut Situation,
    events: &mut Batch,
    deltas: &mut Vec<Delta>,
    progress: &Progress,
    keeper: &mut Keeper<'_>,
) {
    // A few events are soon taken without.
    if events.len() > 2 {
        situation.look_up(events);
    }
    if situation.take(events, deltas) == Step::Done {
        return;
    }
    let since = now_ms();
    keeper.keep(situation);
    while situation.take(events, deltas) == Step::More {
        keeper.keep(situation);
        progress.working_in_venue(situation.is_busy().then_some(since));
    }
    progress.working_in_venue(None);
}
