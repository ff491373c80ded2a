//! Many active cases: isolated, still moving about, taken back.

use super::fill::Filled;
use super::runner::{Longest, Runner};
use crate::city::{self, Row, Size};
use crate::report::{Report, median};
use rustc_hash::FxHashSet;
use std::mem;
use vonglau_core::event::{CaseTag, CaseUpdate, Event, Found, Status};
use vonglau_core::figure::Figure;
use vonglau_core::situation::F2;
use vonglau_core::time::{DAY, Time};

/// Cases of a load fell ill so many days before they are told.
pub const ONSET_DAYS_AGO: u32 = 3;
const SWEEPS: usize = 3;

/// A case to be told.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// With the person, the event's id.
    pub series: &'static str,
    pub person: u32,
    pub at: Time,
    pub onset: Time,
    pub isolated: bool,
    /// The series of the event that this one takes the place of.
    pub supersedes: Option<&'static str>,
}

impl Case {
    /// Told at that time and still moving about.
    pub fn about(series: &'static str, person: u32, at: Time) -> Self {
        let onset = at.plus(-i64::from(ONSET_DAYS_AGO) * DAY);
        Self { series, person, at, onset, isolated: false, supersedes: None }
    }

    /// Its event.
    pub fn set(self) -> Event {
        Event::Case(CaseUpdate {
            at: self.at,
            district: Some("007".into()),
            found: Some(Found::Community),
            id: id(self.series, self.person),
            isolated_at: self.isolated.then_some(self.at),
            kind: CaseTag,
            onset: Some(self.onset),
            person: Some(city::person(self.person)),
            retracts: None,
            sampled: None,
            status: Some(Status::F0),
            supersedes: self.supersedes.map(|series| id(series, self.person)),
            ward: None,
        })
    }
}

fn id(series: &str, person: u32) -> Box<str> {
    format!("{series}{person}").into()
}

/// The event that takes a case of a series back.
pub fn retract(series: &str, person: u32, at: Time) -> Event {
    Event::Case(CaseUpdate {
        at,
        district: None,
        found: None,
        id: format!("{series}{person}-wrong").into(),
        isolated_at: None,
        kind: CaseTag,
        onset: None,
        person: None,
        retracts: Some(id(series, person)),
        sampled: None,
        status: None,
        supersedes: None,
        ward: None,
    })
}

/// So many distinct people, drawn by the visits of the days before day `before`.
pub fn drawn(size: Size, before: u32, count: u32) -> Vec<u32> {
    let mut seen = FxHashSet::default();
    let visit = |n: u64| {
        let day = before - 1 - city::below(n | 1 << 46, 3);
        city::visitor(size, day, city::below(n | 1 << 47, size.visits_a_day))
    };
    (0_u64..).map(visit).filter(|person| seen.insert(*person)).take(count as usize).collect()
}

/// What a load has shown.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    pub scans_s: f64,
    pub f1_open: i64,
}

/// Few and many cases about, for comparison.
#[derive(Clone, Copy, Debug)]
pub struct Loads {
    pub few: Load,
    pub many: Load,
}

/// `step_20k_*`, `f2_sweep_s`, `step_pause_20k_about_max_ms`, over four days after the window is full.
///
/// # Errors
/// When what all cases gave is not taken back with them.
pub fn loads(runner: &mut Runner, size: Size, filled: &Filled, report: &mut Report) -> anyhow::Result<Loads> {
    let many = drawn(size, size.days, size.cases);
    let few = &many[..size.cases_few as usize];
    let f1_before = runner.city(Figure::F1Open);

    let about = |person, at| Case::about("f", person, at).set();
    let few_about = under(runner, size, "few cases about", few, about, false, size.days);
    take_back(runner, few, "f");

    let isolated = |person, at| Case { isolated: true, ..Case::about("i", person, at) }.set();
    let all_isolated = under(runner, size, "cases isolated", &many, isolated, true, size.days + 1);
    let mut sweeps = sweep(runner);

    let pause = mem::take(&mut runner.pause);
    let move_on = |person, at| Case { supersedes: Some("i"), ..Case::about("a", person, at) }.set();
    let all_about = under(runner, size, "cases about", &many, move_on, false, size.days + 2);
    sweeps.extend(sweep(runner));
    take_back(runner, &many, "a");
    let about_pause: Longest = mem::replace(&mut runner.pause, pause);

    runner.settle(F2::Now);
    let f1_after = runner.city(Figure::F1Open);
    anyhow::ensure!(f1_after == f1_before, "open F1 were {f1_before}, and without the cases {f1_after}");
    let again = under(runner, size, "idle again", &[], isolated, false, size.days + 3);

    report.add("f2_sweep_s", "s", &sweeps);
    report.put("step_pause_20k_about_max_ms", "ms", about_pause.ms(), &[]);
    super::progress(&format!("longest pause with cases about: {}", about_pause.during));
    tell(&filled.idle, [&few_about, &all_isolated, &all_about, &again], report);
    Ok(Loads { few: few_about.load(), many: all_about.load() })
}

/// How the days compare with an idle one: that before them and that after them.
fn tell(idle: &[f64], [few_about, all_isolated, all_about, again]: [&LoadedDay; 4], report: &mut Report) {
    let idle = median(&[idle, &again.speeds].concat());
    let of_idle = |day: &LoadedDay| day.speeds.iter().map(|speed| speed / idle).collect::<Vec<_>>();
    report.add("step_200_about_ratio", "of idle", of_idle(few_about));
    report.add("step_20k_isolated_ratio", "of idle", of_idle(all_isolated));
    report.add("step_20k_about_ratio", "of idle", of_idle(all_about));
    report.add("step_idle_again_ratio", "of idle", of_idle(again));
}

/// A day with cases: the scans per second of its chunks and the F1 at its end.
#[derive(Debug)]
struct LoadedDay {
    speeds: Vec<f64>,
    f1_open: i64,
}

impl LoadedDay {
    fn load(&self) -> Load {
        Load { scans_s: median(&self.speeds), f1_open: self.f1_open }
    }
}

/// Tells the cases, then a day of scans (at home: without theirs).
fn under(
    runner: &mut Runner,
    size: Size,
    phase: &str,
    cases: &[u32],
    told: impl Fn(u32, Time) -> Event,
    at_home: bool,
    day: u32,
) -> LoadedDay {
    phase.clone_into(&mut runner.phase);
    let now = runner.situation.now().unwrap_or(city::START);
    let spent = runner.batches(cases.iter().map(|person| told(*person, now)));
    super::progress(&format!("{phase}: {} told in {:.2} s", cases.len(), spent.as_secs_f64()));
    let mut rows: Vec<Row> = city::day(size, day, size.visits_a_day);
    if at_home {
        let home: FxHashSet<u32> = cases.iter().copied().collect();
        rows.retain(|row| !home.contains(&row.person));
    }
    let speeds = runner.day(size, &rows);
    let f1_open = runner.city(Figure::F1Open);
    super::progress(&format!("{phase}: {:.0} scans/s, {f1_open} F1 open", median(&speeds)));
    LoadedDay { speeds, f1_open }
}

fn take_back(runner: &mut Runner, cases: &[u32], series: &str) {
    let now = runner.situation.now().unwrap_or(city::START);
    let spent = runner.batches(cases.iter().map(|person| retract(series, *person, now)));
    super::progress(&format!("{} taken back in {:.2} s", cases.len(), spent.as_secs_f64()));
}

fn sweep(runner: &mut Runner) -> Vec<f64> {
    (0..SWEEPS).map(|_| runner.settle(F2::Now).as_secs_f64()).collect()
}
