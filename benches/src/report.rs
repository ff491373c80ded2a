//! Figures with their spread, machine and commit.

use std::fmt::Write as _;
use std::process::Command;

/// What was measured.
#[derive(Debug, Default)]
pub struct Report {
    rows: Vec<(&'static str, &'static str, Vec<f64>)>,
}

/// Memory held by this process.
pub fn rss_bytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok()).unwrap_or_default() * 1_024.0
}

fn said_by(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
}

fn machine() -> String {
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        cpus.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split(": ").nth(1));
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    format!("{}, {cores} cores", model.unwrap_or("unknown processor"))
}

impl Report {
    /// Puts the repetitions of one figure down.
    pub fn add(&mut self, name: &'static str, unit: &'static str, mut values: Vec<f64>) {
        values.sort_by(f64::total_cmp);
        eprintln!("{name}: {:.2} {unit}", values.get(values.len() / 2).copied().unwrap_or(0.0));
        self.rows.push((name, unit, values));
    }

    /// Writes the table and the JSON beside each other.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, state: &str) -> std::io::Result<()> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"));
        let commit = said_by("git", &["-C", folder, "rev-parse", "--short", "HEAD"]);
        let date = said_by("date", &["-u", "+%F"]);
        let mut table = format!(
            "# Measured\n\nMachine: {}. Commit: {commit}. Date: {date}. Command: `make bench`. State: {state}.\n\n\
             | name | median | least | most | unit |\n| --- | --- | --- | --- | --- |\n",
            machine()
        );
        let mut list = Vec::new();
        for (name, unit, values) in &self.rows {
            let (least, most) =
                (values.first().copied().unwrap_or(0.0), values.last().copied().unwrap_or(0.0));
            let median = values.get(values.len() / 2).copied().unwrap_or(0.0);
            writeln!(table, "| `{name}` | {median:.2} | {least:.2} | {most:.2} | {unit} |").ok();
            list.push(
                serde_json::json!({"name": name, "value": median, "unit": unit, "spread": [least, most]}),
            );
        }
        std::fs::write(format!("{folder}/RESULTS.md"), table)?;
        std::fs::write(format!("{folder}/results.json"), serde_json::to_string_pretty(&list)? + "\n")
    }
}
