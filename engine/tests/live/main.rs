//! Queries that are followed, over a city that the test holds in its hands.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod city;
mod groups;

use city::{Client, DEADLINE, quick, setup};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use vonglau_dashboard::port::live::LiveBegin;
use vonglau_sql::SqlErrorKind;
use vonglau_sql::live::{LiveBounds, Next};

const SCANS: &str = "SELECT person FROM scans WHERE venue = 'HN-1'";
const COUNT: &str = "SELECT count(*) AS n FROM scans";
/// One that runs again.
const BOTH: &str =
    "SELECT count(*) AS n FROM scans a JOIN scans b ON a.person = b.person AND a.scanned_at = b.scanned_at";

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
    let mut client = Client::follow(&setup, BOTH, LiveBegin::Fresh);
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
