//! The simulator as a producer: posts the city's lines to a gateway and keeps the pace that was asked for.

use super::{
    city::{City, Step},
    lines::{Lines, Object},
    pacer::Pacer,
    post::{Batch, Post, Status, Tally},
    registry::RegistryCursor,
    schedule::{Pace, Schedule},
    town::{Setup, SetupError},
};
use bytes::Bytes;
use std::{io, path::PathBuf};
use tokio::{
    fs::File,
    io::{AsyncWriteExt, BufWriter},
    sync::mpsc,
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;
use vonglau_core::{
    params::{Clock, District, VenueKind, Ward},
    time::{DAY, Time},
};

/// Lines of one request.
const LINES_MAX: usize = 500;
/// Requests on their way at once.
const IN_FLIGHT_MAX: usize = 6;
/// The same where a rate is kept whether or not answers come.
const OPEN_LOOP_IN_FLIGHT_MAX: usize = 256;
/// Steps drawn ahead of what is sent.
const STEPS_AHEAD_MAX: usize = 16;
/// Lines of the registry written at once.
const REGISTRY_LINES: usize = 10_000;
/// Days back from the gateway's present in which it still takes scans, one less than the shipped retention.
const SCANS_TAKEN_DAYS: i64 = 20;
/// Steps wider than this are sent one request after the other, for what lies so far ahead of the clock is refused.
const AHEAD_S_MAX: i64 = 600;
/// Of an earlier run's last seconds not all may have been taken; they are sent again.
const RESUME_OVERLAP_S: i64 = 600;
/// Longest story.
const DAYS_MAX: u32 = 3_650;

/// What there is to simulate with: the city's configuration, as the gateway has it.
#[derive(Clone, Debug)]
pub struct Ground {
    pub districts: Vec<District>,
    pub wards: Vec<Ward>,
    pub venue_kinds: Vec<VenueKind>,
    /// Infectiousness in thousandths on day -3, -2, … 10 from onset.
    pub infectiousness_permille: [i64; 14],
}

/// What to simulate, and for whom.
#[derive(Clone, Debug)]
pub struct SimulateOptions {
    /// Address of the gateway: `http://host:port`.
    pub to: String,
    pub ground: Ground,
    pub people: u32,
    /// Days of scans before live running, or in all.
    pub days: u32,
    /// Days before these in which cases are reported already.
    pub lead_days: u32,
    pub seed: u64,
    /// When the first scan can be; none: `days` before the gateway's event time, or before its clock where it has
    /// none yet.
    pub start: Option<Time>,
    pub pace: Pace,
    /// Where the ground truth is written, as NDJSON `{"infected","by","venue","at"}`.
    pub truth: Option<PathBuf>,
    /// Scans of one person a day on average; the usual is 2.
    pub scans_per_person_day: f64,
    /// Go on with a city that an earlier run with the same options sent: what had arrived by the gateway's event
    /// time is drawn but not sent again.
    pub resume: bool,
}

/// The demo: a fortnight of scans and five weeks of case reports, then live and fast.
#[derive(Clone, Copy, Debug)]
pub struct DemoPlan {
    pub people: u32,
    pub seed: u64,
    /// Simulated seconds to a real one.
    pub speed: f64,
    /// Days of case reports and of scans before live running.
    pub case_days: u32,
    pub scan_days: u32,
    pub start_of_live: Time,
}

impl DemoPlan {
    /// What [`run`] is to do for it; `resume` where an earlier demo with the same plan is gone on with.
    pub fn options(&self, to: String, ground: Ground, resume: bool) -> SimulateOptions {
        SimulateOptions {
            to,
            ground,
            people: self.people,
            days: self.scan_days,
            lead_days: self.case_days.saturating_sub(self.scan_days),
            seed: self.seed,
            start: Some(self.start_of_live.plus(-i64::from(self.scan_days) * DAY)),
            pace: Pace::Speed(self.speed),
            truth: None,
            scans_per_person_day: 2.0,
            resume,
        }
    }
}

/// How far it is.
#[derive(Clone, Debug)]
pub struct Progress {
    pub phase: Phase,
    /// Share of the phase that is done, 0-1; of live running always 1.
    pub done: f64,
    /// The simulated time that was reached.
    pub at: Time,
    /// Scans sent so far.
    pub scans: u64,
    pub tally: Tally,
}

/// What is being sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Registry,
    Backfill,
    Live,
}

