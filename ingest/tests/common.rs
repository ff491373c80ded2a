//! A real nats-server, and a gateway in front of it.

pub mod params;

use async_nats::jetstream;
use futures_util::StreamExt;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use vonglau_core::params::{Clock, Params};
use vonglau_ingest::{Ingest, IngestConfig, Link, NatsConfig, start};

/// Whatever is waited for must happen within this.
const DEADLINE: Duration = Duration::from_mins(1);

/// A nats-server of its own that writes before it acknowledges; killed on drop.
pub struct NatsServer {
    child: Child,
    pub port: u16,
    pub monitor_port: u16,
    folder: TempDir,
}

impl NatsServer {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let child = Self::spawn(&folder, -1, -1);
        let mut server = Self { child, port: 0, monitor_port: 0, folder };
        server.read_ports();
        server
    }

    fn spawn(folder: &TempDir, port: i32, monitor_port: i32) -> Child {
        let path = folder.path().display();
        let config = format!(
            "listen: \"127.0.0.1:{port}\"\nhttp: \"127.0.0.1:{monitor_port}\"\nports_file_dir: \"{path}\"\n\
             jetstream {{ store_dir: \"{path}/js\", sync_interval: always, max_file_store: 20GB }}\n"
        );
        let file = folder.path().join("nats.conf");
        fs::write(&file, config).unwrap();
        let log = fs::File::create(folder.path().join("nats.log")).unwrap();
        let mut command = Command::new(program());
        command.arg("-c").arg(file).stdout(Stdio::null()).stderr(log).spawn().unwrap()
    }

    /// The server writes the ports that it has picked into a file.
    fn read_ports(&mut self) {
        let file = self.folder.path().join(format!("nats-server_{}.ports", self.child.id()));
        let begun = Instant::now();
        loop {
            let ports = fs::read(&file).ok().and_then(|text| serde_json::from_slice::<Value>(&text).ok());
            if let Some(ports) = ports {
                let port = |kind: &str| {
                    let url = ports[kind][0].as_str().unwrap();
                    url.rsplit(':').next().unwrap().parse().unwrap()
                };
                (self.port, self.monitor_port) = (port("nats"), port("monitoring"));
                return;
            }
            assert!(begun.elapsed() < DEADLINE, "nats-server did not start");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again on the same port and the same files.
    pub fn restart(&mut self) {
        self.child = Self::spawn(&self.folder, i32::from(self.port), i32::from(self.monitor_port));
    }

    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    pub async fn jetstream(&self) -> jetstream::Context {
        jetstream::new(async_nats::connect(self.url()).await.unwrap())
    }

    /// All messages of a stream: subject, headers, payload.
    pub async fn messages(&self, stream: &str) -> Vec<jetstream::Message> {
        let stream = self.jetstream().await.get_stream(stream).await.unwrap();
        let count = usize::try_from(stream.cached_info().state.messages).unwrap();
        let config = jetstream::consumer::pull::OrderedConfig::default();
        let messages = stream.create_consumer(config).await.unwrap().messages().await.unwrap();
        messages.take(count).map(Result::unwrap).collect().await
    }

    /// All lines of a stream, as JSON.
    pub async fn lines(&self, stream: &str) -> Vec<Value> {
        let messages = self.messages(stream).await;
        let lines = messages.iter().flat_map(|message| message.payload.split(|b| *b == b'\n'));
        lines.map(|line| serde_json::from_slice(line).unwrap()).collect()
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn program() -> PathBuf {
    let built = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../bin/nats-server"));
    match std::env::var_os("NATS_SERVER_BIN") {
        Some(given) => given.into(),
        None if built.exists() => built,
        None => "nats-server".into(),
    }
}

/// A running gateway.
pub struct City {
    pub ingest: Ingest,
    pub url: String,
    pub data: TempDir,
    shutdown: CancellationToken,
}

impl City {
    /// Starts one, not waiting for NATS.
    pub async fn begin(nats_url: String, monitor: Option<String>, clock: Clock) -> Self {
        let data = tempfile::tempdir().unwrap();
        let config = IngestConfig {
            params: Arc::new(Params { clock, ..params::params() }),
            data: data.path().to_owned(),
            identity_key: None,
            nats: NatsConfig { url: nats_url, monitor, events_gib_max: 100 },
            body_mib_max: 1,
        };
        let shutdown = CancellationToken::new();
        let ingest = start(config, shutdown.clone()).await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = ingest.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { ingest, url, data, shutdown }
    }

    /// Starts one, and waits until it is connected.
    pub async fn start(server: &NatsServer, clock: Clock) -> Self {
        let monitor = format!("http://127.0.0.1:{}", server.monitor_port);
        let city = Self::begin(server.url(), Some(monitor), clock).await;
        city.connected().await;
        city
    }

    pub async fn connected(&self) {
        until("the gateway is connected", || self.ingest.nats.link() == Link::Connected).await;
    }

    pub async fn stop(self) {
        self.shutdown.cancel();
        tokio::time::timeout(DEADLINE, self.ingest.stopped()).await.unwrap();
    }

    pub async fn post(&self, content_type: &str, body: impl Into<reqwest::Body>) -> Answer {
        let request = reqwest::Client::new().post(format!("{}/v1/events", self.url));
        Answer::of(request.header("content-type", content_type).body(body)).await
    }

    pub async fn json(&self, body: &Value) -> Answer {
        self.post("application/json", body.to_string()).await
    }
}

/// An answer over HTTP.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl Answer {
    pub async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default();
        Self { status, headers, body }
    }
}

/// Waits for a condition.
pub async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < DEADLINE, "waited for: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A scan with these seconds of a day of October 2021.
pub fn scan(id: &str, person: &str, at: &str) -> Value {
    serde_json::json!({"kind":"scan","id":id,"at":at,"person":person,"venue":"V","mode":"person_qr"})
}
