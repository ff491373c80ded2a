//! What a client may send: statements that read, and those that only concern the session.

use super::copy::{CopyFormat, copy_format};
use super::errors::{error, hinted, of, state};
use super::rewrite::rewrite;
use super::system::CANONICAL;
use crate::check::check_text;
use crate::error::SqlError;
use datafusion::sql::sqlparser::ast::{
    CloseCursor, ContextModifier, CopySource, CopyTarget, Declare, Expr, FetchDirection, ObjectName, Reset,
    ResetStatement, Set, ShowStatementFilter, ShowStatementFilterPosition, ShowStatementOptions, Statement,
    TransactionAccessMode, TransactionIsolationLevel, TransactionMode, Value,
};
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::parser::Parser;
use datafusion_postgres::datafusion_pg_catalog::sql::PostgresCompatibilityParser;
use datafusion_postgres::pgwire::error::PgWireResult;
use std::fmt;

/// A statement by what is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Give rows.
    Read(Box<Statement>),
    /// Give rows as text or CSV.
    Copy(Box<Statement>, CopyFormat),
    /// Settings; None: to what they were at the start.
    Set(Vec<(String, Option<String>)>),
    Reset,
    Show(String),
    ShowAll,
    /// Says something about the transaction that cannot be so.
    Begin(Option<&'static str>),
    Remark(&'static str, &'static str),
    Commit,
    Rollback,
    /// Savepoints have nothing to save: only the word to answer with.
    Savepoint(&'static str),
    BackToSavepoint,
    Declare {
        name: String,
        read: Box<Statement>,
        /// Lives on after the transaction.
        hold: bool,
    },
    /// None: all the rest.
    Fetch {
        name: String,
        rows: Option<usize>,
    },
    /// None: all of them.
    CloseCursor(Option<String>),
    Deallocate(Option<String>),
    DiscardAll,
    /// Nothing to do but to answer with this word.
    Nothing(&'static str),
}

/// Reads statements; keeps the rules by which catalog queries of tools are made ready for the planner.
pub struct Reader {
    compatible: PostgresCompatibilityParser,
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").finish_non_exhaustive()
    }
}

impl Reader {
    pub fn new() -> Self {
        Self { compatible: PostgresCompatibilityParser::new() }
    }

    /// The statements of a text.
    ///
    /// # Errors
    /// It is no SQL, with the place; or a statement would write.
    pub fn read(&self, text: &str) -> PgWireResult<Vec<Action>> {
        check_text(text).map_err(|error| of(error, text))?;
        let is_catalog = text.contains("pg_") || text.contains("information_schema");
        let plain = Parser::new(&PostgreSqlDialect {})
            .try_with_sql(text)
            .and_then(|mut parser| parser.parse_statements());
        // Queries of the system catalog come from tools, some word for word from a list that is replaced token by
        // token. All others keep the places of their words, so that errors can point at them.
        let statements = match plain {
            Ok(statements) if !is_catalog => statements
                .into_iter()
                .map(|mut statement| {
                    rewrite(&mut statement, false);
                    self.compatible.rewrite(statement)
                })
                .collect(),
            Ok(_) => {
                let parsed = self.compatible.parse(&plain_names(text));
                parsed.map_err(|error| of(SqlError::syntax(&error), text))?
            }
            Err(plain) => match self.compatible.parse(text) {
                Ok(statements) if !statements.is_empty() => statements,
                _ => return Err(of(SqlError::syntax(&plain), text)),
            },
        };
        let again = |mut statement| {
            rewrite(&mut statement, is_catalog);
            action(statement)
        };
        statements.into_iter().map(again).collect()
    }
}

/// Names that are numbers in the catalog, and names of functions that are text there where drivers write a number.
fn plain_names(text: &str) -> String {
    let mut text = text.replace("::pg_catalog.reg", "::reg");
    for path in ["", "pg_catalog."] {
        text = text.replace(&format!("'{path}array_in'::regproc"), "'array_in'");
        for (name, number) in CANONICAL {
            text = text.replace(&format!("'{path}{name}'::regclass"), &number.to_string());
        }
    }
    text
}

fn action(statement: Statement) -> PgWireResult<Action> {
    Ok(match statement {
        Statement::Set(set) => return set_action(set),
        Statement::Reset(ResetStatement { reset: Reset::ALL }) => Action::Reset,
        Statement::Reset(ResetStatement { reset: Reset::ConfigurationParameter(name) }) => {
            Action::Set(vec![(name.to_string(), None)])
        }
        Statement::ShowVariable { variable } => {
            let words: Vec<String> = variable.into_iter().map(|word| word.value.to_lowercase()).collect();
            match words.join(" ").as_str() {
                "all" => Action::ShowAll,
                "time zone" => Action::Show("timezone".to_owned()),
                "transaction isolation level" => Action::Show("transaction_isolation".to_owned()),
                name => Action::Show(name.to_owned()),
            }
        }
        Statement::ExplainTable { table_name, .. } => Action::Read(Box::new(show_columns(&table_name)?)),
        Statement::ShowTables { show_options, .. } => Action::Read(Box::new(show_tables(&show_options)?)),
        Statement::StartTransaction { modes, .. } => begin(&modes)?,
        Statement::Commit { .. } => Action::Commit,
        Statement::Rollback { savepoint: Some(_), .. } => Action::BackToSavepoint,
        Statement::Rollback { .. } => Action::Rollback,
        Statement::Savepoint { .. } => Action::Savepoint("SAVEPOINT"),
        Statement::ReleaseSavepoint { .. } => Action::Savepoint("RELEASE"),
        Statement::Declare { stmts } => declare(stmts)?,
        Statement::Fetch { name, direction, .. } => {
            Action::Fetch { name: name.value, rows: fetch_rows(&direction)? }
        }
        Statement::Close { cursor: CloseCursor::All } => Action::CloseCursor(None),
        Statement::Close { cursor: CloseCursor::Specific { name } } => Action::CloseCursor(Some(name.value)),
        Statement::Deallocate { name, .. } => {
            Action::Deallocate(Some(name.value).filter(|name| !name.eq_ignore_ascii_case("all")))
        }
        Statement::Discard { .. } => Action::DiscardAll,
        Statement::UNLISTEN { .. } => Action::Nothing("UNLISTEN"),
        Statement::Copy { source, to: true, target: CopyTarget::Stdout, options, legacy_options, .. } => {
            Action::Copy(Box::new(copied(source)?), copy_format(&options, &legacy_options)?)
        }
        other => Action::Read(Box::new(other)),
    })
}

fn set_action(set: Set) -> PgWireResult<Action> {
    let one = |name: String, values: &[Expr]| {
        let words: Vec<String> = values.iter().map(word).collect();
        let value = Some(words.join(", ")).filter(|value| !value.eq_ignore_ascii_case("default"));
        (name, value)
    };
    Ok(match set {
        Set::SingleAssignment { scope: Some(ContextModifier::Global), .. } => {
            return Err(error(state::NOT_SUPPORTED, "settings are of the session only"));
        }
        Set::SingleAssignment { variable, values, .. } => {
            Action::Set(vec![one(variable.to_string().replace('"', ""), &values)])
        }
        Set::SetTimeZone { value, .. } => Action::Set(vec![one("timezone".to_owned(), &[value])]),
        Set::SetNames { charset_name, .. } => {
            Action::Set(vec![("client_encoding".to_owned(), Some(charset_name.value))])
        }
        Set::SetTransaction { modes, session, .. } => match begin(&modes) {
            // For later transactions a driver may ask anything: they stay what they are.
            Err(_) | Ok(Action::Begin(Some(_))) if session => Action::Remark("SET", ONE_MOMENT),
            Ok(Action::Begin(remark)) => {
                remark.map_or(Action::Nothing("SET"), |told| Action::Remark("SET", told))
            }
            Ok(_) => Action::Nothing("SET"),
            Err(error) => return Err(error),
        },
        Set::SetRole { role_name: None, .. } | Set::SetNamesDefault {} => Action::Nothing("SET"),
        other => return Err(error(state::NOT_SUPPORTED, format!("SET {other} is not possible here"))),
    })
}

/// A value of `SET` without its quotes.
fn word(expr: &Expr) -> String {
    match expr {
        Expr::Value(value) => value.value.clone().into_string().unwrap_or_else(|| value.value.to_string()),
        Expr::Identifier(ident) => ident.value.clone(),
        other => other.to_string().trim_matches('\'').to_owned(),
    }
}

const ONE_MOMENT: &str = "every statement sees one moment of its own and only reads";

fn begin(modes: &[TransactionMode]) -> PgWireResult<Action> {
    let mut remark = None;
    for mode in modes {
        match mode {
            TransactionMode::AccessMode(TransactionAccessMode::ReadWrite) => {
                let hint = "leave READ WRITE out, or write READ ONLY";
                return Err(hinted(state::READ_ONLY, "transactions are read-only here", hint));
            }
            TransactionMode::IsolationLevel(
                TransactionIsolationLevel::RepeatableRead
                | TransactionIsolationLevel::Serializable
                | TransactionIsolationLevel::Snapshot,
            ) => remark = Some(ONE_MOMENT),
            TransactionMode::AccessMode(_) | TransactionMode::IsolationLevel(_) => {}
        }
    }
    Ok(Action::Begin(remark))
}

fn declare(stmts: Vec<Declare>) -> PgWireResult<Action> {
    let wrong = || error(state::SYNTAX, "write DECLARE name CURSOR FOR SELECT …");
    let [Declare { names, for_query: Some(query), hold, scroll, .. }] =
        <[Declare; 1]>::try_from(stmts).map_err(|_several| wrong())?
    else {
        return Err(wrong());
    };
    let [name] = names.as_slice() else { return Err(wrong()) };
    if scroll == Some(true) {
        let hint = "leave SCROLL out; cursors go forward";
        return Err(hinted(state::NOT_SUPPORTED, "cursors cannot go back", hint));
    }
    let read = Box::new(Statement::Query(query));
    Ok(Action::Declare { name: name.value.clone(), read, hold: hold == Some(true) })
}

/// How many rows; None: all the rest.
fn fetch_rows(direction: &FetchDirection) -> PgWireResult<Option<usize>> {
    let number = |value: &Value| match value {
        Value::Number(text, _) => text.parse::<usize>().ok(),
        _ => None,
    };
    let back = || hinted(state::NOT_SUPPORTED, "cursors only go forward", "write FETCH FORWARD n FROM name");
    match direction {
        FetchDirection::Next | FetchDirection::Forward { limit: None } => Ok(Some(1)),
        FetchDirection::All | FetchDirection::ForwardAll => Ok(None),
        FetchDirection::Count { limit } | FetchDirection::Forward { limit: Some(limit) } => {
            number(&limit.value).map(Some).ok_or_else(back)
        }
        _ => Err(back()),
    }
}

fn copied(source: CopySource) -> PgWireResult<Statement> {
    match source {
        CopySource::Query(query) => Ok(Statement::Query(query)),
        CopySource::Table { table_name, columns } => {
            let columns: Vec<String> = columns.iter().map(ToString::to_string).collect();
            let columns = if columns.is_empty() { "*".to_owned() } else { columns.join(", ") };
            one(&format!("SELECT {columns} FROM {table_name}"))
        }
    }
}

fn show_tables(options: &ShowStatementOptions) -> PgWireResult<Statement> {
    use ShowStatementFilterPosition::{Infix, Suffix};
    let filter = match &options.filter_position {
        None => String::new(),
        Some(Infix(ShowStatementFilter::Like(like)) | Suffix(ShowStatementFilter::Like(like))) => {
            format!(" AND table_name LIKE '{}'", like.replace('\'', "''"))
        }
        Some(_) => {
            return Err(error(state::NOT_SUPPORTED, "write SHOW TABLES or SHOW TABLES LIKE 'pattern'"));
        }
    };
    one(&format!(
        "SELECT table_name, comment FROM information_schema.tables WHERE table_schema = 'public'{filter} ORDER BY 1"
    ))
}

fn show_columns(table: &ObjectName) -> PgWireResult<Statement> {
    let name =
        table.0.last().map(ToString::to_string).unwrap_or_default().replace('"', "").replace('\'', "''");
    one(&format!(
        "SELECT column_name, data_type, comment FROM information_schema.columns WHERE table_name = '{name}' \
         ORDER BY ordinal_position"
    ))
}

/// The one statement of a text of ours.
fn one(text: &str) -> PgWireResult<Statement> {
    let statements = Parser::parse_sql(&PostgreSqlDialect {}, text);
    let statements = statements.map_err(|error| of(SqlError::syntax(&error), text))?;
    let statement = statements.into_iter().next();
    statement.ok_or_else(|| error(state::INTERNAL, "a statement of ours is empty; please tell us"))
}

/// The query that is read, where there is one.
pub fn read_of(action: &mut Action) -> Option<&mut Statement> {
    match action {
        Action::Read(statement) | Action::Copy(statement, _) | Action::Declare { read: statement, .. } => {
            Some(statement)
        }
        _ => None,
    }
}

/// The words before the number of rows in the answer.
pub fn tag_of(statement: &Statement) -> &'static str {
    match statement {
        Statement::Explain { .. } | Statement::ExplainTable { .. } => "EXPLAIN",
        Statement::ShowColumns { .. } => "SHOW",
        _ => "SELECT",
    }
}
