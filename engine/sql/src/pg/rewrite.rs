//! Rewrites of what PostgreSQL's clients write and the planner does not know.

use crate::catalog::SCHEMA;
use crate::visit;
use datafusion::sql::sqlparser::ast::{
    Array as ArrayExpr, BinaryOperator, DataType, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArgumentList, FunctionArguments, GroupByExpr, Ident, Join, JoinOperator, ObjectName,
    ObjectNamePart, Query, Select, SelectItem, SetExpr, Statement, TableFactor, Value, VisitorMut,
};
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::parser::Parser;
use datafusion::sql::sqlparser::tokenizer::Span;
use std::ops::ControlFlow;

/// Tables of the system catalog that say nothing about the tables here: there are no defaults, sequences, collations,
/// policies. A value looked up in one of them is null.
const SILENT: [&str; 7] = [
    "pg_attrdef",
    "pg_sequence",
    "pg_collation",
    "pg_policy",
    "pg_statistic_ext",
    "pg_auth_members",
    "pg_event_trigger",
];

/// Rewrites a statement; `is_catalog`: it asks the system catalog.
pub fn rewrite(statement: &mut Statement, is_catalog: bool) {
    visit::change(statement, &mut Rewrite { is_catalog });
    membership(statement);
}

/// `x = ANY(array)` of constants becomes `x IN (…)`, which tables understand as a filter.
pub fn membership(statement: &mut Statement) {
    visit::change(statement, &mut AnyToIn);
}

struct Rewrite {
    is_catalog: bool,
}

