//! How tables are read: a table says what it is and gives batches; planning, partitions and EXPLAIN are here.

use crate::city::City;
use crate::column::TableDoc;
use crate::history;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::stats::Precision;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{ColumnStatistics, Statistics};
use datafusion::config::ConfigOptions;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::filter_pushdown::{
    ChildPushdownResult, FilterPushdownPhase, FilterPushdownPropagation, PushedDown,
};
use datafusion::physical_plan::statistics::StatisticsArgs;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::union::UnionExec;
use datafusion::physical_plan::{
    ChildrenPropertiesMode, DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties,
    ReplaceChildrenOptions, SendableRecordBatchStream,
};
use futures_util::stream;
use std::any::Any;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// Batches of one partition, each made when it is asked for.
pub type Batches = Box<dyn Iterator<Item = Result<RecordBatch>> + Send>;

/// How many rows a reading gives, for planning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// As many, to the row.
    Exactly(usize),
    /// About as many.
    About(usize),
}

impl Rows {
    /// About as many, at least one.
    pub fn about(rows: usize) -> Self {
        Self::About(rows.max(1))
    }
}

/// What is known of a reading only when it begins: filters over its rows, some of which a join has made meanwhile.
#[derive(Debug, Default)]
pub struct Refined {
    /// Over the columns that are read.
    pub filters: Vec<Arc<dyn PhysicalExpr>>,
    /// What the first partition has made of them for all.
    pub shared: OnceLock<Arc<dyn Any + Send + Sync>>,
}

/// What a reading will read.
#[derive(Clone)]
pub struct Reading {
    /// So many partitions, which can be read side by side.
    pub partitions: usize,
    /// What EXPLAIN says of it: which filters it uses, and how much is left to read.
    pub told: String,
    pub rows: Rows,
    /// It leaves out every row that the filters given to `read` do not let through.
    pub refines: bool,
    /// Reads one partition.
    pub read: Arc<dyn Fn(usize, &Refined) -> Batches + Send + Sync>,
}

/// A filter leaves one of so many rows, for planning.
const FILTER_LEAVES_ONE_OF: usize = 20;
/// Rows of a small table, for planning.
const SMALL_ROWS: usize = 10_000;

impl Reading {
    /// Of one partition, whole.
    pub fn one(read: impl Fn() -> Batches + Send + Sync + 'static) -> Self {
        Self {
            partitions: 1,
            told: String::new(),
            rows: Rows::about(SMALL_ROWS),
            refines: false,
            read: Arc::new(move |_, _| read()),
        }
    }
}

/// A table of the catalog.
pub trait Source: fmt::Debug + Send + Sync + 'static {
    fn doc(&self) -> TableDoc;

    /// Can a filter spare rows from being read? Rows that it does not spare are filtered once more.
    fn uses(&self, _filter: &Expr) -> bool {
        false
    }

    /// Plans to read some columns; `threads`: so many partitions at most.
    ///
    /// # Errors
    /// What a person can act on, or what was not taken with the moment.
    fn plan(
        &self,
        city: &Arc<City>,
        schema: &SchemaRef,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        threads: usize,
    ) -> Result<Reading>;
}

/// A table at a moment; without one it can be planned and described, but not read.
#[derive(Debug)]
pub struct Bound {
    source: Arc<dyn Source>,
    schema: SchemaRef,
    city: Option<Arc<City>>,
}

impl Bound {
    pub fn new(source: Arc<dyn Source>, zone: &Arc<str>, city: Option<Arc<City>>) -> Self {
        let schema = source.doc().schema(zone);
        Self { source, schema, city }
    }
}

#[async_trait]
impl TableProvider for Bound {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        let used = |filter: &&Expr| {
            if self.source.uses(filter) {
                TableProviderFilterPushDown::Inexact
            } else {
                TableProviderFilterPushDown::Unsupported
            }
        };
        Ok(filters.iter().map(used).collect())
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let Some(city) = &self.city else {
            return Err(DataFusionError::Plan("this table has no moment to be read at".to_owned()));
        };
        let threads = state.config().target_partitions();
        let reading = self.source.plan(city, &self.schema, projection, filters, threads)?;
        let schema = match projection {
            Some(projection) => Arc::new(self.schema.project(projection)?),
            None => Arc::clone(&self.schema),
        };
        let live = Arc::new(ReadExec::new(self.source.doc().name, schema, reading, Vec::new()));
        let past =
            history::plans(&city.history, &self.source, &self.schema, state, projection, filters).await?;
        if past.is_empty() {
            return Ok(live);
        }
        UnionExec::try_new(std::iter::once(live as Arc<dyn ExecutionPlan>).chain(past).collect())
    }
}

/// Reads a table.
pub struct ReadExec {
    table: &'static str,
    reading: Reading,
    refined: Arc<Refined>,
    properties: Arc<PlanProperties>,
}

impl ReadExec {
    pub(crate) fn new(
        table: &'static str,
        schema: SchemaRef,
        reading: Reading,
        filters: Vec<Arc<dyn PhysicalExpr>>,
    ) -> Self {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(schema),
            Partitioning::UnknownPartitioning(reading.partitions),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        let refined = Arc::new(Refined { filters, shared: OnceLock::new() });
        Self { table, reading, refined, properties: Arc::new(properties) }
    }

    /// The same reading, not begun, with these filters.
    fn with(&self, filters: Vec<Arc<dyn PhysicalExpr>>) -> Self {
        Self::new(self.table, self.schema(), self.reading.clone(), filters)
    }
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading").field("told", &self.told).field("rows", &self.rows).finish_non_exhaustive()
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
        let parts: Vec<String> = told.into_iter().chain(filtered).collect();
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
        let batches = futures_util::StreamExt::flatten(batches);
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), Box::pin(batches))))
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
        let more = pushed.parent_filters.into_iter().map(|filter| filter.filter);
        let filters: Vec<Arc<dyn PhysicalExpr>> = self.refined.filters.iter().cloned().chain(more).collect();
        let node: Arc<dyn ExecutionPlan> = Arc::new(self.with(filters));
        Ok(FilterPushdownPropagation::with_parent_pushdown_result(taken).with_updated_node(node))
    }
}
