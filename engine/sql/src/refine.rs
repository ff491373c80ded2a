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
    BinaryExpr, Column, DynamicFilterPhysicalExpr, InListExpr, Literal,
};
use datafusion::physical_expr::utils::{collect_columns, conjunction, reassign_expr_columns};
use std::sync::Arc;

/// A filter over some columns of a table, evaluated before the others are made.
#[derive(Debug)]
pub struct Predicate {
    /// Places of the columns it needs, among those that are read.
    pub columns: Vec<usize>,
    schema: SchemaRef,
    expr: Arc<dyn PhysicalExpr>,
}

impl Predicate {
    /// All filters together; None: there are none.
    ///
    /// # Errors
    /// When a filter speaks of other columns: a fault of ours.
    pub fn of(filters: &[Arc<dyn PhysicalExpr>], schema: &Schema) -> Result<Option<Self>> {
        if filters.is_empty() {
            return Ok(None);
        }
        let expr = conjunction(filters.iter().cloned());
        let mut columns: Vec<usize> = collect_columns(&expr).iter().map(Column::index).collect();
        columns.sort_unstable();
        columns.dedup();
        let schema = Arc::new(schema.project(&columns)?);
        let expr = reassign_expr_columns(expr, &schema)?;
        Ok(Some(Self { columns, schema, expr }))
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
        if passed.null_count() == 0 && passed.true_count() == rows {
            return Ok(None);
        }
        let is_passed = |row: &u32| {
            let row = *row as usize;
            passed.is_valid(row) && passed.value(row)
        };
        Ok(Some((0..u32::try_from(rows).unwrap_or(u32::MAX)).filter(is_passed).collect()))
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

fn text(expr: &Arc<dyn PhysicalExpr>) -> Option<String> {
    constant(expr)?.try_as_str().flatten().map(ToOwned::to_owned)
}

fn micros(expr: &Arc<dyn PhysicalExpr>) -> Option<i64> {
    match constant(expr)?.cast_to(&DataType::Timestamp(TimeUnit::Microsecond, None)) {
        Ok(ScalarValue::TimestampMicrosecond(micros, _)) => micros,
        _ => None,
    }
}

/// The texts of which a filter says a column must be one.
pub fn texts(filter: &dyn PhysicalExpr, column: &str) -> Option<Vec<String>> {
    let any: &dyn std::any::Any = filter;
    if let Some(list) =
        any.downcast_ref::<InListExpr>().filter(|list| !list.negated() && is(list.expr(), column))
    {
        return list.list().iter().map(text).collect();
    }
    let both = any.downcast_ref::<BinaryExpr>().filter(|both| *both.op() == Operator::Eq)?;
    if is(both.left(), column) {
        return text(both.right()).map(|text| vec![text]);
    }
    is(both.right(), column).then(|| text(both.left()).map(|text| vec![text]))?
}

/// The span in which a filter says a column's times must lie.
pub fn span(filter: &dyn PhysicalExpr, column: &str) -> Option<Span> {
    let any: &dyn std::any::Any = filter;
    let both = any.downcast_ref::<BinaryExpr>()?;
    let (op, at) = if is(both.left(), column) {
        (*both.op(), micros(both.right())?)
    } else if is(both.right(), column) {
        (both.op().swap()?, micros(both.left())?)
    } else {
        return None;
    };
    Span::one_side(op, at)
}
