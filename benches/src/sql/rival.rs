//! `DuckDB` in a process of its own: it loads the same rows and answers line by line.

use anyhow::Context;
use serde::Deserialize;
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/sql/rival.py");

#[derive(Debug, Deserialize)]
struct Ready {
    version: String,
}

#[derive(Debug, Deserialize)]
struct Answer {
    ms: f64,
    rows: Vec<Vec<Value>>,
}

/// The running program.
#[derive(Debug)]
pub struct Rival {
    child: Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
    pub version: String,
}

impl Rival {
    /// Starts it on the tables of a folder, in Parquet.
    ///
    /// # Errors
    /// When Python or `DuckDB` are missing.
    pub fn start(folder: &Path, threads: usize) -> anyhow::Result<Self> {
        let mut child = Command::new("python3")
            .arg(PROGRAM)
            .arg(folder)
            .arg(threads.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("python3 cannot be run: install it, or measure another part")?;
        let asks = child.stdin.take().context("the program has no input")?;
        let answers = BufReader::new(child.stdout.take().context("the program has no output")?);
        let mut rival = Self { child, asks, answers, version: String::new() };
        let ready: Ready = rival.line()?;
        rival.version = ready.version;
        Ok(rival)
    }

    /// All rows, and how long they took in milliseconds.
    ///
    /// # Errors
    /// When the program has ended.
    pub fn ask(&mut self, sql: &str) -> anyhow::Result<(Vec<Vec<Value>>, f64)> {
        writeln!(self.asks, "{}", Value::from(sql))?;
        let answer: Answer = self.line()?;
        Ok((answer.rows, answer.ms))
    }

    fn line<T: serde::de::DeserializeOwned>(&mut self) -> anyhow::Result<T> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        serde_json::from_str(&line).with_context(|| format!("DuckDB said {line:?}"))
    }
}

impl Drop for Rival {
    fn drop(&mut self) {
        // It ends by itself once nobody asks any more; this makes sure.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The first difference between two answers. Numbers are equal if their values are.
pub fn difference(ours: &[Vec<Value>], theirs: &[Vec<Value>]) -> Option<String> {
    if ours.len() != theirs.len() {
        return Some(format!("{} rows, and {} by DuckDB", ours.len(), theirs.len()));
    }
    let same = |a: &Value, b: &Value| match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * a.abs().max(1.0),
        _ => a == b,
    };
    let differs = |(a, b): &(&Vec<Value>, &Vec<Value>)| {
        a.len() != b.len() || a.iter().zip(b.iter()).any(|(a, b)| !same(a, b))
    };
    ours.iter().zip(theirs).find(differs).map(|(a, b)| format!("{a:?}, and {b:?} by DuckDB"))
}
