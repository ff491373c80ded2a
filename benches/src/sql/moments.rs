//! A situation that stands still, as SQL asks for it.

use std::sync::Mutex;
use vonglau_core::moment::Registers;
use vonglau_core::situation::Situation;
use vonglau_dashboard::port::{BoxFuture, Unavailable};
use vonglau_sql::moments::{Moments, Taken, Wants};

/// A situation and what it calls people and venues.
#[derive(Debug)]
pub struct Held(Mutex<(Situation, Registers)>);

impl Held {
    pub fn new(situation: Situation) -> Self {
        Self(Mutex::new((situation, Registers::default())))
    }
}

impl Moments for Held {
    fn take(&self, wants: Wants) -> BoxFuture<'_, Result<Taken, Unavailable>> {
        let broken = |_| Unavailable { reason: "the bench has failed before".to_owned(), retry_after_s: 1 };
        let taken = self.0.lock().map_err(broken).map(|mut held| {
            let (situation, registers) = &mut *held;
            while !situation.refresh(registers) {}
            Taken {
                moment: situation.moment(registers.clone(), wants.parts),
                stream_seq: 0,
                lag_ms: 0,
                view: None,
                sources: Vec::new(),
                rejected: Vec::new(),
            }
        });
        Box::pin(std::future::ready(taken))
    }
}
