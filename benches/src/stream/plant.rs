//! `nats-server` and `vonglau serve` as a city runs them: processes with a folder of their own.

use anyhow::{Context as _, bail};
use async_nats::jetstream;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};
use vonglau::nats_server::{NatsServer, NatsSetup, find};

/// How long anything may take to start or to connect.
const START_TIMEOUT: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(5);

/// Both processes; dropped, they are killed and their folder is removed.
pub struct Plant {
    service: Option<Service>,
    pub nats: NatsServer,
    pub folder: TempDir,
    settings: Settings,
}

/// Settings of the service that are not the usual ones, as variables of its environment.
type Settings = &'static [(&'static str, &'static str)];

/// A running `vonglau serve`.
pub struct Service {
    child: Child,
    pub address: String,
    client: reqwest::Client,
}

/// What a process has used so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Used {
    pub cpu_s: f64,
    pub rss_bytes: f64,
}

/// The program that was built beside this one.
pub fn binary() -> anyhow::Result<PathBuf> {
    let built = std::env::current_exe()?.with_file_name("vonglau");
    if !built.is_file() {
        bail!("{} is missing: cargo build --release --package vonglau", built.display());
    }
    Ok(built)
}

impl Plant {
    /// A nats-server with the streams of an empty city, and no service. `durable`: it writes before it acknowledges.
    pub async fn new(durable: bool) -> anyhow::Result<Self> {
        Self::with(durable, &[]).await
    }

    /// The same with settings of the service.
    pub async fn with(durable: bool, settings: Settings) -> anyhow::Result<Self> {
        let folder = TempDir::with_prefix("vonglau-bench-")?;
        let setup = NatsSetup { binary: find()?, folder: folder.path().join("nats"), port: None, durable };
        let nats = NatsServer::start(&setup).await?;
        let mut plant = Self { service: None, nats, folder, settings };
        // The service makes the streams.
        plant.start().await?;
        plant.stop().await?;
        Ok(plant)
    }

    /// Starts the service and waits until it has found NATS.
    pub async fn start(&mut self) -> anyhow::Result<&Service> {
        let service = Service::start(self.folder.path(), &self.nats, self.settings).await?;
        let begun = Instant::now();
        while service.state().await? == "cut" {
            if begun.elapsed() > START_TIMEOUT {
                bail!("the service does not find NATS; its log is in {}", self.folder.path().display());
            }
            sleep(POLL).await;
        }
        Ok(self.service.insert(service))
    }

    pub fn service(&self) -> anyhow::Result<&Service> {
        self.service.as_ref().context("the service does not run")
    }

    /// Kills the service; the journal has everything.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        if let Some(mut service) = self.service.take() {
            service.child.kill().await?;
        }
        Ok(())
    }

    /// A connection of its own.
    pub async fn jetstream(&self) -> anyhow::Result<jetstream::Context> {
        Ok(jetstream::new(async_nats::connect(&self.nats.url).await?))
    }

    /// What nats-server has used.
    pub fn nats_used(&self) -> Used {
        // The file in which it tells its ports bears its number.
        let mut files = std::fs::read_dir(self.folder.path().join("nats")).into_iter().flatten().flatten();
        let number = |file: std::fs::DirEntry| {
            let name = file.file_name().into_string().ok()?;
            name.strip_prefix("nats-server_")?.strip_suffix(".ports")?.parse().ok()
        };
        files.find_map(number).map_or_else(Used::default, used)
    }
}

impl Service {
    async fn start(folder: &Path, nats: &NatsServer, settings: Settings) -> anyhow::Result<Self> {
        let log = std::fs::File::options().create(true).append(true).open(folder.join("service.log"))?;
        let mut child = Command::new(binary()?)
            .args(["serve", "--http", "127.0.0.1:0", "--nats", &nats.url, "--data"])
            .arg(folder.join("data"))
            .env("VONGLAU_CITY__CLOCK", "events")
            .env("VONGLAU_NATS__MONITOR", &nats.monitor)
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()?;
        let stdout = child.stdout.take().context("no stdout")?;
        let first = timeout(START_TIMEOUT, BufReader::new(stdout).lines().next_line()).await??;
        let address = first.as_deref().and_then(|line| line.strip_prefix("listening on http://"));
        let address = address.with_context(|| format!("the service said {first:?}"))?.to_owned();
        Ok(Self { child, address, client: reqwest::Client::new() })
    }

    /// The text of a path.
    pub async fn get(&self, path: &str) -> anyhow::Result<String> {
        let url = format!("http://{}{path}", self.address);
        Ok(self.client.get(url).send().await?.error_for_status()?.text().await?)
    }

    /// The state that the status tells.
    pub async fn state(&self) -> anyhow::Result<String> {
        let status: serde_json::Value = serde_json::from_str(&self.get("/api/v1/status").await?)?;
        Ok(status["state"].as_str().unwrap_or_default().to_owned())
    }

    /// A metric by its name with labels.
    pub async fn metric(&self, name: &str) -> anyhow::Result<f64> {
        let text = self.get("/metrics").await?;
        let value =
            text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse::<f64>().ok());
        value.with_context(|| format!("no metric {name}"))
    }

    /// The last message applied.
    pub async fn applied(&self) -> anyhow::Result<f64> {
        self.metric("vonglau_stream_seq").await
    }

    /// Waits until a message is applied.
    pub async fn reaches(&self, seq: f64, within: Duration) -> anyhow::Result<()> {
        let end = Instant::now() + within;
        loop {
            let applied = self.applied().await?;
            if applied >= seq {
                return Ok(());
            }
            if Instant::now() > end {
                bail!("after {} s message {applied} of {seq} was applied", within.as_secs());
            }
            sleep(POLL).await;
        }
    }

    /// What the service has used.
    pub fn used(&self) -> Used {
        self.child.id().map_or_else(Used::default, used)
    }
}

/// What this process has used.
pub fn own_used() -> Used {
    used(std::process::id())
}

/// What a process has used.
pub fn used(pid: u32) -> Used {
    /// Linux tells processor time in hundredths of a second everywhere.
    const TICKS_A_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name, in brackets, may hold spaces; user and system time are the 12th and 13th after it.
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = after_name.split_whitespace().skip(11).take(2).filter_map(|text| text.parse::<f64>().ok());
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let rss = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = rss.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
    Used { cpu_s: ticks.sum::<f64>() / TICKS_A_SECOND, rss_bytes: kib.unwrap_or_default() * 1_024.0 }
}
