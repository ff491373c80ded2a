//! Batches to the gateway, patiently.

use super::ImportError;
use super::rows::Row;
use crate::http::{SOURCE_HEADER, SOURCE_IMPORT};
use reqwest::{Client, Response, StatusCode, Url, header};
use serde::Deserialize;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// A gateway that takes nothing for so long has stopped.
const PATIENCE: Duration = Duration::from_mins(1);
/// A gateway that cannot be connected to for so long is not there.
const CONNECT_PATIENCE: Duration = Duration::from_secs(10);
const CONNECT_RETRY: Duration = Duration::from_millis(500);
const ANSWER_TIMEOUT: Duration = Duration::from_mins(1);
/// Longest wait between two tries, whatever the gateway says.
const RETRY_AFTER_S_MAX: u64 = 30;

/// The gateway's answer to a batch.
#[derive(Debug, Deserialize)]
pub struct Answer {
    pub accepted: u64,
    pub duplicates: u64,
    pub rejected: Vec<Refused>,
}

/// One row that was refused.
#[derive(Debug, Deserialize)]
pub struct Refused {
    /// Its place in the batch.
    pub index: usize,
    pub field: String,
    pub reason: String,
}

#[derive(Default, Deserialize)]
struct Problem {
    #[serde(default)]
    detail: String,
}

/// The gateway that takes the rows.
pub struct Gate {
    client: Client,
    url: Url,
}

impl Gate {
    pub fn new(to: &str) -> Result<Self, ImportError> {
        let address = || ImportError::Address { url: to.to_owned() };
        let base = to.trim_end_matches('/').trim_end_matches("/v1/events");
        let url = Url::parse(&format!("{base}/v1/events")).map_err(|_why| address())?;
        if url.scheme() != "http" || !url.has_host() {
            return Err(address());
        }
        let client = Client::builder().timeout(ANSWER_TIMEOUT).build();
        let client =
            client.map_err(|e| ImportError::Unreachable { url: to.to_owned(), why: e.to_string() })?;
        Ok(Self { client, url })
    }

    /// Sends until the gateway has all of it, as often as it asks for another try.
    pub async fn send(&self, batch: &[Row]) -> Result<Answer, ImportError> {
        let body: Vec<u8> = batch.iter().flat_map(|row| row.json.iter().copied().chain([b'\n'])).collect();
        let begun = Instant::now();
        loop {
            let wait = match self.try_once(body.clone()).await {
                Ok(response) if response.status() == StatusCode::OK => return self.answer(response).await,
                Ok(response) if busy(response.status()) && begun.elapsed() < PATIENCE => {
                    retry_after(&response)
                }
                Ok(response) => return Err(self.refused(response).await),
                Err(_) if begun.elapsed() < CONNECT_PATIENCE => CONNECT_RETRY,
                Err(error) => return Err(self.unreachable(&error)),
            };
            sleep(wait).await;
        }
    }

    async fn try_once(&self, body: Vec<u8>) -> reqwest::Result<Response> {
        let request = self.client.post(self.url.clone()).header(SOURCE_HEADER, SOURCE_IMPORT);
        request.header(header::CONTENT_TYPE, "application/x-ndjson").body(body).send().await
    }

    async fn answer(&self, response: Response) -> Result<Answer, ImportError> {
        let body = response.bytes().await.map_err(|error| self.unreachable(&error))?;
        serde_json::from_slice(&body).map_err(|_why| ImportError::Answer {
            url: self.url.to_string(),
            status: 200,
            detail: "không phải cổng Vọng Lâu · no gateway of Vọng Lâu answers there".into(),
        })
    }

    async fn refused(&self, response: Response) -> ImportError {
        let status = response.status().as_u16();
        let body = response.bytes().await.unwrap_or_default();
        let detail = serde_json::from_slice::<Problem>(&body).unwrap_or_default().detail;
        ImportError::Answer { url: self.url.to_string(), status, detail }
    }

    fn unreachable(&self, error: &reqwest::Error) -> ImportError {
        ImportError::Unreachable { url: self.url.to_string(), why: error.to_string() }
    }
}

fn busy(status: StatusCode) -> bool {
    [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE].contains(&status)
}

fn retry_after(response: &Response) -> Duration {
    let header = response.headers().get(header::RETRY_AFTER);
    let seconds = header.and_then(|value| value.to_str().ok()?.parse().ok()).unwrap_or(1);
    Duration::from_secs(seconds.clamp(1, RETRY_AFTER_S_MAX))
}
