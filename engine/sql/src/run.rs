//! Running a statement: one moment, a plan, threads of its own, bounds.

use crate::bounds::Bounds;
use crate::catalog::register;
use crate::check::{Checked, parse};
use crate::city::City;
use crate::error::{SqlError, SqlErrorKind};
use crate::functions::{self, Calls};
use crate::history::Archive;
use crate::inlined;
use crate::moments::{Moments, Taken};
use crate::pg::with_information;
use crate::rows_read::RowsRead;
use crate::running::Running;
use crate::session::template;
use crate::tables;
use crate::threads::{Starting, Threads};
use crate::turns::{Turn, Turns};
use arrow::datatypes::{Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use datafusion::common::ParamValues;
use datafusion::error::DataFusionError;
use datafusion::execution::SessionState;
use datafusion::execution::context::SQLOptions;
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder};
use datafusion::physical_plan::execute_stream;
use datafusion::sql::parser::Statement as DfStatement;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, StreamExt as _};
use std::io;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;
use vonglau_core::params::Params;
use vonglau_core::time::Time;

/// Batches that wait for a slow reader; more are not made.
const BATCHES_WAITING_MAX: usize = 2;

/// What is told of a statement that ended by a panic, whose place is in the log.
const BROKE_OFF: &str = "the statement broke off by a fault of ours; please tell us what you asked";

/// Where a statement comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    Page,
    Postgres,
    Shell,
}

/// Who asks.
#[derive(Clone, Debug)]
pub struct Caller {
    pub user: Box<str>,
    pub from: From,
}

/// The moment of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    pub stream_seq: u64,
    pub event_time: Option<Time>,
    pub lag_ms: u64,
}

/// SQL over the city. Cheap to clone.
#[derive(Clone)]
pub struct Sql {
    shared: Arc<Shared>,
}

struct Shared {
    moments: Arc<dyn Moments>,
    params: Arc<Params>,
    zone: Arc<str>,
    bounds: Bounds,
    template: SessionState,
    /// The same for who asks what there is.
    described: SessionState,
    tables: Vec<String>,
    threads: Starting,
    turns: Arc<Turns>,
    archive: OnceLock<Archive>,
}

/// A statement that is planned at its moment.
pub struct Prepared {
    pub plan: LogicalPlan,
    /// With the tables at the moment.
    pub session: SessionState,
    pub stamp: Stamp,
    turn: Turn,
}

impl std::fmt::Debug for Sql {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sql").field("bounds", &self.shared.bounds).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prepared").field("stamp", &self.stamp).finish_non_exhaustive()
    }
}

