//! A table's reading as a step of a plan: it takes the filters and the choice of columns that stand above it into itself.

use crate::read::{Reading, Refined, Rows};
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use datafusion::common::stats::Precision;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{ColumnStatistics, Statistics};
use datafusion::config::ConfigOptions;
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::utils::{collect_columns, reassign_expr_columns};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::filter_pushdown::{
    ChildPushdownResult, FilterPushdownPhase, FilterPushdownPropagation, PushedDown,
};
use datafusion::physical_plan::metrics::{Count, ExecutionPlanMetricsSet, MetricBuilder, MetricsSet};
use datafusion::physical_plan::projection::{ProjectionExec, ProjectionExpr, all_alias_free_columns};
use datafusion::physical_plan::statistics::StatisticsArgs;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    ChildrenPropertiesMode, DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties,
    ReplaceChildrenOptions, SendableRecordBatchStream,
};
use futures_util::{StreamExt as _, stream};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// A filter leaves one of so many rows, for planning.
const FILTER_LEAVES_ONE_OF: usize = 20;
/// How `EXPLAIN ANALYZE` calls the rows that a reading with filters has looked at; of one without, all that it gives.
pub const ROWS_READ: &str = "rows_read";

/// Reads a table.
pub struct ReadExec {
    table: &'static str,
    /// Of the columns that are read; those that are given are in the properties.
    read: SchemaRef,
    reading: Reading,
    refined: Arc<Refined>,
    /// Of this reading and those made of it.
    metrics: ExecutionPlanMetricsSet,
    properties: Arc<PlanProperties>,
}

impl ReadExec {
    /// Reads columns of this schema and gives them all.
    pub(crate) fn new(table: &'static str, read: SchemaRef, reading: Reading) -> Self {
        let given = Arc::clone(&read);
        let metrics = ExecutionPlanMetricsSet::new();
        let looked_at = if reading.refines {
            MetricBuilder::new(&metrics).global_counter(ROWS_READ)
        } else {
            Count::new()
        };
        let refined = Refined { looked_at, ..Refined::default() };
        Self::giving(table, read, reading, given, refined, metrics)
    }

    fn giving(
        table: &'static str,
        read: SchemaRef,
        reading: Reading,
        given: SchemaRef,
        refined: Refined,
        metrics: ExecutionPlanMetricsSet,
    ) -> Self {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(given),
            Partitioning::UnknownPartitioning(reading.partitions),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Self { table, read, reading, refined: Arc::new(refined), metrics, properties: Arc::new(properties) }
    }

    /// The same reading, not begun, with these filters over what is read.
    fn with(&self, filters: Vec<Arc<dyn PhysicalExpr>>) -> Self {
        self.refining(self.schema(), filters, self.refined.given.clone())
    }

    fn refining(
        &self,
        given: SchemaRef,
        filters: Vec<Arc<dyn PhysicalExpr>>,
        places: Option<Vec<usize>>,
    ) -> Self {
        let looked_at = self.refined.looked_at.clone();
        let refined = Refined { filters, given: places, looked_at, shared: OnceLock::new() };
        let (read, reading) = (Arc::clone(&self.read), self.reading.clone());
        Self::giving(self.table, read, reading, given, refined, self.metrics.clone())
    }

    /// The same reading, not begun, that gives only some of its columns.
    fn projected(&self, places: &[usize]) -> Result<Self> {
        let given = Arc::new(self.schema().project(places)?);
        let all = self.refined.given.as_deref();
        let places = places.iter().map(|place| all.map_or(*place, |all| all[*place])).collect();
        Ok(self.refining(given, self.refined.filters.clone(), Some(places)))
    }
}

impl fmt::Debug for ReadExec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = &self.reading.told;
        f.debug_struct("ReadExec").field("table", &self.table).field("told", told).finish_non_exhaustive()
    }
}

impl DisplayAs for ReadExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Read {}", self.table)?;
        let filters = &self.refined.filters;
        let told = (!self.reading.told.is_empty()).then(|| self.reading.told.clone());
        let filtered = (!filters.is_empty())
            .then(|| filters.iter().map(ToString::to_string).collect::<Vec<_>>().join(" AND "))
            .map(|filters| format!("filter={filters}"));
        let given = self.refined.given.as_ref().map(|_| {
            let schema = self.schema();
            let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
            format!("given=[{}]", names.join(", "))
        });
        let parts: Vec<String> = told.into_iter().chain(filtered).chain(given).collect();
        if parts.is_empty() { Ok(()) } else { write!(f, ": {}", parts.join(", ")) }
    }
}