impl VisitorMut for Rewrite {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        match expr {
            Expr::Subquery(query) if self.is_catalog && is_silent(query) => *expr = null(),
            Expr::Subquery(query) if self.is_catalog => first_only(query),
            // A list of types shown as such: the numbers are as good.
            Expr::Cast { expr: inner, data_type, .. } if self.is_catalog && is_types(data_type) => {
                *expr = std::mem::replace(&mut **inner, null());
            }
            // What the rules left of the search path.
            Expr::InList { list, .. } if self.is_catalog && *list == [text("")] => *list = vec![text(SCHEMA)],
            Expr::Function(function) => {
                if is_register(function) {
                    *expr = call("session_user", Vec::new());
                } else if let Some(query) = array_query(function) {
                    *expr = if self.is_catalog { null() } else { gathered(query) };
                }
            }
            Expr::Like { escape_char, pattern, .. } | Expr::ILike { escape_char, pattern, .. } => {
                // The planner knows the backslash only.
                if let Some(Value::SingleQuotedString(escape)) = escape_char.as_ref().map(|held| &held.value)
                    && escape != "\\"
                {
                    let old = std::mem::replace(&mut **pattern, null());
                    **pattern = call("replace", vec![old, text(escape), text("\\")]);
                    *escape_char = None;
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

fn is_types(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Array(_)) && data_type.to_string().to_lowercase().contains("regtype")
}

/// A value looked up is the first there is: the planner wants to be sure that there are not several.
fn first_only(query: &mut Query) {
    let is_plain = query.limit_clause.is_none() && query.order_by.is_none() && query.with.is_none();
    let SetExpr::Select(select) = &mut *query.body else { return };
    let is_plain = is_plain
        && select.distinct.is_none()
        && matches!(&select.group_by, GroupByExpr::Expressions(by, _) if by.is_empty())
        && !is_gathering(&select.projection);
    if let ([item], true) = (select.projection.as_mut_slice(), is_plain)
        && let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item
    {
        let value = std::mem::replace(expr, null());
        *expr = call("first_value", vec![value]);
    }
}

/// Does it make one row of many?
fn is_gathering(items: &[SelectItem]) -> bool {
    const GATHER: [&str; 8] =
        ["count(", "array_agg(", "string_agg(", "max(", "min(", "sum(", "bool_or(", "first_value("];
    items.iter().any(|item| {
        let written = item.to_string().to_lowercase();
        GATHER.iter().any(|name| written.contains(name))
    })
}

/// Tables of the system catalog that have no rows about the tables here: nothing is keyed, indexed, inherited,
/// defaulted, triggered.
const EMPTY: [&str; 12] = [
    "pg_attrdef",
    "pg_constraint",
    "pg_foreign_table",
    "pg_index",
    "pg_inherits",
    "pg_partitioned_table",
    "pg_policy",
    "pg_publication_rel",
    "pg_rewrite",
    "pg_sequence",
    "pg_statistic_ext",
    "pg_trigger",
];

/// For a query that cannot be planned and that reads one of the tables that have no rows: the same columns and no
/// rows, which is what it would give.
pub fn without_rows(statement: &Statement) -> Option<Statement> {
    let Statement::Query(query) = statement else { return None };
    let select = leftmost(&query.body)?;
    // Without groups there is a row about nothing; groups of nothing are none.
    let has_groups = !matches!(&select.group_by, GroupByExpr::Expressions(by, _) if by.is_empty());
    if !reads_empty(select) || (is_gathering(&select.projection) && !has_groups) {
        return None;
    }
    let names = super::names::written(select)?;
    let columns: Vec<String> =
        names.iter().map(|name| format!("CAST(NULL AS TEXT) AS \"{}\"", name.replace('"', "\"\""))).collect();
    let written = format!("SELECT {} WHERE false", columns.join(", "));
    Parser::parse_sql(&PostgreSqlDialect {}, &written).ok()?.into_iter().next()
}

fn leftmost(body: &SetExpr) -> Option<&Select> {
    match body {
        SetExpr::Select(select) => Some(select),
        SetExpr::Query(query) => leftmost(&query.body),
        SetExpr::SetOperation { left, .. } => leftmost(left),
        _ => None,
    }
}

/// Without rows in one of them there are none in the whole: those of the list, and joined with no side left open.
fn reads_empty(select: &Select) -> bool {
    let is_empty = |factor: &TableFactor| match factor {
        TableFactor::Table { name, .. } => {
            let last =
                name.0.last().and_then(ObjectNamePart::as_ident).map(|ident| ident.value.to_lowercase());
            last.is_some_and(|last| EMPTY.contains(&last.as_str()))
        }
        TableFactor::Derived { subquery, .. } => leftmost(&subquery.body).is_some_and(reads_empty),
        _ => false,
    };
    let closed = |join: &Join| {
        matches!(
            join.join_operator,
            JoinOperator::Join(_) | JoinOperator::Inner(_) | JoinOperator::CrossJoin(_)
        )
    };
    select.from.iter().any(|from| {
        // A right or full join could bring rows where the left has none.
        let is_open = |join: &Join| {
            !closed(join) && !matches!(join.join_operator, JoinOperator::Left(_) | JoinOperator::LeftOuter(_))
        };
        !from.joins.iter().any(is_open)
            && (is_empty(&from.relation)
                || from.joins.iter().any(|join| closed(join) && is_empty(&join.relation)))
    })
}

fn is_silent(query: &Query) -> bool {
    let SetExpr::Select(select) = &*query.body else { return false };
    let counts = is_gathering(&select.projection);
    let named = |name: &ObjectName| {
        let last = name.0.last().and_then(ObjectNamePart::as_ident).map(|ident| ident.value.to_lowercase());
        last.is_some_and(|last| SILENT.contains(&last.as_str()))
    };
    let reads = |factor: &TableFactor| matches!(factor, TableFactor::Table { name, .. } if named(name));
    !counts && select.from.iter().any(|from| reads(&from.relation))
}

/// `user` and `current_role`, written without parentheses.
fn is_register(function: &Function) -> bool {
    let [ObjectNamePart::Identifier(name)] = function.name.0.as_slice() else { return false };
    matches!(function.args, FunctionArguments::None)
        && ["user", "current_role"].contains(&name.value.to_lowercase().as_str())
}

/// The query in `ARRAY(SELECT …)`.
fn array_query(function: &Function) -> Option<Query> {
    let [ObjectNamePart::Identifier(name)] = function.name.0.as_slice() else { return None };
    match &function.args {
        FunctionArguments::Subquery(query) if name.value.eq_ignore_ascii_case("array") => {
            Some((**query).clone())
        }
        _ => None,
    }
}

/// `(SELECT array_agg(x) FROM (SELECT …) AS gathered(x))`
fn gathered(query: Query) -> Expr {
    let written = format!("(SELECT array_agg(x) FROM ({query}) AS gathered(x))");
    let parsed =
        Parser::new(&PostgreSqlDialect {}).try_with_sql(&written).and_then(|mut parser| parser.parse_expr());
    parsed.unwrap_or_else(|_unwritten| Expr::Subquery(Box::new(query)))
}

/// See [`membership`]. The compatibility rules write `array_contains(array, x)` for it.
struct AnyToIn;

impl VisitorMut for AnyToIn {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        let found = match expr {
            Expr::AnyOp { left, compare_op: BinaryOperator::Eq, right, .. } => {
                elements(right).map(|list| ((**left).clone(), list, false))
            }
            Expr::AllOp { left, compare_op: BinaryOperator::NotEq, right } => {
                elements(right).map(|list| ((**left).clone(), list, true))
            }
            Expr::Function(function) => contains(function),
            _ => None,
        };
        if let Some((value, list, negated)) = found {
            *expr = if list.is_empty() {
                Expr::Value(Value::Boolean(negated).with_span(Span::empty()))
            } else {
                Expr::InList { expr: Box::new(value), list, negated }
            };
        }
        ControlFlow::Continue(())
    }
}

fn contains(function: &Function) -> Option<(Expr, Vec<Expr>, bool)> {
    let [ObjectNamePart::Identifier(name)] = function.name.0.as_slice() else { return None };
    let FunctionArguments::List(FunctionArgumentList { args, .. }) = &function.args else { return None };
    let [
        FunctionArg::Unnamed(FunctionArgExpr::Expr(array)),
        FunctionArg::Unnamed(FunctionArgExpr::Expr(value)),
    ] = args.as_slice()
    else {
        return None;
    };
    (name.value == "array_contains")
        .then(|| elements(array))
        .flatten()
        .map(|list| (value.clone(), list, false))
}

/// The constants of an array; None: it is no array of constants.
fn elements(expr: &Expr) -> Option<Vec<Expr>> {
    match expr {
        Expr::Array(array) => Some(array.elem.clone()),
        Expr::Nested(inner) | Expr::Cast { expr: inner, .. } => elements(inner),
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(written) => written_elements(written),
            _ => None,
        },
        _ => None,
    }
}

/// Elements of `{a,"b c",NULL}`.
fn written_elements(written: &str) -> Option<Vec<Expr>> {
    let inside = written.trim().strip_prefix('{')?.strip_suffix('}')?;
    let mut list = Vec::new();
    let (mut word, mut was_quoted, mut is_quoted) = (String::new(), false, false);
    let mut letters = inside.chars();
    let mut end = |word: &mut String, was_quoted: &mut bool| {
        let taken = std::mem::take(word);
        let quoted = std::mem::take(was_quoted);
        let shown = if quoted { taken.as_str() } else { taken.trim() };
        list.push(if !quoted && shown.eq_ignore_ascii_case("null") { null() } else { text(shown) });
    };
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => word.extend(letters.next()),
            '"' => {
                is_quoted = !is_quoted;
                was_quoted = true;
            }
            ',' if !is_quoted => end(&mut word, &mut was_quoted),
            // An array in an array.
            '{' | '}' if !is_quoted => return None,
            letter => word.push(letter),
        }
    }
    if !inside.trim().is_empty() {
        end(&mut word, &mut was_quoted);
    }
    Some(list)
}

