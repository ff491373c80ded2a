//! What is known of the groups at a moment: the totals of the rows that are there already, made as any query is, so that
//! only rows that come afterwards are looked at one by one.

use super::total::{Kind, Known, unheld};
use arrow::datatypes::DataType;
use arrow::record_batch::RecordBatch;
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::functions_aggregate::expr_fn::{count, max, min, sum};
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::{
    Aggregate, Cast, Expr, ExprSchemable, LogicalPlan, Projection, TryCast, ident, when,
};
use std::sync::Arc;

/// A total that a grouping asks for.
#[derive(Debug)]
pub struct Asked {
    pub kind: Kind,
    /// What it is of; null where a condition of its own does not hold.
    pub of: Expr,
    /// The same in whole numbers, of which sums are the same in whatever order they are added up.
    whole: Option<Expr>,
}

impl Asked {
    /// Those of a grouping, in order; None: one of them is of another kind.
    pub fn all_of(aggregate: &Aggregate) -> Option<Vec<Self>> {
        aggregate.aggr_expr.iter().map(|expr| Self::read(expr, aggregate)).collect()
    }

    fn read(expr: &Expr, aggregate: &Aggregate) -> Option<Self> {
        match expr {
            Expr::Alias(alias) => Self::read(&alias.expr, aggregate),
            Expr::AggregateFunction(AggregateFunction { func, params }) => {
                let [arg] = params.args.as_slice() else { return None };
                if !params.order_by.is_empty() || params.null_treatment.is_some() {
                    return None;
                }
                let only_where = |of: Expr| match &params.filter {
                    Some(filter) => when(filter.as_ref().clone(), of).end().ok(),
                    None => Some(of),
                };
                Some(Self {
                    kind: Kind::named(func.name(), params.distinct)?,
                    of: only_where(arg.clone())?,
                    whole: whole(arg, aggregate).and_then(only_where),
                })
            }
            _ => None,
        }
    }

    /// Columns in which what is known of it is asked for.
    fn columns(&self, of: &Expr, whole: &Expr) -> Vec<Expr> {
        match self.kind {
            Kind::Count => vec![count(of.clone())],
            Kind::Sum | Kind::Avg => vec![count(whole.clone()), sum(whole.clone())],
            Kind::Min => vec![min(of.clone())],
            Kind::Max => vec![max(of.clone())],
            // It is a column of the grouping.
            Kind::Distinct => Vec::new(),
        }
    }
}

/// An expression in whole numbers, where all its values are such.
fn whole(of: &Expr, aggregate: &Aggregate) -> Option<Expr> {
    let inner = match of {
        Expr::Cast(Cast { expr, field }) | Expr::TryCast(TryCast { expr, field })
            if field.data_type() == &DataType::Float64 =>
        {
            expr
        }
        of => of,
    };
    let is_whole = match inner.get_type(aggregate.input.schema()).ok()? {
        DataType::UInt64 => false,
        other => other.is_integer(),
    };
    is_whole.then(|| Expr::Cast(Cast::new(Box::new(inner.clone()), DataType::Int64)))
}

/// The plan that tells what is known of a grouping's groups; None: it could not be told exactly, or not in one go.
pub fn plan(aggregate: &Aggregate) -> Option<LogicalPlan> {
    let asked = Asked::all_of(aggregate)?;
    let mut distinct = asked.iter().filter(|asked| asked.kind == Kind::Distinct).map(|asked| &asked.of);
    let first = distinct.next();
    if distinct.any(|other| Some(other) != first) {
        return None;
    }
    let named = |prefix: &str, n: usize| format!("{prefix}{n}");
    let mut below: Vec<Expr> = Vec::new();
    let mut groups = Vec::new();
    for (n, expr) in aggregate.group_expr.iter().chain(first).enumerate() {
        below.push(expr.clone().unalias().alias(named("k", n)));
        groups.push(ident(named("k", n)));
    }
    let mut totals = Vec::new();
    for (n, asked) in asked.iter().enumerate() {
        let needs_whole = matches!(asked.kind, Kind::Sum | Kind::Avg);
        below.push(asked.of.clone().alias(named("a", n)));
        match (&asked.whole, needs_whole) {
            (Some(whole), true) => below.push(whole.clone().alias(named("w", n))),
            (None, true) => return None,
            _ => {}
        }
        totals.extend(asked.columns(&ident(named("a", n)), &ident(named("w", n))));
    }
    let totals = totals.into_iter().enumerate().map(|(n, total)| total.alias(named("t", n))).collect();
    let below = Projection::try_new(below, Arc::clone(&aggregate.input)).ok()?;
    let plan = Aggregate::try_new(Arc::new(LogicalPlan::Projection(below)), groups, totals).ok()?;
    Some(LogicalPlan::Aggregate(plan))
}

/// A row of what that plan tells: the columns that name the group, and what is known of each total.
///
/// # Errors
/// It is not what the plan tells: a fault of ours.
pub fn row(
    batch: &RecordBatch,
    row: usize,
    keys: usize,
    kinds: &[Kind],
) -> Result<(Vec<ScalarValue>, Vec<Known>)> {
    let mut cells = batch.columns().iter().map(|column| ScalarValue::try_from_array(column, row));
    let mut next = || cells.next().ok_or_else(unheld).flatten();
    let key = (0..keys).map(|_| next()).collect::<Result<Vec<_>>>()?;
    let value = if kinds.contains(&Kind::Distinct) { Some(next()?) } else { None };
    let known = |kind: &Kind| {
        Ok(match kind {
            Kind::Count => Known::Count(whole_number(&next()?)?),
            Kind::Sum | Kind::Avg => match (whole_number(&next()?)?, next()?) {
                (count, sum) if sum.is_null() => Known::Sum(count, 0),
                (count, sum) => Known::Sum(count, whole_number(&sum)?),
            },
            Kind::Min | Kind::Max => Known::Value(next()?),
            Kind::Distinct => Known::Value(value.clone().ok_or_else(unheld)?),
        })
    };
    Ok((key, kinds.iter().map(known).collect::<Result<Vec<_>>>()?))
}

fn whole_number(value: &ScalarValue) -> Result<i64> {
    match value {
        ScalarValue::Int64(Some(number)) => Ok(*number),
        _ => Err(unheld()),
    }
}
