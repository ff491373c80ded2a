//! Tables of `pg_catalog` that the emulation leaves open or empty.

use super::PG_CATALOG;
use super::comments::{self, FunctionComment, TableComment};
use super::information::{none, texts, view};
use crate::catalog::SCHEMA;
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Int32Array, StringArray, UInt32Array, new_null_array,
};
use arrow::compute::{cast, concat_batches, take_record_batch};
use arrow::datatypes::{DataType, Field, Int32Type, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use datafusion::catalog::{MemTable, TableProvider};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::context::SessionContext;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Numbers that the catalogs themselves have in every PostgreSQL; the rows of the emulation speak of them.
pub const CANONICAL: &[(&str, i32)] = &[
    ("pg_type", 1247),
    ("pg_attribute", 1249),
    ("pg_proc", 1255),
    ("pg_class", PG_CLASS),
    ("pg_database", 1262),
    ("pg_attrdef", 2604),
    ("pg_constraint", 2606),
    ("pg_index", 2610),
    ("pg_namespace", 2615),
    ("pg_description", 2609),
    ("pg_extension", 3079),
    ("pg_enum", 3501),
];
const PG_CLASS: i32 = 1259;
const PG_PROC: i32 = 1255;
/// The one who owns everything: the first role of the emulation.
pub const OWNER: i32 = 10;
/// The first number of functions of ours: far above those of tables.
const FIRST_FUNCTION: i32 = 100_000;

/// Numbers and words that functions of the catalog answer with.
#[derive(Debug, Default)]
pub struct Known {
    /// Comments by number and column; column 0 is the thing itself.
    pub comments: HashMap<(i32, i32), String>,
    /// Numbers of tables and of types by name.
    pub classes: HashMap<String, i32>,
    pub types: HashMap<String, i32>,
    /// Arguments and result of functions by number.
    pub functions: HashMap<i32, (String, String)>,
}

/// Tables of ours by name, and what functions must know.
pub async fn own(context: &SessionContext) -> Result<(BTreeMap<String, Arc<dyn TableProvider>>, Arc<Known>)> {
    let read = async |name: &str| read_where(context, name, "true").await;
    let class = read("pg_class").await?;
    let numbers = canonical(&class)?;
    let class = with_numbers(&class, "oid", &numbers)?;
    let class = with(&class, "relowner", &same(OWNER, class.num_rows()))?;
    let class = plus(&class, &["relacl", "reloptions"])?;
    let databases = read_where(context, "pg_database", "datname = 'vonglau'").await?;
    let attribute = with_numbers(&read("pg_attribute").await?, "attrelid", &numbers)?;
    let namespace = read("pg_namespace").await?;
    let proc = read("pg_proc").await?;
    let types = read("pg_type").await?;
    let description = read("pg_description").await?;
    let (tables, functions) = (comments::of_tables(), comments::of_functions());

    let public = numbers_by_name(&namespace, "nspname", "oid")?.get(SCHEMA).copied().unwrap_or_default();
    let in_public = filter_public(&class, public)?;
    let mut known = Known {
        classes: numbers_by_name(&class, "relname", "oid")?,
        types: numbers_by_name(&types, "typname", "oid")?,
        ..Known::default()
    };
    comment_tables(&mut known, &tables, &in_public);
    comment_functions(&mut known, &functions);

    let mut own: BTreeMap<String, Arc<dyn TableProvider>> = BTreeMap::new();
    let mut put = |name: &str, batch: RecordBatch| -> Result<()> {
        own.insert(name.to_owned(), Arc::new(MemTable::try_new(batch.schema(), vec![vec![batch]])?));
        Ok(())
    };
    put("pg_proc", with_functions(&proc, &functions, public)?)?;
    put("pg_description", with_comments(&description, &known, functions.len())?)?;
    put("pg_class", class)?;
    put("pg_attribute", attribute)?;
    put("pg_namespace", with(&namespace, "nspowner", &same(OWNER, namespace.num_rows()))?)?;
    put("pg_type", types)?;
    put("pg_database", with(&databases, "datdba", &same(OWNER, databases.num_rows()))?)?;
    for (name, columns) in EMPTY {
        own.insert((*name).to_owned(), view(columns.iter().map(|(name, held)| (*name, none(held))))?);
    }
    own.insert("pg_user".to_owned(), users(context).await?);
    Ok((own, Arc::new(known)))
}

/// Views that tools ask for and that have no rows here.
const EMPTY: &[(&str, &[(&str, DataType)])] = &[
    (
        "pg_cursors",
        &[("name", DataType::Utf8), ("statement", DataType::Utf8), ("is_holdable", DataType::Boolean)],
    ),
    (
        "pg_indexes",
        &[
            ("schemaname", DataType::Utf8),
            ("tablename", DataType::Utf8),
            ("indexname", DataType::Utf8),
            ("tablespace", DataType::Utf8),
            ("indexdef", DataType::Utf8),
        ],
    ),
    (
        "pg_sequences",
        &[
            ("schemaname", DataType::Utf8),
            ("sequencename", DataType::Utf8),
            ("sequenceowner", DataType::Utf8),
        ],
    ),
    (
        "pg_prepared_statements",
        &[("name", DataType::Utf8), ("statement", DataType::Utf8), ("from_sql", DataType::Boolean)],
    ),
    ("pg_locks", &[("locktype", DataType::Utf8), ("pid", DataType::Int32), ("granted", DataType::Boolean)]),
    (
        "pg_stat_activity",
        &[
            ("datname", DataType::Utf8),
            ("pid", DataType::Int32),
            ("usename", DataType::Utf8),
            ("application_name", DataType::Utf8),
            ("state", DataType::Utf8),
            ("query", DataType::Utf8),
        ],
    ),
];

async fn read_where(context: &SessionContext, table: &str, condition: &str) -> Result<RecordBatch> {
    read(context, &format!("SELECT * FROM pg_catalog.{table} WHERE {condition}")).await
}

async fn read(context: &SessionContext, sql: &str) -> Result<RecordBatch> {
    let frame = context.sql(sql).await?;
    let schema: SchemaRef = Arc::new(frame.schema().as_arrow().clone());
    let batches = frame.collect().await?;
    Ok(concat_batches(batches.first().map_or(&schema, |batch| batch.schema_ref()), &batches)?)
}

async fn users(context: &SessionContext) -> Result<Arc<dyn TableProvider>> {
    let roles = read(context, "SELECT rolname FROM pg_catalog.pg_roles").await?;
    let names = words(&roles, "rolname")?;
    let no: ArrayRef = Arc::new(BooleanArray::from(vec![false; names.len()]));
    view([
        ("usename", texts(names.iter().map(|name| Some(name.as_str())).collect())),
        ("usesysid", same(OWNER, names.len())),
        ("usecreatedb", Arc::clone(&no)),
        ("usesuper", no),
    ])
}

/// From the numbers of the emulation to those that everybody knows.
fn canonical(class: &RecordBatch) -> Result<HashMap<i32, i32>> {
    let given = numbers_by_name(class, "relname", "oid")?;
    Ok(CANONICAL.iter().filter_map(|(name, number)| given.get(*name).map(|held| (*held, *number))).collect())
}

fn with_numbers(batch: &RecordBatch, column: &str, numbers: &HashMap<i32, i32>) -> Result<RecordBatch> {
    let held = ints(batch, column)?;
    let renamed: Int32Array =
        held.iter().map(|number| number.map(|number| *numbers.get(&number).unwrap_or(&number))).collect();
    with(batch, column, &(Arc::new(renamed) as ArrayRef))
}

/// The batch with another column in the place of one of that name; a name that is not there changes nothing.
fn with(batch: &RecordBatch, column: &str, array: &ArrayRef) -> Result<RecordBatch> {
    let mut columns = batch.columns().to_vec();
    if let Some((place, field)) = batch.schema_ref().column_with_name(column) {
        columns[place] = cast(array, field.data_type())?;
    }
    Ok(RecordBatch::try_new(batch.schema(), columns)?)
}

/// The batch with further columns of nothing; those that are there already stay.
fn plus(batch: &RecordBatch, names: &[&str]) -> Result<RecordBatch> {
    let (mut fields, mut columns) = (batch.schema_ref().fields().to_vec(), batch.columns().to_vec());
    for name in names.iter().filter(|name| batch.column_by_name(name).is_none()) {
        fields.push(Arc::new(Field::new(*name, DataType::Utf8, true)));
        columns.push(new_null_array(&DataType::Utf8, batch.num_rows()));
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

fn with_functions(proc: &RecordBatch, functions: &[FunctionComment], public: i32) -> Result<RecordBatch> {
    // A row like that of a plain function, so that what is not said is as for those.
    let names = words(proc, "proname")?;
    let like = names.iter().position(|name| name == "lower").unwrap_or_default();
    let like = u32::try_from(like).map_err(|error| DataFusionError::Internal(error.to_string()))?;
    let rows = take_record_batch(proc, &UInt32Array::from(vec![like; functions.len()]))?;
    let numbers: ArrayRef = Arc::new(Int32Array::from_iter_values((FIRST_FUNCTION..).take(functions.len())));
    let names = texts(functions.iter().map(|function| Some(function.name)).collect());
    let sets: ArrayRef =
        Arc::new(functions.iter().map(|function| Some(function.is_table)).collect::<BooleanArray>());
    let rows = with(&rows, "oid", &numbers)?;
    let rows = with(&rows, "proname", &names)?;
    let rows = with(&rows, "prosrc", &names)?;
    let rows = with(&rows, "proretset", &sets)?;
    let rows = with(&rows, "pronamespace", &same(public, functions.len()))?;
    Ok(concat_batches(proc.schema_ref(), [proc, &rows])?)
}

fn with_comments(description: &RecordBatch, known: &Known, functions: usize) -> Result<RecordBatch> {
    let mut all: Vec<_> = known.comments.iter().collect();
    all.sort_unstable();
    let last = FIRST_FUNCTION.saturating_add(i32::try_from(functions).unwrap_or_default());
    let class = |number: i32| if (FIRST_FUNCTION..last).contains(&number) { PG_PROC } else { PG_CLASS };
    let column = |values: Vec<i32>| Arc::new(Int32Array::from(values)) as ArrayRef;
    let rows: [(&str, ArrayRef); 4] = [
        ("objoid", column(all.iter().map(|((number, _), _)| *number).collect())),
        ("classoid", column(all.iter().map(|((number, _), _)| class(*number)).collect())),
        ("objsubid", column(all.iter().map(|((_, place), _)| *place).collect())),
        ("description", texts(all.iter().map(|(_, comment)| Some(comment.as_str())).collect())),
    ];
    let columns = description.schema_ref().fields().iter().map(|field| {
        let own = rows.iter().find(|(name, _)| name == field.name());
        let unknown = || DataFusionError::Internal(format!("pg_description has a column {}", field.name()));
        Ok(cast(&own.ok_or_else(unknown)?.1, field.data_type())?)
    });
    let rows = RecordBatch::try_new(description.schema(), columns.collect::<Result<_>>()?)?;
    Ok(concat_batches(description.schema_ref(), [description, &rows])?)
}

fn comment_tables(known: &mut Known, tables: &[TableComment], numbers: &HashMap<String, i32>) {
    for table in tables {
        let Some(number) = numbers.get(table.name) else { continue };
        known.comments.insert((*number, 0), table.comment.clone());
        for (place, (_, comment)) in (1..).zip(&table.columns) {
            known.comments.insert((*number, place), comment.clone());
        }
    }
}

fn comment_functions(known: &mut Known, functions: &[FunctionComment]) {
    for (number, function) in (FIRST_FUNCTION..).zip(functions) {
        known.comments.insert((number, 0), function.comment.clone());
        known.functions.insert(number, (function.arguments.clone(), function.result.clone()));
    }
}

fn filter_public(class: &RecordBatch, public: i32) -> Result<HashMap<String, i32>> {
    let (names, numbers, spaces) =
        (words(class, "relname")?, ints(class, "oid")?, ints(class, "relnamespace")?);
    let rows = names.into_iter().zip(numbers.values()).zip(spaces.values());
    Ok(rows.filter(|(_, space)| **space == public).map(|((name, number), _)| (name, *number)).collect())
}

fn numbers_by_name(batch: &RecordBatch, name: &str, number: &str) -> Result<HashMap<String, i32>> {
    let (names, numbers) = (words(batch, name)?, ints(batch, number)?);
    Ok(names.into_iter().zip(numbers.values().iter().copied()).collect())
}

fn column<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef> {
    let missing = || DataFusionError::Internal(format!("{PG_CATALOG}: no column {name}"));
    batch.column_by_name(name).ok_or_else(missing)
}

fn ints(batch: &RecordBatch, name: &str) -> Result<Int32Array> {
    Ok(cast(column(batch, name)?, &DataType::Int32)?.as_primitive::<Int32Type>().clone())
}

fn words(batch: &RecordBatch, name: &str) -> Result<Vec<String>> {
    let held = cast(column(batch, name)?, &DataType::Utf8)?;
    let held: &StringArray = held.as_string();
    Ok((0..held.len()).map(|row| held.value(row).to_owned()).collect())
}

fn same(value: i32, rows: usize) -> ArrayRef {
    Arc::new(Int32Array::from(vec![value; rows]))
}
