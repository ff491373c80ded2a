//! Answers as bytes: JSON whole, since it is bounded; CSV, Arrow and Parquet as they come.

pub(crate) mod json;

use crate::error::{SqlError, SqlErrorKind};
use crate::large;
use crate::run::Sql;
use crate::running::Running;
use arrow::array::{Array, ArrayRef};
use arrow::compute::cast;
use arrow::csv;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::ipc::writer::StreamWriter;
use arrow::record_batch::RecordBatch;
use bytes::Bytes;
use futures_util::future::{BoxFuture, ready};
use futures_util::stream::{self, BoxStream, StreamExt};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::mem;
use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::mpsc;

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Json,
    Csv,
    Arrow,
    Parquet,
}

/// Bytes as they come. An error after the first of them breaks the answer off.
pub type Body = BoxStream<'static, Result<Bytes, SqlError>>;

impl Format {
    /// The media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Arrow => "application/vnd.apache.arrow.stream",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }
}

/// Pieces of an answer that wait for a slow reader; more are not written.
const PIECES_WAITING_MAX: usize = 2;

/// Bytes of a group of rows of Parquet, which is in memory until it is written.
const GROUP_BYTES: usize = 64 << 20;

/// Writes an answer, on SQL's threads. What goes wrong before the first bytes is the error; JSON is whole before them.
///
/// # Errors
/// What the statement met, or a fault of ours in writing.
pub fn write(
    sql: &Sql,
    running: Running,
    format: Format,
    began: Instant,
) -> BoxFuture<'_, Result<Body, SqlError>> {
    Box::pin(async move {
        if format == Format::Json {
            let of = sql.clone();
            let text = sql.on_threads(async move { json::whole(&of, running, began).await }).await??;
            return Ok(stream::once(async { Ok(Bytes::from(text)) }).boxed());
        }
        let (sender, mut pieces) = mpsc::channel(PIECES_WAITING_MAX);
        let writing = sql.in_background(async move {
            let body = match pieces_of(running, format).await {
                Ok(body) => body,
                Err(error) => stream::once(async { Err(error) }).boxed(),
            };
            // Nobody reads any more: dropping the rest stops the statement.
            let mut body = pin!(body);
            while let Some(piece) = body.next().await {
                if sender.send(piece).await.is_err() {
                    return;
                }
            }
        });
        let ended = || SqlError::new(SqlErrorKind::Internal, "the answer broke off");
        let first = pieces.recv().await.ok_or_else(ended)??;
        let rest = stream::unfold((pieces, writing), |(mut pieces, writing)| async {
            let piece = pieces.recv().await?;
            Some((piece, (pieces, writing)))
        });
        Ok(stream::once(async { Ok(first) }).chain(rest).boxed())
    })
}

/// An answer in its format, batch by batch.
async fn pieces_of(running: Running, format: Format) -> Result<Body, SqlError> {
    let mut writer = Writer::new(format, &running.schema)?;
    let mut batches = running.flat_map(|batch| match batch.and_then(large::pieces) {
        Ok(pieces) => stream::iter(pieces.map(Ok)).left_stream(),
        Err(error) => stream::once(ready(Err(error))).right_stream(),
    });
    let first = batches.next().await.transpose()?;
    let mut begin = Vec::new();
    let writer = if let Some(batch) = first {
        begin.extend(writer.batch(&batch)?);
        Some(writer)
    } else {
        begin.extend(writer.end()?);
        None
    };
    let rest = stream::unfold((batches, writer), |(mut batches, writer)| async {
        let mut writer = writer?;
        let (bytes, writer) = match batches.next().await {
            Some(Ok(batch)) => (writer.batch(&batch), Some(writer)),
            Some(Err(error)) => (Err(error), None),
            None => (writer.end(), None),
        };
        Some((bytes.map(Bytes::from), (batches, writer)))
    });
    Ok(stream::once(async { Ok(Bytes::from(begin)) }).chain(rest).boxed())
}

enum Writer {
    Csv { has_begun: bool, schema: SchemaRef },
    Arrow(Box<StreamWriter<Vec<u8>>>),
    Parquet(Box<ArrowWriter<Vec<u8>>>),
}

