//! What one connection holds: its settings, statements it prepared, and answers it reads in parts.

use super::errors::{error, of, state};
use super::names::names;
use super::rewrite::without_rows;
use super::rows::{Rows, fields, sent};
use super::settings::Settings;
use super::statement::Action;
use super::system::System;
use crate::check::check;
use crate::error::{SqlError, SqlErrorKind};
use crate::run::{Caller, From, Prepared, Sql};
use datafusion::error::DataFusionError;
use datafusion::sql::sqlparser::ast::Statement;
use datafusion_postgres::pgwire::api::Type;
use datafusion_postgres::pgwire::api::portal::Format;
use datafusion_postgres::pgwire::api::results::FieldInfo;
use datafusion_postgres::pgwire::error::{PgWireError, PgWireResult};
use std::collections::HashMap;
use std::sync::Arc;

/// Statements that one connection may keep prepared.
const STATEMENTS_MAX: usize = 1_000;
/// Answers that one connection may read at once.
const PORTALS_MAX: usize = 100;

/// A statement that was sent by `Parse`.
#[derive(Debug)]
pub struct Stored {
    /// As it was sent, for places in errors.
    pub text: Arc<str>,
    /// None: an empty statement.
    pub action: Option<Action>,
    /// Types that the client named or, where it left them open and asked, that the planner found.
    pub types: Vec<Option<Type>>,
}

/// A statement with its values, or a cursor.
#[derive(Debug)]
pub struct Portal {
    pub text: Arc<str>,
    /// None: an empty statement.
    pub action: Option<Action>,
    pub format: Format,
    pub progress: Progress,
    /// Made by `DECLARE`: it outlives the exchange in which it was made.
    pub is_cursor: bool,
    /// Outlives the transaction too.
    pub hold: bool,
}

/// How far a portal is.
#[derive(Debug, Default)]
pub enum Progress {
    #[default]
    Bound,
    /// Planned, because the client asked what it will give.
    Planned(Box<Prepared>),
    Running(Box<Rows>),
    Done,
}

/// One connection's session.
#[derive(Debug)]
pub struct Session {
    pub user: Box<str>,
    pub pid: i32,
    pub settings: Settings,
    pub statements: HashMap<String, Stored>,
    pub portals: HashMap<String, Portal>,
}

impl Session {
    /// A session of a user who is in.
    pub fn new(user: &str, pid: i32, settings: Settings) -> Self {
        Self { user: user.into(), pid, settings, statements: HashMap::new(), portals: HashMap::new() }
    }

    /// Plans a statement at the moment of now. It holds a place among those that run until it is dropped.
    pub async fn plan(
        &self,
        sql: &Sql,
        system: &System,
        statement: &Statement,
        text: &str,
    ) -> PgWireResult<Prepared> {
        match self.try_plan(sql, system, statement).await {
            Ok(prepared) => Ok(prepared),
            Err(wrong) if wrong.kind == SqlErrorKind::TooMany || wrong.kind == SqlErrorKind::ReadOnly => {
                Err(of(wrong, text))
            }
            Err(wrong) => match without_rows(statement).filter(|_| text.contains("pg_")) {
                Some(empty) => self.try_plan(sql, system, &empty).await.map_err(|_again| of(wrong, text)),
                None => Err(of(wrong, text)),
            },
        }
    }

    async fn try_plan(
        &self,
        sql: &Sql,
        system: &System,
        statement: &Statement,
    ) -> Result<Prepared, SqlError> {
        let fault = |wrong: DataFusionError| SqlError::new(SqlErrorKind::Internal, wrong.to_string());
        let session = system.state(&self.user, self.pid, &self.settings).map_err(fault)?;
        let caller = Caller { user: self.user.clone(), from: From::Postgres };
        sql.prepare_checked(check(statement.clone())?, session, &caller).await
    }

    /// Runs what is planned.
    pub async fn run(
        &self,
        sql: &Sql,
        prepared: Prepared,
        statement: &Statement,
        text: &str,
        format: &Format,
    ) -> PgWireResult<Rows> {
        let running = sql.execute(prepared, None, Some(self.settings.timeout())).await;
        let running = running.map_err(|wrong| of(wrong, text))?;
        Rows::new(sql.clone(), running, &self.zone(), &names(statement), format)
    }

    /// What the columns of a plan are for this client.
    pub fn fields(
        &self,
        prepared: &Prepared,
        statement: &Statement,
        format: &Format,
    ) -> PgWireResult<Arc<Vec<FieldInfo>>> {
        fields(&sent(prepared.plan.schema().as_arrow(), &self.zone(), &names(statement)), format)
    }

    fn zone(&self) -> Arc<str> {
        self.settings.zone().into()
    }

    /// Keeps a statement under a name.
    pub fn store(&mut self, name: String, stored: Stored) -> PgWireResult<()> {
        if self.statements.len() >= STATEMENTS_MAX && !self.statements.contains_key(&name) {
            let message = format!("{STATEMENTS_MAX} statements are prepared; DEALLOCATE some");
            return Err(error(state::TOO_LARGE, message));
        }
        self.statements.insert(name, stored);
        Ok(())
    }

    /// Keeps a portal or cursor under a name.
    pub fn open(&mut self, name: String, portal: Portal) -> PgWireResult<()> {
        if self.portals.len() >= PORTALS_MAX && !self.portals.contains_key(&name) {
            let message = format!("{PORTALS_MAX} cursors are open; CLOSE some");
            return Err(error(state::TOO_LARGE, message));
        }
        self.portals.insert(name, portal);
        Ok(())
    }

    /// A portal, or why there is none.
    pub fn portal(&mut self, name: &str) -> PgWireResult<&mut Portal> {
        self.portals.get_mut(name).ok_or_else(|| no_portal(name))
    }

    /// The transaction is over: what does not outlive it is closed, and its work stops.
    pub fn end_transaction(&mut self) {
        self.portals.retain(|_, portal| portal.hold);
    }

    /// An exchange outside of a transaction is over.
    pub fn end_exchange(&mut self) {
        self.portals.retain(|_, portal| portal.is_cursor);
    }

    /// An exchange within a transaction is over: what was planned for it and is not run gives its place and its moment
    /// back, and is planned anew when it is run.
    pub fn end_planning(&mut self) {
        let planned = |portal: &&mut Portal| matches!(portal.progress, Progress::Planned(_));
        self.portals.values_mut().filter(planned).for_each(|portal| portal.progress = Progress::Bound);
    }
}

fn no_portal(name: &str) -> PgWireError {
    error(state::NO_CURSOR, format!("there is no cursor {name}"))
}
