//! The shell on a terminal.

use super::catalog::Catalog;
use super::commands::Meta;
use super::complete::complete;
use super::failure::Failure;
use super::history;
use super::output::Sink;
use super::session::{Session, Terminal};
use super::statement::{is_complete, split};
use super::tongue::Tongue;
use crate::simulate::say;
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Config, Context, Editor, Helper};
use std::path::PathBuf;

const PROMPT: &str = "vonglau> ";

/// What the editor is told of SQL.
#[derive(Debug)]
struct Sql {
    catalog: Catalog,
}

impl Completer for Sql {
    type Candidate = String;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(complete(&self.catalog, line, pos))
    }
}

impl Validator for Sql {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let text = context.input();
        let is_whole = Meta::read(text).is_some() || is_complete(text);
        Ok(if is_whole { ValidationResult::Valid(None) } else { ValidationResult::Incomplete })
    }
}

impl Hinter for Sql {
    type Hint = String;
}

impl Highlighter for Sql {}

impl Helper for Sql {}

type Line = Editor<Sql, DefaultHistory>;

/// The shell.
struct Shell {
    session: Session,
    tongue: Tongue,
    line: Line,
    history: Option<PathBuf>,
    /// Where the next answer goes.
    next: Option<PathBuf>,
}

/// Runs until the user leaves.
///
/// # Errors
/// The service cannot be reached at the start, or the terminal cannot be read.
pub async fn run(session: Session, tongue: Tongue) -> Result<(), Failure> {
    let catalog = session.client.catalog().await?;
    let tables = catalog.tables.len();
    let mut line = editor().map_err(|error| terminal_failed(&error))?;
    line.set_helper(Some(Sql { catalog }));
    let history = load_history(&mut line);
    let base = session.client.base();
    say(&format!(
        "Vọng Lâu · SQL · {base} · {tables} bảng · tables · \\? trợ giúp · help · \\q thoát · leave"
    ));
    Shell { session, tongue, line, history, next: None }.run().await
}

/// Columns of the terminal that stdout is.
pub fn terminal_columns() -> Option<usize> {
    let mut line = editor().ok()?;
    line.dimensions().map(|(columns, _)| usize::from(columns))
}

fn editor() -> rustyline::Result<Line> {
    let config = Config::builder().completion_type(CompletionType::List).history_ignore_space(true);
    Editor::with_config(config.max_history_size(history::MAX)?.build())
}

/// Loads what was asked before; the shell goes on without, and says so.
fn load_history(line: &mut Line) -> Option<PathBuf> {
    let path = history::path()?;
    let loaded = history::make_folder(&path)
        .map_err(ReadlineError::Io)
        .and_then(|()| if path.exists() { line.load_history(&path) } else { Ok(()) });
    match loaded {
        Ok(()) => Some(path),
        Err(error) => {
            say(&format!("{}: không giữ được lịch sử · no history is kept: {error}", path.display()));
            None
        }
    }
}

fn terminal_failed(error: &ReadlineError) -> Failure {
    Failure::Usage(format!("không đọc được màn hình · the terminal cannot be read: {error}"))
}

impl Shell {
    async fn run(mut self) -> Result<(), Failure> {
        loop {
            match self.line.readline(PROMPT) {
                Ok(text) => {
                    self.remember(&text);
                    if self.obey(&text).await? {
                        return Ok(());
                    }
                }
                Err(ReadlineError::Interrupted) => {}
                Err(ReadlineError::Eof) => return Ok(()),
                Err(error) => return Err(terminal_failed(&error)),
            }
        }
    }

    fn remember(&mut self, text: &str) {
        let added = self.line.add_history_entry(text.trim_end()).is_ok_and(|added| added);
        if added
            && let Some(path) = &self.history
            && let Err(error) = self.line.append_history(path)
        {
            say(&format!("{}: không giữ được lịch sử · no history is kept: {error}", path.display()));
            self.history = None;
        }
    }

    /// Does what a line says; true leaves.
    async fn obey(&mut self, text: &str) -> Result<bool, Failure> {
        self.measure();
        match Meta::read(text) {
            Some(Ok(Meta::Quit)) => return Ok(true),
            Some(Ok(meta)) => self.command(meta).await?,
            Some(Err(wrong)) => say(&wrong),
            None => self.statements(text).await?,
        }
        Ok(false)
    }

    /// The window may have changed.
    fn measure(&mut self) {
        if let (Some(terminal), Some((columns, _))) = (&mut self.session.terminal, self.line.dimensions()) {
            *terminal = Terminal { columns: columns.into(), ..*terminal };
        }
    }

    /// Asks one after the other; the first that fails is the last.
    async fn statements(&mut self, text: &str) -> Result<(), Failure> {
        let columns = self.columns();
        for statement in split(text) {
            let to = self.next.take();
            let asked = async {
                self.session.check(to.is_none(), 1)?;
                let mut sink = Sink::open(to.as_deref())?;
                self.session.run(&statement, &mut sink).await?;
                sink.finish()
            };
            match asked.await {
                Ok(()) => {
                    if let Some(path) = to {
                        say(&format!("→ {}", path.display()));
                    }
                }
                Err(Failure::ReaderGone) => return Err(Failure::ReaderGone),
                Err(failure) => {
                    say(&failure.told(Some(&statement), columns));
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn columns(&self) -> usize {
        self.session.terminal.map_or(super::session::USUAL_COLUMNS, |terminal| terminal.columns)
    }

    async fn command(&mut self, meta: Meta) -> Result<(), Failure> {
        match meta {
            Meta::Timing(on) => {
                self.session.timing = on.unwrap_or(!self.session.timing);
                say(if self.session.timing { "\\timing on" } else { "\\timing off" });
            }
            Meta::Format(format) => {
                self.session.format = format.unwrap_or(self.session.format);
                say(&format!("\\format {}", self.session.format.name()));
            }
            Meta::Output(path) => self.next = path,
            Meta::Quit => {}
            describing => match self.session.client.catalog().await {
                Ok(catalog) => {
                    let told = super::describe(&describing, &catalog, self.tongue);
                    self.line.set_helper(Some(Sql { catalog }));
                    match told {
                        Ok(text) => {
                            Sink::Screen.write(text.as_bytes()).and_then(|()| Sink::Screen.finish())?;
                        }
                        Err(failure) => say(&failure.told(None, self.columns())),
                    }
                }
                Err(failure) => say(&failure.told(None, self.columns())),
            },
        }
        Ok(())
    }
}
