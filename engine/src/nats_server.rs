//! A nats-server of our own on a free loopback port: for the demo and the tests.

use serde::Deserialize;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

/// It starts in a few milliseconds; a busy machine may need longer.
const START_TIMEOUT: Duration = Duration::from_secs(20);
const STOP_TIMEOUT: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(20);
const CONFIG_FILE: &str = "nats-server.conf";
/// More than EVENTS and the other streams may ever reserve, in GB.
const STORE_GB_MAX: u32 = 200;

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum NatsServerError {
    #[error(
        "no nats-server found in NATS_SERVER_BIN, ./bin or the PATH: run `make demo`, which fetches one, or put \
         nats-server 2.12 or newer on the PATH"
    )]
    NotFound,
    #[error("{path}: cannot be started: {source}")]
    Io { path: PathBuf, source: io::Error },
    #[error("nats-server ended or told no port within {} s; its log is {log}", START_TIMEOUT.as_secs())]
    NoPort { log: PathBuf },
}

/// How it runs.
#[derive(Clone, Debug)]
pub struct NatsSetup {
    pub binary: PathBuf,
    /// Holds its configuration, streams and log.
    pub folder: PathBuf,
    /// None picks a free one.
    pub port: Option<u16>,
    /// Writes to disk before it acknowledges.
    pub durable: bool,
}

/// A running server. Dropped, it is killed.
#[derive(Debug)]
pub struct NatsServer {
    child: Child,
    pub url: String,
    /// Address of its monitoring port.
    pub monitor: String,
}

/// What it writes once it listens.
#[derive(Deserialize)]
struct Ports {
    nats: Vec<String>,
    monitoring: Vec<String>,
}

/// The binary: `NATS_SERVER_BIN`, ./bin/nats-server, or the PATH's.
pub fn find() -> Result<PathBuf, NatsServerError> {
    if let Some(named) = std::env::var_os("NATS_SERVER_BIN") {
        return Some(PathBuf::from(named)).filter(|path| path.is_file()).ok_or(NatsServerError::NotFound);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(PathBuf::from("bin")).chain(std::env::split_paths(&path));
    let absolute = |path: PathBuf| std::path::absolute(&path).unwrap_or(path);
    folders
        .map(|folder| absolute(folder.join("nats-server")))
        .find(|file| file.is_file())
        .ok_or(NatsServerError::NotFound)
}

impl NatsServer {
    /// Starts it and waits until it listens.
    pub async fn start(setup: &NatsSetup) -> Result<Self, NatsServerError> {
        let told = |path: &Path, source| NatsServerError::Io { path: path.to_owned(), source };
        let folder = std::path::absolute(&setup.folder).map_err(|error| told(&setup.folder, error))?;
        std::fs::create_dir_all(&folder).map_err(|error| told(&folder, error))?;
        let config = folder.join(CONFIG_FILE);
        stop_left_behind(&folder).await.map_err(|error| told(&folder, error))?;
        std::fs::write(&config, configuration(setup, &folder)).map_err(|error| told(&config, error))?;
        let mut child = Command::new(&setup.binary)
            .arg("-c")
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // A group of its own: Ctrl-C reaches us alone, and we stop it last.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| told(&setup.binary, error))?;
        let ports = ports(&mut child, &folder).await;
        let (url, monitor) =
            ports.ok_or_else(|| NatsServerError::NoPort { log: folder.join("nats-server.log") })?;
        Ok(Self { child, url, monitor })
    }

    /// Ends it cleanly, or by force after some seconds.
    pub async fn stop(mut self) {
        if let Some(pid) = self.child.id() {
            // SIGTERM has no safe call in std; `kill` is in every POSIX system.
            let asked = Command::new("kill").arg(pid.to_string()).status().await;
            if asked.is_ok_and(|status| status.success())
                && timeout(STOP_TIMEOUT, self.child.wait()).await.is_ok()
            {
                return;
            }
        }
        if let Err(error) = self.child.kill().await {
            tracing::warn!(%error, "nats-server could not be stopped");
        }
    }

    /// Ends it at once, as a crash would.
    pub async fn kill(mut self) {
        if let Err(error) = self.child.kill().await {
            tracing::warn!(%error, "nats-server could not be killed");
        }
    }

    /// The port that it listens on.
    pub fn port(&self) -> Option<u16> {
        self.url.rsplit_once(':').and_then(|(_, port)| port.parse().ok())
    }
}

/// Stops a server that a killed demo has left in this folder: two must not share their streams.
async fn stop_left_behind(folder: &Path) -> io::Result<()> {
    let config = folder.join(CONFIG_FILE);
    for file in std::fs::read_dir(folder)? {
        let path = file?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let pid = name.strip_prefix("nats-server_").and_then(|name| name.strip_suffix(".ports"));
        let Some(pid) = pid.and_then(|pid| pid.parse::<u32>().ok()) else { continue };
        if is_ours(pid, &config) {
            Command::new("kill").arg(pid.to_string()).status().await?;
        }
        let end = Instant::now() + STOP_TIMEOUT;
        while is_ours(pid, &config) && Instant::now() < end {
            sleep(POLL).await;
        }
        if path.exists() {
            std::fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// Whether a process is a nats-server of this configuration, not somebody who got its number since.
fn is_ours(pid: u32, config: &Path) -> bool {
    let command = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    command.split(|byte| *byte == 0).any(|argument| argument == config.as_os_str().as_encoded_bytes())
}

fn configuration(setup: &NatsSetup, folder: &Path) -> String {
    let port = setup.port.map_or_else(|| "-1".to_owned(), |port| port.to_string());
    let folder = folder.display();
    let mut text = String::new();
    let _ =
        writeln!(text, "host: 127.0.0.1\nport: {port}\nhttp: \"127.0.0.1:-1\"\nports_file_dir: \"{folder}\"");
    let _ = writeln!(text, "log_file: \"{folder}/nats-server.log\"\nlogfile_size_limit: 10MB");
    let _ = writeln!(text, "max_payload: 2MB");
    let sync = if setup.durable { "always" } else { "2m" };
    let _ = writeln!(
        text,
        "jetstream {{\n  store_dir: \"{folder}/streams\"\n  sync_interval: {sync}\n  max_file_store: {STORE_GB_MAX}GB\n}}"
    );
    text
}

/// The addresses of the file that it writes, once it is there.
async fn ports(child: &mut Child, folder: &Path) -> Option<(String, String)> {
    let file = folder.join(format!("nats-server_{}.ports", child.id()?));
    let end = Instant::now() + START_TIMEOUT;
    while Instant::now() < end && child.try_wait().ok()?.is_none() {
        let read = std::fs::read(&file).ok().and_then(|text| serde_json::from_slice::<Ports>(&text).ok());
        if let Some(ports) = read {
            return ports.nats.into_iter().next().zip(ports.monitoring.into_iter().next());
        }
        sleep(POLL).await;
    }
    None
}
