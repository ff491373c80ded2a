//! What is told of a statement that cannot be run.

use crate::city::{ask, golden};
use serde_json::json;

#[tokio::test]
async fn a_wrong_column_says_where_and_what_is_meant() {
    let city = golden(&[]).await;
    let (status, problem) = ask(&city.server.url, "SELECT person,\n  scaned_at FROM scans").await;
    let place = (&problem["line"], &problem["column"], &problem["hint"]);
    assert_eq!(status, 400, "{problem}");
    assert_eq!(place, (&json!(2), &json!(3), &json!("did you mean scanned_at?")), "{problem}");
    let (status, problem) = ask(&city.server.url, "SELECT * FROM scanz").await;
    assert_eq!((status, &problem["hint"]), (400, &json!("did you mean scans?")), "{problem}");
    let (status, problem) = ask(&city.server.url, "SELEC 1").await;
    assert_eq!((status, &problem["line"], &problem["column"]), (400, &json!(1), &json!(1)), "{problem}");
}

#[tokio::test]
async fn nothing_can_be_written_and_no_file_read() {
    let city = golden(&[]).await;
    for (sql, wanted) in [
        ("DELETE FROM scans", 403),
        ("COPY (SELECT 1) TO '/tmp/x'", 403),
        ("SET x = 1", 403),
        ("CREATE TABLE x AS SELECT 1", 403),
        ("SELECT * FROM '/etc/passwd'", 400),
        ("SELECT 1; SELECT 2", 400),
        ("", 400),
    ] {
        let (status, problem) = ask(&city.server.url, sql).await;
        assert_eq!(status, wanted, "{sql}: {problem}");
    }
}

#[tokio::test]
async fn a_table_function_is_found_however_its_name_is_written() {
    let city = golden(&[]).await;
    let (_, plain) = ask(&city.server.url, "SELECT count(*) FROM contacts_of('P0003')").await;
    assert!(plain["rows"][0][0].as_i64().is_some_and(|contacts| contacts > 0), "{plain}");
    for name in ["CONTACTS_OF", "\"contacts_of\"", "public.contacts_of", "LATERAL contacts_of"] {
        let (_, answer) = ask(&city.server.url, &format!("SELECT count(*) FROM {name}('P0003')")).await;
        assert_eq!(answer["rows"], plain["rows"], "{name}: {answer}");
    }
    let classes = |from: &str| {
        format!(
            "SELECT count(class) FROM {from}('V-CHO', '2021-10-18T07:20:00+07:00', '2021-10-18T07:50:00+07:00')"
        )
    };
    let (_, plain) = ask(&city.server.url, &classes("exposed_at")).await;
    let (_, lateral) = ask(&city.server.url, &classes("LATERAL exposed_at")).await;
    assert!(plain["rows"][0][0].as_i64().is_some_and(|known| known > 0), "{plain}");
    assert_eq!(lateral["rows"], plain["rows"], "{lateral}");
}

const SCANS: &str = "the columns are venue, person, scanned_at, mode, direction, district, ward";

#[tokio::test]
async fn what_is_wrong_is_pointed_at_also_at_the_end_and_in_functions() {
    let city = golden(&[]).await;
    for (sql, line, column, hint) in [
        ("SELECT 1 +", 1, 11, None),
        ("SELECT\n  flor(1.5)", 2, 3, Some("did you mean floor?")),
        ("SELECT 1\nFROM scanz", 2, 6, Some("did you mean scans?")),
        ("-- flor\nSELECT 'flor', /* flor */ flor(1.5)", 2, 27, Some("did you mean floor?")),
        ("SELECT\n  h3_cell(1, 2)", 2, 3, None),
        ("SELECT *\nFROM scans ORDER BY at", 2, 21, Some("did you mean scanned_at?")),
        ("SELECT venue FROM scans ORDER BY zzz", 1, 34, Some(SCANS)),
        ("SELECT *\nFROM contacts_of()", 2, 6, Some("write contacts_of('person')")),
        ("SELECT *\nFROM contact_of('P0003')", 2, 6, Some("did you mean contacts_of?")),
    ] {
        let (status, problem) = ask(&city.server.url, sql).await;
        assert_eq!(status, 400, "{sql}: {problem}");
        assert_eq!(
            (&problem["line"], &problem["column"]),
            (&json!(line), &json!(column)),
            "{sql}: {problem}"
        );
        assert_eq!(problem["hint"].as_str(), hint, "{sql}: {problem}");
    }
}

#[tokio::test]
async fn what_exists_can_be_shown_and_values_numbered() {
    let city = golden(&[]).await;
    for (sql, due) in [
        ("SELECT EXISTS (SELECT 1 FROM visits)", json!([[true]])),
        ("SELECT NOT EXISTS (SELECT 1 FROM visits WHERE venue = 'no') AS none", json!([[true]])),
        ("SELECT EXISTS (SELECT 1 FROM visits WHERE venue = 'no'), 1", json!([[false, 1]])),
        (
            "SELECT name, nr FROM unnest(make_array('a', 'b')) WITH ORDINALITY AS t(name, nr) ORDER BY nr",
            json!([["a", 1], ["b", 2]]),
        ),
    ] {
        let (status, answer) = ask(&city.server.url, sql).await;
        assert_eq!(status, 200, "{sql}: {answer}");
        assert_eq!(answer["rows"], due, "{sql}");
    }
}

/// The page shows so many rows, and sorting needs to keep no more.
#[tokio::test]
async fn all_rows_can_be_sorted_for_the_page_whatever_the_memory() {
    let city = golden(&[("VONGLAU_SQL__MEMORY_MIB", "16"), ("VONGLAU_SQL__ROWS_MAX", "10")]).await;
    let sql = "SELECT n, repeat('x', 200) AS t FROM generate_series(1, 400000) AS g(n) ORDER BY n DESC";
    let (status, answer) = ask(&city.server.url, sql).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!((&answer["truncated"], &answer["rows"][0][0]), (&json!(true), &json!(400_000)), "{answer}");
}
