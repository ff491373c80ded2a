//! Under the clock `wall` the service itself publishes a tick each second, so that a quiet city still ages.

use crate::gateway::{Gateway, server_time};
use crate::nats::Link;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use vonglau_core::event::{Event, Tick, TickTag};

const EVERY: Duration = Duration::from_secs(1);

/// Ticks until `shutdown`, while NATS is connected.
pub async fn run(gateway: Gateway, shutdown: CancellationToken) {
    let mut seconds = interval(EVERY);
    seconds.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            _ = seconds.tick() => {}
            () = shutdown.cancelled() => return,
        }
        if gateway.nats().link() == Link::Cut {
            continue;
        }
        let at = server_time();
        if gateway.now().is_some_and(|now| at <= now) {
            // The server's clock was set back, or this second has its tick: time does not go backwards.
            continue;
        }
        let tick = Event::Tick(Tick { at, id: format!("tick-{}", at.0).into(), kind: TickTag });
        if let Err(why) = gateway.tick(tick).await {
            tracing::debug!(%why, "a tick was not taken");
        }
    }
}
