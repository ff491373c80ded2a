//! What SQL needs of the engine: one moment of the city for each statement.

use std::sync::Arc;
use tokio::sync::watch;
use vonglau_core::moment::{Moment, Parts};
use vonglau_core::situation::TappedScan;
use vonglau_core::time::Time;
use vonglau_core::view::View;
use vonglau_dashboard::port::{BoxFuture, Picture, Unavailable};

/// What a statement needs beyond rows, names and records, which every moment has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wants {
    /// Of cases.
    pub parts: Parts,
    /// Figures, cells and alerts.
    pub view: bool,
    /// Where events come from.
    pub sources: bool,
    /// Refused events.
    pub rejected: bool,
}

/// The city at one position of the stream.
#[derive(Debug)]
pub struct Taken {
    pub moment: Moment,
    /// The last message of EVENTS that is in it; 0 before the first.
    pub stream_seq: u64,
    /// Age of the oldest message not in it, in milliseconds; 0: everything is in it.
    pub lag_ms: u64,
    /// Where it was asked for.
    pub view: Option<Arc<View>>,
    pub sources: Vec<SourceRow>,
    pub rejected: Vec<RejectedRow>,
}

/// A refused event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedRow {
    pub rejected_at: Time,
    pub kind: Box<str>,
    pub field: Box<str>,
    pub reason: Box<str>,
    /// `http`, `nats` or `import`.
    pub source: Box<str>,
}

/// What came from one source.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceRow {
    /// A device, else `http`, `nats` or `import`.
    pub source: Box<str>,
    pub events: u64,
    pub last_at: Option<Time>,
    /// Receive time − `at`, in seconds.
    pub late_p50_s: Option<f64>,
    pub late_p99_s: Option<f64>,
}

/// Gives moments.
pub trait Moments: Send + Sync + std::fmt::Debug + 'static {
    /// The city now.
    fn take(&self, wants: Wants) -> BoxFuture<'_, Result<Taken, Unavailable>>;

    /// The newest position, where that is cheap to tell.
    fn position(&self) -> Option<u64> {
        None
    }

    /// The newest picture whenever something changed, where there are pictures.
    fn pictures(&self) -> Option<watch::Receiver<Arc<Picture>>> {
        None
    }

    /// The city now, and every new scan after it.
    fn tap(&self, _: Wants) -> BoxFuture<'_, Result<(Taken, Tap), Unavailable>> {
        let reason = "scans cannot be followed here".to_owned();
        Box::pin(std::future::ready(Err(Unavailable { reason, retry_after_s: 1 })))
    }
}

/// New scans as they come, in order and without a gap. It ends where somebody was too slow for them.
pub type Tap = tokio::sync::mpsc::Receiver<Arc<Tapped>>;

/// What a message of the journal, or some in a row, brought to the scans.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tapped {
    /// The last message that is in it.
    pub stream_seq: u64,
    pub event_time: Option<Time>,
    pub scans: Vec<TappedScan>,
    /// Scans that were there before are not what they were: the edge of the retention moved, or a venue did.
    pub remade: bool,
}
