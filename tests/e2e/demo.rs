//! One command shows a city, and Ctrl-C leaves nothing running.

use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;
use vonglau_tests::{binary, eventually, nats_binary};

/// Its nats-server writes this file while it listens and removes it when it has ended cleanly.
fn nats_runs(demo: &Path) -> bool {
    let files = std::fs::read_dir(demo.join("nats")).unwrap();
    files.into_iter().any(|file| file.unwrap().path().extension().is_some_and(|ext| ext == "ports"))
}

#[tokio::test]
async fn the_demo_starts_everything_and_ctrl_c_stops_it() {
    let folder = TempDir::new().unwrap();
    let mut demo = Command::new(binary())
        .args(["demo", "--http", "127.0.0.1:0", "--folder"])
        .arg(folder.path())
        .env("NATS_SERVER_BIN", nats_binary())
        .env_remove("NATS_URL")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines();
    let url = loop {
        let line = lines.next_line().await.unwrap().unwrap();
        if let Some((_, address)) = line.split_once("http://") {
            break format!("http://{address}");
        }
    };
    let page = reqwest::get(&url).await.unwrap();
    assert_eq!(page.status(), 200);
    let status = eventually("the city's events arrive", async || {
        let answer = reqwest::get(format!("{url}/api/v1/status")).await.ok()?.bytes().await.ok()?;
        serde_json::from_slice::<Value>(&answer)
            .ok()
            .filter(|status| status["stream_seq"].as_u64() > Some(10))
    })
    .await;
    assert_eq!((&status["clock"], &status["durable"]), (&json!("simulated"), &json!(true)));
    assert!(status["scaled_note"]["vi"].is_string());
    assert!(nats_runs(&folder.path().join("1")));

    let pid = demo.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().await.unwrap().success());
    let ended = eventually("the demo ends", async || demo.try_wait().unwrap()).await;
    assert_eq!(ended.code(), Some(0));
    assert!(!nats_runs(&folder.path().join("1")), "nats-server is stopped");
}
