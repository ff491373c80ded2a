//! Ten thousand websocket clients of a hub that has one core; they have the other.

use super::hub::{TOPIC, now_us};
use super::plant::{self, own_used};
use super::{HUB_ARGUMENT, float, load};
use crate::report::Report;
use anyhow::{Context as _, bail};
use futures_util::{SinkExt as _, StreamExt as _};
use hdrhistogram::Histogram;
use std::io::{BufRead as _, BufReader};
use std::mem;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_tungstenite::client_async_with_config;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

const CLIENTS: usize = 10_000;
/// Clients that connect at once.
const CONNECTING_MAX: usize = 100;
const WARM: Duration = Duration::from_secs(5);
const ROUNDS: u32 = 3;
/// The library clears all of it before each read; its usual 128 KiB would make the clients the slower side.
const READ_AT_ONCE_BYTES: usize = 4 << 10;
const LATENCY_US_MAX: u64 = 600_000_000;
/// The cores of the hub and of the clients.
const HUB_CORE: &str = "0";
const CLIENTS_CORE: &str = "1";

/// What all clients have seen.
struct Seen {
    latencies: Histogram<u64>,
    bytes: u64,
    resyncs: u64,
}

impl Seen {
    fn new() -> anyhow::Result<Self> {
        let latencies = Histogram::new_with_bounds(1, LATENCY_US_MAX, 3)?;
        Ok(Self { latencies, bytes: 0, resyncs: 0 })
    }
}

/// The calling thread is moved to the clients' core for as long as it lasts.
pub fn measure(report: &mut Report, lasts: Duration) -> anyhow::Result<()> {
    let mut hub = Command::new("taskset")
        .args(["--cpu-list", HUB_CORE])
        .arg(std::env::current_exe()?)
        .arg(HUB_ARGUMENT)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("taskset cannot be run: it is in the package util-linux")?;
    let cores = std::thread::available_parallelism()?.get();
    let measured = pin(CLIENTS_CORE).and_then(|()| {
        let address = first_line(&mut hub)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(look(report, &address, hub.id(), lasts))
    });
    hub.kill()?;
    hub.wait()?;
    pin(&format!("0-{}", cores - 1))?;
    measured
}

fn pin(cores: &str) -> anyhow::Result<()> {
    let own = std::process::id().to_string();
    let status =
        Command::new("taskset").args(["--cpu-list", "--pid", cores, &own]).stdout(Stdio::null()).status()?;
    if !status.success() {
        bail!("taskset cannot keep process {own} on the cores {cores}");
    }
    Ok(())
}

fn first_line(hub: &mut Child) -> anyhow::Result<String> {
    let mut line = String::new();
    BufReader::new(hub.stdout.take().context("no stdout")?).read_line(&mut line)?;
    Ok(line.trim().to_owned())
}

async fn look(report: &mut Report, address: &str, hub: u32, lasts: Duration) -> anyhow::Result<()> {
    let seen = Arc::new(Mutex::new(Seen::new()?));
    let mut clients = JoinSet::new();
    let places = Arc::new(tokio::sync::Semaphore::new(CONNECTING_MAX));
    for _ in 0..CLIENTS {
        clients.spawn(client(address.to_owned(), Arc::clone(&places), Arc::clone(&seen)));
    }
    while seen.lock().unwrap_or_else(PoisonError::into_inner).latencies.len() < 2 * CLIENTS as u64 {
        sleep(Duration::from_millis(50)).await;
        if let Some(ended) = clients.try_join_next() {
            ended??;
        }
    }
    sleep(WARM).await;
    let (mut p50, mut p99, mut rates) = (Vec::new(), Vec::new(), Vec::new());
    take(&seen)?;
    let (used, own, begun) = (plant::used(hub).cpu_s, own_used().cpu_s, Instant::now());
    for _ in 0..ROUNDS {
        sleep(lasts / ROUNDS).await;
        let round = take(&seen)?;
        let frames = round.latencies.len();
        let bytes = float(round.bytes) / float(frames.max(1));
        eprintln!("sockets: {frames} frames of {bytes:.0} bytes, {} began anew", round.resyncs);
        p50.push(load::ms(&round.latencies, 0.5));
        p99.push(load::ms(&round.latencies, 0.99));
        rates.push(float(frames) / (lasts / ROUNDS).as_secs_f64());
    }
    let share = |cpu_s: f64| cpu_s / begun.elapsed().as_secs_f64();
    report.add("ws_clients_hub_cores", "cores", vec![share(plant::used(hub).cpu_s - used)]);
    report.add("ws_clients_load_cores", "cores", vec![share(own_used().cpu_s - own)]);
    report.add("ws_clients_p50_ms", "ms", p50);
    report.add("ws_clients_p99_ms", "ms", p99);
    report.add("ws_clients_frames_s", "1/s", rates);
    clients.abort_all();
    Ok(())
}

fn take(seen: &Mutex<Seen>) -> anyhow::Result<Seen> {
    Ok(mem::replace(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner), Seen::new()?))
}

async fn client(
    address: String,
    places: Arc<tokio::sync::Semaphore>,
    seen: Arc<Mutex<Seen>>,
) -> anyhow::Result<()> {
    let place = places.acquire().await?;
    let stream = TcpStream::connect(&address).await?;
    let config = WebSocketConfig::default().read_buffer_size(READ_AT_ONCE_BYTES);
    let (mut socket, _) =
        client_async_with_config(format!("ws://{address}/ws"), stream, Some(config)).await?;
    socket.send(Message::text(format!("{{\"subscribe\":[\"{TOPIC}\"]}}"))).await?;
    drop(place);
    while let Some(message) = socket.next().await {
        let Message::Text(text) = message? else { continue };
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(due_us) = position(&text) {
            seen.latencies.saturating_record(now_us().saturating_sub(due_us));
            seen.bytes += u64::try_from(text.len())?;
        } else if text.contains("\"resync\"") {
            seen.resyncs += 1;
        }
    }
    bail!("the hub ended a connection")
}

/// When the picture of a delta was due, which is its position.
fn position(text: &str) -> Option<u64> {
    let head = text.get(..120)?;
    let (_, rest) = head.split_once("\"stream_seq\":").filter(|_| head.starts_with("{\"topic\""))?;
    rest.split(',').next()?.parse().ok()
}
