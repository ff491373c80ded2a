//! Filters, projections and groupings of what pictures show (cells, districts, wards, alerts): of two pictures only the rows that
//! differ are looked at.

use super::book::{Head, Told};
use super::differing::{Ground, PictureTable};
use super::feed::Feed;
use super::groups::{Grouping, Groups};
use super::program::Program;
use super::rerun::{self, Answer};
use super::rows::{self, Change, Row, diff};
use super::{RETRY, Shared, after, caller, may_pass};
use crate::check::Checked;
use crate::error::{SqlError, SqlErrorKind};
use crate::run::Stamp;
use arrow::record_batch::RecordBatch;
use datafusion::error::{DataFusionError, Result};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::time::{sleep, sleep_until};
use vonglau_core::view::View;
use vonglau_dashboard::port::Picture;

/// What a feed is kept up by.
#[derive(Debug)]
pub struct Kept {
    pub table: PictureTable,
    pub maker: Maker,
    /// The columns that name a row.
    pub key: Option<Vec<usize>>,
}

/// What makes the result of the table's rows.
#[derive(Debug)]
pub enum Maker {
    Rows(Program),
    Groups(Box<Grouping>),
}

impl Maker {
    fn columns(&self) -> &[usize] {
        match self {
            Self::Rows(program) => &program.columns,
            Self::Groups(grouping) => &grouping.below.columns,
        }
    }

    /// What rows of the table that went and came make of the result's.
    fn run(&self, groups: &mut Groups, differing: [RecordBatch; 2]) -> Result<[RecordBatch; 2]> {
        match self {
            Self::Rows(program) => {
                let [gone, come] = differing.map(|batch| program.run(batch));
                Ok([gone?, come?])
            }
            Self::Groups(grouping) => grouping.work_in(groups, differing),
        }
    }
}

impl Kept {
    /// What the difference of two pictures changes in the result.
    fn change(&self, groups: &mut Groups, old: &View, new: &View, ground: &Ground<'_>) -> Result<Change> {
        match self.table.differing(old, new, ground)? {
            Some(differing) => self.made(groups, differing),
            None => Ok(Change::default()),
        }
    }

    /// The groups of a picture, and their rows in place of the result's where these are not the same to the last digit.
    fn begin(
        &self,
        groups: &mut Groups,
        view: &View,
        answer: &mut Answer,
        ground: &Ground<'_>,
    ) -> Result<()> {
        if matches!(self.maker, Maker::Groups(_)) {
            let all = self.table.whole(view, ground)?;
            let made = self.made(groups, [RecordBatch::new_empty(all.schema()), all])?;
            if !diff(&answer.rows, &made.added).is_empty() {
                answer.rows = Arc::new(made.added);
            }
        }
        Ok(())
    }

    fn made(&self, groups: &mut Groups, differing: [RecordBatch; 2]) -> Result<Change> {
        let [gone, come] = differing.map(|batch| batch.project(self.maker.columns()));
        let made = self.maker.run(groups, [gone?, come?])?;
        let rows = |batch: &RecordBatch| -> Result<Vec<Row>> {
            let rows = rows::of(batch, self.key.as_deref());
            rows.map_err(|error| DataFusionError::External(Box::new(error)))
        };
        // What differs may lie in columns that are not asked for.
        Ok(diff(&rows(&made[0])?, &rows(&made[1])?))
    }
}

impl<'a> Ground<'a> {
    fn of(shared: &'a Shared) -> Self {
        Self { params: shared.sql.params(), zone: shared.sql.zone() }
    }
}

/// Keeps a feed up by pictures; ends with what goes wrong.
pub(super) async fn keep(shared: &Arc<Shared>, feed: &Arc<Feed>, checked: &Checked, kept: Kept) -> SqlError {
    let kept = Arc::new(kept);
    loop {
        match from_a_moment(shared, feed, checked, &kept).await {
            // A result that is cut off cannot be kept up by what differs.
            Ok(()) => return rerun::keep(shared, feed, checked, kept.key.clone()).await,
            Err(error) if may_pass(&error) => {
                tracing::debug!(%error, statement = %feed.statement, "a followed query begins later");
                sleep(RETRY).await;
            }
            Err(error) => return error,
        }
    }
}

/// Where a feed stands between two pictures.
struct Standing {
    pictures: watch::Receiver<Arc<Picture>>,
    view: Arc<View>,
    seq: u64,
    /// Rows of the result.
    rows: usize,
    groups: Groups,
    told: Told,
}

