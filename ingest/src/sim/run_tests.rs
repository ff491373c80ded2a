//! The simulator against a gateway that takes down what it is sent, and in which order.

use super::{
    options::{DemoPlan, Phase, SimulateError, SimulateOptions, SimulateReport},
    run::run,
    schedule::Pace,
    small_city::{LIVE, ground},
};
use crate::wire::text;
use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use vonglau_core::time::{DAY, HOUR, Time};

/// What a gateway of the given clock was sent.
#[derive(Debug, Default)]
struct Book {
    clock: &'static str,
    event_time: Option<Time>,
    server_time: Time,
    /// Every so many requests it is busy.
    busy_every: usize,
    requests: usize,
    kinds: BTreeMap<String, usize>,
    ticks: Vec<Time>,
    /// The latest `at` of a scan, and the greatest lead of an event before the last tick.
    last_scan: Time,
    first_scan: Option<Time>,
    ahead_s: i64,
    registry_after_scans: bool,
    wrong: Vec<String>,
}

fn book() -> Book {
    Book { server_time: LIVE, ..Book::default() }
}

type Shared = Arc<Mutex<Book>>;

async fn gateway(book: Book) -> (String, Shared) {
    let shared = Arc::new(Mutex::new(book));
    let app = Router::new()
        .route("/v1/events", post(take))
        .route("/api/v1/status", get(status))
        .with_state(Arc::clone(&shared));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(tokio::spawn(async move { axum::serve(listener, app).await }));
    (url, shared)
}

async fn status(State(book): State<Shared>) -> Json<Value> {
    let book = book.lock().unwrap();
    let event_time = book.event_time.map(|at| at.to_string());
    Json(json!({"clock": book.clock, "event_time": event_time, "server_time": book.server_time.to_string()}))
}

async fn take(State(book): State<Shared>, body: String) -> Response {
    let mut book = book.lock().unwrap();
    book.requests += 1;
    if book.busy_every > 0 && book.requests.is_multiple_of(book.busy_every) {
        return (StatusCode::SERVICE_UNAVAILABLE, [("Retry-After", "0")]).into_response();
    }
    let mut rejected = Vec::new();
    let lines: Vec<&str> = body.lines().collect();
    for (index, line) in lines.iter().enumerate() {
        match serde_json::from_str::<Value>(line) {
            Ok(event) if book.note(&event) => {}
            _ => rejected.push(json!({"index": index, "field": "", "reason": "broken"})),
        }
    }
    if lines.len() > 500 {
        book.wrong.push(format!("{} lines", lines.len()));
    }
    let accepted = lines.len() - rejected.len();
    Json(json!({"accepted": accepted, "duplicates": 0, "rejected": rejected})).into_response()
}

impl Book {
    fn note(&mut self, event: &Value) -> bool {
        let Some(at) = event["at"].as_str().and_then(|at| text::time(at).ok()) else { return false };
        let kind = event["kind"].as_str().unwrap_or_default();
        *self.kinds.entry(kind.to_owned()).or_default() += 1;
        match kind {
            "tick" => {
                if self.ticks.last().is_some_and(|last| at <= *last) {
                    self.wrong.push(format!("tick {at} after {:?}", self.ticks.last()));
                }
                self.ticks.push(at);
            }
            "scan" => {
                self.last_scan = self.last_scan.max(at);
                self.first_scan = Some(self.first_scan.map_or(at, |first| first.min(at)));
            }
            "venue" | "resident" => self.registry_after_scans |= self.first_scan.is_some(),
            _ => {}
        }
        if let Some(now) = self.ticks.last().filter(|_| kind != "tick") {
            self.ahead_s = self.ahead_s.max(at.0 - now.0);
        }
        true
    }

    fn of(&self, kind: &str) -> usize {
        self.kinds.get(kind).copied().unwrap_or(0)
    }
}

