//! A whole city for a test: a real nats-server on a free port, the built binary on port 0, and clients.
//!
//! Nothing here waits a fixed time: [`eventually`] asks until something holds or the deadline has passed.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod http;
mod live;
mod server;
mod wait;
mod websocket;

pub use http::Answer;
pub use live::{LiveClient, LiveQuery, sorted};
pub use server::{Server, binary};
pub use wait::{DEADLINE, eventually};
pub use websocket::{Websocket, merge};

use serde_json::Value;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use vonglau::nats_server::{NatsServer, NatsSetup, find};

/// The folder of the project.
pub fn project() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// NATS, the service, and a folder for both.
#[derive(Debug)]
pub struct City {
    pub folder: TempDir,
    pub nats: Option<NatsServer>,
    pub server: Server,
    nats_port: u16,
    environment: Vec<(String, String)>,
}

impl City {
    /// Starts both; the environment goes over the default configuration.
    pub async fn start(environment: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        let nats = NatsServer::start(&nats_setup(folder.path(), None)).await.unwrap();
        let nats_port = nats.port().unwrap();
        let mut environment: Vec<_> =
            environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        environment.push(("VONGLAU_NATS__MONITOR".to_owned(), nats.monitor.clone()));
        let server = Server::start(folder.path(), &nats.url, &environment).await;
        let city = Self { folder, nats: Some(nats), server, nats_port, environment };
        city.connected().await;
        city
    }

    /// Waits until the service has found NATS.
    pub async fn connected(&self) {
        eventually("NATS is found", async || {
            let answer = self.server.get("/api/v1/status").await;
            (answer.status == 200 && answer.json()["state"] != "cut").then_some(())
        })
        .await;
    }

    /// A city whose time is that of its events.
    pub async fn by_events() -> Self {
        Self::start(&[("VONGLAU_CITY__CLOCK", "events")]).await
    }

    /// The address of NATS, whether it runs or not.
    pub fn nats_url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.nats_port)
    }

    /// NATS goes away as in a crash.
    pub async fn cut_nats(&mut self) {
        self.nats.take().unwrap().kill().await;
    }

    /// NATS comes back on its port with its streams.
    pub async fn mend_nats(&mut self) {
        let setup = nats_setup(self.folder.path(), Some(self.nats_port));
        self.nats = Some(NatsServer::start(&setup).await.unwrap());
    }

    /// The service is killed and started anew.
    pub async fn crash(&mut self) {
        self.server.kill().await;
        self.server = Server::start(self.folder.path(), &self.nats_url(), &self.environment).await;
    }

    /// GET that must answer 200.
    pub async fn get(&self, path: &str) -> Value {
        let answer = self.server.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.json()
    }

    /// Sends events that must all be taken; gives the position that holds the last.
    pub async fn take(&self, events: &[Value]) -> u64 {
        let answer = self.server.send(events).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let receipt = answer.json();
        assert_eq!(receipt["rejected"], serde_json::json!([]), "{receipt}");
        receipt["stream_seq"].as_u64().unwrap()
    }

    /// GET once it includes a position of the stream.
    pub async fn get_at(&self, path: &str, seq: u64) -> Value {
        eventually(&format!("{path} at {seq}"), async || {
            let answer = self.server.get(path).await;
            (answer.status == 200)
                .then(|| answer.json())
                .filter(|body| body["stream_seq"].as_u64() >= Some(seq))
        })
        .await
    }

    /// Waits until the status says this state.
    pub async fn state(&self, state: &str) -> Value {
        eventually(&format!("state {state}"), async || {
            let answer = self.server.get("/api/v1/status").await;
            (answer.status == 200).then(|| answer.json()).filter(|status| status["state"] == state)
        })
        .await
    }
}

fn nats_setup(folder: &Path, port: Option<u16>) -> NatsSetup {
    NatsSetup { binary: nats_binary(), folder: folder.join("nats"), port, durable: true }
}

/// The nats-server that `make test` fetched, else the one that the demo would take.
pub fn nats_binary() -> PathBuf {
    let fetched = project().join("bin/nats-server");
    if fetched.is_file() { fetched } else { find().unwrap() }
}
