//! Statements sent in parts: prepared, given values, described, run, read in portions.

use super::errors::{error, state};
use super::params;
use super::server::Handler;
use super::session::{Portal, Progress, Session, Stored};
use super::simple::{Out, Way, describe};
use super::statement::{Action, read_of, tag_of};
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion_postgres::arrow_pg::datatypes::into_pg_type;
use datafusion_postgres::pgwire::api::Type;
use datafusion_postgres::pgwire::api::portal::Format;
use datafusion_postgres::pgwire::api::results::{FieldInfo, Tag};
use datafusion_postgres::pgwire::error::PgWireResult;
use datafusion_postgres::pgwire::messages::PgWireBackendMessage;
use datafusion_postgres::pgwire::messages::data::{NoData, ParameterDescription};
use datafusion_postgres::pgwire::messages::extendedquery::{
    Bind, BindComplete, Close, CloseComplete, Describe, Execute, Parse, ParseComplete, PortalSuspended,
    TARGET_TYPE_BYTE_STATEMENT,
};
use datafusion_postgres::pgwire::messages::response::{EmptyQueryResponse, TransactionStatus};
use futures_util::SinkExt;
use std::collections::HashMap;
use std::sync::Arc;

impl Handler {
    /// Keeps a statement under its name. It is planned only when it is described or run, each time anew.
    pub async fn parse(&self, session: &mut Session, out: &mut Out<'_>, message: Parse) -> PgWireResult<()> {
        let mut actions = self.server.reader.read(&message.query)?;
        if actions.len() > 1 {
            return Err(error(state::SYNTAX, "a prepared statement is one statement"));
        }
        let named = message.type_oids.iter().map(|number| {
            // 0 and `unknown`: the client leaves it to us.
            Type::from_oid(*number).filter(|named| *named != Type::UNKNOWN)
        });
        let stored =
            Stored { text: message.query.as_str().into(), action: actions.pop(), types: named.collect() };
        session.store(message.name.unwrap_or_default(), stored)?;
        out.feed(PgWireBackendMessage::ParseComplete(ParseComplete::new())).await
    }

    /// Puts values into a statement.
    pub async fn bind(&self, session: &mut Session, out: &mut Out<'_>, message: Bind) -> PgWireResult<()> {
        let name = message.statement_name.as_deref().unwrap_or_default();
        self.find_types(session, name, &message).await?;
        let stored = statement(session, name)?;
        let text = Arc::clone(&stored.text);
        let mut action = stored.action.clone();
        match action.as_mut().and_then(read_of) {
            Some(read) => {
                let values = params::values(&message, &stored.types)?;
                let wanted = params::count(read);
                if values.len() != wanted {
                    let message = format!("{} values for {wanted} placeholders", values.len());
                    return Err(error(state::PROTOCOL, message));
                }
                params::put(read, &values, &stored.types)?;
            }
            None if !message.parameters.is_empty() => {
                return Err(error(state::PROTOCOL, "values for a statement without placeholders"));
            }
            None => {}
        }
        let format = match message.result_column_format_codes.as_slice() {
            [] => Format::UnifiedText,
            [one] => Format::from(*one),
            codes => Format::Individual(codes.to_vec()),
        };
        let (progress, name) = (Progress::Bound, message.portal_name.unwrap_or_default());
        session.open(name, Portal { text, action, format, progress, is_cursor: false, hold: false })?;
        out.feed(PgWireBackendMessage::BindComplete(BindComplete::new())).await
    }

    /// Bytes can only be read when their type is known.
    async fn find_types(&self, session: &mut Session, name: &str, message: &Bind) -> PgWireResult<()> {
        let is_binary = message.parameter_format_codes.contains(&1);
        let stored = statement(session, name)?;
        let is_open = stored.types.len() < message.parameters.len() || stored.types.contains(&None);
        if is_binary && is_open {
            self.describe_statement(session, name).await?;
        }
        Ok(())
    }

