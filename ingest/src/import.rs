//! `vonglau import`: files of events to a gateway, with a report of what was refused and why.
//!
//! Rows are only put into JSON here; what is right and wrong is for the gateway to say, as for everybody.

mod report;
mod rows;
mod send;

use futures_util::future::BoxFuture;
use indicatif::{ProgressBar, ProgressStyle};
use report::Report;
use rows::{Row, Rows};
use send::Gate;
use std::io;
use std::path::PathBuf;
use thiserror::Error;
use vonglau_core::event::Kind;

/// Events and bytes of one request.
const BATCH_EVENTS_MAX: usize = 500;
const BATCH_BYTES_MAX: usize = 512 << 10;

/// What to import.
#[derive(Clone, Debug)]
pub struct ImportOptions {
    /// CSV with a header, or NDJSON.
    pub files: Vec<PathBuf>,
    /// Address of the gateway: `http://host:port`.
    pub to: String,
    /// The kind of a CSV's rows where it has no column `kind`, or nothing in it.
    pub kind: Option<Kind>,
    /// Where every refused row is written, as NDJSON.
    pub report: Option<PathBuf>,
}

/// Why an import could not run, or not to its end.
#[derive(Debug, Error)]
pub enum ImportError {
    #[error("không có tệp nào · no file is given: name at least one")]
    NoFile,
    #[error("{path}: không đọc được · cannot be read ({source})")]
    Read { path: PathBuf, source: io::Error },
    #[error("{path}: không ghi được · cannot be written ({source})")]
    Write { path: PathBuf, source: io::Error },
    #[error("{path}: thiếu cột `kind` · there is no column `kind`: add it, or give --kind")]
    NoKind { path: PathBuf },
    #[error("{path}: cột trùng tên · two columns have one name ({column}): rename one")]
    TwoColumns { path: PathBuf, column: String },
    #[error(
        "{path}: không phải CSV hay NDJSON · neither CSV nor NDJSON (it begins with `[`): write one event a line"
    )]
    Array { path: PathBuf },
    #[error("{path}, dòng · line {line}: quá dài · longer than 1 MiB")]
    LongLine { path: PathBuf, line: u64 },
    #[error("{url}: địa chỉ sai · no address of a gateway: write it like http://127.0.0.1:8080")]
    Address { url: String },
    #[error("{url}: không kết nối được · cannot be reached ({why})")]
    Unreachable { url: String, why: String },
    #[error("{url}: trả lời {status} · answered {status} ({detail})")]
    Answer { url: String, status: u16, detail: String },
}

/// Sends all rows of all files. True: all were taken; false: some were refused (told on stderr).
///
/// # Errors
/// Where it could not run to its end. What was sent until then stays taken; it may be sent again.
pub fn run(options: ImportOptions) -> BoxFuture<'static, Result<bool, ImportError>> {
    Box::pin(async move {
        if options.files.is_empty() {
            return Err(ImportError::NoFile);
        }
        let gate = Gate::new(&options.to)?;
        let mut report = Report::new(options.report.as_deref())?;
        let bar = progress(&options.files)?;
        let mut done_bytes = 0;
        for path in &options.files {
            let mut rows = Rows::open(path, options.kind)?;
            loop {
                let batch = next_batch(&mut rows, &mut report)?;
                if batch.is_empty() {
                    break;
                }
                let answer = gate.send(&batch).await?;
                report.add(path, &batch, answer)?;
                bar.set_position(done_bytes + rows.bytes_read());
                bar.set_message(report.counts());
            }
            done_bytes += rows.bytes_read();
        }
        bar.finish_and_clear();
        report.finish()
    })
}

/// The next rows that go into one request; rows that are no events at all are told to the report.
fn next_batch(rows: &mut Rows, report: &mut Report) -> Result<Vec<Row>, ImportError> {
    let mut batch = Vec::new();
    let mut bytes = 0;
    while batch.len() < BATCH_EVENTS_MAX && bytes < BATCH_BYTES_MAX {
        match rows.next()? {
            None => break,
            Some(Ok(row)) => {
                bytes += row.json.len() + 1;
                batch.push(row);
            }
            Some(Err((line, reason))) => report.refuse(rows.path(), line, "", reason)?,
        }
    }
    Ok(batch)
}

fn progress(files: &[PathBuf]) -> Result<ProgressBar, ImportError> {
    let mut bytes = 0;
    for path in files {
        let read = |source| ImportError::Read { path: path.clone(), source };
        bytes += std::fs::metadata(path).map_err(read)?.len();
    }
    let style = ProgressStyle::with_template("{bar:30} {percent:>3} % · {msg} · {eta}");
    Ok(ProgressBar::new(bytes).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())))
}
