//! Groupings of `scans`: their groups are told once at a moment, then each new scan is added to its own.
//!
//! Scans only come; where some that were there are not what they were (the retention's edge moved, a venue did), all
//! begins from another moment. A grouping that has more groups than can be held is run again instead.

use super::book::Told;
use super::feed::Feed;
use super::groups::{Grouping, Groups};
use super::known;
use super::program::Layers;
use super::rerun::{self, Answer};
use super::room::Held;
use super::rows::{self, Change, Row, diff};
use super::scans::{self, TOGETHER, tell_whole};
use super::{RETRY, Shared, after, caller, may_pass, shape};
use crate::check::Checked;
use crate::error::{SqlError, SqlErrorKind};
use crate::formats::json;
use crate::moments::{Tap, Tapped};
use crate::run::{Prepared, Sql, Stamp};
use arrow::record_batch::RecordBatch;
use datafusion::error::DataFusionError;
use futures_util::StreamExt;
use std::mem;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::{sleep, sleep_until};
use vonglau_dashboard::port::Unavailable;

/// Pieces taken from the tap at once.
const PIECES: usize = 4_096;
/// So many scans are worked in without waiting for the next frame.
const SCANS_WAITING_MAX: usize = 50_000;

/// What a feed is kept up by.
#[derive(Debug)]
pub struct Kept {
    pub grouping: Grouping,
    /// The columns that name a row.
    pub key: Option<Vec<usize>>,
}

/// Why it does not go on from a moment.
enum Stop {
    /// Another moment is needed.
    Anew,
    /// The groups cannot be held.
    Unheld,
    Wrong(SqlError),
}

type Step<T> = Result<T, Stop>;

impl From<SqlError> for Stop {
    fn from(error: SqlError) -> Self {
        Self::Wrong(error)
    }
}

impl From<Unavailable> for Stop {
    fn from(error: Unavailable) -> Self {
        Self::Wrong(error.into())
    }
}

/// Keeps a feed; ends with what goes wrong.
pub async fn keep(shared: &Arc<Shared>, feed: &Arc<Feed>, checked: &Checked, kept: Kept) -> SqlError {
    let kept = Arc::new(kept);
    loop {
        let (began, mut cost) = (Instant::now(), Duration::ZERO);
        let held = shared.room.hold();
        let mut standing = Standing { groups: Groups::default(), waiting: Vec::new(), scans: 0, held };
        let feeding = Feeding { shared, feed, checked, kept: &kept };
        match feeding.from_a_moment(&mut standing, &mut cost).await {
            // Reading it all takes a tenth of the time at most.
            Err(Stop::Anew) => sleep_until(after(began, cost * 10)).await,
            Err(Stop::Wrong(error)) if may_pass(&error) => {
                tracing::debug!(%error, statement = %feed.statement, "a followed grouping begins later");
                sleep(RETRY).await;
            }
            Err(Stop::Wrong(error)) => return error,
            Ok(()) | Err(Stop::Unheld) => {
                drop(standing);
                return rerun::keep(shared, feed, checked, kept.key.clone()).await;
            }
        }
    }
}

struct Feeding<'a> {
    shared: &'a Arc<Shared>,
    feed: &'a Arc<Feed>,
    checked: &'a Checked,
    kept: &'a Arc<Kept>,
}

/// The groups, and what is to be worked into them.
struct Standing<'a> {
    groups: Groups,
    waiting: Vec<Arc<Tapped>>,
    /// In what is waiting.
    scans: usize,
    held: Held<'a>,
}

