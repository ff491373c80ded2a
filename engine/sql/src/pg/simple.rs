//! Statements sent as text, and what every statement answers with.

use super::copy::CopyFormat;
use super::errors::{error, fatal, remark, state};
use super::rows::{Rows, text_row};
use super::server::Handler;
use super::session::{Portal, Progress, Session};
use super::statement::{Action, tag_of};
use bytes::BytesMut;
use datafusion::sql::sqlparser::ast::Statement;
use datafusion_postgres::pgwire::api::portal::Format;
use datafusion_postgres::pgwire::api::results::{FieldInfo, Tag};
use datafusion_postgres::pgwire::error::{PgWireError, PgWireResult};
use datafusion_postgres::pgwire::messages::PgWireBackendMessage;
use datafusion_postgres::pgwire::messages::copy::{CopyData, CopyDone, CopyOutResponse};
use datafusion_postgres::pgwire::messages::data::{FieldDescription, RowDescription};
use datafusion_postgres::pgwire::messages::response::{EmptyQueryResponse, TransactionStatus};
use datafusion_postgres::pgwire::messages::startup::ParameterStatus;
use futures_util::{Sink, SinkExt};
use std::sync::Arc;

/// Where messages to the client go.
pub type Out<'a> = dyn Sink<PgWireBackendMessage, Error = PgWireError> + Send + Unpin + 'a;

/// Rows that are sent before it is looked whether the client still takes them.
const ROWS_AT_ONCE: usize = 1_024;

/// How a statement is answered.
#[derive(Clone, Copy)]
pub struct Way<'a> {
    /// The text it came in.
    pub text: &'a str,
    /// Names and types of columns go before the rows.
    pub describes: bool,
    pub format: &'a Format,
}

impl Handler {
    /// Runs the statements of a text one after the other, each answered before the next begins. `status` is that of
    /// the transaction.
    pub async fn texts(
        &self,
        session: &mut Session,
        out: &mut Out<'_>,
        text: &str,
        status: &mut TransactionStatus,
    ) -> PgWireResult<()> {
        let actions = self.server.reader.read(text)?;
        if actions.is_empty() {
            return out.feed(PgWireBackendMessage::EmptyQueryResponse(EmptyQueryResponse::new())).await;
        }
        let way = Way { text, describes: true, format: &Format::UnifiedText };
        for action in actions {
            self.answer(session, out, &action, way, status).await?;
        }
        Ok(())
    }

    /// Answers one statement.
    pub async fn answer(
        &self,
        session: &mut Session,
        out: &mut Out<'_>,
        action: &Action,
        way: Way<'_>,
        status: &mut TransactionStatus,
    ) -> PgWireResult<()> {
        if *status == TransactionStatus::Error
            && !matches!(action, Action::Commit | Action::Rollback | Action::BackToSavepoint)
        {
            let message = "the transaction has failed; nothing more is done until ROLLBACK";
            return Err(error(state::TRANSACTION_FAILED, message));
        }
        match action {
            Action::Read(statement) => {
                let prepared =
                    session.plan(&self.server.sql, &self.server.system, statement, way.text).await?;
                let mut rows =
                    session.run(&self.server.sql, prepared, statement, way.text, way.format).await?;
                self.rows(out, &mut rows, way.describes, None, tag_of(statement)).await?;
                Ok(())
            }
            Action::Copy(statement, format) => self.copy(session, out, statement, format, way.text).await,
            Action::Declare { name, read, hold } => {
                self.declare(session, name, read, *hold, way.text, *status).await?;
                done(out, "DECLARE CURSOR").await
            }
            Action::Fetch { name, rows } => self.fetch(session, out, name, *rows, way).await,
            Action::Show(name) => {
                let (shown, value) = session.settings.show(name)?;
                let (fields, row) = text_row(&[shown], &[value])?;
                self.one(out, &fields, vec![row], way.describes).await
            }
            Action::ShowAll => {
                let all = session.settings.all();
                let rows = all.iter().map(|(name, value)| text_row(&["name", "setting"], &[name, value]));
                let (fields, rows): (Vec<_>, Vec<_>) =
                    rows.collect::<PgWireResult<Vec<_>>>()?.into_iter().unzip();
                let fields = fields.into_iter().next().unwrap_or_default();
                self.one(out, &fields, rows, way.describes).await
            }
            other => self.about_session(session, out, other, status).await,
        }
    }