fn options(to: String, people: u32, days: u32, pace: Pace) -> SimulateOptions {
    SimulateOptions {
        to,
        ground: ground(),
        people,
        days,
        lead_days: 0,
        seed: 1,
        start: Some(LIVE.plus(-i64::from(days) * DAY)),
        pace,
        truth: None,
        scans_per_person_day: 2.0,
        resume: false,
    }
}

async fn whole(options: SimulateOptions) -> SimulateReport {
    run(options, CancellationToken::new(), |_| {}).await.unwrap()
}

#[tokio::test]
async fn under_the_simulated_clock_ticks_go_in_order_and_nothing_lies_ahead_of_them() {
    let (url, book) = gateway(Book { clock: "simulated", busy_every: 7, ..book() }).await;
    let plan = SimulateOptions { lead_days: 3, ..options(url, 1_000, 2, Pace::AsFastAsPossible) };
    let report = whole(plan).await;
    let book = book.lock().unwrap();
    assert_eq!(book.wrong, Vec::<String>::new());
    assert!(book.ahead_s <= 600, "{} s ahead", book.ahead_s);
    assert!(!book.registry_after_scans, "the registry comes first");
    assert!(book.first_scan.unwrap() >= LIVE.plus(-2 * DAY) && book.last_scan <= LIVE);
    assert_eq!(book.ticks.last(), Some(&LIVE));
    // Every hour has its tick; while people scan every five minutes have one.
    let hours = (LIVE.0 / HOUR - 4 * 24..=LIVE.0 / HOUR).map(|hour| Time(hour * HOUR));
    assert_eq!(hours.into_iter().filter(|hour| !book.ticks.contains(hour)).count(), 0);
    assert!(book.ticks.iter().filter(|at| **at > LIVE.plus(-2 * DAY)).count() >= 2 * 288);
    assert!(report.tally.retries > 0, "it was busy");
    let told: usize = book.kinds.values().sum();
    assert_eq!(report.tally.accepted as usize, told);
    assert_eq!(report.ticks as usize, book.of("tick"));
    assert_eq!(report.reached, Some(LIVE));
}

#[tokio::test]
async fn under_the_other_clocks_there_are_no_ticks_and_the_wall_sees_nothing_of_the_future() {
    for clock in ["events", "wall"] {
        let (url, book) = gateway(Book { clock, ..book() }).await;
        // A day too far: what lies ahead of the wall's clock has to wait.
        let mut plan = options(url, 500, 2, Pace::AsFastAsPossible);
        plan.start = Some(LIVE.plus(-DAY));
        let stop = CancellationToken::new();
        let halt = stop.clone();
        let ran = run(plan, stop, move |progress| {
            if progress.at >= LIVE {
                halt.cancel();
            }
        });
        // Under the wall's clock the next step is due in five minutes of real time.
        let ended = tokio::time::timeout(Duration::from_secs(20), ran).await;
        ended.unwrap().unwrap();
        let book = book.lock().unwrap();
        assert_eq!(book.of("tick"), 0, "{clock}");
        assert!(book.of("scan") > 500, "{clock}: {:?}", book.kinds);
        assert!(book.last_scan <= LIVE, "{clock}");
    }
}

#[tokio::test]
async fn without_a_start_the_days_lie_before_the_event_time_and_nothing_older_than_the_retention_is_sent() {
    let event_time = Some(LIVE);
    let (url, book) = gateway(Book { clock: "events", event_time, ..book() }).await;
    let plan = SimulateOptions { start: None, ..options(url, 300, 25, Pace::AsFastAsPossible) };
    whole(plan).await;
    let book = book.lock().unwrap();
    assert!(book.last_scan <= LIVE && book.last_scan > LIVE.plus(-DAY));
    assert!(book.first_scan.unwrap() >= LIVE.plus(-20 * DAY));
}