impl Feeding<'_> {
    /// Takes a moment and goes on from there until that is no longer possible.
    async fn from_a_moment(&self, standing: &mut Standing<'_>, cost: &mut Duration) -> Step<()> {
        let turn = self.shared.turn().await?;
        let began = Instant::now();
        let sql = &self.shared.sql;
        let (taken, mut tap) = sql.moments().tap(self.checked.wants).await?;
        let prepared = sql.prepare_taken(self.checked.clone(), taken, &caller()).await?;
        let mut stamp = prepared.stamp;
        let room = self.shared.room.bytes_max();
        let reading = sql.on_threads(known(sql.clone(), Arc::clone(self.kept), prepared, room));
        let known = self.read_meanwhile(reading, &mut tap, standing, &mut stamp).await?;
        let (columns, rows) = self.whole(standing, known).await?;
        drop(turn);
        *cost = began.elapsed();
        let told = rerun::told(self.shared, &stamp, *cost, self.shared.bounds.every_min);
        let count = rows.len();
        let answer = Answer { columns, rows: Arc::new(rows), truncated: false, stamp };
        tell_whole(self.shared, self.feed, answer, told.clone());
        self.go_on(&mut tap, standing, told, count).await
    }

    /// While what is known at the moment is read, scans go on coming: they are worked in beside it, so that they need no
    /// room and the first result is that of the last of them.
    async fn read_meanwhile(
        &self,
        reading: impl Future<Output = Result<Step<Vec<RecordBatch>>, SqlError>>,
        tap: &mut Tap,
        standing: &mut Standing<'_>,
        stamp: &mut Stamp,
    ) -> Step<Vec<RecordBatch>> {
        let mut reading = pin!(reading);
        loop {
            tokio::select! {
                known = &mut reading => return known?,
                piece = tap.recv() => {
                    *stamp = standing.add(piece.ok_or(Stop::Anew)?)?;
                    if standing.scans >= SCANS_WAITING_MAX {
                        self.work(standing, |_, _| Ok(())).await?;
                    }
                }
            }
        }
    }

    /// The whole result, in its order.
    async fn whole(&self, standing: &mut Standing<'_>, known: Vec<RecordBatch>) -> Step<(String, Vec<Row>)> {
        let kept = Arc::clone(self.kept);
        let made = self.work(standing, move |grouping, groups| {
            known.iter().try_for_each(|batch| grouping.know(groups, batch))?;
            let batch = grouping.whole(groups)?;
            Ok((json::columns(&batch.schema()), rows_of(&batch, &kept)?))
        });
        let (columns, rows) = made.await?;
        if rows.len() > self.shared.sql.bounds().rows_max {
            return Err(Stop::Unheld);
        }
        Ok((columns, rows))
    }

    /// Tells what new scans change, at most as often as is said.
    async fn go_on(
        &self,
        tap: &mut Tap,
        standing: &mut Standing<'_>,
        mut told: Told,
        mut rows: usize,
    ) -> Step<()> {
        let mut pieces = Vec::new();
        let mut due = after(Instant::now(), self.shared.bounds.every_min);
        let mut stamp = None;
        loop {
            tokio::select! {
                biased;
                () = sleep_until(due), if stamp.is_some() => {
                    due = after(Instant::now(), self.shared.bounds.every_min);
                    let change = self.change(standing).await?;
                    rows = (rows + change.added.len()).saturating_sub(change.removed.len());
                    if rows > self.shared.sql.bounds().rows_max {
                        return Err(Stop::Unheld);
                    }
                    if let Some(stamp) = stamp.take() {
                        self.tell(&mut told, &stamp, change);
                    }
                }
                count = tap.recv_many(&mut pieces, PIECES) => {
                    if count == 0 {
                        return Err(Stop::Anew);
                    }
                    for piece in pieces.drain(..) {
                        stamp = Some(standing.add(piece)?);
                    }
                    if standing.scans >= SCANS_WAITING_MAX {
                        self.work(standing, |_, _| Ok(())).await?;
                    }
                    // Meanwhile nobody need wake us.
                    sleep(TOGETHER.min(self.shared.bounds.every_min)).await;
                }
            }
        }
    }

    async fn change(&self, standing: &mut Standing<'_>) -> Step<Change> {
        let kept = Arc::clone(self.kept);
        let made = self.work(standing, move |grouping, groups| {
            let [were, are] = grouping.differing(groups)?;
            // What differs may lie in columns that are not asked for.
            Ok(diff(&rows_of(&were, &kept)?, &rows_of(&are, &kept)?))
        });
        made.await
    }

    /// Works in the scans that wait, and then does something with the groups; on SQL's threads.
    async fn work<T: Send + 'static>(
        &self,
        standing: &mut Standing<'_>,
        then: impl FnOnce(&Grouping, &mut Groups) -> datafusion::error::Result<T> + Send + 'static,
    ) -> Step<T> {
        let mut groups = mem::take(&mut standing.groups);
        let pieces = mem::take(&mut standing.waiting);
        standing.scans = 0;
        let (sql, kept) = (self.shared.sql.clone(), Arc::clone(self.kept));
        let work = async move {
            let batch = scans::batch(&kept.grouping.below, &pieces, &sql)?;
            kept.grouping.take(&mut groups, batch, true)?;
            let made = then(&kept.grouping, &mut groups)?;
            Ok((groups, made))
        };
        let (groups, made) = self.shared.sql.on_threads(work).await?.map_err(|error| self.stop(&error))?;
        if !standing.held.set(groups.bytes()) {
            return Err(Stop::Unheld);
        }
        standing.groups = groups;
        Ok(made)
    }

    fn stop(&self, error: &DataFusionError) -> Stop {
        stop(&self.shared.sql, error)
    }

    fn tell(&self, told: &mut Told, stamp: &Stamp, change: Change) {
        let now = rerun::told(self.shared, stamp, Duration::ZERO, Duration::ZERO);
        *told = Told { cost_ms: told.cost_ms, every_s: told.every_s, ..now };
        let now = Instant::now();
        let made = self.feed.write(|book| book.go_on(change, told.clone(), None, now), |made| *made);
        self.shared.count_frame(made);
    }
}

