//! A statement before it is planned: is it one, does it only read, how large is it, and what does it need of a moment?

pub mod depth;
mod extent;

use crate::error::{SqlError, SqlErrorKind};
use crate::functions_of_city::{EXPOSED_AT, LAG, TABLE_FUNCTIONS};
use crate::moments::Wants;
use crate::tables;
use crate::visit;
use datafusion::sql::sqlparser::ast::{
    Expr, Function, Ident, ObjectName, ObjectNamePart, Statement, TableFactor, Visitor, VisitorMut,
};
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::parser::Parser;
use std::ops::ControlFlow;

/// Bytes of a statement.
const STATEMENT_BYTES_MAX: usize = 256 * 1024;

/// A statement that may be planned.
#[derive(Clone, Debug)]
pub struct Checked {
    pub statement: Statement,
    pub wants: Wants,
}

/// Reads the one statement of a text.
///
/// # Errors
/// It is no SQL (with the place), it is none or several, or it would write.
pub fn parse(sql: &str) -> Result<Checked, SqlError> {
    check_text(sql)?;
    let statements =
        Parser::parse_sql(&PostgreSqlDialect {}, sql).map_err(|error| SqlError::syntax(&error))?;
    let mut statements = statements.into_iter();
    match (statements.next(), statements.next()) {
        (Some(statement), None) => check(statement),
        (None, _) => Err(SqlError::new(SqlErrorKind::Syntax, "there is no statement; write SELECT …")),
        (Some(_), Some(_)) => {
            Err(SqlError::new(SqlErrorKind::Syntax, "there are several statements; run them one by one"))
        }
    }
}

/// Checks a text before it is parsed.
///
/// # Errors
/// It is too long, or may become too deep.
pub fn check_text(sql: &str) -> Result<(), SqlError> {
    if sql.len() > STATEMENT_BYTES_MAX {
        let message = format!("the statement is longer than {STATEMENT_BYTES_MAX} bytes");
        return Err(SqlError::bound(SqlErrorKind::Wrong, "statement_bytes", message));
    }
    depth::check(sql)
}

/// Checks a statement that is parsed already.
///
/// # Errors
/// It would write.
pub fn check(mut statement: Statement) -> Result<Checked, SqlError> {
    if !only_reads(&statement) {
        let word = statement.to_string().split_whitespace().next().unwrap_or_default().to_uppercase();
        let message = format!("{word} is not possible here: this is for reading only");
        let hint = "use SELECT, EXPLAIN, SHOW or DESCRIBE".to_owned();
        return Err(SqlError::new(SqlErrorKind::ReadOnly, message).hint(Some(hint)));
    }
    visit::change(&mut statement, &mut Adapt);
    extent::check(&statement)?;
    let mut needs = Needs::default();
    visit::look(&statement, &mut needs);
    Ok(Checked { statement, wants: needs.0 })
}

fn only_reads(statement: &Statement) -> bool {
    match statement {
        Statement::Query(_)
        | Statement::ShowTables { .. }
        | Statement::ShowColumns { .. }
        | Statement::ShowVariable { .. }
        | Statement::ExplainTable { .. } => true,
        Statement::Explain { statement, .. } => only_reads(statement),
        _ => false,
    }
}

/// Says what the planner knows in place of what it does not.
struct Adapt;

impl VisitorMut for Adapt {
    type Break = ();

    /// `unnest(…) WITH ORDINALITY` numbers the values; table functions are known by their plain names.
    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        if let TableFactor::Table { name, args: Some(_), .. } | TableFactor::Function { name, .. } = factor
            && let Some(ObjectNamePart::Identifier(ident)) = name.0.last().cloned()
        {
            let value = if ident.quote_style.is_some() { ident.value } else { ident.value.to_lowercase() };
            name.0 = vec![ObjectNamePart::Identifier(Ident { value, quote_style: None, span: ident.span })];
        }
        if let TableFactor::UNNEST { alias, array_exprs, with_ordinality: true, .. } = factor {
            let arrays: Vec<String> = array_exprs.iter().map(ToString::to_string).collect();
            let numbered =
                format!("SELECT *, row_number() OVER () AS ordinality FROM unnest({})", arrays.join(", "));
            let parsed =
                Parser::parse_sql(&PostgreSqlDialect {}, &numbered).ok().and_then(|mut all| all.pop());
            if let Some(Statement::Query(subquery)) = parsed {
                let alias = alias.take();
                *factor = TableFactor::Derived { lateral: false, subquery, alias, sample: None };
            }
        }
        ControlFlow::Continue(())
    }

    /// `lag()` is how far behind the engine is; `lag(x) OVER (…)` is the window function.
    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::Function(Function { name, over: None, .. }) = expr
            && let [ObjectNamePart::Identifier(ident)] = name.0.as_mut_slice()
            && ident.value.eq_ignore_ascii_case("lag")
        {
            *ident = Ident { value: LAG.to_owned(), ..ident.clone() };
        }
        ControlFlow::Continue(())
    }
}

/// What the tables and functions named in a statement need.
#[derive(Default)]
struct Needs(Wants);

impl Visitor for Needs {
    type Break = ();

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<()> {
        if let Some(ObjectNamePart::Identifier(ident)) = relation.0.last() {
            tables::want(&ident.value.to_lowercase(), &mut self.0);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        if let TableFactor::Table { name, args: Some(_), .. } | TableFactor::Function { name, .. } = factor {
            let name = name.to_string();
            self.0.parts.cases |= TABLE_FUNCTIONS.contains(&name.as_str());
            self.0.parts.followed |= name == EXPOSED_AT;
        }
        ControlFlow::Continue(())
    }
}
