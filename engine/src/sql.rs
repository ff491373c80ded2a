//! SQL, wired to the engine: moments from the driver, answers for the dashboard.

use crate::query::Engine;
use futures_util::StreamExt;
use serde_json::json;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{oneshot, watch};
use tokio::time::sleep;
use vonglau_dashboard::port::live::{LiveAsked, LiveFeed, LiveNext};
use vonglau_dashboard::port::{
    BoxFuture, Picture, Sql as Port, SqlAnswer, SqlAsked, SqlFormat, SqlRefused, Unavailable,
};
use vonglau_ingest::RejectedEntry;
use vonglau_sql::formats::{Format, write};
use vonglau_sql::live::{Listener, Live, Next};
use vonglau_sql::moments::{Moments, RejectedRow, Taken, Tap, Wants};
use vonglau_sql::priority::Cores;
use vonglau_sql::{Caller, From, Sql, SqlError, SqlErrorKind, catalog, questions, tables};

/// While as many events a second come in, one core is left to them.
const FLOWING_EVENTS_S: f64 = 1.0;
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Leaves a core to the stream while it flows, and keeps the driver where statements run, for ever.
pub async fn leave_a_core(cores: Cores, engine: Arc<Engine>) {
    loop {
        cores.leave_one(engine.standing().1.events_per_s >= FLOWING_EVENTS_S);
        sleep(LOOK_EVERY).await;
    }
}

impl Moments for Engine {
    fn take(&self, wants: Wants) -> BoxFuture<'_, Result<Taken, Unavailable>> {
        Box::pin(async move {
            self.await_own_writes().await;
            loop {
                let taken = self.send(|reply: oneshot::Sender<Option<Taken>>| {
                    crate::driver::Asking::Moment(wants, reply)
                });
                if let Some(mut taken) = taken.await? {
                    taken.lag_ms = self.standing().1.behind_ms;
                    if wants.rejected {
                        let entries = self.ingest.rejected.entries().await;
                        taken.rejected = entries.into_iter().map(rejected_row).collect();
                    }
                    return Ok(taken);
                }
            }
        })
    }

    fn pictures(&self) -> Option<watch::Receiver<Arc<Picture>>> {
        Some(self.pictures.clone())
    }

    fn position(&self) -> Option<u64> {
        Some(self.progress.seq())
    }

    fn tap(&self, wants: Wants) -> BoxFuture<'_, Result<(Taken, Tap), Unavailable>> {
        Box::pin(async move {
            self.await_own_writes().await;
            loop {
                let made = self.send(|reply: oneshot::Sender<Option<(Taken, Tap)>>| {
                    crate::driver::Asking::Tap(wants, reply)
                });
                if let Some((mut taken, tap)) = made.await? {
                    taken.lag_ms = self.standing().1.behind_ms;
                    return Ok((taken, tap));
                }
            }
        })
    }
}

fn rejected_row(entry: RejectedEntry) -> RejectedRow {
    let RejectedEntry { at, kind, field, reason, source } = entry;
    RejectedRow { rejected_at: at, kind, field, reason, source: source.name().into() }
}

/// SQL as the dashboard asks for it.
#[derive(Debug)]
pub struct Workbench {
    sql: Sql,
    live: Live,
    catalog: Arc<str>,
}

impl Workbench {
    pub fn new(sql: Sql, live: Live) -> Self {
        let catalog = told(&sql).into();
        Self { sql, live, catalog }
    }
}

impl Port for Workbench {
    fn run(&self, asked: SqlAsked) -> BoxFuture<'_, Result<SqlAnswer, SqlRefused>> {
        Box::pin(async move {
            let began = Instant::now();
            let format = match asked.format {
                SqlFormat::Json => Format::Json,
                SqlFormat::Csv => Format::Csv,
                SqlFormat::Arrow => Format::Arrow,
                SqlFormat::Parquet => Format::Parquet,
            };
            let caller = Caller { user: asked.user, from: From::Page };
            let answer = Box::pin(async {
                let prepared = self.sql.prepare(&asked.sql, &caller).await?;
                let prepared = if format == Format::Json { self.sql.as_shown(prepared)? } else { prepared };
                let running = self.sql.execute(prepared, None, None).await?;
                write(&self.sql, running, format, began).await
            });
            let body = answer.await.map_err(refused)?;
            let body = body.map(|bytes| bytes.map_err(io::Error::other));
            Ok(SqlAnswer { media_type: format.media_type(), body: Box::pin(body) })
        })
    }

    fn catalog(&self) -> Arc<str> {
        Arc::clone(&self.catalog)
    }

    fn follow(&self, asked: LiveAsked) -> Result<Box<dyn LiveFeed>, SqlRefused> {
        let listener = self.live.follow(&asked.sql, asked.begin, asked.changed).map_err(refused)?;
        Ok(Box::new(Following(listener)))
    }
}

/// A place in a feed, as the hub pulls it.
#[derive(Debug)]
struct Following(Listener);

impl LiveFeed for Following {
    fn next(&mut self) -> LiveNext {
        match self.0.next() {
            Next::Nothing => LiveNext::Nothing,
            Next::Frame(frame) => LiveNext::Frame(frame),
            Next::Resync(frame) => LiveNext::Resync(frame),
            Next::Ended(error) => LiveNext::Ended(refused(error)),
        }
    }
}

fn refused(error: SqlError) -> SqlRefused {
    let status = match error.kind {
        SqlErrorKind::ReadOnly => 403,
        SqlErrorKind::TooMany => 429,
        SqlErrorKind::Unavailable => 503,
        SqlErrorKind::Internal => 500,
        _ => 400,
    };
    let SqlError { message, line, column, hint, bound, .. } = error;
    SqlRefused { status, detail: message, line, column, hint, bound }
}

/// The catalog, as the page asks for it.
fn told(sql: &Sql) -> String {
    let tables = tables::docs().into_iter().map(|doc| {
        let columns = doc.columns.iter().map(|column| {
            json!({"name": column.name, "type": column.type_name(), "unit": column.unit,
                   "doc": {"vi": column.vi, "en": column.en}})
        });
        json!({"name": doc.name, "doc": {"vi": doc.vi, "en": doc.en}, "columns": columns.collect::<Vec<_>>()})
    });
    let functions = catalog::functions().into_iter().map(|function| {
        json!({"name": function.name, "signature": function.signature,
               "kind": if function.is_table { "table" } else { "scalar" },
               "doc": {"vi": function.vi, "en": function.en}})
    });
    let questions = questions::QUESTIONS.iter().map(|question| {
        json!({"id": question.id, "title": {"vi": question.vi, "en": question.en}, "sql": question.sql(sql.params())})
    });
    let bounds = sql.bounds();
    json!({
        "tables": tables.collect::<Vec<_>>(),
        "functions": functions.collect::<Vec<_>>(),
        "questions": questions.collect::<Vec<_>>(),
        "bounds": {"statement_timeout_s": bounds.statement_timeout_s, "rows_max": bounds.rows_max,
                   "memory_mib": bounds.memory_mib, "queries_per_user": bounds.queries_per_user,
                   "queries": bounds.queries},
    })
    .to_string()
}
