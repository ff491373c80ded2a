//! Names of columns that nobody named, as PostgreSQL gives them; clients look columns up by them.

use datafusion::sql::sqlparser::ast::{
    Expr, FunctionArguments, ObjectNamePart, Query, Select, SelectItem, SetExpr, Statement,
};

/// What PostgreSQL calls a column that it has no name for.
const NAMELESS: &str = "?column?";

/// Names of an answer's columns by place; None: the planner's own name. Empty: all are the planner's.
pub fn names(statement: &Statement) -> Vec<Option<String>> {
    match statement {
        Statement::Query(query) => of_query(query),
        _ => Vec::new(),
    }
}

/// Names of all columns of a query; None: a star stands for some.
pub fn written(select: &Select) -> Option<Vec<String>> {
    let named = select.projection.iter().map(|item| match item {
        SelectItem::UnnamedExpr(expr) => Some(of_expr(expr).unwrap_or_else(|| NAMELESS.to_owned())),
        SelectItem::ExprWithAlias { alias, .. } => Some(alias.value.clone()),
        _ => None,
    });
    named.collect()
}

fn of_query(query: &Query) -> Vec<Option<String>> {
    let mut body = &*query.body;
    loop {
        match body {
            // The first of several decides.
            SetExpr::SetOperation { left, .. } => body = left,
            SetExpr::Query(inner) => body = &inner.body,
            SetExpr::Select(select) => {
                let named = select.projection.iter().map(|item| match item {
                    SelectItem::UnnamedExpr(Expr::Identifier(_) | Expr::CompoundIdentifier(_)) => Some(None),
                    SelectItem::UnnamedExpr(expr) => {
                        Some(Some(of_expr(expr).unwrap_or_else(|| NAMELESS.to_owned())))
                    }
                    SelectItem::ExprWithAlias { .. } => Some(None),
                    // How many columns these are is not known here.
                    _ => None,
                });
                return named.collect::<Option<Vec<_>>>().unwrap_or_default();
            }
            _ => return Vec::new(),
        }
    }
}

fn of_expr(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Identifier(ident) => Some(ident.value.clone()),
        Expr::CompoundIdentifier(parts) => parts.last().map(|ident| ident.value.clone()),
        Expr::Function(function) => {
            let name = function.name.0.last().and_then(ObjectNamePart::as_ident)?.value.to_lowercase();
            let is_register = name == "session_user" && !matches!(function.args, FunctionArguments::None);
            Some(if is_register { "current_user".to_owned() } else { name })
        }
        Expr::Nested(inner) | Expr::Collate { expr: inner, .. } => of_expr(inner),
        Expr::Cast { expr: inner, data_type, .. } => {
            of_expr(inner).or_else(|| Some(type_name(&data_type.to_string())))
        }
        Expr::Case { else_result, .. } => {
            else_result.as_deref().and_then(of_expr).or_else(|| Some("case".to_owned()))
        }
        Expr::Exists { .. } => Some("exists".to_owned()),
        Expr::Array(_) => Some("array".to_owned()),
        Expr::Extract { .. } => Some("extract".to_owned()),
        Expr::Substring { .. } => Some("substring".to_owned()),
        Expr::Position { .. } => Some("position".to_owned()),
        Expr::Trim { .. } => Some("btrim".to_owned()),
        Expr::Ceil { .. } => Some("ceil".to_owned()),
        Expr::Floor { .. } => Some("floor".to_owned()),
        Expr::Interval(_) => Some("interval".to_owned()),
        Expr::TypedString(typed) => Some(type_name(&typed.data_type.to_string())),
        Expr::Subquery(query) => match of_query(query).into_iter().next() {
            Some(Some(name)) => Some(name),
            _ => None,
        },
        _ => None,
    }
}

fn type_name(written: &str) -> String {
    match written.to_lowercase().as_str() {
        "int" | "integer" => "int4".to_owned(),
        "bigint" => "int8".to_owned(),
        "smallint" => "int2".to_owned(),
        "boolean" => "bool".to_owned(),
        "real" => "float4".to_owned(),
        "double precision" | "double" => "float8".to_owned(),
        "timestamp with time zone" => "timestamptz".to_owned(),
        other => other.rsplit('.').next().unwrap_or(other).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
    use datafusion::sql::sqlparser::parser::{Parser, ParserError};

    #[test]
    fn columns_without_a_name_get_that_of_postgresql() -> Result<(), ParserError> {
        let sql =
            "SELECT count(*), 1, a, max(b) AS c, a::text, now()::date, CASE WHEN a THEN 1 END, a + 1 FROM t";
        let statements = Parser::parse_sql(&PostgreSqlDialect {}, sql)?;
        let found: Vec<_> = statements.iter().flat_map(names).collect();
        let wanted =
            [Some("count"), Some(NAMELESS), None, None, Some("a"), Some("now"), Some("case"), Some(NAMELESS)];
        assert_eq!(found.iter().map(Option::as_deref).collect::<Vec<_>>(), wanted);
        Ok(())
    }

    #[test]
    fn a_star_leaves_all_names_to_the_planner() -> Result<(), ParserError> {
        let statements = Parser::parse_sql(&PostgreSqlDialect {}, "SELECT *, count(*) FROM t")?;
        assert!(statements.iter().flat_map(names).next().is_none());
        Ok(())
    }
}
