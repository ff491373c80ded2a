//! The messages of the websocket.

use super::status::Status;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use ts_rs::TS;

/// The contract's version.
pub const CONTRACT: u32 = 1;

/// The first message.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Hello {
    pub hello: HelloBody,
}

/// Who the server is, and what can be subscribed to.
#[derive(Clone, Debug, Serialize, TS)]
pub struct HelloBody {
    /// Changes with each start; a `seq` means nothing in another run.
    pub run: String,
    pub version: String,
    pub contract: u32,
    pub topics: Vec<String>,
    /// A topic's frames come at least so far apart.
    pub frame_ms_min: u64,
}

/// A snapshot or a delta of a topic.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Frame {
    pub topic: String,
    pub seq: u64,
    pub stream_seq: u64,
    pub event_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "unknown")]
    pub snapshot: Option<Value>,
    /// A merge patch (RFC 7396) of the snapshot.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "unknown")]
    pub delta: Option<Value>,
}

/// What was held of a topic is to be forgotten: a new snapshot follows.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Resync {
    pub topic: String,
    pub resync: bool,
}

/// How the service is, each second.
#[derive(Clone, Debug, Serialize, TS)]
pub struct StatusMessage {
    pub status: Status,
}

/// What was wrong with a message; the connection stays.
#[derive(Clone, Debug, Serialize, TS)]
pub struct ErrorMessage {
    pub error: ErrorBody,
}

/// The same in words.
#[derive(Clone, Debug, Serialize, TS)]
pub struct ErrorBody {
    pub title: String,
    pub detail: String,
    /// The topic it is about, if it is about one.
    pub topic: Option<String>,
}

/// What a client may send.
#[derive(Clone, Debug, Default, Deserialize, TS)]
#[serde(default)]
pub struct ClientMessage {
    #[ts(as = "Option<Vec<String>>", optional)]
    pub subscribe: Vec<String>,
    #[ts(as = "Option<Vec<String>>", optional)]
    pub unsubscribe: Vec<String>,
    /// The last `seq` held of each topic.
    #[ts(as = "Option<BTreeMap<String, u64>>", optional)]
    pub resume: BTreeMap<String, u64>,
    /// The run that `resume` is about.
    #[ts(optional)]
    pub run: Option<String>,
    /// A query to be followed, or no more.
    #[ts(optional)]
    pub sql: Option<LiveMessage>,
}

/// A query to be followed, or no more.
#[derive(Clone, Debug, Default, Deserialize, TS)]
#[serde(default)]
pub struct LiveMessage {
    /// What the client calls it.
    pub id: String,
    /// The query: `SELECT …` or `SUBSCRIBE (SELECT …)`.
    #[ts(optional)]
    pub subscribe: Option<String>,
    #[ts(optional)]
    pub resume: Option<LiveResume>,
    #[ts(as = "Option<bool>", optional)]
    pub unsubscribe: bool,
}

/// The last position held of a query, and the hello's run then.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct LiveResume {
    pub run: String,
    pub position: u64,
}

/// What the server sends of a query that is followed: one of the whole result (`snapshot`), changes, or an error that
/// ends it.
#[derive(Clone, Debug, Serialize, TS)]
pub struct LiveFrame {
    pub sql: LiveBody,
}

/// The same.
#[derive(Clone, Debug, Serialize, TS)]
pub struct LiveBody {
    pub id: String,
    /// One greater with each frame of changes.
    #[ts(optional)]
    pub position: Option<u64>,
    #[ts(optional)]
    pub stream_seq: Option<u64>,
    #[ts(optional = nullable)]
    pub event_time: Option<String>,
    /// What was held is to be forgotten.
    #[ts(optional)]
    pub resync: Option<bool>,
    /// Frames go on after the position that the client held.
    #[ts(optional)]
    pub resumed: Option<bool>,
    #[ts(optional)]
    pub columns: Option<Vec<LiveColumn>>,
    #[ts(optional, type = "unknown[][]")]
    pub snapshot: Option<Vec<Vec<Value>>>,
    /// Not all rows are in the snapshot.
    #[ts(optional)]
    pub truncated: Option<bool>,
    /// What a run takes, and how often it is made.
    #[ts(optional)]
    pub cost_ms: Option<u64>,
    #[ts(optional)]
    pub every_s: Option<f64>,
    #[ts(optional, type = "'deltas' | 'rerun'")]
    pub kept_by: Option<String>,
    #[ts(optional, type = "unknown[][]")]
    pub added: Option<Vec<Vec<Value>>>,
    #[ts(optional, type = "unknown[][]")]
    pub removed: Option<Vec<Vec<Value>>>,
    /// The row before and after.
    #[ts(optional, type = "[unknown[], unknown[]][]")]
    pub changed: Option<Vec<(Vec<Value>, Vec<Value>)>>,
    /// A problem, as over HTTP.
    #[ts(optional, type = "unknown")]
    pub error: Option<Value>,
}

/// A column of a result.
#[derive(Clone, Debug, Serialize, TS)]
pub struct LiveColumn {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
}
