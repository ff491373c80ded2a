//! What window functions hold: all rows of their partition until they have seen its last, which `DataFusion` does not count.

use crate::large::{PLAIN_BYTES, bytes, longest};
use crate::passing::{Look, PassingExec, Watch};
use crate::read::BATCH_ROWS;
use arrow::array::{Array as _, ArrayRef, AsArray as _, UInt64Array};
use arrow::compute::take_record_batch;
use arrow::datatypes::DataType;
use arrow::record_batch::RecordBatch;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode as _};
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::execution_plan::replace_children_if_necessary;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::windows::{BoundedWindowAggExec, WindowAggExec};
use datafusion::physical_plan::{ExecutionPlan, SendableRecordBatchStream, WindowExpr};
use futures_util::{StreamExt as _, stream};
use std::sync::{Arc, Mutex, PoisonError};

/// A window function that needs whole partitions puts the rows together once more.
const COPIES_OF_WHOLE: usize = 2;

/// Counts what window functions hold to the memory for statements.
#[derive(Debug)]
pub struct Holding;

impl PhysicalOptimizerRule for Holding {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let counted = plan.transform_up(|node| {
            let whole = node.downcast_ref::<WindowAggExec>();
            let running = node.downcast_ref::<BoundedWindowAggExec>();
            let held = match (whole, running) {
                (Some(whole), _) => Held::of(whole.window_expr(), COPIES_OF_WHOLE)?,
                (None, Some(running)) => Held::of(running.window_expr(), 1)?,
                (None, None) => return Ok(Transformed::no(node)),
            };
            let held = Arc::new(held);
            let taken = |child| PassingExec::looking(Arc::clone(child), Taken(Arc::clone(&held)));
            let inputs = node.children().into_iter().map(taken).collect();
            let node = replace_children_if_necessary(node, inputs)?;
            Ok(Transformed::yes(PassingExec::over(node, Arc::new(Given(held)))))
        });
        Ok(counted?.data)
    }

    fn name(&self) -> &'static str {
        "holding"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// What one operator holds, all its partitions together.
#[derive(Debug)]
struct Held {
    /// Columns that it makes of numbers and times, and of values that may be as large as any that it took.
    plain: usize,
    large: usize,
    copies: usize,
    count: Mutex<Count>,
}

#[derive(Debug, Default)]
struct Count {
    reservation: Option<MemoryReservation>,
    rows_taken: usize,
    rows_given: usize,
    bytes_taken: usize,
    longest: usize,
}

impl Held {
    fn of(results: &[Arc<dyn WindowExpr>], copies: usize) -> Result<Self> {
        let (mut plain, mut large) = (0, 0);
        for result in results {
            match result.field()?.data_type().primitive_width() {
                Some(_) => plain += 1,
                None => large += 1,
            }
        }
        Ok(Self { plain, large, copies, count: Mutex::default() })
    }

    /// The part of what it took that is not given yet, and the results for its rows.
    fn bytes(&self, count: &Count) -> usize {
        let rows = count.rows_taken.saturating_sub(count.rows_given);
        let a_row = count.bytes_taken.saturating_mul(self.copies) / count.rows_taken.max(1);
        let results = (self.plain * PLAIN_BYTES).saturating_add(self.large.saturating_mul(count.longest));
        rows.saturating_mul(a_row.saturating_add(results))
    }

    fn take(&self, batch: &RecordBatch, task: &TaskContext) -> Result<()> {
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        count.rows_taken += batch.num_rows();
        count.bytes_taken += batch.columns().iter().map(|column| bytes(column)).sum::<usize>();
        count.longest = batch.columns().iter().map(|column| longest(column)).fold(count.longest, usize::max);
        let bytes = self.bytes(&count);
        let register = || MemoryConsumer::new("window functions").register(task.memory_pool());
        count.reservation.get_or_insert_with(register).try_resize(bytes)
    }

    fn give(&self, rows: usize) {
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        count.rows_given += rows;
        let bytes = self.bytes(&count);
        if let Some(reservation) = &count.reservation {
            reservation.resize(bytes.min(reservation.size()));
        }
    }
}

/// Counts what goes in.
#[derive(Debug)]
struct Taken(Arc<Held>);

impl Look for Taken {
    const NAME: &'static str = "Taken";

    fn look(&self, batch: &RecordBatch, task: &TaskContext) -> Result<()> {
        self.0.take(batch, task)
    }
}

/// Rows of a batch by themselves: a slice would be counted as the whole batch wherever it is held.
fn piece_of(batch: &RecordBatch, from: usize, rows: usize) -> Result<RecordBatch> {
    if rows == batch.num_rows() || batch.num_columns() == 0 {
        return Ok(batch.slice(from, rows));
    }
    let places: UInt64Array = (from..from + rows).map(|row| u64::try_from(row).ok()).collect();
    let taken = take_record_batch(batch, &places)?;
    let own = taken.columns().iter().map(|column| match column.data_type() {
        DataType::Utf8View => Arc::new(column.as_string_view().gc()) as ArrayRef,
        DataType::BinaryView => Arc::new(column.as_binary_view().gc()),
        _ => Arc::clone(column),
    });
    Ok(RecordBatch::try_new(taken.schema(), own.collect())?)
}

/// Counts what comes out, which can be all rows at once: it goes on in batches.
#[derive(Debug)]
struct Given(Arc<Held>);

impl Watch for Given {
    fn name(&self) -> &'static str {
        "Given"
    }

    fn watch(
        self: Arc<Self>,
        batches: SendableRecordBatchStream,
        _: &Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let schema = batches.schema();
        let pieces = batches.flat_map(move |batch| {
            let held = Arc::clone(&self.0);
            let (batch, failed) = match batch {
                Ok(batch) => (Some(batch), None),
                Err(error) => (None, Some(Err(error))),
            };
            let cuts = batch.into_iter().flat_map(move |batch| {
                let (all, held) = (batch.num_rows(), Arc::clone(&held));
                (0..all).step_by(BATCH_ROWS).map(move |from| {
                    let piece = piece_of(&batch, from, BATCH_ROWS.min(all - from))?;
                    held.give(piece.num_rows());
                    Ok(piece)
                })
            });
            stream::iter(cuts.chain(failed))
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, pieces)))
    }
}
