//! Asking and writing: one statement to one answer.

use super::answer::Document;
use super::client::Client;
use super::failure::Failure;
use super::format::Format;
use super::output::Sink;
use super::statement::Statement;
use super::table::{self, Look};
use crate::simulate::say;
use std::time::Instant;
use tokio::select;
use tokio::signal::ctrl_c;

/// Where nothing tells how wide the terminal is.
pub const USUAL_COLUMNS: usize = 100;

/// How answers are asked for and shown.
#[derive(Debug)]
pub struct Session {
    pub client: Client,
    pub format: Format,
    /// The terminal that stdout is; None where it is none.
    pub terminal: Option<Terminal>,
    /// Tells how long it took.
    pub timing: bool,
}

/// A terminal.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    pub columns: usize,
    /// It can show dim letters and is not asked not to.
    pub styled: bool,
}

impl Session {
    /// Asks a statement and writes its answer; Ctrl-C stops the work.
    ///
    /// # Errors
    /// Why there is no answer, or why it is not whole.
    pub async fn run(&self, statement: &Statement<'_>, sink: &mut Sink) -> Result<(), Failure> {
        select! {
            done = self.answer(statement, sink) => done,
            interrupted = ctrl_c() => {
                // Where signals cannot be waited for, an interrupt ends the process itself.
                interrupted.map_err(|error| Failure::Usage(format!("Ctrl-C: {error}")))?;
                Err(Failure::Cancelled)
            }
        }
    }

    /// What cannot be shown on a terminal, or cannot stand behind another answer, is not asked for.
    ///
    /// # Errors
    /// What to do instead.
    pub fn check(&self, to_screen: bool, statements: usize) -> Result<(), Failure> {
        let name = self.format.name();
        if self.format.is_binary() && to_screen && self.terminal.is_some() {
            return Err(Failure::Usage(format!(
                "{name} không hiện được trên màn hình, hãy ghi vào tệp (-o TỆP hay \\o TỆP) · {name} cannot be shown \
                 on a terminal, write it to a file (-o FILE or \\o FILE)"
            )));
        }
        if self.format.is_binary() && statements > 1 {
            return Err(Failure::Usage(format!(
                "{name}: mỗi tệp một câu · one statement a file, here are {statements}"
            )));
        }
        Ok(())
    }

    async fn answer(&self, statement: &Statement<'_>, sink: &mut Sink) -> Result<(), Failure> {
        let began = Instant::now();
        let mut coming = self.client.ask(statement.sql, self.format.media_type()).await?;
        if self.format.streams() {
            while let Some(bytes) = coming.next().await? {
                sink.write(bytes.as_ref())?;
            }
            return Ok(());
        }
        let body = coming.whole().await?;
        let document: Document = serde_json::from_slice(&body)
            .map_err(|_other| Failure::Stranger { url: self.client.base().to_owned(), status: 200 })?;
        let text = match self.format {
            Format::Ndjson => document.ndjson(),
            Format::Table => table::write(&document.heads(), &document.cells(), self.look(statement, sink)),
            _ => format!("{}\n", String::from_utf8_lossy(&body)),
        };
        sink.write(text.as_bytes())?;
        self.tell(&document, began, sink);
        Ok(())
    }

    /// Only what a person looks at is cut and styled; a plan is of no use when it is cut.
    fn look(&self, statement: &Statement<'_>, sink: &Sink) -> Look {
        let first = statement.sql.split_whitespace().next().unwrap_or_default();
        let is_plan = first.eq_ignore_ascii_case("explain");
        match self.terminal.filter(|_| sink.is_screen()) {
            Some(terminal) => {
                Look { columns: (!is_plan).then_some(terminal.columns), styled: terminal.styled }
            }
            None => Look::default(),
        }
    }

    /// Rows, time and moment of a table; that there are more rows, always.
    fn tell(&self, document: &Document, began: Instant, sink: &Sink) {
        let rows = document.rows.len();
        if self.format == Format::Table {
            let time = if self.timing {
                format!(", đọc · read {}, {} ms", document.rows_read, began.elapsed().as_millis())
            } else {
                String::new()
            };
            let moment = document.event_time.iter().map(|at| format!(", đúng lúc · as of {at}"));
            flush(sink);
            say(&format!("({rows} dòng · rows{time}{})", moment.collect::<String>()));
        }
        if document.truncated {
            let max = document.rows_max;
            flush(sink);
            say(&format!(
                "Còn nữa: chỉ {max} dòng đầu ([sql] rows_max); để có tất cả dùng csv, arrow hay parquet · There are more: \
                 only the first {max} rows ([sql] rows_max); for all of them use csv, arrow or parquet"
            ));
        }
    }
}

/// What is told on stderr comes after what was written.
fn flush(sink: &Sink) {
    if sink.is_screen() {
        // Whether stdout still takes anything is seen when the answer is finished.
        drop(std::io::Write::flush(&mut std::io::stdout()));
    }
}
