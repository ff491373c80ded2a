//! From the journal to the screens at 20,000 events a second while ten heavy queries run, each again as soon as it has
//! ended: by turns with the same without them. First over what is live, then over a day of the archive.

use super::feed::Feed;
use super::load::{self, Load};
use super::plant::{Plant, Service};
use super::scans::Scans;
use super::screen::{self, LOAD};
use super::{Size, float, live, replay};
use crate::city::START;
use crate::report::{Report, median};
use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio::time::{interval, sleep};
use vonglau_core::time::{DAY, Time};

const ROUNDS: u32 = 3;
/// One of so many of the scans of the replayed day are there from the beginning.
const PART_OF_DAY: u64 = 4;
/// So long queries run before it is measured.
const WARM: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// What was answered is applied so soon, or the consumer has fallen behind.
const REACHED_WITHIN: Duration = Duration::from_secs(1);
/// A city that keeps a day, so that the day before the day before is archived.
const ONE_DAY: &[(&str, &str)] = &[("VONGLAU_CITY__RETENTION_DAYS", "1")];
/// Its live day; the first is archived.
const LIVE_DAY: u64 = 2;
const ARCHIVED_WITHIN: Duration = Duration::from_mins(2);
/// Joins and groupings over all visits.
const QUERIES: [&str; 10] = [
    "SELECT venue, count(*) AS n FROM visits GROUP BY venue ORDER BY n DESC, venue LIMIT 20",
    "SELECT person, count(*) AS n, sum(seconds) FROM visits GROUP BY person ORDER BY n DESC, person LIMIT 20",
    "SELECT p.type, count(*), sum(v.seconds) FROM visits v JOIN venues p ON p.venue = v.venue GROUP BY p.type",
    "SELECT p.district, p.ward, count(*), max(v.seconds) FROM visits v JOIN venues p ON p.venue = v.venue
        GROUP BY p.district, p.ward",
    "SELECT venue, count(DISTINCT person) AS n FROM visits GROUP BY venue ORDER BY n DESC, venue LIMIT 20",
    "SELECT p.type, count(DISTINCT v.person) FROM visits v JOIN venues p ON p.venue = v.venue GROUP BY p.type",
    "SELECT venue, date_part('hour', start_at) AS hour, count(*) AS n FROM visits GROUP BY venue, hour
        ORDER BY n DESC, venue, hour LIMIT 20",
    "SELECT n, count(*) FROM (SELECT person, count(*) AS n FROM visits GROUP BY person) AS t GROUP BY n ORDER BY n",
    "SELECT count(*) FROM visits a JOIN visits b ON b.venue = a.venue AND a.start_at < b.end_at
        AND b.start_at < a.end_at WHERE a.venue > 'HN-100000' AND a.person < b.person",
    "SELECT a.person, count(*) AS n FROM visits a JOIN visits b ON b.person = a.person
        AND b.start_at > a.start_at GROUP BY a.person ORDER BY n DESC, a.person LIMIT 20",
];

/// What a turn came to.
#[derive(Debug, Default)]
struct Turn {
    ready_ms: f64,
    sent_ms: f64,
    applied_ms: f64,
    /// Of a request, from when it was due.
    answered_ms: f64,
    /// Scans answered a second, until the last answer.
    events_s: f64,
    /// The most messages that were waiting at any look, and how long the oldest had.
    behind: f64,
    behind_ms: f64,
    /// Seconds of each query that ended.
    queries: Vec<f64>,
}

pub async fn measure(report: &mut Report, size: Size) -> anyhow::Result<()> {
    let mut plant = Plant::new(true).await?;
    let mut scans = Scans::new(size.scans);
    let mut feed = Feed::new(plant.jetstream().await?);
    replay::fill(&mut feed, &mut scans, size.scans / PART_OF_DAY).await?;
    let (idle, loaded) = turns(&mut plant, size.load, scans, &QUERIES.map(str::to_owned)).await?;
    tell(report, "", &idle, &loaded);

    let mut plant = Plant::with(true, ONE_DAY).await?;
    let mut scans = Scans::new(size.scans);
    let mut feed = Feed::new(plant.jetstream().await?);
    replay::fill(&mut feed, &mut scans, size.scans / PART_OF_DAY).await?;
    scans.go_on_with_day(LIVE_DAY);
    replay::more(&mut feed, &mut scans, size.scans / PART_OF_DAY).await?;
    let edge = START.plus(DAY);
    is_archived(&mut plant, edge).await?;
    // What lies before the edge is read of the archive alone.
    let archived = format!("(SELECT * FROM visits WHERE start_at < '{edge}')");
    let queries = QUERIES.map(|query| query.replace("visits", &archived));
    let (idle, loaded) = turns(&mut plant, size.load, scans, &queries).await?;
    tell(report, "archive_", &idle, &loaded);
    Ok(())
}

/// Waits until the first day is in the archive with its visits.
async fn is_archived(plant: &mut Plant, edge: Time) -> anyhow::Result<()> {
    let service = plant.start().await?;
    live::wait_until_live(service).await?;
    let written = plant.folder.path().join("data/archive/days");
    let end = Instant::now() + ARCHIVED_WITHIN;
    while !std::fs::read_dir(&written).is_ok_and(|mut days| days.next().is_some()) {
        if Instant::now() > end {
            bail!("nothing was archived; the log is in {}", plant.folder.path().display());
        }
        sleep(LOOK_EVERY).await;
    }
    let sql = json!({ "sql": format!("SELECT count(*) FROM visits WHERE start_at < '{edge}'") });
    let url = format!("http://{}/api/v1/sql", plant.service()?.address);
    let answer = reqwest::Client::new().post(url).header("content-type", "application/json");
    let answer = answer.body(sql.to_string()).send().await?.error_for_status()?.text().await?;
    eprintln!("queries: of the archive {answer}");
    Ok(())
}

