//! Plans with numbers in place of names.
//!
//! A table that holds names is read with their numbers ([`crate::names`]); what groups, joins, compares or counts them
//! does so by number, and only what shows, orders or takes them apart asks for the text of the rows that are left:
//!
//! ```text
//!  SELECT venue, count(*) AS n FROM visits GROUP BY venue ORDER BY n DESC, venue LIMIT 20
//!    Projection  name_of(venue), n            20 names
//!      Sort      n DESC, name_of(venue)       names of those that may be among the 20
//!        Aggregate  by venue                  numbers
//!          visits                             numbers
//! ```
//!
//! It is done when a statement is planned, after all that `DataFusion` itself makes of it.

use crate::city::City;
use crate::names::{Names, Register};
use crate::read::Bound;
use arrow::array::{ArrayRef, AsArray as _};
use arrow::datatypes::{DataType, UInt32Type};
use async_trait::async_trait;
use datafusion::catalog::Session;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, ScalarValue, internal_err};
use datafusion::datasource::{provider_as_source, source_as_provider};
use datafusion::error::Result;
use datafusion::execution::context::QueryPlanner;
use datafusion::logical_expr::expr::{InList, ScalarFunction};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{
    BinaryExpr, ColumnarValue, Expr, LogicalPlan, Operator, Projection, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature, TableScan, Volatility, lit,
};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_planner::{DefaultPhysicalPlanner, PhysicalPlanner};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Plans statements with numbers in place of names.
#[derive(Debug)]
pub struct Planner;

#[async_trait]
impl QueryPlanner for Planner {
    async fn create_physical_plan(
        &self,
        plan: &LogicalPlan,
        session: &dyn Session,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let plan = match city_of(plan)? {
            Some(city) => Numbering { names: Arc::clone(&city.names) }.whole(plan.clone())?,
            None => plan.clone(),
        };
        DefaultPhysicalPlanner::default().create_physical_plan(&plan, session).await
    }
}