    /// Tells what a statement takes and gives.
    pub async fn describe(
        &self,
        session: &mut Session,
        out: &mut Out<'_>,
        message: Describe,
    ) -> PgWireResult<()> {
        let name = message.name.unwrap_or_default();
        let fields = if message.target_type == TARGET_TYPE_BYTE_STATEMENT {
            let (types, fields) = self.describe_statement(session, &name).await?;
            let numbers = types.iter().map(Type::oid).collect();
            out.feed(PgWireBackendMessage::ParameterDescription(ParameterDescription::new(numbers))).await?;
            fields
        } else {
            self.describe_portal(session, &name).await?
        };
        match fields {
            Some(fields) => out.feed(describe(&fields)).await,
            None => out.feed(PgWireBackendMessage::NoData(NoData::new())).await,
        }
    }

    async fn describe_statement(
        &self,
        session: &mut Session,
        name: &str,
    ) -> PgWireResult<(Vec<Type>, Option<Arc<Vec<FieldInfo>>>)> {
        let stored = statement(session, name)?;
        let (text, types) = (Arc::clone(&stored.text), stored.types.clone());
        let mut action = stored.action.clone();
        let Some(read) = action.as_mut().and_then(read_of) else {
            return Ok((Vec::new(), shown(session, action.as_ref())?));
        };
        let count = params::count(read);
        params::open(read, &types);
        let read = read.clone();
        let prepared = session.plan(&self.server.sql, &self.server.system, &read, &text).await?;
        let found = inferred(&prepared.plan);
        let types: Vec<Type> = (0..count)
            .map(|place| {
                let named = types.get(place).cloned().flatten();
                named.or_else(|| found.get(&place).cloned()).unwrap_or(Type::TEXT)
            })
            .collect();
        let fields = match action {
            Some(Action::Read(_)) => Some(session.fields(&prepared, &read, &Format::UnifiedText)?),
            _ => None,
        };
        drop(prepared);
        if let Some(stored) = session.statements.get_mut(name) {
            stored.types = types.iter().cloned().map(Some).collect();
        }
        Ok((types, fields))
    }

    async fn describe_portal(
        &self,
        session: &mut Session,
        name: &str,
    ) -> PgWireResult<Option<Arc<Vec<FieldInfo>>>> {
        self.plan_portal(session, name).await?;
        let portal = session.portal(name)?;
        let format = portal.format.clone();
        match (&portal.action, &portal.progress) {
            (_, Progress::Running(rows)) => Ok(Some(Arc::clone(rows.fields()))),
            (Some(Action::Fetch { name, .. }), _) => {
                let name = name.clone();
                match &mut session.portal(&name)?.progress {
                    Progress::Running(rows) => {
                        rows.set_format(&format)?;
                        Ok(Some(Arc::clone(rows.fields())))
                    }
                    _ => Ok(None),
                }
            }
            _ => {
                let portal = session.portals.get(name);
                match portal.map(|portal| (&portal.progress, &portal.action)) {
                    Some((Progress::Planned(prepared), Some(Action::Read(read)))) => {
                        session.fields(prepared, read, &format).map(Some)
                    }
                    Some((_, action)) => shown(session, action.as_ref()),
                    None => Ok(None),
                }
            }
        }
    }

    /// Plans the query of a portal, once.
    async fn plan_portal(&self, session: &mut Session, name: &str) -> PgWireResult<()> {
        let portal = session.portal(name)?;
        let (Progress::Bound, Some(Action::Read(read))) = (&portal.progress, &portal.action) else {
            return Ok(());
        };
        let (read, text) = (read.clone(), Arc::clone(&portal.text));
        let prepared = session.plan(&self.server.sql, &self.server.system, &read, &text).await?;
        session.portal(name)?.progress = Progress::Planned(Box::new(prepared));
        Ok(())
    }

