//! How the service is.

use super::{Num, written};
use crate::headline::{self, Headline as Sentence};
use crate::port::{self, Picture};
use serde::Serialize;
use ts_rs::TS;
use vonglau_core::params::Params;

/// `GET /api/v1/status`, and each second to every websocket.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Status {
    pub stream_seq: u64,
    pub stream_head: u64,
    pub event_time: Option<String>,
    pub server_time: String,
    pub behind_events: u64,
    pub behind_ms: u64,
    pub events_per_s: Num,
    pub arrived: Arrived,
    #[ts(type = "ServiceState")]
    pub state: &'static str,
    pub stopped_since: Option<String>,
    pub durable: Option<bool>,
    #[ts(type = "Clock")]
    pub clock: &'static str,
    pub headline: Headline,
    pub rejected: u64,
    pub version: String,
    pub catch_up: Option<CatchUp>,
    pub access_open: bool,
    pub scaled_note: Option<Words>,
}

/// When the last of each came.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Arrived {
    pub scan: Option<String>,
    pub case: Option<String>,
}

/// The sentence at the top, and the city's level.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Headline {
    #[ts(type = "'not_live' | 'untaken' | 'level_4' | 'up' | 'down' | 'none' | 'flat'")]
    pub rule: &'static str,
    pub level: Option<i64>,
    pub vi: String,
    pub en: String,
}

/// What is being read back.
#[derive(Clone, Debug, Serialize, TS)]
pub struct CatchUp {
    pub from_seq: u64,
    pub head_seq: u64,
    /// Seconds it will still take, where that can be told.
    pub left_s: Option<u64>,
}

/// A sentence in both languages.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Words {
    pub vi: String,
    pub en: String,
}

impl Status {
    /// The status with the headline of a picture.
    pub fn new(status: &port::Status, picture: &Picture, params: &Params) -> Self {
        let zone = &params.zone;
        let Sentence { rule, level, vi, en } = headline::headline(&picture.view, status, params);
        Self {
            stream_seq: status.stream_seq,
            stream_head: status.stream_head,
            event_time: written(zone, status.event_time),
            server_time: zone.write(status.server_time),
            behind_events: status.behind_events,
            behind_ms: status.behind_ms,
            events_per_s: Num((status.events_per_s * 10.0).round() / 10.0),
            arrived: Arrived {
                scan: written(zone, status.arrived.scan),
                case: written(zone, status.arrived.case),
            },
            state: status.state.name(),
            stopped_since: written(zone, status.stopped_since),
            durable: status.durable,
            clock: status.clock.name(),
            headline: Headline { rule, level, vi, en },
            rejected: status.rejected,
            version: status.version.clone(),
            catch_up: status.catch_up.map(|span| CatchUp {
                from_seq: span.from_seq,
                head_seq: span.head_seq,
                left_s: span.left_s,
            }),
            access_open: status.access_open,
            scaled_note: status
                .scaled_note
                .as_ref()
                .map(|note| Words { vi: note.vi.clone(), en: note.en.clone() }),
        }
    }
}
