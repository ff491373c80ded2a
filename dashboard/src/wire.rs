//! What browsers get: the JSON of HTTP answers and websocket frames, each object built from the core's rows.
//!
//! Times are in the city's zone, numbers in their shortest form. HTTP writes what is not known as `null`; frames
//! leave it out ([`crate::patch::without_nulls`]). The TypeScript types beside the web app come from here.

pub mod alerts;
pub mod figures;
pub mod messages;
pub mod rows;
pub mod status;
pub mod typescript;
pub mod venues;

use serde::{Serialize, Serializer};
use ts_rs::TS;
use vonglau_core::time::{Time, Zone};

/// A number in its shortest form: 10, not 10.0.
#[derive(Clone, Copy, Debug, PartialEq, TS)]
pub struct Num(pub f64);

impl Serialize for Num {
    #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53 here")]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;
        if self.0.fract() == 0.0 && self.0.abs() < WHOLE_MAX {
            serializer.serialize_i64(self.0 as i64)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

/// An object with the position it is true for.
#[derive(Clone, Debug, Serialize)]
pub struct Stamped<T> {
    pub stream_seq: u64,
    pub event_time: Option<String>,
    #[serde(flatten)]
    pub body: T,
}

/// A list, or a page of one.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Page<T> {
    pub stream_seq: u64,
    pub event_time: Option<String>,
    pub items: Vec<T>,
    /// Where the next page begins; null on the last.
    pub next: Option<String>,
}

/// A moment as answers give it.
pub fn written(zone: &Zone, at: Option<Time>) -> Option<String> {
    at.map(|at| zone.write(at))
}

/// An H3 index as answers give it.
pub fn cell_name(cell: u64) -> String {
    format!("{cell:x}")
}

/// Owned text of what the core holds.
fn text(held: Option<&str>) -> Option<String> {
    held.map(str::to_owned)
}
