//! A moment of the city for SQL, taken between two messages.

use super::Driver;
use std::sync::Arc;
use vonglau_sql::moments::{Taken, Wants};

impl Driver {
    /// The city at the newest applied position; None while names are still being brought up to date, some milliseconds
    /// a time, so that the journal never waits for long.
    pub(super) fn take_moment(&mut self, wants: Wants) -> Option<Taken> {
        if !self.situation.refresh(&mut self.registers) {
            return None;
        }
        let view = wants.view.then(|| Arc::clone(&self.newest_picture().view));
        Some(Taken {
            moment: self.situation.moment(self.registers.clone(), wants.parts),
            stream_seq: self.seq,
            lag_ms: 0,
            view,
            sources: if wants.sources { self.sources.rows() } else { Vec::new() },
            rejected: Vec::new(),
        })
    }
}
