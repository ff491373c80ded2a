//! Bounds.

use crate::city::{ask, golden, send};
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
        "SELECT length(x || x) FROM (SELECT repeat(v, 60000000) AS x FROM (VALUES ('a')) AS t(v)) AS s",
        "SELECT cardinality(array_append([x], x)) FROM (SELECT repeat(v, 40000000) AS x FROM (VALUES ('a')) AS t(v)) AS s",
        "SELECT cardinality(array_prepend(x, [x])) FROM (SELECT repeat(v, 40000000) AS x FROM (VALUES ('a')) AS t(v)) AS s",
        "SELECT cardinality([x] || [x]) FROM (SELECT repeat(v, 40000000) AS x FROM (VALUES ('a')) AS t(v)) AS s",
        "SELECT cardinality(array_union([x], [x])) FROM (SELECT repeat(v, 40000000) AS x FROM (VALUES ('a')) AS t(v)) \
         AS s",
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

/// One row with a text of so many letters that is known only when the statement runs.
fn long_text(letters: u32) -> String {
    format!("SELECT repeat(v, {letters}) AS x FROM (VALUES ('a')) AS t(v)")
}

#[tokio::test]
async fn a_large_value_is_not_copied_for_each_row_of_a_table() {
    let city = golden(&[]).await;
    let long = long_text(70_000);
    for sql in [
        "SELECT person, repeat('x', 70000) FROM scans".to_owned(),
        "SELECT person || repeat('x', 70000) FROM scans".to_owned(),
        format!("SELECT person, ({long}) FROM scans"),
        format!("SELECT upper(person || ({long})) FROM scans"),
        format!("SELECT person, x FROM scans, ({long}) AS s"),
        format!("SELECT a.person, x FROM scans a LEFT JOIN ({long}) AS s ON length(x) > length(a.person)"),
        format!("SELECT x, unnest(range(0, 3)) FROM ({long}) AS s"),
        format!("SELECT x, unnest(range(0, 8000000)) FROM ({}) AS s", long_text(100)),
        format!(
            "SELECT x, unnest(unnest([range(0, 900000), range(0, 900000)])) FROM ({}) AS s",
            long_text(1_000)
        ),
        format!("SELECT s.* FROM scans, (SELECT x, x || 'b' AS y FROM ({})) AS s", long_text(20_000)),
    ] {
        let (status, problem) = ask(&city.server.url, &sql).await;
        assert_eq!((status, &problem["bound"]), (400, &json!("repeated_bytes")), "{sql}: {problem}");
    }
    for (sql, first) in [
        (format!("SELECT length(({long}))"), json!(70_000)),
        // A row gets one of the values.
        (
            "SELECT length(CASE WHEN person = 'x' THEN repeat('a', 20000) ELSE repeat('b', 20001) END) FROM scans"
                .to_owned(),
            json!(20_001),
        ),
        (format!("SELECT length(a.x) + length(b.x) FROM ({long} LIMIT 1) a, ({long}) b"), json!(140_000)),
        (
            format!(
                "SELECT count(*) FROM ({long}) a WHERE length(x) IN (SELECT 70000 + n * 0 FROM generate_series(0, 9) AS t(n))"
            ),
            json!(1),
        ),
        ("SELECT count(*) FROM scans WHERE person = repeat('x', 70000)".to_owned(), json!(0)),
        ("SELECT count(*) FROM scans WHERE person LIKE repeat('x', 70000)".to_owned(), json!(0)),
        (
            "SELECT count(*) FROM scans WHERE NOT array_has(range(0, 100000), length(person))".to_owned(),
            json!(0),
        ),
        (
            "SELECT sum(n) FROM (SELECT unnest(range(0, 100000)) AS n) AS s".to_owned(),
            json!(4_999_950_000_u64),
        ),
    ] {
        let (status, answer) = ask(&city.server.url, &sql).await;
        assert_eq!((status, &answer["rows"][0][0]), (200, &first), "{sql}: {answer}");
    }
}

