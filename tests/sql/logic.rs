//! Every `*.slt` file, and the worked questions.

use crate::city::{ask, golden, refused, rows};
use serde_json::{Value, json};
use sqllogictest::{AsyncDB, DBOutput, DefaultColumnType, Runner};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use vonglau_tests::{City, eventually};

type Later<'c, T> = Pin<Box<dyn Future<Output = T> + Send + 'c>>;

/// The service, as a database of sqllogictest.
struct Http(String);

#[derive(Debug)]
struct Refused(String);

impl std::fmt::Display for Refused {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

impl AsyncDB for Http {
    type Error = Refused;
    type ColumnType = DefaultColumnType;

    // As the trait's macro writes it.
    fn run<'a, 'b, 'c>(&'a mut self, sql: &'b str) -> Later<'c, Result<DBOutput<DefaultColumnType>, Refused>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        Box::pin(answer(&self.0, sql))
    }

    fn shutdown<'a, 'c>(&'a mut self) -> Later<'c, ()>
    where
        'a: 'c,
        Self: 'c,
    {
        Box::pin(async {})
    }
}

async fn answer(url: &str, sql: &str) -> Result<DBOutput<DefaultColumnType>, Refused> {
    let (status, body) = ask(url, sql).await;
    if status != 200 {
        return Err(Refused(format!("{status}: {body}")));
    }
    let columns = body["columns"].as_array().unwrap();
    let types = columns.iter().map(|_| DefaultColumnType::Any).collect();
    let cells = |row: &Value| row.as_array().unwrap().iter().map(cell).collect();
    Ok(DBOutput::Rows { types, rows: body["rows"].as_array().unwrap().iter().map(cells).collect() })
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::String(text) if text.is_empty() => "(empty)".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sql")
}

async fn holds(file: &str) {
    holds_of(&golden(&[]).await, file).await;
}

async fn holds_of(city: &City, file: &str) {
    let url = city.server.url.clone();
    let mut runner = Runner::new(|| async { Ok(Http(url.clone())) });
    if let Err(error) = runner.run_file_async(folder().join(file)).await {
        panic!("{}", error.display(false));
    }
}

#[tokio::test]
async fn alerts_slt() {
    holds("alerts.slt").await;
}

#[tokio::test]
async fn areas_slt() {
    holds("areas.slt").await;
}

#[tokio::test]
async fn arrivals_slt() {
    let city = golden(&[]).await;
    refused(&city).await;
    holds_of(&city, "arrivals.slt").await;
}

#[tokio::test]
async fn case_history_slt() {
    holds("case_history.slt").await;
}

#[tokio::test]
async fn cases_slt() {
    holds("cases.slt").await;
}

#[tokio::test]
async fn chains_slt() {
    holds("chains.slt").await;
}

#[tokio::test]
async fn contacts_slt() {
    holds("contacts.slt").await;
}

#[tokio::test]
async fn functions_slt() {
    holds("functions.slt").await;
}

#[tokio::test]
async fn hours_slt() {
    holds("hours.slt").await;
}

#[tokio::test]
async fn layers_slt() {
    holds("layers.slt").await;
}

#[tokio::test]
async fn lingering_slt() {
    holds_of(&golden(&[("VONGLAU_CONTACTS__LINGER_MIN", "30")]).await, "lingering.slt").await;
}

#[tokio::test]
async fn registers_slt() {
    holds("registers.slt").await;
}

#[tokio::test]
async fn scans_slt() {
    holds("scans.slt").await;
}

#[tokio::test]
async fn visits_slt() {
    holds("visits.slt").await;
}

#[tokio::test]
async fn windows_slt() {
    holds("windows.slt").await;
}

/// The text of each file of statements, by name.
fn files() -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "slt"))
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(&path).unwrap())
        })
        .collect();
    files.sort();
    files
}

#[test]
fn every_file_of_statements_has_a_test_that_runs_it() {
    let files = files();
    assert!(!files.is_empty());
    for (name, _) in files {
        let (test, call) = (name.replace(".slt", "_slt()"), format!("\"{name}\")"));
        let code = include_str!("logic.rs");
        assert!(code.contains(&test) && code.contains(&call), "{name} is not run");
    }
}