impl Writer {
    fn new(format: Format, schema: &SchemaRef) -> Result<Self, SqlError> {
        let schema = plain_schema(schema);
        Ok(match format {
            Format::Json | Format::Csv => Self::Csv { has_begun: false, schema },
            Format::Arrow => {
                Self::Arrow(Box::new(StreamWriter::try_new(Vec::new(), &schema).map_err(broken)?))
            }
            Format::Parquet => {
                let properties = WriterProperties::builder()
                    .set_compression(Compression::ZSTD(ZstdLevel::default()))
                    .set_max_row_group_bytes(Some(GROUP_BYTES))
                    .build();
                let writer = ArrowWriter::try_new(Vec::new(), schema, Some(properties)).map_err(broken)?;
                Self::Parquet(Box::new(writer))
            }
        })
    }

    /// A batch's bytes, or those of batches before it.
    fn batch(&mut self, batch: &RecordBatch) -> Result<Vec<u8>, SqlError> {
        let batch = plain(batch)?;
        match self {
            Self::Csv { has_begun, .. } => csv_of(&batch, !mem::replace(has_begun, true)),
            Self::Arrow(writer) => {
                writer.write(&batch).map_err(broken)?;
                Ok(mem::take(writer.get_mut()))
            }
            Self::Parquet(writer) => {
                writer.write(&batch).map_err(broken)?;
                Ok(mem::take(writer.inner_mut()))
            }
        }
    }

    /// What is left.
    fn end(self) -> Result<Vec<u8>, SqlError> {
        match self {
            Self::Csv { has_begun: true, .. } => Ok(Vec::new()),
            Self::Csv { has_begun: false, schema } => csv_of(&RecordBatch::new_empty(schema), true),
            Self::Arrow(mut writer) => {
                writer.finish().map_err(broken)?;
                Ok(mem::take(writer.get_mut()))
            }
            Self::Parquet(writer) => writer.into_inner().map_err(broken),
        }
    }
}

fn csv_of(batch: &RecordBatch, with_header: bool) -> Result<Vec<u8>, SqlError> {
    let mut bytes = Vec::new();
    let builder = csv::WriterBuilder::new().with_header(with_header);
    let mut writer = builder.with_timestamp_tz_format(json::TIME.to_owned()).build(&mut bytes);
    writer.write(&flat(batch)?).map_err(broken)?;
    drop(writer);
    Ok(bytes)
}

/// CSV knows no lists: they are JSON in their cell.
fn flat(batch: &RecordBatch) -> Result<RecordBatch, SqlError> {
    if !batch.columns().iter().any(|array| array.data_type().is_nested()) {
        return Ok(batch.clone());
    }
    let flat = |(field, array): (&Arc<Field>, &ArrayRef)| {
        if !array.data_type().is_nested() {
            return Ok((Arc::clone(field), Arc::clone(array)));
        }
        let text: ArrayRef = Arc::new(json::as_text(array.as_ref())?);
        Ok((Arc::new(field.as_ref().clone().with_data_type(DataType::Utf8)), text))
    };
    let schema = batch.schema();
    let columns = schema.fields().iter().zip(batch.columns()).map(flat);
    let (fields, arrays): (Vec<_>, Vec<_>) =
        columns.collect::<Result<Vec<_>, SqlError>>()?.into_iter().unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(broken)
}

/// Views of text are written as plain text, which every reader knows.
fn plain_type(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Utf8View => DataType::Utf8,
        DataType::List(item) => {
            DataType::List(Arc::new(item.as_ref().clone().with_data_type(plain_type(item.data_type()))))
        }
        other => other.clone(),
    }
}

fn plain_schema(schema: &SchemaRef) -> SchemaRef {
    let plain = |field: &Arc<Field>| field.as_ref().clone().with_data_type(plain_type(field.data_type()));
    Arc::new(Schema::new(schema.fields().iter().map(plain).collect::<Vec<_>>()))
}

fn plain(batch: &RecordBatch) -> Result<RecordBatch, SqlError> {
    let cast_one = |array: &ArrayRef| cast(array, &plain_type(array.data_type()));
    let arrays = batch.columns().iter().map(cast_one).collect::<Result<Vec<_>, _>>().map_err(broken)?;
    let options = arrow::record_batch::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(plain_schema(&batch.schema()), arrays, &options).map_err(broken)
}

fn broken(error: impl std::fmt::Display) -> SqlError {
    SqlError::new(SqlErrorKind::Internal, format!("the answer cannot be written: {error}"))
}
