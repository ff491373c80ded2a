//! How large a statement is, before it is planned: planning looks up at no clock, so it must end soon by itself.

use crate::error::{SqlError, SqlErrorKind};
use datafusion::sql::sqlparser::ast::{
    Expr, Function, ObjectName, ObjectNamePart, Query, Select, Statement, Visit, Visitor,
};
use rustc_hash::FxHashMap;
use std::ops::ControlFlow;

/// Tables that a statement may name; one named in `WITH` counts as those that it is made of, each time it is named.
/// Each join of the plan holds the columns of all tables before it.
const TABLES_MAX: usize = 256;
/// Values, columns and calls that a statement may have.
const PARTS_MAX: usize = 50_000;
/// Columns of one SELECT, as PostgreSQL has it: each is made for thousands of rows at once.
const COLUMNS_MAX: usize = 1_664;
/// Columns of a CUBE, which groups by each of their 2^n sets at once.
const CUBE_MAX: usize = 10;
/// Functions that gather all values of a group: over a window each row would have its own copy of them.
const GATHERING: [&str; 2] = ["array_agg", "string_agg"];

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
    if extent.columns > COLUMNS_MAX {
        let message =
            format!("a SELECT of the statement has {} columns where {COLUMNS_MAX} may be", extent.columns);
        return error("statement_columns", message, "select fewer columns, or ask in several statements");
    }
    if extent.cube > CUBE_MAX {
        let message = format!("CUBE has {} columns where {CUBE_MAX} may be", extent.cube);
        return error(
            "statement_columns",
            message,
            "write the groups that you need: GROUPING SETS ((a), (a, b))",
        );
    }
    if let Some(name) = extent.gathered {
        let message = format!("{name}(…) OVER (…) would copy all values of its window for each row");
        let hint = "use it with GROUP BY".to_owned();
        return Err(SqlError::new(SqlErrorKind::Wrong, message).hint(Some(hint)).word(name));
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
    /// Of the widest SELECT.
    columns: usize,
    /// Columns of the largest CUBE.
    cube: usize,
    /// A function that gathers, over a window.
    gathered: Option<&'static str>,
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

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        self.columns = self.columns.max(select.projection.len());
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        self.parts += 1;
        if let Expr::Cube(columns) = expr {
            self.cube = self.cube.max(columns.len());
        }
        if let Expr::Function(Function { name, over: Some(_), .. }) = expr
            && let [ObjectNamePart::Identifier(ident)] = name.0.as_slice()
        {
            let gathers = GATHERING.into_iter().find(|name| ident.value.eq_ignore_ascii_case(name));
            self.gathered = self.gathered.or(gathers);
        }
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
    fn a_select_of_too_many_columns_is_refused_wherever_it_stands() {
        let wide =
            |n: usize| format!("SELECT count(*) FROM (SELECT {} FROM wards) AS w", vec!["1"; n].join(", "));
        assert_eq!(bound(&wide(1_664)), None);
        assert_eq!(bound(&wide(1_665)), Some("statement_columns"));
    }

    #[test]
    fn a_cube_of_too_many_columns_is_refused() {
        let cube = |n: usize| {
            let columns: Vec<String> = (0..n).map(|n| format!("c{n}")).collect();
            format!("SELECT count(*) FROM wards GROUP BY CUBE({})", columns.join(", "))
        };
        assert_eq!(bound(&cube(10)), None);
        assert_eq!(bound(&cube(11)), Some("statement_columns"));
    }

    #[test]
    fn what_gathers_values_is_refused_over_windows_only() {
        let why = |sql| parse(sql).err().map(|error| error.message);
        assert_eq!(why("SELECT array_agg(person), string_agg(ward, ',') FROM scans GROUP BY venue"), None);
        assert_eq!(why("SELECT count(*) OVER () FROM scans"), None);
        let over = why("SELECT 1 + cardinality(Array_Agg(person) OVER (ORDER BY at)) FROM scans");
        assert_eq!(over.unwrap(), "array_agg(…) OVER (…) would copy all values of its window for each row");
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
