//! Measures the way from the journal to the screens: real `nats-server` and `vonglau serve`, on loopback, in folders of
//! their own. Figures are told in the words of the table in `benches/RESULTS.md`.
//!
//! `STREAM` names the parts to run (all), `STREAM_SECONDS` how long a load lasts (60), `STREAM_SCANS` how many scans
//! the replayed day has (20,000,000).

mod acks;
mod decode;
mod demo;
mod feed;
mod hub;
mod live;
mod load;
mod plant;
mod queries;
mod replay;
mod scans;
mod screen;
mod single;
mod sockets;
mod subscribe;

use crate::report::Report;
use anyhow::Context as _;
use std::time::Duration;

pub use hub::serve as serve_hub;

/// The argument with which this program serves websocket clients alone, for [`sockets`].
pub const HUB_ARGUMENT: &str = "stream-hub";

const PARTS: [&str; 10] =
    ["decode", "single", "acks", "screen", "queries", "subscribe", "sockets", "replay", "inbox", "demo"];

/// How large the loads are.
#[derive(Clone, Copy, Debug)]
struct Size {
    /// Scans of the replayed day.
    scans: u64,
    load: Duration,
}

/// Measures all parts, or those that `STREAM` names.
///
/// # Errors
/// When a process cannot be started, or a load does not get through in its time.
pub fn run(report: &mut Report) -> anyhow::Result<()> {
    let number =
        |name: &str, usual| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual);
    let size = Size {
        scans: number("STREAM_SCANS", 20_000_000),
        load: Duration::from_secs(number("STREAM_SECONDS", 60)),
    };
    let asked = std::env::var("STREAM").unwrap_or_else(|_| PARTS.join(","));
    let runtime = tokio::runtime::Runtime::new().context("no threads for the runtime")?;
    for part in asked.split(',') {
        eprintln!("stream: {part}");
        match part {
            // The websocket clients stay on one core, which is the calling thread's.
            "sockets" => sockets::measure(report, size.load)?,
            "decode" => decode::measure(report),
            "single" => runtime.block_on(single::measure(report))?,
            "acks" => runtime.block_on(acks::measure(report, size.load))?,
            "screen" => runtime.block_on(screen::measure(report, size.load))?,
            "queries" => runtime.block_on(queries::measure(report, size))?,
            "subscribe" => runtime.block_on(subscribe::measure(report, size.load))?,
            "replay" => runtime.block_on(replay::measure(report, size))?,
            "inbox" => runtime.block_on(live::measure_inbox(report, size.load))?,
            "demo" => runtime.block_on(demo::measure(report))?,
            other => anyhow::bail!("STREAM={other}: no such part, there are {}", PARTS.join(", ")),
        }
    }
    Ok(())
}

/// Counts and durations are far below 2^53.
#[expect(clippy::cast_precision_loss, reason = "see above")]
const fn float(n: u64) -> f64 {
    n as f64
}