#[tokio::test]
async fn every_table_and_function_of_the_catalog_has_a_worked_out_value() {
    let catalog = golden(&[]).await.get("/api/v1/sql/catalog").await;
    let files = files();
    // What is asked, without comments and answers: the line after `query`.
    let asked: Vec<&str> = files
        .iter()
        .flat_map(|(_, text)| text.split("\nquery ").skip(1))
        .filter_map(|block| block.lines().nth(1))
        .collect();
    let is_asked = |words: &str| {
        asked.iter().any(|sql| {
            sql.match_indices(words).any(|(at, _)| {
                let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
                let (before, after) = (&sql[..at], &sql[at + words.len()..]);
                !before.ends_with(is_name) && (words.ends_with('(') || !after.starts_with(is_name))
            })
        })
    };
    for (list, written) in [("tables", "FROM {}"), ("functions", "{}(")] {
        let items = catalog[list].as_array().unwrap();
        assert!(!items.is_empty(), "{list}");
        let names = items.iter().map(|item| item["name"].as_str().unwrap());
        let missing: Vec<&str> = names.filter(|name| !is_asked(&written.replace("{}", name))).collect();
        assert!(missing.is_empty(), "{list} without a worked-out value: {missing:?}");
    }
}

#[tokio::test]
async fn a_statement_says_where_in_the_journal_it_is_true() {
    let city = golden(&[]).await;
    let head = city.get("/api/v1/status").await["stream_head"].clone();
    assert!(head.as_u64() > Some(0), "{head}");
    eventually("the engine is where the journal is", async || {
        let found = rows(&city, "SELECT stream_seq(), lag()").await;
        (found == [[head.clone(), json!(0.0)]]).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_chain_is_as_long_as_each_call_asks() {
    let city = golden(&[]).await;
    let count = async |call: &str| rows(&city, &format!("SELECT count(*) FROM {call}")).await[0][0].clone();
    let (one, three) = (count("chain_of('P0006', 1)").await, count("chain_of('P0006', 3)").await);
    assert_ne!(one, three);
    let both = "SELECT 1 AS n, count(*) FROM chain_of('P0006', 1) UNION ALL \
                SELECT 3, count(*) FROM chain_of('P0006', 3) ORDER BY n";
    assert_eq!(rows(&city, both).await, [[json!(1), one.clone()], [json!(3), three.clone()]]);
    assert_eq!(count("chain_of('P' || '0006', 2 - 1)").await, one, "constants of any kind");
    let whole = rows(&city, "SELECT * FROM chain_of('P0006')").await;
    assert_eq!(json!(whole.len()), three, "all columns, to the depth that goes without saying");
    for call in
        ["chain_of('P0006', 0)", "chain_of('P0006', 11)", "chain_of('P0006', -1)", "chain_of('P0006', 'x')"]
    {
        let (status, problem) = ask(&city.server.url, &format!("SELECT * FROM {call}")).await;
        assert_eq!(
            (status, &problem["line"], &problem["column"]),
            (400, &json!(1), &json!(15)),
            "{call}: {problem}"
        );
    }
}

#[tokio::test]
async fn names_of_several_tables_are_put_together_grouped_and_followed_on() {
    let city = golden(&[]).await;
    let same = async |one: &str, other: &str| {
        let found = rows(&city, one).await;
        assert!(!found.is_empty(), "{one}");
        assert_eq!(found, rows(&city, other).await, "{one}");
    };
    let all = "SELECT DISTINCT person FROM visits ORDER BY person";
    same("SELECT person FROM visits UNION SELECT person FROM cases WHERE person IN (SELECT person FROM visits) \
          ORDER BY person", all).await;
    same(
        "SELECT person FROM (SELECT person FROM visits UNION ALL SELECT person FROM visits) GROUP BY person \
          ORDER BY person",
        all,
    )
    .await;
    same(
        "SELECT DISTINCT t FROM (SELECT 'V-SAN' AS t UNION ALL SELECT venue FROM visits) ORDER BY t",
        "SELECT DISTINCT venue FROM visits ORDER BY venue",
    )
    .await;
    // From case to case that each has met, three links at most.
    let followed = "WITH RECURSIVE chain(person, depth) AS ( \
          SELECT 'P0006', 0 UNION ALL \
          SELECT k.person, c.depth + 1 FROM chain c JOIN contacts k ON k.f0 = c.person AND c.depth < 3) \
        SELECT person FROM chain GROUP BY person ORDER BY person";
    same(followed, "SELECT person FROM chain_of('P0006', 3) ORDER BY person").await;
    same("WITH RECURSIVE t(person, n) AS (SELECT person, 1 FROM cases UNION ALL \
          SELECT person, n + 1 FROM t WHERE n < 3) SELECT person, sum(n) FROM t GROUP BY person ORDER BY person",
         "SELECT person, 6 * count(*) FROM cases GROUP BY person ORDER BY person").await;
}

#[tokio::test]
async fn what_the_columns_mean_is_told_over_http_too() {
    let city = golden(&[]).await;
    let sql = "SELECT comment FROM information_schema.columns \
               WHERE table_name = 'ward_days' AND column_name = 'f0_new'";
    let found = rows(&city, sql).await;
    assert!(found[0][0].as_str().unwrap().contains("new cases by day of report"), "{found:?}");
}

#[tokio::test]
async fn questions_slt() {
    holds("questions.slt").await;
}

#[tokio::test]
async fn the_worked_questions_are_those_with_worked_out_rows() {
    let catalog = golden(&[]).await.get("/api/v1/sql/catalog").await;
    let text = include_str!("questions.slt");
    for question in catalog["questions"].as_array().unwrap() {
        assert!(text.contains(question["sql"].as_str().unwrap()), "{}: run questions.py", question["id"]);
    }
}

#[tokio::test]
async fn each_worked_question_has_an_answer() {
    let city = golden(&[]).await;
    let catalog = city.get("/api/v1/sql/catalog").await;
    for question in catalog["questions"].as_array().unwrap() {
        let found = rows(&city, question["sql"].as_str().unwrap()).await;
        assert!(!found.is_empty(), "{}", question["id"]);
    }
}

#[tokio::test]
async fn every_table_gives_the_columns_that_the_catalog_names() {
    let city = golden(&[]).await;
    let catalog = city.get("/api/v1/sql/catalog").await;
    for table in catalog["tables"].as_array().unwrap() {
        let sql = format!("SELECT * FROM {}", table["name"].as_str().unwrap());
        let (status, body) = ask(&city.server.url, &sql).await;
        assert_eq!(status, 200, "{sql}: {body}");
        let told = |columns: &Value| -> Vec<_> {
            let columns = columns.as_array().unwrap();
            columns.iter().map(|column| (column["name"].clone(), column["type"].clone())).collect()
        };
        assert_eq!(told(&body["columns"]), told(&table["columns"]), "{sql}");
    }
}

/// The same rows, whether a filter is pushed down or cannot be.
#[tokio::test]
async fn a_filter_that_is_pushed_down_changes_no_row() {
    let city = golden(&[]).await;
    for (plain, opaque) in [
        ("person = 'P0008'", "person || '' = 'P0008'"),
        ("person IN ('P0003', 'P0008')", "person || '' IN ('P0003', 'P0008')"),
        ("venue NOT IN ('V-CHO', 'V-PHO')", "venue || '' NOT IN ('V-CHO', 'V-PHO')"),
        ("venue = 'V-BV' OR person = 'P0005'", "venue || '' = 'V-BV' OR person || '' = 'P0005'"),
        ("venue = NULL", "venue || '' = NULL"),
    ] {
        for (table, order) in [("visits", "person, start_at"), ("scans", "person, scanned_at, venue, mode")] {
            let select = |filter: &str| format!("SELECT * FROM {table} WHERE {filter} ORDER BY {order}");
            let found = rows(&city, &select(plain)).await;
            assert_eq!(found, rows(&city, &select(opaque)).await, "{table}: {plain}");
            assert_eq!(found.is_empty(), plain == "venue = NULL", "{table}: {plain}");
        }
    }
    let plan = rows(&city, "EXPLAIN SELECT * FROM visits WHERE person = 'P0008' AND venue = 'V-CHO'").await;
    let plan = format!("{plan:?}");
    assert!(plan.contains("persons=1") && plan.contains("venues=1"), "{plan}");
}

/// The same rows, whether a column that is asked about is made for all rows or only for the filter.
#[tokio::test]
async fn a_column_that_only_a_filter_needs_is_not_given_on() {
    let city = golden(&[]).await;
    for (shown, plain, opaque) in [
        ("venue, seconds", "person <> 'P0003'", "person || '' <> 'P0003'"),
        ("count(*)", "seconds > 1800", "seconds * 2 > 3600"),
        ("person, end_at", "NOT open AND seconds > 60", "NOT open AND seconds * 2 > 120"),
        (
            "sum(seconds)",
            "start_at < TIMESTAMPTZ '2021-10-14 12:00:00+07'",
            "start_at + INTERVAL '1 hour' < TIMESTAMPTZ '2021-10-14 13:00:00+07'",
        ),
    ] {
        let select = |filter: &str| format!("SELECT {shown} FROM visits WHERE {filter} ORDER BY {shown}");
        let found = rows(&city, &select(plain)).await;
        assert_eq!(found, rows(&city, &select(opaque)).await, "{shown} WHERE {plain}");
        assert!(!found.is_empty(), "{shown} WHERE {plain}");
    }
    let plan = rows(&city, "EXPLAIN SELECT venue FROM visits WHERE seconds > 1800").await;
    assert!(format!("{plan:?}").contains("given=[venue]"), "{plan:?}");
}
