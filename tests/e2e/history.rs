//! What the retention edge has passed stays readable, as one table with what is live.

use crate::events::{MARKET, an_hour_together, f0};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use vonglau_tests::{City, eventually};

const DAY: &str = "2021-10-15";

fn scan(person: &str, at: &str, direction: &str) -> Value {
    json!({"kind": "scan", "id": format!("s-{person}-{at}").replace(':', ""), "at": format!("{at}:00+07:00"),
        "person": person, "venue": MARKET, "mode": "person_qr", "direction": direction})
}

/// A city that keeps one day, with a day of scans and a visit across the edge that is to come.
async fn city() -> City {
    let city = City::start(&[("VONGLAU_CITY__CLOCK", "events"), ("VONGLAU_CITY__RETENTION_DAYS", "1")]).await;
    city.take(&an_hour_together("case-a", "contact-a", "other-a")).await;
    city.take(&[f0("case-a", "12:00")]).await;
    let night = [scan("night-a", "2021-10-16T03:50", "in"), scan("night-a", "2021-10-16T04:20", "out")];
    let seq = city.take(&night).await;
    eventually("all is applied", async || {
        let reached = rows(&city, "SELECT stream_seq()").await;
        (reached[0][0].as_u64() >= Some(seq)).then_some(())
    })
    .await;
    city
}

async fn ask(city: &City, sql: &str) -> (u16, Value) {
    let body = json!({ "sql": sql }).to_string();
    let answer = city.server.post("/api/v1/sql", "application/json", body).await;
    (answer.status, answer.json())
}

async fn rows(city: &City, sql: &str) -> Value {
    let (status, answer) = ask(city, sql).await;
    assert_eq!(status, 200, "{sql}: {answer}");
    answer["rows"].clone()
}

fn archive(city: &City) -> PathBuf {
    city.folder.path().join("data/archive")
}

fn file(city: &City, table: &str) -> PathBuf {
    archive(city).join(format!("{table}/day={DAY}/part-0.parquet"))
}

/// The edge passes the first day.
async fn pass_the_edge(city: &City) {
    city.take(&[scan("late-a", "2021-10-17T12:00", "in")]).await;
}

async fn is_written(city: &City) {
    eventually("the day is archived", async || {
        archive(city).join(format!("days/{DAY}.json")).is_file().then_some(())
    })
    .await;
}

fn written_at(path: &Path) -> std::time::SystemTime {
    std::fs::metadata(path).unwrap().modified().unwrap()
}

const SCANS: &str = "SELECT person, venue, scanned_at, mode, direction, district FROM scans \
                     WHERE person <> 'late-a' ORDER BY scanned_at, person";
const VISITS: &str =
    "SELECT person, start_at, end_at, seconds, open FROM visits WHERE person <> 'late-a' ORDER BY person";
const CONTACTS: &str = "SELECT f0, person, class, first_at, last_at, seconds FROM contacts ORDER BY person";
const HOURS: &str = "SELECT hour, district, scans_today, people_today, f0_active, f1_open FROM district_hours \
                     WHERE hour < TIMESTAMPTZ '2021-10-16 04:00:00+07' ORDER BY hour, district";

const DAYS: &str =
    "SELECT ward, day, scans, people, f0_new FROM ward_days WHERE day < '2021-10-17' ORDER BY day, ward";
const MINUTES: &str = "SELECT district, minute, scans FROM district_minutes WHERE minute < '2021-10-17 00:00:00' \
                       ORDER BY minute, district";

/// What is told of the contacts of the first case.
fn contacts_of(contacts: &Value) -> String {
    let case = contacts[0][0].as_str().unwrap();
    format!("SELECT f0, person, class, first_at, last_at, seconds FROM contacts_of('{case}') ORDER BY person")
}

/// Who was at the first venue until the edge, whose visits the edge does not cut further.
fn exposed_at(scans: &Value) -> String {
    let venue = scans[0][1].as_str().unwrap();
    format!(
        "SELECT person, from_at, to_at, seconds FROM exposed_at('{venue}', '2021-10-15 00:00', '2021-10-16 04:00') \
         ORDER BY from_at, person"
    )
}

