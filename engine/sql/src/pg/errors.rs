//! Errors as PostgreSQL tells them: a state of five letters, a message, a place in the statement, a hint.

use crate::error::{SqlError, SqlErrorKind};
use datafusion_postgres::pgwire::error::{ErrorInfo, PgWireError};

/// States, from the appendix "PostgreSQL Error Codes".
pub mod state {
    pub const PROTOCOL: &str = "08P01";
    pub const NOT_SUPPORTED: &str = "0A000";
    pub const BAD_VALUE: &str = "22023";
    pub const READ_ONLY: &str = "25006";
    pub const NO_TRANSACTION: &str = "25P01";
    pub const TRANSACTION_FAILED: &str = "25P02";
    pub const NO_STATEMENT: &str = "26000";
    pub const NO_CURSOR: &str = "34000";
    pub const NO_DATABASE: &str = "3D000";
    pub const WRONG: &str = "42000";
    pub const SYNTAX: &str = "42601";
    pub const NO_COLUMN: &str = "42703";
    pub const NO_SETTING: &str = "42704";
    pub const NO_FUNCTION: &str = "42883";
    pub const NO_TABLE: &str = "42P01";
    pub const CURSOR_EXISTS: &str = "42P03";
    pub const MEMORY: &str = "53200";
    pub const TOO_MANY: &str = "53300";
    pub const TOO_LARGE: &str = "54000";
    pub const FIXED_SETTING: &str = "55P02";
    pub const CANCELED: &str = "57014";
    pub const STOPPING: &str = "57P01";
    pub const NOT_NOW: &str = "57P03";
    pub const INTERNAL: &str = "XX000";
}

/// An error of the statement.
pub fn error(state: &str, message: impl Into<String>) -> PgWireError {
    told(info("ERROR", state, message))
}

/// An error with what to do.
pub fn hinted(state: &str, message: impl Into<String>, hint: impl Into<String>) -> PgWireError {
    let mut info = info("ERROR", state, message);
    info.hint = Some(hint.into());
    told(info)
}

/// An error that ends the connection.
pub fn fatal(state: &str, message: impl Into<String>, hint: Option<&str>) -> PgWireError {
    let mut info = info("FATAL", state, message);
    info.hint = hint.map(ToOwned::to_owned);
    told(info)
}

/// A remark that is no error.
pub fn remark(severity: &str, message: impl Into<String>) -> ErrorInfo {
    info(severity, "01000", message)
}

/// The server goes down.
pub fn stopping() -> PgWireError {
    fatal(state::STOPPING, "the server is stopping", None)
}

/// An error of ours as the protocol has it; `text` is what the client sent, for the place in it.
pub fn of(error: SqlError, text: &str) -> PgWireError {
    let error = error.placed(text);
    let mut info = info("ERROR", state_of(&error), error.message);
    info.hint = error.hint;
    info.detail = error.bound.map(|bound| format!("the bound is {bound}"));
    info.position = match (error.line, error.column) {
        (Some(line), Some(column)) => position(text, line, column).map(|at| at.to_string()),
        _ => None,
    };
    told(info)
}

fn info(severity: &str, state: &str, message: impl Into<String>) -> ErrorInfo {
    let mut info = ErrorInfo::new(severity.to_owned(), state.to_owned(), message.into());
    info.severity_nonlocalized = Some(severity.to_owned());
    info
}

fn told(info: ErrorInfo) -> PgWireError {
    PgWireError::UserError(Box::new(info))
}

fn state_of(error: &SqlError) -> &'static str {
    match error.kind {
        SqlErrorKind::Syntax => state::SYNTAX,
        SqlErrorKind::Table => state::NO_TABLE,
        SqlErrorKind::Column => state::NO_COLUMN,
        SqlErrorKind::Wrong if error.bound.is_some() => state::TOO_LARGE,
        SqlErrorKind::Function => state::NO_FUNCTION,
        SqlErrorKind::Wrong => state::WRONG,
        SqlErrorKind::ReadOnly => state::READ_ONLY,
        SqlErrorKind::Timeout => state::CANCELED,
        SqlErrorKind::Memory => state::MEMORY,
        SqlErrorKind::TooMany => state::TOO_MANY,
        SqlErrorKind::Unavailable => state::NOT_NOW,
        SqlErrorKind::Internal => state::INTERNAL,
    }
}

/// The character, from 1, at a line and column of a text, both from 1.
fn position(text: &str, line: u64, column: u64) -> Option<u64> {
    let before = usize::try_from(line).ok()?.checked_sub(1)?;
    let mut lines = text.split_inclusive('\n');
    let mut characters = 0;
    for _ in 0..before {
        characters += lines.next()?.chars().count();
    }
    u64::try_from(characters).ok()?.checked_add(column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_in_characters_of_the_whole_text() {
        assert_eq!(position("SELECT 1", 1, 8), Some(8));
        assert_eq!(position("-- Vọng Lâu\nSELECT x", 2, 8), Some(20));
        assert_eq!(position("one line", 3, 1), None);
    }

    #[test]
    fn an_unknown_table_has_its_state_place_and_hint() {
        let error = SqlError::new(SqlErrorKind::Table, "there is no table vists")
            .at(1, 15)
            .hint(Some("did you mean visits?".to_owned()));
        let PgWireError::UserError(info) = of(error, "SELECT * FROM vists") else {
            panic!("it is an error of the user's")
        };
        assert_eq!((info.code.as_str(), info.position.as_deref()), ("42P01", Some("15")));
        assert_eq!(info.hint.as_deref(), Some("did you mean visits?"));
    }
}