#[tokio::test]
async fn what_is_asked_for_far_too_much_is_refused_before_memory_is_asked_for() {
    let city = golden(&[]).await;
    let steps: Vec<String> =
        (0..30).map(|n| format!("a{} AS (SELECT n * n AS n FROM a{n})", n + 1)).collect();
    let columns = |what: &str| -> String {
        let columns: Vec<String> =
            (0..1_600).map(|n| format!("{} AS c{n}", what.replace('#', &n.to_string()))).collect();
        columns.join(", ")
    };
    for (sql, bound) in [
        (
            format!(
                "WITH a0 AS (SELECT length(person) AS n FROM scans), {} SELECT 1 FROM a30 WHERE n > 0",
                steps.join(", ")
            ),
            json!("statement_parts"),
        ),
        (
            format!("SELECT {} FROM ({}) AS s", columns("translate(x, 'a', '#')"), long_text(60_000_000)),
            json!("function_bytes"),
        ),
        (format!("SELECT {} FROM ({}) AS s", columns("x"), long_text(60_000_000)), json!("answer_bytes")),
        (
            "SELECT array_to_string([range(0, 1000000)], repeat('x', 60000))".to_owned(),
            json!("function_bytes"),
        ),
        (
            "SELECT length(to_char(scanned_at, repeat('%c', 16000))) FROM scans, range(0, 1000)".to_owned(),
            json!("function_bytes"),
        ),
        (
            format!(
                "SELECT array_replace_all(array_repeat('a', 1000), 'a', x) FROM ({}) AS s",
                long_text(60_000_000)
            ),
            json!("function_bytes"),
        ),
        (
            format!(
                "SELECT array_replace_n(array_repeat('a', 1000), 'a', x, 1000) FROM ({}) AS s",
                long_text(60_000_000)
            ),
            json!("function_bytes"),
        ),
        ("SELECT count(*) FROM scans WHERE person ~ (random()::text || '.{200}')".to_owned(), json!(null)),
        ("SELECT approx_percentile_cont(seconds, 0.5, 100000000000) FROM visits".to_owned(), json!(null)),
        (r"SELECT count(*) FROM scans WHERE person ~ (person || '\w{200}')".to_owned(), json!(null)),
        ("SELECT * FROM contacts_of(repeat('x', 60000000))".to_owned(), json!(null)),
        (
            format!("SELECT * FROM contacts_of({})", vec!["repeat('x', 60000000)"; 30].join(" || ")),
            json!("statement_parts"),
        ),
    ] {
        let answer = tokio::time::timeout(Duration::from_secs(30), ask(&city.server.url, &sql)).await;
        let (status, problem) = answer.unwrap();
        assert_eq!((status, &problem["bound"]), (400, &bound), "{}: {problem}", &sql[..sql.len().min(200)]);
        assert!(problem["hint"].is_string(), "{problem}");
    }
    // What is worked out while planning would be shown after each of dozens of rules.
    let (status, plan) = ask(&city.server.url, "EXPLAIN VERBOSE SELECT repeat('x', 60000000)").await;
    assert_eq!(status, 200, "{plan}");
    assert!(plan.to_string().len() < 100_000, "{}", plan.to_string().len());
    // Far more groups than there are: the room for them is not made beforehand.
    let sql = "SELECT person, max(scanned_at) FROM scans GROUP BY person ORDER BY max(scanned_at) DESC LIMIT 2147483647";
    let csv = send(&city.server.url, sql, "text/csv").await.text().await.unwrap();
    assert!(csv.lines().count() > 2, "{csv}");
    let sql = "SELECT approx_percentile_cont(seconds, 0.5, 200) > 0, approx_percentile_cont(seconds, 0.5) > 0, \
               count(*) FILTER (WHERE person ~ '^P') > 0 FROM visits";
    let (status, answer) = ask(&city.server.url, sql).await;
    assert_eq!((status, &answer["rows"]), (200, &json!([[true, true, true]])), "{answer}");
}

#[tokio::test]
async fn a_statement_with_thousands_of_terms_is_answered_or_refused_with_words() {
    let city = golden(&[]).await;
    let chain = |what: &str, with: &str, n: usize| format!("SELECT {}", vec![what; n].join(with));
    for sql in
        [chain("1", " + ", 40_000), chain("'a'", " || ", 20_000), chain("1", " UNION ALL SELECT ", 10_000)]
    {
        let (status, problem) = ask(&city.server.url, &sql).await;
        assert_eq!((status, &problem["bound"]), (400, &json!("statement_depth")), "{problem}");
    }
    for (sql, first) in [
        (chain("1", " + ", 1_900), json!(1_900)),
        (chain("'a'", " || ", 1_900), json!("a".repeat(1_900))),
        (format!("{} FROM scans", chain("length(person)", " + ", 1_900)), json!(5 * 1_900)),
        (format!("{} FROM scans", chain("person", " || ", 1_000)), json!("P0001".repeat(1_000))),
        (
            format!("SELECT count(*) = 0 FROM scans WHERE {}", vec!["person = 'x'"; 900].join(" OR ")),
            json!(true),
        ),
        (format!("SELECT count(*) FROM ({}) AS s", chain("1", " UNION ALL SELECT ", 600)), json!(600)),
    ] {
        let (status, answer) = ask(&city.server.url, &sql).await;
        let first_of = |value: &serde_json::Value| {
            value.as_str().map_or_else(|| value.clone(), |text| json!(text.len()))
        };
        assert_eq!((status, first_of(&answer["rows"][0][0])), (200, first_of(&first)), "{}", &sql[..100]);
    }
}

#[tokio::test]
async fn what_window_functions_hold_counts_to_the_memory_for_statements() {
    let city = golden(&[("VONGLAU_SQL__MEMORY_MIB", "64")]).await;
    let over = |window: &str, rows: u32| {
        format!(
            "SELECT max(n) FROM (SELECT count(*) OVER ({window}) AS n FROM generate_series(1, {rows})) AS s"
        )
    };
    // 16 bytes a row: more than 64 MiB, where the same rows one after another are none.
    let (status, problem) = ask(&city.server.url, &over("", 8_000_000)).await;
    assert_eq!((status, &problem["bound"]), (400, &json!("memory_mib")), "{problem}");
    for (window, rows, most) in [
        ("", 100_000, 100_000),
        ("ROWS UNBOUNDED PRECEDING", 8_000_000, 8_000_000),
        ("ROWS 9 PRECEDING", 8_000_000, 10),
    ] {
        let (status, answer) = ask(&city.server.url, &over(window, rows)).await;
        assert_eq!((status, &answer["rows"][0][0]), (200, &json!(most)), "{window}: {answer}");
    }
    let (status, answer) = ask(&city.server.url, &over("", 100_000)).await;
    assert_eq!(status, 200, "what was held is given back: {answer}");
    // Sorted after the window: each row counts once, not as all that came with it.
    let sorted = "SELECT value, count(*) OVER () AS n FROM generate_series(1, 300000) ORDER BY value DESC";
    let csv = send(&city.server.url, sorted, "text/csv").await.text().await.unwrap();
    assert!(csv.starts_with("value,n\n300000,300000\n"), "{}", &csv[..csv.len().min(300)]);
    assert_eq!(csv.lines().count(), 300_001);
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