    /// Sends rows, all or so many; gives how many it sent and whether that was all.
    pub async fn rows(
        &self,
        out: &mut Out<'_>,
        rows: &mut Rows,
        describes: bool,
        most: Option<usize>,
        tag: &str,
    ) -> PgWireResult<(usize, bool)> {
        if describes {
            out.feed(describe(rows.fields())).await?;
        }
        let mut sent = 0;
        let mut is_all = false;
        while !is_all && most.is_none_or(|most| sent < most) {
            let some = self.some(out, rows, most.map_or(ROWS_AT_ONCE, |most| ROWS_AT_ONCE.min(most - sent)));
            let (some, ended) = self.patiently(some).await?;
            (sent, is_all) = (sent + some, ended);
        }
        if is_all || tag == "FETCH" {
            out.feed(PgWireBackendMessage::CommandComplete(Tag::new(tag).with_rows(sent).into())).await?;
        }
        Ok((sent, is_all))
    }

    async fn some(&self, out: &mut Out<'_>, rows: &mut Rows, most: usize) -> PgWireResult<(usize, bool)> {
        for sent in 0..most {
            match rows.next().await? {
                Some(row) => out.feed(PgWireBackendMessage::DataRow(row)).await?,
                None => return Ok((sent, true)),
            }
        }
        Ok((most, false))
    }

    /// Work that also waits for the client; a client that takes nothing for as long as a statement may run is gone.
    async fn patiently<T>(&self, work: impl Future<Output = PgWireResult<T>>) -> PgWireResult<T> {
        // Twice: the statement's own time ends first and says why, where the client still reads.
        match tokio::time::timeout(self.server.bound * 2, work).await {
            Ok(done) => done,
            Err(_elapsed) => {
                self.give_up();
                Err(fatal(state::CANCELED, "the client takes no more", None))
            }
        }
    }

    async fn one(
        &self,
        out: &mut Out<'_>,
        fields: &Arc<Vec<FieldInfo>>,
        rows: Vec<datafusion_postgres::pgwire::messages::data::DataRow>,
        describes: bool,
    ) -> PgWireResult<()> {
        if describes {
            out.feed(describe(fields)).await?;
        }
        for row in rows {
            out.feed(PgWireBackendMessage::DataRow(row)).await?;
        }
        done(out, "SHOW").await
    }

    async fn copy(
        &self,
        session: &Session,
        out: &mut Out<'_>,
        statement: &Statement,
        format: &CopyFormat,
        text: &str,
    ) -> PgWireResult<()> {
        let prepared = session.plan(&self.server.sql, &self.server.system, statement, text).await?;
        let mut rows = session.run(&self.server.sql, prepared, statement, text, &Format::UnifiedText).await?;
        let columns = i16::try_from(rows.fields().len())
            .map_err(|_many| error(state::TOO_LARGE, "the answer has too many columns"))?;
        let formats = vec![0; rows.fields().len()];
        out.feed(PgWireBackendMessage::CopyOutResponse(CopyOutResponse::new(0, columns, formats))).await?;
        let mut buffer = BytesMut::new();
        if let Some(header) = format.header(rows.fields().iter().map(FieldInfo::name)) {
            out.feed(PgWireBackendMessage::CopyData(CopyData::new(header))).await?;
        }
        let mut count = 0;
        while let Some(row) = rows.next().await? {
            // A message a row: clients take each for one.
            format.line(&row, &mut buffer)?;
            count += 1;
            let data = CopyData::new(buffer.split().freeze());
            self.patiently(out.feed(PgWireBackendMessage::CopyData(data))).await?;
        }
        out.feed(PgWireBackendMessage::CopyDone(CopyDone::new())).await?;
        out.feed(PgWireBackendMessage::CommandComplete(Tag::new("COPY").with_rows(count).into())).await
    }

    async fn declare(
        &self,
        session: &mut Session,
        name: &str,
        read: &Statement,
        hold: bool,
        text: &str,
        status: TransactionStatus,
    ) -> PgWireResult<()> {
        if status == TransactionStatus::Idle && !hold {
            let message = "DECLARE CURSOR needs a transaction: BEGIN first, or add WITH HOLD";
            return Err(error(state::NO_TRANSACTION, message));
        }
        if session.portals.contains_key(name) {
            return Err(error(state::CURSOR_EXISTS, format!("there is a cursor {name} already")));
        }
        let prepared = session.plan(&self.server.sql, &self.server.system, read, text).await?;
        let rows = session.run(&self.server.sql, prepared, read, text, &Format::UnifiedText).await?;
        let portal = Portal {
            text: text.into(),
            action: Some(Action::Read(Box::new(read.clone()))),
            format: Format::UnifiedText,
            progress: Progress::Running(Box::new(rows)),
            is_cursor: true,
            hold,
        };
        session.open(name.to_owned(), portal)
    }

