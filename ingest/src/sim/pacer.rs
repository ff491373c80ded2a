//! When the next step may go.

use super::schedule::Pace;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};
use vonglau_core::time::Time;

/// Further behind than this, what was missed is not made up for: simulated time stood still meanwhile.
const LAG_MAX: Duration = Duration::from_secs(5);
/// Requests a second at which a rate is spread out.
const REQUESTS_PER_S: f64 = 20.0;

/// Holds steps back until their time has come.
#[derive(Debug)]
pub(super) struct Pacer {
    pace: Pace,
    live_at: Time,
    /// The gateway's clock when it was asked, where nothing may come from its future.
    wall: Option<(Instant, Time)>,
    /// The real and the simulated time from which live running counts.
    anchor: Option<(Instant, Time)>,
    /// When the next request of a rate is due.
    due: Option<Instant>,
}

impl Pacer {
    pub(super) fn new(pace: Pace, live_at: Time, wall: Option<Time>) -> Self {
        Self { pace, live_at, wall: wall.map(|at| (Instant::now(), at)), anchor: None, due: None }
    }

    /// Waits until a step that ends then may go.
    pub(super) async fn wait(&mut self, until: Time) {
        let wall = self.wall.map(|(asked, at)| asked + seconds((until.0 - at.0) as f64));
        if let Some(due) = wall.into_iter().chain(self.live(until)).max() {
            sleep_until(due).await;
        }
    }

    /// When a step of live running is due; under the wall's clock that clock alone decides.
    fn live(&mut self, until: Time) -> Option<Instant> {
        let Pace::Speed(speed) = self.pace else { return None };
        if until <= self.live_at || self.wall.is_some() {
            return None;
        }
        let now = Instant::now();
        let (real, simulated) = *self.anchor.get_or_insert((now, until));
        let due = real + seconds((until.0 - simulated.0) as f64 / speed);
        if now > due + LAG_MAX {
            self.anchor = Some((now, until));
        }
        Some(due)
    }

    /// How many lines to send at once for a rate to be spread out.
    pub(super) fn lines_at_once(&self, lines_max: usize) -> usize {
        match self.pace {
            Pace::Rate(rate) => ((rate / REQUESTS_PER_S) as usize).clamp(1, lines_max),
            Pace::AsFastAsPossible | Pace::Speed(_) => lines_max,
        }
    }

    /// Waits until so many lines may go at the rate that was asked for.
    pub(super) async fn spend(&mut self, lines: usize) {
        let Pace::Rate(rate) = self.pace else { return };
        let now = Instant::now();
        let due = self.due.filter(|due| *due + LAG_MAX > now).unwrap_or(now);
        self.due = Some(due + seconds(lines as f64 / rate));
        sleep_until(due).await;
    }
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::ZERO)
}
