//! How tables are read: a table says what it is and gives batches; [`crate::read_exec`] makes a step of a plan of it.

use crate::city::City;
use crate::column::TableDoc;
use crate::history;
use crate::names::Register;
use crate::numbers::Naming;
use crate::read_exec::ReadExec;
use arrow::array::ArrayRef;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::config::ConfigOptions;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::projection::ProjectionExpr;
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::metrics::Count;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::union::UnionExec;
use std::any::Any;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// Batches of one partition, each made when it is asked for.
pub type Batches = Box<dyn Iterator<Item = Result<RecordBatch>> + Send>;

/// How many rows a reading gives, for planning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// As many, to the row.
    Exactly(usize),
    /// About as many.
    About(usize),
}

impl Rows {
    /// About as many, at least one.
    pub fn about(rows: usize) -> Self {
        Self::About(rows.max(1))
    }
}

/// What is known of a reading only when it begins: filters over its rows, some of which a join has made meanwhile.
#[derive(Debug, Default)]
pub struct Refined {
    /// Over the columns that are read.
    pub filters: Vec<Arc<dyn PhysicalExpr>>,
    /// Places among the columns that are read of those that are given; None: all. A reading that does not refine gives all.
    pub given: Option<Vec<usize>>,
    /// Rows that a reading which refines has made or met, before the filters.
    pub looked_at: Count,
    /// What the first partition has made of them for all.
    pub shared: OnceLock<Arc<dyn Any + Send + Sync>>,
}

/// What a reading will read.
#[derive(Clone)]
pub struct Reading {
    /// So many partitions, which can be read side by side.
    pub partitions: usize,
    /// What EXPLAIN says of it: which filters it uses, and how much is left to read.
    pub told: String,
    pub rows: Rows,
    /// It leaves out every row that the filters given to `read` do not let through.
    pub refines: bool,
    /// Reads one partition.
    pub read: Arc<dyn Fn(usize, &Refined) -> Batches + Send + Sync>,
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading").field("told", &self.told).field("rows", &self.rows).finish_non_exhaustive()
    }
}

/// Rows of a batch.
pub const BATCH_ROWS: usize = 8_192;
/// Rows of a small table, for planning.
const SMALL_ROWS: usize = 10_000;

/// How a table is read: at which moment, which of its columns, with names or with their numbers.
#[derive(Clone, Debug)]
pub struct Asked {
    pub city: Arc<City>,
    /// Of the columns that are read.
    pub schema: SchemaRef,
    /// Their places in the table.
    pub columns: Vec<usize>,
    /// The registers of those that hold names.
    pub registers: Vec<Option<Register>>,
    /// So many partitions at most.
    pub threads: usize,
}

impl Asked {
    /// All columns of a table, with names, by one thread.
    pub fn whole(city: &Arc<City>, doc: &TableDoc) -> Self {
        let schema = doc.schema(&city.zone);
        let columns = (0..schema.fields().len()).collect();
        Self { city: Arc::clone(city), schema, columns, registers: doc.registers(), threads: 1 }
    }

    /// Some columns of a table whose columns are read by a schema, with names or with numbers.
    ///
    /// # Errors
    /// When there are no such columns: a fault of ours.
    pub fn of(
        city: &Arc<City>,
        doc: &TableDoc,
        schema: &SchemaRef,
        projection: Option<&Vec<usize>>,
        threads: usize,
    ) -> Result<Self> {
        let columns = projection.cloned().unwrap_or_else(|| (0..schema.fields().len()).collect());
        let registers = doc.registers();
        let registers = columns.iter().map(|column| registers[*column]).collect();
        let schema = Arc::new(schema.project(&columns)?);
        Ok(Self { city: Arc::clone(city), schema, columns, registers, threads })
    }

    /// The columns asked for, of all columns of some rows.
    ///
    /// # Errors
    /// When they are not of one length: a fault of ours.
    pub fn batch(&self, made: &[ArrayRef]) -> Result<RecordBatch> {
        let columns = self.columns.iter().enumerate();
        let fitted = columns.map(|(n, column)| self.fit(n, Arc::clone(&made[*column])));
        Ok(RecordBatch::try_new_with_options(
            Arc::clone(&self.schema),
            fitted.collect::<Result<_>>()?,
            &RecordBatchOptions::new().with_row_count(made.first().map(|column| column.len())),
        )?)
    }

    /// The n-th column asked for, with names or numbers, as it is asked for.
    ///
    /// # Errors
    /// As [`crate::names::Names::fit`].
    pub fn fit(&self, n: usize, made: ArrayRef) -> Result<ArrayRef> {
        self.city.names.fit(made, self.schema.field(n), self.registers[n])
    }

    /// One partition, made whole when it is read; `make` gives all columns of the table.
    #[must_use]
    pub fn made(self, make: impl Fn(&City) -> Result<Vec<ArrayRef>> + Send + Sync + 'static) -> Reading {
        self.in_one_go(move |asked| asked.batch(&make(&asked.city)?))
    }

