//! Measures the core: `make bench`. Writes `benches/RESULTS.md` and `benches/results.json`.
//!
//! `BENCH_PEOPLE` (200,000) and `BENCH_DAYS` (7) set the size. Each figure is told with the spread of its repetitions.
#![expect(clippy::print_stderr, reason = "progress of a long measurement")]

mod city;
mod report;
mod stream;

use city::Size;
use report::Report;
use std::sync::Arc;
use std::time::Instant;
use vonglau::config::{Asked, Config};
use vonglau_core::ask::Question;
use vonglau_core::event::Event;
use vonglau_core::params::{Clock, Params};
use vonglau_core::settle::F2;
use vonglau_core::situation::Situation;
use vonglau_core::time::{DAY, MINUTE};
use vonglau_core::wards::WardMap;

const CASES: u64 = 200;
const TRACES: u64 = 200;

fn main() -> anyhow::Result<()> {
    match std::env::args().nth(1).as_deref() {
        Some(stream::HUB_ARGUMENT) => return stream::serve_hub(),
        Some("stream") => return stream::run(&mut Report::default()),
        _ => {}
    }
    let config =
        Config::load(&Asked::default(), std::iter::empty()).map_err(|faults| anyhow::anyhow!("{faults}"))?;
    let mut params = (*config.params).clone();
    params.clock = Clock::Events;
    let read =
        |name: &str, usual: u64| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(usual);
    let people = read("BENCH_PEOPLE", 200_000);
    let size = Size { people, venues: people / 25, days: read("BENCH_DAYS", 7), visits_a_day: 1.0 };
    let mut report = Report::default();
    measure(&Arc::new(params), size, &mut report);
    report.write(&format!("{people} people, {} venues, {} days", size.venues, size.days))?;
    Ok(())
}

fn step_all(situation: &mut Situation, events: Vec<Event>) -> f64 {
    let (count, begin) = (events.len(), Instant::now());
    let mut deltas = Vec::new();
    for event in events {
        situation.step(event, &mut deltas);
        deltas.clear();
    }
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / begin.elapsed().as_secs_f64()
}

fn measure(params: &Arc<Params>, size: Size, report: &mut Report) {
    let wards = Arc::new(WardMap::new(&params.wards));
    let mut situation = Situation::new(Arc::clone(params), wards);
    report.add("registry_events_s", "1/s", vec![step_all(&mut situation, city::registry(size).collect())]);
    let before = report::rss_bytes();
    let (mut speeds, mut visits) = (Vec::new(), 0.0);
    for day in 0..size.days {
        let scans = city::day(size, day);
        visits += f64::from(u32::try_from(scans.len()).unwrap_or(u32::MAX)) / 1.8;
        speeds.push(step_all(&mut situation, scans));
        eprintln!("day {day}: {:.0} scans/s", speeds[speeds.len() - 1]);
    }
    report.add("step_idle_events_s", "1/s", speeds);
    report.add("bytes_per_visit", "B", vec![(report::rss_bytes() - before) / visits]);
    let now = situation.now().unwrap_or(city::START);
    let cases: Vec<u64> = (0..CASES).map(|n| city::mix(n) % size.people).collect();
    let mut set_ms = Vec::new();
    for (n, who) in (0..).zip(&cases) {
        let begin = Instant::now();
        situation.step(city::case(n, *who, now, n % 2 == 0), &mut Vec::new());
        set_ms.push(begin.elapsed().as_secs_f64() * 1e3);
    }
    report.add("case_set_ms", "ms", set_ms);
    let traced = (0..TRACES).map(|n| {
        let question = Question::Contacts(city::person(cases[usize::try_from(n % CASES).unwrap_or(0)]));
        let begin = Instant::now();
        let answer = situation.ask(&question);
        let elapsed = begin.elapsed().as_secs_f64() * 1e6;
        drop(answer);
        elapsed
    });
    report.add("contacts_answer_us", "µs", traced.collect());
    let settle_ms = |situation: &mut Situation, f2: F2| {
        let begin = Instant::now();
        situation.settle(f2, &mut Vec::new());
        begin.elapsed().as_secs_f64() * 1e3
    };
    report.add("settle_f2_ms", "ms", (0..5).map(|_| settle_ms(&mut situation, F2::Now)).collect());
    let mut ticks = Vec::new();
    for minute in 1..20 {
        let quiet = city::case(
            CASES + minute,
            city::mix(minute) % size.people,
            now.plus(DAY + MINUTE * i64::try_from(minute).unwrap_or(0)),
            true,
        );
        situation.step(quiet, &mut Vec::new());
        ticks.push(settle_ms(&mut situation, F2::IfCheap));
    }
    report.add("settle_ms", "ms", ticks);
    let scans: Vec<Event> = city::day(size, size.days + 1);
    report.add("step_with_cases_events_s", "1/s", vec![step_all(&mut situation, scans)]);
}
