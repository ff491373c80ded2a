//! What can go wrong with a statement, in words a person can act on.

use crate::functions_of_city::TABLE_FUNCTIONS;
use crate::history;
use datafusion::common::{DataFusionError, SchemaError};
use datafusion::sql::sqlparser::parser::ParserError;
use vonglau_dashboard::port::Unavailable;

/// Two names so alike (Jaro-Winkler) that one may be meant for the other.
const ALIKE_MIN: f64 = 0.77;

/// Of which kind an error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqlErrorKind {
    /// The statement is not SQL.
    Syntax,
    /// A table that is not there.
    Table,
    /// A column that is not there.
    Column,
    /// A function that is not there.
    Function,
    /// Anything else that is wrong with the statement or with the values it meets.
    Wrong,
    /// It would write.
    ReadOnly,
    /// It took longer than it may.
    Timeout,
    /// It needed more memory than there is for statements.
    Memory,
    /// Too many at once.
    TooMany,
    /// The engine cannot answer now.
    Unavailable,
    /// A fault of ours.
    Internal,
}

/// Why a statement gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SqlError {
    pub kind: SqlErrorKind,
    /// What happened and what to do.
    pub message: String,
    /// Where in the statement, from 1.
    pub line: Option<u64>,
    pub column: Option<u64>,
    /// What may be meant instead.
    pub hint: Option<String>,
    /// The name of the bound that was hit.
    pub bound: Option<&'static str>,
    /// What is wrong, as it stands in the statement.
    word: Option<Box<str>>,
}

