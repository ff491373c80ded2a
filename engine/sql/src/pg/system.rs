//! The system catalog: what `\d`, inspectors and drivers ask before anybody asks a question.
//!
//! Tables and columns never change while the server runs, so the catalog is made once: the emulation of
//! `datafusion-pg-catalog` with what it leaves open filled in (owners, canonical numbers, comments, functions), an
//! `information_schema` with PostgreSQL's names of types, and functions.

mod comments;
mod functions;
mod information;
mod tables;

pub use tables::CANONICAL;

use super::settings::Settings;
use crate::catalog::{CATALOG, SCHEMA};
use async_trait::async_trait;
use datafusion::catalog::{
    CatalogProvider, CatalogProviderList, MemoryCatalogProvider, MemoryCatalogProviderList, SchemaProvider,
    TableProvider,
};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::context::SessionContext;
use datafusion::execution::{FunctionRegistry, SessionState};
use datafusion_postgres::datafusion_pg_catalog::pg_catalog::context::{PgCatalogContextProvider, Role};
use datafusion_postgres::datafusion_pg_catalog::setup_pg_catalog;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Name of the schema with the system catalog.
const PG_CATALOG: &str = "pg_catalog";
const INFORMATION_SCHEMA: &str = "information_schema";

/// The session from which each statement's is made.
#[derive(Clone, Debug)]
pub struct System {
    state: SessionState,
    zone: Arc<str>,
}

impl System {
    /// Makes the catalog over the tables of a session that describes them; `users` are shown as roles.
    ///
    /// # Errors
    /// When `DataFusion` refuses something: a fault of ours.
    pub async fn new(template: &SessionState, users: Vec<String>) -> Result<Self> {
        let (state, database) = with_information(template)?;
        let context = SessionContext::new_with_state(state);
        setup_pg_catalog(&context, CATALOG, Roles(users)).map_err(|error| *error)?;
        let emulated = database.schema(PG_CATALOG).ok_or_else(missing)?;
        let (own, known) = tables::own(&context).await?;
        database.register_schema(PG_CATALOG, Arc::new(Overlay { base: Some(emulated), own }))?;
        for function in functions::all(&known) {
            context.register_udf(function);
        }
        let zone = template.config_options().execution.time_zone.clone().unwrap_or_default().into();
        Ok(Self { state: context.state(), zone })
    }

    /// The name of the city's zone.
    pub fn zone(&self) -> &Arc<str> {
        &self.zone
    }

    /// The session of one statement.
    ///
    /// # Errors
    /// When a function cannot be registered: a fault of ours.
    pub fn state(&self, user: &str, pid: i32, settings: &Settings) -> Result<SessionState> {
        let mut state = self.state.clone();
        for function in functions::of_session(user, pid, settings.all()) {
            state.register_udf(Arc::new(function))?;
        }
        if settings.zone() != &*self.zone {
            state.config_mut().options_mut().execution.time_zone = Some(settings.zone().to_owned());
        }
        Ok(state)
    }
}

/// A session like that, with an `information_schema` that tells what its columns mean in place of `DataFusion`'s own;
/// and its database.
///
/// # Errors
/// When `DataFusion` refuses something: a fault of ours.
pub fn with_information(template: &SessionState) -> Result<(SessionState, Arc<MemoryCatalogProvider>)> {
    let held = template.catalog_list().catalog(CATALOG).ok_or_else(missing)?;
    let public = held.schema(SCHEMA).ok_or_else(missing)?;
    let database = Arc::new(MemoryCatalogProvider::new());
    database.register_schema(SCHEMA, public)?;
    database.register_schema(INFORMATION_SCHEMA, Arc::new(information::schema()?))?;
    let list = Arc::new(MemoryCatalogProviderList::new());
    list.register_catalog(CATALOG.to_owned(), Arc::clone(&database) as Arc<dyn CatalogProvider>);
    let mut state = template.clone();
    state.register_catalog_list(list);
    // Where DataFusion's own is on, it hides any other.
    state.config_mut().options_mut().catalog.information_schema = false;
    Ok((state, database))
}

fn missing() -> DataFusionError {
    DataFusionError::Internal("the template has no tables".to_owned())
}

/// Tables of ours before those of another schema.
#[derive(Debug)]
struct Overlay {
    base: Option<Arc<dyn SchemaProvider>>,
    own: BTreeMap<String, Arc<dyn TableProvider>>,
}

#[async_trait]
impl SchemaProvider for Overlay {
    fn table_names(&self) -> Vec<String> {
        let base = self.base.iter().flat_map(|base| base.table_names());
        let mut names: Vec<String> = self.own.keys().cloned().chain(base).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        match (self.own.get(&name.to_lowercase()), &self.base) {
            (Some(table), _) => Ok(Some(Arc::clone(table))),
            (None, Some(base)) => base.table(name).await,
            (None, None) => Ok(None),
        }
    }

    fn table_exist(&self, name: &str) -> bool {
        self.own.contains_key(&name.to_lowercase())
            || self.base.as_ref().is_some_and(|base| base.table_exist(name))
    }
}

/// The users, as roles that may log in and nothing else.
#[derive(Clone, Debug)]
struct Roles(Vec<String>);

#[async_trait]
impl PgCatalogContextProvider for Roles {
    async fn roles(&self) -> Vec<String> {
        self.0.clone()
    }

    async fn role(&self, name: &str) -> Option<Role> {
        self.0.iter().find(|held| *held == name).map(|name| Role {
            name: name.clone(),
            is_superuser: false,
            can_login: true,
            can_create_db: false,
            can_create_role: false,
            can_create_user: false,
            can_replication: false,
            grants: Vec::new(),
            inherited_roles: Vec::new(),
        })
    }
}
