//! A followed query of `scans` at 20,000 events a second: from when a scan was to be sent until its row is at the client.

use super::feed::Feed;
use super::load::{self, Load};
use super::plant::Plant;
use super::scans::Scans;
use super::screen::LOAD;
use super::{live, replay};
use crate::report::Report;
use anyhow::{Context as _, bail};
use futures_util::{SinkExt as _, StreamExt as _};
use hdrhistogram::Histogram;
use rustc_hash::FxHashMap;
use serde_json::{Value, json};
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

const ROUNDS: u32 = 3;
const SCANS_A_DAY: u64 = 20_000_000;
/// The hundred largest venues: about every fifth scan.
const QUERY: &str =
    "SUBSCRIBE (SELECT person, venue, scanned_at, direction FROM scans WHERE venue < 'HN-000100')";
const VENUES: &str = "HN-0000";
const FIELDS: [&str; 4] = ["person", "venue", "at", "direction"];
const TIME: usize = 2;
const DRAIN_TIMEOUT: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(20);

/// What is on the way, and what has come.
struct Seen {
    /// When a row was to be sent.
    due: FxHashMap<String, Instant>,
    latencies: Histogram<u64>,
    /// Rows that nobody sent, or that came before.
    strange: u64,
}

type Shared = Arc<Mutex<Seen>>;

pub async fn measure(report: &mut Report, lasts: Duration) -> anyhow::Result<()> {
    let mut plant = Plant::new(true).await?;
    replay::fill(&mut Feed::new(plant.jetstream().await?), &mut Scans::new(SCANS_A_DAY), 0).await?;
    plant.start().await?;
    live::wait_until_live(plant.service()?).await?;
    let address = plant.service()?.address.clone();
    let seen: Shared =
        Arc::new(Mutex::new(Seen { due: FxHashMap::default(), latencies: load::empty()?, strange: 0 }));
    let (begun, ready) = oneshot::channel();
    let client = tokio::spawn(follow(format!("ws://{address}/ws"), Arc::clone(&seen), begun));
    if ready.await.is_err() {
        return client.await?;
    }
    let telling = Arc::clone(&seen);
    let tell = Arc::new(move |lines: &[u8], due| lock(&telling).send(lines, due));
    let scans = Arc::new(Mutex::new(Scans::new(SCANS_A_DAY)));
    let (mut p50, mut p99, mut rows) = (Vec::new(), Vec::new(), 0);
    for round in 0..=ROUNDS {
        load::post_and_tell(&address, Load { lasts: lasts / ROUNDS, ..LOAD }, &scans, &tell).await?;
        drain(&seen).await?;
        let latencies = mem::replace(&mut lock(&seen).latencies, load::empty()?);
        eprintln!("subscribe: {} rows, most {:.1} ms", latencies.len(), load::ms(&latencies, 1.0));
        // The first round warms all up.
        if round > 0 {
            rows += latencies.len();
            p50.push(load::ms(&latencies, 0.5));
            p99.push(load::ms(&latencies, 0.99));
        }
    }
    let strange = lock(&seen).strange;
    if strange > 0 {
        bail!("{strange} of {rows} rows came twice, or were never sent");
    }
    client.abort();
    report.add("subscribe_p50_ms", "ms", p50);
    report.add("subscribe_p99_ms", "ms", p99);
    Ok(())
}

fn lock(seen: &Shared) -> std::sync::MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits until all that was sent has come.
async fn drain(seen: &Shared) -> anyhow::Result<()> {
    let end = Instant::now() + DRAIN_TIMEOUT;
    loop {
        let missing = lock(seen).due.len();
        if missing == 0 {
            return Ok(());
        }
        if Instant::now() > end {
            bail!("{missing} rows never came");
        }
        sleep(POLL).await;
    }
}

impl Seen {
    fn send(&mut self, lines: &[u8], due: Instant) {
        let lines = lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        for line in lines.filter_map(|line| serde_json::from_slice::<Value>(line).ok()) {
            let text = |name: &str| line[name].as_str().unwrap_or_default();
            if text("venue").starts_with(VENUES) {
                // A scan that is made twice by chance is one.
                self.due.entry(named(&FIELDS.map(text))).or_insert(due);
            }
        }
    }

    fn come(&mut self, row: &Value, now: Instant) {
        let cells = row.as_array().map(Vec::as_slice).unwrap_or_default();
        let cells: Vec<&str> = cells.iter().map(|cell| cell.as_str().unwrap_or_default()).collect();
        match self.due.remove(&named(&cells)) {
            Some(due) => {
                let latency = now.saturating_duration_since(due).as_micros();
                self.latencies.saturating_record(u64::try_from(latency).unwrap_or(u64::MAX));
            }
            None => self.strange += 1,
        }
    }
}

/// What tells a row from others; of its time minute and second, which are the same in all zones here.
fn named(cells: &[&str]) -> String {
    let cell = |(n, cell): (usize, &&str)| {
        let cell = if n == TIME { cell.get(14..19) } else { Some(*cell) };
        cell.unwrap_or_default().to_owned()
    };
    cells.iter().enumerate().map(cell).collect::<Vec<String>>().join(" ")
}

/// Follows the query; says when the whole result is there.
async fn follow(url: String, seen: Shared, begun: oneshot::Sender<()>) -> anyhow::Result<()> {
    let (mut socket, _) = connect_async(url).await?;
    socket.send(Message::text(json!({"sql": {"id": "q", "subscribe": QUERY}}).to_string())).await?;
    let mut begun = Some(begun);
    while let Some(message) = socket.next().await {
        let message = message?;
        let now = Instant::now();
        let Message::Text(text) = message else { continue };
        let frame: Value = serde_json::from_str(&text)?;
        let sql = &frame["sql"];
        if sql.is_null() {
            continue;
        }
        if sql.get("error").is_some() || sql.get("resync").is_some() {
            bail!("the query ended or began anew: {sql}");
        }
        if let Some(begun) = begun.take() {
            let rows = sql["snapshot"].as_array().context("no snapshot")?.len();
            eprintln!("subscribe: {rows} rows to begin with, kept by {}", sql["kept_by"]);
            begun.send(()).map_err(|()| anyhow::anyhow!("nobody waits any more"))?;
            continue;
        }
        let added = sql["added"].as_array().context("no rows")?;
        let mut seen = lock(&seen);
        for row in added {
            seen.come(row, now);
        }
    }
    bail!("the service ended the connection")
}
