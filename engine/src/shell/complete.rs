//! What may be meant by what is typed so far.

use super::catalog::{Catalog, Column, Table};
use super::commands;
use super::format::Format;
use super::keywords::{FUNCTIONS, KEYWORDS};
use super::statement::{Kind, is_of_word, pieces};
use super::words::Words;
use clap::ValueEnum as _;

/// Where the word at the cursor begins, and what may stand there, likeliest first.
pub fn complete(catalog: &Catalog, text: &str, at: usize) -> (usize, Vec<String>) {
    let before = text.get(..at).unwrap_or_default();
    let start =
        at - before.chars().rev().take_while(|letter| is_of_word(*letter)).map(char::len_utf8).sum::<usize>();
    let (head, typed) = before.split_at(start);
    if text.trim_start().starts_with('\\') {
        return command(catalog, before);
    }
    let pieces = pieces(text);
    let is_inside = pieces.iter().any(|piece| {
        let is_open = matches!(piece.kind, Kind::Text | Kind::Name | Kind::Comment);
        let is_line =
            piece.kind == Kind::Comment && text.get(piece.start..).is_some_and(|rest| rest.starts_with("--"));
        is_open && piece.start < at && (at < piece.end || (at == piece.end && (!piece.closed || is_line)))
    });
    if is_inside || typed.starts_with(|first: char| first.is_ascii_digit()) {
        return (start, Vec::new());
    }
    let words = Words::around(text, &pieces, at);
    let mut found = Found { typed, names: Vec::new() };
    if let Some(head) = head.strip_suffix('.') {
        let qualifier =
            head.trim_end_matches('"').rsplit(|letter| !is_of_word(letter)).next().unwrap_or_default();
        found.qualified(catalog, &words, qualifier);
    } else if words.wants_table(start) {
        found.tables(catalog, &words);
    } else {
        found.anything(catalog, &words);
    }
    (start, found.names)
}

struct Found<'a> {
    typed: &'a str,
    names: Vec<String>,
}

impl Found<'_> {
    fn add(&mut self, name: &str, after: &str) {
        let is_meant =
            name.get(..self.typed.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(self.typed));
        let name = format!("{name}{after}");
        if is_meant && !self.names.contains(&name) {
            self.names.push(name);
        }
    }

    fn columns(&mut self, table: &Table) {
        for Column { name, .. } in &table.columns {
            self.add(name, "");
        }
    }

    fn qualified(&mut self, catalog: &Catalog, words: &Words<'_>, qualifier: &str) {
        if qualifier.eq_ignore_ascii_case("public") {
            for table in &catalog.tables {
                self.add(&table.name, "");
            }
        }
        let named = words.tables(catalog);
        let meant =
            named.iter().find(|(name, _)| name.eq_ignore_ascii_case(qualifier)).map(|(_, table)| *table);
        if let Some(table) = meant.or_else(|| catalog.table(qualifier)) {
            self.columns(table);
        }
    }

    fn tables(&mut self, catalog: &Catalog, words: &Words<'_>) {
        words.named_queries().into_iter().for_each(|name| self.add(name, ""));
        catalog.tables.iter().for_each(|table| self.add(&table.name, ""));
        let functions = catalog.functions.iter().filter(|function| function.kind == "table");
        functions.for_each(|function| self.add(&function.name, "("));
        if !self.typed.is_empty() {
            for name in ["generate_series", "unnest"] {
                self.add(name, "(");
            }
            self.keywords(&["LATERAL", "SELECT"]);
        }
    }

    fn anything(&mut self, catalog: &Catalog, words: &Words<'_>) {
        let named = words.tables(catalog);
        for (_, table) in &named {
            self.columns(table);
        }
        // Nothing typed asks for nothing but what is near.
        if self.typed.is_empty() {
            return;
        }
        for (name, _) in &named {
            self.add(name, "");
        }
        let functions = catalog.functions.iter().map(|function| function.name.as_str());
        functions.chain(FUNCTIONS.iter().copied()).for_each(|name| self.add(name, "("));
        self.keywords(KEYWORDS);
        catalog.tables.iter().for_each(|table| self.add(&table.name, ""));
        if named.is_empty() {
            catalog.tables.iter().for_each(|table| self.columns(table));
        }
    }

    /// Keywords as the typist writes them, large or small.
    fn keywords(&mut self, keywords: &[&str]) {
        let small = self.typed.contains(|letter: char| letter.is_lowercase());
        for keyword in keywords {
            if small { self.add(&keyword.to_lowercase(), "") } else { self.add(keyword, "") }
        }
    }
}