impl SqlError {
    /// An error without a place.
    pub fn new(kind: SqlErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), line: None, column: None, hint: None, bound: None, word: None }
    }

    /// A bound was hit.
    pub fn bound(kind: SqlErrorKind, bound: &'static str, message: impl Into<String>) -> Self {
        Self { bound: Some(bound), ..Self::new(kind, message) }
    }

    /// With what may be meant.
    #[must_use]
    pub fn hint(self, hint: Option<String>) -> Self {
        Self { hint, ..self }
    }

    /// At a place of the statement, from 1.
    #[must_use]
    pub fn at(self, line: u64, column: u64) -> Self {
        let known = line > 0 && column > 0;
        Self { line: known.then_some(line), column: known.then_some(column), ..self }
    }

    /// Where that word stands, there it is wrong.
    #[must_use]
    pub fn word(self, word: &str) -> Self {
        Self { word: Some(word.into()), ..self }
    }

    /// With the place of what is wrong in the statement, where it has none yet.
    #[must_use]
    pub fn placed(self, sql: &str) -> Self {
        let is_unfinished = self.kind == SqlErrorKind::Syntax && self.message.ends_with("found: EOF");
        let place = match &self.word {
            _ if self.line.is_some() => None,
            Some(word) => place_of(word, sql),
            None => is_unfinished.then_some(sql.trim_end().len()),
        };
        let Some(before) = place.and_then(|place| sql.get(..place)) else { return self };
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
        let number = |n: usize| u64::try_from(n).unwrap_or(0);
        self.at(number(line), number(column))
    }

    /// The statement is no SQL.
    pub fn syntax(error: &ParserError) -> Self {
        let text = match error {
            ParserError::TokenizerError(text) | ParserError::ParserError(text) => text.clone(),
            ParserError::RecursionLimitExceeded => "the statement is nested too deep".to_owned(),
        };
        let (message, place) = split_place(&text);
        let error = Self::new(SqlErrorKind::Syntax, message);
        place.map_or_else(|| error.clone(), |(line, column)| error.clone().at(line, column))
    }

    /// What DataFusion says, read; `tables` are the names there are.
    pub fn of(error: &DataFusionError, tables: &[String]) -> Self {
        let place = error.diagnostic().and_then(|diagnostic| diagnostic.span).map(|span| span.start);
        let read = Self::read(error, tables);
        match place {
            Some(place) if read.line.is_none() => read.at(place.line, place.column),
            _ => read,
        }
    }

    fn read(error: &DataFusionError, tables: &[String]) -> Self {
        if let Some(why) = history::failed_reading(error) {
            return Self::new(SqlErrorKind::Unavailable, format!("the archive could not be read: {why}"));
        }
        match error.find_root() {
            DataFusionError::SQL(error, _) => Self::syntax(error),
            DataFusionError::ResourcesExhausted(_) => Self::bound(
                SqlErrorKind::Memory,
                "memory_mib",
                "the statement needs more memory than is left for statements ([sql] memory_mib); ask for fewer rows \
                 or columns, a shorter time, or group by less",
            ),
            DataFusionError::SchemaError(schema, _) => Self::of_schema(schema),
            DataFusionError::External(error) => match error.downcast_ref::<Self>() {
                Some(error) => error.clone(),
                None => Self::new(SqlErrorKind::Wrong, error.to_string()),
            },
            DataFusionError::Internal(text) => Self::new(
                SqlErrorKind::Internal,
                format!("the statement cannot be run: {}; please tell us", first_line(text)),
            ),
            DataFusionError::Plan(text) => Self::of_plan(text, tables),
            DataFusionError::NotImplemented(text) if text.contains("logical expression Exists") => Self::new(
                SqlErrorKind::Wrong,
                "EXISTS about each row can stand in WHERE only; join, or count in a subquery",
            ),
            other => {
                let text = first_line(&other.strip_backtrace());
                let ours =
                    ["Arrow error: ", "Execution error: ", "Error during planning: ", "External error: "];
                let bare = ours.iter().fold(text.as_str(), |text, word| text.trim_start_matches(word));
                Self::new(SqlErrorKind::Wrong, bare)
            }
        }
    }

    fn of_schema(error: &SchemaError) -> Self {
        match error {
            SchemaError::FieldNotFound { field, valid_fields } => {
                // Of a sort by what is selected and by what is read, each column comes twice.
                let mut names: Vec<String> = Vec::new();
                for held in valid_fields {
                    if !names.contains(&held.name) {
                        names.push(held.name.clone());
                    }
                }
                let message = format!("there is no column {}", field.name);
                let hint = alike(&field.name, &names, "columns");
                Self::new(SqlErrorKind::Column, message).hint(hint).word(&field.name)
            }
            SchemaError::AmbiguousReference { field } => {
                let message = format!("the column {} is in several tables", field.name);
                let hint = "write its table before it: table.column".to_owned();
                Self::new(SqlErrorKind::Column, message).hint(Some(hint)).word(&field.name)
            }
            other => Self::new(SqlErrorKind::Wrong, other.to_string()),
        }
    }

    fn of_plan(text: &str, tables: &[String]) -> Self {
        let named = |before: &str| {
            let rest = text.strip_prefix(before)?;
            rest.split('\'').next().map(|name| name.rsplit('.').next().unwrap_or(name).to_owned())
        };
        if let Some(name) = named("table '") {
            let message = format!("there is no table {name}");
            return Self::new(SqlErrorKind::Table, message).hint(alike(&name, tables, "tables")).word(&name);
        }
        if let Some(name) = named("table function '") {
            let known = TABLE_FUNCTIONS.iter().chain(&["generate_series", "range"]);
            let known: Vec<String> = known.map(|name| (*name).to_owned()).collect();
            let message = format!("there is no table function {name}");
            let hint = alike(&name, &known, "table functions");
            return Self::new(SqlErrorKind::Function, message).hint(hint).word(&name);
        }
        if let Some(name) = named("Invalid function '") {
            let meant = text.split("Did you mean '").nth(1).and_then(|rest| rest.split('\'').next());
            let hint = meant.map(|meant| format!("did you mean {meant}?"));
            return Self::new(SqlErrorKind::Function, format!("there is no function {name}"))
                .hint(hint)
                .word(&name);
        }
        // What a function of ours says of its arguments is worth more than what is said around it.
        let said = text.split_once("coercion failed with: Error during planning: ").map(|(_, said)| said);
        let said = said.and_then(|said| said.split(". No function matches").next());
        let text = said.unwrap_or(text);
        let error = Self::new(SqlErrorKind::Wrong, first_line(text));
        match function_in(text) {
            Some(name) => error.word(name),
            None => error,
        }
    }
}

