use crate::{Answer, eventually};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// A running `vonglau serve`. Dropped, it is killed.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// `http://127.0.0.1:PORT`
    pub url: String,
    client: reqwest::Client,
}

/// The built program beside the running test.
pub fn binary() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let built = test.parent().unwrap().parent().unwrap().join("vonglau");
    assert!(built.is_file(), "{} is missing: cargo build --release --package vonglau", built.display());
    built
}

impl Server {
    /// Starts it on a free port and waits for its first line. Its log is `server.log` in the folder.
    pub async fn start(folder: &Path, nats: &str, environment: &[(String, String)]) -> Self {
        let log = std::fs::File::options().create(true).append(true).open(folder.join("server.log")).unwrap();
        let mut child = Command::new(binary())
            .args(["serve", "--http", "127.0.0.1:0", "--nats", nats, "--data"])
            .arg(folder.join("data"))
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = timeout(crate::DEADLINE, lines.next_line()).await.unwrap().unwrap();
        let first = first.unwrap_or_else(|| {
            panic!("it ended: {}", std::fs::read_to_string(folder.join("server.log")).unwrap())
        });
        let url =
            first.strip_prefix("listening on ").unwrap_or_else(|| panic!("first line: {first}")).to_owned();
        Self { child, url, client: reqwest::Client::new() }
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.ask(self.client.get(format!("{}{path}", self.url))).await
    }

    /// GET with a header.
    pub async fn get_with(&self, path: &str, name: &str, value: &str) -> Answer {
        self.ask(self.client.get(format!("{}{path}", self.url)).header(name, value)).await
    }

    /// POST of a body.
    pub async fn post(&self, path: &str, content_type: &str, body: impl Into<reqwest::Body>) -> Answer {
        let request = self.client.post(format!("{}{path}", self.url));
        self.ask(request.header("content-type", content_type).body(body)).await
    }

    /// POST of events as NDJSON.
    pub async fn send(&self, events: &[Value]) -> Answer {
        let lines: Vec<String> = events.iter().map(Value::to_string).collect();
        self.post("/v1/events", "application/x-ndjson", lines.join("\n")).await
    }

    async fn ask(&self, request: reqwest::RequestBuilder) -> Answer {
        match request.send().await {
            Ok(response) => Answer::of(response).await,
            Err(error) => Answer::none(&error),
        }
    }

    /// Ends it at once, as a crash would.
    pub async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// Asks it to end and waits for how it did.
    pub async fn terminate(&mut self) -> ExitStatus {
        let pid = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").arg(pid).status().await.unwrap().success());
        eventually("the service ends", async || self.child.try_wait().unwrap()).await
    }
}
