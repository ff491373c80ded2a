//! Comments of tables, columns and functions: English first, Vietnamese after it.

use crate::catalog;
use crate::column::{Column, TableDoc};
use crate::tables;

/// What `\d+` shows of a table.
pub struct TableComment {
    pub name: &'static str,
    pub comment: String,
    /// By the columns' places.
    pub columns: Vec<(Column, String)>,
}

/// Comments of all tables.
pub fn of_tables() -> Vec<TableComment> {
    let told = |doc: TableDoc| {
        let columns = doc.columns.into_iter().map(|column| {
            let comment = both(column.en, column.vi, column.unit);
            (column, comment)
        });
        TableComment { name: doc.name, comment: both(doc.en, doc.vi, None), columns: columns.collect() }
    };
    tables::docs().into_iter().map(told).collect()
}

/// A function as `\df` shows it.
pub struct FunctionComment {
    pub name: &'static str,
    pub arguments: String,
    pub result: String,
    pub is_table: bool,
    pub comment: String,
}

/// All functions that are ours.
pub fn of_functions() -> Vec<FunctionComment> {
    let told = |doc: catalog::FunctionDoc| {
        let signature: &str = doc.signature.as_ref();
        let (call, result) = signature.split_once('→').unwrap_or((signature, ""));
        let arguments =
            call.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')')).map(|(inside, _)| inside);
        FunctionComment {
            name: doc.name,
            arguments: arguments.unwrap_or_default().trim().to_owned(),
            result: result.trim().to_owned(),
            is_table: doc.is_table,
            comment: both(doc.en, doc.vi, None),
        }
    };
    catalog::functions().into_iter().map(told).collect()
}

fn both(en: &str, vi: &str, unit: Option<&str>) -> String {
    let unit = unit.map_or_else(String::new, |unit| format!(" [{unit}]"));
    format!("{en}{unit} · {vi}{unit}")
}
