//! How large a statement is, before it is planned: planning looks up at no clock, so it must end soon by itself.

use crate::error::{SqlError, SqlErrorKind};
use datafusion::sql::sqlparser::ast::{Expr, ObjectName, ObjectNamePart, Query, Statement, Visit, Visitor};
use rustc_hash::FxHashMap;
use std::ops::ControlFlow;

/// Tables that a statement may name; one named in `WITH` counts as those that it is made of, each time it is named.
/// Each join of the plan holds the columns of all tables before it.
const TABLES_MAX: usize = 256;
/// Values, columns and calls that a statement may have.
const PARTS_MAX: usize = 50_000;

/// Checks how large a statement is.
///
/// # Errors
/// It is too large.
pub fn check(statement: &Statement) -> Result<(), SqlError> {
    let mut extent = Extent { tables: vec![0], ..Extent::default() };
    let _: ControlFlow<()> = Visit::visit(statement, &mut extent);
    let tables = extent.tables.first().copied().unwrap_or_default();
    let error = |bound, message, hint: &str| {
        Err(SqlError::bound(SqlErrorKind::Wrong, bound, message).hint(Some(hint.to_owned())))
    };
    if tables > TABLES_MAX {
        let message = format!("the statement names {tables} tables where {TABLES_MAX} may be");
        let hint =
            "join fewer tables; a table of WITH counts each time it is named, with all that it is made of";
        return error("statement_tables", message, hint);
    }
    if extent.parts > PARTS_MAX {
        let message =
            format!("the statement has {} values, columns and calls where {PARTS_MAX} may be", extent.parts);
        let hint = "a long list of values can be a range, or several statements";
        return error("statement_parts", message, hint);
    }
    Ok(())
}

#[derive(Default)]
struct Extent {
    /// Tables of each query that is begun, those of the whole statement first.
    tables: Vec<usize>,
    /// The tables that each name of a `WITH` stands for.
    named: FxHashMap<String, usize>,
    /// Queries of a `WITH` by address, with the name they get at their end.
    naming: FxHashMap<*const Query, String>,
    parts: usize,
}

impl Visitor for Extent {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        for with in query.with.iter().flat_map(|with| &with.cte_tables) {
            self.naming.insert(&raw const *with.query, with.alias.name.value.to_lowercase());
        }
        self.tables.push(0);
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        let tables = self.tables.pop().unwrap_or_default();
        if let Some(name) = self.naming.remove(&(&raw const *query)) {
            self.named.insert(name, tables);
        } else {
            self.add(tables);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<()> {
        let name = match relation.0.as_slice() {
            [ObjectNamePart::Identifier(ident)] => self.named.get(&ident.value.to_lowercase()),
            _ => None,
        };
        self.add(name.copied().unwrap_or(1).max(1));
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, _: &Expr) -> ControlFlow<()> {
        self.parts += 1;
        ControlFlow::Continue(())
    }
}

impl Extent {
    fn add(&mut self, tables: usize) {
        if let Some(held) = self.tables.last_mut() {
            *held = held.saturating_add(tables);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::parse;

    fn bound(sql: &str) -> Option<&'static str> {
        parse(sql).err().and_then(|error| error.bound)
    }

    #[test]
    fn a_statement_of_too_many_tables_is_refused_however_they_are_named() {
        let commas = |n| format!("SELECT 1 FROM {}", vec!["wards"; n].join(", "));
        assert_eq!(bound(&commas(256)), None);
        assert_eq!(bound(&commas(257)), Some("statement_tables"));
        let doubled = |levels: usize| {
            let steps: Vec<String> =
                (0..levels).map(|n| format!("t{} AS (SELECT * FROM t{n}, T{n})", n + 1)).collect();
            format!("WITH t0 AS (SELECT * FROM wards), {} SELECT * FROM t{levels}", steps.join(", "))
        };
        assert_eq!(bound(&doubled(8)), None);
        assert_eq!(bound(&doubled(9)), Some("statement_tables"));
        assert_eq!(bound(&doubled(200)), Some("statement_tables"));
    }

    #[test]
    fn a_statement_of_too_many_parts_is_refused() {
        let list = |n: usize| {
            let values: Vec<String> = (0..n).map(|n| (n % 10).to_string()).collect();
            format!("SELECT 1 WHERE 1 IN ({})", values.join(","))
        };
        assert_eq!(bound(&list(40_000)), None);
        assert_eq!(bound(&list(50_001)), Some("statement_parts"));
    }
}
