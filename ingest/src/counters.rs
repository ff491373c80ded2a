//! What was taken and what was refused since the start.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use vonglau_core::event::Kind;

/// Counters that anyone may read at any time.
#[derive(Debug, Default)]
pub struct Counters {
    taken: [AtomicU64; Kind::ALL.len()],
    /// By kind, then the unknown ones.
    rejected: [AtomicU64; Kind::ALL.len() + 1],
    unknown_fields: AtomicU64,
}

impl Counters {
    /// Events of a kind that are in the journal by now, repeated ones within a request apart.
    pub fn taken(&self, kind: Kind) -> u64 {
        self.taken[kind as usize].load(Relaxed)
    }

    /// Events that were refused; `None` counts those whose kind is none of ours.
    pub fn rejected(&self, kind: Option<Kind>) -> u64 {
        self.rejected[Self::slot(kind)].load(Relaxed)
    }

    /// All events that were refused.
    pub fn rejected_total(&self) -> u64 {
        self.rejected.iter().map(|n| n.load(Relaxed)).sum()
    }

    /// Fields that were ignored because no event of that kind has them.
    pub fn unknown_fields(&self) -> u64 {
        self.unknown_fields.load(Relaxed)
    }

    pub(crate) fn count_taken(&self, kind: Kind) {
        self.taken[kind as usize].fetch_add(1, Relaxed);
    }

    pub(crate) fn count_rejected(&self, kind: Option<Kind>) {
        self.rejected[Self::slot(kind)].fetch_add(1, Relaxed);
    }

    pub(crate) fn count_unknown_fields(&self, fields: u64) {
        self.unknown_fields.fetch_add(fields, Relaxed);
    }

    fn slot(kind: Option<Kind>) -> usize {
        kind.map_or(Kind::ALL.len(), |kind| kind as usize)
    }
}
