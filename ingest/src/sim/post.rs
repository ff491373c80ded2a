//! The way to the gateway: requests, and patience until each is taken.

use super::options::SimulateError;
use crate::wire::text;
use bytes::Bytes;
use reqwest::{Client, Response, StatusCode, Url, header};
use serde::Deserialize;
use std::{collections::BTreeMap, time::Duration};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use vonglau_core::{params::Clock, time::Time};

/// A gateway that does not answer within this is asked again.
const ANSWER_TIMEOUT: Duration = Duration::from_mins(1);
/// At the start: a gateway that cannot be reached for so long is not there. Later it is waited for without end.
const START_PATIENCE: Duration = Duration::from_secs(15);
/// Waits between tries double from the first to the last.
const RETRY_FIRST: Duration = Duration::from_millis(100);
const RETRY_LAST: Duration = Duration::from_secs(5);
/// Longest wait that a Retry-After can ask for.
const RETRY_AFTER_S_MAX: u64 = 60;
/// Different reasons of refusal that are told apart; further ones count under one name.
const REASONS_MAX: usize = 32;

/// What the gateway made of what was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub accepted: u64,
    pub duplicates: u64,
    pub rejected: u64,
    /// Requests sent again, because the gateway was busy or away.
    pub retries: u64,
    /// How often each reason was given, as `field: reason`.
    pub reasons: BTreeMap<String, u64>,
}

impl Tally {
    /// Adds another count to this one.
    pub(super) fn add(&mut self, other: Self) {
        self.accepted += other.accepted;
        self.duplicates += other.duplicates;
        self.rejected += other.rejected;
        self.retries += other.retries;
        for (reason, times) in other.reasons {
            let known = self.reasons.len() < REASONS_MAX || self.reasons.contains_key(&reason);
            *self.reasons.entry(if known { reason } else { "…".to_owned() }).or_default() += times;
        }
    }
}

#[derive(Debug, Deserialize)]
struct Answer {
    accepted: u64,
    duplicates: u64,
    rejected: Vec<Refused>,
}

#[derive(Debug, Deserialize)]
struct Refused {
    index: usize,
    field: String,
    reason: String,
}

#[derive(Debug, Default, Deserialize)]
struct Problem {
    #[serde(default)]
    detail: String,
}

#[derive(Debug, Deserialize)]
struct StatusJson {
    clock: String,
    event_time: Option<String>,
    server_time: String,
}

/// What the gateway says of itself before anything is sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Status {
    pub(super) clock: Clock,
    pub(super) event_time: Option<Time>,
    pub(super) server_time: Time,
}

/// Some lines for one request.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    pub(super) body: Bytes,
    /// The first line is a tick; sent again it may be refused, having been taken before.
    pub(super) has_tick: bool,
}

/// The gateway that takes the events.
#[derive(Clone, Debug)]
pub(super) struct Post {
    client: Client,
    base: Url,
    stop: CancellationToken,
}

impl Post {
    pub(super) fn new(to: &str, stop: CancellationToken) -> Result<Self, SimulateError> {
        let address = || SimulateError::Address { url: to.to_owned() };
        let base = Url::parse(to).map_err(|_not_a_url| address())?;
        if base.scheme() != "http" || !base.has_host() {
            return Err(address());
        }
        let client = Client::builder().timeout(ANSWER_TIMEOUT).build();
        let client = client.map_err(|e| SimulateError::Unreachable { url: to.to_owned(), why: why(&e) })?;
        Ok(Self { client, base, stop })
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(path);
        url
    }

