//! Filters as a reading meets them: which names and times they leave, and which of some rows.

use crate::pushdown::Span;
use arrow::array::{Array, BooleanArray};
use arrow::datatypes::{DataType, Schema, SchemaRef, TimeUnit};
use arrow::record_batch::RecordBatch;
use datafusion::common::ScalarValue;
use datafusion::common::cast::as_boolean_array;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, Operator};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{
    BinaryExpr, Column, DynamicFilterPhysicalExpr, InListExpr, IsNullExpr, Literal,
};
use datafusion::physical_expr::split_conjunction;
use datafusion::physical_expr::utils::{collect_columns, conjunction, reassign_expr_columns};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A filter over some columns of a table, evaluated before the others are made.
#[derive(Debug)]
pub struct Predicate {
    /// Places of the columns it needs, among those that are read.
    pub columns: Vec<usize>,
    schema: SchemaRef,
    expr: Arc<dyn PhysicalExpr>,
    /// Rows that it lets through are looked at again: it only spares work.
    is_hint: bool,
    /// So many batches are not worth asking it.
    rest: AtomicU32,
    /// So many it rested for last.
    rested: AtomicU32,
}

/// A hint that lets more than seven of eight rows through is asked again after a batch, then after three, seven, at most so
/// many: a sort that begins has let all through, and soon hardly any.
const BATCHES_OF_REST_MAX: u32 = 15;

impl Predicate {
    /// What must hold together, then what a join or a sort has made to spare work.
    ///
    /// # Errors
    /// When a filter speaks of other columns: a fault of ours.
    pub fn all(filters: Vec<Arc<dyn PhysicalExpr>>, schema: &Schema) -> Result<Vec<Self>> {
        let is_hint =
            |filter: &Arc<dyn PhysicalExpr>| filter.downcast_ref::<DynamicFilterPhysicalExpr>().is_some();
        let (hints, must): (Vec<_>, Vec<_>) = filters.into_iter().partition(is_hint);
        let must = (!must.is_empty()).then(|| Self::of(conjunction(must), schema, false));
        must.into_iter().chain(hints.into_iter().map(|hint| Self::of(hint, schema, true))).collect()
    }

    fn of(expr: Arc<dyn PhysicalExpr>, schema: &Schema, is_hint: bool) -> Result<Self> {
        let mut columns: Vec<usize> = collect_columns(&expr).iter().map(Column::index).collect();
        columns.sort_unstable();
        columns.dedup();
        let schema = Arc::new(schema.project(&columns)?);
        let expr = reassign_expr_columns(expr, &schema)?;
        Ok(Self { columns, schema, expr, is_hint, rest: AtomicU32::new(0), rested: AtomicU32::new(0) })
    }

    /// Is it worth asking of the next batch? Where it cannot be done without, always.
    pub fn is_asked(&self) -> bool {
        let less = |rest: u32| rest.checked_sub(1);
        !self.is_hint || self.rest.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_err()
    }

    /// Which of so many rows are let through; None: all.
    ///
    /// # Errors
    /// What the filter meets (a division by zero, say).
    pub fn pass(&self, arrays: Vec<Arc<dyn Array>>, rows: usize) -> Result<Option<Vec<u32>>> {
        let options = arrow::record_batch::RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options)?;
        let passed = self.expr.evaluate(&batch)?.into_array(rows)?;
        let passed: &BooleanArray = as_boolean_array(&passed)?;
        let count = passed.true_count();
        if self.is_hint {
            let is_idle = count * 8 > rows * 7;
            let longer = (self.rested.load(Ordering::Relaxed) * 2 + 1).min(BATCHES_OF_REST_MAX);
            let rest = if is_idle { longer } else { 0 };
            self.rested.store(rest, Ordering::Relaxed);
            self.rest.store(rest, Ordering::Relaxed);
        }
        if count == rows {
            return Ok(None);
        }
        let bits = passed.values().clone();
        let bits = passed.nulls().map_or_else(|| bits.clone(), |valid| &bits & valid.inner());
        Ok(Some(bits.set_indices_u32().collect()))
    }
}

/// Calls `found` with each part of filters that must all hold, those of joins as they are now.
pub fn each_conjunct(filters: &[Arc<dyn PhysicalExpr>], found: &mut dyn FnMut(&dyn PhysicalExpr)) {
    for filter in filters {
        if let Some(dynamic) = filter.downcast_ref::<DynamicFilterPhysicalExpr>() {
            if let Ok(current) = dynamic.current() {
                each_conjunct(&[current], found);
            }
        } else if let Some(both) =
            filter.downcast_ref::<BinaryExpr>().filter(|both| *both.op() == Operator::And)
        {
            each_conjunct(&[Arc::clone(both.left()), Arc::clone(both.right())], found);
        } else {
            found(filter.as_ref());
        }
    }
}

/// The parts of filters that must all hold, but for those that `is_left` leaves out. Filters that a join still changes
/// are kept as they are.
pub fn conjuncts(
    filters: &[Arc<dyn PhysicalExpr>],
    is_left: impl Fn(&dyn PhysicalExpr) -> bool,
) -> Vec<Arc<dyn PhysicalExpr>> {
    let parts = filters.iter().flat_map(split_conjunction);
    parts.filter(|part| is_left(part.as_ref())).map(Arc::clone).collect()
}

