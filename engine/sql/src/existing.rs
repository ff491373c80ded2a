//! `EXISTS (…)` that is shown, as in `SELECT EXISTS (SELECT … )`: the planner knows it in filters only.

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::Result;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::expr::Exists;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, Subquery, ident, lit};
use datafusion::optimizer::AnalyzerRule;
use std::sync::Arc;

/// Asks of a subquery that stands by itself whether it has a first row.
#[derive(Debug)]
pub struct Existing;

impl AnalyzerRule for Existing {
    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        let told = plan.transform_up_with_subqueries(|node| match node {
            LogicalPlan::Projection(_) => node.map_expressions(|expr| {
                let name = expr.schema_name().to_string();
                let told = expr.transform_up(|part| match part {
                    Expr::Exists(exists) if exists.subquery.outer_ref_columns.is_empty() => {
                        Ok(Transformed::yes(has_a_row(exists)?))
                    }
                    other => Ok(Transformed::no(other)),
                })?;
                if told.transformed { told.map_data(|expr| expr.alias_if_changed(name)) } else { Ok(told) }
            }),
            other => Ok(Transformed::no(other)),
        })?;
        Ok(told.data)
    }

    fn name(&self) -> &'static str {
        "existing"
    }
}

fn has_a_row(Exists { subquery, negated }: Exists) -> Result<Expr> {
    let counted = LogicalPlanBuilder::from(Arc::unwrap_or_clone(subquery.subquery))
        .limit(0, Some(1))?
        .aggregate(Vec::<Expr>::new(), vec![count(lit(1_i64)).alias("rows")])?
        .project(vec![ident("rows").gt(lit(0_i64)).alias("exists")])?
        .build()?;
    let first = Expr::ScalarSubquery(Subquery { subquery: Arc::new(counted), ..subquery });
    Ok(if negated { first.is_not_true() } else { first.is_true() })
}
