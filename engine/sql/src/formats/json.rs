//! JSON: columns with their types, rows as arrays, times in the city's zone.

use crate::error::{SqlError, SqlErrorKind};
use crate::run::Sql;
use crate::running::Running;
use arrow::array::{Array, AsArray, StringArray};
use arrow::datatypes::{DataType, Float32Type, Float64Type, Schema};
use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use futures_util::StreamExt;
use serde_json::{Value, json};
use std::fmt::Write;
use std::time::Instant;

/// Times, whole seconds.
pub const TIME: &str = "%Y-%m-%dT%H:%M:%S%:z";
const OPTIONS: FormatOptions<'static> =
    FormatOptions::new().with_null("null").with_timestamp_tz_format(Some(TIME)).with_types_info(false);

/// Bytes of an answer, which is in memory as a whole.
const BYTES_MAX: usize = 64 << 20;

/// The whole answer; rows beyond the bound are left out, and it says so.
pub async fn whole(sql: &Sql, mut running: Running, began: Instant) -> Result<String, SqlError> {
    let rows_max = sql.bounds().rows_max;
    let mut text = begin(sql, &running);
    let (mut rows, mut is_truncated) = (0, false);
    while let Some(batch) = running.next().await {
        let batch = batch?;
        let room = rows_max - rows;
        is_truncated = batch.num_rows() > room;
        let batch = batch.slice(0, batch.num_rows().min(room));
        let columns = batch.columns().iter().map(|array| Cells::of(array.as_ref()));
        let columns = columns.collect::<Result<Vec<_>, _>>().map_err(super::broken)?;
        for row in 0..batch.num_rows() {
            text.push_str(if rows == 0 { "[" } else { ",[" });
            for (n, column) in columns.iter().enumerate() {
                if n > 0 {
                    text.push(',');
                }
                column.write(row, &mut text);
                if text.len() > BYTES_MAX {
                    return Err(too_long());
                }
            }
            text.push(']');
            rows += 1;
        }
        if is_truncated {
            break;
        }
    }
    let (rows_read, elapsed_ms) = (running.rows_read(), began.elapsed().as_millis());
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        r#"],"truncated":{is_truncated},"rows_max":{rows_max},"rows_read":{rows_read},"elapsed_ms":{elapsed_ms}}}"#
    );
    Ok(text)
}

fn too_long() -> SqlError {
    let message = format!("the answer is longer than {} MiB as JSON", BYTES_MAX >> 20);
    let hint =
        "ask for fewer rows or columns, or for CSV, Arrow or Parquet, which come in portions".to_owned();
    SqlError::bound(SqlErrorKind::Wrong, "answer_bytes", message).hint(Some(hint))
}

fn begin(sql: &Sql, running: &Running) -> String {
    let event_time = json!(running.stamp.event_time.map(|at| sql.params().zone.write(at)));
    let (stream_seq, columns) = (running.stamp.stream_seq, columns(&running.schema));
    format!(r#"{{"stream_seq":{stream_seq},"event_time":{event_time},"columns":{columns},"rows":["#)
}

/// The columns of a result, as JSON.
pub fn columns(schema: &Schema) -> String {
    let column = |field: &arrow::datatypes::FieldRef| json!({"name": field.name(), "type": type_name(field.data_type())});
    Value::Array(schema.fields().iter().map(column).collect()).to_string()
}

/// Rows as JSON arrays, each with the array of its key's cells where rows have a key.
///
/// # Errors
/// A fault of ours in writing.
pub fn rows(batch: &RecordBatch, key: Option<&[usize]>) -> Result<Vec<(String, Option<String>)>, SqlError> {
    let columns = batch.columns().iter().map(|array| Cells::of(array.as_ref()));
    let columns = columns.collect::<Result<Vec<_>, _>>().map_err(super::broken)?;
    let write = |cells: &mut dyn Iterator<Item = &Cells<'_>>, row: usize| {
        let mut text = String::from("[");
        for (n, column) in cells.enumerate() {
            if n > 0 {
                text.push(',');
            }
            column.write(row, &mut text);
        }
        text.push(']');
        text
    };
    let row = |row: usize| {
        let key = key.map(|key| write(&mut key.iter().filter_map(|column| columns.get(*column)), row));
        (write(&mut columns.iter(), row), key)
    };
    Ok((0..batch.num_rows()).map(row).collect())
}

