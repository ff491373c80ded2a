//! What there is to ask of, as the service tells it, and how the shell describes it.

use super::table::{Cell, Head, Look, write};
use super::tongue::Tongue;
use serde::Deserialize;

/// `GET /api/v1/sql/catalog`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Catalog {
    pub tables: Vec<Table>,
    pub functions: Vec<Function>,
    pub bounds: Bounds,
}

/// A table.
#[derive(Clone, Debug, Deserialize)]
pub struct Table {
    pub name: String,
    pub doc: Doc,
    pub columns: Vec<Column>,
}

/// A column of a table.
#[derive(Clone, Debug, Deserialize)]
pub struct Column {
    pub name: String,
    #[serde(rename = "type")]
    pub type_name: String,
    pub unit: Option<String>,
    pub doc: Doc,
}

/// A function of ours.
#[derive(Clone, Debug, Deserialize)]
pub struct Function {
    pub name: String,
    pub signature: String,
    /// `scalar` or `table`.
    pub kind: String,
    pub doc: Doc,
}

/// What something means.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Doc {
    pub vi: String,
    pub en: String,
}

/// What a statement may take.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Bounds {
    pub statement_timeout_s: u64,
}

impl Doc {
    #[expect(clippy::unnecessary_wraps, reason = "a cell of a table, which may be empty")]
    fn of(&self, tongue: Tongue) -> Cell {
        Some(tongue.of(&self.vi, &self.en).to_owned())
    }

    fn holds(&self, word: &str) -> bool {
        [&self.vi, &self.en].into_iter().any(|text| text.to_lowercase().contains(word))
    }
}

impl Catalog {
    /// The table of this name.
    pub fn table(&self, name: &str) -> Option<&Table> {
        let name = name.trim_matches('"');
        let name = name.strip_prefix("public.").unwrap_or(name);
        self.tables.iter().find(|table| table.name.eq_ignore_ascii_case(name))
    }

    /// All tables, or those whose name or description holds a word.
    pub fn tables_told(&self, word: Option<&str>, tongue: Tongue) -> String {
        let word = word.unwrap_or_default().to_lowercase();
        let told = self.tables.iter().filter(|table| table.name.contains(&word) || table.doc.holds(&word));
        let row = |table: &Table| {
            vec![Some(table.name.clone()), Some(table.columns.len().to_string()), table.doc.of(tongue)]
        };
        let number = Head { name: tongue.of("số cột", "columns").to_owned(), right: true };
        let heads = [
            Head::left(tongue.of("bảng", "table")),
            number,
            Head::left(tongue.of("nội dung", "what it holds")),
        ];
        write(&heads, &told.map(row).collect::<Vec<_>>(), Look::default())
    }

    /// One table and its columns; None where there is none of this name.
    pub fn table_told(&self, name: &str, tongue: Tongue) -> Option<String> {
        let table = self.table(name)?;
        let row = |column: &Column| {
            let unit = Some(column.unit.clone().unwrap_or_default());
            vec![Some(column.name.clone()), Some(column.type_name.clone()), unit, column.doc.of(tongue)]
        };
        let heads = [("cột", "column"), ("kiểu", "type"), ("đơn vị", "unit"), ("ý nghĩa", "meaning")];
        let heads = heads.map(|(vi, en)| Head::left(tongue.of(vi, en)));
        let rows: Vec<_> = table.columns.iter().map(row).collect();
        let doc = tongue.of(&table.doc.vi, &table.doc.en);
        Some(format!("{}: {doc}\n{}", table.name, write(&heads, &rows, Look::default())))
    }

    /// All functions of ours, or those whose name or description holds a word.
    pub fn functions_told(&self, word: Option<&str>, tongue: Tongue) -> String {
        let word = word.unwrap_or_default().to_lowercase();
        let told = self.functions.iter().filter(|held| held.name.contains(&word) || held.doc.holds(&word));
        let row = |function: &Function| vec![Some(function.signature.clone()), function.doc.of(tongue)];
        let heads = [("hàm", "function"), ("ý nghĩa", "meaning")];
        let heads = heads.map(|(vi, en)| Head::left(tongue.of(vi, en)));
        write(&heads, &told.map(row).collect::<Vec<_>>(), Look::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalog() -> Catalog {
        serde_json::from_str(
            r#"{"tables": [{"name": "visits", "doc": {"vi": "Lượt ghé", "en": "Visits"}, "columns": [
                {"name": "seconds", "type": "bigint", "unit": "s", "doc": {"vi": "dài bao lâu", "en": "how long"}},
                {"name": "person", "type": "text", "unit": null, "doc": {"vi": "người", "en": "person"}}]}],
              "functions": [{"name": "lag", "signature": "lag() → double precision", "kind": "scalar",
                "doc": {"vi": "chậm bao lâu", "en": "how far behind"}}],
              "questions": [], "bounds": {"statement_timeout_s": 30, "rows_max": 10000}}"#,
        )
        .unwrap()
    }

    #[test]
    fn a_table_is_described_in_the_language_asked_for() {
        assert_eq!(
            catalog().table_told("public.VISITS", Tongue::Vi).unwrap(),
            "visits: Lượt ghé\n cột     │ kiểu   │ đơn vị │ ý nghĩa\n─────────┼────────┼────────┼─────────────\n seconds │ bigint │ s      │ dài bao lâu\n person  │ text   │        │ người\n"
        );
        assert!(catalog().table_told("visits", Tongue::En).unwrap().starts_with("visits: Visits\n column"));
        assert!(catalog().table_told("nothing", Tongue::En).is_none());
    }

    #[test]
    fn lists_are_narrowed_by_a_word_of_name_or_description() {
        assert!(catalog().tables_told(Some("ghé"), Tongue::En).contains("visits"));
        assert!(!catalog().tables_told(Some("cases"), Tongue::En).contains("visits"));
        assert!(
            catalog()
                .functions_told(Some("BEHIND"), Tongue::Vi)
                .contains("lag() → double precision │ chậm bao lâu")
        );
    }
}
