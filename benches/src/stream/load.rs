//! An open-loop load over HTTP: requests are due at fixed times, whether or not those before are answered.

use super::scans::Scans;
use anyhow::{Context as _, bail};
use hdrhistogram::Histogram;
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// So long after the call the load begins, when all connections stand.
pub const LEAD: Duration = Duration::from_millis(100);
/// The longest that is measured, in microseconds.
const LATENCY_US_MAX: u64 = 600_000_000;
const ANSWER_BYTES_MAX: usize = 4_096;

/// What is sent.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    pub connections: u32,
    pub requests_s: u32,
    /// Scans of one request.
    pub lines: usize,
    pub lasts: Duration,
}

/// Microseconds from when a request was due until its answer was there.
pub async fn post(address: &str, load: Load, scans: &Arc<Mutex<Scans>>) -> anyhow::Result<Histogram<u64>> {
    post_and_tell(address, load, scans, &Arc::new(|_: &[u8], _| ())).await
}

/// The same, and the lines of each request are told before they go, with when they were due.
pub async fn post_and_tell(
    address: &str,
    load: Load,
    scans: &Arc<Mutex<Scans>>,
    tell: &Arc<impl Fn(&[u8], Instant) + Send + Sync + 'static>,
) -> anyhow::Result<Histogram<u64>> {
    let begin = Instant::now() + LEAD;
    let mut connections = JoinSet::new();
    for number in 0..load.connections {
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (scans, tell) = (Arc::clone(scans), Arc::clone(tell));
        connections.spawn(async move {
            let mut latencies = empty()?;
            let (mut body, mut request) = (Vec::new(), Vec::new());
            for turn in 0.. {
                let due = Duration::from_secs(1) * (turn * load.connections + number) / load.requests_s;
                if due >= load.lasts {
                    break;
                }
                sleep_until(begin + due).await;
                fill(&mut request, &mut body, &scans, load.lines)?;
                tell(&body, begin + due);
                stream.write_all(&request).await?;
                answered(&mut stream).await?;
                let latency = Instant::now().duration_since(begin + due);
                latencies.saturating_record(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX));
            }
            anyhow::Ok(latencies)
        });
    }
    let mut all = empty()?;
    while let Some(one) = connections.join_next().await {
        all.add(one??)?;
    }
    Ok(all)
}

/// No latencies yet, in microseconds.
pub fn empty() -> anyhow::Result<Histogram<u64>> {
    Ok(Histogram::new_with_bounds(1, LATENCY_US_MAX, 3)?)
}

fn fill(request: &mut Vec<u8>, body: &mut Vec<u8>, scans: &Mutex<Scans>, lines: usize) -> anyhow::Result<()> {
    body.clear();
    let mut scans = scans.lock().unwrap_or_else(PoisonError::into_inner);
    for _ in 0..lines {
        scans.line(body);
        body.push(b'\n');
    }
    drop(scans);
    request.clear();
    write!(
        request,
        "POST /v1/events HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-ndjson\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )?;
    request.extend_from_slice(body);
    Ok(())
}

/// Reads one answer, which must be 200 with a receipt of some hundred bytes.
async fn answered(stream: &mut TcpStream) -> anyhow::Result<()> {
    let mut answer = Vec::with_capacity(512);
    loop {
        if stream.read_buf(&mut answer).await? == 0 || answer.len() > ANSWER_BYTES_MAX {
            bail!("no answer but {}", String::from_utf8_lossy(&answer));
        }
        let text = str::from_utf8(&answer)?;
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if body.len() < length.context("an answer without length")?.parse()? {
            continue;
        }
        if !head.starts_with("HTTP/1.1 200") || !body.contains("\"rejected\":[]") {
            bail!("a request was refused: {text}");
        }
        return Ok(());
    }
}

/// Milliseconds of a quantile.
pub fn ms(latencies: &Histogram<u64>, quantile: f64) -> f64 {
    super::float(latencies.value_at_quantile(quantile)) / 1e3
}