    /// One partition, made whole when it is read, of whose columns only those are made that are asked for: `column` makes
    /// the n-th of the table for the numbers that `rows` gives.
    #[must_use]
    pub fn made_by_column(
        self,
        rows: fn(&City) -> Vec<u32>,
        column: fn(&City, &[u32], usize) -> ArrayRef,
    ) -> Reading {
        self.in_one_go(move |asked| {
            let rows = rows(&asked.city);
            let columns = asked.columns.iter().enumerate();
            let made = columns.map(|(n, place)| asked.fit(n, column(&asked.city, &rows, *place)));
            let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
            let made = made.collect::<Result<Vec<_>>>()?;
            Ok(RecordBatch::try_new_with_options(Arc::clone(&asked.schema), made, &options)?)
        })
    }

    fn in_one_go(self, make: impl Fn(&Self) -> Result<RecordBatch> + Send + Sync + 'static) -> Reading {
        let read = move || -> Batches {
            match make(&self) {
                Ok(batch) => {
                    let all = batch.num_rows();
                    let cuts = (0..all).step_by(BATCH_ROWS);
                    Box::new(cuts.map(move |from| Ok(batch.slice(from, BATCH_ROWS.min(all - from)))))
                }
                Err(error) => Box::new(std::iter::once(Err(error))),
            }
        };
        Reading {
            partitions: 1,
            told: String::new(),
            rows: Rows::about(SMALL_ROWS),
            refines: false,
            read: Arc::new(move |_, _| read()),
        }
    }
}

/// A table of the catalog.
pub trait Source: fmt::Debug + Send + Sync + 'static {
    fn doc(&self) -> TableDoc;

    /// Can a filter spare rows from being read? Rows that it does not spare are filtered once more.
    fn uses(&self, _filter: &Expr) -> bool {
        false
    }

    /// Plans to read.
    ///
    /// # Errors
    /// What a person can act on, or what was not taken with the moment.
    fn plan(&self, asked: Asked, filters: &[Expr]) -> Result<Reading>;
}

/// A table at a moment; without one it can be planned and described, but not read.
#[derive(Debug)]
pub struct Bound {
    source: Arc<dyn Source>,
    /// With names.
    named: SchemaRef,
    /// As it is read.
    schema: SchemaRef,
    city: Option<Arc<City>>,
}

impl Bound {
    pub fn new(source: Arc<dyn Source>, zone: &Arc<str>, city: Option<Arc<City>>) -> Self {
        let named = source.doc().schema(zone);
        Self { source, schema: Arc::clone(&named), named, city }
    }

    /// The moment at which it is read.
    pub fn city(&self) -> Option<Arc<City>> {
        self.city.clone()
    }

    /// The same table with numbers in place of names; None where it holds none, or has them already.
    pub fn numbered(&self) -> Option<Self> {
        let schema = self.source.doc().numbered_schema(&self.named)?;
        (self.schema == self.named).then(|| Self {
            source: Arc::clone(&self.source),
            named: Arc::clone(&self.named),
            schema,
            city: self.city.clone(),
        })
    }

    /// What was read with names, as this table is read.
    fn fitted(&self, city: &City, plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
        if self.schema == self.named {
            return Ok(plan);
        }
        let registers = self.source.doc().registers();
        let columns = plan.schema();
        let place = |name: &str| self.named.index_of(name).map(|place| registers[place]);
        let mut shown = Vec::new();
        for (n, field) in columns.fields().iter().enumerate() {
            let column: Arc<dyn PhysicalExpr> = Arc::new(Column::new(field.name(), n));
            let expr = match place(field.name())? {
                Some(register) => {
                    let function = Arc::new(Naming::numbers(register, &city.names));
                    let options = Arc::new(ConfigOptions::default());
                    Arc::new(ScalarFunctionExpr::try_new(function, vec![column], &columns, options)?)
                }
                None => column,
            };
            shown.push(ProjectionExpr::new(expr, field.name().clone()));
        }
        Ok(Arc::new(ProjectionExec::try_new(shown, plan)?))
    }
}

#[async_trait]
impl TableProvider for Bound {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        let used = |filter: &&Expr| {
            if self.source.uses(filter) {
                TableProviderFilterPushDown::Inexact
            } else {
                TableProviderFilterPushDown::Unsupported
            }
        };
        Ok(filters.iter().map(used).collect())
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let Some(city) = &self.city else {
            return Err(DataFusionError::Plan("this table has no moment to be read at".to_owned()));
        };
        let doc = self.source.doc();
        let threads = state.config().target_partitions();
        let asked = Asked::of(city, &doc, &self.schema, projection, threads)?;
        let schema = Arc::clone(&asked.schema);
        let reading = self.source.plan(asked, filters)?;
        let live = Arc::new(ReadExec::new(doc.name, schema, reading));
        let past =
            history::plans(&city.history, &self.source, &self.named, state, projection, filters).await?;
        if past.is_empty() {
            return Ok(live);
        }
        let past = past.into_iter().map(|past| self.fitted(city, past)).collect::<Result<Vec<_>>>()?;
        UnionExec::try_new(std::iter::once(live as Arc<dyn ExecutionPlan>).chain(past).collect())
    }
}
