//! Queries that are followed, over a city that the test holds in its hands.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::{Notify, mpsc};
use tokio::time::timeout;
use vonglau::config::{Asked, Config};
use vonglau_core::event::{Direction, Event, Mode, Scan, ScanTag};
use vonglau_core::moment::Registers;
use vonglau_core::params::{Clock, Params};
use vonglau_core::situation::{Progress, Situation};
use vonglau_core::time::Time;
use vonglau_core::wards::WardMap;
use vonglau_dashboard::port::live::{LiveBegin, LiveFrame};
use vonglau_dashboard::port::{BoxFuture, Unavailable};
use vonglau_sql::bounds::Bounds;
use vonglau_sql::live::{Listener, Live, LiveBounds, Next};
use vonglau_sql::moments::{Moments, Taken, Tap, Tapped, Wants};
use vonglau_sql::run::Threads;
use vonglau_sql::{Sql, SqlErrorKind};

const DEADLINE: Duration = Duration::from_mins(1);
const SCANS: &str = "SELECT person FROM scans WHERE venue = 'HN-1'";
const COUNT: &str = "SELECT count(*) AS n FROM scans";

struct Held {
    situation: Situation,
    registers: Registers,
    seq: u64,
    taps: Vec<mpsc::Sender<Arc<Tapped>>>,
    unavailable: bool,
}

/// The city, and what gives moments of it.
struct City(Mutex<Held>);

impl std::fmt::Debug for City {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("City")
    }
}

impl City {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap()
    }

    /// A scan, which is the next message.
    fn scan(&self, person: &str, venue: &str, second: i64) {
        let mut held = self.held();
        let at = Time(1_634_260_000 + second);
        let scan = Scan {
            at,
            device: None,
            direction: Some(Direction::In),
            id: format!("{person}{second}").into(),
            kind: ScanTag,
            mode: Mode::PersonQr,
            person: person.into(),
            venue: venue.into(),
        };
        let mut deltas = Vec::new();
        let mut progress = held.situation.step(Event::Scan(scan), &mut deltas);
        while progress == Progress::More {
            progress = held.situation.work(&mut deltas);
        }
        held.seq += 1;
        let new = held.situation.take_new_scans().unwrap_or_default();
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
    fn break_taps(&self) {
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
            moment: situation.moment(registers.clone(), false),
            stream_seq: *seq,
            lag_ms: 0,
            view: None,
            sources: Vec::new(),
            rejected: Vec::new(),
            answers: Vec::new(),
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
            let (tap, tapped) = mpsc::channel(4);
            held.taps.push(tap);
            held.situation.watch_scans(true);
            Ok((taken, tapped))
        })
    }
}

/// Live queries over a city.
struct Setup {
    city: Arc<City>,
    live: Live,
    _threads: Threads,
}

fn setup(bounds: LiveBounds) -> Setup {
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
    Setup { city, live: Live::new(sql, bounds), _threads: threads }
}

fn quick() -> LiveBounds {
    LiveBounds { every_min: Duration::from_millis(20), ..LiveBounds::default() }
}

/// One who follows, and the fold of what it was told.
struct Client {
    listener: Listener,
    changed: Arc<Notify>,
    position: u64,
    rows: BTreeMap<String, i64>,
    resyncs: usize,
}

impl Client {
    fn follow(setup: &Setup, sql: &str, begin: LiveBegin) -> Self {
        let changed = Arc::new(Notify::new());
        let listener = setup.live.follow(sql, begin, Arc::clone(&changed)).unwrap();
        Self { listener, changed, position: 0, rows: BTreeMap::new(), resyncs: 0 }
    }

    /// Waits for what comes next.
    async fn next(&mut self) -> Next {
        loop {
            match self.listener.next() {
                Next::Nothing => timeout(DEADLINE, self.changed.notified()).await.unwrap(),
                next => return next,
            }
        }
    }