#[tokio::test]
async fn after_the_backfill_the_demo_runs_live_with_several_ticks_a_second_until_it_is_stopped() {
    let (url, book) = gateway(Book { clock: "simulated", ..book() }).await;
    let demo =
        DemoPlan { people: 500, seed: 1, speed: 60.0, case_days: 2, scan_days: 1, start_of_live: LIVE };
    let stop = CancellationToken::new();
    let halt = stop.clone();
    let report = run(demo.options(url, ground(), false), stop, move |progress| {
        if progress.phase == Phase::Live && progress.at >= LIVE.plus(120) {
            halt.cancel();
        }
    });
    let report = tokio::time::timeout(Duration::from_secs(30), report).await.unwrap().unwrap();
    assert!(report.reached.unwrap() >= LIVE.plus(120));
    let book = book.lock().unwrap();
    let live: Vec<i64> = book.ticks.iter().filter(|at| **at >= LIVE).map(|at| at.0).collect();
    assert!(
        live.windows(2).all(|pair| pair[1] - pair[0] <= 15),
        "a tick each quarter of a real second: {live:?}"
    );
    assert_eq!(book.wrong, Vec::<String>::new());
}

#[tokio::test]
async fn a_run_that_is_gone_on_with_sends_only_what_comes_after() {
    let event_time = Some(LIVE.plus(-HOUR));
    let (url, book) = gateway(Book { clock: "simulated", event_time, ..book() }).await;
    let plan = SimulateOptions { resume: true, ..options(url, 2_000, 1, Pace::AsFastAsPossible) };
    whole(plan).await;
    let book = book.lock().unwrap();
    assert_eq!(book.of("resident"), 0);
    assert!(book.ticks[0] > LIVE.plus(-HOUR), "no tick that was sent before");
    assert!(book.of("scan") > 0 && book.first_scan.unwrap() > LIVE.plus(-26 * HOUR));
}

#[tokio::test]
async fn a_rate_is_kept() {
    let (url, book) = gateway(Book { clock: "simulated", ..book() }).await;
    let begun = tokio::time::Instant::now();
    let report = whole(options(url, 500, 1, Pace::Rate(400.0))).await;
    let seconds = begun.elapsed().as_secs_f64();
    let least = report.scans as f64 / 400.0;
    assert!(seconds >= least * 0.9, "{} scans in {seconds} s", report.scans);
    assert_eq!(book.lock().unwrap().wrong, Vec::<String>::new());
}

#[tokio::test]
async fn the_truth_is_written_where_it_was_asked_for() {
    let (url, _) = gateway(Book { clock: "events", ..book() }).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("truth.ndjson");
    whole(SimulateOptions { truth: Some(path.clone()), ..options(url, 2_000, 4, Pace::AsFastAsPossible) })
        .await;
    let truth = std::fs::read_to_string(path).unwrap();
    let lines: Vec<Value> = truth.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(!lines.is_empty());
    assert!(lines.iter().all(|line| line["infected"].is_string() && line.get("venue").is_some()), "{truth}");
}

#[tokio::test]
async fn a_run_that_makes_no_sense_is_refused_before_anything_is_sent() {
    let (url, _) = gateway(Book { clock: "events", ..book() }).await;
    let refused = |plan: SimulateOptions| run(plan, CancellationToken::new(), |_| {});
    let error = refused(options(url.clone(), 0, 1, Pace::AsFastAsPossible)).await.unwrap_err();
    assert!(matches!(error, SimulateError::Setup(_)), "{error}");
    let error = refused(options(url.clone(), 10, 0, Pace::AsFastAsPossible)).await.unwrap_err();
    assert!(matches!(error, SimulateError::Days), "{error}");
    let error = refused(options(url, 10, 1, Pace::Rate(0.0))).await.unwrap_err();
    assert!(matches!(error, SimulateError::Pace), "{error}");
    let error = refused(options("nowhere".into(), 10, 1, Pace::AsFastAsPossible)).await.unwrap_err();
    assert!(matches!(error, SimulateError::Address { .. }), "{error}");
}
