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
