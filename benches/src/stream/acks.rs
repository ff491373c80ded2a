//! `POST /v1/events` of single scans, answered once they are on the disk.

use super::feed::Feed;
use super::load::{self, Load};
use super::plant::{Plant, own_used};
use super::scans::Scans;
use super::{live, replay};
use crate::report::Report;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const LOAD: Load = Load { connections: 64, requests_s: 20_000, lines: 1, lasts: Duration::ZERO };
const ROUNDS: u32 = 3;
const SYNCS: usize = 500;
const SCANS_A_DAY: u64 = 20_000_000;

pub async fn measure(report: &mut Report, lasts: Duration) -> anyhow::Result<()> {
    let mut plant = Plant::new(true).await?;
    replay::fill(&mut Feed::new(plant.jetstream().await?), &mut Scans::new(SCANS_A_DAY), 0).await?;
    let scans = Arc::new(Mutex::new(Scans::new(SCANS_A_DAY)));
    plant.start().await?;
    live::wait_until_live(plant.service()?).await?;
    let (mut p50, mut p99) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let load = Load { lasts: lasts / ROUNDS, ..LOAD };
        let (engine, nats, own) = (plant.service()?.used(), plant.nats_used(), own_used());
        let begun = Instant::now();
        let latencies = load::post(&plant.service()?.address, load, &scans).await?;
        let share = |now: f64, before: f64| (now - before) / begun.elapsed().as_secs_f64();
        eprintln!(
            "acks: p50 {:.2} p99 {:.2} most {:.1} ms; cores: service {:.2}, nats-server {:.2}, load {:.2}",
            load::ms(&latencies, 0.5),
            load::ms(&latencies, 0.99),
            load::ms(&latencies, 1.0),
            share(plant.service()?.used().cpu_s, engine.cpu_s),
            share(plant.nats_used().cpu_s, nats.cpu_s),
            share(own_used().cpu_s, own.cpu_s)
        );
        // The first round warms all up.
        if round > 0 {
            p50.push(load::ms(&latencies, 0.5));
            p99.push(load::ms(&latencies, 0.99));
        }
    }
    report.add("ack_disk_sync_ms", "ms", syncs(plant.folder.path())?);
    report.add("ack_p50_ms", "ms", p50);
    report.add("ack_p99_ms", "ms", p99);
    Ok(())
}

/// Milliseconds for which the disk itself keeps a write of 4 KiB waiting: no answer can be sooner.
fn syncs(folder: &Path) -> anyhow::Result<Vec<f64>> {
    let mut file = File::create(folder.join("sync"))?;
    let sync = |_| {
        file.write_all(&[0; 4_096])?;
        let begun = Instant::now();
        file.sync_data()?;
        Ok(begun.elapsed().as_secs_f64() * 1e3)
    };
    (0..SYNCS).map(sync).collect()
}