impl Sql {
    /// SQL over what gives moments, on these threads. `zone` is the name of the city's zone.
    ///
    /// # Errors
    /// When `DataFusion` refuses its settings: a fault of ours.
    pub fn new(
        moments: Arc<dyn Moments>,
        params: Arc<Params>,
        zone: &str,
        bounds: Bounds,
        threads: &Threads,
    ) -> io::Result<Self> {
        let zone: Arc<str> = zone.into();
        let template = template(&bounds, &zone, threads.screens()).map_err(io::Error::other)?;
        let (described, _) = with_information(&template).map_err(io::Error::other)?;
        let tables = tables::docs().into_iter().map(|doc| doc.name.to_owned()).collect();
        let turns = Turns::new(&bounds);
        let threads = threads.starting()?;
        let archive = OnceLock::new();
        let shared =
            Shared { moments, params, zone, bounds, template, described, tables, threads, turns, archive };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// From now on what the edge has passed is read too. Once; a second archive is ignored.
    pub fn read_history(&self, archive: Archive) {
        drop(self.shared.archive.set(archive));
    }

    pub fn bounds(&self) -> &Bounds {
        &self.shared.bounds
    }

    pub fn params(&self) -> &Params {
        &self.shared.params
    }

    pub(crate) fn zone(&self) -> &Arc<str> {
        &self.shared.zone
    }

    pub(crate) fn moments(&self) -> &Arc<dyn Moments> {
        &self.shared.moments
    }

    /// A session in which everything can be described and nothing read, for catalogs of other protocols.
    pub fn template(&self) -> &SessionState {
        &self.shared.template
    }

    /// Parses, checks, takes one moment, plans. Placeholders (`$1`) stay in the plan.
    ///
    /// # Errors
    /// What is wrong with the statement and where; too many at once; the engine cannot answer now.
    pub fn prepare<'a>(
        &'a self,
        sql: &'a str,
        caller: &'a Caller,
    ) -> BoxFuture<'a, Result<Prepared, SqlError>> {
        Box::pin(async move {
            let checked = parse(sql).map_err(|error| error.placed(sql))?;
            let asks_what_there_is = sql.to_ascii_lowercase().contains("information_schema");
            let state = if asks_what_there_is { &self.shared.described } else { &self.shared.template };
            let prepared = self.prepare_checked(checked, state.clone(), caller).await;
            prepared.map_err(|error| error.placed(sql))
        })
    }

    /// As [`Sql::prepare`], of a statement that is checked already, in a session made of the template.
    ///
    /// # Errors
    /// As there.
    pub async fn prepare_checked(
        &self,
        checked: Checked,
        state: SessionState,
        caller: &Caller,
    ) -> Result<Prepared, SqlError> {
        let turn = self.shared.turns.take(caller)?;
        let taken = self.shared.moments.take(checked.wants).await?;
        self.plan(checked, state, taken, turn).await
    }

    /// As [`Sql::prepare`], at a moment that is taken already.
    pub(crate) async fn prepare_taken(
        &self,
        checked: Checked,
        taken: Taken,
        caller: &Caller,
    ) -> Result<Prepared, SqlError> {
        let turn = self.shared.turns.take(caller)?;
        self.plan(checked, self.shared.template.clone(), taken, turn).await
    }

    fn plan(
        &self,
        checked: Checked,
        state: SessionState,
        taken: Taken,
        turn: Turn,
    ) -> BoxFuture<'_, Result<Prepared, SqlError>> {
        Box::pin(async move {
            let stamp =
                Stamp { stream_seq: taken.stream_seq, event_time: taken.moment.now(), lag_ms: taken.lag_ms };
            let (params, zone) = (Arc::clone(&self.shared.params), Arc::clone(&self.shared.zone));
            let archive = self.shared.archive.get();
            let history = archive.map(|archive| archive.before(taken.moment.edge())).unwrap_or_default();
            let city = Arc::new(City::new(taken, params, zone, None, history));
            let calls = Calls::default();
            let session = register(state, Some(&city), &self.shared.zone).and_then(|mut session| {
                functions::bound(&mut session, &calls)?;
                Ok(session)
            });
            let session = session.map_err(|error| self.error(&error))?;
            let statement = DfStatement::Statement(Box::new(checked.statement));
            // Planning goes on where nobody waits for it any more: it keeps its place until it ends.
            let work = async move {
                let planned = session.statement_to_plan(statement).await;
                let planned = planned.and_then(|plan| {
                    inlined::check(&plan)?;
                    functions::with_bounds(plan, &session, &calls)
                });
                (planned, session, turn)
            };
            let (planned, session, turn) = self.on_threads(work).await?;
            let plan = planned.map_err(|error| self.error(&error))?;
            let reads_only =
                SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
            reads_only
                .verify_plan(&plan)
                .map_err(|error| SqlError::new(SqlErrorKind::ReadOnly, error.strip_backtrace()))?;
            Ok(Prepared { plan, session, stamp, turn })
        })
    }

    /// As many rows as JSON shows, and one more that says there are others: what sorts needs to keep no more of them.
    ///
    /// # Errors
    /// When the plan cannot be bounded: a fault of ours.
    pub fn as_shown(&self, prepared: Prepared) -> Result<Prepared, SqlError> {
        if matches!(prepared.plan, LogicalPlan::Explain(_) | LogicalPlan::Analyze(_)) {
            return Ok(prepared);
        }
        let rows = self.shared.bounds.rows_max.saturating_add(1);
        let plan =
            LogicalPlanBuilder::from(prepared.plan).limit(0, Some(rows)).and_then(LogicalPlanBuilder::build);
        Ok(Prepared { plan: plan.map_err(|error| self.error(&error))?, ..prepared })
    }

    /// Runs a plan within the bounds; `timeout`: less than the bound, where the caller wants less.
    ///
    /// # Errors
    /// What is wrong with the statement or the values it meets.
    pub fn execute(
        &self,
        prepared: Prepared,
        params: Option<ParamValues>,
        timeout: Option<Duration>,
    ) -> BoxFuture<'_, Result<Running, SqlError>> {
        Box::pin(async move {
            let Prepared { plan, session, stamp, turn } = prepared;
            let plan = match params {
                Some(params) => plan.with_param_values(params).map_err(|error| self.error(&error))?,
                None => plan,
            };
            let bound = self.shared.bounds.timeout();
            let deadline = Instant::now()
                + timeout.filter(|timeout| !timeout.is_zero()).map_or(bound, |timeout| timeout.min(bound));
            let (sender, batches) = mpsc::channel(BATCHES_WAITING_MAX);
            let (tell, told) = tokio::sync::oneshot::channel();
            let sql = self.clone();
            let work = self.shared.threads.spawn(async move {
                let run = AssertUnwindSafe(sql.run(plan, session, tell, &sender)).catch_unwind();
                let ended = tokio::time::timeout_at(deadline.into(), run).await;
                // Its place is free, also while a reader that does not read is yet to be told.
                drop(turn);
                // An answer never ends as if it were whole. Nobody reads any more, or the reader is told.
                let why = match ended {
                    Ok(Ok(())) => return,
                    Ok(Err(_panic)) => SqlError::new(SqlErrorKind::Internal, BROKE_OFF),
                    Err(_elapsed) => sql.too_long(),
                };
                drop(sender.try_send(Err(why.clone())));
                drop(sender.send(Err(why)).await);
            });
            let mut running = Running {
                schema: Arc::new(Schema::empty()),
                stamp,
                rows_read: RowsRead::default(),
                batches,
                work: work.abort_handle(),
            };
            match told.await {
                Ok(told) => (running.schema, running.rows_read) = told,
                // It ended before it could say what it gives: the first thing it sent is why.
                Err(_ended) => match running.batches.recv().await {
                    Some(Err(error)) => return Err(error),
                    _ => {
                        return Err(SqlError::new(
                            SqlErrorKind::Internal,
                            "the statement ended without an answer",
                        ));
                    }
                },
            }
            Ok(running)
        })
    }

    async fn run(
        &self,
        plan: LogicalPlan,
        session: SessionState,
        tell: tokio::sync::oneshot::Sender<(SchemaRef, RowsRead)>,
        sender: &mpsc::Sender<Result<RecordBatch, SqlError>>,
    ) {
        let planned = session.create_physical_plan(&plan).await;
        let begun = planned.and_then(|plan| {
            let rows_read = RowsRead::of(&plan);
            Ok((execute_stream(plan, session.task_ctx())?, rows_read))
        });
        let (mut stream, rows_read) = match begun {
            Ok(begun) => begun,
            Err(error) => {
                drop(sender.send(Err(self.error(&error))).await);
                return;
            }
        };
        if tell.send((stream.schema(), rows_read)).is_err() {
            return;
        }
        while let Some(batch) = stream.next().await {
            let batch = batch.map_err(|error| self.error(&error));
            let is_last = batch.is_err();
            if sender.send(batch).await.is_err() || is_last {
                return;
            }
        }
    }

    fn too_long(&self) -> SqlError {
        let seconds = self.shared.bounds.statement_timeout_s;
        let message = format!(
            "the statement took longer than it may ({seconds} s, or less if you set less); ask for a shorter time, \
             fewer venues or people, or add LIMIT",
        );
        SqlError::bound(SqlErrorKind::Timeout, "statement_timeout_s", message)
    }

    pub(crate) fn error(&self, error: &DataFusionError) -> SqlError {
        SqlError::of(error, &self.shared.tables)
    }

    pub(crate) async fn on_threads<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, SqlError> {
        let stopped =
            |error| SqlError::new(SqlErrorKind::Internal, format!("the statement was stopped: {error}"));
        // Who does not wait for it any more stops it.
        AbortOnDropHandle::new(self.shared.threads.spawn(work)).await.map_err(stopped)
    }

    /// Begins something on SQL's threads; dropping what this gives stops it.
    pub(crate) fn in_background(
        &self,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> AbortOnDropHandle<()> {
        AbortOnDropHandle::new(self.shared.threads.spawn(work))
    }
}
