//! Rows of an answer as the protocol carries them.

use super::errors::{error, of, state};
use crate::large::rows_at_once;
use crate::run::Sql;
use crate::running::Running;
use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit, TimestampMicrosecondType};
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use datafusion_postgres::arrow_pg::datatypes::arrow_schema_to_pg_fields;
use datafusion_postgres::arrow_pg::encoder::encode_value;
use datafusion_postgres::pgwire::api::portal::Format;
use datafusion_postgres::pgwire::api::results::{DataRowEncoder, FieldFormat, FieldInfo};
use datafusion_postgres::pgwire::error::PgWireResult;
use datafusion_postgres::pgwire::messages::data::DataRow;
use futures_util::StreamExt;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};
use std::sync::Arc;

/// Rows that are written at once, on SQL's threads.
const ROWS_AT_ONCE: usize = 1_024;

/// An answer that is read row by row. Dropping it stops the work.
pub struct Rows {
    sql: Sql,
    running: Running,
    /// As it is sent.
    schema: SchemaRef,
    batch: Option<RecordBatch>,
    at_once: usize,
    /// The first of its rows that is not written.
    next: usize,
    written: std::vec::IntoIter<DataRow>,
    fields: Arc<Vec<FieldInfo>>,
    is_done: bool,
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows").field("schema", &self.schema).finish_non_exhaustive()
    }
}

impl Rows {
    /// Rows of what runs; times are written in `zone`.
    pub fn new(
        sql: Sql,
        running: Running,
        zone: &Arc<str>,
        names: &[Option<String>],
        format: &Format,
    ) -> PgWireResult<Self> {
        let schema = sent(&running.schema, zone, names);
        let fields = fields(&schema, format)?;
        let written = Vec::new().into_iter();
        let (batch, at_once, next) = (None, ROWS_AT_ONCE, 0);
        Ok(Self { sql, running, schema, batch, at_once, next, written, fields, is_done: false })
    }

    /// What the columns are.
    pub fn fields(&self) -> &Arc<Vec<FieldInfo>> {
        &self.fields
    }

    /// From now on the rows are sent as text or as bytes, as this says.
    pub fn set_format(&mut self, format: &Format) -> PgWireResult<()> {
        self.fields = fields(&self.schema, format)?;
        // What is written and not sent is written again.
        self.next -= self.written.len();
        self.written = Vec::new().into_iter();
        Ok(())
    }

    /// The next row; None: that was all.
    pub async fn next(&mut self) -> PgWireResult<Option<DataRow>> {
        loop {
            if let Some(row) = self.written.next() {
                return Ok(Some(row));
            }
            let rest = self.batch.as_ref().map_or(0, |batch| batch.num_rows() - self.next);
            if let Some(batch) = self.batch.as_ref().filter(|_| rest > 0) {
                let piece = batch.slice(self.next, rest.min(self.at_once));
                let (schema, fields) = (Arc::clone(&self.schema), Arc::clone(&self.fields));
                let work = async move { write(&piece, &schema, &fields) };
                let rows = self.sql.on_threads(work).await.map_err(|error| of(error, ""))??;
                self.next += rows.len();
                self.written = rows.into_iter();
                continue;
            }
            if self.is_done {
                return Ok(None);
            }
            let batch = self.running.next().await.transpose().map_err(|error| of(error, ""))?;
            let rows = batch.as_ref().map(rows_at_once).transpose().map_err(|error| of(error, ""))?;
            self.at_once = rows.map_or(ROWS_AT_ONCE, |rows| rows.min(ROWS_AT_ONCE));
            self.is_done = batch.is_none();
            (self.batch, self.next) = (batch, 0);
        }
    }
}

/// The rows of a piece of an answer.
fn write(
    piece: &RecordBatch,
    schema: &SchemaRef,
    fields: &Arc<Vec<FieldInfo>>,
) -> PgWireResult<Vec<DataRow>> {
    let piece = written(convert(piece, schema)?, fields)?;
    let mut encoder = DataRowEncoder::new(Arc::clone(fields));
    (0..piece.num_rows()).map(|row| encode(&mut encoder, &piece, row, fields)).collect()
}

fn encode(
    encoder: &mut DataRowEncoder,
    batch: &RecordBatch,
    row: usize,
    fields: &[FieldInfo],
) -> PgWireResult<DataRow> {
    for ((array, field), shown) in batch.columns().iter().zip(batch.schema_ref().fields()).zip(fields) {
        // Nulls of some kinds are written as zero otherwise.
        if array.is_null(row) {
            encoder.encode_field_with_type_and_format(
                &None::<i8>,
                shown.datatype(),
                shown.format(),
                shown.format_options(),
            )?;
        } else {
            encode_value(encoder, array, row, field, shown)?;
        }
    }
    Ok(encoder.take_row())
}

fn convert(batch: &RecordBatch, schema: &SchemaRef) -> PgWireResult<RecordBatch> {
    let column = |(array, field): (&ArrayRef, &Arc<Field>)| {
        if array.data_type() == field.data_type() {
            return Ok(Arc::clone(array));
        }
        cast(array, field.data_type()).map_err(|error| told(&error))
    };
    let columns = batch.columns().iter().zip(schema.fields()).map(column).collect::<PgWireResult<_>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options).map_err(|error| told(&error))
}

