//! The text of a query that is to be followed: `SELECT …`, or `SUBSCRIBE (SELECT …)`.

use crate::check::{Checked, parse};
use crate::error::{SqlError, SqlErrorKind};
use datafusion::sql::sqlparser::ast::{SetExpr, Statement};

const SUBSCRIBE: &str = "SUBSCRIBE";

/// Reads it. Places in errors are those of the text as it came.
pub fn read(sql: &str) -> Result<Checked, SqlError> {
    let Checked { statement, wants } = parse(&without_word(sql))?;
    let Statement::Query(mut query) = statement else {
        return Err(SqlError::new(SqlErrorKind::Wrong, "only SELECT can be followed"));
    };
    // Parentheses around all of it say nothing: with and without them it is one query.
    while let SetExpr::Query(inner) = query.body.as_mut() {
        let is_bare = query.with.is_none()
            && query.order_by.is_none()
            && query.limit_clause.is_none()
            && query.fetch.is_none();
        if !is_bare {
            break;
        }
        query = inner.clone();
    }
    Ok(Checked { statement: Statement::Query(query), wants })
}

/// The text from its first word on.
fn without_remarks(sql: &str) -> &str {
    let rest = sql.trim_start();
    let end = match rest.get(..2) {
        Some("--") => rest.find('\n'),
        Some("/*") => rest.find("*/").map(|end| end + 2),
        _ => None,
    };
    end.map_or(rest, |end| without_remarks(&rest[end..]))
}

/// Blanks in place of the word, so that what follows it stays where it is.
fn without_word(sql: &str) -> String {
    let begin = sql.len() - without_remarks(sql).len();
    let word = sql.get(begin..begin + SUBSCRIBE.len());
    let is_word = word.is_some_and(|word| word.eq_ignore_ascii_case(SUBSCRIBE))
        && sql[begin + SUBSCRIBE.len()..].starts_with(|next: char| next.is_whitespace() || next == '(');
    if !is_word {
        return sql.to_owned();
    }
    let mut text = sql.to_owned();
    text.replace_range(begin..begin + SUBSCRIBE.len(), &" ".repeat(SUBSCRIBE.len()));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(sql: &str) -> String {
        read(sql).unwrap().statement.to_string()
    }

    #[test]
    fn a_query_has_one_name_however_it_is_written() {
        let name = named("SELECT person FROM scans WHERE venue = 'x'");
        for other in [
            "select person from scans where venue='x'",
            "SUBSCRIBE (SELECT person FROM scans WHERE venue = 'x')",
            "  subscribe SELECT person\nFROM scans WHERE venue = 'x';",
            "((SELECT person FROM scans WHERE venue = 'x'))",
            "-- live\n/* SUBSCRIBE */ SUBSCRIBE (SELECT person FROM scans WHERE venue = 'x')",
        ] {
            assert_eq!(named(other).to_lowercase(), name.to_lowercase(), "{other}");
        }
        assert_eq!(named("SUBSCRIBE ((SELECT 1) LIMIT 1)"), named("(SELECT 1) LIMIT 1"));
    }

    #[test]
    fn an_error_says_its_place_in_the_text_as_it_came() {
        let error = read("SUBSCRIBE (SELECT person FROM)").unwrap_err();
        assert_eq!((error.line, error.column), (Some(1), Some(30)), "{error}");
    }

    #[test]
    fn what_is_no_select_is_refused() {
        assert_eq!(read("SHOW TABLES").unwrap_err().kind, SqlErrorKind::Wrong);
        assert_eq!(read("DELETE FROM scans").unwrap_err().kind, SqlErrorKind::ReadOnly);
    }
}