/// What was sent in all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SimulateReport {
    pub scans: u64,
    pub ticks: u64,
    pub tally: Tally,
    /// The simulated time that was reached; none before the first step.
    pub reached: Option<Time>,
}

/// Why it could not run, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    #[error(transparent)]
    Setup(#[from] SetupError),
    #[error("tốc độ sai · --speed and --rate must be more than 0 and at most a million")]
    Pace,
    #[error("số ngày sai · --days must be 1 to {DAYS_MAX}")]
    Days,
    #[error("{url}: địa chỉ sai · no address of a gateway: write it like http://127.0.0.1:8080")]
    Address { url: String },
    #[error("{url}: không kết nối được · cannot be reached ({why}): start `vonglau serve` there first")]
    Unreachable { url: String, why: String },
    #[error("{url}: không phải cổng Vọng Lâu · what answers there is no gateway of Vọng Lâu")]
    Stranger { url: String },
    #[error("{url}: trả lời {status} · answered {status} ({detail})")]
    Answer { url: String, status: u16, detail: String },
    #[error("{path}: không ghi được · cannot be written ({source})")]
    Truth { path: PathBuf, source: io::Error },
    /// Cancelled while the gateway was busy or away; what it had not taken is lost.
    #[error("đã dừng khi cổng chưa nhận hết · stopped before the gateway had taken everything")]
    Stopped,
    #[error("lỗi nội bộ của bộ mô phỏng · a task of the simulator failed ({0})")]
    Task(#[from] tokio::task::JoinError),
}

/// Simulates until the days are over or, where live running was asked for, until `stop` is cancelled. `progress` is
/// told after each step, often.
pub async fn run(
    options: SimulateOptions,
    stop: CancellationToken,
    progress: impl Fn(&Progress) + Send + Sync,
) -> Result<SimulateReport, SimulateError> {
    check(&options)?;
    let post = Post::new(&options.to, stop.clone())?;
    let status = post.status().await?;
    let plan = Plan::new(&options, status);
    let setup = plan.setup(&options);
    let city = tokio::task::spawn_blocking(move || City::new(&setup)).await??;
    let mut sender = Sender::new(&options, post, &plan, status);
    let city = if plan.resume_at.is_some() { city } else { sender.registry(city, &plan, &stop, &progress).await? };
    let mut steps = draw(city, plan, options.pace);
    let mut truth = Truth::open(options.truth.clone()).await?;
    while let Some(Some(step)) = stop.run_until_cancelled(steps.recv()).await {
        if stop.run_until_cancelled(sender.pacer.wait(step.until)).await.is_none() {
            break;
        }
        truth.write(&step.truth).await?;
        sender.step(step).await?;
        progress(&sender.progress(&plan));
    }
    sender.drain(0).await?;
    truth.close().await?;
    Ok(sender.report)
}

fn check(options: &SimulateOptions) -> Result<(), SimulateError> {
    if options.days == 0 || options.days > DAYS_MAX || options.lead_days > DAYS_MAX {
        return Err(SimulateError::Days);
    }
    match options.pace {
        Pace::Speed(x) | Pace::Rate(x) if !(x > 0.0 && x <= 1e6) => Err(SimulateError::Pace),
        _ => Ok(()),
    }
}

/// When what happens.
#[derive(Clone, Copy, Debug)]
struct Plan {
    cases_from: Time,
    scans_from: Time,
    live_at: Time,
    clock: Clock,
    /// Where an earlier run is gone on with: what arrived before is there already.
    resume_at: Option<Time>,
}

impl Plan {
    fn new(options: &SimulateOptions, status: Status) -> Self {
        let days = i64::from(options.days) * DAY;
        let start = options.start.unwrap_or_else(|| status.event_time.unwrap_or(status.server_time).plus(-days));
        // Scans older than the retention would only be refused.
        let now = if status.clock == Clock::Wall { Some(status.server_time) } else { status.event_time };
        let taken_from = now.map_or(Time::MIN, |now| now.plus(-SCANS_TAKEN_DAYS * DAY));
        Self {
            cases_from: start.plus(-i64::from(options.lead_days) * DAY),
            scans_from: if options.resume { start } else { start.max(taken_from.min(start.plus(days))) },
            live_at: start.plus(days),
            clock: status.clock,
            resume_at: status.event_time.filter(|_| options.resume).map(|at| at.plus(-RESUME_OVERLAP_S)),
        }
    }

    fn setup(&self, options: &SimulateOptions) -> Setup {
        let ground = options.ground.clone();
        Setup {
            districts: ground.districts,
            wards: ground.wards,
            venue_kinds: ground.venue_kinds,
            infectiousness_permille: ground.infectiousness_permille,
            people: options.people,
            seed: options.seed,
            cases_from: self.cases_from,
            scans_from: self.scans_from,
            live_at: self.live_at,
            scans_per_person_day: options.scans_per_person_day,
        }
    }

    fn schedule(&self, pace: Pace) -> Schedule {
        Schedule::new(self.cases_from, self.scans_from, self.live_at, pace, self.clock == Clock::Wall)
    }
}

/// Draws the steps on a thread of its own, a few ahead of what is sent.
fn draw(mut city: City, plan: Plan, pace: Pace) -> mpsc::Receiver<Step> {
    let (sender, receiver) = mpsc::channel(STEPS_AHEAD_MAX);
    // It ends with the schedule, or when nobody takes its steps any more.
    drop(tokio::task::spawn_blocking(move || {
        for until in plan.schedule(pace) {
            let mut reached = None;
            while reached != Some(until) {
                let step = city.step(until, pace.step_scans());
                reached = Some(step.until);
                let is_told = plan.resume_at.is_some_and(|resumed| step.until < resumed);
                if !is_told && sender.blocking_send(step).is_err() {
                    return;
                }
            }
        }
    }));
    receiver
}

/// Sends in the order that matters: the registry before the first day, step after step, ticks one by one.
struct Sender {
    post: Post,
    pacer: Pacer,
    flying: JoinSet<Result<Tally, SimulateError>>,
    report: SimulateReport,
    /// The gateway's last tick; none where ticks are not ours to send.
    ticked: Option<Time>,
    open_loop: bool,
}

impl Sender {
    fn new(options: &SimulateOptions, post: Post, plan: &Plan, status: Status) -> Self {
        let open_loop = matches!(options.pace, Pace::Rate(_));
        Self {
            post,
            pacer: Pacer::new(options.pace, plan.live_at, (plan.clock == Clock::Wall).then_some(status.server_time)),
            flying: JoinSet::new(),
            report: SimulateReport::default(),
            ticked: (plan.clock == Clock::Simulated).then(|| status.event_time.unwrap_or(Time::MIN)),
            open_loop,
        }
    }

    /// Sends what is on record at the beginning.
    async fn registry(
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
    async fn step(&mut self, step: Step) -> Result<(), SimulateError> {
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

    async fn lines(&mut self, lines: Lines, tick: Option<Time>, in_flight_max: usize) -> Result<(), SimulateError> {
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
    async fn drain(&mut self, left: usize) -> Result<(), SimulateError> {
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

    fn progress(&self, plan: &Plan) -> Progress {
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
    let requests = if ends.is_empty() { usize::from(tick.is_some()) } else { 1 + ends.len().saturating_sub(first).div_ceil(lines_max) };
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

/// The file of the ground truth, if one was asked for.
struct Truth {
    file: Option<(PathBuf, BufWriter<File>)>,
}

impl Truth {
    async fn open(path: Option<PathBuf>) -> Result<Self, SimulateError> {
        let Some(path) = path else { return Ok(Self { file: None }) };
        match File::create(&path).await {
            Ok(file) => Ok(Self { file: Some((path, BufWriter::new(file))) }),
            Err(source) => Err(SimulateError::Truth { path, source }),
        }
    }

    async fn write(&mut self, lines: &[u8]) -> Result<(), SimulateError> {
        let Some((path, file)) = &mut self.file else { return Ok(()) };
        file.write_all(lines).await.map_err(|source| SimulateError::Truth { path: path.clone(), source })
    }

    async fn close(self) -> Result<(), SimulateError> {
        let Some((path, mut file)) = self.file else { return Ok(()) };
        file.flush().await.map_err(|source| SimulateError::Truth { path, source })
    }
}
