//! A day of scans out of JetStream into an empty core, and the same without a core; then on with the next day, live.

use super::feed::Feed;
use super::plant::{Plant, Used, own_used};
use super::scans::{Scans, registry};
use super::{Size, float, live};
use crate::report::Report;
use anyhow::{Context as _, bail};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use vonglau::config::{Asked, Config};
use vonglau_ingest::{IngestConfig, NatsConfig, decode_message};

/// Events of one message, the most that the contract allows.
pub const LINES: usize = 500;
const REPLAYS: usize = 3;
const REPLAY_TIMEOUT: Duration = Duration::from_mins(5);

pub async fn measure(report: &mut Report, size: Size) -> anyhow::Result<()> {
    let mut plant = Plant::new(true).await?;
    let mut scans = Scans::new(size.scans);
    let begun = Instant::now();
    let mut feed = Feed::new(plant.jetstream().await?);
    fill(&mut feed, &mut scans, size.scans).await?;
    eprintln!("{} scans are in EVENTS after {:.1} s", size.scans, begun.elapsed().as_secs_f64());
    let mut seconds = Vec::new();
    for _ in 0..REPLAYS {
        let (elapsed, used) = replay(&mut plant, feed.seq).await?;
        eprintln!("replay: {elapsed:.1} s, {:.1} s of a processor", used.cpu_s);
        seconds.push(elapsed);
    }
    report.add("replay_day_s", "s", seconds);
    plant.stop().await?;
    let rate = decoded(&plant, 1, feed.seq).await?;
    report.add("journal_decoded_events_s", "1/s", vec![rate * float(size.scans) / float(feed.seq)]);
    live::measure(report, size.load, &mut plant, &mut scans).await
}

/// The registry and so many scans.
pub async fn fill(feed: &mut Feed, scans: &mut Scans, count: u64) -> anyhow::Result<()> {
    for records in registry() {
        feed.send("city.registry", records).await?;
    }
    more(feed, scans, count).await
}

/// So many scans.
pub async fn more(feed: &mut Feed, scans: &mut Scans, count: u64) -> anyhow::Result<()> {
    for _ in 0..count / LINES as u64 {
        feed.send("city.scan", scans.message(LINES)).await?;
    }
    feed.settle().await
}

/// Seconds from the start of the process until it is live, and what it used for it.
async fn replay(plant: &mut Plant, head: u64) -> anyhow::Result<(f64, Used)> {
    plant.stop().await?;
    let begun = Instant::now();
    let service = plant.start().await?;
    service.reaches(float(head), REPLAY_TIMEOUT).await?;
    while service.state().await? != "live" {
        if begun.elapsed() > REPLAY_TIMEOUT {
            bail!("all is applied, and it is not live");
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok((begun.elapsed().as_secs_f64(), service.used()))
}

/// Messages a second where the events are decoded and let go: what is left for the core.
pub async fn decoded(plant: &Plant, first: u64, head: u64) -> anyhow::Result<f64> {
    let shutdown = CancellationToken::new();
    let ingest = vonglau_ingest::start(ingest_config(plant, plant.folder.path())?, shutdown.clone()).await?;
    let mut journal = ingest.journal(first);
    let waited = journal.recv().await.context("the journal ended")?.messages.len();
    let (begun, used) = (Instant::now(), own_used());
    let reading = tokio::task::spawn_blocking(move || {
        let mut seq = 0;
        while seq < head {
            let batch = journal.blocking_recv().context("the journal ended")?;
            for message in &batch.messages {
                decode_message(message, |event| drop(std::hint::black_box(event)));
                seq = message.seq;
            }
        }
        anyhow::Ok(())
    });
    reading.await??;
    let elapsed = begun.elapsed().as_secs_f64();
    eprintln!("decode alone: {elapsed:.1} s, {:.1} s of a processor", own_used().cpu_s - used.cpu_s);
    shutdown.cancel();
    ingest.stopped().await;
    Ok((float(head - first) - float(waited as u64)) / elapsed)
}

fn ingest_config(plant: &Plant, folder: &Path) -> anyhow::Result<IngestConfig> {
    let config =
        Config::load(&Asked::default(), std::iter::empty()).map_err(|faults| anyhow::anyhow!("{faults}"))?;
    Ok(IngestConfig {
        params: config.params,
        data: folder.join("data"),
        identity_key: None,
        nats: NatsConfig {
            url: plant.nats.url.clone(),
            monitor: None,
            events_gib_max: config.events_gib_max,
        },
        body_mib_max: config.body_mib_max,
    })
}
