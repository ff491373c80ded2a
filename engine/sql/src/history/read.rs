//! Reading days beside the live part: files through `DataFusion`'s own Parquet reader, which passes over groups and pages
//! by their statistics; days that still wait as the live part is read.

use super::manifest::{File, Written};
use super::store::{ASKED_AT_ONCE, ArchiveError, Place};
use super::write::{CASE_HISTORY, TABLES, hex};
use super::{Day, History};
use crate::error::{SqlError, SqlErrorKind};
use crate::pushdown::all_spans;
use crate::read::{Asked, Source};
use crate::read_exec::ReadExec;
use arrow::datatypes::SchemaRef;
use datafusion::catalog::Session;
use datafusion::common::DFSchema;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::utils::conjunction;
use datafusion::physical_plan::ExecutionPlan;
use futures_util::TryStreamExt as _;
use futures_util::future::try_join_all;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStoreExt as _};
use sha2::{Digest as _, Sha256};
use std::sync::{Arc, PoisonError};

/// Files of at most so many bytes are looked through before they are first read; of larger ones the length must do, and
/// what Parquet and zstd notice themselves.
const SUMMED_BYTES_MAX: u64 = 32 << 20;

/// So many bytes of a file's end are read at once: most of what says where things are in it.
const FOOTER_BYTES: usize = 1 << 16;

/// Plans to read what a table has in the archive; nothing where it has nothing there.
///
/// # Errors
/// When a file is not what was written.
pub async fn plans(
    history: &History,
    source: &Arc<dyn Source>,
    schema: &SchemaRef,
    state: &dyn Session,
    projection: Option<&Vec<usize>>,
    filters: &[Expr],
) -> Result<Vec<Arc<dyn ExecutionPlan>>> {
    let table = source.doc().name;
    let is_asked_of = |name: &&str| *name == table && table != CASE_HISTORY;
    let Some((_, sorted_by)) = TABLES.iter().find(|(name, _)| is_asked_of(name)) else {
        return Ok(Vec::new());
    };
    let mut plans: Vec<Arc<dyn ExecutionPlan>> = Vec::new();
    // Times of a day's rows lie within the day.
    let (first, last) = all_spans(filters, sorted_by[1]).seconds();
    let is_asked =
        |from: i64, to: i64| first.is_none_or(|first| first < to) && last.is_none_or(|last| last >= from);
    let mut files = Vec::new();
    for day in &history.days {
        match day {
            Day::Written(day) if is_asked(day.from, day.to) => {
                files.extend(day.file(table).map(|file| (day, file)));
            }
            Day::Waiting(city) if city.cut.is_some_and(|cut| is_asked(cut.from.0, cut.to.0)) => {
                let threads = state.config().target_partitions();
                let asked = Asked::of(city, &source.doc(), schema, projection, threads)?;
                let schema = Arc::clone(&asked.schema);
                let reading = source.plan(asked, filters)?;
                plans.push(Arc::new(ReadExec::new(table, schema, reading)));
            }
            Day::Written(_) | Day::Waiting(_) => {}
        }
    }
    if let Some(place) = &history.place
        && !files.is_empty()
    {
        for some in files.chunks(ASKED_AT_ONCE) {
            try_join_all(some.iter().map(|(day, file)| check(place, day, file))).await.map_err(told)?;
        }
        plans.push(parquet(place, &files, schema, state, projection, filters)?);
    }
    Ok(plans)
}

fn told(error: ArchiveError) -> DataFusionError {
    DataFusionError::External(Box::new(SqlError::new(SqlErrorKind::Unavailable, error.to_string())))
}

fn parquet(
    place: &Place,
    files: &[(&Arc<Written>, &File)],
    schema: &SchemaRef,
    state: &dyn Session,
    projection: Option<&Vec<usize>>,
    filters: &[Expr],
) -> Result<Arc<dyn ExecutionPlan>> {
    let address = Place::address()?;
    state.runtime_env().register_object_store(address.as_ref(), Arc::clone(&place.store));
    let mut source = ParquetSource::new(Arc::clone(schema))
        .with_enable_page_index(true)
        .with_bloom_filter_on_read(true)
        .with_metadata_size_hint(FOOTER_BYTES);
    if let Some(filter) = conjunction(filters.iter().cloned()) {
        let columns = DFSchema::try_from(Arc::clone(schema))?;
        source = source.with_predicate(state.create_physical_expr(filter, &columns)?);
    }
    let threads = state.config().target_partitions().clamp(1, files.len());
    let mut groups = vec![Vec::new(); threads];
    for (n, (_, file)) in files.iter().enumerate() {
        groups[n % threads].push(PartitionedFile::new(file.path.clone(), file.bytes));
    }
    let groups = groups.into_iter().map(FileGroup::new).collect();
    let config = FileScanConfigBuilder::new(address, Arc::new(source))
        .with_file_groups(groups)
        .with_projection_indices(projection.cloned())?
        .build();
    Ok(DataSourceExec::from_data_source(config))
}

/// Is a file there, as long as it was written?
pub(super) async fn look(place: &Place, day: &Written, file: &File) -> Result<ObjectMeta, ArchiveError> {
    let meta = place.store.head(&Path::from(file.path.as_str())).await.map_err(|error| match error {
        object_store::Error::NotFound { .. } => damaged(day, file, "it is missing".to_owned()),
        error => place.error(&error),
    })?;
    if meta.size != file.bytes {
        return Err(damaged(day, file, format!("{} bytes where {} were written", meta.size, file.bytes)));
    }
    Ok(meta)
}

fn damaged(day: &Written, file: &File, why: String) -> ArchiveError {
    ArchiveError::Damaged { path: file.path.clone(), manifest: day.path().to_string(), why }
}

/// Is a file what was written? Its length always; its sum where it lies on this machine, once.
async fn check(place: &Place, day: &Written, file: &File) -> Result<(), ArchiveError> {
    let meta = look(place, day, file).await?;
    let key = format!("{} {} {:?}", file.sha256, file.path, meta.last_modified);
    let is_whole = place.whole.lock().unwrap_or_else(PoisonError::into_inner).contains(&key);
    if !place.is_local || is_whole || file.bytes > SUMMED_BYTES_MAX {
        return Ok(());
    }
    let bytes = place.store.get(&meta.location).await.map_err(|error| place.error(&error))?;
    let mut bytes = bytes.into_stream();
    let mut hash = Sha256::new();
    while let Some(part) = bytes.try_next().await.map_err(|error| place.error(&error))? {
        hash.update(&part);
    }
    if hex(hash) != file.sha256 {
        return Err(damaged(day, file, "its sum is another".to_owned()));
    }
    place.whole.lock().unwrap_or_else(PoisonError::into_inner).insert(key);
    Ok(())
}
