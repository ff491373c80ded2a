//! Operators that copy large values for many rows.
//!
//! A text of megabytes by itself does no harm; joined to a table, or written beside its columns, it is copied for each of
//! thousands of rows at once.

use crate::error::{SqlError, SqlErrorKind};
use crate::large::{PLAIN_BYTES, bytes, leaves, longest};
use crate::passing::{Look, PassingExec};
use arrow::record_batch::RecordBatch;
use datafusion::common::config::ConfigOptions;
use datafusion::common::stats::Precision;
use datafusion::common::tree_node::{Transformed, TreeNode as _, TreeNodeRecursion};
use datafusion::common::{JoinType, ScalarValue};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::logical_expr::Operator;
use datafusion::physical_expr::expressions::{BinaryExpr, CaseExpr, Column, InListExpr, LikeExpr, Literal};
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::aggregates::AggregateExec;
use datafusion::physical_plan::execution_plan::replace_children_if_necessary;
use datafusion::physical_plan::joins::{
    CrossJoinExec, HashJoinExec, NestedLoopJoinExec, PiecewiseMergeJoinExec, SortMergeJoinExec,
};
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::scalar_subquery::ScalarSubqueryExec;
use datafusion::physical_plan::unnest::UnnestExec;
use datafusion::physical_plan::{ExecutionPlan, StatisticsArgs, StatisticsContext};
use std::sync::Arc;

/// Bytes of values that may be repeated together for each row of a batch: with 8,192 rows, 256 MiB.
const REPEATED_BYTES_MAX: usize = 32 * 1024;
/// Rows that an operator makes at once of one row, unless a list has more values.
const ROWS_AT_ONCE: usize = 8_192;
/// Bytes that the functions of one SELECT may read of a batch, each counted for itself: they make about as much.
const READ_BYTES_MAX: usize = 512 << 20;
/// Groups of which a limit is kept while they are read: room for ten times as many is made at once.
const LIMITED_GROUPS_MAX: usize = 16_384;
/// Functions that look into one list for all rows, and do not copy it.
const LOOKING: [&str; 3] = ["array_has", "array_has_all", "array_has_any"];
/// Operators that give several rows for one, or rows of several inputs.
const MULTIPLYING: [&str; 4] = ["UnionExec", "InterleaveExec", "UnnestExec", "RecursiveQueryExec"];

/// Refuses what would copy large values for many rows: those written in the statement at once, others as they come.
#[derive(Debug)]
pub struct Repeating;

impl PhysicalOptimizerRule for Repeating {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let watched = plan.transform_up(|node| {
            if !node.children().into_iter().all(has_one_row) {
                let written = written_in(&node)?;
                if written > REPEATED_BYTES_MAX {
                    return Err(too_large(written, REPEATED_BYTES_MAX));
                }
            }
            let children = watched_children(&node);
            let node = replace_children_if_necessary(without_great_limit(node), children)?;
            Ok(Transformed::yes(node))
        });
        Ok(watched?.data)
    }

    fn name(&self) -> &'static str {
        "repeating"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

fn too_large(bytes: usize, most: usize) -> DataFusionError {
    let message = format!(
        "values of {bytes} bytes would be repeated for each of many rows; such values may have {most} bytes together"
    );
    let hint = "shorten them with left(…), or group after joining".to_owned();
    let error = SqlError::bound(SqlErrorKind::Memory, "repeated_bytes", message).hint(Some(hint));
    DataFusionError::External(Box::new(error))
}

/// What goes into an operator that repeats it.
#[derive(Debug, Default)]
struct Repeated {
    /// Columns that are taken apart, not repeated: each row is repeated for all that their lists hold.
    lists: Vec<usize>,
    /// Lists in lists are taken apart for all rows of a batch at once.
    is_deep: bool,
}

impl Look for Repeated {
    const NAME: &'static str = "Repeated";

