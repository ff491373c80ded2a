//! Groupings, kept up by the rows that come and go.

use super::program::{Layers, Program};
use super::total::{Kind, Total};
use arrow::array::{ArrayRef, new_empty_array};
use arrow::datatypes::{DataType, SchemaRef};
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::execution::context::SessionContext;
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::{Aggregate, Expr, LogicalPlan};
use datafusion::physical_expr::PhysicalExpr;
use rustc_hash::FxHashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

/// A grouping of what a program gives, and what is done with its rows.
#[derive(Debug)]
pub struct Grouping {
    pub below: Program,
    keys: Vec<Arc<dyn PhysicalExpr>>,
    totals: Vec<(Kind, DataType, Arc<dyn PhysicalExpr>)>,
    /// Of the grouping itself: its columns, then the totals.
    schema: SchemaRef,
    above: Layers,
}

/// The groups there are, by their columns.
#[derive(Debug, Default)]
pub struct Groups(FxHashMap<Vec<ScalarValue>, Group>);

#[derive(Debug)]
struct Group {
    rows: u64,
    totals: Vec<Total>,
}

impl Grouping {
    /// Of an optimised plan; None: it is of another kind, or its totals cannot be held.
    pub fn of(plan: &LogicalPlan, context: &SessionContext) -> Option<Self> {
        let (above, aggregate) = Layers::above_grouping(plan, context)?;
        let below = Program::read(&aggregate.input, context)?;
        let physical =
            |expr: &Expr| context.create_physical_expr(expr.clone(), aggregate.input.schema()).ok();
        let input = aggregate.input.schema().as_arrow();
        let keys = aggregate.group_expr.iter().map(physical).collect::<Option<Vec<_>>>()?;
        let total = |expr: &Expr| {
            let (kind, arg) = function(expr)?;
            let arg = physical(arg)?;
            Some((kind, arg.data_type(input).ok()?, arg))
        };
        let totals = aggregate.aggr_expr.iter().map(total).collect::<Option<Vec<_>>>()?;
        let schema = Arc::clone(aggregate.schema.inner());
        let grouping = Self { below, keys, totals, schema, above };
        grouping.fits(aggregate).then_some(grouping)
    }

    /// Are the columns of the types that the plan has them?
    fn fits(&self, aggregate: &Aggregate) -> bool {
        let input = aggregate.input.schema().as_arrow();
        let keys = self.keys.iter().map(|key| key.data_type(input).ok());
        let totals = self.totals.iter().map(|(kind, of, _)| kind.gives(of));
        let given: Vec<Option<DataType>> = keys.chain(totals).collect();
        let planned = self.schema.fields().iter().map(|field| Some(field.data_type().clone()));
        given.into_iter().eq(planned)
    }

    /// Works in rows of the table that went and came: the rows of the result that are no more, and those that are new.
    ///
    /// # Errors
    /// What the expressions meet in the values; a total that cannot be held exactly.
    pub fn work_in(&self, groups: &mut Groups, [gone, come]: [RecordBatch; 2]) -> Result<[RecordBatch; 2]> {
        let mut before: FxHashMap<Vec<ScalarValue>, Option<Vec<ScalarValue>>> = FxHashMap::default();
        if self.keys.is_empty() {
            // Without a grouping there is one row, of however many.
            let key = Vec::new();
            let held = groups.0.get(&key).map(|group| group.row(&key)).transpose()?;
            before.insert(key.clone(), held);
            groups.0.entry(key).or_insert_with(|| self.empty());
        }
        for (batch, comes) in [(gone, false), (come, true)] {
            let batch = self.below.run(batch)?;
            let array = |expr: &Arc<dyn PhysicalExpr>| expr.evaluate(&batch)?.into_array(batch.num_rows());
            let keys = self.keys.iter().map(array).collect::<Result<Vec<_>>>()?;
            let args = self.totals.iter().map(|(_, _, arg)| array(arg)).collect::<Result<Vec<_>>>()?;
            for row in 0..batch.num_rows() {
                let cell = |array: &ArrayRef| ScalarValue::try_from_array(array, row);
                let key = keys.iter().map(cell).collect::<Result<Vec<_>>>()?;
                if let Entry::Vacant(place) = before.entry(key.clone()) {
                    place.insert(groups.0.get(&key).map(|group| group.row(&key)).transpose()?);
                }
                let group = groups.0.entry(key).or_insert_with(|| self.empty());
                group.rows = if comes { group.rows + 1 } else { group.rows.saturating_sub(1) };
                for (total, arg) in group.totals.iter_mut().zip(&args) {
                    total.take(arg, row, comes)?;
                }
            }
        }
        self.differing(groups, before)
    }

    fn differing(
        &self,
        groups: &mut Groups,
        before: FxHashMap<Vec<ScalarValue>, Option<Vec<ScalarValue>>>,
    ) -> Result<[RecordBatch; 2]> {
        let (mut were, mut are) = (Vec::new(), Vec::new());
        for (key, held) in before {
            were.extend(held);
            match groups.0.get(&key) {
                Some(group) if group.rows > 0 || key.is_empty() => are.push(group.row(&key)?),
                _ => drop(groups.0.remove(&key)),
            }
        }
        Ok([self.above.run(self.batch(&were)?)?, self.above.run(self.batch(&are)?)?])
    }

    fn empty(&self) -> Group {
        let totals = self.totals.iter().map(|(kind, of, _)| Total::new(*kind, of.clone())).collect();
        Group { rows: 0, totals }
    }

    fn batch(&self, rows: &[Vec<ScalarValue>]) -> Result<RecordBatch> {
        let column = |(n, field): (usize, &Arc<arrow::datatypes::Field>)| {
            if rows.is_empty() {
                return Ok(new_empty_array(field.data_type()));
            }
            ScalarValue::iter_to_array(rows.iter().filter_map(|row| row.get(n).cloned()))
        };
        let columns = self.schema.fields().iter().enumerate().map(column).collect::<Result<Vec<_>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?)
    }
}

impl Group {
    fn row(&self, key: &[ScalarValue]) -> Result<Vec<ScalarValue>> {
        key.iter().cloned().map(Ok).chain(self.totals.iter().map(Total::value)).collect()
    }
}

/// A total and what it is of; None: another function, or one with conditions of its own.
fn function(expr: &Expr) -> Option<(Kind, &Expr)> {
    match expr {
        Expr::Alias(alias) => function(&alias.expr),
        Expr::AggregateFunction(AggregateFunction { func, params }) => {
            let is_plain = !params.distinct
                && params.filter.is_none()
                && params.order_by.is_empty()
                && params.null_treatment.is_none();
            match params.args.as_slice() {
                [arg] if is_plain => Some((Kind::named(func.name())?, arg)),
                _ => None,
            }
        }
        _ => None,
    }
}
