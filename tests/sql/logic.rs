//! Every `*.slt` file, and the worked questions.

use crate::city::{ask, golden, rows};
use serde_json::Value;
use sqllogictest::{AsyncDB, DBOutput, DefaultColumnType, Runner};
use std::path::Path;
use std::pin::Pin;

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

async fn holds(file: &str) {
    let city = golden(&[]).await;
    let url = city.server.url.clone();
    let mut runner = Runner::new(|| async { Ok(Http(url.clone())) });
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("sql").join(file);
    if let Err(error) = runner.run_file_async(path).await {
        panic!("{}", error.display(false));
    }
}

#[tokio::test]
async fn cases_slt() {
    holds("cases.slt").await;
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
async fn scans_slt() {
    holds("scans.slt").await;
}

#[tokio::test]
async fn visits_slt() {
    holds("visits.slt").await;
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
