//! SQL beside `DuckDB`: twenty questions on the same rows, in the same run, answers compared row by row.

mod moments;
mod questions;
mod rival;

use crate::city::{self, Size};
use crate::core::Runner;
use crate::report::{Report, median};
use anyhow::Context;
use futures_util::StreamExt;
use moments::Held;
use questions::{QUESTIONS, Question};
use rival::Rival;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use vonglau_core::params::Params;
use vonglau_sql::bounds::Bounds;
use vonglau_sql::formats::{Format, write};
use vonglau_sql::threads::Threads;
use vonglau_sql::{Caller, From, Sql};

/// Days of the city that is asked.
const DAYS: u32 = 14;
/// Cases told at the end.
const CASES: u32 = 2_000;
/// Each question is asked so often, ours and theirs by turns.
const ROUNDS: usize = 5;
/// `QUESTIONS=count,one_day` asks only these, so often, for somebody who looks into them; nothing is written down.
const SOME: &str = "QUESTIONS";
const ROUNDS_OF_SOME: usize = 25;

/// Measures `sql_geomean_ratio` and `sql_worst_ratio`: our time ÷ theirs.
///
/// # Errors
/// When Python or `DuckDB` are missing, or when an answer differs.
pub fn run(params: &Arc<Params>, size: Size, report: &mut Report) -> anyhow::Result<()> {
    let visits_a_day = size.visits_a_day * size.days / DAYS;
    let size = Size { days: DAYS, visits_a_day, ..size };
    let mut runner = Runner::new(params);
    runner.batches(city::registry(size));
    for day in 0..size.days {
        runner.day(size, &city::day(size, day, size.visits_a_day));
        progress(&format!("day {day}"));
    }
    let now = runner.situation.now().unwrap_or(city::START);
    let ill = crate::core::drawn(size, size.days, CASES.min(size.cases));
    runner.batches(ill.into_iter().map(|person| crate::core::Case::about("q", person, now).set()));
    let runtime = Runtime::new().context("no threads for the runtime")?;
    let bounds = Bounds { statement_timeout_s: 3_600, memory_mib: 8_192, ..Bounds::default() };
    let threads = Threads::start(&bounds)?;
    let held = Arc::new(Held::new(runner.situation));
    let sql = Sql::new(held, Arc::clone(params), "Asia/Ho_Chi_Minh", bounds, &threads)?;
    let folder = tempfile::tempdir()?;
    for table in ["visits", "scans", "venues", "cases"] {
        let path = folder.path().join(format!("{table}.parquet"));
        let began = Instant::now();
        runtime.block_on(export(&sql, table, &path))?;
        progress(&format!("{table} written in {:.1} s", began.elapsed().as_secs_f64()));
    }
    let mut rival = Rival::start(folder.path(), bounds.threads)?;
    progress(&format!("DuckDB {} has loaded them", rival.version));
    compare(&runtime, &sql, &mut rival, report)
}

fn compare(runtime: &Runtime, sql: &Sql, rival: &mut Rival, report: &mut Report) -> anyhow::Result<()> {
    let some = std::env::var(SOME).ok().filter(|names| !names.is_empty());
    if let Some(names) = some {
        for name in names.split(',') {
            let question = QUESTIONS.iter().find(|question| question.name == name);
            let question = question.with_context(|| format!("there is no question `{name}`"))?;
            let (ours_ms, theirs_ms) = turns(runtime, sql, rival, question, ROUNDS_OF_SOME)?;
            progress(&format!("{name}: {:.2} ms against {:.2}", median(&ours_ms), median(&theirs_ms)));
        }
        return Ok(());
    }
    let (mut ratios, mut logs) = (Vec::new(), 0.0);
    for question in QUESTIONS {
        let (ours_ms, theirs_ms) = turns(runtime, sql, rival, question, ROUNDS)?;
        let ratio = median(&ours_ms) / median(&theirs_ms);
        report.add(&format!("sql_{}_ms", question.name), "ms", &ours_ms);
        report.add(&format!("sql_{}_duckdb_ms", question.name), "ms", &theirs_ms);
        progress(&format!("{}: {ratio:.2} of DuckDB's time", question.name));
        logs += ratio.ln();
        ratios.push(ratio);
    }
    let geomean = (logs / f64::from(u32::try_from(ratios.len()).unwrap_or(1))).exp();
    report.put("sql_geomean_ratio", "of DuckDB's time", geomean, &ratios);
    report.put("sql_worst_ratio", "of DuckDB's time", ratios.iter().copied().fold(0.0, f64::max), &ratios);
    Ok(())
}

/// What a question took, ours and theirs by turns, in milliseconds.
fn turns(
    runtime: &Runtime,
    sql: &Sql,
    rival: &mut Rival,
    question: &Question,
    rounds: usize,
) -> anyhow::Result<(Vec<f64>, Vec<f64>)> {
    let (mut ours_ms, mut theirs_ms) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let began = Instant::now();
        let ours = runtime.block_on(ask(sql, question.sql)).with_context(|| question.name)?;
        ours_ms.push(ms(began.elapsed()));
        let (theirs, took_ms) = rival.ask(question.sql).with_context(|| question.name)?;
        theirs_ms.push(took_ms);
        let difference = rival::difference(&ours, &theirs);
        anyhow::ensure!(difference.is_none(), "{}: {}", question.name, difference.unwrap_or_default());
    }
    Ok((ours_ms, theirs_ms))
}

fn caller() -> Caller {
    Caller { user: "bench".into(), from: From::Shell }
}

/// All rows, as JSON has them.
async fn ask(sql: &Sql, text: &str) -> anyhow::Result<Vec<Vec<serde_json::Value>>> {
    let began = Instant::now();
    let prepared = Box::pin(sql.prepare(text, &caller())).await?;
    let running = sql.execute(prepared, None, None).await?;
    let mut body = write(sql, running, Format::Json, began).await?;
    let mut bytes = Vec::new();
    while let Some(part) = body.next().await {
        bytes.extend(part?);
    }
    let mut answer: serde_json::Value = serde_json::from_slice(&bytes)?;
    anyhow::ensure!(answer["truncated"] == false, "the answer has too many rows to be compared");
    Ok(serde_json::from_value(answer["rows"].take())?)
}

async fn export(sql: &Sql, table: &str, path: &std::path::Path) -> anyhow::Result<()> {
    let began = Instant::now();
    let select = format!("SELECT * FROM {table}");
    let prepared = Box::pin(sql.prepare(&select, &caller())).await?;
    let running = sql.execute(prepared, None, None).await?;
    let mut body = write(sql, running, Format::Parquet, began).await?;
    let mut file = tokio::fs::File::create(path).await?;
    while let Some(part) = body.next().await {
        tokio::io::AsyncWriteExt::write_all(&mut file, &part?).await?;
    }
    Ok(tokio::io::AsyncWriteExt::flush(&mut file).await?)
}

fn ms(took: Duration) -> f64 {
    took.as_secs_f64() * 1e3
}

#[expect(clippy::print_stderr, reason = "progress of a long measurement")]
fn progress(line: &str) {
    eprintln!("{line}");
}
