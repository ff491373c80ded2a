//! Figures with their spread and floor, machine and commit: `RESULTS.md` for people, `results.json` for programs.
//!
//! A figure that this run does not measure stays as an earlier run left it, with that run's commit and date.

use anyhow::Context;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;

/// What a figure must reach.
#[derive(Clone, Copy, Debug)]
enum Floor {
    AtLeast(f64),
    AtMost(f64),
}
use Floor::{AtLeast, AtMost};

/// The figures that have a floor, in the order of the table.
const FLOORS: [(&str, Floor); 36] = [
    ("bytes_per_visit", AtMost(20.0)),
    ("bytes_per_person", AtMost(26.0)),
    ("bytes_per_row_more", AtMost(13.0)),
    ("gib_at_200m", AtMost(3.5)),
    ("step_idle_events_s", AtLeast(1.5e6)),
    ("step_disorder_ratio", AtLeast(0.9)),
    ("step_20k_isolated_ratio", AtLeast(0.9)),
    ("step_20k_about_ratio", AtLeast(0.5)),
    ("step_pause_max_ms", AtMost(20.0)),
    ("trace_p50_us", AtMost(40.0)),
    ("trace_p99_ms", AtMost(0.5)),
    ("trace_ns_per_row", AtMost(70.0)),
    ("case_set_p99_ms", AtMost(6.0)),
    ("case_retract_p99_ms", AtMost(6.0)),
    ("f2_sweep_s", AtMost(3.0)),
    ("kind_change_s_per_million_people", AtMost(10.0)),
    ("growth_ratio", AtLeast(0.7)),
    ("dd_ratio", AtLeast(3.0)),
    ("dd_20k_ratio", AtLeast(3.0)),
    ("duckdb_trace_ratio", AtLeast(500.0)),
    ("replay_day_s", AtMost(25.0)),
    ("demo_live_s", AtMost(75.0)),
    ("jetstream_batch_events_s", AtLeast(400e3)),
    ("jetstream_single_ratio", AtLeast(0.75)),
    ("ack_p99_ms", AtMost(20.0)),
    ("screen_p50_ms", AtMost(5.0)),
    ("screen_p99_ms", AtMost(20.0)),
    ("screen_p99_under_queries_ratio", AtMost(1.5)),
    ("screen_p99_under_archive_queries_ratio", AtMost(1.5)),
    ("subscribe_p99_ms", AtMost(200.0)),
    ("ws_clients_p99_ms", AtMost(250.0)),
    ("sql_geomean_ratio", AtMost(1.0)),
    ("sql_worst_ratio", AtMost(3.0)),
    // Told, without a floor.
    ("step_floor_ratio", AtLeast(0.0)),
    ("step_pause_20k_about_max_ms", AtMost(f64::INFINITY)),
    ("screen_p99_under_queries_ms", AtMost(f64::INFINITY)),
];

/// What a reader must know to judge a figure.
const NOTES: &str = "
- State 50M: 8.4 M people, 200 k venues (Zipf 0.8), 21 days, 50 M visits (four of five with an out) and 8 % lone scans; \
200M: the same, then 21 days of four times the visits, until the window holds 200 M.
- `step_*`: batches of 64 are warmed, stepped and worked in, deltas folded into a view, one picture every 250,000 \
scans. Order and disorder take turns chunk by chunk. Isolated cases are not scanned; cases about are. Slices of jobs \
(above all the F2 of full hours, `f2_sweep_s` each) are left out: they come once an hour of event time, whatever the \
rate of scans.
- `step_floor_ratio`: against reading the journal's line and interning person and venue; `floor_intern_events_s` is \
interning alone.
- `trace_*`: people drawn by visits, windows of 13 days; rows beside are others' visits that overlap the case's; \
`trace_p99_ms` is of cases with up to 5,000 of them, `trace_all_p99_ms` of all.
- `case_*_p99_ms`: the event and the picture after it.
- `dd_*`: differential-dataflow, one worker, integers ready, no retention and no figures, an epoch for each message of \
500 scans (what we are up to date after); `*_large_epochs_*`: one for every 250,000. The run fails if it meets other people.
- `duckdb_*`: the faster of one query and two. The run fails if it finds other contacts.
- `sql_*`: 50 M visits in 14 days, 2,000 cases; DuckDB has loaded the same rows into its memory; by turns, the whole \
answer as it leaves (ours as JSON text, read again for the comparison; theirs as Python values). The run fails if an \
answer differs.
- `*_under_queries_ratio`: 20,000 scans a second while ten joins and groupings over all visits run by HTTP, each again as \
soon as it has ended (`heavy_query_s` each), by turns with the same without them; the medians are divided. `screen_*` is \
what the service takes for it: to the picture and its frame, without waiting for the frame's turn; `screen_frame_*` is the \
whole way, from the scan to the frame on the page's socket. `under_queries_events_s` is what is answered meanwhile, \
`under_queries_behind_max_ms` the most that the engine was behind. `*_archive_queries_*`: the same queries over a day of \
the archive, in Parquet on this machine's disk.
- `subscribe_*`: a client follows the scans of the hundred largest venues (about every fifth) over the websocket; from \
when a scan is to be sent by HTTP until its row is there. The run fails if a row is missing or comes twice.
";

