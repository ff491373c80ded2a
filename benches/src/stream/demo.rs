//! How long a second `vonglau demo` takes until it is live with its fortnight.

use super::plant::{binary, used};
use crate::report::Report;
use anyhow::{Context as _, bail};
use serde_json::Value;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;
use tokio::time::{sleep, timeout};

/// The moment at which the demo's story goes live.
const LIVE_FROM: &str = "2021-11-26T08:00:00+07:00";
const TIMEOUT: Duration = Duration::from_mins(10);
const STOP_TIMEOUT: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(100);

pub async fn measure(report: &mut Report) -> anyhow::Result<()> {
    let folder = TempDir::with_prefix("vonglau-bench-")?;
    let begun = Instant::now();
    let mut demo = Command::new(binary()?)
        .args(["demo", "--http", "127.0.0.1:0", "--folder"])
        .arg(folder.path())
        .env_remove("NATS_URL")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let mut lines = BufReader::new(demo.stdout.take().context("no stdout")?).lines();
    let address = loop {
        let line = timeout(TIMEOUT, lines.next_line()).await??.context("the demo ended")?;
        if let Some((_, address)) = line.split_once("http://") {
            break address.trim().to_owned();
        }
    };
    let url = format!("http://{address}/api/v1/status");
    loop {
        let status: Value = serde_json::from_slice(&reqwest::get(&url).await?.bytes().await?)?;
        // Times of one zone are in the order of their text.
        if status["state"] == "live" && status["event_time"].as_str() >= Some(LIVE_FROM) {
            break;
        }
        if begun.elapsed() > TIMEOUT {
            bail!("the demo is not live: {status}");
        }
        sleep(POLL).await;
    }
    let pid = demo.id().context("the demo ended")?;
    report.add("demo_live_s", "s", vec![begun.elapsed().as_secs_f64()]);
    report.add("demo_live_cpu_s", "s", vec![used(pid).cpu_s]);
    // Its nats-server is its own to stop.
    let pid = pid.to_string();
    Command::new("kill").args(["-INT", &pid]).status().await?;
    timeout(STOP_TIMEOUT, demo.wait()).await??;
    Ok(())
}