    /// Asks the gateway for its clock and time.
    pub(super) async fn status(&self) -> Result<Status, SimulateError> {
        let begun = Instant::now();
        let mut wait = RETRY_FIRST;
        loop {
            match self.client.get(self.url("/api/v1/status")).send().await {
                Ok(response) if response.status() == StatusCode::OK => {
                    return self.read_status(response).await;
                }
                Ok(response) if !is_busy(response.status()) => return Err(self.refused(response).await),
                Ok(response) if begun.elapsed() > START_PATIENCE => return Err(self.refused(response).await),
                Err(error) if begun.elapsed() > START_PATIENCE => {
                    return Err(SimulateError::Unreachable { url: self.base.to_string(), why: why(&error) });
                }
                Ok(_) | Err(_) => {}
            }
            self.pause(wait).await?;
            wait = (wait * 2).min(RETRY_LAST);
        }
    }

    async fn read_status(&self, response: Response) -> Result<Status, SimulateError> {
        let body = response.bytes().await.unwrap_or_default();
        let stranger = || SimulateError::Stranger { url: self.base.to_string() };
        let status: StatusJson = serde_json::from_slice(&body).map_err(|_other_json| stranger())?;
        let clock = [Clock::Wall, Clock::Events, Clock::Simulated].into_iter();
        let read = |time: &str| text::time(time).map_err(|_fault| stranger());
        Ok(Status {
            clock: clock.into_iter().find(|clock| clock.name() == status.clock).ok_or_else(stranger)?,
            event_time: status.event_time.as_deref().map(read).transpose()?,
            server_time: read(&status.server_time)?,
        })
    }

    /// Sends a batch until the gateway has all of it, however long it is busy or away.
    pub(super) async fn send(&self, batch: Batch) -> Result<Tally, SimulateError> {
        let mut wait = RETRY_FIRST;
        let mut retries = 0;
        loop {
            let request = self.client.post(self.url("/v1/events")).body(batch.body.clone());
            let pause = match request.header(header::CONTENT_TYPE, "application/x-ndjson").send().await {
                Ok(response) if response.status() == StatusCode::OK => {
                    // An answer that breaks off leaves open whether all was taken: it is sent again.
                    if let Ok(body) = response.bytes().await {
                        return self.tally(&body, retries, batch.has_tick);
                    }
                    wait
                }
                Ok(response) if is_busy(response.status()) => retry_after(&response).unwrap_or(wait),
                Ok(response) => return Err(self.refused(response).await),
                Err(_) => wait,
            };
            self.pause(pause).await?;
            wait = (wait * 2).min(RETRY_LAST);
            retries += 1;
        }
    }

    fn tally(&self, body: &[u8], retries: u64, has_tick: bool) -> Result<Tally, SimulateError> {
        let answer: Answer = serde_json::from_slice(body)
            .map_err(|_other_json| SimulateError::Stranger { url: self.base.to_string() })?;
        let mut tally =
            Tally { retries, duplicates: answer.duplicates, accepted: answer.accepted, ..Tally::default() };
        for refused in answer.rejected {
            if refused.index == 0 && has_tick && retries > 0 {
                tally.duplicates += 1;
                continue;
            }
            let reason = BTreeMap::from([(format!("{}: {}", refused.field, refused.reason), 1)]);
            tally.add(Tally { rejected: 1, reasons: reason, ..Tally::default() });
        }
        Ok(tally)
    }

    async fn pause(&self, wait: Duration) -> Result<(), SimulateError> {
        tokio::select! {
            () = sleep(wait) => Ok(()),
            () = self.stop.cancelled() => Err(SimulateError::Stopped),
        }
    }

    async fn refused(&self, response: Response) -> SimulateError {
        let status = response.status().as_u16();
        let body = response.bytes().await.unwrap_or_default();
        let detail = serde_json::from_slice::<Problem>(&body).unwrap_or_default().detail;
        SimulateError::Answer { url: self.base.to_string(), status, detail }
    }
}

fn is_busy(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error()
}

fn retry_after(response: &Response) -> Option<Duration> {
    let value = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
    value.parse().ok().map(|seconds: u64| Duration::from_secs(seconds.min(RETRY_AFTER_S_MAX)))
}

/// The innermost cause: "connection refused" says more than "error sending request".
fn why(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