/// One figure.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Row {
    name: String,
    value: f64,
    unit: String,
    /// Least and most of the repetitions.
    spread: [f64; 2],
    commit: String,
    date: String,
    state: String,
}

/// What was measured.
#[derive(Debug)]
pub struct Report {
    folder: PathBuf,
    rows: Vec<Row>,
    commit: String,
    date: String,
    state: String,
}

/// Memory held by this process.
pub fn rss_bytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok()).unwrap_or_default() * 1_024.0
}

/// The middle of some values, 0 of none.
pub fn median(values: &[f64]) -> f64 {
    percentile(values, 50)
}

/// The value that so many per cent do not exceed, 0 of none.
pub fn percentile(values: &[f64], percent: usize) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(place).copied().unwrap_or_default()
}

fn spread(values: &[f64]) -> [f64; 2] {
    [percentile(values, 0), percentile(values, 100)]
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
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kib = memory.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok()).unwrap_or_default();
    format!("{}, {cores} cores, {:.0} GiB", model.unwrap_or("unknown processor"), kib / 1_048_576.0)
}

/// Where this package is, and its results.
pub const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

impl Report {
    /// Takes up what earlier runs have left in a folder.
    ///
    /// # Errors
    /// When `results.json` is there and cannot be read.
    pub fn open(folder: PathBuf, state: &str) -> anyhow::Result<Self> {
        let path = folder.join("results.json");
        let shown = path.display();
        let rows = match std::fs::read_to_string(&path) {
            Ok(text) => serde_json::from_str(&text)
                .with_context(|| format!("{shown} is not what a run writes: remove it and run again"))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error).with_context(|| format!("{shown} cannot be read")),
        };
        Ok(Self {
            folder,
            rows,
            commit: said_by("git", &["-C", FOLDER, "describe", "--always", "--dirty", "--exclude=*"]),
            date: said_by("date", &["-u", "+%F"]),
            state: state.to_owned(),
        })
    }

    /// Puts the repetitions of one figure down: their median and spread.
    pub fn add(&mut self, name: &str, unit: &str, values: impl AsRef<[f64]>) {
        self.put(name, unit, median(values.as_ref()), values.as_ref());
    }

    /// Puts a figure down that is not the median of its repetitions (a maximum, a percentile over all), if it has any.
    #[expect(clippy::print_stderr, reason = "progress of a long measurement")]
    pub fn put(&mut self, name: &str, unit: &str, value: f64, values: &[f64]) {
        eprintln!("  {name}: {} {unit}", shown(value));
        self.rows.retain(|row| row.name != name);
        // A division by nothing, in a city too small for the figure: JSON has no word for it.
        if !value.is_finite() {
            return;
        }
        self.rows.push(Row {
            name: name.to_owned(),
            value,
            unit: unit.to_owned(),
            spread: if values.is_empty() { [value; 2] } else { spread(values) },
            commit: self.commit.clone(),
            date: self.date.clone(),
            state: self.state.clone(),
        });
    }

    /// Writes the table and the JSON beside each other.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&mut self) -> std::io::Result<()> {
        let place = |row: &Row| FLOORS.iter().position(|(name, _)| *name == row.name).unwrap_or(FLOORS.len());
        self.rows.sort_by_key(place);
        std::fs::create_dir_all(&self.folder)?;
        std::fs::write(self.folder.join("RESULTS.md"), self.table())?;
        std::fs::write(self.folder.join("results.json"), serde_json::to_string_pretty(&self.rows)? + "\n")
    }

    fn table(&self) -> String {
        let mut table = format!(
            "# Measured\n\nMachine: {}. Last run: commit {}, {}, state {}.\n\n\
             `make bench` (`SIZE=small`, `50M` or `200M`; `PART=core`, `sql` or `stream` alone) writes this page. Times of the \
             core are thread CPU time. Each figure is a median (a maximum or percentile where its name says so) with \
             the least and the most of its repetitions.\n\n\
             | name | value | least | most | unit | floor | met | state, commit, date |\n\
             | --- | --- | --- | --- | --- | --- | --- | --- |\n",
            machine(),
            self.commit,
            self.date,
            self.state,
        );
        for row in &self.rows {
            let [least, most] = row.spread.map(shown);
            let (floor, met) = judged(row);
            let (name, value, unit) = (&row.name, shown(row.value), &row.unit);
            let run = format!("{}, {}, {}", row.state, row.commit, row.date);
            writeln!(table, "| `{name}` | {value} | {least} | {most} | {unit} | {floor} | {met} | {run} |")
                .ok();
        }
        table + NOTES
    }
}

/// The floor of a figure and whether it is met.
fn judged(row: &Row) -> (String, &'static str) {
    let yes_or_no = |met| if met { "yes" } else { "**no**" };
    match FLOORS.iter().find(|(name, _)| *name == row.name).map(|(_, floor)| floor) {
        Some(AtLeast(floor)) if *floor > 0.0 => {
            (format!("≥ {}", shown(*floor)), yes_or_no(row.value >= *floor))
        }
        Some(AtMost(floor)) if floor.is_finite() => {
            (format!("≤ {}", shown(*floor)), yes_or_no(row.value <= *floor))
        }
        _ => (String::new(), ""),
    }
}

/// A number with three or more digits that count.
fn shown(value: f64) -> String {
    match value.abs() {
        1_000.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        1.0.. => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}
