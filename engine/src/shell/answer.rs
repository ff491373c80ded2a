//! The service's answer in JSON, as a table and as NDJSON.

use super::table::{Cell, Head};
use serde::Deserialize;
use serde_json::value::RawValue;

/// What `POST /api/v1/sql` answers. Values stay as they were written, so that no digit is lost.
#[derive(Debug, Deserialize)]
pub struct Document {
    /// Event time for which it is true.
    pub event_time: Option<String>,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Box<RawValue>>>,
    /// There are more rows than these.
    pub truncated: bool,
    pub rows_max: u64,
    /// Rows of tables and of the archive that the statement has read.
    pub rows_read: u64,
}

/// A column of an answer.
#[derive(Debug, Deserialize)]
pub struct Column {
    pub name: String,
    /// A type of PostgreSQL.
    #[serde(rename = "type")]
    pub type_name: String,
}

impl Document {
    /// The heads of its columns; numbers stand at the right.
    pub fn heads(&self) -> Vec<Head> {
        let numbers = ["smallint", "integer", "bigint", "real", "double precision", "numeric"];
        let head = |column: &Column| Head {
            name: column.name.clone(),
            right: numbers.contains(&column.type_name.as_str()),
        };
        self.columns.iter().map(head).collect()
    }

    /// Its rows as texts.
    pub fn cells(&self) -> Vec<Vec<Cell>> {
        self.rows.iter().map(|row| row.iter().map(|value| shown(value)).collect()).collect()
    }

    /// An object a line.
    pub fn ndjson(&self) -> String {
        let names: Vec<String> =
            self.columns.iter().map(|column| serde_json::json!(column.name).to_string()).collect();
        let mut text = String::new();
        for row in &self.rows {
            for (n, (name, value)) in names.iter().zip(row).enumerate() {
                text.extend([if n == 0 { "{" } else { "," }, name, ":", value.get()]);
            }
            text.push_str(if row.is_empty() { "{}\n" } else { "}\n" });
        }
        text
    }
}

/// A value as it is read: texts without quotes, all else as written.
fn shown(value: &RawValue) -> Cell {
    let raw = value.get();
    match raw {
        "null" => None,
        _ if raw.starts_with('"') => {
            Some(serde_json::from_str(raw).unwrap_or_else(|_not_text| raw.to_owned()))
        }
        _ => Some(raw.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = r#"{"stream_seq":7,"event_time":"2021-10-15T10:00:00+07:00",
        "columns":[{"name":"tên","type":"text"},{"name":"n","type":"bigint"},{"name":"tags","type":"text[]"}],
        "rows":[["Chợ \"Hôm\"",9007199254740993,["a","b"]],[null,null,null]],
        "truncated":false,"rows_max":10000,"rows_read":9,"elapsed_ms":3}"#;

    #[test]
    fn an_answer_becomes_cells() {
        let answer: Document = serde_json::from_str(ANSWER).unwrap();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            answer.cells(),
            [
                vec![some("Chợ \"Hôm\""), some("9007199254740993"), some(r#"["a","b"]"#)],
                vec![None, None, None]
            ]
        );
        assert_eq!(answer.heads().iter().map(|head| head.right).collect::<Vec<_>>(), [false, true, false]);
    }

    #[test]
    fn ndjson_is_an_object_a_line_and_keeps_every_digit() {
        let answer: Document = serde_json::from_str(ANSWER).unwrap();
        assert_eq!(
            answer.ndjson(),
            "{\"tên\":\"Chợ \\\"Hôm\\\"\",\"n\":9007199254740993,\"tags\":[\"a\",\"b\"]}\n{\"tên\":null,\"n\":null,\"tags\":null}\n"
        );
    }
}
