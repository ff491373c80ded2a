//! Writing a day: each table sorted, in bounded memory, and what says that it is there last.

use super::Cut;
use super::manifest::{FORM, File, Written};
use super::store::{ArchiveError, Place, root};
use crate::city::City;
use crate::pieces;
use crate::read::{Asked, Reading, Refined, Rows, Source};
use crate::tables::source;
use arrow::compute::{SortColumn, concat_batches, lexsort_to_indices, take_record_batch};
use arrow::record_batch::RecordBatch;
use bytes::Bytes;
use datafusion::error::{DataFusionError, Result};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use object_store::buffered::BufWriter;
use object_store::path::Path;
use parquet::arrow::AsyncArrowWriter;
use parquet::arrow::async_writer::AsyncFileWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::AsyncWriteExt as _;
use vonglau_core::moment::{RowFilter, ScanColumns, VisitColumns};

/// The tables that go to the archive, each with the columns it is sorted by.
pub(super) const TABLES: [(&str, &[&str]); 5] = [
    ("scans", &["venue", "scanned_at", "person"]),
    ("visits", &["venue", "start_at", "person"]),
    ("contacts", &["f0", "first_at", "person"]),
    ("district_hours", &["district", "hour"]),
    (CASE_HISTORY, &["at", "id"]),
];
/// What the city keeps for ever: a day's part is written for readers of the files alone, as it stood then.
pub(super) const CASE_HISTORY: &str = "case_history";
/// Venues whose rows are sorted at once.
const VENUES_AT_ONCE: usize = 512;
/// Rows of a group, which is read or passed over as a whole, and of a page of it.
const GROUP_ROWS: usize = 1 << 17;
const PAGE_ROWS: usize = 1 << 13;
/// People that a group's filter has room for.
const GROUP_PEOPLE: u64 = 1 << 16;

/// What has been written of a file.
#[derive(Debug, Default)]
struct Tally {
    hash: Sha256,
    bytes: u64,
}

/// A file being written, with its sum.
struct Summed {
    out: BufWriter,
    tally: Arc<Mutex<Tally>>,
}

impl AsyncFileWriter for Summed {
    fn write(&mut self, bytes: Bytes) -> BoxFuture<'_, parquet::errors::Result<()>> {
        async move {
            {
                let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
                tally.hash.update(&bytes);
                tally.bytes += u64::try_from(bytes.len()).unwrap_or_default();
            }
            Ok(self.out.write_all(&bytes).await?)
        }
        .boxed()
    }

    fn complete(&mut self) -> BoxFuture<'_, parquet::errors::Result<()>> {
        async move { Ok(self.out.shutdown().await?) }.boxed()
    }
}

/// Writes the files of a day; nobody sees them until [`Written::put`]. `part`: how often it was written before.
pub(super) async fn day(
    place: &Place,
    city: &Arc<City>,
    part: u32,
    passed_at: i64,
) -> Result<Written, ArchiveError> {
    let Some(cut) = city.cut else {
        return Err(ArchiveError::Written { path: String::new(), why: "no day of the archive".to_owned() });
    };
    let day = date(cut);
    let mut files = Vec::new();
    for (table, sorted_by) in TABLES {
        let path = format!("{table}/day={day}/part-{part}.parquet");
        let written = file(place, city, table, sorted_by, &path).await;
        let path = format!("{}/{path}", place.url);
        files.push(written.map_err(|why| ArchiveError::Written { path, why: root(&why) })?);
    }
    let (from, to) = (cut.from.0, cut.to.0);
    Ok(Written { form: FORM, day, from, to, passed_at, part, files })
}

/// The date in the names of a day.
pub(super) fn date(cut: Cut) -> String {
    let (year, month, day) = cut.day.civil();
    format!("{year:04}-{month:02}-{day:02}")
}

async fn file(place: &Place, city: &Arc<City>, table: &str, sorted_by: &[&str], path: &str) -> Result<File> {
    let source = source(table).ok_or_else(|| DataFusionError::Internal(format!("no table {table}")))?;
    let asked = Asked::whole(city, &source.doc());
    let tally = Arc::new(Mutex::new(Tally::default()));
    let out = BufWriter::new(Arc::clone(&place.store), Path::from(path));
    let out = Summed { out, tally: Arc::clone(&tally) };
    let mut writer = AsyncArrowWriter::try_new(out, Arc::clone(&asked.schema), Some(properties(sorted_by)))?;
    let mut rows = 0;
    for venues in portions(city, table) {
        let batch = sorted(&asked, source.as_ref(), venues, sorted_by)?;
        rows += u64::try_from(batch.num_rows()).unwrap_or_default();
        if batch.num_rows() > 0 {
            writer.write(&batch).await?;
        }
    }
    writer.close().await?;
    let tally = std::mem::take(&mut *tally.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(File {
        table: table.to_owned(),
        path: path.to_owned(),
        rows,
        bytes: tally.bytes,
        sha256: hex(tally.hash),
    })
}

fn properties(sorted_by: &[&str]) -> WriterProperties {
    let person = || ColumnPath::from("person");
    let level = ZstdLevel::try_new(3).unwrap_or_default();
    // Rows lie by the first column; people are found by a filter of each group.
    let bloom = sorted_by.first().is_some_and(|first| *first == "venue");
    WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_created_by("vonglau".to_owned())
        .set_column_bloom_filter_enabled(person(), bloom)
        .set_column_bloom_filter_max_ndv(person(), GROUP_PEOPLE)
        .build()
}

/// Which venues' rows are sorted at once, in the order of their ids; what is not of venues is few enough for one portion.
fn portions(city: &City, table: &str) -> Vec<Vec<u32>> {
    if !matches!(table, "scans" | "visits") {
        return vec![Vec::new()];
    }
    let mut venues: Vec<(&str, u32)> =
        city.taken.moment.registers().venues().map(|venue| &*venue.id).zip(0..).collect();
    venues.sort_unstable();
    venues.chunks(VENUES_AT_ONCE).map(|some| some.iter().map(|(_, venue)| *venue).collect()).collect()
}

fn sorted(
    asked: &Asked,
    source: &dyn Source,
    mut venues: Vec<u32>,
    sorted_by: &[&str],
) -> Result<RecordBatch> {
    venues.sort_unstable();
    let city = &asked.city;
    let begun = pieces::row_filter(city, &[], (None, None));
    let filter = RowFilter { venues: Some(venues), ..begun };
    let reading: Reading = match source.doc().name {
        "scans" => pieces::plan::<ScanColumns>(asked.clone(), filter, Rows::about(1)),
        "visits" => pieces::plan::<VisitColumns>(asked.clone(), filter, Rows::about(1)),
        _ => source.plan(asked.clone(), &[])?,
    };
    let batches: Vec<RecordBatch> = (reading.read)(0, &Refined::default()).collect::<Result<_>>()?;
    let all = concat_batches(&asked.schema, &batches)?;
    let by: Vec<SortColumn> = sorted_by
        .iter()
        .filter_map(|name| all.column_by_name(name))
        .map(|values| SortColumn { values: Arc::clone(values), options: None })
        .collect();
    Ok(take_record_batch(&all, &lexsort_to_indices(&by, None)?)?)
}

/// A sum in hex digits.
pub(super) fn hex(hash: Sha256) -> String {
    hash.finalize().iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
