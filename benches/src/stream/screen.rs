//! From the journal to the screens at 20,000 events a second: what the service itself measures, message by message.

use super::feed::Feed;
use super::load::{self, Load};
use super::plant::Plant;
use super::scans::Scans;
use super::{live, replay};
use crate::report::Report;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

/// 20,000 events a second.
pub const LOAD: Load = Load { connections: 32, requests_s: 1_000, lines: 20, lasts: Duration::ZERO };
const ROUNDS: u32 = 3;
const SCANS_A_DAY: u64 = 20_000_000;
/// Figure, stage of the service's histograms, quantile.
const FIGURES: [(&str, &str, &str); 6] = [
    ("applied_p50_ms", "received_applied", "0.5"),
    ("applied_p99_ms", "received_applied", "0.99"),
    ("screen_p50_ms", "received_ready", "0.5"),
    ("screen_p99_ms", "received_ready", "0.99"),
    ("screen_frame_p50_ms", "received_sent", "0.5"),
    ("screen_frame_p99_ms", "received_sent", "0.99"),
];

pub async fn measure(report: &mut Report, lasts: Duration) -> anyhow::Result<()> {
    let mut plant = Plant::new(true).await?;
    replay::fill(&mut Feed::new(plant.jetstream().await?), &mut Scans::new(SCANS_A_DAY), 0).await?;
    let scans = Arc::new(Mutex::new(Scans::new(SCANS_A_DAY)));
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        // The histograms are those since the start.
        plant.stop().await?;
        let service = plant.start().await?;
        live::wait_until_live(service).await?;
        let page = tokio::spawn(look(format!("ws://{}/ws", service.address)));
        let posted = load::post(&service.address, Load { lasts: lasts / ROUNDS, ..LOAD }, &scans).await?;
        eprintln!("screen: a request of {} is answered in p99 {:.1} ms", LOAD.lines, load::ms(&posted, 0.99));
        rounds.push(latencies(&service.get("/metrics").await?));
        page.abort();
    }
    for (n, (name, ..)) in FIGURES.into_iter().enumerate() {
        report.add(name, "ms", rounds.iter().map(|round| round[n]).collect::<Vec<f64>>());
    }
    Ok(())
}

/// A page as it hangs on the wall.
pub async fn look(url: String) -> anyhow::Result<()> {
    let (mut socket, _) = connect_async(url).await?;
    let topics = json!({"subscribe": ["city", "districts", "hexes:presence:8", "alerts", "series:scans"]});
    socket.send(Message::text(topics.to_string())).await?;
    while let Some(message) = socket.next().await {
        drop(message?);
    }
    Ok(())
}

/// The figures in milliseconds.
fn latencies(metrics: &str) -> Vec<f64> {
    FIGURES.iter().map(|(_, stage, quantile)| latency(metrics, stage, quantile)).collect()
}

/// What the service tells of a stage, in milliseconds.
pub fn latency(metrics: &str, stage: &str, quantile: &str) -> f64 {
    let name = format!("vonglau_latency_seconds{{stage=\"{stage}\",quantile=\"{quantile}\"}} ");
    let value = metrics.lines().find_map(|line| line.strip_prefix(&name)?.parse::<f64>().ok());
    value.unwrap_or(f64::NAN) * 1e3
}