impl ExecutionPlan for ReadExec {
    fn name(&self) -> &'static str {
        "ReadExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        for filter in &self.refined.filters {
            if f(filter)? == TreeNodeRecursion::Stop {
                return Ok(TreeNodeRecursion::Stop);
            }
        }
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        _: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        // Run again, what a join made of the last run does not hold any more.
        Ok(Arc::new(self.with(self.refined.filters.clone())))
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    fn execute(&self, partition: usize, _: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let (read, refined) = (Arc::clone(&self.reading.read), Arc::clone(&self.refined));
        // Begun only when the first batch is asked for: by then a join knows what it looks for.
        let batches = stream::once(async move { stream::iter(read(partition, &refined)) });
        let given = MetricBuilder::new(&self.metrics).output_rows(partition);
        let batches = batches.flatten().inspect(move |batch| {
            given.add(batch.as_ref().map_or(0, RecordBatch::num_rows));
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), Box::pin(batches))))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    fn try_swapping_with_projection(
        &self,
        projection: &ProjectionExec,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let shown = projection.expr();
        let columns = shown.iter().flat_map(|shown| collect_columns(&shown.expr));
        let asked: BTreeSet<usize> = columns.map(|column| column.index()).collect();
        // What only filters need is made for the rows that they look at, and not given on.
        if !self.reading.refines || asked.len() == self.schema().fields().len() {
            return Ok(None);
        }
        if all_alias_free_columns(shown) {
            let columns = shown.iter().filter_map(|shown| shown.expr.downcast_ref::<Column>());
            return Ok(Some(Arc::new(self.projected(&columns.map(Column::index).collect::<Vec<_>>())?)));
        }
        let read = self.projected(&asked.into_iter().collect::<Vec<_>>())?;
        let given = read.schema();
        let over = |shown: &ProjectionExpr| {
            let expr = reassign_expr_columns(Arc::clone(&shown.expr), &given)?;
            Ok(ProjectionExpr { expr, alias: shown.alias.clone() })
        };
        let shown = shown.iter().map(over).collect::<Result<Vec<_>>>()?;
        Ok(Some(Arc::new(ProjectionExec::try_new(shown, Arc::new(read))?)))
    }

    fn statistics_from_inputs(
        &self,
        _: &[Arc<Statistics>],
        args: &StatisticsArgs,
    ) -> Result<Arc<Statistics>> {
        let filters = self.refined.filters.len();
        let rows = match self.reading.rows {
            Rows::Exactly(rows) if filters == 0 && args.partition().is_none() => Precision::Exact(rows),
            Rows::Exactly(rows) | Rows::About(rows) => {
                let left = (0..filters).fold(rows, |rows, _| rows / FILTER_LEAVES_ONE_OF);
                Precision::Inexact(left.max(1))
            }
        };
        let columns = self.schema().fields().iter().map(|_| ColumnStatistics::new_unknown()).collect();
        Ok(Arc::new(Statistics {
            num_rows: rows,
            total_byte_size: Precision::Absent,
            column_statistics: columns,
        }))
    }

    fn handle_child_pushdown_result(
        &self,
        _: FilterPushdownPhase,
        pushed: ChildPushdownResult,
        _: &ConfigOptions,
    ) -> Result<FilterPushdownPropagation<Arc<dyn ExecutionPlan>>> {
        if !self.reading.refines || pushed.parent_filters.is_empty() {
            return Ok(FilterPushdownPropagation::all_unsupported(pushed));
        }
        let taken = vec![PushedDown::Yes; pushed.parent_filters.len()];
        // They speak of what is given.
        let more = pushed.parent_filters.into_iter();
        let more = more.map(|filter| reassign_expr_columns(filter.filter, &self.read));
        let held = self.refined.filters.iter().cloned().map(Ok);
        let filters: Vec<Arc<dyn PhysicalExpr>> = held.chain(more).collect::<Result<_>>()?;
        let node: Arc<dyn ExecutionPlan> = Arc::new(self.with(filters));
        Ok(FilterPushdownPropagation::with_parent_pushdown_result(taken).with_updated_node(node))
    }
}
