//! A city that a test holds in its hands, and those who follow queries over it.

use futures_util::StreamExt;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::sync::{Notify, mpsc};
use tokio::time::timeout;
use vonglau::config::{Asked, Config};
use vonglau_core::event::{Direction, Event, Mode, Scan, ScanTag, Venue};
use vonglau_core::moment::{Parts, Registers};
use vonglau_core::params::{Clock, Params};
use vonglau_core::situation::{Progress, Situation};
use vonglau_core::time::Time;
use vonglau_core::wards::WardMap;
use vonglau_dashboard::port::live::{LiveBegin, LiveFrame};
use vonglau_dashboard::port::{BoxFuture, Unavailable};
use vonglau_sql::bounds::Bounds;
use vonglau_sql::formats::{Format, write};
use vonglau_sql::live::{Listener, Live, LiveBounds, Next};
use vonglau_sql::moments::{Moments, Taken, Tap, Tapped, Wants};
use vonglau_sql::threads::Threads;
use vonglau_sql::{Caller, From, Sql};

pub const DEADLINE: Duration = Duration::from_mins(1);

/// What the city holds.
pub struct Held {
    pub situation: Situation,
    registers: Registers,
    seq: u64,
    taps: Vec<mpsc::Sender<Arc<Tapped>>>,
    pub unavailable: bool,
}

/// The city, and what gives moments of it.
pub struct City(Mutex<Held>);

impl std::fmt::Debug for City {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("City")
    }
}

impl City {
    pub fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap()
    }

    /// A scan, which is the next message.
    pub fn scan(&self, person: &str, venue: &str, second: i64) {
        self.take(Event::Scan(Scan {
            at: Time(1_634_260_000 + second),
            device: None,
            direction: Some(if second % 3 == 1 { Direction::Out } else { Direction::In }),
            id: format!("{person}{second}").into(),
            kind: ScanTag,
            mode: if second % 7 == 1 { Mode::Checkpoint } else { Mode::PersonQr },
            person: person.into(),
            venue: venue.into(),
        }));
    }

    /// Where a venue is from now on, which is the next message.
    pub fn venue(&self, venue: &str, district: &str, second: i64) {
        let record = json!({
            "at": "2021-10-15T01:00:00Z", "id": format!("{venue}{second}"), "kind": "venue", "type": "market",
            "district": district, "venue": venue,
        });
        let record = serde_json::from_value::<Venue>(record).unwrap();
        self.take(Event::Venue(Venue { at: Time(1_634_260_000 + second), ..record }));
    }

    /// The next message.
    fn take(&self, event: Event) {
        let mut held = self.held();
        let mut deltas = Vec::new();
        let mut progress = held.situation.step(event, &mut deltas);
        while progress == Progress::More {
            progress = held.situation.work(&mut deltas);
        }
        held.seq += 1;
        let Some(new) = held.situation.take_new_scans() else { return };
        let tapped = Tapped {
            stream_seq: held.seq,
            event_time: held.situation.now(),
            scans: new.scans,
            remade: new.remade,
        };
        let tapped = Arc::new(tapped);
        held.taps.retain(|tap| tap.try_send(Arc::clone(&tapped)).is_ok());
    }

    /// As if everybody had been too slow.
    pub fn break_taps(&self) {
        self.held().taps.clear();
    }
}

impl Held {
    fn take(&mut self) -> Result<Taken, Unavailable> {
        if self.unavailable {
            return Err(Unavailable { reason: "not now".to_owned(), retry_after_s: 1 });
        }
        let Self { situation, registers, seq, .. } = self;
        while !situation.refresh(registers) {}
        Ok(Taken {
            moment: situation.moment(registers.clone(), Parts::default()),
            stream_seq: *seq,
            lag_ms: 0,
            view: None,
            sources: Vec::new(),
            rejected: Vec::new(),
        })
    }
}

impl Moments for City {
    fn take(&self, _: Wants) -> BoxFuture<'_, Result<Taken, Unavailable>> {
        Box::pin(async { self.held().take() })
    }

    fn position(&self) -> Option<u64> {
        Some(self.held().seq)
    }

    fn tap(&self, _: Wants) -> BoxFuture<'_, Result<(Taken, Tap), Unavailable>> {
        Box::pin(async {
            let mut held = self.held();
            let taken = held.take()?;
            let (tap, tapped) = mpsc::channel(32);
            held.taps.push(tap);
            held.situation.watch_scans(true);
            Ok((taken, tapped))
        })
    }
}

