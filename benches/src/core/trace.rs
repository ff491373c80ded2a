//! Cases set, traced and taken back, one by one, in a full city.

use super::cases::{self, Case};
use super::runner::{Runner, timed};
use crate::city::{self, Size};
use crate::report::{Report, median, percentile};
use vonglau_core::ask::{Answer, Question};
use vonglau_core::situation::F2;
use vonglau_core::time::{DAY, Time};

/// A window of 13 days, the longest by default, begins three days before an onset ten days ago.
const ONSET_DAYS_AGO: i64 = 10;
pub const WINDOW_DAYS: i64 = 13;
const ROUNDS: u32 = 10;
/// The long tail of busy places is told apart: `trace_p99_ms` is of cases with so many rows beside them at most.
const ROWS_BESIDE_MAX: usize = 5_000;

/// One case traced.
#[derive(Clone, Copy, Debug)]
pub struct Traced {
    pub person: u32,
    pub us: f64,
    /// The same as the rows of an answer, with names and overlaps.
    pub answer_us: f64,
    /// Others' visits that overlap the case's.
    pub rows: usize,
    pub contacts: usize,
}

/// `trace_*`, `case_set_p99_ms`, `case_retract_p99_ms`; what was traced.
pub fn trace(runner: &mut Runner, size: Size, report: &mut Report) -> Vec<Traced> {
    "single cases".clone_into(&mut runner.phase);
    let (mut set_ms, mut retract_ms) = (Vec::new(), Vec::new());
    let traced = rounds(runner, size, ("t", size.days), &mut set_ms, &mut retract_ms);
    report.put("case_set_p99_ms", "ms", percentile(&set_ms, 99), &set_ms);
    report.put("case_retract_p99_ms", "ms", percentile(&retract_ms, 99), &retract_ms);
    tell(&traced, size, report);
    traced
}

/// The same in the grown city, whose last day is the one before `end`.
pub fn again(runner: &mut Runner, size: Size, end: u32) -> Vec<Traced> {
    rounds(runner, size, ("g", end), &mut Vec::new(), &mut Vec::new())
}

/// A round's cases are all set, then traced, then taken back, so that no trace finds its memory warm.
fn rounds(
    runner: &mut Runner,
    size: Size,
    (series, end): (&'static str, u32),
    set_ms: &mut Vec<f64>,
    retract_ms: &mut Vec<f64>,
) -> Vec<Traced> {
    let now = runner.situation.now().unwrap_or(city::START);
    let mut traced = Vec::new();
    for round in 0..ROUNDS {
        let people = drawn(size, end, round);
        for person in &people {
            let case = Case { onset: now.plus(-ONSET_DAYS_AGO * DAY), ..Case::about(series, *person, now) };
            set_ms.push(told_ms(runner, case.set()));
        }
        traced.extend(people.iter().map(|person| trace_one(runner, *person, now)));
        retract_ms.extend(people.iter().map(|person| told_ms(runner, cases::retract(series, *person, now))));
    }
    traced
}

/// People drawn by the visits of the ten days before day `end`.
fn drawn(size: Size, end: u32, round: u32) -> Vec<u32> {
    (0..size.traces_a_round)
        .map(|n| {
            let key = city::mix(u64::from(round) << 32 | u64::from(n) | 1 << 45);
            let day = end - 1 - city::below(key ^ 1, size.days.min(10));
            city::visitor(size, day, city::below(key ^ 2, size.visits_a_day))
        })
        .collect()
}

/// A case's event with all counts after it.
fn told_ms(runner: &mut Runner, event: vonglau_core::event::Event) -> f64 {
    (runner.batch(vec![event]) + runner.settle(F2::IfCheap)).as_secs_f64() * 1e3
}

fn trace_one(runner: &Runner, person: u32, now: Time) -> Traced {
    let name = city::person(person);
    let (took, contacts) = timed(|| runner.situation.trace(&name));
    let (answered, _) = timed(|| runner.situation.ask(&Question::Contacts(name.clone())));
    Traced {
        person,
        us: took.as_secs_f64() * 1e6,
        answer_us: answered.as_secs_f64() * 1e6,
        rows: rows_beside(runner, person, now),
        contacts: contacts.map_or(0, |contacts| contacts.len()),
    }
}

fn rows_beside(runner: &Runner, person: u32, now: Time) -> usize {
    let from = now.plus(-WINDOW_DAYS * DAY);
    let asked = Question::Visits(city::person(person), Some(from), None);
    let Answer::Visits(visits) = runner.situation.ask(&asked) else { return 0 };
    let beside = visits.into_iter().map(|visit| {
        let asked = Question::Present(visit.venue, Some(visit.from), Some(visit.to));
        if let Answer::Present(rows) = runner.situation.ask(&asked) { rows.len() } else { 0 }
    });
    beside.map(|with_itself| with_itself.saturating_sub(1)).sum()
}

fn tell(traced: &[Traced], size: Size, report: &mut Report) {
    let us = |traced: &[Traced]| traced.iter().map(|traced| traced.us).collect::<Vec<_>>();
    let rounds: Vec<&[Traced]> = traced.chunks(size.traces_a_round as usize).collect();
    let medians: Vec<f64> = rounds.iter().map(|round| median(&us(round))).collect();
    report.put("trace_p50_us", "µs", median(&us(traced)), &medians);
    let answers: Vec<f64> = traced.iter().map(|traced| traced.answer_us).collect();
    report.put("trace_answer_p50_us", "µs", median(&answers), &answers);
    let usual: Vec<f64> =
        traced.iter().filter(|traced| traced.rows <= ROWS_BESIDE_MAX).map(|traced| traced.us / 1e3).collect();
    report.put("trace_p99_ms", "ms", percentile(&usual, 99), &usual);
    report.put("trace_all_p99_ms", "ms", percentile(&us(traced), 99) / 1e3, &[]);
    report.add("trace_ns_per_row", "ns", rounds.iter().map(|round| ns_per_row(round)).collect::<Vec<_>>());
    let mean = |what: fn(&Traced) -> usize| number(traced.iter().map(what).sum()) / number(traced.len());
    report.add("trace_rows_beside", "rows", [mean(|traced| traced.rows)]);
    report.add("trace_contacts", "people", [mean(|traced| traced.contacts)]);
}

/// All time over all rows.
pub fn ns_per_row(traced: &[Traced]) -> f64 {
    let us: f64 = traced.iter().map(|traced| traced.us).sum();
    us * 1e3 / number(traced.iter().map(|traced| traced.rows).sum())
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn number(count: usize) -> f64 {
    count.max(1) as f64
}
