//! Scans as phones really send them: some late by hours, some twice.

use crate::city::{Row, mix, unit};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

const LATE_SHARE: f64 = 0.05;
const LATE_LEAST_S: f64 = 3_600.0;
/// What is added to it on average, spread exponentially.
const LATE_MORE_S: f64 = 2.8 * 3_600.0;
const REPEATED_SHARE: f64 = 0.02;
const REPEATED_WITHIN_S: f64 = 600.0;

/// What is still on its way, by arrival.
#[derive(Debug, Default)]
pub struct Late {
    held: BinaryHeap<Reverse<(u32, Row)>>,
    seen: u64,
}

impl Late {
    /// These scans in the order in which they arrive, with the late ones of before that are due by now.
    pub fn arrive(&mut self, rows: &[Row]) -> Vec<Row> {
        let mut arrived = Vec::with_capacity(rows.len());
        for row in rows {
            while let Some(due) = self.held.peek().filter(|due| due.0.0 <= row.at) {
                arrived.push(due.0.1);
                self.held.pop();
            }
            self.seen += 1;
            let key = mix(self.seen | 1 << 44);
            let wait = |seconds: f64| Reverse((row.at + whole(seconds), *row));
            if unit(key) < LATE_SHARE {
                self.held.push(wait(LATE_LEAST_S - LATE_MORE_S * (1.0 - unit(key ^ 1)).ln()));
            } else {
                arrived.push(*row);
            }
            if unit(key ^ 2) < REPEATED_SHARE {
                self.held.push(wait(unit(key ^ 3) * REPEATED_WITHIN_S));
            }
        }
        arrived
    }

    /// All that is still on its way.
    pub fn rest(&mut self) -> Vec<Row> {
        std::mem::take(&mut self.held).into_sorted_vec().into_iter().rev().map(|held| held.0.1).collect()
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some hours")]
fn whole(seconds: f64) -> u32 {
    seconds as u32
}
