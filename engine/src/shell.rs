//! `vonglau sql`: asks a running service in SQL, from a terminal or a script.
//!
//! It speaks to `POST /api/v1/sql` alone: what it can, any client can.

mod answer;
mod catalog;
mod client;
mod commands;
mod complete;
mod failure;
mod format;
mod history;
mod interactive;
mod keywords;
mod output;
mod session;
mod statement;
mod table;
mod text;
mod tongue;
mod words;

pub use format::Format;

use crate::cli::SqlArgs;
use crate::simulate::say;
use catalog::Catalog;
use client::Client;
use commands::{Meta, help};
use failure::Failure;
use futures_util::future::BoxFuture;
use output::Sink;
use session::{Session, Terminal, USUAL_COLUMNS};
use statement::split;
use std::env;
use std::fs;
use std::io::{IsTerminal as _, Read as _, stdin, stdout};
use std::path::Path;
use std::process::ExitCode;
use tongue::Tongue;

/// Runs `vonglau sql`: gives 0 if all was answered, 1 if a statement was refused, 2 if it could not run.
pub fn run(args: SqlArgs) -> BoxFuture<'static, ExitCode> {
    Box::pin(async move {
        let columns = interactive::terminal_columns();
        match asked(args, columns).await {
            Ok(()) => ExitCode::SUCCESS,
            Err((failure, told)) => {
                if !told.is_empty() {
                    say(&told);
                }
                ExitCode::from(failure.code())
            }
        }
    })
}

/// A failure with what is to be told of it.
type Told = (Failure, String);

fn untold(failure: Failure) -> Told {
    let told = failure.told(None, USUAL_COLUMNS);
    (failure, told)
}

async fn asked(args: SqlArgs, columns: Option<usize>) -> Result<(), Told> {
    let tongue = Tongue::of_environment();
    let session = session(&args, columns).map_err(untold)?;
    let from_terminal = args.command.is_none() && args.file.is_none() && stdin().is_terminal();
    if from_terminal {
        if args.output.is_some() {
            return Err(untold(Failure::Usage(
                "-o cần -c hay -f; trong dòng lệnh hãy dùng \\o · -o needs -c or -f; in the shell use \\o"
                    .to_owned(),
            )));
        }
        return interactive::run(session, tongue).await.map_err(untold);
    }
    let text = match args.command {
        Some(text) => text,
        None => read(args.file.as_deref()).map_err(untold)?,
    };
    match Meta::read(&text) {
        Some(meta) => command(meta, &session, tongue, args.output.as_deref()).await.map_err(untold),
        None => batch(&session, &text, args.output.as_deref()).await,
    }
}

fn session(args: &SqlArgs, columns: Option<usize>) -> Result<Session, Failure> {
    let is_plain = env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty())
        || env::var_os("TERM").is_none_or(|term| term == "dumb");
    let terminal = stdout()
        .is_terminal()
        .then(|| Terminal { columns: columns.unwrap_or(USUAL_COLUMNS), styled: !is_plain });
    let usual = if terminal.is_some() && args.output.is_none() { Format::Table } else { Format::Csv };
    Ok(Session {
        client: Client::new(&args.to)?,
        format: args.format.unwrap_or(usual),
        terminal,
        timing: true,
    })
}

/// A file of statements; without one, or with `-`, what comes on stdin.
fn read(path: Option<&Path>) -> Result<String, Failure> {
    let named = path.filter(|path| *path != Path::new("-"));
    let text = if let Some(path) = named {
        fs::read_to_string(path)
    } else {
        let mut text = String::new();
        stdin().read_to_string(&mut text).map(|_| text)
    };
    let text = text.map_err(|source| Failure::File {
        path: named.map_or_else(|| "stdin".to_owned(), |path| path.display().to_string()),
        source,
    })?;
    // A mark that some editors put before the text.
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// Asks all statements of a text into one place; the first that fails is the last.
async fn batch(session: &Session, text: &str, output: Option<&Path>) -> Result<(), Told> {
    let statements = split(text);
    if statements.is_empty() {
        return Err(untold(Failure::Usage("không có câu SQL nào · there is no statement".to_owned())));
    }
    session.check(output.is_none(), statements.len()).map_err(untold)?;
    let mut sink = Sink::open(output).map_err(untold)?;
    for (n, statement) in statements.iter().enumerate() {
        if n > 0 && matches!(session.format, Format::Table | Format::Csv) {
            sink.write(b"\n").map_err(untold)?;
        }
        if let Err(failure) = session.run(statement, &mut sink).await {
            let columns = session.terminal.map_or(USUAL_COLUMNS, |terminal| terminal.columns);
            let told = failure.told(Some(statement), columns);
            return Err((failure, told));
        }
    }
    sink.finish().map_err(untold)
}

/// A command of the shell that describes something.
async fn command(
    meta: Result<Meta, String>,
    session: &Session,
    tongue: Tongue,
    output: Option<&Path>,
) -> Result<(), Failure> {
    let meta = meta.map_err(Failure::Usage)?;
    let text = describe(&meta, &session.client.catalog().await?, tongue)?;
    let mut sink = Sink::open(output)?;
    sink.write(text.as_bytes())?;
    sink.finish()
}

/// What a command describes; nothing for one that only changes the shell.
fn describe(meta: &Meta, catalog: &Catalog, tongue: Tongue) -> Result<String, Failure> {
    Ok(match meta {
        Meta::Tables(word) => catalog.tables_told(word.as_deref(), tongue),
        Meta::Table(name) => catalog.table_told(name, tongue).ok_or_else(|| {
            Failure::Usage(format!(
                "không có bảng {name}; \\d để xem · there is no table {name}; \\d lists them"
            ))
        })?,
        Meta::Functions(word) => catalog.functions_told(word.as_deref(), tongue),
        Meta::Help => help(tongue).to_owned(),
        Meta::Timing(_) | Meta::Format(_) | Meta::Output(_) | Meta::Quit => String::new(),
    })
}
