//! Measures: `make bench`. Writes `benches/RESULTS.md` and `benches/results.json`.
//!
//! `SIZE` is `50M` (the default), `200M`, or `small`, which only tries everything out and writes to the folder for
//! temporary files; an argument `core`, `sql` or `stream` measures that part alone. `QUESTIONS=count,one_day` asks only these
//! of SQL, many times, and writes nothing.
#![expect(clippy::print_stderr, reason = "progress of a long measurement")]

mod city;
mod compare;
mod core;
mod report;
mod sql;
mod stream;

use anyhow::Context;
use city::Size;
use report::Report;
use std::sync::Arc;
use vonglau::config::{Asked, Config};
use vonglau_core::params::{Clock, Params};

/// What can be measured alone.
const PARTS: [&str; 3] = ["core", "sql", "stream"];

fn main() -> anyhow::Result<()> {
    vonglau::allocator::ask()
        .context("could not start again with the allocator's tunables, as the product does")?;
    let name = std::env::var("SIZE").ok().filter(|name| !name.is_empty());
    let name = name.as_deref().unwrap_or("50M");
    let size = Size::named(name).with_context(|| format!("SIZE is `{name}`: say small, 50M or 200M"))?;
    if std::env::args().nth(1).as_deref() == Some(stream::HUB_ARGUMENT) {
        return stream::serve_hub();
    }
    let part = std::env::args().nth(1).filter(|part| !part.is_empty());
    let wanted = |name: &str| part.as_deref().is_none_or(|part| part == name);
    anyhow::ensure!(PARTS.iter().any(|part| wanted(part)), "the part to measure is one of {PARTS:?}");
    let folder = match size.name {
        "small" | "5M" => std::env::temp_dir().join("vonglau-bench"),
        _ => report::FOLDER.into(),
    };
    let mut report = Report::open(folder, size.name)?;
    if wanted("core") {
        measure_core(size, &mut report)?;
    }
    if wanted("sql") {
        sql::run(&params()?, size, &mut report)?;
        report.write()?;
    }
    if wanted("stream") {
        stream::run(&mut report)?;
        report.write()?;
    }
    Ok(())
}

fn measure_core(size: Size, report: &mut Report) -> anyhow::Result<()> {
    let params = params()?;
    let ours = core::run(&params, size, report);
    report.write()?;
    let ours = ours?;
    compare::run(&params, size, &ours, report)?;
    Ok(report.write()?)
}

fn params() -> anyhow::Result<Arc<Params>> {
    let config =
        Config::load(&Asked::default(), std::iter::empty()).map_err(|faults| anyhow::anyhow!("{faults}"))?;
    Ok(Arc::new(Params { clock: Clock::Events, ..(*config.params).clone() }))
}
