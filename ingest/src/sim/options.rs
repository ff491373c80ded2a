//! What to simulate for whom, how that is told, and what follows from it for a given gateway.

use super::{
    post::{Status, Tally},
    schedule::{Pace, Schedule},
    town::{Setup, SetupError},
};
use std::{io, path::PathBuf};
use vonglau_core::{
    params::{Clock, District, VenueKind, Ward},
    time::{DAY, Time},
};

/// Days back from the gateway's present in which it still takes scans, one less than the shipped retention.
const SCANS_TAKEN_DAYS: i64 = 20;
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

pub(super) fn check(options: &SimulateOptions) -> Result<(), SimulateError> {
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
pub(super) struct Plan {
    pub(super) cases_from: Time,
    scans_from: Time,
    pub(super) live_at: Time,
    pub(super) clock: Clock,
    /// Where an earlier run is gone on with: what arrived before is there already.
    pub(super) resume_at: Option<Time>,
}

impl Plan {
    pub(super) fn new(options: &SimulateOptions, status: Status) -> Self {
        let days = i64::from(options.days) * DAY;
        let start =
            options.start.unwrap_or_else(|| status.event_time.unwrap_or(status.server_time).plus(-days));
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

    pub(super) fn setup(&self, options: &SimulateOptions) -> Setup {
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

    pub(super) fn schedule(&self, pace: Pace) -> Schedule {
        Schedule::new(self.cases_from, self.scans_from, self.live_at, pace, self.clock == Clock::Wall)
    }
}
