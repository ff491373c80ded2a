//! Filters and projections of `scans`: each new scan is looked at as it is taken, and nothing is read again.

use super::book::{Head, Told};
use super::feed::Feed;
use super::program::Program;
use super::rerun::{self, Answer};
use super::rows::{self, Change, Row, diff};
use super::{RETRY, Shared, after, caller, may_pass};
use crate::check::Checked;
use crate::error::SqlError;
use crate::moments::{Tap, Tapped};
use crate::run::{Sql, Stamp};
use crate::tables::scans::tapped;
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use datafusion::error::DataFusionError;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::{sleep, sleep_until};
use vonglau_core::situation::TappedScan;

/// What comes within this time goes out together.
pub const TOGETHER: Duration = Duration::from_millis(50);
/// Pieces taken from the tap at once.
const PIECES: usize = 4_096;

/// Keeps a feed of scans; ends with what goes wrong.
pub async fn keep(shared: &Arc<Shared>, feed: &Arc<Feed>, checked: &Checked, program: Program) -> SqlError {
    let feeding = Feeding { shared, feed, checked, program: Arc::new(program) };
    loop {
        let began = Instant::now();
        let mut cost = Duration::ZERO;
        match feeding.from_a_moment(&mut cost).await {
            // Reading it all takes a tenth of the time at most.
            Ok(()) => sleep_until(after(began, cost * 10)).await,
            Err(error) if may_pass(&error) => {
                tracing::debug!(%error, statement = %feed.statement, "a followed query of scans begins later");
                sleep(RETRY).await;
            }
            Err(error) => return error,
        }
    }
}

struct Feeding<'a> {
    shared: &'a Arc<Shared>,
    feed: &'a Arc<Feed>,
    checked: &'a Checked,
    program: Arc<Program>,
}

impl Feeding<'_> {
    /// Takes a moment, and goes on from there until another one is needed: what was there before is not what it was, or
    /// more came than could be worked in.
    async fn from_a_moment(&self, cost: &mut Duration) -> Result<(), SqlError> {
        let turn = self.shared.turn().await?;
        let began = Instant::now();
        let sql = &self.shared.sql;
        let (taken, mut tap) = sql.moments().tap(self.checked.wants).await?;
        let prepared = sql.prepare_taken(self.checked.clone(), taken, &caller()).await?;
        let runs = sql.clone();
        let whole = sql.on_threads(async move { rerun::whole(&runs, prepared, None).await });
        let read = self.read_meanwhile(whole, &mut tap).await;
        drop(turn);
        *cost = began.elapsed();
        let Some((answer, waiting)) = read? else { return Ok(()) };
        let mut told = rerun::told(self.shared, &answer.stamp, *cost, TOGETHER);
        told.every_s = TOGETHER.as_secs_f64();
        tell_whole(self.shared, self.feed, answer, told.clone());
        if let Some((stamp, rows)) = waiting {
            self.tell(&mut told, &stamp, rows);
        }
        self.go_on(&mut tap, told).await
    }

    /// While the whole result is read, scans go on coming: they are worked in so that they need no room. Of more than a
    /// result may have the newest stay, and it is one that is cut off. None: the tap ended, or the result is no longer true.
    async fn read_meanwhile(
        &self,
        whole: impl Future<Output = Result<Result<Answer, SqlError>, SqlError>>,
        tap: &mut Tap,
    ) -> Result<Option<(Answer, Option<(Stamp, Vec<Row>)>)>, SqlError> {
        let mut whole = pin!(whole);
        let mut waiting: Option<(Stamp, Vec<Row>)> = None;
        let mut is_cut = false;
        loop {
            tokio::select! {
                answer = &mut whole => {
                    let mut answer = answer??;
                    answer.truncated |= is_cut;
                    return Ok(Some((answer, waiting)));
                }
                piece = tap.recv() => {
                    let Some(piece) = piece.filter(|piece| !piece.remade) else { return Ok(None) };
                    let (stamp, rows) = self.rows(vec![piece]).await?;
                    let held = waiting.get_or_insert((stamp, Vec::new()));
                    held.0 = stamp;
                    held.1.extend(rows);
                    is_cut |= rows::keep_newest(&mut held.1, self.shared.sql.bounds().rows_max);
                }
            }
        }
    }

    /// Tells of new scans until the tap ends or a new moment is needed.
    async fn go_on(&self, tap: &mut Tap, mut told: Told) -> Result<(), SqlError> {
        let mut pieces = Vec::new();
        loop {
            let last = Instant::now();
            if tap.recv_many(&mut pieces, PIECES).await == 0 {
                return Ok(());
            }
            sleep_until(after(last, TOGETHER)).await;
            while pieces.len() < PIECES
                && let Ok(piece) = tap.try_recv()
            {
                pieces.push(piece);
            }
            if pieces.iter().any(|piece| piece.remade) {
                return Ok(());
            }
            let (stamp, rows) = self.rows(std::mem::take(&mut pieces)).await?;
            self.tell(&mut told, &stamp, rows);
        }
    }

    /// The rows of the result that new scans add, and the moment that they lead to; worked out on SQL's threads.
    async fn rows(&self, pieces: Vec<Arc<Tapped>>) -> Result<(Stamp, Vec<Row>), SqlError> {
        let stamp = pieces.last().map_or(Stamp { stream_seq: 0, event_time: None, lag_ms: 0 }, |last| {
            Stamp { stream_seq: last.stream_seq, event_time: last.event_time, lag_ms: 0 }
        });
        let (sql, program) = (self.shared.sql.clone(), Arc::clone(&self.program));
        let rows = self.shared.sql.on_threads(async move {
            let batch = batch(&program, &pieces, &sql).and_then(|batch| program.run(batch));
            rows::of(&batch.map_err(|error| sql.error(&error))?, None)
        });
        Ok((stamp, rows.await??))
    }

    fn tell(&self, told: &mut Told, stamp: &Stamp, added: Vec<Row>) {
        *told = Told {
            cost_ms: told.cost_ms,
            every_s: told.every_s,
            ..rerun::told(self.shared, stamp, Duration::ZERO, TOGETHER)
        };
        let change = Change { added, ..Change::default() };
        let now = Instant::now();
        let made = self.feed.write(|book| book.go_on(change, told.clone(), None, now), |made| *made);
        self.shared.count_frame(made);
    }
}

/// New scans as rows of the table, in the columns that a program needs.
///
/// # Errors
/// A fault of ours.
pub fn batch(program: &Program, pieces: &[Arc<Tapped>], sql: &Sql) -> Result<RecordBatch, DataFusionError> {
    let scans: Vec<&TappedScan> = pieces.iter().flat_map(|piece| &piece.scans).collect();
    let columns = tapped(&program.columns, &scans, sql.params(), sql.zone());
    let options = RecordBatchOptions::new().with_row_count(Some(scans.len()));
    Ok(RecordBatch::try_new_with_options(Arc::clone(&program.schema), columns, &options)?)
}

/// Tells a whole result: as what differs from the one held, where both are whole.
pub fn tell_whole(shared: &Shared, feed: &Feed, answer: Answer, told: Told) {
    let rows_max = shared.sql.bounds().rows_max;
    let Answer { columns, rows, truncated, .. } = answer;
    let made = feed.write(
        |book| {
            let (held, was_truncated) = book.rows();
            if book.is_empty() || truncated || was_truncated {
                book.begin(Head { columns, kept_by: "deltas" }, told, rows, truncated, rows_max);
                return true;
            }
            book.go_on(diff(&held, &rows), told, Some((rows, truncated)), Instant::now())
        },
        |made| *made,
    );
    shared.count_frame(made);
}