    async fn fetch(
        &self,
        session: &mut Session,
        out: &mut Out<'_>,
        name: &str,
        most: Option<usize>,
        way: Way<'_>,
    ) -> PgWireResult<()> {
        let Progress::Running(rows) = &mut session.portal(name)?.progress else {
            return Err(error(state::NO_CURSOR, format!("{name} is no cursor")));
        };
        rows.set_format(way.format)?;
        self.rows(out, rows, way.describes, most, "FETCH").await?;
        Ok(())
    }

    async fn about_session(
        &self,
        session: &mut Session,
        out: &mut Out<'_>,
        action: &Action,
        status: &mut TransactionStatus,
    ) -> PgWireResult<()> {
        match action {
            Action::Set(assignments) => {
                for (name, value) in assignments {
                    let changed = session.settings.set(name, value.as_deref())?;
                    report(out, changed.report).await?;
                    say(out, "WARNING", changed.remark.as_deref()).await?;
                }
                done(out, "SET").await
            }
            Action::Reset => {
                for changed in session.settings.reset() {
                    report(out, Some(changed)).await?;
                }
                done(out, "RESET").await
            }
            Action::DiscardAll => {
                session.statements.clear();
                session.portals.clear();
                for changed in session.settings.reset() {
                    report(out, Some(changed)).await?;
                }
                done(out, "DISCARD ALL").await
            }
            Action::CloseCursor(None) => {
                session.portals.retain(|_, portal| !portal.is_cursor);
                done(out, "CLOSE CURSOR ALL").await
            }
            Action::CloseCursor(Some(name)) => {
                session.portal(name)?;
                session.portals.remove(name);
                done(out, "CLOSE CURSOR").await
            }
            Action::Deallocate(None) => {
                session.statements.clear();
                done(out, "DEALLOCATE ALL").await
            }
            Action::Deallocate(Some(name)) => match session.statements.remove(name) {
                Some(_) => done(out, "DEALLOCATE").await,
                None => Err(error(state::NO_STATEMENT, format!("there is no prepared statement {name}"))),
            },
            Action::Remark(tag, remark) => {
                say(out, "WARNING", Some(remark)).await?;
                done(out, tag).await
            }
            Action::Nothing(tag) => done(out, tag).await,
            other => transaction(session, out, other, status).await,
        }
    }
}

/// Transactions hold nothing: each statement in them sees its own moment.
async fn transaction(
    session: &mut Session,
    out: &mut Out<'_>,
    action: &Action,
    status: &mut TransactionStatus,
) -> PgWireResult<()> {
    let is_idle = *status == TransactionStatus::Idle;
    match action {
        Action::Begin(remark) => {
            let again = (!is_idle).then_some("there is already a transaction in progress");
            say(out, "WARNING", again.or(*remark)).await?;
            *status = TransactionStatus::Transaction;
            done(out, "BEGIN").await
        }
        Action::Commit | Action::Rollback => {
            say(out, "WARNING", is_idle.then_some("there is no transaction in progress")).await?;
            let failed = *status == TransactionStatus::Error;
            *status = TransactionStatus::Idle;
            session.end_transaction();
            done(out, if failed || *action == Action::Rollback { "ROLLBACK" } else { "COMMIT" }).await
        }
        Action::Savepoint(_) | Action::BackToSavepoint if is_idle => {
            Err(error(state::NO_TRANSACTION, "savepoints need a transaction: BEGIN first"))
        }
        Action::Savepoint(tag) => done(out, tag).await,
        Action::BackToSavepoint => {
            *status = TransactionStatus::Transaction;
            done(out, "ROLLBACK").await
        }
        _ => Err(error(state::INTERNAL, "a statement is not answered; please tell us")),
    }
}

/// Names and types of columns.
pub fn describe(fields: &[FieldInfo]) -> PgWireBackendMessage {
    let described = fields.iter().map(FieldDescription::from).collect();
    PgWireBackendMessage::RowDescription(RowDescription::new(described))
}

async fn done(out: &mut Out<'_>, tag: &str) -> PgWireResult<()> {
    out.feed(PgWireBackendMessage::CommandComplete(Tag::new(tag).into())).await
}

async fn report(out: &mut Out<'_>, changed: Option<(&'static str, String)>) -> PgWireResult<()> {
    match changed {
        Some((name, value)) => {
            let status = ParameterStatus::new(name.to_owned(), value);
            out.feed(PgWireBackendMessage::ParameterStatus(status)).await
        }
        None => Ok(()),
    }
}

async fn say(out: &mut Out<'_>, severity: &str, message: Option<&str>) -> PgWireResult<()> {
    match message {
        Some(message) => {
            out.feed(PgWireBackendMessage::NoticeResponse(remark(severity, message).into())).await
        }
        None => Ok(()),
    }
}
