//! Prints what is in force, a key a line, with where it comes from.

use super::layers::{Layers, Sheet, env_name};
use super::read::shown;
use std::fmt::Write as _;

/// All keys by file and section as TOML, the origin behind each.
pub fn show(layers: &Layers) -> String {
    let mut out = String::new();
    for file in ["vonglau.toml", "venue-kinds.toml", "alerts.toml", "levels.toml"] {
        let _ = writeln!(out, "# ---- {file}");
        let mut section = "";
        for (path, entry) in layers.entries.iter().filter(|(_, entry)| entry.file == file) {
            let (inside, key) = path.split_once('.').unwrap_or(("", path));
            if inside != section {
                let _ = writeln!(out, "\n[{inside}]");
                section = inside;
            }
            let _ = writeln!(out, "{key} = {}  # {}", shown(path, &entry.value), entry.origin);
        }
        out.push('\n');
    }
    for (file, sheet) in [("districts.csv", &layers.districts), ("wards.csv", &layers.wards)] {
        let _ = writeln!(out, "# ---- {file}: {} lines  # {}", lines(sheet), sheet.origin);
    }
    let _ = writeln!(out, "# A key is set by a variable too, such as {}.", env_name("contacts.contact_min"));
    out
}

fn lines(sheet: &Sheet) -> usize {
    sheet.text.lines().skip(1).filter(|line| !line.trim().is_empty()).count()
}
