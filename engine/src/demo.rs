//! The demo: a nats-server of its own, the service, and a simulated city, behind one address.

mod folder;

use crate::cli::DemoArgs;
use crate::config::{Asked, Config, Faults, environment};
use crate::nats_server::{self, NatsServer, NatsServerError, NatsSetup};
use crate::serve::{Running, ServeError, serve};
use crate::simulate::{Teller, ground, say};
use futures_util::future::BoxFuture;
use std::io::{self, Write as _, stdout};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use vonglau_core::params::Params;
use vonglau_core::time::{Day, HOUR, Zone};
use vonglau_ingest::sim::{self, DemoPlan};

/// The residents to whom config/demo/districts.csv is scaled.
const PEOPLE: u32 = 200_000;
/// The story goes live on this day (year, month, day) at this hour, local.
const LIVE_ON: (i32, u32, u32) = (2021, 11, 26);
const LIVE_AT_H: i64 = 8;
/// Simulated seconds to a real one.
const SPEED: f64 = 60.0;
/// What lies behind it when it goes live.
const CASE_DAYS: u32 = 35;
const SCAN_DAYS: u32 = 14;
const USUAL_PORT: u16 = 8080;
const POLL: Duration = Duration::from_millis(100);

/// Why there is no demo.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error("{path}: {source}")]
    Folder { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Nats(#[from] NatsServerError),
    #[error(transparent)]
    Config(#[from] Faults),
    #[error(transparent)]
    Serve(#[from] ServeError),
}

/// Runs until shutdown, then stops all that it started.
pub fn run(args: DemoArgs, shutdown: CancellationToken) -> BoxFuture<'static, Result<(), DemoError>> {
    Box::pin(async move {
        let keep =
            args.keep || std::env::var("DEMO_KEEP").is_ok_and(|keep| !matches!(keep.as_str(), "" | "0"));
        let chosen = folder::choose(&args.folder, keep);
        let (folder, is_new) =
            chosen.map_err(|source| DemoError::Folder { path: args.folder.clone(), source })?;
        let given = std::env::var("NATS_URL").ok().filter(|url| !url.is_empty());
        let own = match given {
            Some(_) => None,
            None => Some(NatsServer::start(&nats_setup(&folder)?).await?),
        };
        let asked = Asked {
            demo: true,
            http: Some(args.http.clone().unwrap_or_else(usual_address)),
            nats: own.as_ref().map(|nats| nats.url.clone()).or(given),
            monitor: own.as_ref().map(|nats| nats.monitor.clone()),
            ..Asked::default()
        };
        let served = match Config::load(&asked, environment()) {
            Ok(config) => city(&args, config, &folder, is_new, shutdown).await,
            Err(faults) => Err(faults.into()),
        };
        if let Some(nats) = own {
            nats.stop().await;
        }
        served
    })
}

fn nats_setup(folder: &Path) -> Result<NatsSetup, NatsServerError> {
    Ok(NatsSetup { binary: nats_server::find()?, folder: folder.join("nats"), port: None, durable: true })
}

/// The usual port, or a free one where somebody listens there already.
fn usual_address() -> String {
    let is_free = TcpListener::bind((Ipv4Addr::LOCALHOST, USUAL_PORT)).is_ok();
    format!("127.0.0.1:{}", if is_free { USUAL_PORT } else { 0 })
}

/// The demo's story.
pub fn plan(seed: u64, zone: &Zone) -> DemoPlan {
    let (year, month, day) = LIVE_ON;
    DemoPlan {
        people: PEOPLE,
        seed,
        speed: SPEED,
        case_days: CASE_DAYS,
        scan_days: SCAN_DAYS,
        start_of_live: zone.at(Day::of(year, month, day).unwrap_or_default(), LIVE_AT_H * HOUR),
    }
}

/// The service, and the simulator once it answers.
async fn city(
    args: &DemoArgs,
    config: Config,
    folder: &Path,
    is_new: bool,
    shutdown: CancellationToken,
) -> Result<(), DemoError> {
    let params = Arc::clone(&config.params);
    let (listening, running) = oneshot::channel();
    let plan = plan(args.seed, &params.zone);
    let (shown, stop) = (folder.display().to_string(), shutdown.clone());
    let simulating = tokio::spawn(async move {
        if let Ok(running) = running.await {
            announce(&running, &shown, is_new);
            simulate(plan, &params, running, !is_new, stop).await;
        }
    });
    // Who waits for the address has ended only where the demo is ending.
    let served =
        serve(config, &folder.join("data"), Box::new(|running| drop(listening.send(running))), shutdown)
            .await;
    if let Err(error) = simulating.await {
        tracing::error!(%error, "the simulator ended by itself");
    }
    Ok(served?)
}

fn announce(running: &Running, folder: &str, is_new: bool) {
    let (vi, en) = if is_new { ("thành phố mới", "a new city") } else { ("tiếp tục", "going on") };
    let printed = writeln!(stdout(), "\n  Vọng Lâu: http://{}\n", running.address);
    if let Err(error) = printed {
        tracing::warn!(%error, "the address could not be printed");
    }
    say(&format!("  {folder}: {vi} · {en}. Ctrl-C để dừng · to stop.\n"));
}

async fn simulate(plan: DemoPlan, params: &Params, running: Running, resume: bool, stop: CancellationToken) {
    // A city that goes on must know where it stood.
    while !running.progress.started() && !stop.is_cancelled() {
        sleep(POLL).await;
    }
    let options = plan.options(format!("http://{}", running.address), ground(params), resume);
    let simulated = sim::run(options, stop.clone(), Teller::new(params.zone.clone()).tell()).await;
    if let Err(error) = simulated
        && !stop.is_cancelled()
    {
        say(&format!("Bộ mô phỏng đã dừng · the simulator ended: {error}"));
    }
}
