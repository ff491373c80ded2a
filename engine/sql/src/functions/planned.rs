//! What is looked for in a statement's plan before it runs: calls that could make or keep much of little.

use super::bounded::{Calls, is_bounded};
use super::joined::JOINED;
use crate::error::{SqlError, SqlErrorKind};
use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::common::tree_node::{Transformed, TreeNode as _};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{FunctionRegistry as _, SessionState};
use datafusion::logical_expr::expr::{AggregateFunction, ScalarFunction};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{BinaryExpr, Expr, LogicalPlan, Operator};

/// As many calls an `EXPLAIN` counts for: what is worked out while planning is shown dozens of times.
const CALLS_OF_EXPLAIN: usize = 1_000;
/// Functions of patterns, which are their second argument.
const OF_PATTERNS: [&str; 5] =
    ["regexp_like", "regexp_match", "regexp_replace", "regexp_count", "regexp_instr"];
/// Aggregates with a number of centroids after the percentile, and how many those may be.
const OF_CENTROIDS: [&str; 2] = ["approx_percentile_cont", "approx_percentile_cont_with_weight"];
const CENTROIDS_MAX: i64 = 10_000;

/// Puts the session's bounded functions in place of those that the planner has of its own (for `a || b`,
/// `overlay(… placing …)`, `[…]` and the like), and counts them; names of columns stay as they are.
///
/// # Errors
/// A call that could keep memory without end, with what to write.
pub fn with_bounds(plan: LogicalPlan, session: &SessionState, calls: &Calls) -> Result<LogicalPlan> {
    let mut count = if matches!(plan, LogicalPlan::Explain(_)) { CALLS_OF_EXPLAIN } else { 0 };
    let mut put = |expr: Expr| {
        check(&expr)?;
        bounded(expr, session, &mut count)
    };
    let plan = plan.transform_up_with_subqueries(|node| {
        let names = NamePreserver::new(&node);
        node.map_expressions(|expr| {
            let name = names.save(&expr);
            Ok(expr.transform_up(&mut put)?.update_data(|expr| name.restore(expr)))
        })
    })?;
    calls.set(count);
    Ok(plan.data)
}

fn bounded(expr: Expr, session: &SessionState, count: &mut usize) -> Result<Transformed<Expr>> {
    match expr {
        Expr::ScalarFunction(mut call) if is_bounded(call.name()) => {
            *count += 1;
            call.func = session.udf(call.name())?;
            Ok(Transformed::yes(Expr::ScalarFunction(call)))
        }
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::StringConcat, right }) => {
            let call = match *left {
                // A chain of them is one call.
                Expr::ScalarFunction(mut call) if call.name() == JOINED => {
                    call.args.push(*right);
                    call
                }
                left => {
                    *count += 1;
                    ScalarFunction::new_udf(session.udf(JOINED)?, vec![left, *right])
                }
            };
            Ok(Transformed::yes(Expr::ScalarFunction(call)))
        }
        other => Ok(Transformed::no(other)),
    }
}

fn check(expr: &Expr) -> Result<()> {
    let is_of_row = |part: &Expr| Ok(matches!(part, Expr::Column(_) | Expr::OuterReferenceColumn(..)));
    let differs = |pattern: &Expr| pattern.is_volatile() || !matches!(pattern.exists(is_of_row), Ok(false));
    let has_patterns = match expr {
        Expr::BinaryExpr(BinaryExpr { op, right, .. }) => is_regex(*op) && differs(right),
        Expr::SimilarTo(like) => differs(&like.pattern),
        Expr::ScalarFunction(call) => {
            OF_PATTERNS.contains(&call.name()) && call.args.get(1).is_some_and(differs)
        }
        Expr::AggregateFunction(call) => return check_centroids(call),
        _ => false,
    };
    if has_patterns {
        let message = "a regular expression of a column would be kept for each row";
        return Err(refused(message, "write the pattern as a text or as (SELECT … ), or use LIKE or strpos"));
    }
    Ok(())
}

fn is_regex(op: Operator) -> bool {
    use Operator::{RegexIMatch, RegexMatch, RegexNotIMatch, RegexNotMatch};
    matches!(op, RegexMatch | RegexIMatch | RegexNotMatch | RegexNotIMatch)
}

fn check_centroids(call: &AggregateFunction) -> Result<()> {
    if !OF_CENTROIDS.contains(&call.func.name()) {
        return Ok(());
    }
    // After the value, its weight and the percentile.
    let before = if call.func.name() == OF_CENTROIDS[0] { 2 } else { 3 };
    if call.params.args.iter().skip(before).any(may_be_many) {
        let message = format!("{} takes at most {CENTROIDS_MAX} centroids", call.func.name());
        return Err(refused(&message, "leave their number out: 100 is enough for most"));
    }
    Ok(())
}

/// Whether an argument may be more centroids than there may be; one that is no whole number is another percentile.
fn may_be_many(arg: &Expr) -> bool {
    match arg {
        Expr::Cast(cast) => may_be_many(&cast.expr),
        Expr::Literal(value, _) if value.data_type().is_integer() => {
            !matches!(value.cast_to(&DataType::Int64), Ok(ScalarValue::Int64(Some(n))) if n <= CENTROIDS_MAX)
        }
        // What stands in its place is known when the statement runs, which is planned again.
        Expr::Literal(..) | Expr::Placeholder(_) => false,
        _ => true,
    }
}

fn refused(message: &str, hint: &str) -> DataFusionError {
    let error = SqlError::new(SqlErrorKind::Wrong, message).hint(Some(hint.to_owned()));
    DataFusionError::External(Box::new(error))
}