/// Turns without queries, and with them.
async fn turns(
    plant: &mut Plant,
    lasts: Duration,
    scans: Scans,
    queries: &[String],
) -> anyhow::Result<(Vec<Turn>, Vec<Turn>)> {
    let scans = Arc::new(Mutex::new(scans));
    let (mut idle, mut loaded) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        for (queries, turns) in [(&[][..], &mut idle), (queries, &mut loaded)] {
            // The histograms are those since the start.
            plant.stop().await?;
            // A whole load each: one in a hundred of a third of it would be a single picture.
            let turn = turn(plant.start().await?, lasts, &scans, queries).await?;
            eprintln!(
                "queries: {} of them, ready p99 {:.1} ms, sent p99 {:.0} ms, {:.0} events/s answered in p99 {:.0} ms, \
                 {} messages ({:.0} ms) behind at most, {} answers after {:.2} s",
                queries.len(),
                turn.ready_ms,
                turn.sent_ms,
                turn.events_s,
                turn.answered_ms,
                turn.behind,
                turn.behind_ms,
                turn.queries.len(),
                median(&turn.queries)
            );
            turns.push(turn);
        }
    }
    Ok((idle, loaded))
}

/// Puts the figures; `of` stands in their names before "queries".
fn tell(report: &mut Report, of: &str, idle: &[Turn], loaded: &[Turn]) {
    let all = |turns: &[Turn], of: fn(&Turn) -> f64| turns.iter().map(of).collect::<Vec<f64>>();
    for (name, value) in [
        ("screen_p99", (|turn| turn.ready_ms) as fn(&Turn) -> f64),
        ("screen_frame_p99", |turn| turn.sent_ms),
        ("applied_p99", |turn| turn.applied_ms),
    ] {
        let (before, under) = (all(idle, value), all(loaded, value));
        let pairs = under.iter().zip(&before).map(|(under, before)| under / before).collect::<Vec<f64>>();
        let name = format!("{name}_under_{of}queries_ratio");
        report.put(&name, "of idle", median(&under) / median(&before), &pairs);
    }
    report.add(&format!("screen_p99_under_{of}queries_ms"), "ms", all(loaded, |turn| turn.ready_ms));
    report.add(&format!("under_{of}queries_events_s"), "1/s", all(loaded, |turn| turn.events_s));
    let behind = all(loaded, |turn| turn.behind_ms);
    let most = behind.iter().copied().fold(0.0, f64::max);
    report.put(&format!("under_{of}queries_behind_max_ms"), "ms", most, &behind);
    let seconds: Vec<f64> = loaded.iter().flat_map(|turn| turn.queries.iter().copied()).collect();
    report.add(&format!("heavy_{of}query_s"), "s", seconds);
}

async fn turn(
    service: &Service,
    lasts: Duration,
    scans: &Arc<Mutex<Scans>>,
    queries: &[String],
) -> anyhow::Result<Turn> {
    live::wait_until_live(service).await?;
    let done = Arc::new(Mutex::new(Vec::new()));
    let mut running = JoinSet::new();
    let page = tokio::spawn(screen::look(format!("ws://{}/ws", service.address)));
    for query in queries {
        running.spawn(ask(service.address.clone(), query.clone(), Arc::clone(&done)));
    }
    sleep(WARM).await;
    let load = Load { lasts, ..LOAD };
    let (address, scans) = (service.address.clone(), Arc::clone(scans));
    let posting = tokio::spawn(async move {
        let begun = Instant::now();
        load::post(&address, load, &scans).await.map(|answers| (answers, begun.elapsed()))
    });
    let (mut behind, mut behind_ms) = (0.0, 0.0);
    let mut looks = interval(LOOK_EVERY);
    while !posting.is_finished() {
        looks.tick().await;
        let status: Value = serde_json::from_str(&service.get("/api/v1/status").await?)?;
        behind = status["behind_events"].as_f64().context("no behind_events")?.max(behind);
        behind_ms = status["behind_ms"].as_f64().context("no behind_ms")?.max(behind_ms);
        if let Some(ended) = running.try_join_next() {
            ended??;
            bail!("a query does not run any more");
        }
    }
    let (answers, elapsed) = posting.await??;
    let last = service.metric("vonglau_stream_head").await?;
    service.reaches(last, REACHED_WITHIN).await?;
    let events_s =
        float(answers.len() * LOAD.lines as u64) / elapsed.saturating_sub(load::LEAD).as_secs_f64();
    let metrics = service.get("/metrics").await?;
    page.abort();
    running.shutdown().await;
    let queries = std::mem::take(&mut *done.lock().unwrap_or_else(PoisonError::into_inner));
    let ms = |stage| screen::latency(&metrics, stage, "0.99");
    let (ready_ms, sent_ms, applied_ms) = (ms("received_ready"), ms("received_sent"), ms("received_applied"));
    let answered_ms = load::ms(&answers, 0.99);
    Ok(Turn { ready_ms, sent_ms, applied_ms, answered_ms, events_s, behind, behind_ms, queries })
}

/// Asks again and again; the seconds of each answer.
async fn ask(address: String, query: String, done: Arc<Mutex<Vec<f64>>>) -> anyhow::Result<()> {
    let client = reqwest::Client::new();
    let url = format!("http://{address}/api/v1/sql");
    let body = json!({ "sql": query }).to_string();
    loop {
        let begun = Instant::now();
        let request = client.post(&url).header("content-type", "application/json").body(body.clone());
        let answer = request.send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        if !status.is_success() {
            bail!("{query}: {text}");
        }
        done.lock().unwrap_or_else(PoisonError::into_inner).push(begun.elapsed().as_secs_f64());
    }
}