#[tokio::test]
async fn what_the_edge_has_passed_is_read_as_before_also_after_a_crash() {
    let mut city = city().await;
    let (scans, contacts) = (rows(&city, SCANS).await, rows(&city, CONTACTS).await);
    let (days, minutes) = (rows(&city, DAYS).await, rows(&city, MINUTES).await);
    let counted = |rows: &Value, column: usize| -> Option<i64> {
        rows.as_array().unwrap().iter().map(|row| row[column].as_i64()).sum()
    };
    assert_eq!(
        (counted(&days, 2), counted(&days, 4), counted(&minutes, 2)),
        (Some(8), Some(1), Some(8)),
        "{days}"
    );
    let hours = rows(&city, HOURS).await;
    assert!(hours.as_array().unwrap().iter().any(|row| row[2].as_i64() > Some(0)), "{hours}");
    assert_eq!(scans.as_array().unwrap().len(), 8);
    assert_eq!(contacts.as_array().unwrap().len(), 1, "{contacts}");
    let functions = [contacts_of(&contacts), exposed_at(&scans)];
    let mut told = Vec::new();
    for function in &functions {
        let of_it = rows(&city, function).await;
        assert!(!of_it.as_array().unwrap().is_empty(), "{function}");
        told.push(of_it);
    }
    pass_the_edge(&city).await;
    // Whether it is written by now or not, nobody can tell.
    assert_eq!(rows(&city, SCANS).await, scans);
    let visits = rows(&city, VISITS).await;
    is_written(&city).await;
    assert_eq!(rows(&city, SCANS).await, scans);
    assert_eq!(rows(&city, VISITS).await, visits);
    assert_eq!(rows(&city, CONTACTS).await, contacts);
    for (function, told) in functions.iter().zip(&told) {
        assert_eq!(rows(&city, function).await, *told, "{function}");
    }
    assert_eq!(rows(&city, HOURS).await, hours);
    eventually("hours are read from the file", async || {
        let plan = rows(&city, "EXPLAIN SELECT * FROM district_hours").await.to_string();
        plan.contains("district_hours/day=").then_some(())
    })
    .await;
    assert_eq!(rows(&city, HOURS).await, hours);
    assert_eq!(ask(&city, SCANS).await.1["rows_read"], json!(9), "eight of the file, one of the live part");
    assert_eq!(rows(&city, DAYS).await, days, "windows are made of the archive too");
    assert_eq!(rows(&city, MINUTES).await, minutes);
    // The visit across the edge is cut where the edge stands, and what is left of it makes none.
    let across =
        rows(&city, "SELECT start_at, end_at, seconds, open FROM visits WHERE person = 'night-a'").await;
    let due = json!([["2021-10-16T03:50:00+07:00", "2021-10-16T04:00:00+07:00", 600, false]]);
    assert_eq!(across, due);

    assert!(file(&city, "case_history").is_file());
    assert_eq!(
        rows(&city, "SELECT count(*) FROM case_history").await,
        json!([[1]]),
        "which is read live alone"
    );

    let first = written_at(&file(&city, "scans"));
    city.crash().await;
    city.state("live").await;
    assert_eq!(rows(&city, SCANS).await, scans);
    assert_eq!(rows(&city, VISITS).await, visits);
    assert_eq!(rows(&city, CONTACTS).await, contacts);
    assert_eq!(rows(&city, HOURS).await, hours);
    assert_eq!(written_at(&file(&city, "scans")), first, "a replay writes nothing twice");
    assert!(!archive(&city).join(format!("scans/day={DAY}/part-1.parquet")).exists());
}

#[tokio::test]
async fn a_day_half_written_in_a_crash_is_written_by_the_next_start() {
    let mut city = city().await;
    let scans = rows(&city, SCANS).await;
    pass_the_edge(&city).await;
    is_written(&city).await;
    // As a crash leaves it that came before the day was whole: half a file, and the beginning of another.
    std::fs::remove_file(archive(&city).join(format!("days/{DAY}.json"))).unwrap();
    std::fs::write(file(&city, "visits"), b"PAR1").unwrap();
    std::fs::write(archive(&city).join(format!("days/{DAY}.json#1")), b"{").unwrap();
    city.crash().await;
    city.state("live").await;
    assert_eq!(rows(&city, SCANS).await, scans);
    is_written(&city).await;
    assert_eq!(rows(&city, SCANS).await, scans);
    assert_eq!(rows(&city, "SELECT count(*) FROM visits WHERE person = 'night-a'").await, json!([[1]]));
}

#[tokio::test]
async fn explain_shows_which_days_are_read_and_a_damaged_file_is_told() {
    let city = city().await;
    pass_the_edge(&city).await;
    is_written(&city).await;
    // It is read from its files as soon as they are there.
    eventually("files are read", async || {
        let plan = rows(&city, "EXPLAIN SELECT * FROM scans WHERE venue = 'HN-000123'").await.to_string();
        plan.contains(&format!("scans/day={DAY}/part-0.parquet")).then_some(()).filter(|()| {
            assert!(plan.contains("pruning_predicate"), "{plan}");
            assert!(plan.contains("GiveWay"), "the screens go first: {plan}");
            true
        })
    })
    .await;
    for late in [
        "scans WHERE scanned_at >= timestamptz '2021-10-17T00:00:00+07:00'",
        "scans WHERE date_trunc('hour', scanned_at) >= timestamptz '2021-10-17T00:00:00+07:00'",
        "ward_days WHERE day = '2021-10-17'",
        "district_minutes WHERE minute >= '2021-10-17 00:00:00'",
    ] {
        let plan = rows(&city, &format!("EXPLAIN SELECT * FROM {late}")).await.to_string();
        assert!(!plan.contains("parquet"), "{plan}");
    }

    let whole = std::fs::read(file(&city, "scans")).unwrap();
    let mut other = whole.clone();
    other[whole.len() / 2] ^= 1;
    for (bytes, why) in [(&whole[..whole.len() - 9], "bytes where"), (&other[..], "its sum is another")] {
        std::fs::write(file(&city, "scans"), bytes).unwrap();
        let (status, answer) = ask(&city, "SELECT count(*) FROM scans").await;
        assert_eq!(status, 503, "{answer}");
        let detail = answer["detail"].as_str().unwrap();
        assert!(detail.contains("scans/day=2021-10-15/part-0.parquet") && detail.contains(why), "{detail}");
    }
    std::fs::remove_file(file(&city, "scans")).unwrap();
    let (status, answer) = ask(&city, "SELECT count(*) FROM scans").await;
    assert!(status == 503 && answer["detail"].as_str().unwrap().contains("it is missing"), "{answer}");
    // Who asks for other days or tables is answered.
    assert_eq!(
        rows(&city, "SELECT count(*) FROM scans WHERE scanned_at >= timestamptz '2021-10-17T00:00:00+07:00'")
            .await,
        json!([[1]])
    );
    assert_eq!(rows(&city, "SELECT count(*) FROM visits WHERE person = 'night-a'").await, json!([[1]]));
}
