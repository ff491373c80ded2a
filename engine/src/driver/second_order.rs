//! F2 are searched for on a thread of their own: in a large city that takes a second or two, for which no event waits.

use std::io;
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use vonglau_core::apart::SecondOrder;
use vonglau_core::settle::F2;
use vonglau_core::situation::Situation;

/// The F2 figures are searched for at least this often, in server time, whatever it costs: they may be a minute old.
const AGE_MAX: Duration = Duration::from_secs(30);

/// When F2 were searched for, and a search that goes on.
#[derive(Debug, Default)]
pub struct Searching {
    /// When the last search that is exact for its time began.
    begun: Option<Instant>,
    /// Did pictures come since that may not show F2 as they are?
    may_be_old: bool,
    going_on: Option<oneshot::Receiver<SecondOrder>>,
    found: Option<SecondOrder>,
}

impl Searching {
    /// When the next search is due; None while nothing may have changed.
    pub fn due(&self) -> Option<Instant> {
        self.begun.filter(|_| self.may_be_old && self.going_on.is_none()).map(|begun| begun + AGE_MAX)
    }

    /// The next picture searches by itself, whatever it costs.
    pub fn search_anew(&mut self) {
        self.begun = None;
    }

    /// How the next picture gets its F2. Where a search is due that would take long, it is begun.
    pub fn begin(&mut self, situation: &Situation, is_started: bool) -> F2 {
        let is_due = is_started && self.begun.is_none_or(|begun| begun.elapsed() >= AGE_MAX);
        if !is_due || self.going_on.is_some() {
            self.may_be_old = true;
            return F2::IfCheap;
        }
        let is_first = self.begun.replace(Instant::now()).is_none();
        self.may_be_old = false;
        if is_first || situation.is_second_order_cheap() {
            return F2::Now;
        }
        match begin(situation) {
            Ok(going_on) => {
                self.going_on = going_on;
                F2::IfCheap
            }
            Err(error) => {
                tracing::warn!(%error, "no thread to search for F2: events wait for it");
                F2::Now
            }
        }
    }

    /// Waits until a search has found what it looks for.
    pub async fn finds(&mut self) {
        match &mut self.going_on {
            Some(going_on) => self.found = going_on.await.ok(),
            None => std::future::pending().await,
        }
        self.going_on = None;
    }

    /// What was found since this was last asked.
    pub fn take(&mut self) -> Option<SecondOrder> {
        if let Some(Ok(found)) = self.going_on.as_mut().map(oneshot::Receiver::try_recv) {
            self.going_on = None;
            self.found = Some(found);
        }
        self.found.take()
    }
}

fn begin(situation: &Situation) -> io::Result<Option<oneshot::Receiver<SecondOrder>>> {
    let Some(search) = situation.search_second_order() else { return Ok(None) };
    let (sender, receiver) = oneshot::channel();
    // If nobody waits for it any more, the service ends.
    thread::Builder::new().name("f2".to_owned()).spawn(move || drop(sender.send(search.run())))?;
    Ok(Some(receiver))
}
