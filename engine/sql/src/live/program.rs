//! Filters and projections, worked on rows that are at hand.

use arrow::array::AsArray;
use arrow::compute::{SortColumn, SortOptions, filter_record_batch, lexsort_to_indices, take_record_batch};
use arrow::datatypes::SchemaRef;
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use datafusion::error::Result;
use datafusion::execution::SessionState;
use datafusion::logical_expr::{Aggregate, Expr, LogicalPlan};
use datafusion::physical_expr::PhysicalExpr;
use std::sync::Arc;

/// Filters and projections of rows of a table.
#[derive(Debug)]
pub struct Program {
    /// The columns of the table that are needed, by place.
    pub columns: Vec<usize>,
    /// Of these.
    pub schema: SchemaRef,
    layers: Layers,
}

/// What is done with rows, in order.
#[derive(Debug, Default)]
pub struct Layers(Vec<Layer>);

#[derive(Debug)]
enum Layer {
    Filter(Arc<dyn PhysicalExpr>),
    Project(Vec<Arc<dyn PhysicalExpr>>, SchemaRef),
    /// Matters only where all rows are at hand.
    Sort(Vec<(Arc<dyn PhysicalExpr>, SortOptions)>),
}

impl Program {
    /// Of an optimised plan of filters and projections over one table; None: it is of another kind.
    pub fn read(plan: &LogicalPlan, session: &SessionState) -> Option<Self> {
        let (layers, bottom) = Layers::read(plan, session)?;
        let LogicalPlan::TableScan(scan) = bottom else { return None };
        let all = || (0..scan.source.schema().fields().len()).collect();
        scan.fetch.is_none().then(|| Self {
            columns: scan.projection.clone().unwrap_or_else(all),
            schema: Arc::clone(scan.projected_schema.inner()),
            layers,
        })
    }

    /// What becomes of rows; their columns are those that are needed.
    ///
    /// # Errors
    /// What the expressions meet in the values.
    pub fn run(&self, batch: RecordBatch) -> Result<RecordBatch> {
        self.layers.run(batch)
    }
}

impl Layers {
    /// Those above a grouping, and the grouping.
    pub fn above_grouping<'a>(
        plan: &'a LogicalPlan,
        session: &SessionState,
    ) -> Option<(Self, &'a Aggregate)> {
        match Self::read(plan, session)? {
            (layers, LogicalPlan::Aggregate(aggregate)) => Some((layers, aggregate)),
            _ => None,
        }
    }

    /// The filters and projections at the top of a plan, and what is below.
    fn read<'a>(plan: &'a LogicalPlan, session: &SessionState) -> Option<(Self, &'a LogicalPlan)> {
        match plan {
            LogicalPlan::Sort(sort) if sort.fetch.is_none() => {
                let (mut layers, bottom) = Self::read(&sort.input, session)?;
                let input = sort.input.schema();
                let by = |by: &datafusion::logical_expr::SortExpr| {
                    let options = SortOptions { descending: !by.asc, nulls_first: by.nulls_first };
                    Ok((session.create_physical_expr(by.expr.clone(), input)?, options))
                };
                layers.0.push(Layer::Sort(sort.expr.iter().map(by).collect::<Result<_>>().ok()?));
                Some((layers, bottom))
            }
            LogicalPlan::SubqueryAlias(alias) => Self::read(&alias.input, session),
            LogicalPlan::Filter(filter) => {
                let (mut layers, bottom) = Self::read(&filter.input, session)?;
                let predicate = session.create_physical_expr(filter.predicate.clone(), filter.input.schema());
                layers.0.push(Layer::Filter(predicate.ok()?));
                Some((layers, bottom))
            }
            LogicalPlan::Projection(projection) => {
                let (mut layers, bottom) = Self::read(&projection.input, session)?;
                let input = projection.input.schema();
                let physical = |expr: &Expr| session.create_physical_expr(expr.clone(), input);
                let exprs = projection.expr.iter().map(physical).collect::<Result<Vec<_>>>().ok()?;
                layers.0.push(Layer::Project(exprs, Arc::clone(projection.schema.inner())));
                Some((layers, bottom))
            }
            bottom => Some((Self::default(), bottom)),
        }
    }

    /// What becomes of rows, in any order.
    ///
    /// # Errors
    /// What the expressions meet in the values.
    pub fn run(&self, batch: RecordBatch) -> Result<RecordBatch> {
        let mut layers = self.0.iter().filter(|layer| !matches!(layer, Layer::Sort(_)));
        layers.try_fold(batch, |batch, layer| layer.run(&batch))
    }

    /// What becomes of all rows, in the order that is asked for.
    ///
    /// # Errors
    /// What the expressions meet in the values.
    pub fn run_whole(&self, batch: RecordBatch) -> Result<RecordBatch> {
        self.0.iter().try_fold(batch, |batch, layer| layer.run(&batch))
    }
}

impl Layer {
    fn run(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let rows = batch.num_rows();
        let column = |expr: &Arc<dyn PhysicalExpr>| expr.evaluate(batch)?.into_array(rows);
        Ok(match self {
            Self::Filter(predicate) => filter_record_batch(batch, column(predicate)?.as_boolean())?,
            Self::Project(exprs, schema) => {
                let columns = exprs.iter().map(column).collect::<Result<Vec<_>>>()?;
                let options = RecordBatchOptions::new().with_row_count(Some(rows));
                RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?
            }
            Self::Sort(by) => {
                let by = by
                    .iter()
                    .map(|(expr, options)| Ok(SortColumn { values: column(expr)?, options: Some(*options) }));
                let order = lexsort_to_indices(&by.collect::<Result<Vec<_>>>()?, None)?;
                take_record_batch(batch, &order)?
            }
        })
    }
}
