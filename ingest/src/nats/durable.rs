//! Whether NATS writes to disk before it acknowledges.
//!
//! A client cannot see that. The server's monitoring port tells it (`sync_interval: always`); without one, nobody can.

use serde::Deserialize;
use std::time::Duration;

const MONITOR_TIMEOUT: Duration = Duration::from_secs(2);

#[derive(Deserialize)]
struct Varz {
    server_id: String,
    jetstream: Option<JetStream>,
}

#[derive(Deserialize)]
struct JetStream {
    config: Option<Config>,
}

#[derive(Deserialize)]
struct Config {
    /// Left out where it is not so.
    #[serde(default)]
    sync_always: bool,
}

/// Asks the monitoring port of the server of that id.
pub async fn ask(monitor: &str, server_id: &str) -> Option<bool> {
    match read(monitor).await {
        Ok(varz) if varz.server_id == server_id => {
            varz.jetstream.and_then(|jetstream| jetstream.config).map(|config| config.sync_always)
        }
        Ok(_) => {
            tracing::warn!(
                monitor,
                "the monitoring port is another server's: nobody can tell whether NATS is durable"
            );
            None
        }
        Err(error) => {
            tracing::warn!(
                monitor,
                error,
                "the monitoring port does not answer: nobody can tell whether NATS is durable"
            );
            None
        }
    }
}

async fn read(monitor: &str) -> Result<Varz, String> {
    let url = format!("{}/varz", monitor.trim_end_matches('/'));
    let answer = async {
        let client = reqwest::Client::builder().timeout(MONITOR_TIMEOUT).build()?;
        client.get(url).send().await?.error_for_status()?.bytes().await
    };
    let body = answer.await.map_err(|e| e.to_string())?;
    serde_json::from_slice(&body).map_err(|e| e.to_string())
}
