//! How a query can be kept up to date, as its plan says.

use super::differing::PictureTable;
use super::groups::Grouping;
use super::known;
use super::pictures::Maker;
use super::program::{Layers, Program};
use crate::run::Prepared;
use datafusion::common::tree_node::TreeNode;
use datafusion::error::Result;
use datafusion::logical_expr::{Aggregate, Distinct, Expr, LogicalPlan, Volatility};
use datafusion::optimizer::{AnalyzerRule, Optimizer};
use std::sync::Arc;

const SCANS: &str = "scans";
/// What would take a grouping apart into steps that say less of what is asked.
const RULES_LEFT_OUT: [&str; 2] =
    ["single_distinct_aggregation_to_group_by", "common_sub_expression_eliminate"];

/// How a query can be kept up to date.
#[derive(Debug)]
pub struct Shape {
    pub by: By,
    /// The columns that name a row of a grouped query; none: there is one row.
    pub key: Option<Vec<usize>>,
}

/// What it is kept up by.
#[derive(Debug)]
pub enum By {
    /// Filters and projections of `scans`: each new scan says by itself what it adds.
    Scans(Program),
    /// Groupings of `scans`: each new scan adds to its group.
    ScanGroups(Box<Grouping>),
    /// Filters, projections and groupings of what pictures show: rows that differ are looked at.
    Pictures(PictureTable, Maker),
    Rerun,
}

/// The plan as it would run, but for what takes groupings apart.
///
/// # Errors
/// What is wrong with the query.
pub fn optimized(prepared: &Prepared) -> Result<LogicalPlan> {
    let state = &prepared.session;
    let nothing = |_: &LogicalPlan, _: &dyn AnalyzerRule| {};
    let plan = state.analyzer().execute_and_check(prepared.plan.clone(), state.config_options(), nothing)?;
    let rules = state.optimizers().iter().filter(|rule| !RULES_LEFT_OUT.contains(&rule.name()));
    Optimizer::with_rules(rules.map(Arc::clone).collect()).optimize(plan, state, |_, _| {})
}

/// Of a planned query.
pub fn of(prepared: &Prepared) -> Shape {
    let plan = &prepared.plan;
    let Some(table) = row_by_row(plan) else {
        let by = grouped_row_by_row(plan).and_then(|table| grouped_by(table, prepared));
        return Shape { by: by.unwrap_or(By::Rerun), key: key(plan) };
    };
    let program = optimized(prepared).ok().and_then(|plan| Program::read(&plan, &prepared.session));
    let by = match (PictureTable::named(table), program) {
        (Some(table), Some(program)) => By::Pictures(table, Maker::Rows(program)),
        (None, Some(program)) if table == SCANS => By::Scans(program),
        _ => By::Rerun,
    };
    let named_by = match table {
        "residents" => Some("person"),
        "venues" => Some("venue"),
        _ => PictureTable::named(table).map(PictureTable::key),
    };
    Shape { by, key: named_by.and_then(|name| place_of(plan, name)) }
}

/// How a grouping of a table's rows is kept up.
fn grouped_by(table: &str, prepared: &Prepared) -> Option<By> {
    let pictures = PictureTable::named(table);
    if pictures.is_none() && table != SCANS {
        return None;
    }
    let plan = optimized(prepared).ok()?;
    let grouping = Box::new(Grouping::of(&plan, &prepared.session, pictures.is_none())?);
    if let Some(table) = pictures {
        return Some(By::Pictures(table, Maker::Groups(grouping)));
    }
    // What is there already must be known by its totals alone.
    known::plan(Layers::above_grouping(&plan, &prepared.session)?.1)?;
    Some(By::ScanGroups(grouping))
}

/// Where the column is, by which the table's rows are named.
fn place_of(plan: &LogicalPlan, name: &str) -> Option<Vec<usize>> {
    match plan {
        LogicalPlan::Sort(sort) => place_of(&sort.input, name),
        LogicalPlan::Projection(projection) if !has_projection(&projection.input) => {
            projection.expr.iter().position(|expr| is_column(expr, name)).map(|place| vec![place])
        }
        _ => None,
    }
}

fn has_projection(plan: &LogicalPlan) -> bool {
    matches!(plan, LogicalPlan::Projection(_)) || plan.inputs().into_iter().any(has_projection)
}

fn is_column(expr: &Expr, name: &str) -> bool {
    match expr {
        Expr::Alias(alias) => is_column(&alias.expr, name),
        Expr::Column(column) => column.name == name,
        _ => false,
    }
}