fn told(error_of: &arrow::error::ArrowError) -> datafusion_postgres::pgwire::error::PgWireError {
    error(state::INTERNAL, format!("the answer cannot be sent: {error_of}"))
}

/// Times that go as text are written as PostgreSQL writes them, without a fraction that is nothing but zeros.
fn written(batch: RecordBatch, fields: &[FieldInfo]) -> PgWireResult<RecordBatch> {
    let is_time = |field: &Field| matches!(field.data_type(), DataType::Timestamp(..));
    if !batch.schema_ref().fields().iter().any(|field| is_time(field)) {
        return Ok(batch);
    }
    let mut columns = batch.columns().to_vec();
    let mut described: Vec<Arc<Field>> = batch.schema_ref().fields().to_vec();
    for ((column, field), shown) in columns.iter_mut().zip(&mut described).zip(fields) {
        if let DataType::Timestamp(_, zone) = field.data_type()
            && shown.format() == FieldFormat::Text
        {
            *column = times(column, zone.as_deref())?;
            *field = Arc::new(field.as_ref().clone().with_data_type(DataType::Utf8));
        }
    }
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    let schema = Arc::new(Schema::new(described));
    RecordBatch::try_new_with_options(schema, columns, &options).map_err(|error| told(&error))
}

fn times(column: &ArrayRef, zone: Option<&str>) -> PgWireResult<ArrayRef> {
    let micros = DataType::Timestamp(TimeUnit::Microsecond, zone.map(Into::into));
    let micros = cast(column, &micros).map_err(|error| told(&error))?;
    let micros = micros.as_primitive::<TimestampMicrosecondType>();
    let unknown = |_| error(state::INTERNAL, "the zone of a time is not known; please tell us");
    let known = zone.map(TimeZone::get).transpose().map_err(unknown)?;
    let out_of_range = |_| error(state::BAD_VALUE, "a time is too far away to be written");
    let write = |micros: i64| {
        let at = Timestamp::from_microsecond(micros).map_err(out_of_range)?;
        let at = ZonedDateTime::new(at, known.clone().unwrap_or(TimeZone::UTC));
        let mut text = at.strftime("%Y-%m-%d %H:%M:%S%.f").to_string();
        if known.is_some() {
            // Minutes of the offset only where there are some.
            let offset = at.strftime("%:z").to_string();
            text.push_str(offset.strip_suffix(":00").unwrap_or(&offset));
        }
        Ok(text)
    };
    let texts = micros.iter().map(|micros| micros.map(write).transpose());
    Ok(Arc::new(texts.collect::<PgWireResult<StringArray>>()?))
}

/// The schema as it is sent: names of PostgreSQL, times in the zone of the session, and as text what PostgreSQL has no type for.
pub fn sent(schema: &Schema, zone: &Arc<str>, names: &[Option<String>]) -> SchemaRef {
    // Names that are not of these columns are of no use.
    let names = if names.len() == schema.fields().len() { names } else { &[] };
    let field = |(place, field): (usize, &Arc<Field>)| {
        let data_type = match field.data_type() {
            DataType::Timestamp(unit, Some(_)) => DataType::Timestamp(*unit, Some(Arc::clone(zone))),
            DataType::Dictionary(_, value) => (**value).clone(),
            DataType::Float16 => DataType::Float32,
            DataType::Decimal32(..)
            | DataType::Decimal64(..)
            | DataType::Decimal256(..)
            | DataType::ListView(_)
            | DataType::LargeListView(_)
            | DataType::Map(..)
            | DataType::Union(..)
            | DataType::RunEndEncoded(..) => DataType::Utf8,
            other => other.clone(),
        };
        let shown = field.as_ref().clone().with_data_type(data_type).with_nullable(true);
        Arc::new(match names.get(place).and_then(Option::as_ref) {
            Some(name) => shown.with_name(name),
            None => shown,
        })
    };
    Arc::new(Schema::new(schema.fields().iter().enumerate().map(field).collect::<Vec<_>>()))
}

/// What the columns of a schema are for clients.
///
/// # Errors
/// The client asks for formats of more or fewer columns than there are.
pub fn fields(schema: &Schema, format: &Format) -> PgWireResult<Arc<Vec<FieldInfo>>> {
    if let Format::Individual(codes) = format
        && codes.len() != schema.fields().len()
    {
        let message = format!("{} formats for {} columns", codes.len(), schema.fields().len());
        return Err(error(state::PROTOCOL, message));
    }
    arrow_schema_to_pg_fields(schema, format, None).map(Arc::new)
}

/// One row of text, for answers about the session.
pub fn text_row(names: &[&str], values: &[&str]) -> PgWireResult<(Arc<Vec<FieldInfo>>, DataRow)> {
    let columns: Vec<Field> = names.iter().map(|name| Field::new(*name, DataType::Utf8, true)).collect();
    let fields = fields(&Schema::new(columns), &Format::UnifiedText)?;
    let mut encoder = DataRowEncoder::new(Arc::clone(&fields));
    for value in values {
        encoder.encode_field(value)?;
    }
    let row = encoder.take_row();
    Ok((fields, row))
}
