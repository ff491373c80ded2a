//! New scans for those who follow them: a list of channels, each filled without waiting for anybody.

use super::Driver;
use std::sync::Arc;
use tokio::sync::mpsc;
use vonglau_sql::moments::{Taken, Tap, Tapped, Wants};

/// What may wait for one who follows; beyond it its channel ends, and it takes a new moment.
const TAPPED_WAITING_MAX: usize = 4_096;

/// Those who follow scans.
#[derive(Debug, Default)]
pub struct Taps(Vec<mpsc::Sender<Arc<Tapped>>>);

impl Taps {
    /// Tells all; those who are gone or too slow are told no more.
    fn tell(&mut self, tapped: Tapped) {
        let tapped = Arc::new(tapped);
        self.0.retain(|tap| tap.try_send(Arc::clone(&tapped)).is_ok());
    }
}

impl Driver {
    /// The city now, and all new scans after it. Both in one turn: no scan lies between.
    pub(super) fn tap(&mut self, wants: Wants) -> Option<(Taken, Tap)> {
        let taken = self.take_moment(wants)?;
        if self.taps.0.is_empty() {
            self.situation.watch_scans(true);
        }
        let (tap, tapped) = mpsc::channel(TAPPED_WAITING_MAX);
        self.taps.0.push(tap);
        Some((taken, tapped))
    }

    /// Tells of the scans that the last messages brought.
    pub(super) fn tell_scans(&mut self) {
        let Some(new) = self.situation.take_new_scans() else { return };
        let (scans, remade) = (new.scans, new.remade);
        self.taps.tell(Tapped { stream_seq: self.seq, event_time: self.situation.now(), scans, remade });
        if self.taps.0.is_empty() {
            self.situation.watch_scans(false);
        }
    }
}
