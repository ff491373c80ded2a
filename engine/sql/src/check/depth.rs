//! How deep a statement may become, before it is parsed: `a + a + …` is a tree as deep as it is long, and what walks it,
//! down to its end, does so on the stack of a thread.

use crate::error::{SqlError, SqlErrorKind};
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

/// Operators and words of SQL one after another without a comma, those around them counted: no tree is deeper. Planning
/// takes longer with the square of it (2,000: some seconds).
const DEPTH_MAX: usize = 2_000;
/// Bytes of the stack of threads that parse, plan or run statements: 16 KiB for each step down.
pub const STACK_BYTES: usize = 32 << 20;

/// Checks how deep a text of SQL may become; one that is no SQL is for the parser to refuse.
///
/// # Errors
/// It may become too deep.
pub fn check(sql: &str) -> Result<(), SqlError> {
    let Ok(tokens) = Tokenizer::new(&PostgreSqlDialect {}, sql).tokenize() else { return Ok(()) };
    // What each pair of brackets that is open has so far since its last comma, and all together.
    let (mut open, mut all) = (vec![0_usize], 0_usize);
    for token in tokens {
        let steps = steps(&token);
        all += steps;
        if all > DEPTH_MAX {
            let message =
                format!("the statement has more than {DEPTH_MAX} operators and words of SQL without a comma");
            let hint = "use IN (…), a table of VALUES, or several statements".to_owned();
            return Err(SqlError::bound(SqlErrorKind::Wrong, "statement_depth", message).hint(Some(hint)));
        }
        if let Some(last) = open.last_mut() {
            *last += steps;
        }
        match token {
            Token::LParen | Token::LBracket | Token::LBrace => open.push(0),
            Token::RParen | Token::RBracket | Token::RBrace if open.len() > 1 => {
                all -= open.pop().unwrap_or(0);
            }
            Token::Comma | Token::SemiColon => all -= open.last_mut().map_or(0, std::mem::take),
            _ => {}
        }
    }
    Ok(())
}

/// Whether a token can put what is before it a step deeper.
fn steps(token: &Token) -> usize {
    let is_flat = match token {
        Token::Word(word) => word.keyword == Keyword::NoKeyword,
        Token::Whitespace(_) | Token::Number(..) | Token::SingleQuotedString(_) => true,
        Token::LParen | Token::RParen | Token::RBracket | Token::LBrace | Token::RBrace => true,
        Token::Comma | Token::SemiColon | Token::Period | Token::EOF => true,
        _ => false,
    };
    usize::from(!is_flat)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_refused(sql: &str) -> bool {
        check(sql).is_err_and(|error| error.bound == Some("statement_depth"))
    }

    #[test]
    fn a_statement_that_would_become_too_deep_is_refused_in_whatever_way() {
        let of = |begin: &str, part: &str, n: usize| format!("SELECT {begin}{}", part.repeat(n));
        for (begin, part) in [
            ("1", " + 1"),
            ("'a'", " || 'a'"),
            ("x", "::text"),
            ("x", "[1]"),
            ("x", " IS NULL"),
            ("1", " UNION ALL SELECT 1"),
            ("", "- "),
            ("f(1, 2) ", "+ f(1, 2) "),
        ] {
            assert!(is_refused(&of(begin, part, 4_000)), "{part}");
            assert!(!is_refused(&of(begin, part, 600)), "{part}");
        }
        let around = format!("SELECT 1{} + (SELECT 2{})", " + 1".repeat(1_500), " + 2".repeat(1_500));
        assert!(is_refused(&around));
    }

    #[test]
    fn a_long_list_is_not_deep() {
        let values: Vec<String> = (0..40_000).map(|n| format!("-{n}")).collect();
        assert!(!is_refused(&format!("SELECT 1 WHERE n IN ({})", values.join(", "))));
        let rows = vec!["(1 + 1, 'a' || 'b')"; 4_000].join(", ");
        assert!(!is_refused(&format!("SELECT * FROM (VALUES {rows}) AS t(a, b)")));
        let columns = vec!["CASE WHEN a = 1 THEN 'x' ELSE 'y' END"; 1_600].join(", ");
        assert!(!is_refused(&format!("SELECT {columns} FROM t; SELECT {columns} FROM t")));
        assert!(!is_refused("SELECT ) ] , 'unfinished"));
    }
}