fn is(expr: &Arc<dyn PhysicalExpr>, column: &str) -> bool {
    expr.downcast_ref::<Column>().is_some_and(|found| found.name() == column)
}

/// What an expression without columns is: a literal, or what a subquery has given by now.
fn constant(expr: &Arc<dyn PhysicalExpr>) -> Option<ScalarValue> {
    if let Some(literal) = expr.downcast_ref::<Literal>() {
        return Some(literal.value().clone());
    }
    if !collect_columns(expr).is_empty() {
        return None;
    }
    let one_row = arrow::record_batch::RecordBatchOptions::new().with_row_count(Some(1));
    let batch = RecordBatch::try_new_with_options(Arc::new(Schema::empty()), Vec::new(), &one_row).ok()?;
    match expr.evaluate(&batch).ok()? {
        ColumnarValue::Scalar(value) => Some(value),
        ColumnarValue::Array(values) => ScalarValue::try_from_array(&values, 0).ok(),
    }
}

/// A whole number as it is, a time in microseconds.
fn number(expr: &Arc<dyn PhysicalExpr>) -> Option<i64> {
    let value = constant(expr)?;
    if let ScalarValue::Int64(number) = value {
        return number;
    }
    match value.cast_to(&DataType::Timestamp(TimeUnit::Microsecond, None)) {
        Ok(ScalarValue::TimestampMicrosecond(micros, _)) => micros,
        _ => None,
    }
}

/// The values of which a filter says a column must be one; none of them is null.
pub fn values(filter: &dyn PhysicalExpr, column: &str) -> Option<Vec<ScalarValue>> {
    let any: &dyn std::any::Any = filter;
    let value = |expr| constant(expr).filter(|value| !value.is_null());
    if let Some(list) =
        any.downcast_ref::<InListExpr>().filter(|list| !list.negated() && is(list.expr(), column))
    {
        return list.list().iter().map(value).collect();
    }
    let both = any.downcast_ref::<BinaryExpr>().filter(|both| *both.op() == Operator::Eq)?;
    if is(both.left(), column) {
        return value(both.right()).map(|value| vec![value]);
    }
    is(both.right(), column).then(|| value(both.left()).map(|value| vec![value]))?
}

/// The span in which a filter says that a column must lie, and no more than that.
pub fn span(filter: &dyn PhysicalExpr, column: &str) -> Option<Span> {
    let any: &dyn std::any::Any = filter;
    let both = any.downcast_ref::<BinaryExpr>()?;
    let (op, at) = if is(both.left(), column) {
        (*both.op(), number(both.right())?)
    } else if is(both.right(), column) {
        (both.op().swap()?, number(both.left())?)
    } else {
        return None;
    };
    Span::one_side(op, at)
}

/// A span beyond which a filter lets no row through, of a column that is never null; whatever else the filter says.
pub fn bound(filter: &Arc<dyn PhysicalExpr>, column: &str) -> Span {
    if let Some(dynamic) = filter.downcast_ref::<DynamicFilterPhysicalExpr>() {
        return dynamic.current().map_or_else(|_| Span::default(), |current| bound(&current, column));
    }
    if filter.downcast_ref::<IsNullExpr>().is_some_and(|is_null| is(is_null.arg(), column)) {
        return Span::NOTHING;
    }
    match filter.downcast_ref::<BinaryExpr>() {
        Some(both) if *both.op() == Operator::And => {
            bound(both.left(), column).and(bound(both.right(), column))
        }
        Some(both) if *both.op() == Operator::Or => {
            bound(both.left(), column).or(bound(both.right(), column))
        }
        _ => span(filter.as_ref(), column).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::datatypes::Field;
    use datafusion::common::DFSchema;
    use datafusion::execution::context::SessionContext;
    use datafusion::prelude::{Expr, col, lit};

    fn bound_of(filter: Expr) -> Span {
        let columns = ["seconds", "person"].map(|name| Field::new(name, DataType::Int64, true));
        let schema = DFSchema::try_from(Schema::new(columns.to_vec())).unwrap();
        bound(&SessionContext::new().create_physical_expr(filter, &schema).unwrap(), "seconds")
    }

    #[test]
    fn what_a_sort_lets_through_bounds_its_first_column() {
        let at_least = |from| Span { from: Some(from), to: None };
        let (longer, as_long) = (col("seconds").gt(lit(90_i64)), col("seconds").eq(lit(90_i64)));
        let sort = col("seconds").is_null().or(longer.clone()).or(as_long.and(col("person").lt(lit(7_i64))));
        assert_eq!(bound_of(sort.clone()), at_least(90));
        assert_eq!(bound_of(sort.and(col("seconds").gt(lit(99_i64)))), at_least(100));
        assert_eq!(bound_of(longer.or(col("person").lt(lit(7_i64)))), Span::default());
        assert_eq!(bound_of(col("seconds").is_null()), Span::NOTHING);
    }
}