/// The city whose tables a plan reads; all of one statement read the same.
fn city_of(plan: &LogicalPlan) -> Result<Option<Arc<City>>> {
    let mut city = None;
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node
            && let Ok(provider) = source_as_provider(&scan.source)
            && let Some(bound) = provider.downcast_ref::<Bound>()
        {
            city = bound.city();
        }
        Ok(if city.is_some() { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    Ok(city)
}

struct Numbering {
    names: Arc<Names>,
}

impl Numbering {
    /// A plan that gives what it gave, by numbers within.
    fn whole(&self, plan: LogicalPlan) -> Result<LogicalPlan> {
        let plan = plan.transform_up(|node| Ok(Transformed::yes(self.node(node)?)))?.data;
        self.named(plan)
    }

    /// Shows all names.
    fn named(&self, plan: LogicalPlan) -> Result<LogicalPlan> {
        let schema = Arc::clone(plan.schema());
        if schema.fields().iter().all(|field| Register::of(field).is_none()) {
            return Ok(plan);
        }
        let shown = schema.iter().map(|(table, field)| {
            let column = Expr::Column(Column::new(table.cloned(), field.name()));
            match Register::of(field) {
                Some(register) => {
                    self.name_of(register, column).alias_qualified(table.cloned(), field.name())
                }
                None => column,
            }
        });
        Ok(LogicalPlan::Projection(Projection::try_new(shown.collect(), Arc::new(plan))?))
    }

    /// A node above inputs that give numbers.
    fn node(&self, node: LogicalPlan) -> Result<LogicalPlan> {
        let node = node.map_expressions(|expr| self.subqueries(expr))?.data;
        match node {
            LogicalPlan::TableScan(scan) => scan_numbers(scan),
            LogicalPlan::Limit(_) | LogicalPlan::SubqueryAlias(_) => node.recompute_schema(),
            LogicalPlan::Projection(_)
            | LogicalPlan::Filter(_)
            | LogicalPlan::Join(_)
            | LogicalPlan::Sort(_)
            | LogicalPlan::Window(_) => self.expressed(node),
            LogicalPlan::Aggregate(ref aggregate)
                if !aggregate.group_expr.iter().any(|expr| matches!(expr, Expr::GroupingSet(_))) =>
            {
                self.expressed(node)
            }
            // Anything else sees names.
            other => Ok(other.map_children(|child| Ok(Transformed::yes(self.named(child)?)))?.data),
        }
    }

    /// A node's expressions, over numbers.
    fn expressed(&self, node: LogicalPlan) -> Result<LogicalPlan> {
        let mut schema = DFSchema::empty();
        for input in node.inputs() {
            schema.merge(input.schema());
        }
        if schema.fields().iter().all(|field| Register::of(field).is_none()) {
            return Ok(node);
        }
        let passes_on = matches!(node, LogicalPlan::Projection(_) | LogicalPlan::Aggregate(_));
        let keeps_names = NamePreserver::new(&node);
        let node = match node {
            LogicalPlan::Join(mut join) => {
                join.on = join.on.into_iter().map(|on| self.on(on, &schema)).collect::<Result<_>>()?;
                join.filter = join.filter.map(|filter| self.over(filter, &schema)).transpose()?;
                LogicalPlan::Join(join)
            }
            node => {
                node.map_expressions(|expr| {
                    if passes_on && register_of(unalias(&expr), &schema).is_some() {
                        return Ok(Transformed::no(expr));
                    }
                    let name = keeps_names.save(&expr);
                    Ok(Transformed::yes(name.restore(self.over(expr, &schema)?)))
                })?
                .data
            }
        };
        node.recompute_schema()
    }

    /// The two sides of a join that must be equal.
    fn on(&self, (left, right): (Expr, Expr), schema: &DFSchema) -> Result<(Expr, Expr)> {
        match (register_of(&left, schema), register_of(&right, schema)) {
            (Some(a), Some(b)) if a == b => Ok((left, right)),
            _ => Ok((self.over(left, schema)?, self.over(right, schema)?)),
        }
    }

    /// An expression over numbers that gives what it gave over names.
    fn over(&self, expr: Expr, schema: &DFSchema) -> Result<Expr> {
        Ok(expr.transform_down(|expr| self.part(expr, schema))?.data)
    }

    fn part(&self, expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
        let done = |expr| Ok(Transformed::new(expr, true, TreeNodeRecursion::Jump));
        match expr {
            Expr::Column(_) => match register_of(&expr, schema) {
                Some(register) => done(self.name_of(register, expr)),
                None => Ok(Transformed::no(expr)),
            },
            Expr::BinaryExpr(BinaryExpr { left, op, right }) if is_equality(op) => {
                let (left, right) = match self.alike(&left, &right, schema) {
                    Some(pair) => pair,
                    None => (self.over(*left, schema)?, self.over(*right, schema)?),
                };
                done(Expr::BinaryExpr(BinaryExpr::new(Box::new(left), op, Box::new(right))))
            }
            Expr::InList(InList { expr, list, negated }) => {
                let numbers: Option<Vec<Expr>> = register_of(&expr, schema)
                    .and_then(|register| list.iter().map(|one| self.number_of(register, one)).collect());
                match numbers {
                    Some(list) => done(Expr::InList(InList { expr, list, negated })),
                    None => Ok(Transformed::no(Expr::InList(InList { expr, list, negated }))),
                }
            }
            Expr::IsNull(ref of) | Expr::IsNotNull(ref of) if register_of(of, schema).is_some() => done(expr),
            Expr::AggregateFunction(mut call) if call.func.name() == "count" => {
                let args = std::mem::take(&mut call.params.args);
                call.params.args = self.bare(args, schema)?;
                call.params.filter =
                    call.params.filter.map(|filter| self.over(*filter, schema).map(Box::new)).transpose()?;
                done(Expr::AggregateFunction(call))
            }
            Expr::WindowFunction(mut call) => {
                let params = &mut call.params;
                params.partition_by = self.bare(std::mem::take(&mut params.partition_by), schema)?;
                let over = |expr| self.over(expr, schema);
                params.args =
                    std::mem::take(&mut params.args).into_iter().map(over).collect::<Result<_>>()?;
                for sort in &mut params.order_by {
                    sort.expr = self.over(sort.expr.clone(), schema)?;
                }
                params.filter = params
                    .filter
                    .take()
                    .map(|filter| self.over(*filter, schema).map(Box::new))
                    .transpose()?;
                done(Expr::WindowFunction(call))
            }
            other => Ok(Transformed::no(other)),
        }
    }

    /// Columns of numbers as they are, for what only tells equal from different.
    fn bare(&self, exprs: Vec<Expr>, schema: &DFSchema) -> Result<Vec<Expr>> {
        let bare = |expr: Expr| match register_of(&expr, schema) {
            Some(_) => Ok(expr),
            None => self.over(expr, schema),
        };
        exprs.into_iter().map(bare).collect()
    }

    /// Both sides of an equality as numbers of one register, where they can be.
    fn alike(&self, left: &Expr, right: &Expr, schema: &DFSchema) -> Option<(Expr, Expr)> {
        match (register_of(left, schema), register_of(right, schema)) {
            (Some(a), Some(b)) => (a == b).then(|| (left.clone(), right.clone())),
            (Some(register), None) => Some((left.clone(), self.number_of(register, right)?)),
            (None, Some(register)) => Some((self.number_of(register, left)?, right.clone())),
            (None, None) => None,
        }
    }

    /// The number of a constant text; None where it is none.
    fn number_of(&self, register: Register, expr: &Expr) -> Option<Expr> {
        match expr {
            Expr::Literal(value, _) => {
                let text = value.try_as_str()?;
                Some(lit(ScalarValue::UInt32(text.map(|text| self.names.number(register, text)))))
            }
            // One value for all rows, which is known when the statement runs.
            Expr::ScalarSubquery(subquery) if subquery.outer_ref_columns.is_empty() => {
                Some(self.call(Way::ToNumber, register, expr.clone()))
            }
            _ => None,
        }
    }

    fn name_of(&self, register: Register, expr: Expr) -> Expr {
        self.call(Way::ToName, register, expr)
    }

    fn call(&self, way: Way, register: Register, expr: Expr) -> Expr {
        let function = Naming::new(way, register, Arc::clone(&self.names));
        Expr::ScalarFunction(ScalarFunction::new_udf(
            Arc::new(ScalarUDF::new_from_impl(function)),
            vec![expr],
        ))
    }

    /// The plans within an expression, each whole.
    fn subqueries(&self, expr: Expr) -> Result<Transformed<Expr>> {
        expr.transform_down(|expr| {
            Ok(match expr {
                Expr::ScalarSubquery(mut subquery) => {
                    subquery.subquery = Arc::new(self.whole(Arc::unwrap_or_clone(subquery.subquery))?);
                    Transformed::yes(Expr::ScalarSubquery(subquery))
                }
                Expr::Exists(mut exists) => {
                    let plan = Arc::unwrap_or_clone(exists.subquery.subquery);
                    exists.subquery.subquery = Arc::new(self.whole(plan)?);
                    Transformed::yes(Expr::Exists(exists))
                }
                Expr::InSubquery(mut within) => {
                    let plan = Arc::unwrap_or_clone(within.subquery.subquery);
                    within.subquery.subquery = Arc::new(self.whole(plan)?);
                    Transformed::yes(Expr::InSubquery(within))
                }
                other => Transformed::no(other),
            })
        })
    }
}

/// A table read with numbers where it holds names that are asked for.
fn scan_numbers(scan: TableScan) -> Result<LogicalPlan> {
    let provider = source_as_provider(&scan.source)?;
    let Some(numbered) = provider.downcast_ref::<Bound>().and_then(Bound::numbered) else {
        return Ok(LogicalPlan::TableScan(scan));
    };
    let fields = datafusion::catalog::TableProvider::schema(&numbered);
    let field = |(n, (table, _)): (usize, (Option<&_>, &_))| {
        let place = scan.projection.as_ref().map_or(n, |projection| projection[n]);
        (Option::<&datafusion::common::TableReference>::cloned(table), Arc::clone(&fields.fields()[place]))
    };
    let projected: Vec<_> = scan.projected_schema.iter().enumerate().map(field).collect();
    let schema = DFSchema::new_with_metadata(projected, scan.projected_schema.metadata().clone())?;
    let source = provider_as_source(Arc::new(numbered));
    Ok(LogicalPlan::TableScan(TableScan { source, projected_schema: Arc::new(schema), ..scan }))
}

fn unalias(expr: &Expr) -> &Expr {
    match expr {
        Expr::Alias(alias) => unalias(&alias.expr),
        other => other,
    }
}

/// The register of a column of numbers.
fn register_of(expr: &Expr, schema: &DFSchema) -> Option<Register> {
    let Expr::Column(column) = expr else { return None };
    let (_, field) = schema.qualified_field_from_column(column).ok()?;
    Register::of(field)
}

fn is_equality(op: Operator) -> bool {
    matches!(op, Operator::Eq | Operator::NotEq | Operator::IsDistinctFrom | Operator::IsNotDistinctFrom)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Way {
    ToName,
    ToNumber,
}

/// `name_of` a number, or the number of a name.
#[derive(Debug)]
pub(crate) struct Naming {
    way: Way,
    register: Register,
    names: Arc<Names>,
    signature: Signature,
}

impl Naming {
    fn new(way: Way, register: Register, names: Arc<Names>) -> Self {
        Self { way, register, names, signature: Signature::any(1, Volatility::Immutable) }
    }

    /// The number of a text.
    pub fn numbers(register: Register, names: &Arc<Names>) -> ScalarUDF {
        ScalarUDF::new_from_impl(Self::new(Way::ToNumber, register, Arc::clone(names)))
    }

    fn array(&self, values: &ArrayRef) -> Result<ArrayRef> {
        match (self.way, values.as_primitive_opt::<UInt32Type>()) {
            (Way::ToName, Some(numbers)) => self.names.texts(self.register, numbers),
            (Way::ToName, None) => internal_err!("names of what is no number: {}", values.data_type()),
            (Way::ToNumber, _) => Ok(Arc::new(self.names.numbers(self.register, values)?)),
        }
    }
}

impl PartialEq for Naming {
    fn eq(&self, other: &Self) -> bool {
        (self.way, self.register) == (other.way, other.register) && Arc::ptr_eq(&self.names, &other.names)
    }
}

impl Eq for Naming {}

impl Hash for Naming {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.way, self.register).hash(state);
    }
}

impl ScalarUDFImpl for Naming {
    fn name(&self) -> &str {
        match self.way {
            Way::ToName => "name_of",
            Way::ToNumber => "number_of",
        }
    }
    fn signature(&self) -> &Signature {
        &self.signature
    }
    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(match self.way {
            Way::ToName => DataType::Utf8View,
            Way::ToNumber => DataType::UInt32,
        })
    }
    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match args.args.as_slice() {
            [ColumnarValue::Array(values)] => Ok(ColumnarValue::Array(self.array(values)?)),
            [ColumnarValue::Scalar(value)] => {
                let one = self.array(&value.to_array()?)?;
                Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&one, 0)?))
            }
            _ => internal_err!("{} takes one value", self.name()),
        }
    }
}
