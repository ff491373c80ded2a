//! How large a plan becomes: the planner writes columns of a subquery out where filters above it name them, so that a
//! column twice in each of thirty steps of `WITH` would be written a billion times.

use crate::error::{SqlError, SqlErrorKind};
use datafusion::common::tree_node::{TreeNode as _, TreeNodeRecursion};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{Expr, JoinType, LogicalPlan};

/// Values, columns and calls that a column may have when it is written out.
const PARTS_MAX: usize = 50_000;

/// Checks how large the columns of a plan are when they are written out.
///
/// # Errors
/// One is too large.
pub fn check(plan: &LogicalPlan) -> Result<()> {
    parts_of(plan)?;
    plan.apply_with_subqueries(|node| {
        node.apply_expressions(|expr| {
            expr.apply(|part| {
                let subquery = match part {
                    Expr::Exists(exists) => Some(&exists.subquery),
                    Expr::InSubquery(within) => Some(&within.subquery),
                    Expr::ScalarSubquery(subquery) => Some(subquery),
                    _ => None,
                };
                subquery.map_or(Ok(()), |subquery| parts_of(&subquery.subquery).map(drop))?;
                Ok(TreeNodeRecursion::Continue)
            })
        })
    })?;
    Ok(())
}

/// The parts of each column of a plan.
fn parts_of(plan: &LogicalPlan) -> Result<Vec<usize>> {
    let inputs = plan.inputs().into_iter().map(parts_of).collect::<Result<Vec<_>>>()?;
    let columns = plan.schema().fields().len();
    let written = |exprs: &mut dyn Iterator<Item = &Expr>| -> Result<Vec<usize>> {
        exprs.map(|expr| written_out(expr, plan, &inputs)).collect()
    };
    Ok(match plan {
        LogicalPlan::Projection(projection) => written(&mut projection.expr.iter())?,
        LogicalPlan::Aggregate(aggregate) => {
            let mut parts = written(&mut aggregate.group_expr.iter())?;
            written(&mut aggregate.aggr_expr.iter())?;
            parts.resize(columns, 1);
            parts
        }
        LogicalPlan::Join(join) if !matches!(join.join_type, JoinType::RightSemi | JoinType::RightAnti) => {
            let mut parts = inputs.concat();
            parts.resize(columns, 1);
            parts
        }
        LogicalPlan::Filter(filter) => {
            written(&mut std::iter::once(&filter.predicate))?;
            inputs.concat()
        }
        // These have the columns of their input, and some more of their own.
        LogicalPlan::Window(_)
        | LogicalPlan::Sort(_)
        | LogicalPlan::Limit(_)
        | LogicalPlan::SubqueryAlias(_)
        | LogicalPlan::Distinct(_)
        | LogicalPlan::Repartition(_) => {
            let mut parts = inputs.concat();
            parts.resize(columns, 1);
            parts
        }
        LogicalPlan::Union(_) => (0..columns)
            .map(|n| inputs.iter().filter_map(|input| input.get(n)).max().copied().unwrap_or(1))
            .collect(),
        _ => vec![1; columns],
    })
}

/// The parts of an expression over the columns of a plan's inputs.
fn written_out(expr: &Expr, plan: &LogicalPlan, inputs: &[Vec<usize>]) -> Result<usize> {
    let schemas = plan.inputs();
    let of_column = |column| {
        let found = schemas
            .iter()
            .zip(inputs)
            .find_map(|(input, parts)| parts.get(input.schema().maybe_index_of_column(column)?).copied());
        found.unwrap_or(1)
    };
    let mut parts = 0_usize;
    expr.apply(|part| {
        parts = parts.saturating_add(match part {
            Expr::Column(column) => of_column(column),
            _ => 1,
        });
        Ok(TreeNodeRecursion::Continue)
    })?;
    if parts > PARTS_MAX {
        let message = format!(
            "a column of the statement, with those it is made of written out, has {parts} values, columns and calls \
             where {PARTS_MAX} may be"
        );
        let hint = "name a column fewer times in each step of WITH, or in each subquery".to_owned();
        let error = SqlError::bound(SqlErrorKind::Wrong, "statement_parts", message).hint(Some(hint));
        return Err(DataFusionError::External(Box::new(error)));
    }
    Ok(parts)
}