    /// Runs a portal, or goes on reading it.
    pub async fn execute(
        &self,
        session: &mut Session,
        out: &mut Out<'_>,
        message: Execute,
        status: &mut TransactionStatus,
    ) -> PgWireResult<()> {
        let name = message.name.unwrap_or_default();
        let most = usize::try_from(message.max_rows).ok().filter(|most| *most > 0);
        let portal = session.portal(&name)?;
        let Some(action) = portal.action.clone() else {
            return out.feed(PgWireBackendMessage::EmptyQueryResponse(EmptyQueryResponse::new())).await;
        };
        let (text, format) = (Arc::clone(&portal.text), portal.format.clone());
        let Action::Read(read) = &action else {
            let way = Way { text: &text, describes: false, format: &format };
            return self.answer(session, out, &action, way, status).await;
        };
        if *status == TransactionStatus::Error {
            let message = "the transaction has failed; nothing more is done until ROLLBACK";
            return Err(error(state::TRANSACTION_FAILED, message));
        }
        self.plan_portal(session, &name).await?;
        let portal = session.portal(&name)?;
        let mut rows = match std::mem::replace(&mut portal.progress, Progress::Done) {
            Progress::Planned(prepared) => {
                Box::new(session.run(&self.server.sql, *prepared, read, &text, &format).await?)
            }
            Progress::Running(rows) => rows,
            Progress::Bound | Progress::Done => {
                let tag = Tag::new(tag_of(read)).with_rows(0);
                return out.feed(PgWireBackendMessage::CommandComplete(tag.into())).await;
            }
        };
        let (_, is_all) = self.rows(out, &mut rows, false, most, tag_of(read)).await?;
        if !is_all {
            session.portal(&name)?.progress = Progress::Running(rows);
            out.feed(PgWireBackendMessage::PortalSuspended(PortalSuspended::new())).await?;
        }
        Ok(())
    }

    /// Forgets a statement or a portal; one that is not there is no error.
    pub async fn close(&self, session: &mut Session, out: &mut Out<'_>, message: Close) -> PgWireResult<()> {
        let name = message.name.unwrap_or_default();
        if message.target_type == TARGET_TYPE_BYTE_STATEMENT {
            session.statements.remove(&name);
        } else {
            session.portals.remove(&name);
        }
        out.feed(PgWireBackendMessage::CloseComplete(CloseComplete::new())).await
    }
}

fn statement<'a>(session: &'a Session, name: &str) -> PgWireResult<&'a Stored> {
    let missing = || error(state::NO_STATEMENT, format!("there is no prepared statement {name}"));
    session.statements.get(name).ok_or_else(missing)
}

/// What the columns of an answer about the session are.
fn shown(session: &Session, action: Option<&Action>) -> PgWireResult<Option<Arc<Vec<FieldInfo>>>> {
    Ok(match action {
        Some(Action::Show(name)) => {
            let (shown, value) = session.settings.show(name)?;
            Some(super::rows::text_row(&[shown], &[value])?.0)
        }
        Some(Action::ShowAll) => Some(super::rows::text_row(&["name", "setting"], &["", ""])?.0),
        Some(Action::Fetch { name, .. }) => match session.portals.get(name).map(|portal| &portal.progress) {
            Some(Progress::Running(rows)) => Some(Arc::clone(rows.fields())),
            _ => None,
        },
        _ => None,
    })
}

/// Types of placeholders as the planner found them, by place.
fn inferred(plan: &LogicalPlan) -> HashMap<usize, Type> {
    let mut found = HashMap::new();
    let visited = plan.apply_with_subqueries(|node| {
        node.apply_expressions(|expr| {
            expr.apply(|expr| {
                let placeholder = match expr {
                    Expr::Cast(cast) => match &*cast.expr {
                        Expr::Placeholder(placeholder) => {
                            Some((placeholder, Some(cast.field.data_type().clone())))
                        }
                        _ => None,
                    },
                    Expr::Placeholder(placeholder) => {
                        Some((placeholder, placeholder.field.as_ref().map(|field| field.data_type().clone())))
                    }
                    _ => None,
                };
                if let Some((placeholder, Some(data_type))) = placeholder
                    && let Some(place) = place(&placeholder.id)
                    && let Ok(named) = into_pg_type(&data_type)
                    && named != Type::UNKNOWN
                {
                    found.entry(place).or_insert(named);
                }
                Ok(TreeNodeRecursion::Continue)
            })
        })
    });
    if let Err(error) = visited {
        tracing::debug!(%error, "placeholders are taken as text");
    }
    found
}

fn place(id: &str) -> Option<usize> {
    id.strip_prefix('$')?.parse::<usize>().ok()?.checked_sub(1)
}