    async fn frame(&mut self) -> Value {
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
    async fn until(&mut self, rows: &[Value]) {
        let mut wanted = BTreeMap::new();
        for row in rows {
            *wanted.entry(row.to_string()).or_default() += 1;
        }
        while self.rows != wanted {
            self.frame().await;
        }
    }
}

fn people(count: i64) -> Vec<Value> {
    (0..count).map(|n| json!([format!("P{n}")])).collect()
}

#[tokio::test]
async fn every_scan_is_told_once_though_the_tap_breaks() {
    let setup = setup(quick());
    let city = &setup.city;
    let mut client = Client::follow(&setup, SCANS, LiveBegin::Fresh);
    for n in 0..40 {
        city.scan(&format!("P{n}"), "HN-1", n * 10);
        city.scan(&format!("P{n}"), "HN-1", n * 10);
        city.scan("elsewhere", "HN-2", n * 10);
        if n % 7 == 3 {
            city.break_taps();
        }
        if n % 5 == 0 {
            client.until(&people(n + 1)).await;
        }
    }
    client.until(&people(40)).await;
    assert_eq!(client.resyncs, 0, "what came meanwhile is told as a change");
}

#[tokio::test]
async fn what_has_not_moved_does_not_run_again() {
    let setup = setup(quick());
    setup.city.scan("P0", "HN-1", 0);
    let mut client = Client::follow(&setup, COUNT, LiveBegin::Fresh);
    client.until(&[json!([1])]).await;
    for n in 1..6 {
        setup.city.scan("P0", "HN-1", n);
        client.until(&[json!([n + 1])]).await;
    }
    let runs = setup.live.counts().runs;
    assert!(runs <= 6, "{runs} runs for six positions");
    let frame = setup.live.counts().frames;
    assert_eq!(frame, 6);
}

#[tokio::test]
async fn a_feed_that_nobody_follows_lasts_for_those_who_come_back_and_then_ends() {
    let setup = setup(LiveBounds { held: Duration::from_millis(400), ..quick() });
    let mut client = Client::follow(&setup, SCANS, LiveBegin::Fresh);
    client.until(&[]).await;
    client.frame().await;
    let (position, rows) = (client.position, client.rows.clone());
    drop(client);
    setup.city.scan("P0", "HN-1", 0);
    let mut back = Client::follow(&setup, SCANS, LiveBegin::After(position));
    (back.position, back.rows) = (position, rows);
    let resumed = back.frame().await;
    assert_eq!((resumed["resumed"].clone(), resumed["position"].as_u64()), (json!(true), Some(position)));
    back.until(&people(1)).await;
    assert_eq!((back.resyncs, setup.live.counts().feeds), (0, 1));
    let position = back.position;
    drop(back);
    let ended = async {
        while setup.live.counts().feeds > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(DEADLINE, ended).await.unwrap();
    // A position of the feed that has ended is none of the new one's.
    let mut late = Client::follow(&setup, SCANS, LiveBegin::After(position));
    late.until(&people(1)).await;
    assert_eq!(late.resyncs, 1);
    assert!(late.position > position);
}

#[tokio::test]
async fn a_slow_client_begins_anew_and_a_quick_one_is_not_held_up() {
    let setup = setup(LiveBounds { held_bytes: 400, ..quick() });
    let mut slow = Client::follow(&setup, COUNT, LiveBegin::Fresh);
    let mut fast = Client::follow(&setup, COUNT, LiveBegin::Fresh);
    slow.until(&[json!([0])]).await;
    for n in 0..30 {
        setup.city.scan("P0", "HN-1", n);
        fast.until(&[json!([n + 1])]).await;
    }
    slow.until(&[json!([30])]).await;
    assert_eq!((slow.resyncs, fast.resyncs), (1, 0));
    assert_eq!(setup.live.counts().feeds, 1);
}

#[tokio::test]
async fn there_is_room_for_so_many_queries_and_an_idle_one_gives_its_place() {
    let setup = setup(LiveBounds { feeds: 2, ..quick() });
    let one = Client::follow(&setup, "SELECT 1", LiveBegin::Fresh);
    let _two = Client::follow(&setup, "SELECT 2", LiveBegin::Fresh);
    let refused = setup.live.follow("SELECT 3", LiveBegin::Fresh, Arc::default()).unwrap_err();
    assert_eq!((refused.kind, refused.bound), (SqlErrorKind::TooMany, Some("live_queries")));
    let _again = Client::follow(&setup, "select 2", LiveBegin::Fresh);
    drop(one);
    let mut three = Client::follow(&setup, "SELECT 3", LiveBegin::Fresh);
    three.until(&[json!([3])]).await;
    assert_eq!(setup.live.counts().feeds, 2);
}

#[tokio::test]
async fn who_follows_while_the_engine_cannot_answer_is_answered_later() {
    let setup = setup(quick());
    setup.city.held().unavailable = true;
    let mut client = Client::follow(&setup, COUNT, LiveBegin::Fresh);
    assert!(matches!(client.listener.next(), Next::Nothing));
    setup.city.held().unavailable = false;
    client.until(&[json!([0])]).await;
}

#[tokio::test]
async fn a_query_that_goes_wrong_ends_for_all_and_can_be_followed_anew() {
    let setup = setup(quick());
    setup.city.scan("P0", "HN-1", 0);
    let sql = "SELECT 10 / (3 - count(*)) FROM scans";
    let mut client = Client::follow(&setup, sql, LiveBegin::Fresh);
    client.until(&[json!([5])]).await;
    setup.city.scan("P0", "HN-1", 1);
    client.until(&[json!([10])]).await;
    setup.city.scan("P0", "HN-1", 2);
    let Next::Ended(error) = client.next().await else { panic!("it goes on") };
    assert_eq!(error.kind, SqlErrorKind::Wrong);
    setup.city.scan("P0", "HN-1", 3);
    let mut anew = Client::follow(&setup, sql, LiveBegin::Fresh);
    anew.until(&[json!([-10])]).await;
}

#[tokio::test]
async fn filters_are_kept_by_deltas_and_what_asks_the_moment_runs_again() {
    let setup = setup(quick());
    setup.city.scan("P0", "HN-1", 0);
    for (sql, kept_by) in [
        ("SELECT * FROM scans", "deltas"),
        (
            "SELECT upper(s.person) AS who FROM (SELECT * FROM scans) AS s WHERE s.venue LIKE 'HN-%' ORDER BY 1",
            "deltas",
        ),
        ("SELECT person FROM scans WHERE scanned_at > '2021-10-14T00:00:00+07:00'", "deltas"),
        ("SELECT person, as_of() FROM scans", "rerun"),
        ("SELECT person FROM scans WHERE scanned_at > as_of() - interval '1 hour'", "rerun"),
        ("SELECT person FROM scans WHERE lag() < 100", "rerun"),
        ("SELECT person, lag(person) OVER (ORDER BY scanned_at) FROM scans", "rerun"),
        ("SELECT person FROM scans WHERE person IN (SELECT person FROM visits)", "rerun"),
        ("SELECT DISTINCT person FROM scans", "rerun"),
        ("SELECT person FROM scans ORDER BY person LIMIT 5", "rerun"),
        ("SELECT 1 FROM scans a, scans b", "rerun"),
        ("WITH scans AS (SELECT 1 AS person) SELECT person FROM scans", "rerun"),
    ] {
        let mut client = Client::follow(&setup, sql, LiveBegin::Fresh);
        let first = client.frame().await;
        assert_eq!(first["kept_by"], kept_by, "{sql}");
        if kept_by == "deltas" {
            setup.city.scan(&format!("Q{}", sql.len()), "HN-1", i64::try_from(sql.len()).unwrap());
            let change = client.frame().await;
            assert_eq!(change["added"].as_array().unwrap().len(), 1, "{sql}: {change}");
            // What was told by itself is what asking anew gives.
            let mut fresh = Client::follow(&setup, &format!("{sql} OFFSET 0"), LiveBegin::Fresh);
            let rows: Vec<Value> = client.rows.keys().map(|row| serde_json::from_str(row).unwrap()).collect();
            fresh.until(&rows).await;
        }
    }
}
