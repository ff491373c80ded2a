//! The catalog: which tables and functions there are, and their registration in a session.
//!
//! [`register`] is the one place where tables and functions come into a session. Whoever runs the same plans elsewhere
//! (an executor on another machine) calls it too, with a moment of its own.

use crate::city::City;
use crate::functions;
use crate::functions_of_city::{CityFunction, TABLE_FUNCTIONS, constants};
use crate::read::Bound;
use crate::tables::{self, WINDOWS};
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{
    CatalogProvider, CatalogProviderList, MemoryCatalogProviderList, SchemaProvider, Session, TableProvider,
};
use datafusion::common::internal_err;
use datafusion::error::Result;
use datafusion::execution::SessionState;
use datafusion::logical_expr::registry::FunctionRegistry as _;
use datafusion::logical_expr::{Expr, LogicalPlan, TableType};
use datafusion::physical_plan::ExecutionPlan;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Name of the catalog, which PostgreSQL calls a database.
pub const CATALOG: &str = "vonglau";
/// Name of the schema with the tables.
pub const SCHEMA: &str = "public";

/// All tables at one moment.
#[derive(Debug)]
pub struct Tables {
    read: BTreeMap<&'static str, Arc<Bound>>,
    zone: Arc<str>,
}

impl Tables {
    /// Without a city they can be planned and described, but not read.
    pub fn at(city: Option<&Arc<City>>, zone: &Arc<str>) -> Self {
        let bound = |source: Arc<dyn crate::read::Source>| {
            (source.doc().name, Arc::new(Bound::new(source, zone, city.map(Arc::clone))))
        };
        Self { read: tables::all().into_iter().map(bound).collect(), zone: Arc::clone(zone) }
    }
}

#[async_trait]
impl SchemaProvider for Tables {
    fn table_names(&self) -> Vec<String> {
        tables::docs().into_iter().map(|doc| doc.name.to_owned()).collect()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        if let Some(table) = self.read.get(name) {
            return Ok(Some(Arc::clone(table) as Arc<dyn TableProvider>));
        }
        let Some(window) = WINDOWS.iter().find(|window| (window.doc)().name == name) else { return Ok(None) };
        let plan = (window.plan)(&|name| Arc::clone(&self.read[name]), &self.zone)?;
        Ok(Some(Arc::new(Made { schema: (window.doc)().schema(&self.zone), plan })))
    }

    fn table_exist(&self, name: &str) -> bool {
        self.read.contains_key(name) || WINDOWS.iter().any(|window| (window.doc)().name == name)
    }
}

/// A table that is made of others, as a statement finds it: a table like those.
#[derive(Debug)]
struct Made {
    schema: SchemaRef,
    plan: LogicalPlan,
}

#[async_trait]
impl TableProvider for Made {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    /// Stands in the statement's plan in place of the table.
    fn get_logical_plan(&self) -> Option<Cow<'_, LogicalPlan>> {
        Some(Cow::Borrowed(&self.plan))
    }

    async fn scan(
        &self,
        _: &dyn Session,
        _: Option<&Vec<usize>>,
        _: &[Expr],
        _: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        internal_err!("what the table is made of was not put in its place")
    }
}

/// The catalog of one statement: the tables at its moment, and schemas that stay the same.
#[derive(Debug)]
struct Database(BTreeMap<String, Arc<dyn SchemaProvider>>);

impl CatalogProvider for Database {
    fn schema_names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    fn schema(&self, name: &str) -> Option<Arc<dyn SchemaProvider>> {
        self.0.get(name).map(Arc::clone)
    }
}

/// Puts the tables at a moment and the functions asked of it into a session, beside the schemas and functions that it
/// has already.
///
/// # Errors
/// When a function cannot be registered: a fault of ours.
pub fn register(state: SessionState, city: Option<&Arc<City>>, zone: &Arc<str>) -> Result<SessionState> {
    let held = state.catalog_list().catalog(CATALOG);
    let kept = held.iter().flat_map(|held| {
        let named = |name: String| held.schema(&name).map(|schema| (name, schema));
        held.schema_names().into_iter().filter_map(named)
    });
    let mut schemas: BTreeMap<String, Arc<dyn SchemaProvider>> = kept.collect();
    schemas.insert(SCHEMA.to_owned(), Arc::new(Tables::at(city, zone)));
    let list = MemoryCatalogProviderList::new();
    list.register_catalog(CATALOG.to_owned(), Arc::new(Database(schemas)));
    let mut state = state;
    state.register_catalog_list(Arc::new(list));
    for name in TABLE_FUNCTIONS {
        let city = city.map(Arc::clone);
        state.register_udtf(name, Arc::new(CityFunction { name, zone: Arc::clone(zone), city }));
    }
    for function in constants(city.map(|city| &**city), zone) {
        state.register_udf(Arc::new(function))?;
    }
    // What is now, for its statement.
    state.mark_start_execution();
    Ok(state)
}

/// A function, as the catalog tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionDoc {
    pub name: &'static str,
    pub signature: String,
    pub is_table: bool,
    pub vi: &'static str,
    pub en: &'static str,
}

/// All functions that are ours.
pub fn functions() -> Vec<FunctionDoc> {
    let own = [
        (
            "contacts_of",
            "contacts_of(person text) → table",
            true,
            "Người tiếp xúc của một F0; phần trong kho lưu trữ thêm một dòng mỗi ngày",
            "Contacts of one case; what is archived of a pair is a further row a day",
        ),
        (
            "chain_of",
            "chain_of(person text [, depth int 1-10, default 3]) → table",
            true,
            "Chuỗi lây từ một F0: F0, người tiếp xúc, người tiếp xúc của các F0 trong đó …; không kể kho lưu trữ",
            "The chain from a case: its contacts, the contacts of those who are cases …; without the archive",
        ),
        (
            "exposed_at",
            "exposed_at(venue text, from timestamptz, to timestamptz) → table",
            true,
            "Ai có mặt ở địa điểm trong [from, to), cắt theo khoảng đó; cả trong kho lưu trữ; class theo lúc này",
            "Who was at a venue in [from, to), cut to it, of the archive too; class as it is now",
        ),
        (
            "as_of",
            "as_of() → timestamptz",
            false,
            "Thời điểm mà kết quả đúng",
            "Event time for which the answer is true",
        ),
        (
            "stream_seq",
            "stream_seq() → bigint",
            false,
            "Vị trí trong nhật ký mà kết quả đúng",
            "Position of the journal for which the answer is true",
        ),
        (
            "lag",
            "lag() → double precision, seconds",
            false,
            "Số giây mà hệ thống đang chậm so với nhật ký",
            "Seconds by which the engine is behind the journal",
        ),
    ];
    let own = own.map(|(name, signature, is_table, vi, en)| FunctionDoc {
        name,
        signature: signature.to_owned(),
        is_table,
        vi,
        en,
    });
    let scalar = functions::docs().into_iter().map(|doc| FunctionDoc {
        name: doc.name,
        signature: doc.signature,
        is_table: doc.is_table,
        vi: doc.vi,
        en: doc.en,
    });
    own.into_iter().chain(scalar).collect()
}
