//! The simulator on the command line: what it is to do, and how its progress is told.

use crate::cli::SimulateArgs;
use crate::config::Config;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use std::io::{Write as _, stderr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use vonglau_core::params::Params;
use vonglau_core::time::{Time, Zone};
use vonglau_ingest::sim::{
    self, Ground, Pace, Phase, Progress, SimulateError, SimulateOptions, SimulateReport,
};

/// Progress is told at most this often, and at each new phase.
const TOLD_EVERY: Duration = Duration::from_secs(5);
/// Scans of one person a day.
pub const SCANS_PER_PERSON_DAY: f64 = 2.0;

/// Why it could not run.
#[derive(Debug, thiserror::Error)]
pub enum SimulateArgsError {
    #[error("--start {text}: not a time like 2021-10-15T00:00:00+07:00 ({source})")]
    Start { text: String, source: jiff::Error },
    #[error(transparent)]
    Run(#[from] SimulateError),
}

/// Runs `vonglau simulate` and tells what came of it on stderr.
pub fn run(
    args: SimulateArgs,
    config: &Config,
    stop: CancellationToken,
) -> BoxFuture<'_, Result<(), SimulateArgsError>> {
    Box::pin(async move {
        let report =
            sim::run(options(args, &config.params)?, stop, Teller::new(config.params.zone.clone()).tell())
                .await?;
        tell_report(&report);
        Ok(())
    })
}

fn options(args: SimulateArgs, params: &Params) -> Result<SimulateOptions, SimulateArgsError> {
    let pace = match (args.speed, args.rate) {
        (Some(speed), _) => Pace::Speed(speed),
        (None, Some(rate)) => Pace::Rate(rate),
        (None, None) => Pace::AsFastAsPossible,
    };
    let start = args.start.map(|text| match text.parse::<Timestamp>() {
        Ok(start) => Ok(Time(start.as_second())),
        Err(source) => Err(SimulateArgsError::Start { text, source }),
    });
    Ok(SimulateOptions {
        to: args.to,
        ground: ground(params),
        people: args.people,
        days: args.days,
        lead_days: 0,
        seed: args.seed,
        start: start.transpose()?,
        pace,
        truth: args.truth,
        scans_per_person_day: SCANS_PER_PERSON_DAY,
        resume: false,
    })
}

/// What the simulator needs of the configuration.
pub fn ground(params: &Params) -> Ground {
    Ground {
        districts: params.districts.clone(),
        wards: params.wards.clone(),
        venue_kinds: params.venue_kinds.clone(),
        infectiousness_permille: params.contacts.infectiousness_permille,
    }
}

/// Tells progress now and then.
#[derive(Debug)]
pub struct Teller {
    zone: Zone,
    last: Mutex<Option<(Phase, Instant)>>,
}

impl Teller {
    pub fn new(zone: Zone) -> Self {
        Self { zone, last: Mutex::new(None) }
    }

    /// The listener for the simulator.
    pub fn tell(self) -> impl Fn(&Progress) + Send + Sync {
        move |progress| {
            let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            let is_new = last.is_none_or(|(phase, at)| phase != progress.phase || at.elapsed() >= TOLD_EVERY);
            // Live running goes on and on: its beginning is told, the pages show the rest.
            let is_known =
                progress.phase == Phase::Live && last.is_some_and(|(phase, _)| phase == Phase::Live);
            if is_new && !is_known {
                *last = Some((progress.phase, Instant::now()));
                say(&self.line(progress));
            }
        }
    }

    fn line(&self, progress: &Progress) -> String {
        let (what, done) = (words(progress.phase), progress.done * 100.0);
        format!(
            "{what} {done:.0} % · {} · {} lượt quét · scans",
            self.zone.write(progress.at),
            progress.scans
        )
    }
}

fn words(phase: Phase) -> &'static str {
    match phase {
        Phase::Registry => "Danh mục địa điểm, cư dân · registry",
        Phase::Backfill => "Những ngày đã qua · the days before",
        Phase::Live => "Trực tiếp · live",
    }
}

fn tell_report(report: &SimulateReport) {
    let tally = &report.tally;
    say(&format!(
        "{} scans, {} ticks: {} events accepted, {} duplicates, {} refused, {} requests sent again",
        report.scans, report.ticks, tally.accepted, tally.duplicates, tally.rejected, tally.retries
    ));
    for (reason, times) in &tally.reasons {
        say(&format!("  refused {times}: {reason}"));
    }
}

/// For whoever started it; nobody is left to be told when stderr is closed.
pub fn say(text: &str) {
    drop(writeln!(stderr(), "{text}"));
}
