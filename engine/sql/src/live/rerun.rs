//! Queries that are run again: at most once a second, at most a tenth of the time, and only while somebody follows and
//! there may be something new.

use super::book::{Head, Told};
use super::feed::Feed;
use super::rows::{self, Change, RESULT_BYTES_MAX, Row, diff};
use super::{RETRY, Shared, after, may_pass, seconds};
use crate::check::Checked;
use crate::error::SqlError;
use crate::formats::json;
use crate::run::{Prepared, Sql, Stamp};
use crate::running::Running;
use futures_util::StreamExt;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::{sleep, sleep_until};

/// How often it is looked whether there may be something new.
const LOOK: Duration = Duration::from_millis(100);

/// A whole result.
#[derive(Debug)]
pub struct Answer {
    pub columns: String,
    pub rows: Arc<Vec<Row>>,
    /// There were more rows than a result may have.
    pub truncated: bool,
    pub stamp: Stamp,
}

/// Keeps a feed by running its query again and again. `key`: the columns that name a row. Ends with what goes wrong.
pub async fn keep(
    shared: &Arc<Shared>,
    feed: &Arc<Feed>,
    checked: &Checked,
    key: Option<Vec<usize>>,
) -> SqlError {
    let key: Option<Arc<[usize]>> = key.map(Into::into);
    let mut last: Option<Answer> = None;
    loop {
        let began = Instant::now();
        let wait = match run(shared, checked, key.as_ref(), last.as_ref().map(|last| Arc::clone(&last.rows)))
            .await
        {
            Ok((answer, change, cost)) => {
                let every = shared.every(cost);
                let told = told(shared, &answer.stamp, cost, every);
                tell(shared, feed, &answer, change, told);
                last = Some(answer);
                every
            }
            Err(error) if may_pass(&error) => {
                tracing::debug!(%error, statement = %feed.statement, "a followed query runs later");
                RETRY
            }
            Err(error) => return error,
        };
        sleep_until(after(began, wait)).await;
        while feed.idle_since().is_some()
            || last.as_ref().is_some_and(|last| is_of_now(shared, checked, last))
        {
            sleep(LOOK).await;
        }
    }
}

/// Nothing can be new since. What was refused never enters the stream.
fn is_of_now(shared: &Shared, checked: &Checked, last: &Answer) -> bool {
    !checked.wants.rejected && shared.sql.moments().position() == Some(last.stamp.stream_seq)
}

/// One run, and what differs from the rows of the last; all of it on SQL's threads.
async fn run(
    shared: &Arc<Shared>,
    checked: &Checked,
    key: Option<&Arc<[usize]>>,
    held: Option<Arc<Vec<Row>>>,
) -> Result<(Answer, Option<Change>, Duration), SqlError> {
    let _turn = shared.turn().await?;
    let began = Instant::now();
    let prepared = shared.prepare(checked).await?;
    let (sql, key) = (shared.sql.clone(), key.map(Arc::clone));
    let made = shared.sql.on_threads(async move {
        let answer = whole(&sql, prepared, key.as_deref()).await?;
        let change = held.map(|held| diff(&held, &answer.rows));
        Ok((answer, change, began.elapsed()))
    });
    made.await.flatten()
}

/// Runs a plan to its end, or to as many rows as a result may have.
pub async fn whole(sql: &Sql, prepared: Prepared, key: Option<&[usize]>) -> Result<Answer, SqlError> {
    let mut running: Running = sql.execute(sql.as_shown(prepared)?, None, None).await?;
    let rows_max = sql.bounds().rows_max;
    let (mut all, mut bytes, mut truncated) = (Vec::new(), 0, false);
    while let Some(batch) = running.next().await.transpose()? {
        let room = rows_max - all.len();
        let rows = rows::of(&batch.slice(0, batch.num_rows().min(room)), key)?;
        bytes += rows.iter().map(|row| row.text.len()).sum::<usize>();
        truncated = batch.num_rows() > room || bytes > RESULT_BYTES_MAX;
        all.extend(rows);
        if truncated {
            break;
        }
    }
    let columns = json::columns(&running.schema);
    Ok(Answer { columns, rows: Arc::new(all), truncated, stamp: running.stamp })
}

/// For which moment a result is true, and what it took.
pub fn told(shared: &Shared, stamp: &Stamp, cost: Duration, every: Duration) -> Told {
    let event_time = stamp.event_time.map(|at| shared.sql.params().zone.write(at));
    Told {
        stream_seq: stamp.stream_seq,
        event_time: serde_json::json!(event_time).to_string(),
        cost_ms: cost.as_millis(),
        every_s: seconds(every),
    }
}

fn tell(shared: &Shared, feed: &Feed, answer: &Answer, change: Option<Change>, told: Told) {
    let whole = (Arc::clone(&answer.rows), answer.truncated);
    let made = if let Some(change) = change {
        feed.write(|book| book.go_on(change, told, Some(whole), Instant::now()), |made| *made)
    } else {
        let head = Head { columns: answer.columns.clone(), kept_by: "rerun" };
        let rows_max = shared.sql.bounds().rows_max;
        feed.write(|book| book.begin(head, told, whole.0, whole.1, rows_max), |()| true);
        true
    };
    shared.count_frame(made);
}
