//! How large a statement is, before it is planned: planning looks up at no clock, so it must end soon by itself.

use crate::error::{SqlError, SqlErrorKind};
use crate::visit;
use datafusion::sql::sqlparser::ast::{
    BinaryOperator, Expr, Function, ObjectName, ObjectNamePart, Query, Select, Statement, TableFactor,
    Visitor,
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
/// The same, times the tables: each join has a list of all columns that it is given.
const COLUMNS_OF_TABLES_MAX: usize = 32_768;
/// SELECTs of a statement: what one of them reads can be what the next gives.
const SELECTS_MAX: usize = 1_000;
/// Calls and `||` in the arguments of one table function, which are worked out while planning.
const ARGUMENT_CALLS_MAX: usize = 6;
/// Columns of a CUBE, which groups by each of their 2^n sets at once.
const CUBE_MAX: usize = 10;
/// Functions that gather all values of a group: over a window each row would have its own copy of them.
const GATHERING: [&str; 2] = ["array_agg", "string_agg"];

/// Checks how large a statement is.
///
/// # Errors
/// It is too large.
pub fn check(statement: &Statement) -> Result<(), SqlError> {
    let mut extent = Extent { held: vec![Held::default()], ..Extent::default() };
    visit::look(statement, &mut extent);
    let Held { tables, selects } = extent.held.first().copied().unwrap_or_default();
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
    if extent.columns > 1 && extent.columns.saturating_mul(tables) > COLUMNS_OF_TABLES_MAX {
        let message = format!("the statement has {} columns in a SELECT and {tables} tables", extent.columns);
        return error("statement_columns", message, "select fewer columns where many tables are joined");
    }
    if selects > SELECTS_MAX {
        let message = format!("the statement has {selects} SELECTs where {SELECTS_MAX} may be");
        return error("statement_tables", message, "a table of VALUES, or several statements, do the same");
    }
    if extent.cube > CUBE_MAX {
        let message = format!("CUBE has {} columns where {CUBE_MAX} may be", extent.cube);
        return error(
            "statement_columns",
            message,
            "write the groups that you need: GROUPING SETS ((a), (a, b))",
        );
    }
    if extent.argument_calls_most > ARGUMENT_CALLS_MAX {
        let calls = extent.argument_calls_most;
        let message = format!(
            "the arguments of a table function have {calls} calls or || where {ARGUMENT_CALLS_MAX} may be"
        );
        return error("statement_parts", message, "write the values themselves");
    }
    if let Some(name) = extent.gathered {
        let message = format!("{name}(…) OVER (…) would copy all values of its window for each row");
        let hint = "use it with GROUP BY".to_owned();
        return Err(SqlError::new(SqlErrorKind::Wrong, message).hint(Some(hint)).word(name));
    }
    Ok(())
}

/// What a query is made of.
#[derive(Clone, Copy, Default)]
struct Held {
    tables: usize,
    selects: usize,
}

#[derive(Default)]
struct Extent {
    /// Of each query that is begun, that of the whole statement first.
    held: Vec<Held>,
    /// What each name of a `WITH` stands for.
    named: FxHashMap<String, Held>,
    /// Queries of a `WITH` by address, with the name they get at their end.
    naming: FxHashMap<*const Query, String>,
    parts: usize,
    /// Of the widest SELECT.
    columns: usize,
    /// Table functions whose arguments are looked at, one within another.
    argument_depth: usize,
    /// Calls in the arguments of the outermost of them, and of the one with the most.
    argument_calls: usize,
    argument_calls_most: usize,
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
        self.held.push(Held::default());
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        let mut held = self.held.pop().unwrap_or_default();
        // One that reads nothing is a table too, of one row.
        held.tables = held.tables.max(1);
        if let Some(name) = self.naming.remove(&(&raw const *query)) {
            self.named.insert(name, held);
        } else {
            self.add(held);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        if matches!(
            factor,
            TableFactor::UNNEST { .. } | TableFactor::TableFunction { .. } | TableFactor::Function { .. }
        ) {
            self.add(Held { tables: 1, selects: 0 });
        }
        if has_arguments(factor) {
            self.argument_depth += 1;
        }
        ControlFlow::Continue(())
    }

    fn post_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        if has_arguments(factor) {
            self.argument_depth -= 1;
            if self.argument_depth == 0 {
                self.argument_calls_most = self.argument_calls_most.max(self.argument_calls);
                self.argument_calls = 0;
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<()> {
        let name = match relation.0.as_slice() {
            [ObjectNamePart::Identifier(ident)] => self.named.get(&ident.value.to_lowercase()),
            _ => None,
        };
        self.add(name.copied().unwrap_or(Held { tables: 1, selects: 0 }));
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        self.columns = self.columns.max(select.projection.len());
        self.add(Held { tables: 0, selects: 1 });
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        self.parts += 1;
        if self.argument_depth > 0
            && matches!(expr, Expr::Function(_) | Expr::BinaryOp { op: BinaryOperator::StringConcat, .. })
        {
            self.argument_calls += 1;
        }
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

/// Whether it is a table function.
fn has_arguments(factor: &TableFactor) -> bool {
    matches!(factor, TableFactor::Table { args: Some(_), .. } | TableFactor::Function { .. })
}

impl Extent {
    fn add(&mut self, more: Held) {
        if let Some(held) = self.held.last_mut() {
            held.tables = held.tables.saturating_add(more.tables);
            held.selects = held.selects.saturating_add(more.selects);
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
    fn arguments_of_a_table_function_have_few_calls_wherever_others_stand_among_them() {
        // As many calls, and a || less.
        let calls = |n: usize| vec!["f('x')"; n].join(" || ");
        assert_eq!(bound(&format!("SELECT {} FROM g({}), g({})", calls(9), calls(3), calls(3))), None);
        for from in ["g(#)", "LATERAL g(1, #)", "g((SELECT 1 FROM h(1)), #)", "g(#, (SELECT 1 FROM h(1)))"] {
            let sql = format!("SELECT * FROM {}", from.replace('#', &calls(4)));
            assert_eq!(bound(&sql), Some("statement_parts"), "{sql}");
        }
    }

    #[test]
    fn a_select_of_too_many_columns_is_refused_wherever_it_stands() {
        let wide =
            |n: usize| format!("SELECT count(*) FROM (SELECT {} FROM wards) AS w", vec!["1"; n].join(", "));
        assert_eq!(bound(&wide(1_664)), None);
        assert_eq!(bound(&wide(1_665)), Some("statement_columns"));
    }

    #[test]
    fn a_statement_of_too_many_selects_is_refused_however_they_are_named() {
        let steps = |n: usize| {
            let steps: Vec<String> =
                (0..n).map(|n| format!("t{} AS (SELECT sum(x), 1 AS x FROM t{n})", n + 1)).collect();
            format!("WITH t0 AS (SELECT 1 AS x), {} SELECT * FROM t{n}", steps.join(", "))
        };
        assert_eq!(bound(&steps(200)), None);
        assert_eq!(bound(&steps(1_200)), Some("statement_tables"));
        let arms = |n: usize| vec!["SELECT 1, 1"; n].join(" UNION ALL ");
        assert_eq!(bound(&arms(300)), None);
        assert_eq!(bound(&arms(1_001)), Some("statement_tables"));
        let named = format!("WITH t AS ({}) SELECT 1 FROM {}", arms(300), ["t"; 4].join(", "));
        assert_eq!(bound(&named), Some("statement_tables"));
    }

    #[test]
    fn what_reads_no_table_counts_as_one() {
        let nothing: Vec<String> = (0..300).map(|n| format!("(SELECT 1) AS a{n}")).collect();
        assert_eq!(bound(&format!("SELECT 1 FROM {}", nothing.join(", "))), Some("statement_tables"));
        let lists: Vec<String> = (0..300).map(|n| format!("unnest([1]) AS a{n}")).collect();
        assert_eq!(bound(&format!("SELECT 1 FROM {}", lists.join(", "))), Some("statement_tables"));
        let wide = format!(
            "WITH w AS (SELECT {}) SELECT 1 FROM {}",
            vec!["1"; 1_600].join(", "),
            vec!["w"; 200].join(", ")
        );
        assert_eq!(bound(&wide), Some("statement_columns"));
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
