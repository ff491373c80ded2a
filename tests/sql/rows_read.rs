//! What a statement tells of the rows that it has read.

use crate::city::{ask, golden, rows};
use serde_json::Value;
use vonglau_tests::City;

async fn read(city: &City, sql: &str) -> u64 {
    let (status, body) = ask(&city.server.url, sql).await;
    assert_eq!(status, 200, "{sql}: {body}");
    body["rows_read"].as_u64().unwrap()
}

async fn count(city: &City, from: &str) -> u64 {
    rows(city, &format!("SELECT count(*) FROM {from}")).await[0][0].as_u64().unwrap()
}

#[tokio::test]
async fn rows_are_read_before_the_filters_and_what_is_passed_over_is_not_read() {
    let city = golden(&[]).await;
    let (scans, cases) = (count(&city, "scans").await, count(&city, "cases").await);
    assert!(scans > cases && cases > 1, "{scans} scans, {cases} cases");
    assert_eq!(read(&city, "SELECT person, mode FROM scans").await, scans);
    let of_a_mode = "SELECT person FROM scans WHERE mode || direction = 'none'";
    assert_eq!(read(&city, of_a_mode).await, scans, "a filter that every row is held against");
    assert_eq!(read(&city, "SELECT person FROM cases WHERE district = 'none'").await, cases);
    let venue = rows(&city, "SELECT venue FROM scans GROUP BY venue ORDER BY count(*), venue LIMIT 1").await;
    let at_it = format!("scans WHERE venue = '{}'", venue[0][0].as_str().unwrap());
    let of_it = count(&city, &at_it).await;
    assert!(of_it < scans);
    assert_eq!(read(&city, &format!("SELECT person FROM {at_it}")).await, of_it, "a venue that is looked up");
}

#[tokio::test]
async fn each_reading_of_a_table_counts_and_what_no_table_holds_does_not() {
    let city = golden(&[]).await;
    let cases = count(&city, "cases").await;
    let twice = "SELECT a.person FROM cases a JOIN cases b ON a.person = b.person";
    assert_eq!(read(&city, twice).await, 2 * cases);
    let within = "SELECT 1 WHERE 0 < (SELECT count(person) FROM cases WHERE person <> '')";
    assert_eq!(read(&city, within).await, cases);
    for sql in [
        "SELECT 1",
        "SELECT * FROM (VALUES (1), (2)) v",
        "SELECT * FROM generate_series(1, 100)",
        "SELECT table_name FROM information_schema.tables",
        "EXPLAIN SELECT person FROM cases",
    ] {
        assert_eq!(read(&city, sql).await, 0, "{sql}");
    }
}

#[tokio::test]
async fn explain_analyze_tells_what_each_reading_has_read_and_given() {
    let city = golden(&[]).await;
    let scans = count(&city, "scans").await;
    let plan = rows(&city, "EXPLAIN ANALYZE SELECT person FROM scans WHERE mode || direction = 'none'").await;
    let plan = Value::from(plan.concat()).to_string();
    assert!(plan.contains(&format!("rows_read={scans}")) && plan.contains("output_rows=0"), "{plan}");
}