impl Standing<'_> {
    /// A piece is to be worked in; the moment that it leads to.
    fn add(&mut self, piece: Arc<Tapped>) -> Step<Stamp> {
        if piece.remade {
            return Err(Stop::Anew);
        }
        let stamp = Stamp { stream_seq: piece.stream_seq, event_time: piece.event_time, lag_ms: 0 };
        self.scans += piece.scans.len();
        self.waiting.push(piece);
        Ok(stamp)
    }
}

/// What is known of the groups at the moment of a query, unless it needs more room.
async fn known(sql: Sql, kept: Arc<Kept>, mut prepared: Prepared, room: usize) -> Step<Vec<RecordBatch>> {
    let plan = {
        let optimized = shape::optimized(&prepared).map_err(|error| stop(&sql, &error))?;
        let grouped = Layers::above_grouping(&optimized, &prepared.session);
        grouped.and_then(|(_, aggregate)| known::plan(aggregate))
    };
    prepared.plan = plan.ok_or(Stop::Unheld)?;
    // Whether the query itself needs as much memory is seen when it runs.
    let wrong = |error: SqlError| match error.kind {
        SqlErrorKind::Memory => Stop::Unheld,
        _ => Stop::Wrong(error),
    };
    let mut running = sql.execute(prepared, None, None).await.map_err(wrong)?;
    let (mut all, mut rows) = (Vec::new(), 0);
    while let Some(batch) = running.next().await.transpose().map_err(wrong)? {
        rows += batch.num_rows();
        if rows * kept.grouping.row_bytes() > room {
            return Err(Stop::Unheld);
        }
        all.push(batch);
    }
    Ok(all)
}

fn stop(sql: &Sql, error: &DataFusionError) -> Stop {
    match error {
        DataFusionError::NotImplemented(_) => Stop::Unheld,
        error => Stop::Wrong(sql.error(error)),
    }
}

fn rows_of(batch: &RecordBatch, kept: &Kept) -> datafusion::error::Result<Vec<Row>> {
    rows::of(batch, kept.key.as_deref()).map_err(|error| DataFusionError::External(Box::new(error)))
}
