//! `DuckDB` on the same trace: the same visits in an indexed table, the same cases.

use super::visits::{Rules, Scanned};
use crate::city::{self, Row, Size};
use crate::core::{Ours, Traced, WINDOW_DAYS};
use crate::report::{Report, median};
use anyhow::Context;
use serde::Deserialize;
use std::fmt::Write as _;
use std::io::{BufWriter, Write};
use std::process::{Command, Stdio};
use vonglau_core::time::DAY;

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/compare/trace.py");
/// Cases that `DuckDB` traces.
const TRACES: usize = 100;

/// What the program says.
#[derive(Debug, Deserialize)]
struct Said {
    version: String,
    visits: u64,
    /// Of the faster of its ways, by case.
    ms: Vec<f64>,
    contacts: Vec<usize>,
}

/// `duckdb_trace_ratio`.
///
/// # Errors
/// When Python or `DuckDB` are missing, or when other contacts are found.
pub fn compare(rules: &Rules, size: Size, ours: &Ours, report: &mut Report) -> anyhow::Result<()> {
    let cases: Vec<Traced> =
        ours.traced.iter().step_by((ours.traced.len() / TRACES).max(1)).copied().collect();
    let said = ask(rules, size, &cases, ours.traced_at)?;
    let other = cases.iter().zip(&said.contacts).filter(|(ours, theirs)| ours.contacts != **theirs).count();
    super::progress(&format!("DuckDB {}, {} visits: {other} cases differ", said.version, said.visits));
    anyhow::ensure!(other == 0, "{other} of {} cases have other contacts by DuckDB", cases.len());
    let us: Vec<f64> = cases.iter().map(|case| case.us).collect();
    let ratios: Vec<f64> = said.ms.iter().zip(&us).map(|(ms, us)| ms * 1e3 / us).collect();
    report.add("duckdb_trace_ms", "ms", &said.ms);
    report.put("duckdb_trace_ratio", "times ours", median(&said.ms) * 1e3 / median(&us), &ratios);
    Ok(())
}

/// Gives it the visits up to `now` and the cases, and hears its times.
fn ask(rules: &Rules, size: Size, cases: &[Traced], now: u32) -> anyhow::Result<Said> {
    let people: Vec<String> = cases.iter().map(|case| case.person.to_string()).collect();
    let from = i64::from(now) - WINDOW_DAYS * DAY;
    let mut child = Command::new("python3")
        .args([PROGRAM, &people.join(","), &from.to_string(), &rules.contact_s.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("python3 cannot be run: install it, or measure the stream alone (PART=stream)")?;
    let mut pipe = BufWriter::new(child.stdin.take().context("the program has no input")?);
    for day in 0..size.days {
        export(rules, city::day(size, day, size.visits_a_day), now, &mut pipe)?;
    }
    drop(pipe);
    let output = child.wait_with_output()?;
    anyhow::ensure!(output.status.success(), "{PROGRAM} failed: {}", output.status);
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Writes a day's visits as `person,venue,start,end`.
fn export(rules: &Rules, mut rows: Vec<Row>, now: u32, pipe: &mut impl Write) -> anyhow::Result<()> {
    rows.sort_unstable_by_key(|row| (row.person, *row));
    let mut lines = String::new();
    for of_person in rows.chunk_by(|a, b| a.person == b.person) {
        let person = of_person[0].person;
        let scans = of_person.iter().map(|row| Scanned { at: row.at, way: row.way, venue: row.venue });
        rules.visits(scans, |visit| {
            if visit.start < now {
                let end = visit.end.min(now);
                writeln!(lines, "{person},{},{},{end}", visit.venue, visit.start).ok();
            }
        });
        pipe.write_all(lines.as_bytes()).context("the program takes no more visits")?;
        lines.clear();
    }
    Ok(())
}