/// A command of the shell and what it takes.
fn command(catalog: &Catalog, before: &str) -> (usize, Vec<String>) {
    let start = before.rfind(char::is_whitespace).map_or(0, |space| space + 1);
    let (head, typed) = before.split_at(start);
    let mut found = Found { typed, names: Vec::new() };
    match head.trim() {
        "" => commands::NAMES.iter().for_each(|name| found.add(name, "")),
        "\\d" | "\\dt" => catalog.tables.iter().for_each(|table| found.add(&table.name, "")),
        "\\df" => catalog.functions.iter().for_each(|function| found.add(&function.name, "")),
        "\\format" => Format::value_variants().iter().for_each(|format| found.add(&format.name(), "")),
        "\\timing" => ["on", "off"].into_iter().for_each(|name| found.add(name, "")),
        _ => {}
    }
    (start, found.names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalog() -> Catalog {
        let table = |name: &str, columns: &[&str]| {
            let columns = columns.iter().map(|column| {
                serde_json::json!({"name": column, "type": "text", "unit": null, "doc": {"vi": "", "en": ""}})
            });
            serde_json::json!({"name": name, "doc": {"vi": "", "en": ""}, "columns": columns.collect::<Vec<_>>()})
        };
        let function = |name: &str, kind: &str| serde_json::json!({"name": name, "signature": name, "kind": kind, "doc": {"vi": "", "en": ""}});
        let whole = serde_json::json!({
            "tables": [table("visits", &["person", "venue", "seconds"]), table("cases", &["person", "status", "onset"])],
            "functions": [function("contacts_of", "table"), function("h3_cell", "scalar")],
        });
        serde_json::from_value(whole).unwrap()
    }

    /// Completes at the `|`.
    fn at(text: &str) -> Vec<String> {
        let place = text.find('|').unwrap();
        complete(&catalog(), &text.replace('|', ""), place).1
    }

    #[test]
    fn after_from_and_join_come_tables_and_table_functions() {
        assert_eq!(at("SELECT * FROM |"), ["visits", "cases", "contacts_of("]);
        assert_eq!(at("select * from visits v join ca|"), ["cases"]);
        assert_eq!(at("SELECT * FROM visits, c|"), ["cases", "contacts_of("]);
        assert_eq!(at("SELECT * FROM con|"), ["contacts_of("]);
        assert_eq!(at("WITH met AS (SELECT 1) SELECT * FROM m|"), ["met"]);
    }

    #[test]
    fn columns_of_the_tables_named_come_first_even_if_named_later() {
        assert_eq!(at("SELECT | FROM cases"), ["person", "status", "onset"]);
        assert_eq!(at("SELECT s| FROM cases")[0], "status");
        assert_eq!(at("SELECT seconds, s| FROM visits")[0], "seconds");
        assert_eq!(at("SELECT 1; SELECT v| FROM visits")[0], "venue");
    }

    #[test]
    fn a_qualifier_gives_its_columns_alone() {
        assert_eq!(
            at("SELECT c.| FROM visits v JOIN cases AS c ON c.person = v.person"),
            ["person", "status", "onset"]
        );
        assert_eq!(at("SELECT v.s| FROM visits v JOIN cases c ON true"), ["seconds"]);
        assert_eq!(at("SELECT visits.p|"), ["person"]);
        assert_eq!(at("SELECT x.| FROM visits v"), [""; 0]);
        assert_eq!(at("SELECT * FROM public.v|"), ["visits"]);
    }

    #[test]
    fn keywords_are_large_or_small_as_typed() {
        assert_eq!(at("SEL|"), ["SELECT"]);
        assert_eq!(at("sel|"), ["select"]);
        assert_eq!(at("SELECT 1 ORD|"), ["ORDER BY"]);
        assert_eq!(at("SELECT h3|"), ["h3_cell("]);
    }

    #[test]
    fn nothing_is_offered_in_texts_comments_and_numbers() {
        for text in ["SELECT 'vis|", "SELECT 'vis|'", "-- vis|", "/* vis|", "SELECT \"per|", "SELECT 12|"] {
            assert_eq!(at(text), [""; 0], "{text}");
        }
        assert_eq!(at("SELECT 'Chợ' AS x FROM vis|"), ["visits"]);
    }

    #[test]
    fn commands_complete_their_names_and_what_they_take() {
        assert_eq!(at("\\ti|"), ["\\timing"]);
        assert_eq!(at("\\d vi|"), ["visits"]);
        assert_eq!(at("\\format p|"), ["parquet"]);
        assert_eq!(at("\\df h3|"), ["h3_cell"]);
    }
}
