//! The websocket hub alone, as a process for one core: a new picture about four times a second, whoever looks.

use crate::city::mix;
use crate::stream::float;
use anyhow::Context as _;
use std::io::{Read as _, Write as _, stdin, stdout};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use vonglau::config::{Asked, Config};
use vonglau_core::ask::Question;
use vonglau_core::params::Clock;
use vonglau_core::rows::Layer;
use vonglau_core::time::Time;
use vonglau_core::view::{Delta, View};
use vonglau_core::wards::WardMap;
use vonglau_dashboard::geometry::Geometry;
use vonglau_dashboard::port::{
    Answered, Arrived, BoxFuture, CommandDraft, CommandRefused, CommandTaken, Observer, Picture, Query,
    State, Status, Unavailable,
};
use vonglau_dashboard::{FRAME_MS_MIN, Setup};

/// The topic whose frames are of about 2 kB.
pub const TOPIC: &str = "hexes:presence:8";
/// Cells that change with each picture.
const CELLS: u64 = 58;
/// The first of them, in the middle of Hanoi.
const CELL: u64 = 0x0888_4150_0000_0fff;
/// Frames are let out this far apart and no faster; the hub's own bookkeeping is not to be waited for.
const PICTURES_APART: Duration = Duration::from_millis(FRAME_MS_MIN + 2);

/// Microseconds since 1970, which both processes agree on.
pub fn now_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// Serves until stdin ends. The first line of stdout is the address.
///
/// # Errors
/// When it cannot listen.
pub fn serve() -> anyhow::Result<()> {
    let config =
        Config::load(&Asked::default(), std::iter::empty()).map_err(|faults| anyhow::anyhow!("{faults}"))?;
    let runtime = tokio::runtime::Runtime::new().context("no threads for the runtime")?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        writeln!(stdout(), "{}", listener.local_addr()?)?;
        let map = WardMap::new(&config.params.wards);
        let (pictures, picture) = watch::channel(Arc::new(Picture::new(Arc::default(), 0)));
        let setup = Setup {
            params: Arc::clone(&config.params),
            query: Arc::new(Nothing),
            sql: Arc::new(vonglau_dashboard::port::NoSql),
            pictures: picture,
            geometry: Geometry::build(&config.params, &map, None, None)?,
            observer: Arc::new(Nothing),
            metrics: Arc::new(String::new),
            access_open: false,
        };
        let shutdown = CancellationToken::new();
        let view = View::new(config.params.districts.len(), config.params.wards.len());
        let serving = vonglau_dashboard::serve(listener, setup, axum::Router::new(), shutdown.clone());
        let leave = tokio::task::spawn_blocking(|| stdin().read_to_end(&mut Vec::new()));
        tokio::select! {
            served = serving => served?,
            () = paint(view, &pictures) => {}
            read = leave => drop(read??),
        }
        Ok(())
    })
}

/// A new picture at each due time, which its position tells.
async fn paint(mut view: View, pictures: &watch::Sender<Arc<Picture>>) {
    let begin_us = now_us();
    let mut ticks = tokio::time::interval(PICTURES_APART);
    for turn in 0_u64.. {
        ticks.tick().await;
        view.apply(Delta::Now(Time(1_634_230_800 + turn.cast_signed())));
        for cell in 0..CELLS {
            let value = Some(float(mix(turn * CELLS + cell) % 1_000 + 1));
            view.apply(Delta::Cell { layer: Layer::Presence, res: 8, cell: CELL + (cell << 12), value });
        }
        let due_us = begin_us + turn * u64::try_from(PICTURES_APART.as_micros()).unwrap_or(u64::MAX);
        pictures.send_replace(Arc::new(Picture::new(Arc::new(view.clone()), due_us)));
    }
}

/// Nobody asks, and nobody is told.
struct Nothing;

impl Nothing {
    fn unavailable() -> Unavailable {
        Unavailable { reason: "only frames are sent here".into(), retry_after_s: 1 }
    }
}

impl Observer for Nothing {
    fn frame_sent(&self, _stream_seq: u64, _made_in: Duration) {}
}

impl Query for Nothing {
    fn picture(&self) -> BoxFuture<'_, Result<Arc<Picture>, Unavailable>> {
        Box::pin(async { Err(Self::unavailable()) })
    }

    fn ask(&self, _question: Question) -> BoxFuture<'_, Result<Answered, Unavailable>> {
        Box::pin(async { Err(Self::unavailable()) })
    }

    fn status(&self) -> Status {
        Status {
            stream_seq: 1,
            stream_head: 1,
            event_time: None,
            server_time: Time(0),
            behind_events: 0,
            behind_ms: 0,
            events_per_s: 0.0,
            arrived: Arrived::default(),
            state: State::Live,
            stopped_since: None,
            durable: Some(true),
            clock: Clock::Events,
            rejected: 0,
            version: env!("CARGO_PKG_VERSION").into(),
            catch_up: None,
            access_open: false,
            scaled_note: None,
        }
    }

    fn command(&self, _draft: CommandDraft) -> BoxFuture<'_, Result<CommandTaken, CommandRefused>> {
        Box::pin(async { Err(Self::unavailable().into()) })
    }
}