    fn look(&self, batch: &RecordBatch, _: &TaskContext) -> Result<()> {
        let rows = self.lists.iter().map(|list| {
            let rows = leaves(batch.column(*list)).into_iter();
            if self.is_deep { rows.sum() } else { rows.max().unwrap_or(0) }
        });
        let rows = rows.max().unwrap_or(0).max(ROWS_AT_ONCE);
        let most = (REPEATED_BYTES_MAX * ROWS_AT_ONCE / rows).max(PLAIN_BYTES);
        let repeated = batch.columns().iter().enumerate().filter(|(place, _)| !self.lists.contains(place));
        let bytes = repeated.map(|(_, column)| longest(column)).fold(0, usize::saturating_add);
        if bytes > most { Err(too_large(bytes, most)) } else { Ok(()) }
    }
}

/// What the functions of an operator read: the columns, each as often as it is read.
#[derive(Debug)]
struct Read {
    columns: Vec<usize>,
}

impl Look for Read {
    const NAME: &'static str = "Read";

    fn look(&self, batch: &RecordBatch, _: &TaskContext) -> Result<()> {
        let columns: Vec<usize> = batch.columns().iter().map(|column| bytes(column)).collect();
        let read = self.columns.iter().filter_map(|column| columns.get(*column));
        let read = read.copied().fold(0, usize::saturating_add);
        if read <= READ_BYTES_MAX {
            return Ok(());
        }
        let message = format!(
            "the functions of the SELECT would read {read} bytes at once where {} MiB may be",
            READ_BYTES_MAX >> 20
        );
        let hint = "shorten the values with left(…), or call fewer functions".to_owned();
        let error = SqlError::bound(SqlErrorKind::Memory, "function_bytes", message).hint(Some(hint));
        Err(DataFusionError::External(Box::new(error)))
    }
}

/// The inputs of an operator, watched where it repeats them or has functions that read much.
fn watched_children(node: &Arc<dyn ExecutionPlan>) -> Vec<Arc<dyn ExecutionPlan>> {
    let children = node.children().into_iter().map(Arc::clone);
    if let Some(columns) = read_by_functions(node) {
        return children
            .map(|child| PassingExec::looking(child, Read { columns: columns.clone() }))
            .collect();
    }
    if let Some(unnest) = node.downcast_ref::<UnnestExec>() {
        let lists = unnest.list_column_indices();
        let is_deep = lists.iter().any(|list| list.depth > 1);
        let lists: Vec<usize> = lists.iter().map(|list| list.index_in_input_schema).collect();
        return children
            .map(|child| PassingExec::looking(child, Repeated { lists: lists.clone(), is_deep }))
            .collect();
    }
    // A subquery's value is repeated for the rows of the first input.
    let unrepeated = usize::from(node.is::<ScalarSubqueryExec>());
    if !(repeats(node) || unrepeated > 0) || has_one_row(node) {
        return children.collect();
    }
    let watched = children.enumerate().map(|(place, child)| {
        if place < unrepeated { child } else { PassingExec::looking(child, Repeated::default()) }
    });
    watched.collect()
}

/// Whether a join gives a row of its inputs several times.
fn repeats(node: &Arc<dyn ExecutionPlan>) -> bool {
    use JoinType::{Full, Inner, Left, Right};
    let of_hash = node.downcast_ref::<HashJoinExec>().map(|join| *join.join_type());
    let of_loop = node.downcast_ref::<NestedLoopJoinExec>().map(|join| *join.join_type());
    let of_sorted = node.downcast_ref::<SortMergeJoinExec>().map(SortMergeJoinExec::join_type);
    let kind = of_hash.or(of_loop).or(of_sorted);
    node.is::<CrossJoinExec>()
        || node.is::<PiecewiseMergeJoinExec>()
        || kind.is_some_and(|kind| matches!(kind, Inner | Left | Right | Full))
}

