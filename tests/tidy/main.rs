//! What keeps the house as it was drawn: who may use whom, how long a file may be, that promises have tests.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use toml::Table;
use vonglau_tests::project;

/// The wall for a file of source.
const FILE_LINES_MAX: usize = 500;
/// Crates of ours that each crate may use.
const MAY_USE: [(&str, &[&str]); 9] = [
    ("engine/core", &[]),
    ("ingest", &["vonglau-core"]),
    ("dashboard", &["vonglau-core"]),
    ("engine/sql", &["vonglau-core", "vonglau-dashboard"]),
    ("engine", &["vonglau-core", "vonglau-ingest", "vonglau-dashboard", "vonglau-sql"]),
    ("tests/oracle", &["vonglau-core"]),
    ("tests/exact", &["vonglau-core", "vonglau-oracle"]),
    ("tests", &["vonglau", "vonglau-core", "vonglau-ingest", "vonglau-dashboard", "vonglau-oracle"]),
    (
        "benches",
        &["vonglau", "vonglau-core", "vonglau-ingest", "vonglau-dashboard", "vonglau-sql", "vonglau-oracle"],
    ),
];
/// What the pure core may use from outside.
const CORE_MAY_USE: [&str; 7] =
    ["h3o", "rustc-hash", "serde", "serde_json", "smol_str", "thiserror", "arrow-buffer"];

/// All files of the project with one of these endings, without what is built or fetched.
fn files(endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(project(), endings, &mut found);
    found.sort();
    found
}

fn collect(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let is_ours = !name.starts_with('.')
            && !["target", "node_modules", "dist", "bin", "demo-data", "data"].contains(&name);
        if path.is_dir() && is_ours {
            collect(&path, endings, found);
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            found.push(path);
        }
    }
}

fn manifest(folder: &str) -> Table {
    fs::read_to_string(project().join(folder).join("Cargo.toml")).unwrap().parse().unwrap()
}

fn names(manifest: &Table, section: &str) -> BTreeSet<String> {
    let section = manifest.get(section).and_then(|section| section.as_table());
    section.into_iter().flat_map(Table::keys).cloned().collect()
}

#[test]
fn each_crate_uses_only_the_crates_it_may() {
    for (folder, may_use) in MAY_USE {
        for name in names(&manifest(folder), "dependencies").iter().filter(|name| name.starts_with("vonglau"))
        {
            assert!(may_use.contains(&name.as_str()), "{folder} may not use {name}");
        }
    }
    let members: Vec<_> = manifest("")["workspace"]["members"].as_array().unwrap().clone();
    assert_eq!(members.len(), MAY_USE.len(), "a new crate needs its place in this test");
}

#[test]
fn the_core_has_nothing_that_could_ask_the_world() {
    for name in names(&manifest("engine/core"), "dependencies") {
        assert!(CORE_MAY_USE.contains(&name.as_str()), "the core may not use {name}");
    }
    for path in files(&[".rs"]).iter().filter(|path| path.to_str().unwrap().contains("engine/core/src")) {
        let text = fs::read_to_string(path).unwrap();
        for word in
            ["SystemTime", "Instant::", "std::fs", "std::net", "std::thread", "std::env", "collections::Hash"]
        {
            assert!(!text.contains(word), "{}: {word} is of the world", path.display());
        }
    }
}

#[test]
fn no_file_is_longer_than_the_wall() {
    for path in files(&[".rs", ".ts", ".svelte", ".css"]) {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= FILE_LINES_MAX, "{}: {lines} lines, more than {FILE_LINES_MAX}", path.display());
    }
}

#[test]
fn every_crate_has_the_workspaces_lints() {
    for (folder, _) in MAY_USE {
        let manifest = manifest(folder);
        assert_eq!(manifest["lints"]["workspace"].as_bool(), Some(true), "{folder}");
    }
    let lints = &manifest("")["workspace"]["lints"];
    assert_eq!(lints["rust"]["unsafe_code"].as_str(), Some("forbid"));
}

#[test]
fn no_test_is_switched_off_and_nothing_is_left_for_later() {
    // Put together here, so that this file does not hold what it looks for.
    let marks = [
        ["#[", "ignore"].concat(),
        ["todo", "!("].concat(),
        ["unimplemented", "!("].concat(),
        ["TO", "DO"].concat(),
        ["FIX", "ME"].concat(),
        [".sk", "ip("].concat() + "'",
        ["test.on", "ly("].concat(),
    ];
    for path in files(&[".rs", ".ts", ".svelte", ".mjs"]) {
        let text = fs::read_to_string(&path).unwrap();
        for mark in &marks {
            assert!(!text.contains(mark.as_str()), "{}: holds {mark}", path.display());
        }
    }
}

#[test]
fn the_contracts_golden_files_are_there() {
    for path in [
        "ingest/tests/golden/wire/taken.json",
        "ingest/tests/golden/wire/refused.json",
        "dashboard/tests/golden/status.json",
        "dashboard/tests/golden/city.json",
        "dashboard/tests/golden/ws_hello.json",
        "dashboard/tests/golden/ws_delta_city.json",
        "dashboard/web/src/wire.gen.ts",
    ] {
        assert!(project().join(path).is_file(), "{path} is missing: it pins the contract");
    }
}

#[test]
fn every_file_that_the_readmes_table_names_is_there() {
    let text = fs::read_to_string(project().join("README.md")).unwrap();
    for row in text.lines().filter(|line| line.starts_with("| ")) {
        let mut folder = project().to_owned();
        for name in row.split('`').skip(1).step_by(2).filter(|name| name.contains(['.', '/'])) {
            // A bare name lies beside the one before it.
            let path = if name.contains('/') { project().join(name) } else { folder.join(name) };
            assert!(path.exists(), "README.md names {name}, which is not there");
            folder = path.parent().unwrap().to_owned();
        }
    }
}

#[test]
fn each_promise_names_a_test_that_exists() {
    let text = fs::read_to_string(project().join("ARCHITECTURE.md")).unwrap();
    let section = text.split("\n## ").find(|part| part.starts_with("Promises")).unwrap();
    let tests: BTreeMap<String, PathBuf> =
        files(&[".rs"]).into_iter().flat_map(|path| test_names(&path)).collect();
    let promises: Vec<&str> =
        section.split("\n\n").filter(|part| part.starts_with(|c: char| c.is_ascii_digit())).collect();
    assert_eq!(promises.len(), 10, "ten promises");
    for promise in promises {
        let held_by = promise.split("Held by").nth(1);
        let named: Vec<&str> = held_by.unwrap_or_default().split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty(), "no test holds: {promise}");
        for name in named {
            assert!(tests.contains_key(name), "there is no test `{name}` for: {promise}");
        }
    }
}

/// Names of the functions under a test attribute.
fn test_names(path: &Path) -> Vec<(String, PathBuf)> {
    let text = fs::read_to_string(path).unwrap();
    let mut is_test = false;
    let mut found = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if let Some(rest) = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn ")) {
            if is_test {
                found.push((rest.split('(').next().unwrap().to_owned(), path.to_owned()));
            }
            is_test = false;
        }
    }
    found
}