/// The table whose rows the result's rows are made of, each by itself; the order of rows is no matter.
fn row_by_row(plan: &LogicalPlan) -> Option<&str> {
    match plan {
        LogicalPlan::Sort(sort) if sort.fetch.is_none() => row_by_row(&sort.input),
        LogicalPlan::Projection(projection) if all_of_rows(&projection.expr) => row_by_row(&projection.input),
        LogicalPlan::Filter(filter) if all_of_rows(std::slice::from_ref(&filter.predicate)) => {
            row_by_row(&filter.input)
        }
        LogicalPlan::SubqueryAlias(alias) => row_by_row(&alias.input),
        LogicalPlan::TableScan(scan)
            if scan.table_name.schema().is_none_or(|name| name == crate::catalog::SCHEMA) =>
        {
            Some(scan.table_name.table())
        }
        _ => None,
    }
}

/// The table that a grouping is of, each of whose rows adds to one group by itself.
fn grouped_row_by_row(plan: &LogicalPlan) -> Option<&str> {
    match plan {
        LogicalPlan::Sort(sort) if sort.fetch.is_none() => grouped_row_by_row(&sort.input),
        LogicalPlan::Projection(projection) if all_of_rows(&projection.expr) => {
            grouped_row_by_row(&projection.input)
        }
        LogicalPlan::Filter(filter) if all_of_rows(std::slice::from_ref(&filter.predicate)) => {
            grouped_row_by_row(&filter.input)
        }
        LogicalPlan::SubqueryAlias(alias) => grouped_row_by_row(&alias.input),
        LogicalPlan::Distinct(Distinct::All(rows)) => row_by_row(rows),
        LogicalPlan::Aggregate(aggregate) => {
            let arguments = |expr: &Expr| match expr.clone().unalias() {
                Expr::AggregateFunction(call) => {
                    let filter = call.params.filter.as_deref().map(std::slice::from_ref).unwrap_or_default();
                    all_of_rows(&call.params.args) && all_of_rows(filter)
                }
                _ => false,
            };
            let is_plain = all_of_rows(&aggregate.group_expr) && aggregate.aggr_expr.iter().all(arguments);
            is_plain.then(|| row_by_row(&aggregate.input)).flatten()
        }
        _ => None,
    }
}

/// Do expressions say the same of a row whenever they are asked, and need nothing but the row?
fn all_of_rows(exprs: &[Expr]) -> bool {
    let depends = |expr: &Expr| {
        Ok(match expr {
            Expr::ScalarFunction(call) => call.func.signature().volatility != Volatility::Immutable,
            Expr::Column(_)
            | Expr::Alias(_)
            | Expr::Literal(..)
            | Expr::BinaryExpr(_)
            | Expr::Like(_)
            | Expr::SimilarTo(_)
            | Expr::Not(_)
            | Expr::IsNotNull(_)
            | Expr::IsNull(_)
            | Expr::IsTrue(_)
            | Expr::IsFalse(_)
            | Expr::IsUnknown(_)
            | Expr::IsNotTrue(_)
            | Expr::IsNotFalse(_)
            | Expr::IsNotUnknown(_)
            | Expr::Negative(_)
            | Expr::Between(_)
            | Expr::Case(_)
            | Expr::Cast(_)
            | Expr::TryCast(_)
            | Expr::InList(_) => false,
            // Subqueries, windows, aggregates, placeholders, and whatever comes to be.
            _ => true,
        })
    };
    exprs.iter().all(|expr| matches!(expr.exists(depends), Ok(false)))
}

/// The columns that name a row: those of the grouping, if all are in the result.
fn key(plan: &LogicalPlan) -> Option<Vec<usize>> {
    match plan {
        LogicalPlan::Sort(sort) => key(&sort.input),
        LogicalPlan::Limit(limit) => key(&limit.input),
        LogicalPlan::Projection(projection) => {
            let inner = grouped(&projection.input)?;
            let places: Vec<Option<usize>> =
                projection.expr.iter().map(|expr| group_column(expr, inner)).collect();
            let groups = inner.group_expr.len();
            (0..groups).map(|group| places.iter().position(|place| *place == Some(group))).collect()
        }
        LogicalPlan::Aggregate(_) => grouped(plan).map(|inner| (0..inner.group_expr.len()).collect()),
        _ => None,
    }
}

fn grouped(plan: &LogicalPlan) -> Option<&Aggregate> {
    match plan {
        LogicalPlan::Aggregate(aggregate) => {
            let has_sets = aggregate.group_expr.iter().any(|expr| matches!(expr, Expr::GroupingSet(_)));
            (!has_sets).then_some(aggregate)
        }
        LogicalPlan::Filter(filter) => grouped(&filter.input),
        _ => None,
    }
}

/// Which group's column an expression is, if it is one.
fn group_column(expr: &Expr, aggregate: &Aggregate) -> Option<usize> {
    match expr {
        Expr::Alias(alias) => group_column(&alias.expr, aggregate),
        Expr::Column(column) => {
            let place = aggregate.schema.maybe_index_of_column(column)?;
            (place < aggregate.group_expr.len()).then_some(place)
        }
        _ => None,
    }
}