/// The columns that functions of a SELECT read, where one of them may hold large values.
fn read_by_functions(node: &Arc<dyn ExecutionPlan>) -> Option<Vec<usize>> {
    let projection = node.downcast_ref::<ProjectionExec>()?;
    let mut columns = Vec::new();
    for shown in projection.expr().iter().filter(|shown| !shown.expr.is::<Column>()) {
        let read = shown.expr.apply(|part| {
            columns.extend(part.downcast_ref::<Column>().map(Column::index));
            Ok(TreeNodeRecursion::Continue)
        });
        read.ok()?;
    }
    let schema = projection.input().schema();
    let may_be_large = |column: &usize| {
        schema.fields().get(*column).is_some_and(|field| field.data_type().primitive_width().is_none())
    };
    columns.retain(may_be_large);
    (!columns.is_empty()).then_some(columns)
}

/// Whether a plan can give no more than a row.
fn has_one_row(plan: &Arc<dyn ExecutionPlan>) -> bool {
    let is_one_stream = plan.properties().partitioning.partition_count() == 1;
    if is_one_stream && plan.fetch().is_some_and(|rows| rows <= 1) {
        return true;
    }
    if let Some(aggregate) = plan.downcast_ref::<AggregateExec>() {
        return is_one_stream && aggregate.group_expr().is_true_no_grouping();
    }
    if MULTIPLYING.contains(&plan.name()) {
        return false;
    }
    let children = plan.children();
    if plan.is::<ScalarSubqueryExec>() {
        return children.first().is_some_and(|rows| has_one_row(rows));
    }
    if children.is_empty() {
        let known = StatisticsContext::new().compute(plan.as_ref(), &StatisticsArgs::new());
        return known.is_ok_and(|known| matches!(known.num_rows, Precision::Exact(0 | 1)));
    }
    children.into_iter().all(has_one_row)
}

/// Without the limit on groups for which much room would be made before the first is read.
fn without_great_limit(node: Arc<dyn ExecutionPlan>) -> Arc<dyn ExecutionPlan> {
    let limited = node.downcast_ref::<AggregateExec>().filter(|aggregate| {
        aggregate.limit_options().is_some_and(|options| options.limit() > LIMITED_GROUPS_MAX)
    });
    // The operator above it limits what it gives.
    limited.map_or_else(|| Arc::clone(&node), |aggregate| Arc::new(aggregate.with_new_limit_options(None)))
}

/// Bytes of the values that are written in an operator's expressions, but those that rows are only compared with.
fn written_in(node: &Arc<dyn ExecutionPlan>) -> Result<usize> {
    let mut bytes = 0_usize;
    node.apply_expressions(&mut |expr| {
        bytes = bytes.saturating_add(written_under(expr));
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(bytes)
}

fn written_under(expr: &Arc<dyn PhysicalExpr>) -> usize {
    let compares = compares(expr);
    let parts = expr.children().into_iter().filter(|part| !(compares && part.is::<Literal>()));
    let own = expr.downcast_ref::<Literal>().map_or(0, |literal| written(literal.value()));
    // Of a CASE, a row gets one of its values.
    let together = if expr.is::<CaseExpr>() { usize::max } else { usize::saturating_add };
    parts.map(written_under).fold(own, together)
}

/// Whether an expression looks at the values in it one for all rows.
fn compares(expr: &Arc<dyn PhysicalExpr>) -> bool {
    use Operator::{Eq, Gt, GtEq, IsDistinctFrom, IsNotDistinctFrom, Lt, LtEq, NotEq};
    let of_two = |binary: &BinaryExpr| {
        matches!(binary.op(), Eq | NotEq | Lt | LtEq | Gt | GtEq | IsDistinctFrom | IsNotDistinctFrom)
    };
    expr.is::<InListExpr>()
        || expr.is::<LikeExpr>()
        || expr.downcast_ref().is_some_and(|call: &ScalarFunctionExpr| LOOKING.contains(&call.name()))
        || expr.downcast_ref().is_some_and(of_two)
}

fn written(value: &ScalarValue) -> usize {
    value.to_array().map_or(PLAIN_BYTES, |array| longest(&*array))
}
