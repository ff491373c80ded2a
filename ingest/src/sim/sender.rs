//! What is sent in which order: the registry before the first day, step after step, ticks one by one.

use super::{
    city::{City, Step},
    lines::{Lines, Object},
    options::{Phase, Plan, Progress, SimulateError, SimulateOptions, SimulateReport},
    pacer::Pacer,
    post::{Batch, Post, Status, Tally},
    registry::RegistryCursor,
    schedule::Pace,
};
use bytes::Bytes;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use vonglau_core::{params::Clock, time::Time};

/// Lines of one request.
const LINES_MAX: usize = 500;
/// Requests on their way at once.
const IN_FLIGHT_MAX: usize = 6;
/// The same where a rate is kept whether or not answers come.
const OPEN_LOOP_IN_FLIGHT_MAX: usize = 256;
/// Lines of the registry written at once.
const REGISTRY_LINES: usize = 10_000;
/// Steps wider than this are sent one request after the other, for what lies so far ahead of the clock is refused.
const AHEAD_S_MAX: i64 = 600;

/// The way of the lines to the gateway, and what has become of them.
pub(super) struct Sender {
    post: Post,
    pub(super) pacer: Pacer,
    flying: JoinSet<Result<Tally, SimulateError>>,
    pub(super) report: SimulateReport,
    /// The gateway's last tick; none where ticks are not ours to send.
    ticked: Option<Time>,
    open_loop: bool,
}

impl Sender {
    pub(super) fn new(options: &SimulateOptions, post: Post, plan: &Plan, status: Status) -> Self {
        let open_loop = matches!(options.pace, Pace::Rate(_));
        Self {
            post,
            pacer: Pacer::new(
                options.pace,
                plan.live_at,
                (plan.clock == Clock::Wall).then_some(status.server_time),
            ),
            flying: JoinSet::new(),
            report: SimulateReport::default(),
            ticked: (plan.clock == Clock::Simulated).then(|| status.event_time.unwrap_or(Time::MIN)),
            open_loop,
        }
    }

    /// Sends what is on record at the beginning.
    pub(super) async fn registry(
        &mut self,
        mut city: City,
        plan: &Plan,
        stop: &CancellationToken,
        progress: &impl Fn(&Progress),
    ) -> Result<City, SimulateError> {
        let mut cursor = RegistryCursor::default();
        loop {
            let lines;
            (city, cursor, lines) = tokio::task::spawn_blocking(move || {
                let lines = city.registry(&mut cursor, REGISTRY_LINES);
                (city, cursor, lines)
            })
            .await?;
            if lines.is_empty() || stop.is_cancelled() {
                self.drain(0).await?;
                return Ok(city);
            }
            self.lines(lines, None, IN_FLIGHT_MAX).await?;
            let done = city.registry_done(&cursor);
            progress(&Progress { phase: Phase::Registry, done, ..self.progress(plan) });
        }
    }

    /// Sends a step and, where nothing is to be kept open, waits until all of it is taken.
    pub(super) async fn step(&mut self, step: Step) -> Result<(), SimulateError> {
        let width = self.report.reached.map_or(i64::MAX, |reached| step.until.0 - reached.0);
        let tick = self.ticked.filter(|ticked| *ticked < step.until).map(|_| step.until);
        if let Some(at) = tick {
            self.ticked = Some(at);
            self.report.ticks += 1;
        }
        self.report.reached = Some(step.until);
        self.report.scans += step.scans;
        if self.open_loop && step.scans > 0 {
            return self.open_loop(step, tick).await;
        }
        let in_flight_max = if tick.is_some() && width > AHEAD_S_MAX { 1 } else { IN_FLIGHT_MAX };
        self.lines(step.lines, tick, in_flight_max).await?;
        self.drain(0).await
    }

    /// Sends a step in small requests at the rate that was asked for, whether or not answers come; only the tick
    /// before waits for its own, for ticks must keep their order.
    async fn open_loop(&mut self, step: Step, tick: Option<Time>) -> Result<(), SimulateError> {
        for (batch, _) in batches(Lines::default(), tick, 1) {
            self.report.tally.add(self.post.send(batch).await?);
        }
        for (batch, lines) in batches(step.lines, None, self.pacer.lines_at_once(LINES_MAX)) {
            self.pacer.spend(lines).await;
            self.fly(batch, OPEN_LOOP_IN_FLIGHT_MAX).await?;
        }
        Ok(())
    }

    async fn lines(
        &mut self,
        lines: Lines,
        tick: Option<Time>,
        in_flight_max: usize,
    ) -> Result<(), SimulateError> {
        for (batch, _) in batches(lines, tick, LINES_MAX) {
            self.fly(batch, in_flight_max).await?;
        }
        Ok(())
    }

    /// Lets a request go as soon as fewer than so many are on their way.
    async fn fly(&mut self, batch: Batch, in_flight_max: usize) -> Result<(), SimulateError> {
        self.drain(in_flight_max - 1).await?;
        let post = self.post.clone();
        self.flying.spawn(async move { post.send(batch).await });
        Ok(())
    }

    /// Waits until at most so many requests are on their way.
    pub(super) async fn drain(&mut self, left: usize) -> Result<(), SimulateError> {
        while self.flying.len() > left {
            if let Some(answer) = self.flying.join_next().await {
                self.report.tally.add(answer??);
            }
        }
        while let Some(answer) = self.flying.try_join_next() {
            self.report.tally.add(answer??);
        }
        Ok(())
    }

    pub(super) fn progress(&self, plan: &Plan) -> Progress {
        let at = self.report.reached.unwrap_or(plan.cases_from);
        let (all, done) = (plan.live_at.0 - plan.cases_from.0, at.0 - plan.cases_from.0);
        Progress {
            phase: if at < plan.live_at { Phase::Backfill } else { Phase::Live },
            done: (done as f64 / all as f64).min(1.0),
            at,
            scans: self.report.scans,
            tally: self.report.tally.clone(),
        }
    }
}

/// Cuts lines into requests, the tick first of all; each with its number of lines.
fn batches(lines: Lines, tick: Option<Time>, lines_max: usize) -> impl Iterator<Item = (Batch, usize)> {
    let (bytes, ends) = lines.into_parts();
    let bytes = Bytes::from(bytes);
    let first = if tick.is_some() { lines_max - 1 } else { lines_max };
    let requests = if ends.is_empty() {
        usize::from(tick.is_some())
    } else {
        1 + ends.len().saturating_sub(first).div_ceil(lines_max)
    };
    (0..requests).map(move |index| {
        let to = (first + index * lines_max).min(ends.len());
        let from = if index == 0 { 0 } else { first + (index - 1) * lines_max };
        let at = |line: usize| if line == 0 { 0 } else { ends[line - 1] as usize };
        let body = bytes.slice(at(from)..at(to));
        let tick = tick.filter(|_| index == 0);
        let body = tick.map_or_else(|| body.clone(), |at| with_tick(at, &body));
        (Batch { body, has_tick: tick.is_some() }, to - from + usize::from(tick.is_some()))
    })
}

fn with_tick(at: Time, lines: &[u8]) -> Bytes {
    let mut body = Vec::with_capacity(lines.len() + 100);
    Object::event(&mut body, "tick")
        .made("id", |out| out.extend_from_slice(format!("tick-{}", at.0).as_bytes()))
        .time("at", at.0)
        .end();
    body.push(b'\n');
    body.extend_from_slice(lines);
    Bytes::from(body)
}