/// Takes a moment and goes on from there; ends where the result cannot be kept up by what differs: there are more rows
/// than it may have, or a total that cannot be held exactly.
async fn from_a_moment(
    shared: &Arc<Shared>,
    feed: &Arc<Feed>,
    checked: &Checked,
    kept: &Arc<Kept>,
) -> Result<(), SqlError> {
    let sql = &shared.sql;
    let Some(mut standing) = begin(shared, feed, checked, kept).await? else { return Ok(()) };
    loop {
        sleep_until(after(Instant::now(), shared.bounds.every_min)).await;
        let gone = |_| SqlError::new(SqlErrorKind::Unavailable, "the service is stopping");
        standing.pictures.changed().await.map_err(gone)?;
        let picture = Arc::clone(&standing.pictures.borrow_and_update());
        if picture.stream_seq < standing.seq {
            continue;
        }
        let mut groups = std::mem::take(&mut standing.groups);
        let (old, new) = (Arc::clone(&standing.view), Arc::clone(&picture.view));
        let (kept, of) = (Arc::clone(kept), Arc::clone(shared));
        let changed = sql.on_threads(async move {
            let change = kept.change(&mut groups, &old, &new, &Ground::of(&of));
            (change, groups)
        });
        let (change, groups) = changed.await?;
        standing.groups = groups;
        let change = match change {
            Err(DataFusionError::NotImplemented(_)) => return Ok(()),
            change => change.map_err(|error| sql.error(&error))?,
        };
        standing.rows = (standing.rows + change.added.len()).saturating_sub(change.removed.len());
        if standing.rows > sql.bounds().rows_max {
            return Ok(());
        }
        (standing.seq, standing.view) = (picture.stream_seq, Arc::clone(&picture.view));
        standing.told = at(shared, &picture, &standing.told);
        let told = standing.told.clone();
        let made = feed.write(|book| book.go_on(change, told, None, Instant::now()), |made| *made);
        shared.count_frame(made);
    }
}

/// Tells the whole result at a moment; None: it cannot be kept up by what differs.
async fn begin(
    shared: &Arc<Shared>,
    feed: &Arc<Feed>,
    checked: &Checked,
    kept: &Arc<Kept>,
) -> Result<Option<Standing>, SqlError> {
    let sql = &shared.sql;
    let Some(pictures) = sql.moments().pictures() else { return Ok(None) };
    let turn = shared.turn().await?;
    let began = Instant::now();
    let taken = sql.moments().take(checked.wants).await?;
    let unasked = || SqlError::new(SqlErrorKind::Internal, "the picture was not taken with the moment");
    let view = taken.view.clone().ok_or_else(unasked)?;
    let prepared = sql.prepare_taken(checked.clone(), taken, &caller()).await?;
    let (of, kept, seen) = (Arc::clone(shared), Arc::clone(kept), Arc::clone(&view));
    let begun = sql.on_threads(async move {
        let mut answer = rerun::whole(&of.sql, prepared, kept.key.as_deref()).await?;
        let mut groups = Groups::default();
        let begun = kept.begin(&mut groups, &seen, &mut answer, &Ground::of(&of));
        Ok::<_, SqlError>((answer, groups, begun))
    });
    let (answer, groups, begun) = begun.await??;
    drop(turn);
    match begun {
        _ if answer.truncated => return Ok(None),
        Err(DataFusionError::NotImplemented(_)) => return Ok(None),
        begun => begun.map_err(|error| sql.error(&error))?,
    }
    let told = rerun::told(shared, &answer.stamp, began.elapsed(), shared.bounds.every_min);
    let (seq, rows) = (answer.stamp.stream_seq, answer.rows.len());
    tell_whole(shared, feed, answer, told.clone());
    Ok(Some(Standing { pictures, view, seq, rows, groups, told }))
}

fn tell_whole(shared: &Shared, feed: &Feed, answer: Answer, told: Told) {
    let Answer { columns, rows, truncated, .. } = answer;
    let (head, rows_max) = (Head { columns, kept_by: "deltas" }, shared.sql.bounds().rows_max);
    feed.write(|book| book.begin(head, told, rows, truncated, rows_max), |()| true);
    shared.count_frame(true);
}

/// The same cost, at the moment of a picture.
fn at(shared: &Shared, picture: &Picture, told: &Told) -> Told {
    let stamp = Stamp { stream_seq: picture.stream_seq, event_time: picture.view.now, lag_ms: 0 };
    let now = rerun::told(shared, &stamp, Duration::ZERO, Duration::ZERO);
    Told { cost_ms: told.cost_ms, every_s: told.every_s, ..now }
}