fn null() -> Expr {
    Expr::Value(Value::Null.with_span(Span::empty()))
}

fn text(text: &str) -> Expr {
    Expr::Value(Value::SingleQuotedString(text.to_owned()).with_span(Span::empty()))
}

fn call(name: &str, args: Vec<Expr>) -> Expr {
    let args = args.into_iter().map(|arg| FunctionArg::Unnamed(FunctionArgExpr::Expr(arg))).collect();
    Expr::Function(Function {
        name: ObjectName(vec![ObjectNamePart::Identifier(Ident::new(name))]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args,
            clauses: Vec::new(),
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    })
}

/// An array of constants, as it is written.
pub fn array(elem: Vec<Expr>) -> Expr {
    Expr::Array(ArrayExpr { elem, named: true })
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::sql::sqlparser::parser::ParserError;

    fn rewritten(sql: &str, is_catalog: bool) -> Result<String, ParserError> {
        let mut statements = Parser::parse_sql(&PostgreSqlDialect {}, sql)?;
        for statement in &mut statements {
            rewrite(statement, is_catalog);
        }
        Ok(statements.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn membership_of_an_array_becomes_a_list() -> Result<(), ParserError> {
        let same = [
            ("SELECT 1 WHERE a = ANY(ARRAY[1, 2])", "SELECT 1 WHERE a IN (1, 2)"),
            ("SELECT 1 WHERE a <> ALL(ARRAY['x'])", "SELECT 1 WHERE a NOT IN ('x')"),
            (
                "SELECT 1 WHERE a = ANY('{x,\"y, z\",NULL}'::text[])",
                "SELECT 1 WHERE a IN ('x', 'y, z', NULL)",
            ),
            ("SELECT 1 WHERE a = ANY('{}')", "SELECT 1 WHERE false"),
            ("SELECT 1 WHERE array_contains(ARRAY['x'], a)", "SELECT 1 WHERE a IN ('x')"),
        ];
        for (written, wanted) in same {
            assert_eq!(rewritten(written, false)?, wanted);
        }
        Ok(())
    }

    #[test]
    fn what_the_catalog_says_nothing_of_is_null() -> Result<(), ParserError> {
        let asked = "SELECT (SELECT adbin FROM pg_catalog.pg_attrdef d WHERE d.adrelid = a.oid), user FROM a";
        assert_eq!(rewritten(asked, true)?, "SELECT NULL, session_user() FROM a");
        assert_eq!(rewritten("SELECT ARRAY(SELECT 1)", true)?, "SELECT NULL");
        Ok(())
    }

    #[test]
    fn an_array_of_a_query_is_gathered() -> Result<(), ParserError> {
        let wanted = "SELECT (SELECT array_agg(x) FROM (SELECT 1) AS gathered (x))";
        assert_eq!(rewritten("SELECT ARRAY(SELECT 1)", false)?, wanted);
        Ok(())
    }
}