/// Live queries over a city.
pub struct Setup {
    pub city: Arc<City>,
    pub live: Live,
    sql: Sql,
    _threads: Threads,
}

pub fn setup(bounds: LiveBounds) -> Setup {
    let folder = TempDir::new().unwrap();
    let asked = Asked { folder: Some(folder.path().to_owned()), ..Asked::default() };
    let config = Config::load(&asked, std::iter::empty()).unwrap_or_else(|faults| panic!("{faults}"));
    let params = Arc::new(Params { clock: Clock::Events, ..Params::clone(&config.params) });
    let wards = Arc::new(WardMap::new(&params.wards));
    let situation = Situation::new(Arc::clone(&params), wards);
    let registers = Registers::default();
    let held = Held { situation, registers, seq: 0, taps: Vec::new(), unavailable: false };
    let city = Arc::new(City(Mutex::new(held)));
    let of_sql = Bounds { threads: 2, ..Bounds::default() };
    let threads = Threads::start(&of_sql).unwrap();
    let moments: Arc<dyn Moments> = Arc::clone(&city) as Arc<dyn Moments>;
    let sql = Sql::new(moments, params, &config.zone_name, of_sql, &threads).unwrap();
    Setup { city, live: Live::new(sql.clone(), bounds), sql, _threads: threads }
}

impl Setup {
    /// What asking anew gives.
    pub async fn ask(&self, sql: &str) -> Vec<Value> {
        let caller = Caller { user: "test".into(), from: From::Page };
        let prepared = Box::pin(self.sql.prepare(sql, &caller)).await.unwrap();
        let running = self.sql.execute(prepared, None, None).await.unwrap();
        let mut body = write(&self.sql, running, Format::Json, Instant::now()).await.unwrap();
        let mut text = Vec::new();
        while let Some(part) = body.next().await {
            text.extend(part.unwrap());
        }
        let answer: Value = serde_json::from_slice(&text).unwrap();
        answer["rows"].as_array().unwrap().clone()
    }
}

/// What changes is soon told.
pub fn quick() -> LiveBounds {
    LiveBounds { every_min: Duration::from_millis(20), ..LiveBounds::default() }
}

/// One who follows, and the fold of what it was told.
pub struct Client {
    pub listener: Listener,
    changed: Arc<Notify>,
    pub position: u64,
    pub rows: BTreeMap<String, i64>,
    pub resyncs: usize,
}

impl Client {
    pub fn follow(setup: &Setup, sql: &str, begin: LiveBegin) -> Self {
        let changed = Arc::new(Notify::new());
        let listener = setup.live.follow(sql, begin, Arc::clone(&changed)).unwrap();
        Self { listener, changed, position: 0, rows: BTreeMap::new(), resyncs: 0 }
    }

    /// Waits for what comes next.
    pub async fn next(&mut self) -> Next {
        loop {
            match self.listener.next() {
                Next::Nothing => timeout(DEADLINE, self.changed.notified()).await.unwrap(),
                next => return next,
            }
        }
    }

    pub async fn frame(&mut self) -> Value {
        match self.next().await {
            Next::Frame(frame) => self.fold(&frame),
            Next::Resync(frame) => {
                self.resyncs += 1;
                self.fold(&frame)
            }
            other => panic!("{other:?}"),
        }
    }

    fn fold(&mut self, frame: &LiveFrame) -> Value {
        let frame: Value = serde_json::from_str(&format!("{{{}}}", frame.fields())).unwrap();
        let position = frame["position"].as_u64().unwrap();
        let list = |name: &str| frame[name].as_array().cloned().unwrap_or_default();
        if frame.get("snapshot").is_some() {
            self.rows.clear();
        } else if frame.get("resumed").is_none() {
            assert_eq!(position, self.position + 1, "{frame}");
        }
        let changed = list("changed");
        let gone = list("removed").into_iter().chain(changed.iter().map(|pair| pair[0].clone()));
        let come = list("snapshot").into_iter().chain(list("added"));
        let come = come.chain(changed.iter().map(|pair| pair[1].clone()));
        gone.for_each(|row| *self.rows.entry(row.to_string()).or_default() -= 1);
        come.for_each(|row| *self.rows.entry(row.to_string()).or_default() += 1);
        self.rows.retain(|_, count| *count != 0);
        self.position = position;
        frame
    }

    /// Reads until the rows are these.
    pub async fn until(&mut self, rows: &[Value]) {
        let mut wanted = BTreeMap::new();
        for row in rows {
            *wanted.entry(row.to_string()).or_default() += 1;
        }
        while self.rows != wanted {
            self.frame().await;
        }
    }
}
