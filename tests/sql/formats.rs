//! The same answer in each format, cell by cell.

use crate::city::{ask, golden, refused, rows, send};
use arrow::array::{Array, ArrayRef};
use arrow::error::ArrowError;
use arrow::ipc::reader::StreamReader;
use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::RowGroupMetaData;
use serde_json::Value;
use std::io::Cursor;
use vonglau_tests::City;

const ARROW: &str = "application/vnd.apache.arrow.stream";
const PARQUET: &str = "application/vnd.apache.parquet";

/// Times as JSON has them.
const OPTIONS: FormatOptions<'static> =
    FormatOptions::new().with_timestamp_tz_format(Some("%Y-%m-%dT%H:%M:%S%:z"));

async fn body(city: &City, sql: &str, accept: &str) -> Bytes {
    let response = send(&city.server.url, sql, accept).await;
    assert_eq!(response.status().as_u16(), 200, "{accept}: {sql}");
    let told = response.headers()["content-type"].to_str().unwrap().to_owned();
    assert!(told.starts_with(accept), "{told}");
    response.bytes().await.unwrap()
}

/// Column names and rows of batches, each cell as text or null.
type Read = (Vec<String>, Vec<Vec<Option<String>>>);

/// The cells of a column as text or null; a column of the type of nothing is all null.
fn cells(array: &dyn Array) -> Vec<Option<String>> {
    let (shown, nulls) = (ArrayFormatter::try_new(array, &OPTIONS).unwrap(), array.logical_nulls());
    let is_null = |row: usize| nulls.as_ref().is_some_and(|nulls| nulls.is_null(row));
    (0..array.len()).map(|row| (!is_null(row)).then(|| shown.value(row).to_string())).collect()
}

fn read(names: Vec<String>, batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>) -> Read {
    let mut rows = Vec::new();
    for batch in batches.map(Result::unwrap) {
        let column = |array: &ArrayRef| cells(array.as_ref());
        let columns: Vec<Vec<Option<String>>> = batch.columns().iter().map(column).collect();
        rows.extend(
            (0..batch.num_rows()).map(|row| columns.iter().map(|cells| cells[row].clone()).collect()),
        );
    }
    (names, rows)
}

fn read_arrow(bytes: Bytes) -> Read {
    let reader = StreamReader::try_new(Cursor::new(bytes), None).unwrap();
    let names = reader.schema().fields().iter().map(|field| field.name().clone()).collect();
    read(names, reader)
}

fn read_parquet(bytes: Bytes) -> Read {
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap();
    let names = reader.schema().fields().iter().map(|field| field.name().clone()).collect();
    read(names, reader.build().unwrap())
}

/// Does a cell of a batch hold what JSON says?
fn is_same(cell: Option<&String>, value: &Value) -> bool {
    match (cell, value) {
        (None, Value::Null) => true,
        (Some(cell), Value::String(text)) => cell == text,
        (Some(cell), Value::Bool(truth)) => *cell == truth.to_string(),
        // 1e6 and 1000000.0 are the same number.
        (Some(cell), Value::Number(number)) => {
            *cell == number.to_string() || cell.parse().ok() == number.as_f64()
        }
        (Some(cell), Value::Array(items)) => {
            let items =
                items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned));
            *cell == format!("[{}]", items.collect::<Vec<_>>().join(", "))
        }
        _ => false,
    }
}

async fn the_formats_agree(city: &City, sql: &str) {
    let expected = rows(city, sql).await;
    let columns = names(city, sql).await;
    let arrow = read_arrow(body(city, sql, ARROW).await);
    let parquet = read_parquet(body(city, sql, PARQUET).await);
    for (format, (names, found)) in [("Arrow", arrow), ("Parquet", parquet)] {
        assert_eq!(names, columns, "{format}: {sql}");
        assert_eq!(found.len(), expected.len(), "{format}: {sql}");
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found.len(), expected.len(), "{format}: {sql}");
            let is_row = found.iter().zip(expected).all(|(cell, value)| is_same(cell.as_ref(), value));
            assert!(is_row, "{format} has {found:?}, JSON {expected:?}: {sql}");
        }
    }
}

async fn names(city: &City, sql: &str) -> Vec<String> {
    let (_, body) = ask(&city.server.url, sql).await;
    let columns = body["columns"].as_array().unwrap();
    columns.iter().map(|column| column["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn arrow_and_parquet_hold_every_table_as_json_has_it() {
    let city = golden(&[("VONGLAU_SQL__ROWS_MAX", "100000")]).await;
    refused(&city).await;
    let catalog = city.get("/api/v1/sql/catalog").await;
    for table in catalog["tables"].as_array().unwrap() {
        let columns = table["columns"].as_array().unwrap().len();
        let order: Vec<String> = (1..=columns).map(|column| column.to_string()).collect();
        let name = table["name"].as_str().unwrap();
        the_formats_agree(&city, &format!("SELECT * FROM {name} ORDER BY {}", order.join(", "))).await;
    }
}

#[tokio::test]
async fn arrow_and_parquet_hold_lists_nulls_numbers_of_all_kinds_and_no_rows_at_all() {
    let city = golden(&[]).await;
    for sql in [
        "SELECT h3_disk('8928308280fffff', 1) AS cells, h3_disk(617700169958293503, 1) AS numbers",
        "SELECT NULL AS nothing, 1.25::numeric(10, 2) AS exact, 1::smallint AS small, '' AS empty, 'a,\"b' AS text",
        "SELECT person, seconds FROM visits WHERE person = 'nobody'",
        "SELECT local_date(start_at) AS day, avg(seconds) AS mean FROM visits GROUP BY day ORDER BY day",
        "SELECT a.person, b.person AS other FROM scans a, scans b ORDER BY a.person, other LIMIT 9000",
    ] {
        the_formats_agree(&city, sql).await;
    }
}

#[tokio::test]
async fn csv_has_the_rows_of_json() {
    let city = golden(&[]).await;
    let sql = "SELECT person, seconds FROM visits ORDER BY person, start_at";
    let csv = body(&city, sql, "text/csv").await;
    let csv = String::from_utf8(csv.to_vec()).unwrap();
    let line = |row: &Vec<Value>| format!("{},{}", row[0].as_str().unwrap(), row[1]);
    let expected: Vec<String> = rows(&city, sql).await.iter().map(line).collect();
    assert_eq!(csv.lines().next(), Some("person,seconds"));
    assert_eq!(csv.lines().skip(1).collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn csv_has_lists_as_json() {
    let city = golden(&[]).await;
    let sql = "SELECT make_array('a', NULL) AS l, 1 AS n UNION ALL SELECT NULL, 2 ORDER BY n";
    let text = body(&city, sql, "text/csv").await;
    assert_eq!(text, "l,n\n\"[\"\"a\"\",null]\",1\n,2\n");
}

#[tokio::test]
async fn parquet_writes_groups_of_rows_before_they_are_large() {
    let city = golden(&[]).await;
    let columns: Vec<String> = (0..12).map(|n| format!("random() AS c{n}")).collect();
    let sql = format!("SELECT {} FROM generate_series(1, 900000)", columns.join(", "));
    let reader = ParquetRecordBatchReaderBuilder::try_new(body(&city, &sql, PARQUET).await).unwrap();
    let groups = reader.metadata().row_groups();
    assert!(groups.len() > 1, "86 MB in one group");
    assert_eq!(groups.iter().map(RowGroupMetaData::num_rows).sum::<i64>(), 900_000);
}
