//! `information_schema` with PostgreSQL's names of types, and the comments in a column of their own.

use super::comments::{self, TableComment};
use super::{INFORMATION_SCHEMA, Overlay, PG_CATALOG};
use crate::catalog::{CATALOG, SCHEMA};
use crate::column::Holds;
use arrow::array::{ArrayRef, Int32Array, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::record_batch::RecordBatch;
use datafusion::catalog::{MemTable, TableProvider};
use datafusion::error::Result;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Views that tools ask for and that have no rows here: nothing is keyed, granted, generated or triggered.
const EMPTY: &[(&str, &[&str])] = &[
    ("views", &["table_catalog", "table_schema", "table_name", "view_definition", "is_updatable"]),
    ("sequences", &["sequence_catalog", "sequence_schema", "sequence_name", "data_type"]),
    (
        "table_constraints",
        &[
            "constraint_catalog",
            "constraint_schema",
            "constraint_name",
            "table_catalog",
            "table_schema",
            "table_name",
            "constraint_type",
        ],
    ),
    (
        "key_column_usage",
        &[
            "constraint_catalog",
            "constraint_schema",
            "constraint_name",
            "table_catalog",
            "table_schema",
            "table_name",
            "column_name",
            "ordinal_position",
            "position_in_unique_constraint",
        ],
    ),
    (
        "constraint_column_usage",
        &[
            "table_catalog",
            "table_schema",
            "table_name",
            "column_name",
            "constraint_catalog",
            "constraint_schema",
            "constraint_name",
        ],
    ),
    (
        "referential_constraints",
        &[
            "constraint_catalog",
            "constraint_schema",
            "constraint_name",
            "unique_constraint_schema",
            "unique_constraint_name",
            "match_option",
            "update_rule",
            "delete_rule",
        ],
    ),
    ("triggers", &["trigger_catalog", "trigger_schema", "trigger_name", "event_object_table"]),
];

/// The schema, made once.
pub fn schema() -> Result<Overlay> {
    let tables = comments::of_tables();
    let mut own: BTreeMap<String, Arc<dyn TableProvider>> = BTreeMap::new();
    own.insert("schemata".to_owned(), schemata()?);
    own.insert("tables".to_owned(), tables_view(&tables)?);
    own.insert("columns".to_owned(), columns_view(&tables)?);
    own.insert("table_privileges".to_owned(), privileges(&tables)?);
    own.insert("role_table_grants".to_owned(), privileges(&tables)?);
    own.insert("routines".to_owned(), routines()?);
    for (name, columns) in EMPTY {
        own.insert((*name).to_owned(), view(columns.iter().map(|column| (*column, texts(Vec::new()))))?);
    }
    Ok(Overlay { base: None, own })
}

fn schemata() -> Result<Arc<dyn TableProvider>> {
    let names = [SCHEMA, PG_CATALOG, INFORMATION_SCHEMA];
    view([
        ("catalog_name", same(CATALOG, names.len())),
        ("schema_name", texts(names.map(Some).to_vec())),
        ("schema_owner", same(CATALOG, names.len())),
        ("default_character_set_catalog", texts(vec![None; names.len()])),
        ("default_character_set_schema", texts(vec![None; names.len()])),
        ("default_character_set_name", texts(vec![None; names.len()])),
        ("sql_path", texts(vec![None; names.len()])),
    ])
}

fn tables_view(tables: &[TableComment]) -> Result<Arc<dyn TableProvider>> {
    let rows = tables.len();
    view([
        ("table_catalog", same(CATALOG, rows)),
        ("table_schema", same(SCHEMA, rows)),
        ("table_name", texts(tables.iter().map(|table| Some(table.name)).collect())),
        ("table_type", same("BASE TABLE", rows)),
        ("self_referencing_column_name", texts(vec![None; rows])),
        ("reference_generation", texts(vec![None; rows])),
        ("user_defined_type_catalog", texts(vec![None; rows])),
        ("user_defined_type_schema", texts(vec![None; rows])),
        ("user_defined_type_name", texts(vec![None; rows])),
        ("is_insertable_into", same("NO", rows)),
        ("is_typed", same("NO", rows)),
        ("commit_action", texts(vec![None; rows])),
        ("comment", texts(tables.iter().map(|table| Some(table.comment.as_str())).collect())),
    ])
}

fn columns_view(tables: &[TableComment]) -> Result<Arc<dyn TableProvider>> {
    let all: Vec<_> = tables
        .iter()
        .flat_map(|table| (1..).zip(&table.columns).map(move |(place, column)| (table.name, place, column)))
        .collect();
    let rows = all.len();
    let of_type = |told: fn(Holds) -> Option<i32>| -> ArrayRef {
        Arc::new(all.iter().map(|(_, _, (column, _))| told(column.holds)).collect::<Int32Array>())
    };
    let bits = |holds| match holds {
        Holds::Int => Some(64),
        Holds::Real => Some(53),
        _ => None,
    };
    view([
        ("table_catalog", same(CATALOG, rows)),
        ("table_schema", same(SCHEMA, rows)),
        ("table_name", texts(all.iter().map(|(table, ..)| Some(*table)).collect())),
        ("column_name", texts(all.iter().map(|(_, _, (column, _))| Some(column.name)).collect())),
        ("ordinal_position", Arc::new(all.iter().map(|(_, place, _)| Some(*place)).collect::<Int32Array>())),
        ("column_default", texts(vec![None; rows])),
        ("is_nullable", same("YES", rows)),
        ("data_type", texts(all.iter().map(|(_, _, (column, _))| Some(column.type_name())).collect())),
        ("character_maximum_length", of_type(|_| None)),
        ("character_octet_length", of_type(|_| None)),
        ("numeric_precision", of_type(bits)),
        ("numeric_precision_radix", of_type(|holds| matches!(holds, Holds::Int | Holds::Real).then_some(2))),
        ("numeric_scale", of_type(|holds| (holds == Holds::Int).then_some(0))),
        (
            "datetime_precision",
            of_type(|holds| match holds {
                Holds::Time => Some(6),
                Holds::Date => Some(0),
                _ => None,
            }),
        ),
        ("interval_type", texts(vec![None; rows])),
        ("collation_name", texts(vec![None; rows])),
        ("domain_name", texts(vec![None; rows])),
        ("udt_catalog", same(CATALOG, rows)),
        ("udt_schema", same(PG_CATALOG, rows)),
        ("udt_name", texts(all.iter().map(|(_, _, (column, _))| Some(short(column.holds))).collect())),
        ("is_self_referencing", same("NO", rows)),
        ("is_identity", same("NO", rows)),
        ("identity_generation", texts(vec![None; rows])),
        ("is_generated", same("NEVER", rows)),
        ("generation_expression", texts(vec![None; rows])),
        ("is_updatable", same("NO", rows)),
        ("comment", texts(all.iter().map(|(_, _, (_, comment))| Some(comment.as_str())).collect())),
    ])
}

fn privileges(tables: &[TableComment]) -> Result<Arc<dyn TableProvider>> {
    let rows = tables.len();
    view([
        ("grantor", same(CATALOG, rows)),
        ("grantee", same("PUBLIC", rows)),
        ("table_catalog", same(CATALOG, rows)),
        ("table_schema", same(SCHEMA, rows)),
        ("table_name", texts(tables.iter().map(|table| Some(table.name)).collect())),
        ("privilege_type", same("SELECT", rows)),
        ("is_grantable", same("NO", rows)),
        ("with_hierarchy", same("NO", rows)),
    ])
}

fn routines() -> Result<Arc<dyn TableProvider>> {
    let all = comments::of_functions();
    let rows = all.len();
    let kind = |is_table| if is_table { "TABLE" } else { "SCALAR" };
    view([
        ("specific_catalog", same(CATALOG, rows)),
        ("specific_schema", same(SCHEMA, rows)),
        ("specific_name", texts(all.iter().map(|function| Some(function.name)).collect())),
        ("routine_catalog", same(CATALOG, rows)),
        ("routine_schema", same(SCHEMA, rows)),
        ("routine_name", texts(all.iter().map(|function| Some(function.name)).collect())),
        ("routine_type", same("FUNCTION", rows)),
        ("function_type", texts(all.iter().map(|function| Some(kind(function.is_table))).collect())),
        ("data_type", texts(all.iter().map(|function| Some(function.result.as_str())).collect())),
        ("comment", texts(all.iter().map(|function| Some(function.comment.as_str())).collect())),
    ])
}

fn short(holds: Holds) -> &'static str {
    match holds {
        Holds::Text | Holds::Person | Holds::Venue | Holds::Word => "text",
        Holds::Int => "int8",
        Holds::Real => "float8",
        Holds::Bool => "bool",
        Holds::Time => "timestamptz",
        Holds::Date => "date",
    }
}

/// A table of these columns that stays as it is.
pub fn view<'a>(columns: impl IntoIterator<Item = (&'a str, ArrayRef)>) -> Result<Arc<dyn TableProvider>> {
    let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = columns
        .into_iter()
        .map(|(name, array)| (Field::new(name, array.data_type().clone(), true), array))
        .unzip();
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays)?;
    Ok(Arc::new(MemTable::try_new(schema, vec![vec![batch]])?))
}

/// Text of a column.
pub fn texts(values: Vec<Option<&str>>) -> ArrayRef {
    Arc::new(StringArray::from(values))
}

fn same(value: &str, rows: usize) -> ArrayRef {
    texts(vec![Some(value); rows])
}

/// A column of nothing but its type.
pub fn none(data_type: &DataType) -> ArrayRef {
    arrow::array::new_empty_array(data_type)
}