impl From<Unavailable> for SqlError {
    fn from(unavailable: Unavailable) -> Self {
        Self::new(SqlErrorKind::Unavailable, unavailable.reason)
    }
}

/// Takes `… at Line: 3, Column: 7` off the end of a message.
fn split_place(text: &str) -> (String, Option<(u64, u64)>) {
    let Some((message, place)) = text.rsplit_once(" at Line: ") else { return (text.to_owned(), None) };
    let numbers = place.split_once(", Column: ").and_then(|(line, column)| {
        let column: String = column.chars().take_while(char::is_ascii_digit).collect();
        Some((line.parse().ok()?, column.parse().ok()?))
    });
    (message.to_owned(), numbers)
}

/// The function of which a message says that it is called wrongly: `argument 1 (lat) of h3_cell is …`, `h3_cell takes …`,
/// `… a call to 'abs' function …`.
fn function_in(text: &str) -> Option<&str> {
    let after = |before: &str| text.split_once(before).map(|(_, rest)| rest);
    let of = after(") of ").filter(|_| text.starts_with("argument "));
    let takes = text.split_once(" takes ").is_some_and(|(first, _)| !first.contains(' ')).then_some(text);
    let named = || ["a call to '", "Function '", "function '"].into_iter().find_map(after);
    let rest = of.or(takes).or_else(named)?;
    rest.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
        .next()
        .filter(|name| !name.is_empty())
}

/// A statement with blanks in place of its comments and texts, byte by byte.
fn without_texts(sql: &str) -> String {
    let ends = [("--", "\n"), ("/*", "*/"), ("'", "'")];
    let (mut bare, mut rest) = (String::with_capacity(sql.len()), sql);
    while let Some(letter) = rest.chars().next() {
        let begun = ends.iter().find(|(begin, _)| rest.starts_with(begin));
        let length = match begun {
            Some((begin, end)) => {
                let inner = rest[begin.len()..].find(end);
                inner.map_or_else(|| rest.len(), |inner| begin.len() + inner + end.len())
            }
            None => letter.len_utf8(),
        };
        let (taken, after) = rest.split_at(length);
        match begun {
            Some(_) => bare.extend(std::iter::repeat_n(' ', length)),
            None => bare.push_str(taken),
        }
        rest = after;
    }
    bare
}

/// Where a word begins in a statement.
fn place_of(word: &str, sql: &str) -> Option<usize> {
    let (word, sql) = (word.to_ascii_lowercase(), without_texts(sql).to_ascii_lowercase());
    let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
    let stands_alone = |place: &usize| {
        !sql[..*place].ends_with(is_letter) && !sql[place + word.len()..].starts_with(is_letter)
    };
    sql.match_indices(&word).map(|(place, _)| place).find(stands_alone)
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim_end_matches('.').to_owned()
}

/// What may be meant by a name that is not there: one much like it, or one of whose words it is (`at`: `scanned_at`).
fn alike(name: &str, names: &[String], what: &str) -> Option<String> {
    let name = name.to_lowercase();
    let likeness = |held: &String| {
        let held = held.to_lowercase();
        let letters = strsim::jaro_winkler(&name, &held);
        if held.split('_').any(|word| word == name) { letters.max(ALIKE_MIN) } else { letters }
    };
    let best = names.iter().map(|held| (likeness(held), held)).max_by(|a, b| a.0.total_cmp(&b.0));
    match best {
        Some((likeness, best)) if likeness >= ALIKE_MIN => Some(format!("did you mean {best}?")),
        Some(_) if names.len() <= 40 => Some(format!("the {what} are {}", names.join(", "))),
        _ => None,
    }
}
