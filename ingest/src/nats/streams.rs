//! The three streams of the contract.

use super::NOW_HEADER;
use async_nats::jetstream::context::{CreateStreamError, CreateStreamErrorKind};
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, State, StorageType};
use async_nats::jetstream::{Context, ErrorCode};
use std::time::Duration;
use thiserror::Error;
use vonglau_core::time::Time;

/// What producers publish straight to NATS; emptied as it is taken over.
pub const INBOX: &str = "INBOX";
/// The journal.
pub const EVENTS: &str = "EVENTS";
/// Refused events.
pub const REJECTED: &str = "REJECTED";

/// An answer about a stream later than this is none.
pub const ASK_TIMEOUT: Duration = Duration::from_secs(3);
/// Within this a message of equal content is the same message.
const DUPLICATE_WINDOW: Duration = Duration::from_mins(2);
const INBOX_GIB_MAX: u64 = 4;
const REJECTED_GIB_MAX: u64 = 1;
const GIB: u64 = 1 << 30;
/// Where the server's disk is small, a stream gets a half, a quarter, … of its size, down to this.
const STREAM_BYTES_MIN: u64 = 64 << 20;

#[derive(Debug, Error)]
pub enum StreamsError {
    #[error("NATS runs without JetStream: start nats-server with `jetstream {{ … }}` in its configuration")]
    NoJetStream,
    #[error("stream {name} cannot be set up ({source}): look at the stream and at the server's limits")]
    Setup { name: &'static str, source: CreateStreamError },
    #[error("stream {name} does not answer ({why}): is JetStream well?")]
    Silent { name: &'static str, why: String },
}

/// Makes the streams, or brings those that are there to what they must be.
pub async fn ensure(context: &Context, events_gib_max: u64) -> Result<(), StreamsError> {
    let file = Config { storage: StorageType::File, duplicate_window: DUPLICATE_WINDOW, ..Config::default() };
    let rejected =
        Config { subjects: vec!["city.rejected.*".into()], discard: DiscardPolicy::Old, ..file.clone() };
    ensure_one(context, REJECTED, rejected, REJECTED_GIB_MAX).await?;
    let inbox = Config {
        subjects: vec!["in.>".into()],
        retention: RetentionPolicy::WorkQueue,
        discard: DiscardPolicy::New,
        ..file.clone()
    };
    ensure_one(context, INBOX, inbox, INBOX_GIB_MAX).await?;
    let subjects = ["city.scan", "city.case", "city.registry", "city.command", "city.tick"];
    let events = Config { subjects: subjects.map(Into::into).into(), discard: DiscardPolicy::New, ..file };
    ensure_one(context, EVENTS, events, events_gib_max).await
}

async fn ensure_one(
    context: &Context,
    name: &'static str,
    ours: Config,
    gib_max: u64,
) -> Result<(), StreamsError> {
    let there = existing(context, name).await;
    let wanted_bytes = gib_max.saturating_mul(GIB);
    let mut bytes = wanted_bytes;
    loop {
        let max_bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        let config = merged(there.as_ref(), Config { name: name.into(), max_bytes, ..ours.clone() });
        if there.as_ref() == Some(&config) {
            return Ok(());
        }
        let Err(error) = context.create_or_update_stream(config).await else {
            if bytes < wanted_bytes {
                tracing::warn!(name, bytes, "the server has no room for more: raise its max_file_store");
            }
            return Ok(());
        };
        match error.kind() {
            CreateStreamErrorKind::JetStream(why)
                if no_room(why.error_code()) && bytes / 2 >= STREAM_BYTES_MIN =>
            {
                bytes /= 2;
            }
            CreateStreamErrorKind::JetStreamUnavailable => return Err(StreamsError::NoJetStream),
            CreateStreamErrorKind::JetStream(why) if no_jetstream(why.error_code()) => {
                return Err(StreamsError::NoJetStream);
            }
            _ => return Err(StreamsError::Setup { name, source: error }),
        }
    }
}

async fn existing(context: &Context, name: &str) -> Option<Config> {
    let stream = context.get_stream_no_info(name).await.ok()?;
    stream.get_info().await.ok().map(|info| info.config)
}

/// What the contract says of a stream, and the rest (replicas, placement, …) as the operator has set it.
fn merged(there: Option<&Config>, ours: Config) -> Config {
    match there {
        None => ours,
        Some(there) => Config {
            subjects: ours.subjects,
            discard: ours.discard,
            max_bytes: ours.max_bytes,
            duplicate_window: ours.duplicate_window,
            max_age: ours.max_age,
            ..there.clone()
        },
    }
}

fn no_room(code: ErrorCode) -> bool {
    [ErrorCode::STORAGE_RESOURCES_EXCEEDED, ErrorCode::INSUFFICIENT_RESOURCES].contains(&code)
}

fn no_jetstream(code: ErrorCode) -> bool {
    [ErrorCode::JETSTREAM_NOT_ENABLED, ErrorCode::JETSTREAM_NOT_ENABLED_FOR_ACCOUNT].contains(&code)
}

/// Where a stream stands.
pub async fn state(context: &Context, name: &'static str) -> Result<State, StreamsError> {
    let silent = |why: String| StreamsError::Silent { name, why };
    let stream = context.get_stream_no_info(name).await.map_err(|e| silent(e.to_string()))?;
    let info = tokio::time::timeout(ASK_TIMEOUT, stream.get_info()).await;
    let info =
        info.map_err(|_elapsed| silent("no answer in time".into()))?.map_err(|e| silent(e.to_string()))?;
    Ok(info.state)
}

/// `now` as the last message of EVENTS tells it; none where it is gone or tells nothing.
pub async fn last_now(context: &Context, head: u64) -> Result<Option<Time>, StreamsError> {
    if head == 0 {
        return Ok(None);
    }
    let silent = |why: String| StreamsError::Silent { name: EVENTS, why };
    let stream = context.get_stream_no_info(EVENTS).await.map_err(|e| silent(e.to_string()))?;
    let message = match stream.get_raw_message(head).await {
        Ok(message) => message,
        Err(error)
            if error.kind() == async_nats::jetstream::stream::LastRawMessageErrorKind::NoMessageFound =>
        {
            return Ok(None);
        }
        Err(error) => return Err(silent(error.to_string())),
    };
    let seconds = message.headers.get(NOW_HEADER).and_then(|value| value.as_str().parse().ok());
    Ok(seconds.map(Time).filter(|at| (Time::MIN..Time::END).contains(at)))
}
