//! Measures: `make bench`. Writes `benches/RESULTS.md` and `benches/results.json`.
//!
//! `SIZE` is `small`, `50M` (the default) or `200M`; an argument `core` or `stream` measures that part alone.

mod city;
#[cfg(feature = "compare")]
mod compare;
mod core;
mod report;

use anyhow::Context;
use city::Size;
use report::Report;
use std::sync::Arc;
use vonglau::config::{Asked, Config};
use vonglau_core::params::{Clock, Params};

fn main() -> anyhow::Result<()> {
    let name = std::env::var("SIZE").ok().filter(|name| !name.is_empty());
    let name = name.as_deref().unwrap_or("50M");
    let size = Size::named(name).with_context(|| format!("SIZE is `{name}`: say small, 50M or 200M"))?;
    let part = std::env::args().nth(1);
    let wanted = |name: &str| part.as_deref().is_none_or(|part| part == name);
    anyhow::ensure!(wanted("core") || wanted("stream"), "the part to measure is core or stream");
    let mut report = Report::open(size.name)?;
    if wanted("core") {
        measure_core(size, &mut report)?;
    }
    Ok(())
}

fn measure_core(size: Size, report: &mut Report) -> anyhow::Result<()> {
    let config =
        Config::load(&Asked::default(), std::iter::empty()).map_err(|faults| anyhow::anyhow!("{faults}"))?;
    let params = Arc::new(Params { clock: Clock::Events, ..(*config.params).clone() });
    let ours = core::run(&params, size, report);
    report.write()?;
    let ours = ours?;
    #[cfg(feature = "compare")]
    compare::run(&params, size, &ours, report)?;
    #[cfg(not(feature = "compare"))]
    drop(ours);
    Ok(report.write()?)
}