/// A column of lists as JSON text.
///
/// # Errors
/// A fault of ours in writing.
pub fn as_text(array: &dyn Array) -> Result<StringArray, SqlError> {
    let cells = Cells::of(array).map_err(super::broken)?;
    let text = |row: usize| {
        let mut text = String::new();
        cells.write(row, &mut text);
        array.is_valid(row).then_some(text)
    };
    Ok((0..array.len()).map(text).collect())
}

/// A type's name in PostgreSQL.
pub fn type_name(data_type: &DataType) -> String {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => "text".to_owned(),
        DataType::Int8 | DataType::Int16 | DataType::UInt8 => "smallint".to_owned(),
        DataType::Int32 | DataType::UInt16 => "integer".to_owned(),
        DataType::Int64 | DataType::UInt32 => "bigint".to_owned(),
        DataType::Float16 | DataType::Float32 => "real".to_owned(),
        DataType::Float64 => "double precision".to_owned(),
        DataType::UInt64
        | DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..) => "numeric".to_owned(),
        DataType::Boolean => "boolean".to_owned(),
        DataType::Timestamp(_, Some(_)) => "timestamp with time zone".to_owned(),
        DataType::Timestamp(_, None) => "timestamp without time zone".to_owned(),
        DataType::Date32 | DataType::Date64 => "date".to_owned(),
        DataType::Time32(_) | DataType::Time64(_) => "time without time zone".to_owned(),
        DataType::Interval(_) | DataType::Duration(_) => "interval".to_owned(),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => "bytea".to_owned(),
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            format!("{}[]", type_name(item.data_type()))
        }
        DataType::Dictionary(_, value) => type_name(value),
        other => other.to_string(),
    }
}

/// The values of one column.
enum Cells<'a> {
    /// Written as they are: numbers and truths.
    Bare(&'a dyn Array, ArrayFormatter<'a>),
    Real(&'a dyn Array),
    Quoted(&'a dyn Array, ArrayFormatter<'a>),
    List(&'a dyn Array),
}

impl<'a> Cells<'a> {
    fn of(array: &'a dyn Array) -> Result<Self, arrow::error::ArrowError> {
        let formatter = || ArrayFormatter::try_new(array, &OPTIONS);
        Ok(match array.data_type() {
            DataType::Float32 | DataType::Float64 => Self::Real(array),
            DataType::List(_) => Self::List(array),
            other if other.is_numeric() || *other == DataType::Boolean => Self::Bare(array, formatter()?),
            _ => Self::Quoted(array, formatter()?),
        })
    }

    fn write(&self, row: usize, text: &mut String) {
        let value: &dyn Array = match self {
            Self::Bare(array, _) | Self::Real(array) | Self::Quoted(array, _) | Self::List(array) => *array,
        };
        if value.is_null(row) || *value.data_type() == DataType::Null {
            text.push_str("null");
            return;
        }
        match self {
            Self::Bare(_, formatter) => text.push_str(&formatter.value(row).to_string()),
            Self::Real(array) => write_real(*array, row, text),
            Self::Quoted(_, formatter) => text.push_str(&json!(formatter.value(row).to_string()).to_string()),
            Self::List(array) => write_list(*array, row, text),
        }
    }
}

/// JSON has no infinity and no NaN: they are null.
fn write_real(array: &dyn Array, row: usize, text: &mut String) {
    let number = match array.data_type() {
        DataType::Float32 => json!(array.as_primitive::<Float32Type>().value(row)),
        _ => json!(array.as_primitive::<Float64Type>().value(row)),
    };
    text.push_str(&number.to_string());
}

fn write_list(array: &dyn Array, row: usize, text: &mut String) {
    let items = array.as_list::<i32>().value(row);
    text.push('[');
    if let Ok(cells) = Cells::of(items.as_ref()) {
        for n in 0..items.len() {
            if n > 0 {
                text.push(',');
            }
            cells.write(n, text);
        }
    }
    text.push(']');
}
