//! Bounds.

use crate::city::{ask, golden};
use serde_json::json;
use std::time::{Duration, Instant};
use vonglau_tests::eventually;

const LONG: &str = "SELECT count(*) FROM generate_series(1, 100000000000)";

#[tokio::test]
async fn one_too_many_is_told_so_and_a_dropped_connection_gives_its_place_back() {
    let city = golden(&[("VONGLAU_SQL__QUERIES_PER_USER", "1")]).await;
    let url = city.server.url.clone();
    // It may come while the other holds the one place.
    let long = tokio::spawn(async move { while ask(&url, LONG).await.0 == 429 {} });
    eventually("the bound", async || {
        let (status, problem) = ask(&city.server.url, "SELECT 1").await;
        (status == 429 && problem["bound"] == json!("queries_per_user")).then_some(())
    })
    .await;
    assert!(!long.is_finished());
    long.abort();
    let began = Instant::now();
    eventually("the place is free", async || {
        (ask(&city.server.url, "SELECT 1").await.0 == 200).then_some(())
    })
    .await;
    assert!(began.elapsed() < Duration::from_secs(20), "by the drop, not by the timeout of 60 s");
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_stopped() {
    let city =
        golden(&[("VONGLAU_SQL__STATEMENT_TIMEOUT_S", "1"), ("VONGLAU_SQL__QUERIES_PER_USER", "1")]).await;
    let (status, problem) = ask(&city.server.url, LONG).await;
    assert_eq!((status, &problem["bound"]), (400, &json!("statement_timeout_s")), "{problem}");
    let told = Instant::now();
    eventually("its place is free", async || {
        (ask(&city.server.url, "SELECT 1").await.0 == 200).then_some(())
    })
    .await;
    assert!(told.elapsed() < Duration::from_secs(5), "{:?}", told.elapsed());
}

#[tokio::test]
async fn a_join_of_everything_with_everything_is_stopped_too() {
    let city = golden(&[("VONGLAU_SQL__STATEMENT_TIMEOUT_S", "1")]).await;
    let sql = "SELECT array_agg(a.person || b.person || c.person) FROM scans a, scans b, scans c";
    let answer = tokio::time::timeout(Duration::from_secs(30), ask(&city.server.url, sql)).await;
    assert_eq!(answer.unwrap().0, 400);
}

#[tokio::test]
async fn rows_beyond_the_bound_are_cut_and_said_to_be() {
    let city = golden(&[("VONGLAU_SQL__ROWS_MAX", "3")]).await;
    let (status, body) = ask(&city.server.url, "SELECT person FROM scans").await;
    assert_eq!((status, &body["truncated"], &body["rows_max"]), (200, &json!(true), &json!(3)));
    assert_eq!(body["rows"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn what_would_be_made_of_little_without_end_is_refused_before_it_is_made() {
    let city = golden(&[]).await;
    for sql in [
        "SELECT cardinality(range(0, 2000000000))",
        "SELECT repeat('x', 100000000)",
        "SELECT lpad(person, 2000000000) FROM scans",
        "SELECT replace(repeat('a', 100000), 'a', repeat('b', 100000))",
        "SELECT regexp_replace(repeat('a', 100000), 'a', repeat('b', 100000), 'g')",
        "SELECT array_repeat(person, 2000000000) FROM scans",
        "SELECT array_to_string(range(0, 100000), repeat('x', 100000))",
        "SELECT unnest(generate_series(timestamp '2021-01-01', timestamp '2022-01-01', interval '1 millisecond'))",
        "SELECT levenshtein(repeat('a', 1000000), repeat('b', 1000000))",
        "SELECT length(concat(x, x)) FROM (SELECT repeat(v, 60000000) AS x FROM (VALUES ('a')) AS t(v)) AS s",
        "SELECT length(concat_ws(x, 'a', x)) FROM (SELECT repeat(v, 60000000) AS x FROM (VALUES ('a')) AS t(v)) AS s",
        "SELECT length(overlay(x placing x from 1 for 0)) FROM (SELECT repeat(v, 60000000) AS x FROM (VALUES ('a')) \
         AS t(v)) AS s",
        "SELECT cardinality(make_array(x, x)) FROM (SELECT repeat(v, 60000000) AS x FROM (VALUES ('a')) AS t(v)) AS s",
        "SELECT cardinality([x, x]) FROM (SELECT repeat(v, 60000000) AS x FROM (VALUES ('a')) AS t(v)) AS s",
        "SELECT cardinality(string_to_array(repeat(v, 60000000), 'a')) FROM (VALUES ('a')) AS t(v)",
    ] {
        let answer = tokio::time::timeout(Duration::from_secs(20), ask(&city.server.url, sql)).await;
        let (status, problem) = answer.unwrap();
        assert_eq!((status, &problem["bound"]), (400, &json!("function_bytes")), "{sql}: {problem}");
    }
    let sql = "SELECT repeat('ab', 2), lpad('x', 3), replace('aba', 'a', 'cc'), levenshtein('hom', 'hoa'), \
               array_to_string(range(1, 4), '-'), cardinality(generate_series(date '2021-10-01', date '2021-10-07', \
               interval '1 day')), array_to_string(array_repeat('y', 2), '')";
    let (status, answer) = ask(&city.server.url, sql).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["rows"], json!([["abab", "  x", "ccbcc", 1, "1-2-3", 7, "yy"]]));
}

#[tokio::test]
async fn many_calls_together_make_no_more_than_few() {
    let city = golden(&[]).await;
    let calls = |n: u32| {
        let calls: Vec<String> = (0..n).map(|n| format!("length(repeat(v, {}))", 60_000_000 + n)).collect();
        format!("SELECT {} FROM (VALUES ('x')) AS t(v)", calls.join(", "))
    };
    let (status, answer) = ask(&city.server.url, &calls(3)).await;
    assert_eq!((status, &answer["rows"]), (200, &json!([[60_000_000, 60_000_001, 60_000_002]])), "{answer}");
    let (status, problem) = ask(&city.server.url, &calls(200)).await;
    assert_eq!((status, &problem["bound"]), (400, &json!("function_bytes")), "{problem}");
    let words: Vec<&str> = vec!["concat(person, '.')"; 200];
    let (status, answer) = ask(&city.server.url, &format!("SELECT {} FROM scans", words.join(" || "))).await;
    assert_eq!(status, 200, "{answer}");
}

#[tokio::test]
async fn a_statement_that_would_be_planned_without_end_is_refused_at_once() {
    let city = golden(&[]).await;
    let tables: Vec<String> = (0..5_000).map(|n| format!("wards a{n}")).collect();
    let (status, problem) = ask(&city.server.url, &format!("SELECT 1 FROM {}", tables.join(", "))).await;
    assert_eq!((status, &problem["bound"]), (400, &json!("statement_tables")), "{problem}");
    assert!(problem["hint"].is_string(), "{problem}");
}

#[tokio::test]
async fn an_answer_in_json_has_a_size() {
    let city = golden(&[]).await;
    let sql = "SELECT repeat('x', 7900) FROM generate_series(1, 9000)";
    let (status, problem) = ask(&city.server.url, sql).await;
    assert_eq!((status, &problem["bound"]), (400, &json!("answer_bytes")), "{problem}");
}
